import type { App } from '#kernel/app.ts'
import type { Actor, Language } from '#kernel/auth.ts'
import { CityError } from '#kernel/errors.ts'
import type { Given } from '#kernel/http.ts'
import { SHED_AT } from '#kernel/overload.ts'
import {
  atlasOf,
  makePointIndex,
  nearest,
  pathIn,
  positionOf,
  type Atlas,
  type PointIndex,
} from '#capabilities/places/index.ts'
import { parameter, policyOf } from '#capabilities/policy/index.ts'
import { bookOf, onOf, queueTeller, type Book, type QueueTeller } from './book.ts'
import type { FindSites, Site } from './contract.ts'
import { describeHours, type OpeningRules } from './hours.contract.ts'
import { closesAt, nextOpening, openingAt, type On, type Unsure } from './opening.ts'
import type { SiteRecord } from './store.ts'

export type Shown = {
  now: Date
  on: On
  atlas: Atlas
  language: Language
  queue: QueueTeller
}

export async function shownFor(app: App, language: Language): Promise<Shown> {
  const [on, atlas, queue] = await Promise.all([onOf(app), atlasOf(app), queueTeller(app)])
  return { now: app.clock.now(), on, atlas, language, queue }
}

/** What is open changes with the minute; within it the answer is kept with the site, which is read anew when it changes. */
type Opened = {
  minute: number
  calendar: On['calendar']
  said: boolean | Unsure
  times?: { closesAt: string | null; nextOpening: string | null }
}
const opened = new WeakMap<SiteRecord, Opened>()

function lookUp({ now, on }: Pick<Shown, 'now' | 'on'>, site: SiteRecord, rules: OpeningRules): Opened {
  const minute = Math.floor(now.getTime() / 60_000)
  let kept = opened.get(site)
  if (kept?.minute === minute && kept.calendar === on.calendar) return kept
  kept = { minute, calendar: on.calendar, said: openingAt(rules, now, on) }
  opened.set(site, kept)
  return kept
}

const NO_TIMES = { closesAt: null, nextOpening: null }

/** When a site closes and opens next: instants, which no site reaches within the minute that they were looked up in. */
function timesOf(shown: Shown, site: SiteRecord): { closesAt: string | null; nextOpening: string | null } {
  if (!site.rules || site.ended_at) return NO_TIMES
  const kept = lookUp(shown, site, site.rules)
  kept.times ??= {
    closesAt: closesAt(site.rules, shown.now, shown.on)?.toISOString() ?? null,
    nextOpening: nextOpening(site.rules, shown.now, shown.on)?.toISOString() ?? null,
  }
  return kept.times
}

const saidHours = new WeakMap<OpeningRules, { zh: string; en: string }>()

function hoursOf(rules: OpeningRules): { zh: string; en: string } {
  let said = saidHours.get(rules)
  if (!said) saidHours.set(rules, (said = { zh: describeHours(rules, 'zh'), en: describeHours(rules, 'en') }))
  return said
}

/** Open, closed, or why nobody knows: hours that are not understood, or are announced elsewhere on such a day. */
function stateOf(shown: Pick<Shown, 'now' | 'on'>, site: SiteRecord): boolean | NonNullable<Site['unsure']> {
  if (site.ended_at) return false
  return site.rules ? lookUp(shown, site, site.rules).said : 'hours'
}

export function isOpenNow(shown: Pick<Shown, 'now' | 'on'>, site: SiteRecord): boolean | null {
  const said = stateOf(shown, site)
  return typeof said === 'string' ? null : said
}

export function toSite(shown: Shown, site: SiteRecord, metres: number | null): Site {
  const said = stateOf(shown, site)
  const open = typeof said === 'string' ? null : said
  return {
    id: site.id,
    name: site.name,
    placeCode: site.place_code,
    place: pathIn(shown.atlas, site.place_code, shown.language),
    address: site.address,
    lng: site.lng,
    lat: site.lat,
    kind: site.kind,
    setting: site.setting,
    pooling: site.pooling,
    desks: site.desks,
    always: site.rules?.always ?? false,
    hoursText: site.hours_text,
    hoursSaid: site.rules && hoursOf(site.rules),
    open,
    unsure: typeof said === 'string' ? said : null,
    ...timesOf(shown, site),
    metres: metres === null ? null : Math.round(metres),
    queue: open === false ? null : shown.queue(site),
    source: site.source,
    endedAt: site.ended_at?.toISOString() ?? null,
  }
}

type Wanted = Omit<Given<typeof FindSites>['query'], 'offset' | 'limit' | 'lng' | 'lat' | 'near'>

