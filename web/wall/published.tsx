import { go } from '#web/shared/address.ts'
import { useWords } from '#web/shared/language.ts'
import type { HistoryDay } from '#web/shared/routes.ts'
import { differ, saidOf, wordsOf, type Anchor } from './history.ts'

export type Listed = {
  day: string
  figures: number
  addresses: number
  confirmed: number | null
  asymptomatic: number | null
}

export function CityFigures({ data }: { data: HistoryDay }) {
  const t = useWords()
  const metrics = [
    ...new Map(data.figures.filter((f) => f.placeCode === '31').map((f) => [f.metric, f.name])).entries(),
  ]
  // Confirmed and asymptomatic are the large numbers; the rest follows as published.
  const rest = metrics.filter(([metric]) => metric !== 'confirmed' && metric !== 'asymptomatic')
  return (
    <table className="published">
      <tbody>
        {rest.slice(0, 16).map(([metric, name]) => {
          const said = saidOf(data.figures, '31', metric)
          return (
            <tr key={metric} className={differ(said) ? 'differ' : ''}>
              <th scope="row">{t(name)}</th>
              <td>
                {differ(said)
                  ? said.map((s) => <span key={s.source}>{`${s.count}（${s.source}）`}</span>)
                  : wordsOf(said)}
              </td>
            </tr>
          )
        })}
      </tbody>
    </table>
  )
}

export function DistrictFigures({ data, anchors }: { data: HistoryDay; anchors: readonly Anchor[] }) {
  const t = useWords()
  const addresses = (code: string) => data.addresses.filter((a) => a.placeCode.startsWith(code)).length
  const rows = anchors
    .map((a) => ({
      ...a,
      confirmed: saidOf(data.figures, a.code, 'confirmed'),
      asymptomatic: saidOf(data.figures, a.code, 'asymptomatic'),
      addresses: addresses(a.code),
    }))
    .sort(
      (a, b) =>
        (b.asymptomatic[0]?.count ?? 0) +
          (b.confirmed[0]?.count ?? 0) -
          (a.asymptomatic[0]?.count ?? 0) -
          (a.confirmed[0]?.count ?? 0) || b.addresses - a.addresses,
    )
  return (
    <table className="districts">
      <thead>
        <tr>
          <th scope="col">{t({ zh: '区', en: 'District' })}</th>
          <th scope="col">{t({ zh: '确诊', en: 'Conf.' })}</th>
          <th scope="col">{t({ zh: '无症状', en: 'Asympt.' })}</th>
          <th scope="col">{t({ zh: '地址', en: 'Addr.' })}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((r) => (
          <tr key={r.code}>
            <th scope="row">{r.name}</th>
            <td className={differ(r.confirmed) ? 'amber' : ''}>{wordsOf(r.confirmed)}</td>
            <td className={differ(r.asymptomatic) ? 'amber' : ''}>{wordsOf(r.asymptomatic)}</td>
            <td>{r.addresses || '–'}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

export function DayBars({ days, day }: { days: readonly Listed[]; day: string }) {
  const most = Math.max(1, ...days.map((d) => (d.confirmed ?? 0) + (d.asymptomatic ?? 0)))
  return (
    <div className="day-bars" aria-hidden="true">
      {days.map((d) => (
        <button
          key={d.day}
          type="button"
          tabIndex={-1}
          className={d.day === day ? 'here' : ''}
          onClick={() => go(`/wall?replay=${d.day}`, { replace: true })}
          style={{ height: `${8 + 92 * Math.sqrt(((d.confirmed ?? 0) + (d.asymptomatic ?? 0)) / most)}%` }}
        >
          {d.day === day || d.day.endsWith('-01') ? <span>{d.day.slice(5)}</span> : null}
        </button>
      ))}
    </div>
  )
}
