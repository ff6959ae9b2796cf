import { useLanguage, useWords } from '#web/shared/language.ts'
import type { Figure, Wall } from '#web/shared/routes.ts'
import { remaining, when } from '#web/shared/time.ts'
import { compact, FigureBox, Panel } from './parts.tsx'
import './sampling.css'

/** In the order in which a morning goes: who came, who is missing, what waits, what was found. */
const SAMPLING = ['tested', 'coverage', 'backlog', 'positives', 'confirmed', 'recalls']
export const isSampling = (f: Figure): boolean => SAMPLING.includes(f.id)

export function SamplingFigures({ wall, cityNow, speed }: { wall: Wall; cityNow: number; speed: number }) {
  return (
    <div className="sampling">
      {wall.figures.filter(isSampling).map((f) => (
        <FigureBox key={f.id} figure={f} cityNow={cityNow} speed={speed} />
      ))}
    </div>
  )
}

/** The nearest deadlines of people who wait for a sample at home: where, by when, how long still. */
export function RecallClocks({ wall, cityNow, note }: { wall: Wall; cityNow: number; note: string }) {
  const t = useWords()
  const language = useLanguage()
  const { open, late, nearest } = wall.recalls
  if (open === 0) return null
  return (
    <Panel
      title={t({ zh: '追阳时钟', en: 'Recall clocks' })}
      note={t({
        zh: `${note} · 在办 ${open} · 超时 ${late}`,
        en: `${note} · ${open} open · ${late} late`,
      })}
      className="recalls-panel"
    >
      <ul className="lines">
        {nearest.map((r) => {
          const left = remaining(r.dueAt, cityNow, language)
          return (
            <li key={r.orderId} data-recall={r.orderId}>
              <span className="line-time">{when(r.dueAt, cityNow, language)}</span>
              <span className="line-title">{r.place}</span>
              <span className={`line-left ${left.level}`}>
                {left.level === 'red' ? '● ' : ''}
                {left.text}
              </span>
            </li>
          )
        })}
      </ul>
    </Panel>
  )
}

const share = (d: { owing: number; missing: number }): number | null =>
  d.owing > 0 ? Math.floor(((d.owing - d.missing) / d.owing) * 1000) / 10 : null

/** Coverage by district, those with the most missing people first; a district where nobody owes a test says so. */
export function CoverageTable({
  wall,
  place,
  onPick,
}: {
  wall: Wall
  place: string | null
  onPick: (code: string) => void
}) {
  const t = useWords()
  const language = useLanguage()
  const rows = [...wall.districts].sort(
    (a, b) => b.missing - a.missing || b.tested - a.tested || (a.code < b.code ? -1 : 1),
  )
  return (
    <table className="districts">
      <thead>
        <tr>
          <th scope="col">{t({ zh: '区', en: 'District' })}</th>
          <th scope="col">{t({ zh: '应检', en: 'Owing' })}</th>
          <th scope="col">{t({ zh: '已采', en: 'Tested' })}</th>
          <th scope="col">{t({ zh: '缺', en: 'Missing' })}</th>
          <th scope="col">{t({ zh: '覆盖', en: 'Covered' })}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((d) => (
          <tr key={d.code} className={place?.startsWith(d.code) ? 'here' : ''} onClick={() => onPick(d.code)}>
            <th scope="row">{d.name}</th>
            <td>{compact(language, d.owing)}</td>
            <td>{compact(language, d.tested)}</td>
            <td className={d.missing > 0 ? 'amber' : 'none'}>{compact(language, d.missing)}</td>
            <td>{share(d) === null ? t({ zh: '无应检', en: 'none' }) : `${share(d)}%`}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

/** What the map's colours and numbers mean, of orders or of coverage. */
export function Legend({ coverage }: { coverage: boolean }) {
  const t = useWords()
  return (
    <ul className="legend" aria-label={t({ zh: '图例', en: 'Legend' })}>
      {coverage ? (
        <>
          <li className="n-cover">{t({ zh: '应检覆盖', en: 'covered' })}</li>
          {['<50%', '50–80%', '80–90%', '90–95%', '≥95%'].map((words, i) => (
            <li key={words} className="n-cover">
              <i className={`swatch cover-${i + 1}`} aria-hidden="true" /> {words}
            </li>
          ))}
        </>
      ) : (
        <>
          <li className="n-open">{t({ zh: '12 在办', en: '12 open' })}</li>
          <li className="n-urgent">▲ {t({ zh: '急难', en: 'urgent' })}</li>
          <li className="n-overdue">● {t({ zh: '超时', en: 'late' })}</li>
        </>
      )}
    </ul>
  )
}
