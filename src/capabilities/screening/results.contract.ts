import { z } from 'zod'
import { Bilingual, ClientId, Instant, PlaceCode, event, route, typed } from '#kernel/contract.ts'
import { MyAntigen } from './antigen.contract.ts'
import { TubeCode } from './custody.contract.ts'

export const Outcome = z.enum(['negative', 'positive', 'inconclusive', 'invalid'])
export type Outcome = z.infer<typeof Outcome>

export const ResultInput = z.strictObject({
  id: ClientId,
  tube: TubeCode,
  outcome: Outcome,
  testedAt: Instant,
})
export type ResultInput = z.infer<typeof ResultInput>

/** `held`: it contradicts what stands, and waits for two people. `early`: kept until the table has reported the tube. */
export const ResultAnswer = z.object({
  tube: z.string(),
  state: z.enum(['new', 'same', 'held', 'early', 'refused']),
  refused: z.string().nullable(),
  title: z.string().nullable(),
  titleZh: z.string().nullable(),
})
export type ResultAnswer = z.infer<typeof ResultAnswer>

export const PostResults = route({
  id: 'results.post',
  method: 'POST',
  path: '/api/results',
  load: 'emergency',
  summary: {
    zh: '实验室上报结果，按管；重复上报无害，矛盾的留待两人更正',
    en: 'A laboratory reports results by tube; the same again is harmless, a contradiction is held for two people',
  },
  body: z.strictObject({ results: z.array(ResultInput).min(1).max(1000) }),
  response: z.object({ results: z.array(ResultAnswer) }),
})

export const Hold = z.object({
  id: z.uuid(),
  tube: z.string(),
  stands: Outcome,
  said: Outcome,
  at: Instant,
  state: z.enum(['open', 'kept', 'replaced']),
  proposal: z.enum(['kept', 'replaced']).nullable(),
  proposalReason: z.string().nullable(),
  proposedAt: Instant.nullable(),
  decidedAt: Instant.nullable(),
  /** False for whoever proposed: another person decides. */
  mayDecide: z.boolean(),
})
export type Hold = z.infer<typeof Hold>

export const ListHolds = route({
  id: 'results.holds',
  method: 'GET',
  path: '/api/results/holds',
  summary: { zh: '矛盾结果，待两人更正', en: 'Contradictions waiting for two people' },
  response: z.object({ items: z.array(Hold) }),
})

export const ProposeHold = route({
  id: 'results.propose',
  method: 'POST',
  path: '/api/results/holds/:id/propose',
  summary: { zh: '提出更正意见（第一人）', en: 'Propose which stands: the first of two people' },
  params: z.strictObject({ id: z.uuid() }),
  body: z.strictObject({ proposal: z.enum(['kept', 'replaced']), reason: typed(2, 500) }),
  response: Hold,
})

export const DecideHold = route({
  id: 'results.decide',
  method: 'POST',
  path: '/api/results/holds/:id/decide',
  summary: { zh: '同意更正（第二人）', en: 'Agree: the second person' },
  params: z.strictObject({ id: z.uuid() }),
  body: z.strictObject({ proposal: z.enum(['kept', 'replaced']) }),
  response: Hold,
})

/**
 * What a person reads: never a positive (policy `results.positiveShown`), always what to do next and whom to call. `told`:
 * the centre gave its finding by telephone, and a card of it can be had.
 */
export const MyResultState = z.enum(['waiting', 'negative', 'being_checked', 'again', 'told', 'positive'])

export const MyResult = z.object({
  tube: z.string(),
  pooled: z.boolean(),
  sampledAt: Instant,
  state: MyResultState,
  testedAt: Instant.nullable(),
  uploadedAt: Instant.nullable(),
  lab: z.string().nullable(),
  next: Bilingual,
  call: z.string(),
})
export type MyResult = z.infer<typeof MyResult>

export const ListMyResults = route({
  id: 'results.mine',
  method: 'GET',
  path: '/api/my/results',
  summary: { zh: '我的检测结果', en: 'My results' },
  /** Self-tests beside the samples: they are the person's own word and have no card. */
  response: z.object({ items: z.array(MyResult), antigen: z.array(MyAntigen) }),
})

const Called = z.object({
  personId: z.uuid(),
  nameMasked: z.string(),
  /** Stands for the person in a tube; for whoever may seal one there, until the recall is answered. */
  code: z.string().nullable(),
  /** What is asked for was taken. */
  given: z.boolean(),
})

export const Recall = z.object({
  id: z.uuid(),
  /** What called them back: a tube, or a self-test that was reported. */
  tube: z.string().nullable(),
  antigenId: z.uuid().nullable(),
  why: z.enum(['positive', 'inconclusive', 'invalid', 'antigen']),
  placeCode: PlaceCode,
  place: z.string(),
  address: z.string(),
  openedAt: Instant,
  person: Called,
  household: z.array(Called),
  answeredBy: z.string().nullable(),
  answeredAt: Instant.nullable(),
})
export type Recall = z.infer<typeof Recall>

export const GetRecall = route({
  id: 'recalls.get',
  method: 'GET',
  path: '/api/recalls/:id',
  summary: { zh: '一张追阳单：本人和同住人', en: 'One recall: the person and those they live with' },
  params: z.strictObject({ id: z.uuid() }),
  response: Recall,
})

export const Finding = z.object({
  id: z.uuid(),
  tube: z.string(),
  placeCode: PlaceCode,
  outcome: z.enum(['confirmed', 'asymptomatic', 'negative']).nullable(),
  foundAt: Instant.nullable(),
  /** When the centre told the person by telephone; from then on they may carry a card of it. */
  toldAt: Instant.nullable(),
})

export const GetFinding = route({
  id: 'findings.get',
  method: 'GET',
  path: '/api/findings/:id',
  summary: { zh: '一项待复核的单管阳性', en: 'A positive single tube that the centre confirms' },
  params: z.strictObject({ id: z.uuid() }),
  response: Finding.extend({
    openedAt: Instant,
    /** Masked; a full name is asked for on the person's own page, for a purpose. */
    person: z.object({ personId: z.uuid(), nameMasked: z.string() }),
  }),
})

export const RecordFinding = route({
  id: 'findings.record',
  method: 'POST',
  path: '/api/findings/:id',
  summary: { zh: '疾控复核结论：以此为准', en: 'What the centre found: theirs is the answer' },
  params: z.strictObject({ id: z.uuid() }),
  body: z.strictObject({
    id: ClientId,
    outcome: z.enum(['confirmed', 'asymptomatic', 'negative']),
    note: typed(2, 1000),
  }),
  response: Finding,
})

export const TellFinding = route({
  id: 'findings.tell',
  method: 'POST',
  path: '/api/findings/:id/told',
  summary: { zh: '已由疾控电话告知本人', en: 'The centre told the person by telephone' },
  params: z.strictObject({ id: z.uuid() }),
  body: z.strictObject({ id: ClientId }),
  response: Finding,
})

/** A pool or a single tube is positive, traced to its box, compound and people. */
export const TubePositive = event(
  'tube.positive',
  z.object({
    tube: z.string(),
    box: z.string().nullable(),
    placeCode: z.string(),
    people: z.int(),
    single: z.boolean(),
    at: z.string(),
  }),
)
/** The centre confirmed an infection; later rooms begin their work here. */
export const InfectionFound = event(
  'infection.found',
  z.object({
    findingId: z.uuid(),
    personId: z.uuid(),
    tube: z.string(),
    placeCode: z.string(),
    outcome: z.enum(['confirmed', 'asymptomatic']),
    at: z.string(),
  }),
)
