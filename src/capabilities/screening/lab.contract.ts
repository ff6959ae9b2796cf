import { z } from 'zod'
import { Instant, PlaceCode, route } from '#kernel/contract.ts'
import { BoxCode, TubeKind, TubeState } from './custody.contract.ts'
import { Outcome } from './results.contract.ts'

export const LabBox = z.object({
  code: z.string(),
  placeCode: PlaceCode,
  place: z.string(),
  receivedAt: Instant,
  tubes: z.int(),
  /** Tubes that have no result yet and were not rejected. */
  waiting: z.int(),
  /** Other laboratories where the box was shown since it was received here. */
  contested: z.array(z.object({ lab: z.string(), at: Instant })),
})
export type LabBox = z.infer<typeof LabBox>

export const ListLabBoxes = route({
  id: 'boxes.mine',
  method: 'GET',
  path: '/api/labs/boxes',
  summary: { zh: '本实验室签收的箱，新的在前', en: 'Boxes that my laboratory received, newest packed first' },
  query: z.strictObject({ limit: z.coerce.number().int().min(1).max(200).default(50) }),
  response: z.object({ items: z.array(LabBox) }),
})

export const LabTube = z.object({
  code: z.string(),
  kind: TubeKind,
  state: TubeState,
  outcome: Outcome.nullable(),
})
export type LabTube = z.infer<typeof LabTube>

export const GetLabBox = route({
  id: 'boxes.get',
  method: 'GET',
  path: '/api/labs/boxes/:code',
  summary: {
    zh: '一箱里的管和结果（不含被采样人）',
    en: 'The tubes of a box with their results; nothing about the people',
  },
  params: z.strictObject({ code: BoxCode }),
  response: LabBox.extend({ items: z.array(LabTube) }),
})

export const ListEarly = route({
  id: 'labs.early',
  method: 'GET',
  path: '/api/labs/early',
  summary: {
    zh: '本实验室已收、采样点还没有上报的箱和管',
    en: 'What my laboratory holds that its sites have not reported yet',
  },
  response: z.object({
    boxes: z.array(z.object({ code: z.string(), at: Instant })),
    results: z.array(z.object({ tube: z.string(), outcome: Outcome, at: Instant })),
  }),
})
