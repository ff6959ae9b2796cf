import { z } from 'zod'
import { route } from '#kernel/contract.ts'

/** FHIR bodies follow their own specification: what we do not know is let through, never refused. */
const Resource = z.looseObject({ resourceType: z.string() })

/** A search parameter may be given several times: all of them must hold (R4, search.html#combining). */
const searched = (max: number) => {
  const one = z.string().max(max)
  return z.union([one, z.array(one).max(10)]).optional()
}

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
    _lastUpdated: searched(200),
    'specimen.accession': searched(2_000),
    /** More than a page holds is a full page. */
    _count: z.coerce.number().int().min(1).default(100),
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
    /** DiagnosticReport, Observation or Specimen; another type is not supported, which FHIR does not call a bad request. */
    type: z.string(),
    id: z.string(),
  }),
  query: z.looseObject({}),
  response: Resource,
})
