import { isDeepStrictEqual } from 'node:util'
import { z } from 'zod'
import { SLACK_MS } from './clock-slack.ts'
import { dateTime } from './fhir-date.ts'
import { CODES, PCR, SNOMED } from './fhir-map.ts'
import { isLabel } from './label.contract.ts'
import type { Outcome } from './results.contract.ts'

const Coding = z.looseObject({ system: z.string().optional(), code: z.string().optional() })
const Concept = z.looseObject({ coding: z.array(Coding).default([]) })
const Reference = z.looseObject({ reference: z.string().optional() })
type Reference = z.infer<typeof Reference>
const Identifier = z.looseObject({ value: z.string().optional() })
/** FHIR R4, "Modifier extensions": whoever does not understand one must not use what it stands in. We understand none. */
const Unmodified = z.array(z.unknown()).max(0).optional()
const When = z.string().optional()

const Specimen = z.looseObject({
  resourceType: z.literal('Specimen'),
  modifierExtension: Unmodified,
  status: z.enum(['available', 'unavailable', 'unsatisfactory']).optional(),
  accessionIdentifier: Identifier.optional(),
  identifier: z.array(Identifier).default([]),
})
const Observation = z.looseObject({
  resourceType: z.literal('Observation'),
  modifierExtension: Unmodified,
  status: z.string().optional(),
  code: Concept.optional(),
  valueCodeableConcept: Concept.optional(),
  specimen: Reference.optional(),
  effectiveDateTime: When,
  effectiveInstant: When,
  issued: When,
  contained: z.array(z.unknown()).default([]),
})
const DiagnosticReport = z.looseObject({
  resourceType: z.literal('DiagnosticReport'),
  modifierExtension: Unmodified,
  status: z.string().optional(),
  specimen: z.array(Reference).default([]),
  result: z.array(Reference).default([]),
  effectiveDateTime: When,
  issued: When,
  contained: z.array(z.unknown()).default([]),
})
type DiagnosticReport = z.infer<typeof DiagnosticReport>
export const Bundle = z.looseObject({
  resourceType: z.literal('Bundle'),
  type: z.string(),
  entry: z
    .array(
      z.looseObject({
        fullUrl: z.string().optional(),
        resource: z.looseObject({ resourceType: z.string() }).optional(),
        request: z.looseObject({ method: z.string().optional() }).optional(),
      }),
    )
    .max(5_000)
    .default([]),
})
export type Bundle = z.infer<typeof Bundle>

/** Why something in a bundle is no result: the status of the entry's response, the code of its issue, and the words. */
export const REFUSALS = {
  method: [405, 'not-supported', 'Only POST and PUT report results', '只能以 POST 或 PUT 上报结果'],
  structure: [422, 'structure', 'This cannot be read as FHIR R4', '内容不符合 FHIR R4'],
  not_final: [422, 'value', 'The status is missing or not final', '状态缺失或不是最终结果'],
  report_not_final: [
    422,
    'value',
    'The status of the report is missing or not final',
    '报告状态缺失或不是最终报告',
  ],
  withdrawn: [
    422,
    'business-rule',
    'Another report in this bundle names this observation and is not final',
    '本包中另有未定稿的报告引用了这项检测',
  ],
  unclear: [
    422,
    'business-rule',
    'A report in this bundle cannot be read and may speak of this observation',
    '本包中有无法读取的报告，可能涉及这项检测',
  ],
  no_observation: [
    422,
    'not-found',
    'The Observation is not in this bundle, or two resources bear its name',
    '本包中没有这项检测，或有两项同名',
  ],
  not_pcr: [422, 'code-invalid', `The code is not LOINC ${PCR.code}`, `检测代码不是 LOINC ${PCR.code}`],
  no_specimen: [
    422,
    'not-found',
    'There is no one Specimen whose accessionIdentifier is the label of a tube',
    '没有唯一的、以管码为登记号的样本',
  ],
  no_outcome: [
    422,
    'code-invalid',
    'valueCodeableConcept has no SNOMED CT code that we know, or another one beside it',
    '结果代码不是已知的 SNOMED CT 代码，或另有未知代码',
  ],
  no_time: [
    422,
    'required',
    'effectiveDateTime or issued is missing, or says no day in the form of FHIR',
    '检测时间缺失，或不是 FHIR 规定的写法',
  ],
  ahead: [422, 'value', 'The time of the test has not come yet', '检测时间还没有到'],
  contradicts: [
    409,
    'conflict',
    'This bundle gives one tube two outcomes; none of them is taken',
    '本包对同一支管有两种结果，均未采用',
  ],
} as const satisfies Record<string, readonly [number, string, string, string]>
export type Refusal = keyof typeof REFUSALS

