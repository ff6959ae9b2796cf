import type { App } from '#kernel/app.ts'
import type { Actor } from '#kernel/auth.ts'
import type { Given } from '#kernel/http.ts'
import { findPlacePath, metresBetween } from '#capabilities/places/index.ts'
import type { FindSites, Site } from './contract.ts'
import { closesAt, isOpen, nextOpening } from './opening.ts'
import { allSites, type SiteRecord } from './store.ts'

/** Sites change by import only, so the list is read at most this often. */
const KEPT_MS = 5_000
const kept = new WeakMap<App, { at: number; sites: Promise<SiteRecord[]> }>()

function sitesOf(app: App): Promise<SiteRecord[]> {
  const hit = kept.get(app)
  if (hit && hit.at > Date.now() - KEPT_MS) return hit.sites
  const sites = allSites(app.db)
  kept.set(app, { at: Date.now(), sites })
  sites.catch(() => kept.delete(app))
  return sites
}

/** Sites by distance where a position is given, else by name; open or closed at this instant of city time. */
export async function findSites(app: App, actor: Actor, { query }: Given<typeof FindSites>) {
  const now = app.clock.now()
  const { lng, lat, place } = query
  const from = lng !== undefined && lat !== undefined ? ([lng, lat] as const) : undefined
  const found = (await sitesOf(app))
    .filter((s) => place === undefined || s.placeCode.startsWith(place))
    .map((s) => ({
      s,
      metres: from ? metresBetween(from, [s.lng, s.lat]) : null,
      open: s.rules ? isOpen(s.rules, now) : null,
    }))
    .filter((x) => query.open === undefined || x.open === query.open)
    .sort((a, b) => (a.metres ?? 0) - (b.metres ?? 0) || (a.s.name < b.s.name ? -1 : 1))
  const items = await Promise.all(
    found.slice(0, query.limit).map(async ({ s, metres, open }): Promise<Site> => ({
      id: s.id,
      name: s.name,
      placeCode: s.placeCode,
      place: await findPlacePath(app, s.placeCode, actor.language),
      address: s.address,
      lng: s.lng,
      lat: s.lat,
      hoursText: s.hoursText,
      open,
      closesAt: (s.rules && closesAt(s.rules, now))?.toISOString() ?? null,
      nextOpening: (s.rules && nextOpening(s.rules, now))?.toISOString() ?? null,
      metres: metres === null ? null : Math.round(metres),
      source: s.source,
    })),
  )
  return { items, total: found.length }
}
