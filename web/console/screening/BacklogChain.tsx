import { Link } from '@tanstack/react-router'
import type { Backlog } from '#capabilities/screening/capacity.contract.ts'
import { useLanguage, useWords } from '#web/shared/language.ts'
import { span, when } from '#web/shared/time.ts'
import type { BacklogSearch } from './backlog-search.ts'
import { Deadline, hoursWords, num, STAGE_WORDS } from './backlog-words.tsx'

type Props = { data: Backlog; now: number; search: BacklogSearch }

/** Promises that will break by forecast, with who could help. */
export function Alarms({ data, now, mayRedirect }: Props & { mayRedirect: boolean }) {
  const t = useWords()
  return data.alarms.map((a) => (
    <div key={a.id} className="backlog-alarm" role="alert">
      <b>▲ {a.name}</b>
      <span>{t({ zh: `${num(a.tubes)} 管将超时`, en: `${num(a.tubes)} tubes will be late` })}</span>
      <Deadline at={a.dueAt} now={now} warnHours={data.promise.warnHours} />
      {a.help && (
        <span>
          {t({
            zh: `${a.help.name} 每小时可多检 ${num(a.help.spare)} 管`,
            en: `${a.help.name} could take ${num(a.help.spare)} tubes an hour more`,
          })}
        </span>
      )}
      {mayRedirect && (
        <Link to="/backlog" search={{ place: data.placeCode, view: 'boxes' }}>
          {t({ zh: '改送未签收的箱 →', en: 'Send boxes elsewhere →' })}
        </Link>
      )}
    </div>
  ))
}

/** The chain as a funnel: what waits, how old it is, how fast it goes on, and when it is answered. */
export function Chain({ data, now }: Props) {
  const t = useWords()
  const language = useLanguage()
  const most = Math.max(1, ...data.stages.map((s) => s.waiting))
  const { median, p95, tubes, hours } = data.answered
  // The counts are to five minutes.
  const took = (minutes: number | null) => {
    if (minutes === null) return '—'
    return minutes < 5 ? t({ zh: '不到 5 分', en: 'under 5 min' }) : span(minutes * 60_000, language)
  }
  return (
    <section className="chain" aria-label={t({ zh: '各环节', en: 'Stages' })}>
      {data.stages.map((s) => (
        <div key={s.stage} className="card stage" data-stage={s.stage}>
          <h2>{t(STAGE_WORDS[s.stage])}</h2>
          <p className="stage-n">
            <b>{num(s.waiting)}</b> {t({ zh: '管', en: 'tubes' })}
            {s.late > 0 && (
              <span className="word-red">
                {' '}
                ▲ {t({ zh: `超时 ${num(s.late)}`, en: `${num(s.late)} late` })}
              </span>
            )}
          </p>
          <meter min={0} max={most} value={s.waiting} aria-hidden />
          <dl>
            <dt>{t({ zh: '最近承诺', en: 'First promise' })}</dt>
            <dd>
              <Deadline at={s.dueAt} now={now} warnHours={data.promise.warnHours} />
            </dd>
            <dt>{t({ zh: '最早封管', en: 'Oldest sealed' })}</dt>
            <dd>{s.oldestAt ? when(s.oldestAt, now, language) : '—'}</dd>
            <dt>{t({ zh: '近一小时流走', en: 'Went on, last hour' })}</dt>
            <dd>{num(s.lastHour)}</dd>
            <dt>{t({ zh: '预计全部出结果', en: 'All answered by' })}</dt>
            <dd>
              {s.waiting === 0 ? (
                '—'
              ) : s.forecast.at === null ? (
                <b className="word-amber">{t({ zh: '不明：没有流动', en: 'unknown: nothing moves' })}</b>
              ) : (
                <>
                  {when(s.forecast.at, now, language)}
                  <span className="muted range">
                    {s.forecast.from && when(s.forecast.from, now, language)} –{' '}
                    {s.forecast.to ? when(s.forecast.to, now, language) : t({ zh: '不明', en: 'unknown' })}
                  </span>
                </>
              )}
            </dd>
          </dl>
        </div>
      ))}
      <div className="card stage" data-stage="answered">
        <h2>{t({ zh: '已出结果', en: 'Answered' })}</h2>
        <p className="stage-n">
          <b>{num(tubes)}</b> {t({ zh: `管 · 近 ${hours} 小时`, en: `tubes · last ${hours} h` })}
        </p>
        <dl>
          <dt>{t({ zh: '采样到结果：半数', en: 'Sealing to result: half' })}</dt>
          <dd>{took(median)}</dd>
          <dt>{t({ zh: '95% 在', en: '95 % within' })}</dt>
          <dd>{took(p95)}</dd>
          <dt>{t({ zh: '承诺', en: 'Promised' })}</dt>
          <dd>
            {t({
              zh: `混采 ${data.promise.pooledHours} 小时，单采 ${data.promise.singleHours} 小时`,
              en: `pooled ${data.promise.pooledHours} h, single ${data.promise.singleHours} h`,
            })}{' '}
            <span className="muted">{data.promise.clause}</span>
          </dd>
        </dl>
      </div>
    </section>
  )
}

