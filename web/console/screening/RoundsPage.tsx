import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import { Button, Spin } from 'antd'
import { useState } from 'react'
import {
  GetCoverage,
  ListRounds,
  type Coverage,
  type Round,
} from '#capabilities/screening/coverage.contract.ts'
import { call } from '#web/shared/api.ts'
import { useLanguage, useWords, type Language } from '#web/shared/language.ts'
import { shanghaiParts, when } from '#web/shared/time.ts'
import { PlacePicker } from '../places/PlacePicker.tsx'
import { useNow } from '../shell/clock.ts'
import { download } from '../shell/csv.ts'
import { useMay, useMe } from '../shell/me.ts'
import { Failure, NotForYou } from '../shell/Say.tsx'
import { useTitle } from '../shell/title.ts'
import { Below, Figures, Split } from './CoverageParts.tsx'
import { MissingList } from './MissingList.tsx'
import { RoundForm } from './RoundForm.tsx'
import { RoundHead, RoundList } from './RoundList.tsx'
import type { RoundsSearch } from './rounds-search.ts'
import { later, share, targetState } from './rounds-words.tsx'
import './rounds.css'

const route = getRouteApi('/rounds')

const NUMBERS = ['people', 'owing', 'tested', 'missing', 'recalled', 'antigenOwed', 'antigenDone'] as const

/** What the page shows, line by line; figures of nobody. */
function save(c: Coverage, rounds: readonly Round[], now: number, name: string, language: Language): void {
  const zh = language === 'zh'
  const none = (count: number) => Array<null>(count).fill(null)
  download(`${name}-${c.placeCode}-${c.day}.csv`, [
    [
      ...(zh ? ['类别', '代码', '名称', '日期'] : ['group', 'code', 'name', 'day']),
      ...(zh
        ? ['人口', '应检', '已采', '未采', '另有追阳', '抗原应做', '抗原已报']
        : ['people', 'owing', 'tested', 'missing', 'called back', 'antigen owed', 'antigen reported']),
      ...(zh
        ? ['进度 %', '目标 %', '目标时刻', '达标', '预计达标', '预计全部完成']
        : ['percent', 'target %', 'target by', 'state', 'target reached', 'all done']),
    ],
    ...rounds.map((r) => [
      zh ? '轮次' : 'round',
      r.placeCode,
      `${r.title} · ${r.place} · ${r.plan.name[language]} · ${r.startsOn} – ${r.endsOn}`,
      r.progress?.day ?? null,
      null,
      r.progress?.owing ?? null,
      r.progress?.done ?? null,
      r.progress?.missing ?? null,
      ...none(3),
      r.progress?.percent ?? null,
      r.target.percent,
      `${r.target.hour}:00`,
      r.progress ? targetState(r.progress, now)[language] : null,
      r.progress?.targetBy ?? null,
      r.progress?.doneBy ?? null,
    ]),
    ...c.byOccupation.map((o) => [
      zh ? '职业' : 'occupation',
      o.occupation,
      o.name[language],
      c.day,
      ...NUMBERS.map((key) => o[key]),
      o.owing > 0 ? Number(share(o.owing - o.missing, o.owing)) : null,
      ...none(5),
    ]),
    ...c.byPlan.map((p) => [
      zh ? '安排（次）' : 'plan (tests)',
      p.plan.id,
      `${p.plan.name[language]} ${p.plan.clause}`,
      c.day,
      null,
      p.owing,
      p.done,
      p.missing,
      ...none(3),
      p.owing > 0 ? Number(share(p.done, p.owing)) : null,
      ...none(5),
    ]),
    ...[{ ...c, isAll: true }, ...c.below.map((b) => ({ ...b, isAll: false }))].map((b) => [
      b.isAll ? (zh ? '合计' : 'total') : zh ? '地方' : 'place',
      b.placeCode,
      b.place,
      c.day,
      ...NUMBERS.map((key) => b[key]),
      b.owing > 0 ? Number(share(b.owing - b.missing, b.owing)) : null,
      ...none(4),
      b.isAll ? c.doneBy : null,
    ]),
  ])
}

/** Who was tested of those who owe it, from the city down to the list of those missing; of all plans, or of one round. */
export function RoundsPage() {
  const may = useMay()
  return may('screening.read') ? <Page /> : <NotForYou />
}

