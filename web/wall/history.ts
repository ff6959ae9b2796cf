import type { HistoryDay } from '#web/shared/routes.ts'
import type { Dot, Shade } from './Map.tsx'

type HistoryFigure = HistoryDay['figures'][number]
export type Said = { source: string; count: number }[]

/** What each source says of one thing. Two that agree stand as one; two that differ are both shown. */
export function saidOf(figures: readonly HistoryFigure[], placeCode: string, metric: string): Said {
  return figures
    .filter((f) => f.placeCode === placeCode && f.metric === metric)
    .map((f) => ({ source: f.source, count: f.count }))
}

export function wordsOf(said: Said): string {
  const counts = [...new Set(said.map((s) => s.count))]
  return counts.length === 0 ? '–' : counts.join(' / ')
}

export const differ = (said: Said): boolean => new Set(said.map((s) => s.count)).size > 1

const most = (said: Said) => Math.max(0, ...said.map((s) => s.count))

/** Four steps, each about five times the one before: March went from one case a day to thousands. */
const stepOf = (n: number) => (n === 0 ? 0 : n < 5 ? 1 : n < 25 ? 2 : n < 125 ? 3 : 4)

/** Where a district's word stands, taken from the positions that the wall knows. */
export type Anchor = { code: string; name: string; lng: number; lat: number }

export const shadesOfDay = (day: HistoryDay, anchors: readonly Anchor[]): Shade[] =>
  anchors.map((a) => {
    const [confirmed, asymptomatic] = [
      saidOf(day.figures, a.code, 'confirmed'),
      saidOf(day.figures, a.code, 'asymptomatic'),
    ]
    return {
      ...a,
      className: `step-${stepOf(most(confirmed) + most(asymptomatic))}`,
      lines: [
        ...(confirmed.length > 0 ? [{ text: wordsOf(confirmed), className: 'n-confirmed' }] : []),
        ...(asymptomatic.length > 0
          ? [{ text: `+${wordsOf(asymptomatic)}`, className: 'n-asymptomatic' }]
          : []),
      ],
    }
  })

/** Addresses whose position is known only as that of their subdistrict lie on one point: the point grows with them. */
export function dotsOfDay(day: HistoryDay): Dot[] {
  const at = new Map<string, { lng: number; lat: number; names: string[] }>()
  for (const a of day.addresses) {
    if (a.lng === null || a.lat === null) continue
    const key = `${a.lng.toFixed(4)} ${a.lat.toFixed(4)}`
    const spot = at.get(key) ?? { lng: a.lng, lat: a.lat, names: [] }
    spot.names.push(a.address)
    at.set(key, spot)
  }
  return [...at].map(([key, s]) => ({
    key,
    lng: s.lng,
    lat: s.lat,
    className: 'address',
    title: s.names.slice(0, 12).join('、'),
    size: Math.min(2.2, 0.55 + Math.sqrt(s.names.length) * 0.18),
  }))
}
