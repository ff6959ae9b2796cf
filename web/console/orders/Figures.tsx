import type { Statistics } from '#capabilities/orders/contract.ts'
import { useWords } from '#web/shared/language.ts'
import { STATE_WORDS } from '#web/shared/words.ts'

export const percent = (share: number | null) => (share === null ? '—' : `${(share * 100).toFixed(1)} %`)

export function Figures({ data }: { data: Statistics }) {
  const t = useWords()
  const list = [
    { id: 'opened', words: { zh: '期内受理', en: 'Opened' }, n: data.opened },
    { id: 'closed', words: { zh: '其中办结', en: 'Of these closed' }, n: data.closed },
    { id: 'open', words: { zh: '现有未结', en: 'Open now' }, n: data.open },
    { id: 'urgent', words: { zh: '现有急难 ▲', en: 'Urgent now ▲' }, n: data.urgent },
    { id: 'overdue', words: { zh: '现有超时 ●', en: 'Overdue now ●' }, n: data.overdue },
  ]
  return (
    <section className="key-figures" aria-label={t({ zh: '主要数字', en: 'Key figures' })}>
      {list.map((f) => (
        <div key={f.id} className={`card figure f-${f.id} ${f.n > 0 ? 'some' : ''}`}>
          <span className="muted">{t(f.words)}</span>
          <b>{f.n.toLocaleString('en-US')}</b>
        </div>
      ))}
      <div className="card figure wide">
        <span className="muted">
          {t({ zh: '期内受理的现在状态', en: 'Opened in the period, by state now' })}
        </span>
        <span className="states">
          {data.byState.map((s) => (
            <span key={s.state}>
              {t(STATE_WORDS[s.state])} <b>{s.n}</b>
            </span>
          ))}
        </span>
      </div>
    </section>
  )
}

/** The three rates; what units report and what citizens report never share a column. */
export function Rates({ data }: { data: Statistics }) {
  const t = useWords()
  const none = t({ zh: '不由此方评定', en: 'not theirs to say' })
  const rows = [
    {
      name: { zh: '响应', en: 'Response' },
      agency: data.onTimeSign,
      agencyMeans: { zh: '按时签收', en: 'signed in time' },
      citizen: undefined,
      citizenMeans: { zh: '', en: '' },
    },
    {
      name: { zh: '解决', en: 'Resolution' },
      agency: data.onTimeResolve,
      agencyMeans: { zh: '按时办结反馈', en: 'resolved in time' },
      citizen: data.solvedRate,
      citizenMeans: { zh: '回访说已解决', en: 'say it is solved' },
    },
    {
      name: { zh: '满意', en: 'Satisfaction' },
      agency: undefined,
      agencyMeans: { zh: '', en: '' },
      citizen: data.satisfaction,
      citizenMeans: { zh: '评分达标', en: 'score high enough' },
    },
  ]
  const value = (share: number | null | undefined, means: { zh: string; en: string }) =>
    share === undefined ? (
      <span className="muted">{none}</span>
    ) : (
      <>
        <b className="rate">{percent(share)}</b>{' '}
        <span className="muted">{share === null ? t({ zh: '尚无数据', en: 'nothing yet' }) : t(means)}</span>
      </>
    )
  return (
    <section className="card rates">
      <h2>{t({ zh: '三率', en: 'Three rates' })}</h2>
      <table className="list">
        <thead>
          <tr>
            <th>{t({ zh: '指标', en: 'Rate' })}</th>
            <th>{t({ zh: '单位自报（系统时钟）', en: 'By the units (system clock)' })}</th>
            <th>{t({ zh: '市民评价（回访与评分）', en: 'By citizens (call-back and score)' })}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.name.en}>
              <th scope="row">{t(row.name)}</th>
              <td>{value(row.agency, row.agencyMeans)}</td>
              <td>{value(row.citizen, row.citizenMeans)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className="muted">
        {t({
          zh: `退单率 ${percent(data.returnRate)} · 重办率 ${percent(data.redoRate)}`,
          en: `Returned ${percent(data.returnRate)} · redone ${percent(data.redoRate)}`,
        })}
      </p>
    </section>
  )
}
