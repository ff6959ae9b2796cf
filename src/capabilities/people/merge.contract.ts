import { z } from 'zod'
import { ClientId, event, Instant, page, PlaceCode, route, typed } from '#kernel/contract.ts'
import { PersonRow } from './contract.ts'

/** Two records that may be one person: the same telephone and name, or the same name, birth date and address. */
export const DuplicatePair = z.object({
  id: z.uuid(),
  why: z.enum(['phone_name', 'name_birth_residence']),
  foundAt: Instant,
  /** The older record first: the one that is proposed to be kept. */
  people: z.array(PersonRow).length(2),
})
export type DuplicatePair = z.infer<typeof DuplicatePair>

export const ListDuplicates = route({
  id: 'people.duplicates',
  method: 'GET',
  path: '/api/people/duplicates',
  summary: { zh: '疑似重复的登记', en: 'Records of a place that may be one person, undecided' },
  query: z.strictObject({
    place: PlaceCode.optional(),
    after: z.string().max(300).optional(),
    limit: z.coerce.number().int().min(1).max(100).default(20),
  }),
  response: page(DuplicatePair),
})

export const DismissDuplicate = route({
  id: 'people.dismissDuplicate',
  method: 'POST',
  path: '/api/people/duplicates/:id/different',
  summary: { zh: '确认不是同一人', en: 'These are two people; the pair is not shown again' },
  params: z.strictObject({ id: z.uuid() }),
  response: z.object({ ok: z.literal(true) }),
})

export const Merge = z.object({
  id: z.uuid(),
  keeper: PersonRow,
  /** As it was when it was merged. */
  duplicate: PersonRow,
  reason: z.string(),
  /** How many rows went along. */
  moved: z.int(),
  at: Instant,
  by: z.string(),
  undoneAt: Instant.nullable(),
})
export type Merge = z.infer<typeof Merge>

export const MergePeople = route({
  id: 'people.merge',
  method: 'POST',
  path: '/api/people/merges',
  summary: {
    zh: '合并两份登记',
    en: 'Make one record of two: everything of the duplicate goes to the one that is kept',
  },
  body: z.strictObject({ id: ClientId, keeperId: z.uuid(), duplicateId: z.uuid(), reason: typed(4, 500) }),
  response: Merge,
})

export const ListMerges = route({
  id: 'people.merges',
  method: 'GET',
  path: '/api/people/merges',
  summary: { zh: '合并记录', en: 'Merges of a place, newest first' },
  query: z.strictObject({
    place: PlaceCode.optional(),
    limit: z.coerce.number().int().min(1).max(100).default(50),
  }),
  response: z.object({ items: z.array(Merge) }),
})

export const UndoMerge = route({
  id: 'people.undoMerge',
  method: 'POST',
  path: '/api/people/merges/:id/undo',
  summary: {
    zh: '撤销合并',
    en: 'Give back exactly what was moved; what came to the kept record since stays there',
  },
  params: z.strictObject({ id: z.uuid() }),
  body: z.strictObject({ reason: typed(4, 500) }),
  response: Merge,
})

/** Two records are one: who holds something by the duplicate's id outside of the tables finds the keeper now. */
export const PeopleMerged = event(
  'people.merged',
  z.object({ mergeId: z.uuid(), keeperId: z.uuid(), duplicateId: z.uuid() }),
)
export const MergeUndone = event(
  'people.merge_undone',
  z.object({ mergeId: z.uuid(), keeperId: z.uuid(), duplicateId: z.uuid() }),
)
