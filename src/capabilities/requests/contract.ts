import { z } from 'zod'
import { Bilingual, ClientId, Instant, PlaceCode, event, page, route, typed } from '#kernel/contract.ts'
import { State, OrderRow, ClockKind } from '#capabilities/orders/contract.ts'
import { Word } from '#capabilities/places/contract.ts'
import { Phone } from '#capabilities/people/contract.ts'

export const Channel = z.enum(['phone', 'web', 'app', 'partner', 'district', 'subdistrict'])

/** What the platform took from a text; each part can be corrected by who sent it. */
export const Understanding = z.object({
  place: z.object({ code: PlaceCode, path: z.string(), confidence: z.number() }).nullable(),
  placeAlternatives: z.array(z.object({ code: PlaceCode, path: z.string() })),
  address: z.string().nullable(),
  element: z.object({ id: z.string(), name: Bilingual, confidence: z.number() }).nullable(),
  elementAlternatives: z.array(z.object({ id: z.string(), name: Bilingual })),
  /** The second matter of a text that holds two. */
  alsoAbout: z.array(z.object({ id: z.string(), name: Bilingual })),
  urgent: z.boolean(),
  urgency: z.object({ kind: z.string(), name: Bilingual }).nullable(),
  /** Words that led there, to be shown in the text. */
  words: z.array(Word),
  reasons: z.array(Bilingual),
  route: z
    .object({
      unitId: z.string(),
      name: Bilingual,
      /** How long handling may take: minutes or working days; the other is null. */
      handleMinutes: z.int().nullable(),
      handleWorkingDays: z.int().nullable(),
    })
    .nullable(),
  pack: z.string(),
})
export type Understanding = z.infer<typeof Understanding>

export const UnderstandText = route({
  id: 'requests.understand',
  method: 'POST',
  path: '/api/requests/understand',
  summary: {
    zh: '读懂一句诉求：地点、事项、紧急程度',
    en: 'What a text says: place, need, urgency and the words that led there',
  },
  load: 'read',
  body: z.strictObject({ text: z.string().max(2000), within: PlaceCode.optional() }),
  response: Understanding,
})

const Corrections = z.strictObject({
  placeCode: PlaceCode.optional(),
  address: typed(1, 120).optional(),
  element: z.string().max(80).optional(),
  /** A person can raise the urgency, never lower it below what was understood. */
  urgent: z.literal(true).optional(),
})

export const Step = z.object({
  state: State,
  name: Bilingual,
  at: Instant.nullable(),
  promisedAt: Instant.nullable(),
})
export type Step = z.infer<typeof Step>

/** A resident's own view of what they asked. */
export const MyRequest = z.object({
  id: z.uuid(),
  text: z.string(),
  receivedAt: Instant,
  place: z.string(),
  address: z.string().nullable(),
  understanding: Understanding,
  order: z.object({
    id: z.uuid(),
    number: z.string(),
    state: State,
    urgent: z.boolean(),
    unit: Bilingual.nullable(),
    dueAt: Instant.nullable(),
    dueKind: ClockKind.nullable(),
    overdue: z.boolean(),
    score: z.int().nullable(),
    mayRate: z.boolean(),
    mayReopen: z.boolean(),
    /** Answered at once, without a unit. */
    direct: z.boolean(),
    /** What the city asks back; the clock stands still until it is answered. */
    question: z.string().nullable(),
    suspendedUntil: Instant.nullable(),
    /** The order that this one was merged into: its progress is this one's. */
    lead: z
      .object({
        number: z.string(),
        state: State,
        unit: Bilingual.nullable(),
        dueAt: Instant.nullable(),
        overdue: z.boolean(),
      })
      .nullable(),
  }),
  /** Line of steps with the time each happened or is promised for. */
  steps: z.array(Step),
  messages: z.array(z.object({ at: Instant, from: z.string(), text: z.string() })),
})
export type MyRequest = z.infer<typeof MyRequest>

