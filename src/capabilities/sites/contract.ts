import { z } from 'zod'
import { Bilingual, ClientId, Instant, page, PlaceCode, route, typed } from '#kernel/contract.ts'
import { Hours } from './hours.contract.ts'

export const SiteKind = z.enum(['fixed', 'convenience', 'mobile'])
export const SiteSetting = z.enum([
  'community',
  'office',
  'park',
  'building_site',
  'school',
  'transport',
  'other',
])
/** What can be had there: a place in a pool, a tube of one's own, or both. */
export const Pooling = z.enum(['pooled', 'single', 'both'])

/** What is known of the line; null where no desk is open or nothing was ever counted. */
export const SiteQueue = z.object({
  perMinute: z.number(),
  waitMinutes: z.number(),
  /** One standard error, either way. */
  errorMinutes: z.number(),
  /** The desks are at their limit and nobody counted the line: it may be longer. */
  atLeast: z.boolean(),
  busy: z.enum(['idle', 'busy', 'crowded']),
  /** Desks it is reckoned with: those that work, where they were counted with the line. */
  desks: z.int(),
  basis: z.enum(['counted', 'pace']),
  /** People in line when they were counted last. */
  counted: z.int().nullable(),
  countedAt: Instant.nullable(),
})
export type SiteQueue = z.infer<typeof SiteQueue>

export const Site = z.object({
  id: z.uuid(),
  name: z.string(),
  placeCode: PlaceCode,
  place: z.string(),
  address: z.string(),
  lng: z.number(),
  lat: z.number(),
  kind: SiteKind,
  setting: SiteSetting.nullable(),
  pooling: Pooling,
  desks: z.int(),
  always: z.boolean(),
  hoursText: z.string(),
  /** The hours in words, where they are understood. */
  hoursSaid: Bilingual.nullable(),
  /** Null where nobody knows, and `unsure` says why: ask before going. */
  open: z.boolean().nullable(),
  /** The hours are not understood, or are announced elsewhere on a public holiday, or nobody says them for a worked weekend day. */
  unsure: z.enum(['hours', 'holiday', 'make_up']).nullable(),
  closesAt: Instant.nullable(),
  nextOpening: Instant.nullable(),
  metres: z.number().nullable(),
  queue: SiteQueue.nullable(),
  source: z.string(),
  endedAt: Instant.nullable(),
})
export type Site = z.infer<typeof Site>

const Filters = {
  place: PlaceCode.optional(),
  open: z.stringbool().optional(),
  kind: SiteKind.optional(),
  /** Sites where a single tube, or a place in a pool, can be had. */
  pooling: z.enum(['pooled', 'single']).optional(),
  /** Open day and night, every day. */
  always: z.stringbool().optional(),
  busy: z.enum(['idle', 'busy', 'crowded']).optional(),
  q: z.string().trim().max(60).optional(),
}

export const FindSites = route({
  id: 'sites.find',
  method: 'GET',
  path: '/api/sites',
  load: 'glance',
  summary: {
    zh: '采样点：距离、是否开放、排队多久、下次开放',
    en: 'Sampling sites: distance, open now, expected wait, next opening',
  },
  query: z.strictObject({
    lng: z.coerce.number().min(-180).max(180).optional(),
    lat: z.coerce.number().min(-90).max(90).optional(),
    /** Without a position: those around this place first, without a distance, which nobody knows. */
    near: PlaceCode.optional(),
    ...Filters,
    /** With those that are no longer used. */
    ended: z.stringbool().optional(),
    /** Where the page before ended. */
    offset: z.coerce.number().int().min(0).max(20_000).default(0),
    limit: z.coerce.number().int().min(1).max(500).default(50),
  }),
  response: z.object({ items: z.array(Site), total: z.int() }),
})

export const OpenSites = route({
  id: 'sites.geojson',
  method: 'GET',
  path: '/api/open/sites.geojson',
  load: 'decoration',
  summary: {
    zh: '开放数据：全部采样点（GeoJSON，WGS84），每分钟至多更新一次',
    en: 'Open data: every sampling site (GeoJSON, WGS84), renewed once a minute at most',
  },
  /** A FeatureCollection with `generatedAt`; properties are those of a site. */
  response: z.any(),
})

/** A site as somebody sets it. */
export const SiteFacts = z.strictObject({
  name: typed(2, 80),
  placeCode: PlaceCode.refine((code) => code.length >= 6, 'place_too_wide'),
  address: typed(2, 200),
  lng: z.number().min(70).max(140),
  lat: z.number().min(3).max(54),
  kind: SiteKind,
  setting: SiteSetting.nullable(),
  pooling: Pooling,
  desks: z.int().min(0).max(500),
  /** Null: not known; the site stands on the map and says so. */
  hours: Hours.nullable(),
  /** No longer used: it leaves every list and keeps its record. */
  ended: z.boolean(),
})
export type SiteFacts = z.infer<typeof SiteFacts>

export const SiteDetail = Site.extend({ version: z.int(), facts: SiteFacts, mayEdit: z.boolean() })
export type SiteDetail = z.infer<typeof SiteDetail>

export const GetSite = route({
  id: 'sites.get',
  method: 'GET',
  path: '/api/sites/:id',
  summary: { zh: '一个采样点', en: 'One sampling site' },
  params: z.strictObject({ id: z.uuid() }),
  response: SiteDetail,
})

export const PutSite = route({
  id: 'sites.put',
  method: 'PUT',
  path: '/api/sites/:id',
  summary: {
    zh: '设立或修改采样点（留下记录）',
    en: 'Set up or change a sampling site; every change is on record',
  },
  params: z.strictObject({ id: ClientId }),
  body: z.strictObject({
    /** The version that was looked at; 0 sets up a new site. */
    version: z.int().min(0),
    facts: SiteFacts,
    reason: typed(2, 200),
  }),
  response: SiteDetail,
})

export const ListSiteChanges = route({
  id: 'sites.changes',
  method: 'GET',
  path: '/api/sites/:id/changes',
  summary: { zh: '采样点的修改记录', en: 'Who changed a site, when and why' },
  params: z.strictObject({ id: z.uuid() }),
  query: z.strictObject({
    after: z.coerce.number().int().min(0).optional(),
    limit: z.coerce.number().int().min(1).max(200).default(50),
  }),
  response: page(
    z.object({
      version: z.int(),
      at: Instant,
      by: z.string(),
      reason: z.string(),
      /** Names of the facts that differ. */
      changed: z.array(z.string()),
      before: SiteFacts.nullable(),
      after: SiteFacts,
    }),
  ),
})

export const CountQueue = route({
  id: 'sites.queue',
  method: 'POST',
  path: '/api/sites/:id/queue',
  load: 'write',
  summary: { zh: '报排队人数和台数', en: 'Say how many stand in line, and how many desks work' },
  params: z.strictObject({ id: z.uuid() }),
  body: z.strictObject({
    id: ClientId,
    people: z.int().min(0).max(20_000),
    desks: z.int().min(0).max(500).optional(),
    at: Instant.optional(),
  }),
  response: z.object({ queue: SiteQueue.nullable() }),
})
