import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Button, Segmented, Skeleton } from 'antd'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { GetStatistics } from '#capabilities/orders/contract.ts'
import { call } from '#web/shared/api.ts'
import { useLanguage, useWords } from '#web/shared/language.ts'
import { shanghaiParts, when } from '#web/shared/time.ts'
import { PlacePicker } from '../places/PlacePicker.tsx'
import { useNow } from '../shell/clock.ts'
import { useMay, useMe, useOwnPlace } from '../shell/me.ts'
import { Failure, NotForYou } from '../shell/Say.tsx'
import { useTitle } from '../shell/title.ts'
import { ByElement, ByHour, ByPlace, ByUnit } from './StatisticsTables.tsx'
import { Figures, Rates } from './Figures.tsx'
import { PERIODS, type StatisticsSearch } from './statistics-search.ts'
import { useStatisticsExport } from './useStatisticsExport.ts'

const route = getRouteApi('/statistics')

export function StatisticsPage() {
  const may = useMay()
  return may('statistics.read') ? <Statistics /> : <NotForYou />
}

function Statistics() {
  const t = useWords()
  const language = useLanguage()
  const search = route.useSearch()
  const navigate = useNavigate()
  const { data: me } = useMe()
  const own = useOwnPlace()
  const now = useNow(10_000)
  const save = useStatisticsExport()
  const days = search.days ?? 1
  useTitle(t({ zh: '统计', en: 'Statistics' }))
  const query = { days, ...(search.place && { place: search.place }) }
  const { data, error, isPlaceholderData, refetch } = useQuery({
    queryKey: [GetStatistics.id, query],
    queryFn: ({ signal }) => call(GetStatistics, { query, signal }),
    placeholderData: keepPreviousData,
    refetchInterval: 30_000,
  })
  const set = (next: StatisticsSearch) => void navigate({ to: '/statistics', search: next })
  const hasRefused = error !== null
  return (
    <>
      <div className="page-head">
        <h1>{t({ zh: '统计', en: 'Statistics' })}</h1>
        <PlacePicker
          className="f-place"
          {...(own && { within: own })}
          label={t({ zh: '地点', en: 'Place' })}
          placeholder={me?.place?.path ?? ''}
          value={search.place}
          onChange={(place) => set({ ...(search.days && { days: search.days }), ...(place && { place }) })}
        />
        <Segmented
          aria-label={t({ zh: '天数', en: 'Days' })}
          name="days"
          value={days}
          onChange={(d) => set({ ...(search.place && { place: search.place }), days: d })}
          options={PERIODS.map((d) => ({
            value: d,
            label: t({ zh: `近 ${d} 天`, en: d === 1 ? '1 day' : `${d} days` }),
          }))}
        />
        <span className="grow" />
        {data && (
          <output className="muted">
            {t({ zh: '截至', en: 'As of' })} {shanghaiParts(Date.parse(data.at)).time}:
            {shanghaiParts(Date.parse(data.at)).seconds} · {when(data.from, now, language)} –{' '}
            {when(data.to, now, language)}
          </output>
        )}
        <Button disabled={!data} onClick={() => data && save(data)}>
          {t({ zh: '导出 CSV', en: 'Export CSV' })}
        </Button>
      </div>
      {hasRefused && <Failure error={error} retry={() => void refetch()} />}
      {!data && !hasRefused && <Skeleton active={false} paragraph={{ rows: 14 }} />}
      {data && !hasRefused && (
        <div className={isPlaceholderData ? 'statistics stale' : 'statistics'} aria-busy={isPlaceholderData}>
          <Figures data={data} />
          <Rates data={data} />
          <ByHour data={data} />
          <ByPlace
            data={data}
            onPlace={(place) => set({ ...(search.days && { days: search.days }), place })}
          />
          <ByElement data={data} />
          <ByUnit data={data} />
        </div>
      )}
    </>
  )
}
