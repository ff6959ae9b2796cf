import { z } from 'zod'
import { Bilingual, ClientId, Instant, PlaceCode, event, route, typed } from '#kernel/contract.ts'
import { BoxCode } from './custody.contract.ts'

export const Stage = z.enum(['sealed', 'collected', 'received'])
export type Stage = z.infer<typeof Stage>

/** A laboratory's name as in its members' grants. */
const Lab = z.string().regex(/^[a-z0-9][a-z0-9._-]{1,79}$/, 'lab_malformed')

const Counts = {
  waiting: z.int(),
  /** The oldest was sealed then (to five minutes), the first promise breaks then. */
  oldestAt: Instant.nullable(),
  dueAt: Instant.nullable(),
  /** Waiting longer than promised. */
  late: z.int(),
}

export const LabCapacity = z.object({
  lab: z.string(),
  name: z.string(),
  placeCode: PlaceCode,
  place: z.string(),
  tubesPerHour: z.int(),
  pools: z.array(z.int()),
  /** Minutes of the day; the same twice is around the clock. */
  opens: z.int(),
  closes: z.int(),
  works: z.boolean(),
  validFrom: Instant,
  by: z.string(),
  at: Instant,
})
export type LabCapacity = z.infer<typeof LabCapacity>

export const BacklogAlarm = z.object({
  id: z.uuid(),
  lab: z.string().nullable(),
  name: z.string(),
  placeCode: PlaceCode,
  tubes: z.int(),
  since: Instant,
  dueAt: Instant,
  raisedAt: Instant,
  /** A laboratory that could take some, and how many tubes an hour. */
  help: z.object({ lab: z.string(), name: z.string(), spare: z.int() }).nullable(),
})
export type BacklogAlarm = z.infer<typeof BacklogAlarm>

export const Backlog = z.object({
  placeCode: PlaceCode,
  place: z.string(),
  at: Instant,
  /** The counts are as of then. */
  countedAt: Instant.nullable(),
  promise: z.object({
    pooledHours: z.number(),
    singleHours: z.number(),
    warnHours: z.number(),
    clause: z.string(),
  }),
  stages: z.array(
    z.object({
      stage: Stage,
      ...Counts,
      single: z.int(),
      /** Tubes that went on from here in the last hour. */
      lastHour: z.int(),
      /** When all of these are answered if all goes on so; between the faster and the slower half of the last hour. */
      forecast: z.object({ at: Instant.nullable(), from: Instant.nullable(), to: Instant.nullable() }),
    }),
  ),
  /** Sealing to result, of what was answered in the last hours; null where nothing was. */
  answered: z.object({
    hours: z.int(),
    tubes: z.int(),
    median: z.number().nullable(),
    p95: z.number().nullable(),
  }),
  labs: z.array(
    z.object({
      lab: z.string(),
      capacity: LabCapacity.nullable(),
      ...Counts,
      /** Sent here and not received yet. */
      bound: z.int(),
      cameIn: z.int(),
      lastHour: z.int(),
      doneAt: Instant.nullable(),
      atRisk: z.int(),
      spare: z.int().nullable(),
    }),
  ),
  places: z.array(
    z.object({
      placeCode: PlaceCode,
      place: z.string(),
      ...Counts,
      byStage: z.array(z.int()).length(3),
      lastHour: z.int(),
    }),
  ),
  alarms: z.array(BacklogAlarm),
})
export type Backlog = z.infer<typeof Backlog>

export const GetBacklog = route({
  id: 'screening.backlog',
  method: 'GET',
  path: '/api/screening/backlog',
  load: 'statistics',
  summary: {
    zh: '积压：各环节等待、快慢、时长与预计',
    en: 'What waits at each stage of the chain, how fast it goes, and when it will be answered',
  },
  query: z.strictObject({ place: PlaceCode.default('31'), lab: Lab.optional() }),
  response: Backlog,
})

export const WaitingBox = z.object({
  code: z.string(),
  placeCode: PlaceCode,
  place: z.string(),
  state: z.enum(['packed', 'collected']),
  packedAt: Instant,
  tubes: z.int(),
  oldestAt: Instant.nullable(),
  dueAt: Instant.nullable(),
  boundFor: z.string().nullable(),
})
export type WaitingBox = z.infer<typeof WaitingBox>

