import { z } from 'zod'
import { route } from '#kernel/contract.ts'

/** FHIR bodies follow their own specification: what we do not know is let through, never refused. */
const Resource = z.looseObject({ resourceType: z.string() })

const BYTES = 4 * 1024 * 1024

export const PostBundle = route({
  id: 'fhir.post',
  method: 'POST',
  path: '/fhir',
  load: 'emergency',
  speaks: 'fhir',
  summary: {
    zh: 'FHIR R4：实验室上报结果（Bundle）',
    en: 'FHIR R4: a laboratory reports results (Bundle: batch or transaction)',
  },
  upload: { types: ['application/fhir+json'], bytes: BYTES },
  response: Resource,
})

export const GetMetadata = route({
  id: 'fhir.metadata',
  method: 'GET',
  path: '/fhir/metadata',
  speaks: 'fhir',
  summary: { zh: 'FHIR R4：能力说明', en: 'FHIR R4: CapabilityStatement' },
  query: z.looseObject({}),
  response: Resource,
})

export const SearchReports = route({
  id: 'fhir.search',
  method: 'GET',
  path: '/fhir/DiagnosticReport',
  speaks: 'fhir',
  summary: { zh: 'FHIR R4：导出结果', en: 'FHIR R4: results, newest last, with specimen and observation' },
  query: z.looseObject({
    _lastUpdated: z.string().max(40).optional(),
    'specimen.accession': z.string().max(40).optional(),
    _count: z.coerce.number().int().min(1).max(500).default(100),
    /** Where the page before ended; given by the `next` link. */
    after: z.string().max(300).optional(),
  }),
  response: Resource,
})

export const ReadResource = route({
  id: 'fhir.read',
  method: 'GET',
  path: '/fhir/:type/:id',
  speaks: 'fhir',
  summary: { zh: 'FHIR R4：读取一项', en: 'FHIR R4: one DiagnosticReport, Observation or Specimen' },
  params: z.strictObject({
    type: z.enum(['DiagnosticReport', 'Observation', 'Specimen']),
    id: z.string().max(64),
  }),
  query: z.looseObject({}),
  response: Resource,
})