/** What a bundle says of a tube and where (`at`, FHIRPath); or why it says nothing there. `entry` answers for it. */
export type Read = { entry: number; at: string } & (
  | { ok: true; tube: string; outcome: Outcome; testedAt: Date }
  | { ok: false; why: Refusal }
)

const METHODS = new Set<string | undefined>(['POST', 'PUT'])
const FINAL = new Set<string | undefined>(['final', 'amended', 'corrected'])
const FINAL_REPORT = new Set<string | undefined>([...FINAL, 'appended'])

/** Every outcome that the codes name; `strange` where a code of SNOMED CT is none that we know. */
function outcomesOf(concept: z.infer<typeof Concept> | undefined) {
  const outcomes = new Set<Outcome>()
  let strange = false
  for (const { system, code } of concept?.coding ?? []) {
    if (system !== undefined && system !== SNOMED) continue
    const known = Object.entries(CODES).find(([, c]) => c.code === code)
    if (known) outcomes.add(known[0] as Outcome)
    else strange ||= system === SNOMED
  }
  return { outcomes, strange }
}

type Entry = { n: number; fullUrl: string | undefined; resource: { resourceType: string; id?: unknown } }
type Find = (reference: string | undefined, contained: readonly unknown[]) => readonly unknown[]

/** Finds all that a reference may mean: contained, by fullUrl, or by type and id. */
function finder(entries: readonly Entry[]): Find {
  const byName = new Map<string, unknown[]>()
  for (const { fullUrl, resource } of entries)
    for (const name of new Set([fullUrl, `${resource.resourceType}/${String(resource.id)}`]))
      if (name !== undefined) byName.set(name, [...(byName.get(name) ?? []), resource])
  return (reference, contained) => {
    if (reference === undefined) return []
    if (reference.startsWith('#'))
      return contained.filter((c) => (c as { id?: string } | null)?.id === reference.slice(1))
    const name = reference.replace(/\/_history\/[^/]*$/, '')
    return byName.get(name) ?? byName.get(name.split('/').slice(-2).join('/')) ?? []
  }
}

/** A name that different resources bear means none of them. */
const only = (found: readonly unknown[]): unknown =>
  found.every((f) => isDeepStrictEqual(f, found[0])) ? found[0] : undefined

/** The label of the tube that is meant; undefined unless it is exactly one. */
function labelIn(find: Find, references: readonly Reference[], contained: readonly unknown[]) {
  const specimens = references.length === 1 ? find(references[0]!.reference, contained) : []
  const { success, data } = Specimen.safeParse(only(specimens))
  if (!success) return undefined
  const accession = data.accessionIdentifier?.value
  const values = accession === undefined ? data.identifier.map((i) => i.value) : [accession]
  const labels = new Set(values.filter((v) => v !== undefined && isLabel('T', v)))
  return labels.size === 1 ? [...labels][0] : undefined
}

/** What one Observation claims: outcomes of a tube count against another's even where it is refused for its time. */
type Claim = { read: Read; tube?: string | undefined; outcomes?: ReadonlySet<Outcome> }

