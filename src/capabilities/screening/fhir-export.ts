import { sql, type RawBuilder } from 'kysely'
import type { App } from '#kernel/app.ts'
import { audit } from '#kernel/audit.ts'
import { may, scopeOf, type Actor } from '#kernel/auth.ts'
import { decodeCursor, encodeCursor } from '#kernel/cursor.ts'
import { asService, within, type Trx } from '#kernel/db.ts'
import { CityError } from '#kernel/errors.ts'
import type { Given } from '#kernel/http.ts'
import { labOf } from './custody.ts'
import { searchDate } from './fhir-date.ts'
import { entriesOf, ofLaboratory, toResources, TUBES, type Shown } from './fhir-map.ts'
import type { ReadResource, SearchReports } from './fhir.contract.ts'

/** The most reports of one page. */
const PAGE = 500

type Row = {
  id: string
  tube: string
  kind: number
  outcome: Shown['outcome']
  lab: string
  sealed_at: Date
  tested_at: Date
  received_at: Date
  corrected_at: Date | null
  finding: 'confirmed' | 'asymptomatic' | 'negative' | null
  found_at: Date | null
  changed_at: Date
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
  found: r.finding && { outcome: r.finding === 'negative' ? 'negative' : 'positive', at: r.found_at! },
})

/** Of a tube with one member the centre's finding stands above the laboratory; of a pool it says nothing. */
const RESULTS = sql`
  select r.*, t.kind, t.sealed_at, f.outcome as finding, f.found_at,
    greatest(coalesce(r.corrected_at, r.received_at), f.found_at) as changed_at
  from result r join tube t on t.code = r.tube left join (
    select distinct on (tube) tube, outcome, found_at from finding where outcome is not null order by tube, found_at desc
  ) f on f.tube = r.tube and t.members = 1`

/** What row-level security lets staff see of results (migrations/000020), said once more for the service. */
const IN_SIGHT = sql`r.place_code >= current_setting('cityloop.lo') and r.place_code < current_setting('cityloop.hi')
  and cityloop_covers(r.place_code)`

/**
 * A laboratory reads its own results; staff with custody those of their places. Both as the service: whoever may see a
 * tube's result is told which word of it stands, also where the person lives elsewhere and their finding is out of sight.
 */
async function seen<T>(
  app: App,
  actor: Actor,
  work: (trx: Trx, mine: RawBuilder<unknown>, subject: string) => Promise<T>,
): Promise<T> {
  if (may(actor, 'tubes.read'))
    return within(app.db, scopeOf(actor, 'tubes.read'), async (trx) => {
      await asService(trx)
      return work(trx, IN_SIGHT, 'places')
    })
  if (!may(actor, 'results.write')) throw new CityError('not_allowed')
  const lab = labOf(actor)
  return within(app.db, { as: 'service' }, (trx) => work(trx, sql`r.lab = ${lab}`, lab))
}

/**
 * Up to when nothing can come any more. A result bears the instant at which its transaction began and is seen when it has
 * ended, so who asks for what is newer than the last would miss a late one: nothing is told from beyond the beginning of the
 * oldest transaction of ours that is still running (they last milliseconds, statements 15 s at most). City time; a change of
 * its speed meanwhile is not followed.
 */
async function settled(app: App): Promise<Date> {
  const now = app.clock.now().getTime()
  const age = await app.db.transaction().execute(async (trx) => {
    // Only whoever signed in to the database sees when its other sessions began.
    await sql`set local role none`.execute(trx)
    const { rows } = await sql<{ ms: number }>`
      select coalesce(max(extract(epoch from clock_timestamp() - xact_start)) * 1000, 0)::float8 as ms from pg_stat_activity
      where datname = current_database() and application_name = 'cityloop' and pid <> pg_backend_pid()`.execute(
      trx,
    )
    return rows[0]!.ms
  })
  return new Date(now - age * app.clock.speed())
}

const wrong = (path: string, code: string) => new CityError('bad_input', { fields: [{ path, code }] })

/** Each time that a parameter is given must hold, of the values between its commas one. */
const each = (given: string | string[] | undefined, one: (value: string) => RawBuilder<unknown>) =>
  [given ?? []].flat().map((values) => sql`(${sql.join(values.split(',').map(one), sql` or `)})`)

