import type pg from 'pg'
import { labelOf } from '#capabilities/screening/label.contract.ts'
import { newId, type Answer } from './city.ts'

export const FHIR = { 'content-type': 'application/fhir+json' }
let labels = 7000

/** A tube that a laboratory has received. */
export async function receivedTube(
  db: pg.Client,
  unit = 'lab.simulated',
  code = labelOf('T', ++labels),
): Promise<string> {
  const box = labelOf('B', Number(code.slice(1, 12)))
  const session = newId()
  await db.query(
    `insert into sampling_session (id, place_code, address, actor_id, opened_at) values ($1, '310115016001001', '模拟', 'a', now())`,
    [session],
  )
  await db.query(
    `insert into sample_box (code, client_id, content_hash, session_id, place_code, lab, state, packed_at, actor_id) values ($1, $2, 'h', $2, '310115016001001', $3, 'received', now(), 'a')`,
    [box, session, unit],
  )
  await db.query(
    `insert into tube (code, client_id, content_hash, kind, members, session_id, place_code, box, state, sealed_at, received_at, actor_id) values ($1, $2, 'h', 10, 2, $2, '310115016001001', $3, 'received', now(), now(), 'a')`,
    [code, session, box],
  )
  return code
}

export const sct = (...codes: string[]) => ({
  coding: codes.map((code) => ({ system: 'http://snomed.info/sct', code })),
})
export const PCR = { coding: [{ system: 'http://loinc.org', code: '94500-6' }], text: 'SARS-CoV-2 RNA' }

export const specimen = (tube: string) => ({
  resourceType: 'Specimen',
  accessionIdentifier: { system: 'urn:lab', value: tube },
  extension: [{ url: 'urn:x', valueString: 'y' }],
})
export const observation = (code: string, more: object = {}) => ({
  resourceType: 'Observation',
  status: 'final',
  code: PCR,
  valueCodeableConcept: sct(code),
  effectiveDateTime: '2022-06-08T20:15:00+08:00',
  device: { display: 'PCR 7' },
  ...more,
})

/** As a laboratory system writes it: three resources that name each other by urn, with extras that we do not know. */
export function reported(tube: string, code: string, more: { observation?: object; report?: object } = {}) {
  const [s, o] = [`urn:uuid:${newId()}`, `urn:uuid:${newId()}`]
  const report = {
    resourceType: 'DiagnosticReport',
    status: 'final',
    code: PCR,
    specimen: [{ reference: s }],
    result: [{ reference: o }],
    issued: '2022-06-08T20:20:00+08:00',
    ...more.report,
  }
  return [
    { fullUrl: s, resource: specimen(tube), request: { method: 'POST', url: 'Specimen' } },
    {
      fullUrl: o,
      resource: observation(code, more.observation),
      request: { method: 'POST', url: 'Observation' },
    },
    { resource: report, request: { method: 'POST', url: 'DiagnosticReport' } },
  ]
}

export const bundle = (type: string, entry: unknown[]) => ({
  resourceType: 'Bundle',
  type,
  meta: { profile: ['urn:own'] },
  entry,
})

export const statuses = (a: Answer): string[] =>
  a.body.entry.map((e: { response: { status: string } }) => e.response.status.slice(0, 3))