function observe(
  raw: unknown,
  where: { entry: number; at: string },
  find: Find,
  now: Date,
  report?: DiagnosticReport,
): Claim {
  const refused = (why: Refusal): Read => ({ ...where, ok: false, why })
  const parsed = Observation.safeParse(raw)
  if (!parsed.success) return { read: refused('structure') }
  const o = parsed.data
  if (!FINAL.has(o.status)) return { read: refused('not_final') }
  const isPcr = o.code?.coding.some((c) => c.code === PCR.code && (c.system ?? PCR.system) === PCR.system)
  if (!isPcr) return { read: refused('not_pcr') }
  const contained = [...o.contained, ...(report?.contained ?? [])]
  const tube = labelIn(find, o.specimen ? [o.specimen] : (report?.specimen ?? []), contained)
  if (tube === undefined) return { read: refused('no_specimen') }
  const { outcomes, strange } = outcomesOf(o.valueCodeableConcept)
  const claim = { tube, outcomes }
  const [outcome] = outcomes
  if (outcome === undefined || strange) return { ...claim, read: refused('no_outcome') }
  const said =
    o.effectiveDateTime ?? o.effectiveInstant ?? o.issued ?? report?.effectiveDateTime ?? report?.issued
  const span = said === undefined ? undefined : dateTime(said)
  if (!span || span.says === 'year' || span.says === 'month') return { ...claim, read: refused('no_time') }
  if (span.from.getTime() > now.getTime() + SLACK_MS) return { ...claim, read: refused('ahead') }
  return { ...claim, read: { ...where, ok: true, tube, outcome, testedAt: span.from } }
}

/** One outcome for a tube, as in a file: where a bundle names two, the order of its entries chooses none. */
function settle(claims: readonly Claim[]): Read[] {
  const said = new Map<string, Set<Outcome>>()
  for (const { tube, outcomes } of claims)
    if (tube !== undefined) said.set(tube, new Set([...(said.get(tube) ?? []), ...outcomes!]))
  return claims.map(({ read: { entry, at }, read, tube }) =>
    tube !== undefined && said.get(tube)!.size > 1 ? { entry, at, ok: false, why: 'contradicts' } : read,
  )
}

/**
 * Reads the observations of a bundle: each with its specimen (its own reference, or that of the report which names it),
 * as entries, contained resources, by fullUrl or by type and id. An observation that a report names is answered for at the
 * report's entry, and is a result only where report and observation are final. Other entries report nothing. `now` is
 * city time.
 */
export function readBundle(bundle: Bundle, now: Date): Read[] {
  const claims: Claim[] = []
  const refuse = (entry: number, at: string, why: Refusal) =>
    claims.push({ read: { entry, at, ok: false, why } })
  const entries = bundle.entry.flatMap(({ fullUrl, resource, request }, n): Entry[] => {
    if (request && !METHODS.has(request.method)) refuse(n, `Bundle.entry[${n}].request.method`, 'method')
    else if (resource) return [{ n, fullUrl, resource }]
    return []
  })
  const find = finder(entries)
  const placeOf = (n: number) => `Bundle.entry[${n}].resource`

  const final: { n: number; report: DiagnosticReport }[] = []
  const named = new Set<unknown>()
  const withdrawn = new Set<unknown>()
  let unclear = false
  for (const { n, resource } of entries) {
    if (resource.resourceType !== 'DiagnosticReport') continue
    const { success, data: report } = DiagnosticReport.safeParse(resource)
    if (!success) {
      unclear = true
      refuse(n, placeOf(n), 'structure')
      continue
    }
    const isFinal = FINAL_REPORT.has(report.status)
    if (isFinal) final.push({ n, report })
    else refuse(n, `${placeOf(n)}.status`, 'report_not_final')
    for (const { reference } of report.result)
      for (const observation of find(reference, report.contained)) {
        named.add(observation)
        if (!isFinal) withdrawn.add(observation)
      }
  }
  for (const { n, report } of final)
    for (const [i, { reference }] of report.result.entries()) {
      const found = find(reference, report.contained)
      const observation = only(found)
      const where = { entry: n, at: `${placeOf(n)}.result[${i}]` }
      if (observation === undefined) refuse(n, where.at, 'no_observation')
      else if (found.some((f) => withdrawn.has(f))) refuse(n, where.at, 'withdrawn')
      else claims.push(observe(observation, where, find, now, report))
    }
  for (const { n, resource } of entries)
    if (resource.resourceType === 'Observation' && !named.has(resource)) {
      if (unclear) refuse(n, placeOf(n), 'unclear')
      else claims.push(observe(resource, { entry: n, at: placeOf(n) }, find, now))
    }
  return settle(claims)
}
