import { z } from 'zod'
import { Bilingual, PlaceCode, route } from '#kernel/contract.ts'

export const Hospital = z.object({
  id: z.uuid(),
  name: z.string(),
  placeCode: PlaceCode,
  place: z.string(),
  address: z.string(),
  lng: z.number(),
  lat: z.number(),
  emergency: z.enum(['open', 'suspended', 'green_channel']),
  emergencyName: Bilingual,
  suspended: z.array(z.string()),
  open: z.array(z.string()),
  phones: z.array(z.object({ kind: z.string(), number: z.string() })),
  metres: z.number().nullable(),
  source: z.string(),
})
export type Hospital = z.infer<typeof Hospital>

export const FindHospitals = route({
  id: 'care.hospitals',
  method: 'GET',
  path: '/api/hospitals',
  summary: {
    zh: '医院：急诊是否开放、停诊科室',
    en: 'Hospitals: emergency room open, departments suspended',
  },
  query: z.strictObject({
    lng: z.coerce.number().min(-180).max(180).optional(),
    lat: z.coerce.number().min(-90).max(90).optional(),
    place: PlaceCode.optional(),
    /** Only these emergency rooms. */
    emergency: z.enum(['open', 'suspended', 'green_channel']).optional(),
    limit: z.coerce.number().int().min(1).max(500).default(50),
  }),
  response: z.object({ items: z.array(Hospital), total: z.int() }),
})