export const SendMyRequest = route({
  id: 'requests.sendMine',
  method: 'POST',
  path: '/api/my/requests',
  summary: { zh: '居民提交诉求', en: 'A resident asks the city' },
  load: 'emergency',
  body: z.strictObject({
    id: ClientId,
    text: typed(2, 2000),
    channel: z.enum(['web', 'app']).default('web'),
    corrections: Corrections.optional(),
  }),
  response: MyRequest,
})
export const ListMyRequests = route({
  id: 'requests.listMine',
  method: 'GET',
  path: '/api/my/requests',
  summary: { zh: '我的诉求', en: 'My requests, newest first' },
  query: z.strictObject({
    after: z.string().max(300).optional(),
    limit: z.coerce.number().int().min(1).max(50).default(20),
  }),
  response: page(MyRequest),
})
export const GetMyRequest = route({
  id: 'requests.getMine',
  method: 'GET',
  path: '/api/my/requests/:id',
  summary: { zh: '我的一条诉求', en: 'One of my requests' },
  params: z.strictObject({ id: z.uuid() }),
  response: MyRequest,
})
export const RateMyRequest = route({
  id: 'requests.rateMine',
  method: 'POST',
  path: '/api/my/requests/:id/rating',
  summary: { zh: '评价办理结果', en: 'Say whether it is solved and how it was' },
  params: z.strictObject({ id: z.uuid() }),
  body: z.strictObject({
    id: ClientId,
    solved: z.boolean(),
    score: z.int().min(1).max(5),
    note: typed(1, 1000).optional(),
  }),
  response: MyRequest,
})
export const ReopenMyRequest = route({
  id: 'requests.reopenMine',
  method: 'POST',
  path: '/api/my/requests/:id/reopen',
  summary: { zh: '没有解决，要求重办', en: 'Not solved: ask for it to be done again' },
  params: z.strictObject({ id: z.uuid() }),
  body: z.strictObject({ id: ClientId, note: typed(1, 1000) }),
  response: MyRequest,
})

export const AnswerMyRequest = route({
  id: 'requests.supplyMine',
  method: 'POST',
  path: '/api/my/requests/:id/answer',
  summary: { zh: '补充材料', en: 'Answer what was asked back' },
  params: z.strictObject({ id: z.uuid() }),
  body: z.strictObject({ id: ClientId, note: typed(1, 2000) }),
  response: MyRequest,
})

/** An agent, a partner or a hotline of a district or subdistrict takes down what somebody says. */
export const ReceiveRequest = route({
  id: 'requests.receive',
  method: 'POST',
  path: '/api/requests',
  summary: { zh: '话务员或合作方登记诉求', en: 'Take down a request for somebody else' },
  load: 'emergency',
  body: z.strictObject({
    id: ClientId,
    text: typed(2, 2000),
    channel: Channel.default('phone'),
    callId: ClientId.optional(),
    caller: z.strictObject({ name: typed(1, 40).optional(), phone: Phone.optional() }).optional(),
    corrections: Corrections.optional(),
  }),
  response: z.object({ requestId: z.uuid(), order: OrderRow, understanding: Understanding }),
})

export const GetRequest = route({
  id: 'requests.get',
  method: 'GET',
  path: '/api/requests/:id',
  summary: { zh: '一条诉求的原话（查看会留痕）', en: 'What was said, in full; looking is audited' },
  params: z.strictObject({ id: z.uuid() }),
  response: z.object({
    id: z.uuid(),
    channel: Channel,
    text: z.string(),
    understanding: Understanding,
    receivedAt: Instant,
    /** The id is what a reveal (people.reveal) is asked for. */
    person: z.object({ id: z.uuid(), nameMasked: z.string(), phoneMasked: z.string().nullable() }).nullable(),
  }),
})

/** Open orders near the place and about the same thing, while an agent types. */
export const FindSimilar = route({
  id: 'requests.similar',
  method: 'GET',
  path: '/api/requests/similar',
  summary: { zh: '附近同类未结工单', en: 'Open orders nearby about the same thing' },
  load: 'statistics',
  query: z.strictObject({ place: PlaceCode, element: z.string().max(80).optional() }),
  response: z.object({ items: z.array(OrderRow) }),
})

export const RecordCall = route({
  id: 'requests.call',
  method: 'POST',
  path: '/api/calls',
  summary: {
    zh: '登记一次来电（来电与诉求分别计数）',
    en: 'Record a call; calls and requests are counted apart',
  },
  load: 'emergency',
  body: z.strictObject({
    id: ClientId,
    line: z.enum(['12345', '96989', 'district', 'subdistrict']),
    placeCode: PlaceCode.default('31'),
    answered: z.boolean(),
  }),
  response: z.object({ id: z.uuid() }),
})

export const RequestReceived = event(
  'request.received',
  z.object({
    requestId: z.uuid(),
    personId: z.uuid().nullable(),
    placeCode: PlaceCode,
    address: z.string().nullable(),
    channel: Channel,
    understanding: Understanding,
    at: z.string(),
    simulated: z.boolean(),
  }),
)
