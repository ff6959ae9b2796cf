import { Link } from '@tanstack/react-router'
import { lazy, Suspense, useMemo } from 'react'
import type { Statistics } from '#capabilities/orders/contract.ts'
import { useWords } from '#web/shared/language.ts'
import { shanghaiParts } from '#web/shared/time.ts'
import { percent } from './Figures.tsx'
import { useElements } from '../policy/elements.tsx'

// The chart library comes after the figures; the box already has its size, so nothing jumps.
const Chart = lazy(() => import('./Chart.tsx').then((m) => ({ default: m.Chart })))

type Given = { data: Statistics }

export function ByPlace({ data, onPlace }: Given & { onPlace: (code: string) => void }) {
  const t = useWords()
  const words = {
    opened: t({ zh: '期内受理', en: 'Opened' }),
    open: t({ zh: '未结', en: 'Open' }),
    overdue: t({ zh: '超时', en: 'Overdue' }),
    urgent: t({ zh: '急难', en: 'Urgent' }),
  }
  const rows = data.byPlace
  const bars = useMemo(
    () => ({
      names: rows.slice(0, 20).map((r) => r.place),
      series: [
        { name: words.opened, values: rows.slice(0, 20).map((r) => r.opened), colour: '#1664ff' },
        { name: words.overdue, values: rows.slice(0, 20).map((r) => r.overdue), colour: '#d92d20' },
      ],
    }),
    [rows, words.opened, words.overdue],
  )
  return (
    <section className="card by-place">
      <h2>{t({ zh: '按地点', en: 'By place' })}</h2>
      <div className="split">
        <div className="scroll">
          <table className="list">
            <thead>
              <tr>
                <th>{t({ zh: '地点', en: 'Place' })}</th>
                <th className="n">{words.opened}</th>
                <th className="n">{words.open}</th>
                <th className="n">{words.urgent}</th>
                <th className="n">{words.overdue}</th>
              </tr>
            </thead>
            <tbody>
              {rows.map((r) => (
                <tr key={r.placeCode}>
                  <td>
                    {r.placeCode.length < 9 ? (
                      <button type="button" className="as-link" onClick={() => onPlace(r.placeCode)}>
                        {r.place}
                      </button>
                    ) : (
                      <Link to="/" search={{ view: 'open', place: r.placeCode }}>
                        {r.place}
                      </Link>
                    )}
                  </td>
                  <td className="n">{r.opened}</td>
                  <td className="n">{r.open}</td>
                  <td className="n">{r.urgent > 0 ? <span className="left red">▲ {r.urgent}</span> : 0}</td>
                  <td className="n">{r.overdue > 0 ? <span className="left red">● {r.overdue}</span> : 0}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
        <Suspense fallback={<div className="chart tall" />}>
          <Chart
            kind="bars"
            names={bars.names}
            series={bars.series}
            label={t({ zh: '各地点受理与超时', en: 'Opened and overdue by place' })}
          />
        </Suspense>
      </div>
    </section>
  )
}

const HOUR = 3_600_000

export function ByHour({ data }: Given) {
  const t = useWords()
  const line = useMemo(() => {
    const counts = new Map(data.byHour.map((h) => [Date.parse(h.hour), h.n]))
    const first = Math.floor(Date.parse(data.from) / HOUR) * HOUR
    // An hour without a request is a zero, not a gap that the line jumps over.
    const hours = Array.from(
      { length: Math.floor((Date.parse(data.to) - first) / HOUR) + 1 },
      (_, i) => first + i * HOUR,
    )
    return {
      names: hours.map((h) =>
        hours.length > 48
          ? `${shanghaiParts(h).day.slice(5)} ${shanghaiParts(h).time}`
          : shanghaiParts(h).time,
      ),
      values: hours.map((h) => counts.get(h) ?? 0),
    }
  }, [data])
  const busiest = line.values.reduce((best, n, i) => (n > line.values[best]! ? i : best), 0)
  const series = useMemo(
    () => [{ name: t({ zh: '受理', en: 'Opened' }), values: line.values, colour: '#1664ff' }],
    [line, t],
  )
  return (
    <section className="card by-hour">
      <h2>
        {t({ zh: '按小时受理', en: 'Opened by hour' })}{' '}
        <small className="muted">
          {t({
            zh: `最多：${line.names[busiest]}，${line.values[busiest]} 件`,
            en: `most: ${line.values[busiest]} at ${line.names[busiest]}`,
          })}
        </small>
      </h2>
      <Suspense fallback={<div className="chart" />}>
        <Chart
          kind="line"
          names={line.names}
          series={series}
          label={t({ zh: '按小时受理', en: 'Opened by hour' })}
        />
      </Suspense>
    </section>
  )
}

export function ByElement({ data }: Given) {
  const t = useWords()
  const { nameOf } = useElements()
  const most = data.byElement[0]?.n ?? 1
  const all = data.opened
  return (
    <section className="card by-element">
      <h2>{t({ zh: '按事项', en: 'By matter' })}</h2>
      <div className="scroll">
        <table className="list">
          <thead>
            <tr>
              <th>{t({ zh: '事项', en: 'Matter' })}</th>
              <th className="n">{t({ zh: '件', en: 'Count' })}</th>
              <th className="c-bar">{t({ zh: '比例', en: 'Share' })}</th>
            </tr>
          </thead>
          <tbody>
            {data.byElement.map((e) => (
              <tr key={e.element}>
                <td>
                  {e.element ? (
                    <Link to="/" search={{ view: 'open', element: e.element }}>
                      {nameOf(e.element) ?? e.element}
                    </Link>
                  ) : (
                    t({ zh: '待分类', en: 'To be classified' })
                  )}
                </td>
                <td className="n">{e.n}</td>
                <td className="c-bar">
                  <span className="share" style={{ width: `${(e.n / most) * 65}%` }} />{' '}
                  {percent(all === 0 ? null : e.n / all)}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  )
}

export function ByUnit({ data }: Given) {
  const t = useWords()
  return (
    <section className="card by-unit">
      <h2>{t({ zh: '按单位（现有未结）', en: 'By unit (open now)' })}</h2>
      <div className="scroll">
        <table className="list">
          <thead>
            <tr>
              <th>{t({ zh: '单位', en: 'Unit' })}</th>
              <th className="n">{t({ zh: '未结', en: 'Open' })}</th>
              <th className="n">{t({ zh: '超时', en: 'Overdue' })}</th>
            </tr>
          </thead>
          <tbody>
            {data.byUnit.map((u) => (
              <tr key={u.unitId}>
                <td>
                  <Link to="/" search={{ view: 'open', unit: u.unitId }}>
                    {u.unit}
                  </Link>
                </td>
                <td className="n">{u.open}</td>
                <td className="n">{u.overdue > 0 ? <span className="left red">● {u.overdue}</span> : 0}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  )
}
