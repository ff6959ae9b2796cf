import { setImmediate as breathe } from 'node:timers/promises'
import { oncePerApp, type App } from '#kernel/app.ts'
import type { Actor } from '#kernel/auth.ts'
import { dayOf, startOfDay } from '#kernel/clock.ts'
import { CityError } from '#kernel/errors.ts'
import type { Given } from '#kernel/http.ts'
import { peopleByCompound } from '#capabilities/people/index.ts'
import {
  atlasOf,
  getKnownPlace,
  makePointIndex,
  nearest,
  pathIn,
  positionOf,
  withinMetres,
} from '#capabilities/places/index.ts'
import { parameter, policyOf } from '#capabilities/policy/index.ts'
import { bookOf, onOf, type Book } from './book.ts'
import type { Circle, GetCircle } from './circle.contract.ts'
import { reachMetres, type Home } from './circle-rules.ts'
import { isOpen, type On } from './opening.ts'
import type { SiteRecord } from './store.ts'

const PERMISSION = 'screening.read'
const HOMES_MS = 600_000
const HOUR_MS = 3_600_000

/** Everybody by where they live, and who can walk to which site; made when people were counted or a site changed. */
export type Land = {
  homes: readonly Home[]
  /** People of whom only the district is known, or no position at all: they stand nowhere on a map, and in no sum here. */
  unplaced: readonly { placeCode: string; people: number }[]
  /** For each home, the places in `book.sites` of the sites within reach. */
  reach: readonly (readonly number[])[]
  book: Book
  metres: number
}

type People = Pick<Land, 'homes' | 'unplaced'>
type Kept = { people: People; readAt: number; land: Land | undefined }
const lands = oncePerApp<Kept>(async () => ({
  people: { homes: [], unplaced: [] },
  readAt: 0,
  land: undefined,
}))

async function readPeople(app: App): Promise<People> {
  const [atlas, counts] = await Promise.all([atlasOf(app), peopleByCompound(app.db)])
  const homes: Home[] = []
  const unplaced: { placeCode: string; people: number }[] = []
  for (const { placeCode, people } of counts) {
    const own = atlas.facts.get(placeCode)
    const at =
      own?.lng !== undefined && own.lat !== undefined && own.kind === 'compound'
        ? { lng: own.lng, lat: own.lat }
        : positionOf(atlas, placeCode, placeCode)
    if (!at || placeCode.length < 9) unplaced.push({ placeCode, people })
    else homes.push({ placeCode, people, ...at, approximate: own?.kind !== 'compound' || own.simulated })
  }
  return { homes, unplaced }
}

export async function termsOf(
  app: App,
): Promise<{ walkMinutes: number; metres: number; metresPerMinute: number }> {
  const policy = await policyOf(app)
  const value = (id: string) => parameter(policy, `circle.${id}`).value
  const walkMinutes = value('walkMinutes')
  const metresPerMinute = value('metresPerMinute') / value('detour')
  return {
    walkMinutes,
    metresPerMinute,
    metres: reachMetres(walkMinutes, value('metresPerMinute'), value('detour')),
  }
}

/** Who can walk to which site. 13,000 compounds among 16,000 sites take 0.2 s, in parts, and then nothing until one changes. */
export async function landOf(app: App): Promise<Land> {
  const kept = await lands.get(app)
  const [book, { metres }] = await Promise.all([bookOf(app), termsOf(app)])
  if (kept.readAt < Date.now() - HOMES_MS) {
    kept.people = await readPeople(app)
    kept.readAt = Date.now()
    kept.land = undefined
  }
  if (kept.land?.book === book && kept.land.metres === metres) return kept.land
  const placeOf = new Map(book.sites.map((s, i) => [s, i]))
  const { homes, unplaced } = kept.people
  const reach: number[][] = []
  for (const [i, home] of homes.entries()) {
    if (i % 1_000 === 999) await breathe()
    reach.push(withinMetres(book.index, home.lng, home.lat, metres).map((s) => placeOf.get(s)!))
  }
  kept.land = { homes, unplaced, reach, book, metres }
  return kept.land
}

/** Forgets who lives where, so that the next question counts anew. */
export async function forgetHomes(app: App): Promise<void> {
  ;(await lands.get(app)).readAt = 0
}

/** Which sites are open at an instant, as a list of 0 and 1 in the order of the book. */
export function openSites(sites: readonly SiteRecord[], at: Date, on: On): Uint8Array {
  return Uint8Array.from(sites, (s) => (!s.ended_at && s.rules && isOpen(s.rules, at, on) ? 1 : 0))
}

