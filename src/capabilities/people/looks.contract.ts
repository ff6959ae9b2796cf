import { z } from 'zod'
import { Bilingual, ClientId, event, Instant, page, PlaceCode, route, typed } from '#kernel/contract.ts'

/** One look at a person's data by somebody else, as that person reads it: the post, never the employee. */
export const Look = z.object({
  id: z.string(),
  at: Instant,
  what: Bilingual,
  purpose: Bilingual.nullable(),
  role: Bilingual,
  unit: Bilingual.nullable(),
  requestId: z.uuid().nullable(),
})
export type Look = z.infer<typeof Look>

const LineMark = z
  .string()
  .regex(/^\d{1,15}$/)
  .optional()
const LineLimit = z.coerce.number().int().min(1).max(100).default(50)

export const ListMyLooks = route({
  id: 'people.myLooks',
  method: 'GET',
  path: '/api/my/looks',
  summary: { zh: '谁看过我的信息', en: 'Who looked at my data, newest first' },
  query: z.strictObject({ after: LineMark, limit: LineLimit }),
  response: page(Look),
})

export const AuditLine = z.object({
  id: z.string(),
  at: Instant,
  actorKind: z.string(),
  actorId: z.string(),
  action: z.string(),
  subject: z.string(),
  placeCode: z.string().nullable(),
  data: z.unknown(),
  /** Whether the line is as it was chained; `waiting` for the few seconds before it is. */
  link: z.enum(['whole', 'broken', 'waiting']),
})

export const ListAudit = route({
  id: 'people.audit',
  method: 'GET',
  path: '/api/audit',
  summary: {
    zh: '审计记录（按人、按记录、按操作人、按时间）',
    en: 'The audit of one person, one record or one who acted, between two instants, newest first',
  },
  query: z.strictObject({
    subject: z.string().min(1).max(200).optional(),
    person: z.uuid().optional(),
    /** Id of the account, key, person or service that acted. */
    actor: typed(1, 200).optional(),
    /** Wall time, as the audit is dated. */
    from: Instant.optional(),
    to: Instant.optional(),
    after: LineMark,
    limit: LineLimit,
  }),
  response: page(AuditLine).extend({
    chain: z.object({ links: z.int(), waiting: z.int(), head: z.string().nullable() }),
  }),
})

/** Some links of the chain from one on: who asks again from `to` has seen all of it when `end` is true. */
export const VerifyAudit = route({
  id: 'people.verifyAudit',
  method: 'GET',
  path: '/api/audit/verify',
  summary: { zh: '逐段核对审计链', en: 'Check the chain of the audit, some links at a time' },
  load: 'statistics',
  query: z.strictObject({ after: z.coerce.number().int().min(0).default(0) }),
  response: z.object({
    to: z.int(),
    end: z.boolean(),
    links: z.int(),
    broken: z
      .object({
        seq: z.int(),
        line: z.string(),
        fault: z.enum(['line altered', 'line missing', 'link missing']),
      })
      .nullable(),
  }),
})

/** Reading in another jurisdiction for a while: a reason, an end, an alarm to those who watch over the place. */
export const GlassBreak = z.object({
  id: z.uuid(),
  placeCode: PlaceCode,
  place: z.string(),
  account: z.string(),
  role: Bilingual,
  unit: Bilingual.nullable(),
  reason: z.string(),
  openedAt: Instant,
  until: Instant,
  active: z.boolean(),
})
export type GlassBreak = z.infer<typeof GlassBreak>

export const BreakGlass = route({
  id: 'people.breakGlass',
  method: 'POST',
  path: '/api/glass',
  summary: {
    zh: '应急越权查看另一辖区（只读、限时、告警）',
    en: 'Read another jurisdiction in an emergency: read only, for a while, with an alarm',
  },
  load: 'emergency',
  body: z.strictObject({ id: ClientId, place: PlaceCode, reason: typed(10, 500) }),
  response: GlassBreak,
})

export const ListGlass = route({
  id: 'people.glass',
  method: 'GET',
  path: '/api/glass',
  summary: { zh: '本辖区的越权查看', en: 'Who broke the glass of my place, newest first' },
  query: z.strictObject({ after: z.string().max(300).optional(), limit: LineLimit }),
  response: page(GlassBreak),
})

export const GlassBroken = event(
  'people.glass_broken',
  z.object({
    glassId: z.uuid(),
    placeCode: PlaceCode,
    role: z.string(),
    unitId: z.string().nullable(),
    until: Instant,
  }),
)

/** Nobody's any more: name and number are gone, and what hears this forgets the words it holds. */
export const PersonErased = event('people.erased', z.object({ personId: z.uuid() }))
