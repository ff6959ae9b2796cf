import { z } from 'zod'
import { ClientId, Instant, PlaceCode, event, route, typed } from '#kernel/contract.ts'

export const TubeCode = z.string().regex(/^T\d{12}$/, 'label_malformed')
export const BoxCode = z.string().regex(/^B\d{12}$/, 'label_malformed')
export const TubeKind = z.union([z.literal(1), z.literal(5), z.literal(10), z.literal(20)])
export type TubeKind = z.infer<typeof TubeKind>

export const TubeState = z.enum([
  'sealed',
  'boxed',
  'collected',
  'received',
  'rejected',
  'tested',
  'destroyed',
])
export type TubeState = z.infer<typeof TubeState>

export const IdKind = z.enum(['resident_id', 'passport', 'hk_macao_pass', 'taiwan_pass', 'other'])

/** Somebody as a sampler meets them: a scanned code, or what is typed; unknown people are registered on the spot. */
export const Member = z.union([
  z.strictObject({ code: z.string().min(20).max(400) }),
  z.strictObject({
    idKind: IdKind,
    idNumber: z.string().min(4).max(30),
    name: typed(1, 60).optional(),
    phone: z
      .string()
      .regex(/^\d{5,15}$/)
      .optional(),
  }),
  z.strictObject({ phone: z.string().regex(/^\d{5,15}$/), name: typed(1, 60).optional() }),
])
export type Member = z.infer<typeof Member>

export const Session = z.object({
  id: z.uuid(),
  siteId: z.uuid().nullable(),
  placeCode: PlaceCode,
  place: z.string(),
  address: z.string(),
  openedAt: Instant,
  closedAt: Instant.nullable(),
  tubes: z.int(),
  people: z.int(),
})
export type Session = z.infer<typeof Session>

export const OpenSession = route({
  id: 'sampling.open',
  method: 'POST',
  path: '/api/sampling/sessions',
  load: 'emergency',
  summary: { zh: '开始采样：先定小区', en: 'Begin sampling: the compound is set first' },
  body: z.strictObject({
    id: ClientId,
    siteId: z.uuid().optional(),
    placeCode: PlaceCode,
    address: typed(1, 200),
    openedAt: Instant.optional(),
  }),
  response: Session,
})

export const GetSession = route({
  id: 'sampling.session',
  method: 'GET',
  path: '/api/sampling/sessions/:id',
  summary: { zh: '一次采样的进度', en: 'A session and its counts' },
  params: z.strictObject({ id: z.uuid() }),
  response: Session,
})

export const CloseSession = route({
  id: 'sampling.close',
  method: 'POST',
  path: '/api/sampling/sessions/:id/close',
  load: 'emergency',
  summary: { zh: '结束采样', en: 'End sampling' },
  params: z.strictObject({ id: z.uuid() }),
  response: Session,
})

export const Identify = route({
  id: 'sampling.identify',
  method: 'POST',
  path: '/api/sampling/people',
  load: 'emergency',
  summary: {
    zh: '按证件、电话或码查看被采样人是谁，留痕；只查不登记，未登记的封管时登记',
    en: 'Look up somebody by code, number or telephone (recorded); registers nobody, sealing does',
  },
  body: z.strictObject({ sessionId: z.uuid(), member: Member }),
  response: z.object({
    /** Null for somebody whom the register does not have. */
    nameMasked: z.string().nullable(),
    /** Sealing a tube with them would register them. */
    isNew: z.boolean(),
  }),
})

export const SealedTube = z.strictObject({
  id: ClientId,
  code: TubeCode,
  kind: TubeKind,
  /** In the order of sampling. */
  members: z.array(Member).min(1).max(20),
  /** City time of the device; a clock that cannot be true is set right and marked. */
  sealedAt: Instant,
  /** The device says that it could not know the time: its clock was set, or it had never heard the city. Kept, and marked. */
  clockUnsure: z.literal(true).optional(),
})
export type SealedTube = z.infer<typeof SealedTube>

