import { z } from 'zod'
import type { Outcome } from './results.contract.ts'

/** SARS-CoV-2 RNA in respiratory specimen by NAA with probe detection (LOINC); what a screening laboratory reports. */
export const PCR = { system: 'http://loinc.org', code: '94500-6' }
const SNOMED = 'http://snomed.info/sct'
/** SNOMED CT codes of an outcome; the first is the one that we write. */
export const CODES: Record<Outcome, { code: string; display: string }> = {
  negative: { code: '260415000', display: 'Not detected' },
  positive: { code: '260373001', display: 'Detected' },
  inconclusive: { code: '419984006', display: 'Inconclusive' },
  invalid: { code: '125154007', display: 'Specimen unsatisfactory for evaluation' },
}

const Coding = z.looseObject({ system: z.string().optional(), code: z.string().optional() })
const Concept = z.looseObject({ coding: z.array(Coding).default([]) })
const Reference = z.looseObject({ reference: z.string().optional() })
const When = z.string().optional()

const Specimen = z.looseObject({
  resourceType: z.literal('Specimen'),
  id: z.string().optional(),
  accessionIdentifier: z.looseObject({ value: z.string().optional() }).optional(),
  identifier: z.array(z.looseObject({ value: z.string().optional() })).default([]),
})
const Observation = z.looseObject({
  resourceType: z.literal('Observation'),
  id: z.string().optional(),
  status: z.string().optional(),
  code: Concept.optional(),
  valueCodeableConcept: Concept.optional(),
  specimen: Reference.optional(),
  effectiveDateTime: When,
  issued: When,
  contained: z.array(z.unknown()).default([]),
})
const DiagnosticReport = z.looseObject({
  resourceType: z.literal('DiagnosticReport'),
  id: z.string().optional(),
  status: z.string().optional(),
  specimen: z.array(Reference).default([]),
  result: z.array(Reference).default([]),
  effectiveDateTime: When,
  issued: When,
  contained: z.array(z.unknown()).default([]),
})
export const Bundle = z.looseObject({
  resourceType: z.literal('Bundle'),
  type: z.string(),
  entry: z
    .array(
      z.looseObject({
        fullUrl: z.string().optional(),
        resource: z.looseObject({ resourceType: z.string() }).optional(),
      }),
    )
    .max(5_000)
    .default([]),
})
export type Bundle = z.infer<typeof Bundle>

/** What one entry of a bundle reports; or why it reports nothing. */
export type Read =
  | { entry: number; ok: true; tube: string; outcome: Outcome; testedAt: Date }
  | { entry: number; ok: false; code: 'required' | 'code-invalid' | 'value' | 'not-found'; text: string }

const FINAL = new Set(['final', 'amended', 'corrected', undefined])

function outcomeOf(concept: z.infer<typeof Concept> | undefined): Outcome | undefined {
  for (const { system, code } of concept?.coding ?? [])
    if (system === undefined || system === SNOMED)
      for (const [outcome, known] of Object.entries(CODES)) if (known.code === code) return outcome as Outcome
  return undefined
}

/**
 * Reads the observations of a bundle: each with its specimen (its own reference, or that of the report which names it),
 * as entries, contained resources, by fullUrl or by type and id. Entries that are no observations report nothing.
 */