/** Which homes have an open site within reach. */
export const coveredHomes = (land: Land, open: Uint8Array): Uint8Array =>
  Uint8Array.from(land.reach, (sites) => (sites.some((i) => open[i] === 1) ? 1 : 0))

const below = (place: string): number => (place.length < 6 ? 6 : place.length < 9 ? 9 : 12)

/** The circle of a place at an hour, through its day, with the places below and where the gaps are. */
export async function getCircle(app: App, actor: Actor, { query }: Given<typeof GetCircle>): Promise<Circle> {
  const places = actor.may.get(PERMISSION) ?? []
  if (!places.some((p) => query.place.startsWith(p))) throw new CityError('place_not_found')
  await getKnownPlace(app, query.place)
  const [land, atlas, on, terms] = await Promise.all([landOf(app), atlasOf(app), onOf(app), termsOf(app)])
  const at = query.at ? new Date(query.at) : app.clock.now()
  const here = land.homes.flatMap((h, i) => (h.placeCode.startsWith(query.place) ? [i] : []))
  const isHere = land.book.sites.map((s) => s.place_code.startsWith(query.place))
  const look = (instant: Date) => {
    const open = openSites(land.book.sites, instant, on)
    return {
      open,
      covers: (i: number) => land.reach[i]!.some((s) => open[s] === 1),
      openSites: isHere.reduce((n, is, i) => n + (is && open[i] === 1 ? 1 : 0), 0),
    }
  }
  const sum = (list: readonly number[]) => list.reduce((n, i) => n + land.homes[i]!.people, 0)
  const hours: Circle['hours'] = []
  const midnight = startOfDay(dayOf(at)).getTime()
  for (let h = 0; h < 24; h++) {
    const instant = new Date(midnight + h * HOUR_MS)
    const { covers, openSites: n } = look(instant)
    hours.push({ at: instant.toISOString(), covered: sum(here.filter(covers)), openSites: n })
    await breathe()
  }
  const now = look(at)
  const byPlace = new Map<string, { people: number; covered: number }>()
  const missed = new Map<string, { people: number; home: Home }>()
  let covered = 0
  for (const i of here) {
    const home = land.homes[i]!
    const is = now.covers(i)
    const code = home.placeCode.slice(0, below(query.place))
    const sums = byPlace.get(code) ?? { people: 0, covered: 0 }
    sums.people += home.people
    if (is) {
      sums.covered += home.people
      covered += home.people
    } else {
      const area = home.placeCode.slice(0, 12)
      const gap = missed.get(area) ?? { people: 0, home }
      gap.people += home.people
      missed.set(area, gap)
    }
    byPlace.set(code, sums)
  }
  const openIndex = openSitesIndex(land.book.sites, now.open)
  return {
    placeCode: query.place,
    place: pathIn(atlas, query.place, actor.language),
    at: at.toISOString(),
    people: sum(here),
    covered,
    unplaced: land.unplaced.reduce((n, u) => n + (u.placeCode.startsWith(query.place) ? u.people : 0), 0),
    reachMetres: Math.round(land.metres),
    walkMinutes: terms.walkMinutes,
    openSites: now.openSites,
    hours,
    below: [...byPlace]
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([code, s]) => ({ placeCode: code, place: pathIn(atlas, code, actor.language), ...s })),
    gaps: [...missed]
      .toSorted(([, a], [, b]) => b.people - a.people)
      .slice(0, query.gaps)
      .map(([code, { people, home }]) => ({
        placeCode: code,
        place: pathIn(atlas, code, actor.language),
        people,
        lng: home.lng,
        lat: home.lat,
        nearest: openIndex(home, terms.metresPerMinute),
      })),
    approximate: here.filter((i) => land.homes[i]!.approximate).length,
  }
}

/** Answers which open site is nearest to a home, and how long the walk is. */
function openSitesIndex(sites: readonly SiteRecord[], open: Uint8Array) {
  const index = makePointIndex(sites.filter((_, i) => open[i] === 1))
  return (home: Home, metresPerMinute: number) => {
    const [found] = nearest(index, home.lng, home.lat, 1)
    return found
      ? {
          id: found.item.id,
          name: found.item.name,
          metres: Math.round(found.metres),
          // Rounded up: what is just out of reach must not read as within it.
          walkMinutes: Math.ceil(found.metres / metresPerMinute),
        }
      : null
  }
}
