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

/** The system of our labels; an identifier without one is taken for a label too. */
export const TUBES = 'urn:cityloop:tube'

/** The entries of a bundle; without any it has none, for no list of FHIR is empty (R4, json.html). */
export function entriesOf<T, E>(of: readonly T[], entries: (one: T, n: number) => E[]): { entry?: E[] } {
  return of.length > 0 ? { entry: of.flatMap(entries) } : {}
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
  /** What the centre for disease control found of the tube's one person: its word is the answer. */
  found: { outcome: Outcome; at: Date } | null
}

const coded = (system: string, { code, display }: { code: string; display?: string }) => ({
  coding: [{ system, code, ...(display && { display }) }],
})

const CENTRE = { display: '疾病预防控制中心 · Centre for disease control' }

/** The Observation that holds the laboratory's own word where the centre's stands above it. */
export const ofLaboratory = (tube: string): string => `${tube}-lab`

type Resource = { resourceType: string; id: string } & Record<string, unknown>

/**
 * Specimen, Observation and DiagnosticReport of one tube, as FHIR R4. There is one Observation of a tube's name, and it is
 * what stands: where the centre found something, it is the centre's (`amended`), derived from the laboratory's, which
 * keeps its own word under `ofLaboratory`. So a reader that takes the first observation takes the right one, and none meets
 * two that contradict each other. Of a finding only detected or not is told: how ill somebody is does not travel.
 */
export function toResources(
  r: Shown,
): Record<'Specimen' | 'Observation' | 'DiagnosticReport' | 'laboratory', Resource> {
  const saidAt = r.correctedAt ?? r.receivedAt
  const changedAt = r.found && r.found.at > saidAt ? r.found.at : saidAt
  const said = r.correctedAt ? 'corrected' : 'final'
  const status = r.found ? 'amended' : said
  const meta = { lastUpdated: changedAt.toISOString() }
  const specimen = { reference: `Specimen/${r.tube}` }
  const lab = [{ display: r.lab }]
  const observation = {
    resourceType: 'Observation',
    category: [coded('http://terminology.hl7.org/CodeSystem/observation-category', { code: 'laboratory' })],
    code: coded(PCR.system, {
      code: PCR.code,
      display:
        'SARS-CoV-2 (COVID-19) RNA [Presence] in Respiratory system specimen by NAA with probe detection',
    }),
    effectiveDateTime: r.testedAt.toISOString(),
    specimen,
  }
  const laboratory = {
    ...observation,
    id: r.found ? ofLaboratory(r.tube) : r.tube,
    meta: { lastUpdated: saidAt.toISOString() },
    status: said,
    issued: saidAt.toISOString(),
    performer: lab,
    valueCodeableConcept: coded(SNOMED, CODES[r.outcome]),
  }
  return {
    Specimen: {
      resourceType: 'Specimen',
      id: r.tube,
      meta,
      accessionIdentifier: { system: TUBES, value: r.tube },
      status: 'available',
      collection: { collectedDateTime: r.sealedAt.toISOString() },
      // A pool is one specimen of several people; who they are does not travel.
      ...(r.kind > 1 && { note: [{ text: `Pooled sample, up to ${r.kind} people` }] }),
    },
    laboratory,
    Observation: r.found
      ? {
          ...observation,
          id: r.tube,
          meta,
          status,
          issued: r.found.at.toISOString(),
          performer: [CENTRE],
          valueCodeableConcept: coded(SNOMED, CODES[r.found.outcome]),
          derivedFrom: [{ reference: `Observation/${ofLaboratory(r.tube)}` }],
        }
      : laboratory,
    DiagnosticReport: {
      resourceType: 'DiagnosticReport',
      id: r.tube,
      meta,
      status,
      category: [coded('http://terminology.hl7.org/CodeSystem/v2-0074', { code: 'LAB' })],
      code: coded(PCR.system, { code: PCR.code }),
      effectiveDateTime: r.testedAt.toISOString(),
      issued: changedAt.toISOString(),
      performer: lab,
      specimen: [specimen],
      result: [{ reference: `Observation/${r.tube}` }],
      ...(r.found && {
        resultsInterpreter: [CENTRE],
        conclusion: `Found by the centre: ${CODES[r.found.outcome].display}. The laboratory had reported: ${CODES[r.outcome].display}.`,
      }),
    },
  }
}