export function readBundle(bundle: Bundle): Read[] {
  const byName = new Map<string, unknown>()
  const know = (names: (string | undefined)[], resource: unknown) => {
    for (const name of names) if (name) byName.set(name, resource)
  }
  for (const { fullUrl, resource } of bundle.entry) {
    if (!resource) continue
    const { resourceType, id } = resource as { resourceType: string; id?: string }
    know([fullUrl, id && `${resourceType}/${id}`], resource)
  }
  const find = (reference: string | undefined, contained: readonly unknown[]): unknown => {
    if (reference === undefined) return undefined
    if (reference.startsWith('#'))
      return contained.find((c) => (c as { id?: string } | null)?.id === reference.slice(1))
    return byName.get(reference) ?? byName.get(reference.split('/').slice(-2).join('/'))
  }
  const label = (reference: z.infer<typeof Reference> | undefined, contained: readonly unknown[]) => {
    const specimen = Specimen.safeParse(find(reference?.reference, contained))
    if (!specimen.success) return undefined
    return specimen.data.accessionIdentifier?.value ?? specimen.data.identifier[0]?.value
  }

  const out: Read[] = []
  const reported = new Set<unknown>()
  const observe = (
    entry: number,
    raw: unknown,
    report?: {
      specimen: z.infer<typeof Reference> | undefined
      contained: readonly unknown[]
      at: string | undefined
    },
  ) => {
    const read = Observation.safeParse(raw)
    if (!read.success) {
      out.push({ entry, ok: false, code: 'value', text: 'not an Observation' })
      return
    }
    const o = read.data
    const contained = [...o.contained, ...(report?.contained ?? [])]
    const isPcr = (o.code?.coding ?? []).some(
      (c) => c.code === PCR.code && (c.system ?? PCR.system) === PCR.system,
    )
    const tube = label(o.specimen ?? report?.specimen, contained)
    const outcome = outcomeOf(o.valueCodeableConcept)
    const when = new Date(o.effectiveDateTime ?? o.issued ?? report?.at ?? '')
    const fail = (code: 'required' | 'code-invalid' | 'value' | 'not-found', text: string) =>
      out.push({ entry, ok: false, code, text })
    if (!FINAL.has(o.status)) fail('value', `status ${o.status} is not final`)
    else if (!isPcr) fail('code-invalid', `code is not LOINC ${PCR.code}`)
    else if (tube === undefined) fail('not-found', 'no Specimen with an accessionIdentifier')
    else if (outcome === undefined) fail('code-invalid', 'valueCodeableConcept has no known SNOMED CT code')
    else if (Number.isNaN(when.getTime()))
      fail('required', 'effectiveDateTime or issued is missing or no instant')
    else out.push({ entry, ok: true, tube, outcome, testedAt: when })
  }

  bundle.entry.forEach(({ resource }, entry) => {
    const read = DiagnosticReport.safeParse(resource)
    if (!read.success) return
    const r = read.data
    for (const ref of r.result) {
      const o = find(ref.reference, r.contained)
      if (o === undefined) {
        out.push({ entry, ok: false, code: 'not-found', text: `no Observation ${ref.reference ?? ''}` })
        continue
      }
      if (reported.has(o)) continue
      reported.add(o)
      observe(entry, o, {
        specimen: r.specimen[0],
        contained: r.contained,
        at: r.effectiveDateTime ?? r.issued,
      })
    }
  })
  bundle.entry.forEach(({ resource }, entry) => {
    if (resource?.resourceType === 'Observation' && !reported.has(resource)) observe(entry, resource)
  })
  return out
}

/** A result as it is read out: what is kept, and nothing about people. */
export type Shown = {
  tube: string
  kind: number
  outcome: Outcome
  lab: string
  sealedAt: Date
  testedAt: Date
  receivedAt: Date
  correctedAt: Date | null
}

const coded = (system: string, { code, display }: { code: string; display?: string }) => ({
  coding: [{ system, code, ...(display && { display }) }],
})

/** Specimen, Observation and DiagnosticReport of one tube, as FHIR R4. */
export function toResources(
  r: Shown,
): Record<
  'Specimen' | 'Observation' | 'DiagnosticReport',
  { resourceType: string; id: string } & Record<string, unknown>
> {
  const status = r.correctedAt ? 'corrected' : 'final'
  const meta = { lastUpdated: (r.correctedAt ?? r.receivedAt).toISOString() }
  const specimen = { reference: `Specimen/${r.tube}` }
  const lab = [{ display: r.lab }]
  return {
    Specimen: {
      resourceType: 'Specimen',
      id: r.tube,
      meta,
      accessionIdentifier: { system: 'urn:cityloop:tube', value: r.tube },
      status: 'available',
      collection: { collectedDateTime: r.sealedAt.toISOString() },
      // A pool is one specimen of several people; who they are does not travel.
      ...(r.kind > 1 && { note: [{ text: `Pooled sample, up to ${r.kind} people` }] }),
    },
    Observation: {
      resourceType: 'Observation',
      id: r.tube,
      meta,
      status,
      category: [coded('http://terminology.hl7.org/CodeSystem/observation-category', { code: 'laboratory' })],
      code: coded(PCR.system, {
        code: PCR.code,
        display:
          'SARS-CoV-2 (COVID-19) RNA [Presence] in Respiratory system specimen by NAA with probe detection',
      }),
      effectiveDateTime: r.testedAt.toISOString(),
      issued: r.receivedAt.toISOString(),
      performer: lab,
      valueCodeableConcept: coded(SNOMED, CODES[r.outcome]),
      specimen,
    },
    DiagnosticReport: {
      resourceType: 'DiagnosticReport',
      id: r.tube,
      meta,
      status,
      category: [coded('http://terminology.hl7.org/CodeSystem/v2-0074', { code: 'LAB' })],
      code: coded(PCR.system, { code: PCR.code }),
      effectiveDateTime: r.testedAt.toISOString(),
      issued: r.receivedAt.toISOString(),
      performer: lab,
      specimen: [specimen],
      result: [{ reference: `Observation/${r.tube}` }],
    },
  }
}
