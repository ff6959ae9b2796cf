import { z } from 'zod'
import { route } from '#kernel/contract.ts'

/** Why a round easily misses somebody, as their neighbourhood knows it. */
export const Need = z.enum(['bedridden', 'night_shift'])
export type Need = z.infer<typeof Need>

export const SetNeeds = route({
  id: 'people.needs',
  method: 'POST',
  path: '/api/people/:id/needs',
  summary: {
    zh: '登记长期卧床、夜班（留痕，本人可见）',
    en: 'Says that somebody is bedridden or on night shift; audited and shown to them',
  },
  params: z.strictObject({ id: z.uuid() }),
  body: z.strictObject({ needs: z.array(Need).max(2) }),
  response: z.object({ id: z.uuid(), needs: z.array(Need) }),
})
