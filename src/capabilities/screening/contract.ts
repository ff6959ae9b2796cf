import { z } from 'zod'
import { Instant, PlaceCode, route } from '#kernel/contract.ts'

export const Site = z.object({
  id: z.uuid(),
  name: z.string(),
  placeCode: PlaceCode,
  place: z.string(),
  address: z.string(),
  lng: z.number(),
  lat: z.number(),
  hoursText: z.string(),
  open: z.boolean().nullable(),
  closesAt: Instant.nullable(),
  nextOpening: Instant.nullable(),
  metres: z.number().nullable(),
  source: z.string(),
})
export type Site = z.infer<typeof Site>

export const FindSites = route({
  id: 'screening.sites',
  method: 'GET',
  path: '/api/sites',
  summary: { zh: '采样点：距离、是否开放、下次开放', en: 'Sampling sites: distance, open now, next opening' },
  query: z.strictObject({
    lng: z.coerce.number().min(-180).max(180).optional(),
    lat: z.coerce.number().min(-90).max(90).optional(),
    place: PlaceCode.optional(),
    open: z.stringbool().optional(),
    limit: z.coerce.number().int().min(1).max(500).default(50),
  }),
  /** `open` is null where the hours could not be understood. */
  response: z.object({ items: z.array(Site), total: z.int() }),
})