export const ListWaitingBoxes = route({
  id: 'boxes.waiting',
  method: 'GET',
  path: '/api/boxes',
  summary: {
    zh: '还没有实验室签收的箱，旧的在前',
    en: 'Boxes that no laboratory has received, oldest first',
  },
  query: z.strictObject({
    place: PlaceCode.default('31'),
    lab: Lab.optional(),
    limit: z.coerce.number().int().min(1).max(200).default(100),
  }),
  response: z.object({ items: z.array(WaitingBox) }),
})

export const RedirectBoxes = route({
  id: 'boxes.redirect',
  method: 'POST',
  path: '/api/boxes/redirect',
  summary: { zh: '把未签收的箱改送另一实验室', en: 'Send boxes that nobody received to another laboratory' },
  body: z.strictObject({
    id: ClientId,
    /** Each with where it is to go; null takes back what was said. */
    boxes: z
      .array(z.strictObject({ code: BoxCode, lab: Lab.nullable() }))
      .min(1)
      .max(200),
    note: typed(2, 500).optional(),
  }),
  response: z.object({
    /** With where each was to go before: sent again so, it is undone. */
    moved: z.array(z.object({ code: z.string(), before: z.string().nullable() })),
    refused: z.array(z.object({ code: z.string(), why: z.enum(['not_found', 'received']) })),
  }),
})

export const ResourceKind = z.enum(['tubes', 'boxes', 'couriers', 'samplers'])
export type ResourceKind = z.infer<typeof ResourceKind>

export const Resource = z.object({
  placeCode: PlaceCode,
  place: z.string(),
  kind: ResourceKind,
  n: z.int(),
  by: z.string(),
  at: Instant,
})
export type Resource = z.infer<typeof Resource>

export const ListResources = route({
  id: 'screening.resources',
  method: 'GET',
  path: '/api/screening/resources',
  summary: {
    zh: '采样台、采样员、管、箱、取送人员与实验室能力',
    en: 'Desks, samplers, tubes, boxes, couriers, and what laboratories can do',
  },
  query: z.strictObject({ place: PlaceCode.default('31') }),
  response: z.object({
    items: z.array(Resource),
    labs: z.array(LabCapacity),
    /** Counted, not declared: open sites and their desks, people they can take an hour, samplers who have a table open. */
    tables: z.object({
      sites: z.int(),
      desks: z.int(),
      perHour: z.number(),
      samplers: z.int(),
      sampledLastHour: z.int(),
    }),
  }),
})

export const DeclareResource = route({
  id: 'resources.declare',
  method: 'POST',
  path: '/api/screening/resources',
  summary: { zh: '申报库存与取送人员', en: 'Say what is in stock and who is on duty' },
  body: z.strictObject({
    id: ClientId,
    placeCode: PlaceCode,
    kind: ResourceKind,
    n: z.int().min(0).max(10_000_000),
  }),
  response: Resource,
})

export const GetMyCapacity = route({
  id: 'labs.capacity',
  method: 'GET',
  path: '/api/labs/capacity',
  summary: { zh: '本实验室申报的能力及历次申报', en: 'What my laboratory declared, newest first' },
  response: z.object({ lab: z.string(), items: z.array(LabCapacity) }),
})

export const DeclareCapacity = route({
  id: 'labs.declare',
  method: 'POST',
  path: '/api/labs/capacity',
  summary: {
    zh: '申报实验室能力：本实验室，或督办代报',
    en: 'What a laboratory can do: said by itself, or by the supervisor of its place',
  },
  body: z.strictObject({
    id: ClientId,
    /** Left out by a laboratory: its own. */
    lab: Lab.optional(),
    name: typed(2, 80),
    placeCode: PlaceCode,
    tubesPerHour: z.int().min(0).max(100_000),
    pools: z
      .array(z.union([z.literal(1), z.literal(5), z.literal(10), z.literal(20)]))
      .min(1)
      .max(4),
    opens: z.int().min(0).max(1439),
    closes: z.int().min(0).max(1439),
    validFrom: Instant.optional(),
  }),
  response: LabCapacity,
})

/** By forecast tubes will wait longer than promised. Said once until it has been calm. */
export const PromiseThreatened = event(
  'results.threatened',
  z.object({
    alarmId: z.uuid(),
    placeCode: z.string(),
    /** Of a laboratory, or of the district where nobody has collected or received them. */
    name: Bilingual,
    tubes: z.int(),
    since: z.string(),
    help: z.object({ name: z.string(), spare: z.int() }).nullable(),
  }),
)
