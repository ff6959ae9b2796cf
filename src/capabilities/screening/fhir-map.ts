import type { Outcome } from './results.contract.ts'

/** SARS-CoV-2 RNA in respiratory specimen by NAA with probe detection (LOINC); what a screening laboratory reports. */
export const PCR = { system: 'http://loinc.org', code: '94500-6' }
export const SNOMED = 'http://snomed.info/sct'
/** SNOMED CT codes of an outcome; the first is the one that we write. */
export const CODES: Record<Outcome, { code: string; display: string }> = {
  negative: { code: '260415000', display: 'Not detected' },
  positive: { code: '260373001', display: 'Detected' },
  inconclusive: { code: '419984006', display: 'Inconclusive' },
  invalid: { code: '125154007', display: 'Specimen unsatisfactory for evaluation' },
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