function Page() {
  const t = useWords()
  const language = useLanguage()
  const may = useMay()
  const me = useMe()
  const search = route.useSearch()
  const navigate = useNavigate()
  const now = useNow(10_000)
  const [opening, setOpening] = useState(false)
  useTitle(t({ zh: '筛查轮次', en: 'Screening rounds' }))
  const own = me.data?.may['screening.read']?.[0] ?? '31'
  const place = search.place ?? own
  const today = shanghaiParts(now).day
  const day = search.day ?? today
  const go = (next: RoundsSearch) => void navigate({ to: '/rounds', search: next })
  const asked = { place, day, ...(search.round && { round: search.round }) }
  const got = useQuery({
    queryKey: [GetCoverage.id, asked],
    queryFn: ({ signal }) => call(GetCoverage, { query: asked, signal }),
    placeholderData: keepPreviousData,
    refetchInterval: 5_000,
  })
  const rounds = useQuery({
    queryKey: [ListRounds.id, place, day],
    queryFn: ({ signal }) => call(ListRounds, { query: { place, day }, signal }),
    placeholderData: keepPreviousData,
    refetchInterval: 10_000,
  })
  const c = got.data
  const items = rounds.data?.items ?? []
  const { round: _round, group: _group, ...where } = search
  const kept = { ...(search.day && { day }), ...(search.round && { round: search.round }) }
  const name =
    search.round && c?.round ? c.round.title : t({ zh: '筛查轮次与覆盖', en: 'rounds-and-coverage' })
  const setDay = (to: string) => {
    const { day: _before, ...rest } = search
    go({ ...rest, ...(to !== '' && to !== today && { day: to }) })
  }
  return (
    <>
      <div className="page-head">
        <h1>{t({ zh: '筛查轮次与覆盖', en: 'Rounds and coverage' })}</h1>
        <PlacePicker
          className="f-place"
          within={own}
          label={t({ zh: '地点', en: 'Place' })}
          placeholder={c?.place ?? ''}
          value={search.place}
          onChange={(p) => {
            const { place: _before, group: _none, ...rest } = search
            go({ ...rest, ...(p && { place: p }) })
          }}
        />
        <span className="row days-row">
          <Button
            aria-label={t({ zh: '前一天', en: 'The day before' })}
            onClick={() => setDay(later(day, -1))}
          >
            ‹
          </Button>
          <input
            type="date"
            aria-label={t({ zh: '日期', en: 'Day' })}
            value={day}
            onChange={(e) => setDay(e.target.value)}
          />
          <Button aria-label={t({ zh: '后一天', en: 'The day after' })} onClick={() => setDay(later(day, 1))}>
            ›
          </Button>
          {day !== today && (
            <Button onClick={() => setDay(today)}>{t({ zh: '回到今天', en: 'Today' })}</Button>
          )}
        </span>
        <span className="grow" />
        {c?.countedAt && (
          <output className="muted">
            {t({
              zh: `统计于 ${when(c.countedAt, now, 'zh')}`,
              en: `counted ${when(c.countedAt, now, 'en')}`,
            })}
          </output>
        )}
        <Button
          disabled={!c}
          onClick={() => c && save(c, search.round && c.round ? [c.round] : items, now, name, language)}
        >
          {t({ zh: '导出 CSV', en: 'Export CSV' })}
        </Button>
        <Button onClick={() => print()}>{t({ zh: '打印', en: 'Print' })}</Button>
        {may('rounds.open') && !opening && (
          <Button type="primary" onClick={() => setOpening(true)}>
            {t({ zh: '开启一轮', en: 'Open a round' })}
          </Button>
        )}
      </div>
      {opening && <RoundForm place={place} today={today} close={() => setOpening(false)} />}
      {got.error && <Failure error={got.error} retry={() => void got.refetch()} />}
      {!c && !got.error && <Spin className="waiting" />}
      {c && (
        <div className="rounds-page" aria-busy={got.isPlaceholderData}>
          {search.round && c.round && (
            <section className="card">
              <div className="row">
                <h2>{t({ zh: '只看这一轮', en: 'This round alone' })}</h2>
                <Link to="/rounds" search={where} className="no-print">
                  {t({ zh: '看全部轮次和安排', en: 'All rounds and plans' })}
                </Link>
              </div>
              <RoundHead round={c.round} progress={c.progress} now={now} />
            </section>
          )}
          <Figures c={c} now={now} day={day} isToday={day === today} />
          {!search.round && rounds.error && (
            <Failure error={rounds.error} retry={() => void rounds.refetch()} />
          )}
          {!search.round && <RoundList items={items} place={place} day={day} today={today} now={now} />}
          <Split c={c} />
          {place.length < 12 && c.below.length > 0 && <Below c={c} kept={kept} />}
          {place.length >= 9 && may('people.read') && !search.round && (
            <MissingList place={place} day={day} isToday={day === today} />
          )}
          {place.length >= 9 && may('people.read') && search.round && (
            <p className="no-print">
              <Link to="/rounds" search={where}>
                {t({
                  zh: '看这里还有谁没做（全部安排合在一起）',
                  en: 'Who here has not done it (all plans together)',
                })}
              </Link>
            </p>
          )}
        </div>
      )}
    </>
  )
}
