import { z } from 'zod'
import { ClientId, Instant, PlaceCode, route } from '#kernel/contract.ts'

const Share = { people: z.int(), covered: z.int() }

export const Circle = z.object({
  placeCode: PlaceCode,
  place: z.string(),
  at: Instant,
  ...Share,
  /** People of this place who are in none of these numbers: only their district is known, so they stand nowhere on a map. */
  unplaced: z.int(),
  /** Metres as the crow flies that count as a walk of the pack's minutes. */
  reachMetres: z.int(),
  walkMinutes: z.number(),
  openSites: z.int(),
  /** By hour of the local day of `at`, hour 0 first. */
  hours: z.array(z.object({ at: Instant, covered: z.int(), openSites: z.int() })),
  below: z.array(z.object({ placeCode: PlaceCode, place: z.string(), ...Share })),
  /** Where most people have no open site within reach, largest first. */
  gaps: z.array(
    z.object({
      placeCode: PlaceCode,
      place: z.string(),
      people: z.int(),
      lng: z.number(),
      lat: z.number(),
      nearest: z.object({ id: z.uuid(), name: z.string(), metres: z.int(), walkMinutes: z.int() }).nullable(),
    }),
  ),
  /** Compounds whose position is only known as somewhere in their subdistrict. */
  approximate: z.int(),
})
export type Circle = z.infer<typeof Circle>

export const GetCircle = route({
  id: 'circle.get',
  method: 'GET',
  path: '/api/circle',
  load: 'statistics',
  summary: {
    zh: '15分钟采样圈：某时刻步行可达开放采样点的居民',
    en: 'Residents within fifteen minutes’ walk of an open site, at an hour',
  },
  query: z.strictObject({
    place: PlaceCode.default('31'),
    at: Instant.optional(),
    /** How many of the gaps; a city has some six thousand neighbourhoods. */
    gaps: z.coerce.number().int().min(0).max(10_000).default(50),
  }),
  response: Circle,
})

export const SuggestionKind = z.enum(['open', 'extend', 'move', 'desks', 'mobile'])

export const Suggestion = z.object({
  id: z.uuid(),
  kind: SuggestionKind,
  placeCode: PlaceCode,
  place: z.string(),
  site: z.object({ id: z.uuid(), name: z.string() }).nullable(),
  lng: z.number(),
  lat: z.number(),
  /** People who get a site within reach by this one; for desks, people in line and their wait before and after. */
  people: z.int(),
  desks: z.int().nullable(),
  waitBefore: z.number().nullable(),
  waitAfter: z.number().nullable(),
  state: z.enum(['open', 'accepted', 'dismissed']),
  orderId: z.uuid().nullable(),
})
export type Suggestion = z.infer<typeof Suggestion>

export const Run = z.object({
  id: z.uuid(),
  placeCode: PlaceCode,
  place: z.string(),
  hour: Instant,
  openings: z.int(),
  teams: z.int(),
  state: z.enum(['running', 'done', 'failed']),
  /** Districts looked at, of how many. */
  done: z.int(),
  districts: z.int(),
  ...Share,
  /** With all of them, and at the very most with so many openings and teams. */
  wouldCover: z.int(),
  bound: z.int(),
  /** Districts where the time ran out and the greedy answer stands. */
  greedy: z.int(),
  madeAt: Instant,
  items: z.array(Suggestion),
})
export type Run = z.infer<typeof Run>

export const SuggestSites = route({
  id: 'circle.suggest',
  method: 'POST',
  path: '/api/circle/runs',
  load: 'statistics',
  summary: {
    zh: '请系统建议：开、延时、移动、加台、派流动队',
    en: 'Ask for suggestions: open, extend, move, add desks, send a mobile team',
  },
  body: z.strictObject({
    id: ClientId,
    placeCode: PlaceCode.refine((code) => code.length <= 9, 'place_too_narrow'),
    hour: Instant.optional(),
    /** At most so many openings or extensions, and mobile teams, in each district. */
    openings: z.int().min(0).max(100),
    teams: z.int().min(0).max(100),
  }),
  response: Run,
})

export const GetRun = route({
  id: 'circle.run',
  method: 'GET',
  path: '/api/circle/runs/:id',
  summary: { zh: '一次建议的进度和结果', en: 'How far a search is, and what it suggests' },
  params: z.strictObject({ id: z.uuid() }),
  response: Run,
})

export const ListRuns = route({
  id: 'circle.runs',
  method: 'GET',
  path: '/api/circle/runs',
  summary: { zh: '近期的建议', en: 'Searches of late' },
  query: z.strictObject({ place: PlaceCode.optional() }),
  response: z.object({ items: z.array(Run.omit({ items: true })) }),
})

export const DecideSuggestion = route({
  id: 'circle.decide',
  method: 'POST',
  path: '/api/circle/suggestions/:id',
  summary: {
    zh: '采纳（成为工单）或不采纳一条建议',
    en: 'Accept a suggestion, which makes it an order, or dismiss it',
  },
  params: z.strictObject({ id: z.uuid() }),
  body: z.strictObject({ decision: z.enum(['accept', 'dismiss', 'reopen']) }),
  response: Suggestion,
})
