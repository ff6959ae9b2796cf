import { useMutation, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Button, InputNumber, Progress } from 'antd'
import { useState } from 'react'
import {
  DecideSuggestion,
  GetRun,
  ListRuns,
  SuggestSites,
  type Suggestion,
} from '#capabilities/sites/circle.contract.ts'
import { call, clientId } from '#web/shared/api.ts'
import { useLanguage, useWords } from '#web/shared/language.ts'
import { when } from '#web/shared/time.ts'
import { useNow } from '../shell/clock.ts'
import { useMay } from '../shell/me.ts'
import { queryClient } from '../shell/query.ts'
import { Failure, Nothing } from '../shell/Say.tsx'

const KIND = {
  open: { zh: '加开', en: 'Open' },
  extend: { zh: '延长开放', en: 'Open longer' },
  move: { zh: '移到这里', en: 'Move here' },
  desks: { zh: '加台', en: 'Add desks' },
  mobile: { zh: '派流动队', en: 'Send a team' },
} as const
const n = (x: number) => x.toLocaleString('en-US')

function Line({ s, runId }: { s: Suggestion; runId: string }) {
  const t = useWords()
  const may = useMay()
  const decided = useMutation({
    mutationFn: (decision: 'accept' | 'dismiss' | 'reopen') =>
      call(DecideSuggestion, { params: { id: s.id }, body: { decision } }),
    onSuccess: () => void queryClient.invalidateQueries({ queryKey: [GetRun.id, runId] }),
  })
  const say = (decision: 'accept' | 'dismiss' | 'reopen') => () => decided.mutate(decision)
  return (
    <tr className={s.state === 'dismissed' ? 'dismissed' : ''}>
      <td>
        <b>{t(KIND[s.kind])}</b>
        {s.desks !== null && t({ zh: ` ${s.desks} 台`, en: ` (${s.desks})` })}
      </td>
      <td>
        {s.site && (
          <Link to="/sites/$id" params={{ id: s.site.id }}>
            {s.site.name}
          </Link>
        )}
        <div className="muted">{s.place}</div>
      </td>
      <td>
        {s.kind === 'desks'
          ? t({
              zh: `在排 ${n(s.people)} 人：等 ${Math.round(s.waitBefore ?? 0)} → ${Math.round(s.waitAfter ?? 0)} 分`,
              en: `${n(s.people)} in line: wait ${Math.round(s.waitBefore ?? 0)} → ${Math.round(s.waitAfter ?? 0)} min`,
            })
          : t({ zh: `多 ${n(s.people)} 人步行可达`, en: `${n(s.people)} more within reach` })}
      </td>
      <td>
        <div className="row">
          {s.state === 'accepted' && s.orderId && (
            <Link to="/orders/$id" params={{ id: s.orderId }}>
              ✓ {t({ zh: '已成工单', en: 'is an order' })}
            </Link>
          )}
          {s.state === 'open' && may('sites.edit') && (
            <>
              <Button size="small" type="primary" loading={decided.isPending} onClick={say('accept')}>
                {t({ zh: '采纳', en: 'Accept' })}
              </Button>
              <Button size="small" disabled={decided.isPending} onClick={say('dismiss')}>
                {t({ zh: '不采纳', en: 'Dismiss' })}
              </Button>
            </>
          )}
          {s.state === 'dismissed' && (
            <Button size="small" onClick={say('reopen')}>
              {t({ zh: '重新考虑', en: 'Take up again' })}
            </Button>
          )}
          {decided.error && <Failure error={decided.error} />}
        </div>
      </td>
    </tr>
  )
}

/** What would bring most people within reach, asked for with a budget, each accepted into an order. */
export function Suggestions({
  place,
  hour,
  mayAsk,
}: {
  place: string
  hour: string | undefined
  mayAsk: boolean
}) {
  const t = useWords()
  const language = useLanguage()
  const now = useNow(30_000)
  const [openings, setOpenings] = useState(5)
  const [teams, setTeams] = useState(2)
  const [chosen, setChosen] = useState<string>()
  const runs = useQuery({
    queryKey: [ListRuns.id, place],
    queryFn: ({ signal }) => call(ListRuns, { query: { place }, signal }),
  })
  const id = chosen ?? runs.data?.items[0]?.id
  const got = useQuery({
    queryKey: [GetRun.id, id],
    queryFn: ({ signal }) => call(GetRun, { params: { id: id! }, signal }),
    enabled: id !== undefined,
    refetchInterval: (q) => (q.state.data?.state === 'running' ? 700 : 30_000),
  })
  const asked = useMutation({
    mutationFn: () =>
      call(SuggestSites, {
        body: { id: clientId(), placeCode: place, openings, teams, ...(hour && { hour }) },
      }),
    onSuccess: (run) => {
      setChosen(run.id)
      void queryClient.invalidateQueries({ queryKey: [ListRuns.id] })
    },
  })
  const run = got.data?.placeCode.startsWith(place) ? got.data : undefined
  if (!mayAsk && !run) return null
  return (
    <section className="card">
      <div className="row">
        <h2>{t({ zh: '怎样够到更多人', en: 'How to reach more' })}</h2>
        {mayAsk && (
          <form
            className="row"
            onSubmit={(e) => {
              e.preventDefault()
              asked.mutate()
            }}
          >
            <label>
              {t({ zh: '每区最多加开 ', en: 'Openings a district at most ' })}
              <InputNumber min={0} max={100} value={openings} onChange={(x) => setOpenings(x ?? 0)} />
            </label>
            <label>
              {t({ zh: '流动队 ', en: 'teams ' })}
              <InputNumber min={0} max={100} value={teams} onChange={(x) => setTeams(x ?? 0)} />
            </label>
            <Button type="primary" htmlType="submit" loading={asked.isPending || run?.state === 'running'}>
              {t({ zh: '请系统建议', en: 'Suggest' })}
            </Button>
          </form>
        )}
      </div>
      {asked.error && <Failure error={asked.error} />}
      {got.error && <Failure error={got.error} retry={() => void got.refetch()} />}
      {run && (
        <>
          <p>
            {t({
              zh: `${when(run.hour, now, language)} · 现在 ${n(run.covered)} 人可达，照办后 ${n(run.wouldCover)} 人；同样的力量最多 ${n(run.bound)} 人`,
              en: `${when(run.hour, now, language)} · ${n(run.covered)} within reach now, ${n(run.wouldCover)} with these; at most ${n(run.bound)} with the same means`,
            })}
            {run.greedy > 0 && (
              <b className="left amber">
                {' '}
                ◐{' '}
                {t({
                  zh: `${run.greedy} 个区时间不够，给的是近似`,
                  en: `${run.greedy} districts ran out of time: approximate`,
                })}
              </b>
            )}
          </p>
          {run.state === 'running' && (
            <Progress percent={Math.round((100 * run.done) / run.districts)} status="active" />
          )}
          {run.state === 'failed' && (
            <p className="left red">
              ▲ {t({ zh: '没有算完，请再请一次', en: 'It did not finish; ask again' })}
            </p>
          )}
          {run.state === 'done' && run.items.length === 0 && (
            <Nothing
              title={t({ zh: '没有可建议的：加开也够不到更多人', en: 'Nothing would reach more people' })}
            />
          )}
          {run.items.length > 0 && (
            <table className="list small">
              <tbody>
                {run.items.slice(0, 200).map((s) => (
                  <Line key={s.id} s={s} runId={run.id} />
                ))}
              </tbody>
            </table>
          )}
        </>
      )}
    </section>
  )
}
