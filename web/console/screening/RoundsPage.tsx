import { useMutation, useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { Button, Input, Select, Spin } from 'antd'
import { useState } from 'react'
import {
  EndRound,
  GetCoverage,
  ListRounds,
  OpenRound,
  type Coverage,
} from '#capabilities/screening/coverage.contract.ts'
import { call, clientId } from '#web/shared/api.ts'
import { useLanguage, useWords } from '#web/shared/language.ts'
import { shanghaiParts, when } from '#web/shared/time.ts'
import { PlacePicker } from '../places/PlacePicker.tsx'
import { useNow } from '../shell/clock.ts'
import { useMay, useMe } from '../shell/me.ts'
import { queryClient } from '../shell/query.ts'
import { Failure, NotForYou } from '../shell/Say.tsx'
import { useTitle } from '../shell/title.ts'
import { MissingList } from './MissingList.tsx'
import './rounds.css'

const route = getRouteApi('/rounds')

const n = (x: number) => x.toLocaleString('en-US')

/** Some days after a day, `YYYY-MM-DD`. */
const later = (day: string, days = 0) =>
  day === '' ? '' : new Date(Date.parse(day) + days * 86_400_000).toISOString().slice(0, 10)

/** How far it is, in words and as a bar; a place that owes no PCR shows what it owes instead. */
function Bar({ c }: { c: Pick<Coverage, 'owing' | 'tested' | 'missing' | 'antigenOwed' | 'antigenDone'> }) {
  const t = useWords()
  if (c.owing === 0)
    return (
      <span className="muted">
        {c.antigenOwed > 0
          ? t({
              zh: `今天只做抗原 · 已报 ${n(c.antigenDone)} / ${n(c.antigenOwed)}`,
              en: `antigen only · ${n(c.antigenDone)} of ${n(c.antigenOwed)} reported`,
            })
          : t({ zh: `没有轮次 · 已采 ${n(c.tested)}`, en: `no round · ${n(c.tested)} tested` })}
      </span>
    )
  const share = (c.owing - c.missing) / c.owing
  return (
    <span className="coverage">
      <meter min={0} max={1} low={0.5} high={0.9} optimum={1} value={share} aria-hidden />
      <b>{(share * 100).toFixed(1)} %</b>
      <span className="muted">{t({ zh: `缺 ${n(c.missing)}`, en: `${n(c.missing)} missing` })}</span>
    </span>
  )
}

function NewRound({ place, today, close }: { place: string; today: string; close: () => void }) {
  const t = useWords()
  const language = useLanguage()
  const [where, setWhere] = useState<string | undefined>(place)
  const [plan, setPlan] = useState<string>()
  const [title, setTitle] = useState('')
  const [starts, setStarts] = useState(today)
  const [ends, setEnds] = useState(today)
  const [id] = useState(clientId)
  const rounds = useQuery({
    queryKey: [ListRounds.id, place],
    queryFn: ({ signal }) => call(ListRounds, { query: { place }, signal }),
  })
  const opened = useMutation({
    mutationFn: () =>
      call(OpenRound, {
        body: { id, placeCode: where!, planId: plan!, title: title.trim(), startsOn: starts, endsOn: ends },
      }),
    onSuccess: () => {
      void queryClient.invalidateQueries()
      close()
    },
  })
  return (
    <form
      className="card row"
      onSubmit={(e) => {
        e.preventDefault()
        opened.mutate()
      }}
    >
      <PlacePicker
        label={t({ zh: '哪里', en: 'Where' })}
        placeholder={t({ zh: '区、街镇或居委', en: 'District, subdistrict or neighbourhood' })}
        value={where}
        onChange={setWhere}
      />
      <Select
        aria-label={t({ zh: '检测安排', en: 'Test plan' })}
        className="group"
        placeholder={t({ zh: '按政策包里的哪个安排', en: 'By which plan of the pack' })}
        value={plan ?? null}
        onChange={(p: string) => setPlan(p)}
        options={(rounds.data?.plans ?? []).map((p) => ({ value: p.id, label: p.name[language] }))}
      />
      <Input
        aria-label={t({ zh: '名称', en: 'Name' })}
        placeholder={t({ zh: '名称：第几轮', en: 'Name: which round' })}
        maxLength={80}
        value={title}
        onChange={(e) => setTitle(e.target.value)}
      />
      <label>
        {t({ zh: '从 ', en: 'from ' })}
        <input
          type="date"
          min={today}
          max={later(today, rounds.data?.aheadDays)}
          value={starts}
          required
          onChange={(e) => {
            setStarts(e.target.value)
            if (ends < e.target.value) setEnds(e.target.value)
          }}
        />
      </label>
      <label>
        {t({ zh: '到 ', en: 'until ' })}
        <input
          type="date"
          min={starts}
          max={later(starts, rounds.data && rounds.data.mostDays - 1)}
          value={ends}
          required
          onChange={(e) => setEnds(e.target.value)}
        />
      </label>
      <Button
        type="primary"
        htmlType="submit"
        disabled={!where || !plan || title.trim().length < 2}
        loading={opened.isPending}
      >
        {t({ zh: '开启', en: 'Open' })}
      </Button>
      <Button onClick={close}>{t({ zh: '关闭', en: 'Close' })}</Button>
      {opened.error && <Failure error={opened.error} />}
    </form>
  )
}

function Rounds({ place, today }: { place: string; today: string }) {
  const t = useWords()
  const may = useMay()
  const rounds = useQuery({
    queryKey: [ListRounds.id, place],
    queryFn: ({ signal }) => call(ListRounds, { query: { place }, signal }),
  })
  const ended = useMutation({
    mutationFn: (id: string) => call(EndRound, { params: { id }, body: {} }),
    onSuccess: () => void queryClient.invalidateQueries(),
  })
  const items = rounds.data?.items ?? []
  if (items.length === 0) return null
  return (
    <section className="card">
      <h2>{t({ zh: '轮次', en: 'Rounds' })}</h2>
      <table className="list small">
        <tbody>
          {items.map((r) => (
            <tr key={r.id}>
              <td>
                <b lang="zh-CN">{r.title}</b>
              </td>
              <td>{r.place}</td>
              <td>
                {t(r.plan.name)} <span className="muted">{r.plan.clause}</span>
              </td>
              <td className="mono">
                {r.startsOn} – {r.endsOn}
              </td>
              <td>
                {r.endedAt || r.endsOn < today ? (
                  <span className="muted">{t({ zh: '已结束', en: 'ended' })}</span>
                ) : (
                  may('rounds.open') && (
                    <Button
                      loading={ended.isPending && ended.variables === r.id}
                      onClick={() => ended.mutate(r.id)}
                    >
                      {t({ zh: '提前结束', en: 'End early' })}
                    </Button>
                  )
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}

/** Who was tested of those who owe it, from the city down to the list of those missing. */
export function RoundsPage() {
  const t = useWords()
  const language = useLanguage()
  const may = useMay()
  const me = useMe()
  const search = route.useSearch()
  const now = useNow(30_000)
  const [opening, setOpening] = useState(false)
  useTitle(t({ zh: '筛查轮次', en: 'Screening rounds' }))
  const place = search.place ?? me.data?.may['screening.read']?.[0] ?? '31'
  const today = shanghaiParts(now).day
  const day = search.day ?? today
  const mayRead = may('screening.read')
  const got = useQuery({
    queryKey: [GetCoverage.id, place, day],
    queryFn: ({ signal }) => call(GetCoverage, { query: { place, day }, signal }),
    enabled: mayRead,
    refetchInterval: 5_000,
  })
  if (!mayRead) return <NotForYou />
  const c = got.data
  return (
    <>
      <div className="page-head">
        <h1>{t({ zh: '筛查轮次与覆盖', en: 'Rounds and coverage' })}</h1>
        <span className="muted">{day}</span>
        <span className="grow" />
        {may('rounds.open') && !opening && (
          <Button type="primary" onClick={() => setOpening(true)}>
            {t({ zh: '开启一轮', en: 'Open a round' })}
          </Button>
        )}
      </div>
      {opening && <NewRound place={place} today={today} close={() => setOpening(false)} />}
      {got.error && <Failure error={got.error} retry={() => void got.refetch()} />}
      {!c && !got.error && <Spin className="waiting" />}
      {c && (
        <>
          <section className="card figures">
            <div>
              <h2>{c.place}</h2>
              <Bar c={c} />
            </div>
            <dl>
              <dt>{t({ zh: '应检', en: 'Owing' })}</dt>
              <dd>{n(c.owing)}</dd>
              <dt>{t({ zh: '已采', en: 'Tested' })}</dt>
              <dd>{n(c.tested)}</dd>
              <dt>{t({ zh: '未采', en: 'Missing' })}</dt>
              <dd>{n(c.missing)}</dd>
              {c.recalled > 0 && (
                <>
                  <dt>{t({ zh: '另有追阳未采', en: 'Called back, not done' })}</dt>
                  <dd className="left red">▲ {n(c.recalled)}</dd>
                </>
              )}
              {c.antigenOwed > 0 && (
                <>
                  <dt>{t({ zh: '抗原已报', en: 'Antigen reported' })}</dt>
                  <dd>
                    {n(c.antigenDone)} / {n(c.antigenOwed)}
                  </dd>
                </>
              )}
              <dt>
                {t({
                  zh: `应检的人 ${when(c.since, now, 'zh')} 起已来`,
                  en: `Of those owing, since ${when(c.since, now, 'en')}`,
                })}
              </dt>
              <dd>{n(c.lately)}</dd>
              <dt>{t({ zh: '照此速度完成', en: 'Done at this pace' })}</dt>
              <dd>{c.doneBy ? when(c.doneBy, now, language) : '—'}</dd>
            </dl>
            <p className="muted">
              {c.countedAt &&
                t({
                  zh: `统计于 ${when(c.countedAt, now, 'zh')}`,
                  en: `counted ${when(c.countedAt, now, 'en')}`,
                })}
            </p>
          </section>
          <Rounds place={place} today={today} />
          {place.length < 12 && (
            <section className="card">
              <table className="list">
                <thead>
                  <tr>
                    <th>{t({ zh: '地方', en: 'Place' })}</th>
                    <th className="n">{t({ zh: '人口', en: 'People' })}</th>
                    <th className="n">{t({ zh: '应检', en: 'Owing' })}</th>
                    <th className="n">{t({ zh: '已采', en: 'Tested' })}</th>
                    <th>{t({ zh: '覆盖', en: 'Coverage' })}</th>
                  </tr>
                </thead>
                <tbody>
                  {c.below.map((b) => (
                    <tr key={b.placeCode}>
                      <td>
                        <Link to="/rounds" search={{ place: b.placeCode, ...(search.day && { day }) }}>
                          {b.place}
                        </Link>
                      </td>
                      <td className="n">{n(b.people)}</td>
                      <td className="n">{n(b.owing)}</td>
                      <td className="n">{n(b.tested)}</td>
                      <td>
                        <Bar c={b} />
                      </td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </section>
          )}
          {place.length >= 9 && may('people.read') && (
            <MissingList place={place} day={day} isToday={day === today} />
          )}
        </>
      )}
    </>
  )
}
