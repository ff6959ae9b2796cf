import { sql } from 'kysely'
import type { App } from '#kernel/app.ts'
import { audit } from '#kernel/audit.ts'
import { may, scopeOf, type Actor } from '#kernel/auth.ts'
import { decodeCursor, encodeCursor } from '#kernel/cursor.ts'
import { asService, within, type Trx } from '#kernel/db.ts'
import { CityError } from '#kernel/errors.ts'
import type { Given } from '#kernel/http.ts'
import { labOf } from './custody.ts'
import { toResources, type Shown } from './fhir-map.ts'
import type { ReadResource, SearchReports } from './fhir.contract.ts'

type Row = {
  tube: string
  kind: number
  outcome: Shown['outcome']
  lab: string
  sealed_at: Date
  tested_at: Date
  received_at: Date
  corrected_at: Date | null
}

const toShown = (r: Row): Shown => ({
  tube: r.tube,
  kind: r.kind,
  outcome: r.outcome,
  lab: r.lab,
  sealedAt: r.sealed_at,
  testedAt: r.tested_at,
  receivedAt: r.received_at,
  correctedAt: r.corrected_at,
})

/** A laboratory reads its own results; staff with custody those of their places, as row-level security shows them. */
async function seen<T>(
  app: App,
  actor: Actor,
  work: (trx: Trx, lab: string | null) => Promise<T>,
): Promise<T> {
  if (may(actor, 'tubes.read')) return within(app.db, scopeOf(actor, 'tubes.read'), (trx) => work(trx, null))
  if (!may(actor, 'results.write')) throw new CityError('not_allowed')
  return within(app.db, { as: 'service' }, (trx) => work(trx, labOf(actor)))
}

/** ge/gt/le/lt and an instant, as FHIR writes it. */
function sinceOf(text: string | undefined): { op: string; at: Date } | undefined {
  if (text === undefined) return undefined
  const read = /^(ge|gt|le|lt)?(\d{4}-\d\d-\d\d.*)$/.exec(text)
  const at = new Date(read?.[2] ?? '')
  if (Number.isNaN(at.getTime()))
    throw new CityError('bad_input', { fields: [{ path: '_lastUpdated', code: 'not_an_instant' }] })
  return { op: read?.[1] ?? 'ge', at }
}

export async function searchReports(app: App, actor: Actor, { query, request }: Given<typeof SearchReports>) {
  const { _lastUpdated: updated, _count: limit } = query
  const since = sinceOf(updated)
  const after = decodeCursor(query.after)
  const changed = sql`coalesce(r.corrected_at, r.received_at)`
  const rows = await seen(app, actor, async (trx, lab) => {
    const conditions = [
      sql`true`,
      ...(lab === null ? [] : [sql`r.lab = ${lab}`]),
      ...(query['specimen.accession'] ? [sql`r.tube = ${query['specimen.accession']}`] : []),
      ...(since
        ? [sql`${changed} ${sql.raw({ ge: '>=', gt: '>', le: '<=', lt: '<' }[since.op]!)} ${since.at}`]
        : []),
      ...(after ? [sql`(${changed}, r.id) > (${after.at}, ${after.id}::uuid)`] : []),
    ]
    const found = await sql<Row & { id: string }>`
      select r.*, t.kind, t.sealed_at from result r join tube t on t.code = r.tube
      where ${sql.join(conditions, sql` and `)} order by ${changed}, r.id limit ${limit + 1}`.execute(trx)
    await asService(trx)
    await audit(trx, actor, 'results.export', lab ?? 'places', {
      data: { rows: Math.min(found.rows.length, limit) },
    })
    return found.rows
  })
  const shown = rows.slice(0, limit)
  const last = shown.at(-1)
  const base = `${request.protocol}://${request.host}/fhir`
  const next = new URLSearchParams(request.url.split('?')[1] ?? '')
  if (last) next.set('after', encodeCursor(last.corrected_at ?? last.received_at, last.id))
  return {
    resourceType: 'Bundle',
    type: 'searchset',
    link: [
      { relation: 'self', url: `${base.slice(0, -5)}${request.url}` },
      ...(rows.length > limit ? [{ relation: 'next', url: `${base}/DiagnosticReport?${next}` }] : []),
    ],
    entry: shown.flatMap((r) => {
      const { DiagnosticReport, Specimen, Observation } = toResources(toShown(r))
      const entry = (resource: { resourceType: string; id: string }, mode: string) => ({
        fullUrl: `${base}/${resource.resourceType}/${resource.id}`,
        resource,
        search: { mode },
      })
      return [entry(DiagnosticReport, 'match'), entry(Specimen, 'include'), entry(Observation, 'include')]
    }),
  }
}

export async function readResource(app: App, actor: Actor, { params }: Given<typeof ReadResource>) {
  const row = await seen(app, actor, async (trx, lab) => {
    const { rows } = await sql<Row>`
      select r.*, t.kind, t.sealed_at from result r join tube t on t.code = r.tube
      where r.tube = ${params.id} and (${lab}::text is null or r.lab = ${lab})`.execute(trx)
    return rows[0]
  })
  if (!row) throw new CityError('not_found')
  return toResources(toShown(row))[params.type]
}

export async function getMetadata(_app: App) {
  const search = (name: string, type: string) => ({ name, type })
  const reads = (type: string, more: object = {}) => ({ type, interaction: [{ code: 'read' }], ...more })
  return {
    resourceType: 'CapabilityStatement',
    status: 'active',
    date: '2026-11-22',
    kind: 'instance',
    software: { name: 'CityLoop' },
    implementation: { description: 'Results of pooled and single PCR samples, by tube', url: '/fhir' },
    fhirVersion: '4.0.1',
    format: ['application/fhir+json'],
    rest: [
      {
        mode: 'server',
        security: { description: 'Session cookie, or a machine key of a laboratory as Bearer token' },
        interaction: [{ code: 'batch' }, { code: 'transaction' }],
        resource: [
          reads('DiagnosticReport', {
            interaction: [{ code: 'read' }, { code: 'search-type' }],
            searchParam: [search('_lastUpdated', 'date'), search('specimen.accession', 'token')],
          }),
          reads('Observation'),
          reads('Specimen'),
        ],
      },
    ],
  }
}
