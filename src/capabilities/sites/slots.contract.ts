import { z } from 'zod'
import { ClientId, Instant, PlaceCode, route, typed } from '#kernel/contract.ts'

export const Slot = z.object({
  id: z.uuid(),
  planId: z.uuid(),
  siteId: z.uuid(),
  site: z.string(),
  address: z.string(),
  placeCode: PlaceCode,
  place: z.string(),
  /** Null: the whole place. */
  building: z.string().nullable(),
  people: z.int(),
  from: Instant,
  to: Instant,
})
export type Slot = z.infer<typeof Slot>

export const PlanSlots = route({
  id: 'slots.plan',
  method: 'POST',
  path: '/api/sites/:id/slots',
  summary: {
    zh: '按楼排采样时段，人人少排队',
    en: 'Give each building a time, so that nobody stands in line',
  },
  params: z.strictObject({ id: z.uuid() }),
  body: z.strictObject({
    planId: ClientId,
    placeCode: PlaceCode.refine((code) => code.length >= 12, 'place_too_wide'),
    from: Instant,
    /** In the order in which they come. */
    buildings: z
      .array(z.strictObject({ building: typed(1, 40).nullable(), people: z.int().min(1).max(20_000) }))
      .min(1)
      .max(200),
    /** Says what would be planned and stores nothing. */
    preview: z.boolean().default(false),
  }),
  response: z.object({
    items: z.array(Slot),
    /** Desks and people an hour that it was planned with. */
    desks: z.int(),
    perHour: z.number(),
    /** Where the site closes before the last building is done: from when on. */
    closesAt: Instant.nullable(),
    overruns: z.boolean(),
    /** People of other plans who were told to come to this site in the same time: they would stand in one line. */
    alsoExpected: z.int(),
  }),
})

export const ListSlots = route({
  id: 'slots.list',
  method: 'GET',
  path: '/api/sites/:id/slots',
  summary: { zh: '一个采样点某日的时段', en: 'The times given at a site on a day' },
  params: z.strictObject({ id: z.uuid() }),
  query: z.strictObject({ day: z.iso.date().optional() }),
  response: z.object({ items: z.array(Slot) }),
})

export const DropSlots = route({
  id: 'slots.drop',
  method: 'DELETE',
  path: '/api/slots/:planId',
  summary: { zh: '撤回一次排定的时段', en: 'Take back the times of one plan' },
  params: z.strictObject({ planId: z.uuid() }),
  response: z.object({ dropped: z.int() }),
})

export const ListMySlots = route({
  id: 'slots.mine',
  method: 'GET',
  path: '/api/my/slots',
  summary: { zh: '我家的采样时段', en: 'When my building is sampled' },
  response: z.object({
    items: z.array(
      Slot.extend({
        /** Yours by your registered address; null where that cannot be told. */
        mine: z.boolean().nullable(),
      }),
    ),
  }),
})
