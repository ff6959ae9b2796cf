import { call } from '#web/shared/api.ts'
import { FindSites, GetPlace, SearchPlaces, type Place } from '#web/shared/routes.ts'
import type { Device } from './device.ts'

/** Somewhere to sample: a published site, or a compound. */
export type Spot = { placeCode: string; place: string; address: string; siteId: string | null }

/** As close as the city wants a session to be: what is wider is narrowed by hand. */
const NEIGHBOURHOOD = 12
export const isWide = (spot: { placeCode: string }): boolean => spot.placeCode.length < NEIGHBOURHOOD

const SPOTS = 'spots'
const RECENT = 'recent'
const MOST_RECENT = 6
const MOST_SITES = 200
/** A subdistrict has some thirty neighbourhoods; wider jurisdictions look places up while there is a network. */
const MOST_NEIGHBOURHOODS = 80

/** The path without the wide part that is the same for all of them: it stands on the tube as its address. */
const spotOf = (p: Place, wide: string): Spot => ({
  placeCode: p.code,
  place: p.path,
  address: wide && p.path.startsWith(wide) ? p.path.slice(wide.length).trim() || p.name : p.name,
  siteId: null,
})

async function compoundsIn(code: string, given?: string): Promise<Spot[]> {
  const here = await call(GetPlace, { params: { code } })
  const wide = given ?? here.path
  if (here.kind === 'neighbourhood')
    return here.children.filter((c) => c.kind === 'compound').map((c) => spotOf(c, wide))
  if (here.kind !== 'subdistrict' || here.children.length > MOST_NEIGHBOURHOODS) return []
  const found: Spot[] = []
  for (const child of here.children) found.push(...(await compoundsIn(child.code, wide)))
  return found
}

/** Sites and compounds of one's own places, fetched while there is a network and kept for the day without one. */
export async function fetchSpots(device: Device, places: readonly string[]): Promise<Spot[]> {
  const found: Spot[] = []
  for (const place of places) {
    const sites = await call(FindSites, { query: { place, limit: MOST_SITES } })
    found.push(
      ...sites.items.map((s) => ({
        placeCode: s.placeCode,
        place: s.place,
        address: `${s.name} ${s.address}`.slice(0, 200),
        siteId: s.id,
      })),
      ...(await compoundsIn(place)),
    )
  }
  await device.keep(SPOTS, found)
  return found
}

/** What lies in a wide place, or what of it is kept here; a site stays the site that was chosen. */
export async function narrower(wide: Spot, kept: readonly Spot[]): Promise<Spot[]> {
  const as = (s: Spot): Spot =>
    wide.siteId ? { ...s, address: wide.address, siteId: wide.siteId } : { ...s, siteId: null }
  try {
    const { children } = await call(GetPlace, { params: { code: wide.placeCode } })
    return children.map((c) => as(spotOf(c, wide.place)))
  } catch {
    const inside = kept.filter((s) => s.placeCode.startsWith(wide.placeCode) && !isWide(s) && !s.siteId)
    return inside.map(as)
  }
}

export const keptSpots = async (device: Device): Promise<Spot[]> => (await device.kept<Spot[]>(SPOTS)) ?? []
export const recentSpots = async (device: Device): Promise<Spot[]> =>
  (await device.kept<Spot[]>(RECENT)) ?? []

const isSame = (a: Spot, b: Spot) => a.placeCode === b.placeCode && a.address === b.address

export async function rememberSpot(device: Device, spot: Spot): Promise<void> {
  const before = await recentSpots(device)
  await device.keep(RECENT, [spot, ...before.filter((s) => !isSame(s, spot))].slice(0, MOST_RECENT))
}

/** Places by typing, where the kept ones do not hold what is looked for. */
export async function searchSpots(q: string, places: readonly string[]): Promise<Spot[]> {
  const found = await Promise.all(
    places.map((within) => call(SearchPlaces, { query: { q, within, limit: 10 } })),
  )
  return found.flatMap((f) => f.items).map((p) => spotOf(p, ''))
}
