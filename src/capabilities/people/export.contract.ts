import { z } from 'zod'
import { ClientId, PlaceCode, route, typed } from '#kernel/contract.ts'
import { RevealPurpose } from './contract.ts'

/** One file is a district of a few neighbourhoods, not a city: who needs more asks for it place by place. */
export const MOST_EXPORTED = { csv: 100_000, xlsx: 20_000 } as const

/**
 * The register of a place as a file. Masked unless `full`, which needs a purpose and leaves a line on the page of
 * everybody in it. A cell that a spreadsheet would run (= + - @, tab, line end first) begins with an apostrophe.
 */
export const ExportPeople = route({
  id: 'people.export',
  method: 'POST',
  path: '/api/people/export',
  summary: {
    zh: '导出一个地点的名册（默认脱敏；完整导出须说明用途，逐人留痕）',
    en: 'The register of a place as CSV or XLSX: masked, or in full for a purpose and shown to everybody in it',
  },
  load: 'statistics',
  body: z
    .strictObject({
      id: ClientId,
      place: PlaceCode,
      format: z.enum(['csv', 'xlsx']),
      full: z.boolean().default(false),
      purpose: RevealPurpose.optional(),
      note: typed(1, 500).optional(),
    })
    .refine((b) => !b.full || b.purpose !== undefined, { path: ['purpose'], message: 'purpose_missing' }),
  response: z.unknown(),
})