export const SealAnswer = z.object({
  id: z.uuid(),
  code: z.string(),
  /** Null when it is durable; else the code of the error, as in problem details. */
  refused: z.string().nullable(),
  title: z.string().nullable(),
  titleZh: z.string().nullable(),
})
export type SealAnswer = z.infer<typeof SealAnswer>

export const SealTubes = route({
  id: 'tubes.seal',
  method: 'POST',
  path: '/api/tubes',
  load: 'emergency',
  crowd: true,
  summary: {
    zh: '上报已封的采样管，每管各自答复，答复即已落盘',
    en: 'Report sealed tubes; each answers for itself, and what is answered is durable',
  },
  body: z.strictObject({ sessionId: z.uuid(), tubes: z.array(SealedTube).min(1).max(50) }),
  response: z.object({ tubes: z.array(SealAnswer) }),
})

export const PackBox = route({
  id: 'boxes.pack',
  method: 'POST',
  path: '/api/boxes',
  load: 'emergency',
  summary: { zh: '装箱', en: 'Pack tubes into a box' },
  body: z.strictObject({
    id: ClientId,
    code: BoxCode,
    sessionId: z.uuid(),
    tubes: z.array(TubeCode).min(1).max(400),
    /** City time of the device; one that cannot be true is the time of its coming. */
    at: Instant.optional(),
  }),
  response: z.object({
    code: z.string(),
    packed: z.int(),
    /** Tubes that are not in it: unknown, or in another box. */
    refused: z.array(z.object({ code: z.string(), why: z.enum(['unknown', 'other_box', 'not_sealed']) })),
  }),
})

export const CustodyKind = z.enum([
  'boxed',
  'collected',
  'redirected',
  'received',
  'contested',
  'released',
  'rejected',
  'tested',
  'destroyed',
])

export const CustodyEvent = z.object({
  kind: z.union([CustodyKind, z.literal('sealed')]),
  at: Instant,
  by: z.string(),
  lab: z.string().nullable(),
  note: z.string().nullable(),
})

const MovedBox = z.object({ code: z.string(), state: z.string(), lab: z.string().nullable(), tubes: z.int() })

export const MoveBox = route({
  id: 'boxes.move',
  method: 'POST',
  path: '/api/boxes/:code/events',
  load: 'emergency',
  summary: { zh: '箱的交接：取走、实验室签收', en: 'A box is collected, or received by a lab' },
  params: z.strictObject({ code: BoxCode }),
  body: z.strictObject({
    id: ClientId,
    kind: z.enum(['collected', 'received']),
    lab: typed(1, 80).optional(),
    note: typed(1, 500).optional(),
    /** City time of the device; one that cannot be true is the time of its coming. */
    at: Instant.optional(),
  }),
  response: MovedBox,
})

export const ReleaseBox = route({
  id: 'boxes.release',
  method: 'POST',
  path: '/api/boxes/:code/release',
  load: 'emergency',
  summary: {
    zh: '退回误签收的箱（须说明原因，且箱内各管都还没有结果），由应收的实验室签收',
    en: 'Let go of a box received by mistake, with the reason and while none of its tubes has a result, for the laboratory that it is meant for',
  },
  params: z.strictObject({ code: BoxCode }),
  body: z.strictObject({ id: ClientId, note: typed(2, 500) }),
  response: MovedBox,
})

export const MoveTube = route({
  id: 'tubes.move',
  method: 'POST',
  path: '/api/tubes/:code/events',
  summary: { zh: '拒收或销毁一支管', en: 'Reject or destroy one tube' },
  params: z.strictObject({ code: TubeCode }),
  body: z.strictObject({ id: ClientId, kind: z.enum(['rejected', 'destroyed']), note: typed(2, 500) }),
  response: z.object({ code: z.string(), state: TubeState }),
})

/** Of a second claim: nobody else gave a sample, or others did, whose sample is lost. */
export const ClaimOutcome = z.enum(['same_people', 'sample_again'])
export type ClaimOutcome = z.infer<typeof ClaimOutcome>