export function ByLab({ data, now, search }: Props) {
  const t = useWords()
  const language = useLanguage()
  if (data.labs.length === 0) return null
  return (
    <section className="card">
      <h2>{t({ zh: '按实验室', en: 'By laboratory' })}</h2>
      <table className="list">
        <thead>
          <tr>
            <th>{t({ zh: '实验室', en: 'Laboratory' })}</th>
            <th>{t({ zh: '能力', en: 'Capacity' })}</th>
            <th className="n">{t({ zh: '近一小时出', en: 'Answered, last hour' })}</th>
            <th className="n">{t({ zh: '待检', en: 'Waiting' })}</th>
            <th className="n">{t({ zh: '送来途中', en: 'Bound for it' })}</th>
            <th>{t({ zh: '最近承诺', en: 'First promise' })}</th>
            <th>{t({ zh: '预计清完', en: 'Done by' })}</th>
            <th className="n">{t({ zh: '将超时', en: 'Will be late' })}</th>
            <th className="n">{t({ zh: '每小时余力', en: 'Spare an hour' })}</th>
          </tr>
        </thead>
        <tbody>
          {data.labs.map((l) => (
            <tr key={l.lab} data-lab={l.lab}>
              <td>
                <Link
                  to="/backlog"
                  search={{
                    ...(search.place && { place: search.place }),
                    ...(search.lab !== l.lab && { lab: l.lab }),
                  }}
                >
                  {l.capacity?.name ?? l.lab}
                </Link>
              </td>
              <td>
                {l.capacity ? (
                  <>
                    {t({
                      zh: `${num(l.capacity.tubesPerHour)} 管/时`,
                      en: `${num(l.capacity.tubesPerHour)}/h`,
                    })}{' '}
                    <span className="muted">
                      {t(hoursWords(l.capacity))}
                      {!l.capacity.works && t({ zh: ' · 现在不检', en: ' · closed now' })}
                    </span>
                  </>
                ) : (
                  <span className="muted">{t({ zh: '未申报', en: 'not declared' })}</span>
                )}
              </td>
              <td className="n">{num(l.lastHour)}</td>
              <td className="n">{num(l.waiting)}</td>
              <td className="n">{num(l.bound)}</td>
              <td>
                <Deadline at={l.dueAt} now={now} warnHours={data.promise.warnHours} />
              </td>
              <td>
                {l.waiting === 0
                  ? '—'
                  : l.doneAt
                    ? when(l.doneAt, now, language)
                    : t({ zh: '不明', en: 'unknown' })}
              </td>
              <td className="n">{l.atRisk > 0 ? <b className="word-red">▲ {num(l.atRisk)}</b> : '0'}</td>
              <td className="n">{l.spare === null ? '—' : num(l.spare)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}

export function ByPlace({ data, now, search }: Props) {
  const t = useWords()
  if (data.places.length === 0) return null
  return (
    <section className="card">
      <h2>{t({ zh: '按地方', en: 'By place' })}</h2>
      <table className="list">
        <thead>
          <tr>
            <th>{t({ zh: '采样地', en: 'Sampled in' })}</th>
            <th className="n">{t(STAGE_WORDS.sealed)}</th>
            <th className="n">{t(STAGE_WORDS.collected)}</th>
            <th className="n">{t(STAGE_WORDS.received)}</th>
            <th className="n">{t({ zh: '超时', en: 'Late' })}</th>
            <th>{t({ zh: '最近承诺', en: 'First promise' })}</th>
            <th className="n">{t({ zh: '近一小时出', en: 'Answered, last hour' })}</th>
          </tr>
        </thead>
        <tbody>
          {data.places.map((p) => (
            <tr key={p.placeCode}>
              <td>
                <Link to="/backlog" search={{ ...search, place: p.placeCode }}>
                  {p.place}
                </Link>
              </td>
              {p.byStage.map((n, i) => (
                <td key={data.stages[i]!.stage} className="n">
                  {num(n)}
                </td>
              ))}
              <td className="n">{p.late > 0 ? <b className="word-red">▲ {num(p.late)}</b> : '0'}</td>
              <td>
                <Deadline at={p.dueAt} now={now} warnHours={data.promise.warnHours} />
              </td>
              <td className="n">{num(p.lastHour)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}