/** Whether a site is among those asked for. The cheap questions come first. */
function fits(shown: Shown, site: SiteRecord, wanted: Wanted): boolean {
  if (site.ended_at && wanted.ended !== true) return false
  if (wanted.place !== undefined && !site.place_code.startsWith(wanted.place)) return false
  if (wanted.kind !== undefined && site.kind !== wanted.kind) return false
  if (wanted.pooling !== undefined && site.pooling !== 'both' && site.pooling !== wanted.pooling) return false
  if (wanted.always !== undefined && (site.rules?.always ?? false) !== wanted.always) return false
  if (wanted.q && !`${site.name}${site.address}`.includes(wanted.q)) return false
  if (wanted.open !== undefined && isOpenNow(shown, site) !== wanted.open) return false
  return wanted.busy === undefined || shown.queue(site)?.busy === wanted.busy
}

type Fitting = { sites: readonly SiteRecord[]; index?: PointIndex<SiteRecord> }
type Found = { book: Book; minute: number; calendar: On['calendar']; by: Map<string, Fitting> }
const found = new WeakMap<object, Found>()
/** As many different filters are kept a minute; the places of a city are more than anybody asks for in one. */
const MOST_FILTERS = 500

/**
 * All that fit, in the order of names. A crowd asks the same few things: what fits is found once a minute, or once a look
 * at the lines where those are asked for, with an index of its positions. Walking and sorting 13,000 sites at each look
 * took 5.2 ms of the server's thread.
 */
function fitting(shown: Shown, book: Book, query: Wanted & { offset: number; limit: number }): Fitting {
  const { place, open, kind, pooling, always, busy, q, ended } = query
  const walk = (): Fitting => ({ sites: book.sites.filter((s) => fits(shown, s, query)) })
  if (q) return walk()
  const key = JSON.stringify([place, open, kind, pooling, always, busy, ended])
  const minute = Math.floor(shown.now.getTime() / 60_000)
  const holder = busy === undefined ? book : shown.queue.lines
  let kept = found.get(holder)
  if (!kept || kept.book !== book || kept.minute !== minute || kept.calendar !== shown.on.calendar)
    found.set(holder, (kept = { book, minute, calendar: shown.on.calendar, by: new Map() }))
  let fit = kept.by.get(key)
  if (fit) return fit
  if (kept.by.size >= MOST_FILTERS) kept.by.clear()
  kept.by.set(key, (fit = walk()))
  return fit
}

/** A page for a person. Longer ones draw maps and fill telephones: hundreds of sites to write, 20 times the work. */
const GLANCE = 50

/**
 * Sites by distance where a position is given, around a place where that is, else by name; open or closed at this instant of city time. What is more than a glance is turned away with the reads.
 * Errors: `overloaded`.
 */
export async function findSites(app: App, actor: Actor, { query, pressure }: Given<typeof FindSites>) {
  if ((query.offset + query.limit > GLANCE || query.q) && pressure >= SHED_AT.read)
    throw new CityError('overloaded', { retryAfter: 5 })
  const [shown, book] = await Promise.all([shownFor(app, actor.language), bookOf(app)])
  const { lng, lat } = query
  const told = lng !== undefined && lat !== undefined
  const around =
    told || query.near === undefined ? undefined : positionOf(shown.atlas, query.near, query.near)
  const from = told ? { lng, lat } : around
  const fit = fitting(shown, book, query)
  const end = query.offset + query.limit
  // The book is in the order of names already.
  const page = from
    ? nearest((fit.index ??= makePointIndex(fit.sites)), from.lng, from.lat, end).slice(query.offset)
    : fit.sites.slice(query.offset, end).map((item) => ({ item, metres: null }))
  return {
    items: page.map(({ item, metres }) => toSite(shown, item, told ? metres : null)),
    total: fit.sites.length,
  }
}

/** Sites of a place that are open now, their desks, and how many people they can take an hour (clause 采样点 1.1). */
export async function desksIn(
  app: App,
  place: string,
): Promise<{ sites: number; desks: number; perHour: number }> {
  const [on, book, policy] = await Promise.all([onOf(app), bookOf(app), policyOf(app, place)])
  const now = app.clock.now()
  const open = book.sites.filter((s) => s.place_code.startsWith(place) && isOpenNow({ now, on }, s) === true)
  const desks = open.reduce((n, s) => n + s.desks, 0)
  return { sites: open.length, desks, perHour: desks * parameter(policy, 'sites.perDeskHour').value }
}
