import { z } from 'zod'
import { Bilingual, ClientId, Instant, route, typed } from '#kernel/contract.ts'

/** 协办: waiting for the step before, sent, being handled, answered, waived by the lead. */
export const PartState = z.enum(['waiting', 'sent', 'handling', 'answered', 'waived'])

export const PartAction = z.enum(['sign', 'answer', 'waive'])

export const Part = z.object({
  id: z.uuid(),
  n: z.int(),
  step: z.int(),
  unit: z.object({ id: z.string(), name: Bilingual }),
  task: Bilingual,
  state: PartState,
  startedAt: Instant.nullable(),
  dueAt: Instant.nullable(),
  signedAt: Instant.nullable(),
  endedAt: Instant.nullable(),
  late: z.boolean(),
  answer: z.string().nullable(),
  waivedReason: z.string().nullable(),
  /** What the asker may do with it now. */
  allowed: z.array(PartAction),
})
export type Part = z.infer<typeof Part>

const Helper = z.object({
  department: Bilingual,
  level: z.enum(['city', 'district', 'subdistrict']),
  task: Bilingual,
  minutes: z.int().nullable(),
  workingDays: z.int().nullable(),
})

export const Process = z.object({
  id: z.string(),
  name: Bilingual,
  elements: z.array(z.object({ id: z.string(), name: Bilingual })),
  start: z.enum(['at_once', 'offered']),
  lead: Bilingual,
  /** Helpers of one step work side by side, the steps in turn. */
  steps: z.array(z.array(Helper)),
  answer: Bilingual,
})
export type Process = z.infer<typeof Process>

export const ListProcesses = route({
  id: 'orders.processes',
  method: 'GET',
  path: '/api/processes',
  summary: { zh: '协同流程', en: 'Collaborative processes' },
  response: z.object({ items: z.array(Process) }),
})

const Parts = z.object({
  items: z.array(Part),
  /** The process that the order's matter has; `started` once its helpers have parts. */
  process: z.object({ started: z.boolean(), process: Process }).nullable(),
  /** The parts' answers in the words of the process, for the lead to go on from. */
  draft: z.string(),
  mayStart: z.boolean(),
  mayAdd: z.boolean(),
})
export type Parts = z.infer<typeof Parts>

export const GetParts = route({
  id: 'orders.parts',
  method: 'GET',
  path: '/api/orders/:id/parts',
  summary: { zh: '协办与流程', en: "Helpers' parts of an order and its process" },
  params: z.strictObject({ id: z.uuid() }),
  response: Parts,
})

export const AddPart = route({
  id: 'orders.addPart',
  method: 'POST',
  path: '/api/orders/:id/parts',
  summary: { zh: '请协办单位', en: 'Ask a unit to help; in turn after the others with `after`' },
  params: z.strictObject({ id: z.uuid() }),
  body: z
    .strictObject({
      id: ClientId,
      unitId: z.string().max(80),
      task: typed(1, 500),
      minutes: z.int().min(5).max(43_200).optional(),
      workingDays: z.int().min(1).max(30).optional(),
      /** Begins when everything before it has ended; else side by side with what runs now. */
      after: z.boolean().default(false),
    })
    .refine((b) => (b.minutes === undefined) !== (b.workingDays === undefined), 'one_span'),
  response: Parts,
})

export const ActOnPart = route({
  id: 'orders.actOnPart',
  method: 'POST',
  path: '/api/orders/:id/parts/:part',
  summary: { zh: '协办签收、答复、免办', en: 'Sign or answer a part, or waive it with a reason' },
  params: z.strictObject({ id: z.uuid(), part: z.uuid() }),
  body: z.strictObject({ id: ClientId, action: PartAction, note: typed(1, 2000).optional() }),
  response: Parts,
})

export const StartProcess = route({
  id: 'orders.startProcess',
  method: 'POST',
  path: '/api/orders/:id/process',
  summary: { zh: '启动协同流程', en: "Start the process of the order's matter" },
  params: z.strictObject({ id: z.uuid() }),
  body: z.strictObject({ id: ClientId }),
  response: Parts,
})
