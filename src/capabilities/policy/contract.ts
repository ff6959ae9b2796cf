import { z } from 'zod'
import { Bilingual, route } from '#kernel/contract.ts'

/** Where an order of this element goes first. */
export const Level = z.enum(['city', 'district', 'subdistrict'])

export const Element = z.object({
  id: z.string(),
  name: Bilingual,
  scene: z.string(),
  department: z.string(),
  level: Level,
  /** Words that point to the element in what people write. */
  words: z.array(z.string()),
  urgent: z.boolean(),
  /** The handling clock: city minutes or working days; the other is null. */
  handleMinutes: z.int().nullable(),
  handleWorkingDays: z.int().nullable(),
})
export type Element = z.infer<typeof Element>

export const Parameter = z.object({
  id: z.string(),
  value: z.union([z.number(), z.string(), z.boolean()]),
  unit: z.string(),
  source: z.string(),
  mark: z.enum(['published', 'other-source', 'set-by-us']),
  clause: z.string(),
})
export type Parameter = z.infer<typeof Parameter>

/** What a rule says: open where the evidence does not suffice to say. */
export const RuleOutcome = z.enum(['passed', 'failed', 'open'])
export type RuleOutcome = z.infer<typeof RuleOutcome>

export const Pack = z.object({
  id: z.string(),
  version: z.string(),
  title: Bilingual,
  inForceFrom: z.string(),
  parameters: z.array(Parameter),
})
export type Pack = z.infer<typeof Pack>

export const GetPack = route({
  id: 'policy.get',
  method: 'GET',
  path: '/api/policy',
  summary: { zh: '现行政策包', en: 'The policy pack in force' },
  response: Pack,
})

export const ListElements = route({
  id: 'policy.elements',
  method: 'GET',
  path: '/api/elements',
  summary: { zh: '要素字典：部门、场景、要素', en: 'Element dictionary: departments, scenes, elements' },
  response: z.object({
    departments: z.array(z.object({ id: z.string(), name: Bilingual })),
    scenes: z.array(z.object({ id: z.string(), name: Bilingual })),
    elements: z.array(Element),
  }),
})

export const Answer = z.object({ id: z.string(), question: Bilingual, answer: Bilingual })

export const SearchAnswers = route({
  id: 'policy.answers',
  method: 'GET',
  path: '/api/answers',
  summary: { zh: '政策问答', en: 'Questions and answers that fit a text' },
  load: 'glance',
  query: z.strictObject({ q: z.string().max(300).default('') }),
  response: z.object({ items: z.array(Answer) }),
})
