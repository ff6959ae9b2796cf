import type { App } from '#kernel/app.ts'
import type { Actor } from '#kernel/auth.ts'
import type { Given } from '#kernel/http.ts'
import { findPlacePath, metresBetween } from '#capabilities/places/index.ts'
import type { FindHospitals, Hospital } from './contract.ts'
import { allHospitals } from './store.ts'

const EMERGENCY = {
  open: { zh: '急诊开放', en: 'Emergency room open' },
  suspended: { zh: '急诊停诊', en: 'Emergency room suspended' },
  green_channel: { zh: '仅留急救绿色通道', en: 'Emergency green channel only' },
} as const

/** Hospitals by distance where a position is given, else by name. */
export async function findHospitals(app: App, actor: Actor, { query }: Given<typeof FindHospitals>) {
  const { lng, lat, place } = query
  const from = lng !== undefined && lat !== undefined ? ([lng, lat] as const) : undefined
  const found = (await allHospitals(app.db))
    .filter((h) => place === undefined || h.placeCode.startsWith(place))
    .filter((h) => query.emergency === undefined || h.emergency === query.emergency)
    .map((h) => ({ h, metres: from ? metresBetween(from, [h.lng, h.lat]) : null }))
    .sort((a, b) => (a.metres ?? 0) - (b.metres ?? 0) || (a.h.name < b.h.name ? -1 : 1))
  const items = await Promise.all(
    found.slice(0, query.limit).map(async ({ h, metres }): Promise<Hospital> => ({
      id: h.id,
      name: h.name,
      placeCode: h.placeCode,
      place: await findPlacePath(app, h.placeCode, actor.language),
      address: h.address,
      lng: h.lng,
      lat: h.lat,
      emergency: h.emergency,
      emergencyName: EMERGENCY[h.emergency],
      ...h.detail,
      metres: metres === null ? null : Math.round(metres),
      source: h.source,
    })),
  )
  return { items, total: found.length }
}
