import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import { Button, Skeleton } from 'antd'
import { GetBacklog, type Backlog } from '#capabilities/screening/capacity.contract.ts'
import { call } from '#web/shared/api.ts'
import { useWords } from '#web/shared/language.ts'
import { shanghaiParts } from '#web/shared/time.ts'
import { PlacePicker } from '../places/PlacePicker.tsx'
import { useNow } from '../shell/clock.ts'
import { download } from '../shell/csv.ts'
import { useMay, useMe } from '../shell/me.ts'
import { Failure, NotForYou, Nothing } from '../shell/Say.tsx'
import { useTitle } from '../shell/title.ts'
import { Alarms, ByLab, ByPlace, Chain } from './BacklogChain.tsx'
import { BacklogBoxes } from './BacklogBoxes.tsx'
import { BacklogResources } from './BacklogResources.tsx'
import type { BacklogSearch } from './backlog-search.ts'
import './backlog.css'

const route = getRouteApi('/backlog')

/** What waits between the sampling table and the result, against what was promised. */
export function BacklogPage() {
  const may = useMay()
  return may('screening.read') ? <Page /> : <NotForYou />
}

function save(data: Backlog, name: string): void {
  const p = shanghaiParts(Date.parse(data.at))
  download(`${name}-${p.day}-${p.time.replace(':', '')}.csv`, [
    [
      'group',
      'code',
      'name',
      'sealed',
      'collected',
      'received',
      'late',
      'first_due',
      'last_hour',
      'capacity',
      'spare',
    ],
    [
      'total',
      data.placeCode,
      data.place,
      ...data.stages.map((s) => s.waiting),
      data.stages.reduce((n, s) => n + s.late, 0),
      data.stages.flatMap((s) => s.dueAt ?? []).sort()[0] ?? null,
      data.stages[2]!.lastHour,
      null,
      null,
    ],
    ...data.places.map((x) => [
      'place',
      x.placeCode,
      x.place,
      ...x.byStage,
      x.late,
      x.dueAt,
      x.lastHour,
      null,
      null,
    ]),
    ...data.labs.map((l) => [
      'lab',
      l.lab,
      l.capacity?.name ?? '',
      null,
      l.bound,
      l.waiting,
      l.late,
      l.dueAt,
      l.lastHour,
      l.capacity?.tubesPerHour ?? null,
      l.spare,
    ]),
  ])
}

function Page() {
  const t = useWords()
  const may = useMay()
  const me = useMe()
  const search = route.useSearch()
  const navigate = useNavigate()
  const now = useNow(10_000)
  useTitle(t({ zh: '积压与能力', en: 'Backlog and capacity' }))
  const own = me.data?.may['screening.read']?.[0] ?? '31'
  const place = search.place ?? own
  // Whoever sends boxes elsewhere chooses among all laboratories; the filter then means where boxes are bound for.
  const query = { place, ...(search.lab && search.view !== 'boxes' && { lab: search.lab }) }
  const got = useQuery({
    queryKey: [GetBacklog.id, query],
    queryFn: ({ signal }) => call(GetBacklog, { query, signal }),
    placeholderData: keepPreviousData,
    refetchInterval: 5_000,
  })
  const data = got.data
  const go = (next: BacklogSearch) => void navigate({ to: '/backlog', search: next })
  const views = [
    [undefined, t({ zh: '积压', en: 'Backlog' })],
    ['boxes', t({ zh: '未签收的箱', en: 'Boxes' })],
    ['resources', t({ zh: '资源', en: 'Resources' })],
  ] as const
  const isEmpty = data && data.stages.every((s) => s.waiting === 0) && data.answered.tubes === 0
  const shared = data && { data, now, search }
  return (
    <>
      <div className="page-head">
        <h1>{t({ zh: '积压与能力', en: 'Backlog and capacity' })}</h1>
        <nav className="views" aria-label={t({ zh: '内容', en: 'Content' })}>
          {views.map(([view, words]) => (
            <Link
              key={words}
              to="/backlog"
              search={{
                ...(search.place && { place }),
                ...(search.lab && { lab: search.lab }),
                ...(view && { view }),
              }}
              className={search.view === view ? 'view on' : 'view'}
              aria-current={search.view === view ? 'page' : undefined}
            >
              {words}
            </Link>
          ))}
        </nav>
        <PlacePicker
          className="f-place"
          within={own}
          label={t({ zh: '地点', en: 'Place' })}
          placeholder={data?.place ?? ''}
          value={search.place}
          onChange={(p) => {
            const { place: _before, ...rest } = search
            go({ ...rest, ...(p && { place: p }) })
          }}
        />
        {search.lab && (
          <Button
            className="said"
            onClick={() => {
              const { lab: _before, ...rest } = search
              go(rest)
            }}
          >
            {data?.labs.find((l) => l.lab === search.lab)?.capacity?.name ?? search.lab} ✕
          </Button>
        )}
        <span className="grow" />
        {data?.countedAt && (
          <output className="muted">
            {t({ zh: '截至', en: 'As of' })} {shanghaiParts(Date.parse(data.countedAt)).time}:
            {shanghaiParts(Date.parse(data.countedAt)).seconds}
          </output>
        )}
        <Button disabled={!data} onClick={() => data && save(data, t({ zh: '积压', en: 'backlog' }))}>
          {t({ zh: '导出 CSV', en: 'Export CSV' })}
        </Button>
        <Button onClick={() => print()}>{t({ zh: '打印', en: 'Print' })}</Button>
      </div>
      {got.error && <Failure error={got.error} retry={() => void got.refetch()} />}
      {!data && !got.error && <Skeleton active={false} paragraph={{ rows: 12 }} />}
      {shared && (
        <div className="backlog" aria-busy={got.isPlaceholderData}>
          <Alarms {...shared} mayRedirect={may('boxes.redirect') && search.view !== 'boxes'} />
          {search.view === undefined &&
            (isEmpty ? (
              <Nothing title={t({ zh: '没有管在等结果', en: 'No tube waits for a result' })}>
                {t({
                  zh: '采样点封管后，这里显示各环节的等待与预计。',
                  en: 'When tubes are sealed, what waits and when it will be answered appears here.',
                })}
              </Nothing>
            ) : (
              <Chain {...shared} />
            ))}
          {search.view === undefined && (
            <>
              <ByLab {...shared} />
              <ByPlace {...shared} />
            </>
          )}
          {search.view === 'boxes' && (
            <BacklogBoxes
              data={shared.data}
              place={place}
              lab={search.lab}
              now={now}
              may={may('boxes.redirect')}
            />
          )}
          {search.view === 'resources' && (
            <BacklogResources place={place} now={now} may={may('capacity.place')} />
          )}
        </div>
      )}
    </>
  )
}
