import { Link } from '@tanstack/react-router'
import type { Coverage } from '#capabilities/screening/coverage.contract.ts'
import { useLanguage, useWords } from '#web/shared/language.ts'
import { when } from '#web/shared/time.ts'
import type { RoundsSearch } from './rounds-search.ts'
import { n, Share } from './rounds-words.tsx'

type Counted = Pick<Coverage, 'owing' | 'tested' | 'missing' | 'antigenOwed' | 'antigenDone'>

/** How far it is, in words and as a bar; a place that owes no PCR shows what it owes instead. */
function Bar({ c, least }: { c: Counted; least?: number | undefined }) {
  const t = useWords()
  if (c.owing > 0)
    return <Share done={c.owing - c.missing} owing={c.owing} {...(least !== undefined && { least })} />
  return (
    <span className="muted">
      {c.antigenOwed > 0
        ? t({
            zh: `只做抗原 · 已报 ${n(c.antigenDone)} / ${n(c.antigenOwed)}`,
            en: `antigen only · ${n(c.antigenDone)} of ${n(c.antigenOwed)} reported`,
          })
        : t({ zh: `没有轮次 · 已采 ${n(c.tested)}`, en: `no round · ${n(c.tested)} tested` })}
    </span>
  )
}

/** Where a place stands to the target of the round now: there, or how many lack. */
function Against({ c, percent }: { c: Counted; percent: number }) {
  const t = useWords()
  const owing = c.owing + c.antigenOwed
  const short = Math.ceil((owing * percent) / 100) - (owing - c.missing - c.antigenOwed + c.antigenDone)
  if (owing === 0) return <span className="muted">—</span>
  return short <= 0 ? (
    <span className="left green">✓ {t({ zh: '已达标', en: 'reached' })}</span>
  ) : (
    <span className="left amber">▲ {t({ zh: `差 ${n(short)}`, en: `${n(short)} short` })}</span>
  )
}

export function Figures({
  c,
  now,
  day,
  isToday,
}: {
  c: Coverage
  now: number
  day: string
  isToday: boolean
}) {
  const t = useWords()
  const language = useLanguage()
  return (
    <section className="card figures">
      <div>
        <h2>
          {c.place} <span className="muted day">{day}</span>
        </h2>
        <Bar c={c} least={c.round?.target.percent} />
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
        {isToday && c.owing > 0 && (
          <>
            <dt>
              {t({
                zh: `${when(c.since, now, 'zh')} 以来已采（应检）`,
                en: `Of those owing, since ${when(c.since, now, 'en')}`,
              })}
            </dt>
            <dd>{n(c.lately)}</dd>
            <dt>{t({ zh: '照此速度采完', en: 'Done at this pace' })}</dt>
            <dd>{c.missing === 0 ? '✓' : c.doneBy ? when(c.doneBy, now, language) : '—'}</dd>
          </>
        )}
      </dl>
    </section>
  )
}

/** By what people do and by which plan asks: couriers behind and residents behind want different help. */
export function Split({ c }: { c: Coverage }) {
  const t = useWords()
  if (c.byPlan.length === 0) return null
  return (
    <section className="card split">
      <div>
        <h2>{t({ zh: '按职业', en: 'By occupation' })}</h2>
        <table className="list small">
          <thead>
            <tr>
              <th>{t({ zh: '职业', en: 'Occupation' })}</th>
              <th className="n">{t({ zh: '应检', en: 'Owing' })}</th>
              <th className="n">{t({ zh: '已采', en: 'Tested' })}</th>
              <th>{t({ zh: '覆盖', en: 'Coverage' })}</th>
            </tr>
          </thead>
          <tbody>
            {c.byOccupation.map((o) => (
              <tr key={o.occupation}>
                <td>{t(o.name)}</td>
                <td className="n">{n(o.owing)}</td>
                <td className="n">{n(o.tested)}</td>
                <td>
                  <Bar c={o} least={c.round?.target.percent} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <div>
        <h2>{t({ zh: '按安排', en: 'By plan' })}</h2>
        <table className="list small">
          <thead>
            <tr>
              <th>{t({ zh: '安排', en: 'Plan' })}</th>
              <th className="n">{t({ zh: '应做（次）', en: 'Tests owed' })}</th>
              <th>{t({ zh: '完成', en: 'Done' })}</th>
            </tr>
          </thead>
          <tbody>
            {c.byPlan.map((p) => (
              <tr key={p.plan.id}>
                <td>
                  {t(p.plan.name)} <span className="muted">{p.plan.clause}</span>
                </td>
                <td className="n">{n(p.owing)}</td>
                <td>
                  {p.owing > 0 ? (
                    <Share
                      done={p.done}
                      owing={p.owing}
                      {...(c.round && { least: c.round.target.percent })}
                    />
                  ) : (
                    '—'
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  )
}

/** The places right below, to look into. */
export function Below({ c, kept }: { c: Coverage; kept: RoundsSearch }) {
  const t = useWords()
  const hasRecalls = c.below.some((b) => b.recalled > 0)
  return (
    <section className="card">
      <table className="list">
        <thead>
          <tr>
            <th>{t({ zh: '地方', en: 'Place' })}</th>
            <th className="n">{t({ zh: '人口', en: 'People' })}</th>
            <th className="n">{t({ zh: '应检', en: 'Owing' })}</th>
            <th className="n">{t({ zh: '已采', en: 'Tested' })}</th>
            {hasRecalls && <th className="n">{t({ zh: '另有追阳', en: 'Called back' })}</th>}
            <th>{t({ zh: '覆盖', en: 'Coverage' })}</th>
            {c.round && c.progress && <th>{t({ zh: '目标', en: 'Target' })}</th>}
          </tr>
        </thead>
        <tbody>
          {c.below.map((b) => (
            <tr key={b.placeCode}>
              <td>
                <Link to="/rounds" search={{ place: b.placeCode, ...kept }}>
                  {b.place}
                </Link>
              </td>
              <td className="n">{n(b.people)}</td>
              <td className="n">{n(b.owing)}</td>
              <td className="n">{n(b.tested)}</td>
              {hasRecalls && (
                <td className="n">
                  {b.recalled > 0 ? <b className="left red">▲ {n(b.recalled)}</b> : n(b.recalled)}
                </td>
              )}
              <td>
                <Bar c={b} least={c.round?.target.percent} />
              </td>
              {c.round && c.progress && (
                <td>
                  <Against c={b} percent={c.round.target.percent} />
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}