export const Custody = z.object({
  code: z.string(),
  kind: TubeKind,
  state: TubeState,
  placeCode: PlaceCode,
  place: z.string(),
  address: z.string(),
  box: z.string().nullable(),
  sealedAt: Instant,
  receivedAt: Instant,
  clockDoubted: z.boolean(),
  /** Masked; a full name is asked for on the person's own page, for a purpose. */
  members: z.array(
    z.object({
      n: z.int(),
      personId: z.uuid(),
      nameMasked: z.string(),
      /** Other tubes that this person gave a sample for on the same or a neighbouring day. */
      alsoIn: z.array(z.string()),
    }),
  ),
  events: z.array(CustodyEvent),
  /** What stands now. */
  result: z
    .object({
      outcome: z.enum(['negative', 'positive', 'inconclusive', 'invalid']),
      lab: z.string(),
      testedAt: Instant,
      receivedAt: Instant,
      /** Two people replaced what was said first. */
      correctedAt: Instant.nullable(),
    })
    .nullable(),
  /** What another device, or the same one later, said of this tube. */
  claims: z.array(
    z.object({
      id: z.uuid(),
      at: Instant,
      by: z.string(),
      members: z.int(),
      /** Masked, as the members are; `inTube` where they stand in the tube too. */
      people: z.array(z.object({ personId: z.uuid(), nameMasked: z.string(), inTube: z.boolean() })),
      orderId: z.uuid().nullable(),
      maySettle: z.boolean(),
      settled: z
        .object({ outcome: ClaimOutcome, reason: z.string(), at: Instant, by: z.string() })
        .nullable(),
    }),
  ),
})
export type Custody = z.infer<typeof Custody>

export const GetTube = route({
  id: 'tubes.get',
  method: 'GET',
  path: '/api/tubes/:code',
  summary: { zh: '一支管的全程：谁、何时、何地、经谁的手', en: 'The whole way of one tube' },
  params: z.strictObject({ code: TubeCode }),
  response: Custody,
})

export const SettleClaim = route({
  id: 'claims.settle',
  method: 'POST',
  path: '/api/tubes/:code/claims/:id/settlement',
  summary: {
    zh: '核实同一管码的另一份记录：同一批人，或通知重采（一次定案，须说明原因）',
    en: 'Settle a second record of a label, once and with the reason: the same people, or others who sample again',
  },
  params: z.strictObject({ code: TubeCode, id: z.uuid() }),
  body: z.strictObject({ id: ClientId, outcome: ClaimOutcome, reason: typed(2, 500) }),
  response: z.object({ id: z.uuid(), outcome: ClaimOutcome }),
})

export const GetMyCode = route({
  id: 'sampling.myCode',
  method: 'GET',
  path: '/api/my/code',
  summary: { zh: '我的采样码', en: 'My code for sampling' },
  response: z.object({
    code: z.string(),
    nameMasked: z.string(),
    validUntil: Instant,
    /** Seconds of wall time until then, for a device whose clock is wrong. */
    validForSeconds: z.int(),
    /** The code as a picture. */
    svg: z.string(),
  }),
})

export const PrintCodes = route({
  id: 'sampling.codes',
  method: 'POST',
  path: '/api/sampling/codes',
  summary: {
    zh: '为没有手机的人打印纸质码（按居委）',
    en: 'Paper codes for people without a telephone, by neighbourhood',
  },
  body: z.strictObject({
    placeCode: PlaceCode,
    after: z.uuid().optional(),
    limit: z.int().min(1).max(1000).default(200),
    /** Only those without a telephone of their own, or only the others; everybody without it. */
    phone: z.enum(['none', 'some']).optional(),
  }),
  response: z.object({
    items: z.array(
      z.object({
        code: z.string(),
        nameMasked: z.string(),
        personId: z.uuid(),
        placeCode: z.string(),
        place: z.string(),
      }),
    ),
    next: z.uuid().nullable(),
    /** Until when these codes hold (wall time). */
    validUntil: Instant,
  }),
})

/** Tubes of one place were sealed; said by the batch, not by the tube. */
export const TubesSealed = event(
  'tubes.sealed',
  z.object({ placeCode: z.string(), tubes: z.int(), people: z.int(), at: z.string() }),
)
