import { z } from 'zod'
import { ClientId, Instant, PlaceCode, event, route, typed } from '#kernel/contract.ts'
import { Decision } from '#capabilities/policy/packs.contract.ts'

export const AppealAnswer = z.enum(['changed', 'confirmed'])

/** An appeal as the person who filed it sees it. */
export const MyAppeal = z.object({
  id: z.uuid(),
  /** Of its order. */
  number: z.string(),
  decision: Decision,
  text: z.string(),
  filedAt: Instant,
  /** By when it is answered; null once it is. */
  dueAt: Instant.nullable(),
  overdue: z.boolean(),
  answer: z
    .object({ answer: AppealAnswer, reasons: z.string(), at: Instant, decision: Decision.nullable() })
    .nullable(),
})
export type MyAppeal = z.infer<typeof MyAppeal>

/** The same for whoever answers; `mayAnswer` is false for the person who made the decision. */
export const Appeal = MyAppeal.extend({ place: z.string(), placeCode: PlaceCode, mayAnswer: z.boolean() })
export type Appeal = z.infer<typeof Appeal>

export const FileAppeal = route({
  id: 'appeals.file',
  method: 'POST',
  path: '/api/my/appeals',
  summary: { zh: '对一项关于我的决定提出申诉', en: 'Appeal against a decision about me' },
  body: z.strictObject({ id: ClientId, decisionId: z.uuid(), text: typed(2, 2000) }),
  response: MyAppeal,
})

export const ListMyAppeals = route({
  id: 'appeals.mine',
  method: 'GET',
  path: '/api/my/appeals',
  summary: { zh: '我的申诉', en: 'My appeals' },
  response: z.object({ items: z.array(MyAppeal) }),
})

export const ListAppeals = route({
  id: 'appeals.list',
  method: 'GET',
  path: '/api/appeals',
  summary: {
    zh: '待答复的申诉，按剩余时间',
    en: 'Appeals to answer, by remaining time; or the answered ones',
  },
  query: z.strictObject({ answered: z.enum(['yes', 'no']).default('no'), place: PlaceCode.optional() }),
  response: z.object({
    items: z.array(Appeal.omit({ text: true, decision: true, answer: true }).extend({ kind: z.string() })),
  }),
})

export const GetAppeal = route({
  id: 'appeals.get',
  method: 'GET',
  path: '/api/appeals/:id',
  summary: {
    zh: '一件申诉：决定、依据和本人的话',
    en: 'One appeal: the decision, its grounds and what the person says',
  },
  params: z.strictObject({ id: z.uuid() }),
  response: Appeal,
})

export const AnswerAppeal = route({
  id: 'appeals.answer',
  method: 'POST',
  path: '/api/appeals/:id/answer',
  summary: {
    zh: '答复申诉：维持或改变，须说明理由',
    en: 'Answer an appeal: confirm or change, with reasons',
  },
  params: z.strictObject({ id: z.uuid() }),
  body: z.strictObject({
    id: ClientId,
    answer: AppealAnswer,
    reasons: typed(2, 2000),
    /** What is decided instead: what of the outcome is different. Needed when the answer is `changed`. */
    outcome: z.json().optional(),
  }),
  response: Appeal,
})

/** A decision was replaced after an appeal; whoever acts on that kind of decision acts anew. */
export const DecisionChanged = event(
  'decision.changed',
  z.object({
    decisionId: z.uuid(),
    insteadOf: z.uuid(),
    kind: z.string(),
    subjectId: z.uuid(),
    personId: z.uuid(),
    outcome: z.json(),
    reasons: z.string(),
    appealId: z.uuid(),
    by: z.string(),
  }),
)
