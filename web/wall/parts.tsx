import type { ReactNode } from 'react'
import { useLanguage, useWords, type Language } from '#web/shared/language.ts'
import type { Figure, OrderRow, Wall } from '#web/shared/routes.ts'
import { remaining, when } from '#web/shared/time.ts'

export const LEVEL_WORDS = {
  green: { zh: '正常', en: 'normal' },
  amber: { zh: '注意', en: 'watch' },
  red: { zh: '告警', en: 'alert' },
  none: { zh: '', en: '' },
} as const

/** Age of a figure in seconds of wall time: city time may run faster, the newsreader's patience does not. */
export const ageOf = (figure: Figure, cityNow: number, speed: number) =>
  Math.max(0, (cityNow - Date.parse(figure.at)) / 1000 / (speed || 1))

export function Panel({
  title,
  note,
  className = '',
  children,
}: {
  title: string
  note?: string
  className?: string
  children: ReactNode
}) {
  return (
    <section className={`panel ${className}`}>
      <h2>
        {title}
        {note && <small>{note}</small>}
      </h2>
      {children}
    </section>
  )
}

/** A number that fits its box from six metres: 12.3万, 123k. Below a hundred thousand it is whole. */
export function compact(language: Language, n: number): string {
  if (n < 100_000) return n.toLocaleString('en-US')
  if (language === 'zh') return `${(Math.floor(n / 1000) / 10).toLocaleString('en-US')}万`
  return n < 1_000_000 ? `${Math.floor(n / 1000)}k` : `${(Math.floor(n / 10_000) / 100).toFixed(2)}M`
}

function Fresh({ age, stale }: { age: number; stale: boolean }) {
  const t = useWords()
  const s = Math.round(age)
  const words =
    s < 60
      ? t({ zh: `${s} 秒前`, en: `${s} s ago` })
      : t({ zh: `${Math.floor(s / 60)} 分前`, en: `${Math.floor(s / 60)} min ago` })
  return (
    <span className="fresh">
      {stale && `${t({ zh: '已过时', en: 'stale' })} · `}
      {words}
    </span>
  )
}

function Spark({ values }: { values: readonly number[] }) {
  if (values.length < 2) return <svg className="spark" viewBox="0 0 100 24" aria-hidden="true" />
  const [low, high] = [Math.min(...values), Math.max(...values)]
  const y = (v: number) => (high === low ? 12 : 22 - ((v - low) / (high - low)) * 20)
  return (
    <svg className="spark" viewBox="0 0 100 24" preserveAspectRatio="none" aria-hidden="true">
      <polyline
        points={values.map((v, i) => `${(i / (values.length - 1)) * 100},${y(v).toFixed(1)}`).join(' ')}
        vectorEffect="non-scaling-stroke"
      />
    </svg>
  )
}

export function FigureBox({
  figure,
  cityNow,
  speed,
  big = false,
}: {
  figure: Figure
  cityNow: number
  speed: number
  big?: boolean
}) {
  const t = useWords()
  const language = useLanguage()
  const age = ageOf(figure, cityNow, speed)
  const stale = age > figure.staleAfterSeconds
  const unit = figure.unit === '%' ? '%' : t({ zh: figure.unit, en: '' })
  return (
    <div
      className={`figure ${big ? 'big' : ''} level-${figure.level} ${stale ? 'stale' : ''}`}
      data-figure={figure.id}
    >
      <span className="figure-name">{t(figure.name)}</span>
      <span className="figure-value">
        {figure.value === null ? '–' : compact(language, figure.value)}
        <small>{figure.value === null ? t({ zh: ' 暂无', en: ' none yet' }) : unit}</small>
      </span>
      {figure.level !== 'none' && <span className="figure-level">{t(LEVEL_WORDS[figure.level])}</span>}
      {figure.note && <span className="figure-note">{t(figure.note)}</span>}
      <Spark values={figure.trend} />
      <Fresh age={age} stale={stale} />
    </div>
  )
}

export function DistrictTable({
  wall,
  place,
  onPick,
}: {
  wall: Wall
  place: string | null
  onPick: (code: string) => void
}) {
  const t = useWords()
  const rows = [...wall.districts].sort(
    (a, b) => b.urgent - a.urgent || b.overdue - a.overdue || b.open - a.open,
  )
  return (
    <table className="districts">
      <thead>
        <tr>
          <th scope="col">{t({ zh: '区', en: 'District' })}</th>
          <th scope="col">{t({ zh: '今日', en: 'Today' })}</th>
          <th scope="col">{t({ zh: '在办', en: 'Open' })}</th>
          <th scope="col">{t({ zh: '▲急难', en: '▲Urgent' })}</th>
          <th scope="col">{t({ zh: '●超时', en: '●Late' })}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((d) => (
          <tr key={d.code} className={place?.startsWith(d.code) ? 'here' : ''} onClick={() => onPick(d.code)}>
            <th scope="row">{d.name}</th>
            <td>{d.today}</td>
            <td>{d.open}</td>
            <td className={d.urgent > 0 ? 'red' : 'none'}>{d.urgent}</td>
            <td className={d.overdue > 0 ? 'amber' : 'none'}>{d.overdue}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

export function OrderLines({
  orders,
  cityNow,
  clocks,
  empty,
}: {
  orders: readonly OrderRow[]
  cityNow: number
  clocks: boolean
  empty: string
}) {
  const t = useWords()
  const language = useLanguage()
  if (orders.length === 0) return <p className="empty">{empty}</p>
  return (
    <ul className="lines">
      {orders.map((o) => {
        const left = clocks && o.dueAt ? remaining(o.dueAt, cityNow, language) : null
        return (
          <li key={o.id} data-order={o.id} className={o.urgent ? 'is-urgent' : ''}>
            <span className="line-time">{when(o.openedAt, cityNow, language)}</span>
            <span className="line-title">
              {o.urgent && <b className="red">▲</b>} {o.title}
            </span>
            {left && <span className={`line-left ${left.level}`}>{left.text}</span>}
            {!left && o.overdue && <span className="line-left red">{t({ zh: '超时', en: 'late' })}</span>}
          </li>
        )
      })}
    </ul>
  )
}

export function Elements({ wall }: { wall: Wall }) {
  const t = useWords()
  const most = Math.max(1, ...wall.elements.map((e) => e.n))
  return (
    <ol className="bars">
      {wall.elements.slice(0, 6).map((e) => (
        <li key={e.element}>
          <span>{t(e.name)}</span>
          <b>{e.n}</b>
          <i style={{ width: `${(e.n / most) * 100}%` }} />
        </li>
      ))}
    </ol>
  )
}

export function Sources({ wall, live, cityNow }: { wall: Wall; live: boolean; cityNow: number }) {
  const t = useWords()
  const language = useLanguage()
  return (
    <ul className="sources">
      <li className={live ? 'ok' : 'off'}>
        {live
          ? t({ zh: '● 实时', en: '● live' })
          : t({ zh: '○ 实时中断，改为轮询', en: '○ stream down, polling' })}
      </li>
      {wall.sources.map((s) => (
        <li key={s.id} className={s.fresh ? 'ok' : 'off'}>
          {s.fresh ? '●' : '○'} {t(s.name)}{' '}
          {s.lastAt ? when(s.lastAt, cityNow, language) : t({ zh: '无数据', en: 'no data' })}
        </li>
      ))}
    </ul>
  )
}
