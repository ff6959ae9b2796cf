import { useMutation } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { EndRound, type Round } from '#capabilities/screening/coverage.contract.ts'
import { call } from '#web/shared/api.ts'
import { useLanguage, useWords } from '#web/shared/language.ts'
import { useMay } from '../shell/me.ts'
import { queryClient } from '../shell/query.ts'
import { Failure } from '../shell/Say.tsx'
import { assumed, EndRoundButton, n, Share, targetWords, TargetState } from './rounds-words.tsx'

const isOver = (r: Round, today: string) => r.endedAt !== null || r.endsOn < today

/** Rounds that have to do with a place: what each means to reach, how far it is, when it ends. */
export function RoundList({
  items,
  place,
  day,
  today,
  now,
}: {
  items: readonly Round[]
  place: string
  day: string
  today: string
  now: number
}) {
  const t = useWords()
  const shown = items.filter((r) => !isOver(r, today) || r.progress !== null)
  const past = items.filter((r) => !shown.includes(r))
  if (items.length === 0) return null
  const first = shown.find((r) => r.progress && r.progress.targetBy !== null)
  return (
    <section className="card">
      <h2>{t({ zh: '轮次', en: 'Rounds' })}</h2>
      {shown.length > 0 && <Table items={shown} place={place} day={day} today={today} now={now} />}
      {first?.progress && (
        <p className="muted">
          {t({
            zh: '预计各按近半小时应检人员来采的速度推算，假定不停采。',
            en: 'Each forecast goes by those owing who came in the last half hour, if as many go on coming.',
          })}
        </p>
      )}
      {past.length > 0 && (
        <details className="no-print">
          <summary>
            {t({ zh: `已结束的轮次 ${n(past.length)}`, en: `Rounds that are over: ${n(past.length)}` })}
          </summary>
          <Table items={past} place={place} day={day} today={today} now={now} />
        </details>
      )}
    </section>
  )
}

function Table(given: { items: readonly Round[]; place: string; day: string; today: string; now: number }) {
  const { items, place, day, today, now } = given
  const t = useWords()
  const may = useMay()
  const mayEnd = (r: Round) => !isOver(r, today) && may('rounds.open') && place.length <= r.placeCode.length
  const hasActions = items.some(mayEnd)
  const ended = useMutation({
    mutationFn: (id: string) => call(EndRound, { params: { id }, body: {} }),
    onSuccess: () => void queryClient.invalidateQueries(),
  })
  return (
    <>
      <table className="list small rounds">
        <thead>
          <tr>
            <th>{t({ zh: '轮次', en: 'Round' })}</th>
            <th>{t({ zh: '安排', en: 'Plan' })}</th>
            <th>{t({ zh: '起止', en: 'From – to' })}</th>
            <th>{t({ zh: '目标', en: 'Target' })}</th>
            <th>{t({ zh: '进度', en: 'Progress' })}</th>
            <th>{t({ zh: '达标', en: 'Against the target' })}</th>
            {hasActions && <th className="no-print">{t({ zh: '操作', en: 'Actions' })}</th>}
          </tr>
        </thead>
        <tbody>
          {items.map((r) => (
            <tr key={r.id}>
              <td>
                <Link
                  to="/rounds"
                  lang="zh-CN"
                  search={{
                    // A round above this place is opened here; one within it, where it holds.
                    place: place.startsWith(r.placeCode) ? place : r.placeCode,
                    round: r.id,
                    ...(day !== today && { day }),
                  }}
                >
                  <b>{r.title}</b>
                </Link>
                <div className="muted">{r.place}</div>
              </td>
              <td>
                {t(r.plan.name)} <span className="muted">{r.plan.clause}</span>
              </td>
              <td className="mono days">
                {r.startsOn}
                {r.endsOn !== r.startsOn && <div>– {r.endsOn}</div>}
              </td>
              <td className="days">{t(targetWords(r.target))}</td>
              <td>
                {r.progress && r.progress.owing > 0 ? (
                  <Share done={r.progress.done} owing={r.progress.owing} least={r.target.percent} />
                ) : (
                  <span className="muted">—</span>
                )}
              </td>
              <td className="said">
                {r.progress ? (
                  <TargetState of={r.progress} now={now} />
                ) : (
                  <span className="muted">
                    {r.startsOn > day
                      ? t({ zh: '还没开始', en: 'not begun' })
                      : r.endedAt
                        ? t({ zh: '提前结束', en: 'ended early' })
                        : t({ zh: '已结束', en: 'over' })}
                  </span>
                )}
              </td>
              {hasActions && (
                <td className="no-print">
                  {mayEnd(r) && (
                    <EndRoundButton
                      title={r.title}
                      busy={ended.isPending && ended.variables === r.id}
                      run={() => ended.mutate(r.id)}
                    />
                  )}
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
      {ended.error && <Failure error={ended.error} />}
    </>
  )
}

/** One round in one place: what it asks for, where it stands and when it will be there. */
export function RoundHead({
  round,
  progress,
  now,
}: {
  round: Round
  progress: Round['progress']
  now: number
}) {
  const t = useWords()
  const language = useLanguage()
  return (
    <div className="round-head">
      <p>
        <b lang="zh-CN">{round.title}</b> · {round.place} · {t(round.plan.name)}{' '}
        <span className="muted">{round.plan.clause}</span> · <span className="mono">{round.startsOn}</span>
        {round.endsOn !== round.startsOn && <span className="mono"> – {round.endsOn}</span>}
        {round.openedBy && (
          <> · {t({ zh: `${round.openedBy.zh}开启`, en: `opened by ${round.openedBy.en}` })}</>
        )}{' '}
        · {t({ zh: '目标', en: 'target' })} {t(targetWords(round.target))}
      </p>
      {progress ? (
        <>
          <p>
            <TargetState of={progress} now={now} />
          </p>
          {(progress.targetBy ?? progress.doneBy) && (
            <p className="muted">{assumed(progress, now)[language]}</p>
          )}
        </>
      ) : (
        <p className="muted">
          {t({ zh: '这一天不在这一轮之内', en: 'The round does not hold on this day' })}
        </p>
      )}
    </div>
  )
}