const changed = sql.ref('changed_at')
/** What we keep is an instant, what is asked for a span; so `sa` and `eb` mean what `gt` and `lt` do. */
const WITHIN: Record<string, (from: Date, to: Date) => RawBuilder<unknown>> = {
  eq: (from, to) => sql`(${changed} >= ${from} and ${changed} < ${to})`,
  ne: (from, to) => sql`(${changed} < ${from} or ${changed} >= ${to})`,
  ge: (from) => sql`${changed} >= ${from}`,
  gt: (_, to) => sql`${changed} >= ${to}`,
  le: (_, to) => sql`${changed} < ${to}`,
  lt: (from) => sql`${changed} < ${from}`,
  sa: (_, to) => sql`${changed} >= ${to}`,
  eb: (from) => sql`${changed} < ${from}`,
}

/** A prefix and a date (R4, search.html#date); a plus that a browser took for a space is a plus. */
function updated(text: string): RawBuilder<unknown> {
  const [, prefix = 'eq', date = ''] = /^([a-z]{2})?(.*)$/.exec(text) ?? []
  const span = searchDate(date.replace(' ', '+'))
  const holds = WITHIN[prefix]
  if (!span || !holds) throw wrong('_lastUpdated', 'not_a_date')
  return holds(span.from, span.to)
}

/** `value`, `system|value` or `system|`: labels are of our system, or of none that is named. */
function accession(token: string): RawBuilder<unknown> {
  const bar = token.indexOf('|')
  const [system, value] = bar < 0 ? ['', token] : [token.slice(0, bar), token.slice(bar + 1)]
  if (system !== '' && system !== TUBES) return sql`false`
  return value === '' && bar >= 0 ? sql`true` : sql`tube = ${value}`
}

export async function searchReports(app: App, actor: Actor, { query, request }: Given<typeof SearchReports>) {
  const { _count: count, _lastUpdated: lastUpdated } = query
  const limit = Math.min(count, PAGE)
  const after = decodeCursor(query.after)
  const labels = each(query['specimen.accession'], accession)
  const upTo = await settled(app)
  const conditions = [
    ...labels,
    ...each(lastUpdated, updated),
    // Whoever names tubes asks for what there is of them now and not for what is new.
    ...(labels.length > 0 ? [] : [sql`${changed} < ${upTo}`]),
    ...(after ? [sql`(${changed}, id) > (${after.at}, ${after.id}::uuid)`] : []),
  ]
  const rows = await seen(app, actor, async (trx, mine, subject) => {
    const found = await sql<Row>`
      select * from (${RESULTS} where ${mine}) results
      where ${sql.join([sql`true`, ...conditions], sql` and `)} order by changed_at, id limit ${limit + 1}`.execute(
      trx,
    )
    await audit(trx, actor, 'results.export', subject, { data: { rows: Math.min(found.rows.length, limit) } })
    return found.rows
  })
  const shown = rows.slice(0, limit)
  const last = shown.at(-1)
  const base = `${request.protocol}://${request.host}/fhir`
  const next = new URLSearchParams(request.url.split('?')[1] ?? '')
  if (last) next.set('after', encodeCursor(last.changed_at, last.id))
  return {
    resourceType: 'Bundle',
    type: 'searchset',
    // From here on the next search goes on: what is missing has changed later.
    meta: { lastUpdated: upTo.toISOString() },
    link: [
      { relation: 'self', url: `${base.slice(0, -5)}${request.url}` },
      ...(rows.length > limit ? [{ relation: 'next', url: `${base}/DiagnosticReport?${next}` }] : []),
    ],
    ...entriesOf(shown, (r) => {
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

const TYPES = ['DiagnosticReport', 'Observation', 'Specimen'] as const

export async function readResource(
  app: App,
  actor: Actor,
  { params: { type, id } }: Given<typeof ReadResource>,
) {
  const known = TYPES.find((t) => t === type)
  if (!known) throw new CityError('fhir_not_supported')
  const tube = id.replace(/-lab$/, '')
  const { rows } = await seen(app, actor, (trx, mine) =>
    sql<Row>`${RESULTS} where r.tube = ${tube} and ${mine}`.execute(trx),
  )
  const shown = rows[0] && toShown(rows[0])
  const own = shown?.found && type === 'Observation' && id === ofLaboratory(tube)
  if (!shown || (id !== tube && !own)) throw new CityError('not_found')
  return toResources(shown)[own ? 'laboratory' : known]
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
