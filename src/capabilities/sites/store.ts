import { sql, type Selectable } from 'kysely'
import { meaning, type DB, type Db, type Trx } from '#kernel/db.ts'
import type { z } from 'zod'
import type { Pooling, SiteFacts, SiteKind, SiteSetting } from './contract.ts'
import type { OpeningRules } from './hours.contract.ts'

declare module '#kernel/db.ts' {
  interface DB {
    sampling_site: {
      id: string
      place_code: string
      name: string
      address: string
      lng: number
      lat: number
      rules: unknown
      hours_text: string
      source: string
      imported_at: Date
      kind: z.infer<typeof SiteKind>
      setting: z.infer<typeof SiteSetting> | null
      pooling: z.infer<typeof Pooling>
      desks: number
      version: number
      edited_at: Date | null
      ended_at: Date | null
    }
    site_change: {
      id: string
      site_id: string
      place_code: string
      version: number
      before: unknown
      after: unknown
      reason: string
      actor_id: string
      actor_name: string
      at: Date
    }
    site_minute: { site_id: string; minute: Date; people: number }
    site_queue: {
      id: string
      site_id: string
      people: number
      desks: number | null
      actor_id: string
      at: Date
    }
    site_slot: {
      id: string
      plan_id: string
      site_id: string
      place_code: string
      building: string | null
      people: number
      from_at: Date
      to_at: Date
      actor_id: string
      made_at: Date
    }
  }
}

meaning({ site_change_version: 'site_changed', site_queue_pkey: 'same_id_other_content' })

type Any = Db | Trx
export type SiteRow = Selectable<DB['sampling_site']>
export type SlotRow = Selectable<DB['site_slot']>
export type SiteRecord = Omit<SiteRow, 'rules'> & { rules: OpeningRules | null }

const toRecord = (row: SiteRow): SiteRecord => ({ ...row, rules: row.rules as OpeningRules | null })

export type ImportedRow = Pick<
  SiteRow,
  'id' | 'place_code' | 'name' | 'address' | 'lng' | 'lat' | 'source'
> & {
  rules: OpeningRules | null
  hours_text: string
}

/**
 * Puts published sites in; the same site of the same source again replaces itself, but for what somebody set by hand
 * since, and what says nothing new has no new version. Returns what became new or other, with what stood before.
 */
export async function putSites(
  trx: Trx,
  sites: readonly ImportedRow[],
  at: Date,
): Promise<{ before: SiteRecord | null; after: SiteRecord }[]> {
  const column = <T>(pick: (s: ImportedRow) => T) => sites.map(pick)
  // Two lists at once would each take the other's new sites for known ones.
  await sql`select pg_advisory_xact_lock(hashtext('sites import'))`.execute(trx)
  const stood = await trx
    .selectFrom('sampling_site')
    .selectAll()
    .where('id', '=', sql<string>`any(${column((s) => s.id)}::uuid[])`)
    .orderBy('id')
    .forUpdate()
    .execute()
  const before = new Map(stood.map((row) => [row.id, toRecord(row)]))
  const { rows } = await sql<SiteRow>`
    insert into sampling_site (id, place_code, name, address, lng, lat, rules, hours_text, source, imported_at)
    select *, ${at} from unnest(${column((s) => s.id)}::uuid[], ${column((s) => s.place_code)}::text[], ${column((s) => s.name)}::text[], ${column((s) => s.address)}::text[],
      ${column((s) => s.lng)}::float8[], ${column((s) => s.lat)}::float8[], ${column((s) => s.rules && JSON.stringify(s.rules))}::jsonb[], ${column((s) => s.hours_text)}::text[], ${column((s) => s.source)}::text[])
    on conflict (id) do update set place_code = excluded.place_code, lng = excluded.lng, lat = excluded.lat, rules = excluded.rules, hours_text = excluded.hours_text,
      imported_at = excluded.imported_at,
      version = sampling_site.version + ((sampling_site.place_code, sampling_site.lng, sampling_site.lat, sampling_site.rules, sampling_site.hours_text)
        is distinct from (excluded.place_code, excluded.lng, excluded.lat, excluded.rules, excluded.hours_text))::int
      where sampling_site.edited_at is null
    returning *`.execute(trx)
  return rows
    .map((row) => ({ before: before.get(row.id) ?? null, after: toRecord(row) }))
    .filter((one) => one.before?.version !== one.after.version)
}

export async function allSites(db: Any): Promise<SiteRecord[]> {
  const rows = await db.selectFrom('sampling_site').selectAll().orderBy('name').orderBy('id').execute()
  return rows.map(toRecord)
}

export async function findSiteRow(db: Any, id: string): Promise<SiteRecord | undefined> {
  const row = await db.selectFrom('sampling_site').selectAll().where('id', '=', id).executeTakeFirst()
  return row && toRecord(row)
}

export const lockSite = async (trx: Trx, id: string): Promise<SiteRecord | undefined> => {
  const row = await trx
    .selectFrom('sampling_site')
    .selectAll()
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst()
  return row && toRecord(row)
}

/** Writes the facts of a site, new or changed, and says what it is now. */
export async function writeSite(
  trx: Trx,
  id: string,
  facts: SiteFacts,
  given: { version: number; hoursText: string; at: Date; source: string; endedAt: Date | null },
): Promise<SiteRecord> {
  const values = {
    name: facts.name,
    place_code: facts.placeCode,
    address: facts.address,
    lng: facts.lng,
    lat: facts.lat,
    kind: facts.kind,
    setting: facts.setting,
    pooling: facts.pooling,
    desks: facts.desks,
    rules: facts.hours && JSON.stringify(facts.hours),
    hours_text: given.hoursText,
    version: given.version,
    edited_at: given.at,
    ended_at: given.endedAt,
  }
  const row = await trx
    .insertInto('sampling_site')
    .values({ id, ...values, source: given.source, imported_at: given.at })
    .onConflict((c) => c.column('id').doUpdateSet(values))
    .returningAll()
    .executeTakeFirstOrThrow()
  return toRecord(row)
}

/** The record of one change; nothing is changed without it. */
export const recordChange = (
  trx: Trx,
  change: Omit<Selectable<DB['site_change']>, 'before' | 'after'> & {
    before: SiteFacts | null
    after: SiteFacts
  },
) =>
  trx
    .insertInto('site_change')
    .values({
      ...change,
      before: change.before && JSON.stringify(change.before),
      after: JSON.stringify(change.after),
    })
    .execute()

export const changesOf = (db: Any, siteId: string, before: number, limit: number) =>
  db
    .selectFrom('site_change')
    .selectAll()
    .where('site_id', '=', siteId)
    .where('version', '<', before)
    .orderBy('version', 'desc')
    .limit(limit)
    .execute()

/** People who were sampled at sites, by minute of city time; called by whoever counts what was sealed. */
export async function addSampled(
  trx: Trx,
  rows: readonly { siteId: string; minute: Date; people: number }[],
): Promise<void> {
  if (rows.length === 0) return
  await sql`
    insert into site_minute (site_id, minute, people)
    select * from unnest(${rows.map((r) => r.siteId)}::uuid[], ${rows.map((r) => r.minute.toISOString())}::timestamptz[], ${rows.map((r) => r.people)}::int[])
    on conflict (site_id, minute) do update set people = site_minute.people + excluded.people`.execute(trx)
}

export type Seen = {
  sampled: number
  counted: number | null
  countedDesks: number | null
  countedAt: Date | null
}

/** What is known of every line: people sampled since an instant, and the newest count of each line. */
export async function seenAtSites(db: Any, since: Date, countedSince: Date): Promise<Map<string, Seen>> {
  const { rows } = await sql<{
    site_id: string
    sampled: number
    people: number | null
    desks: number | null
    at: Date | null
  }>`
    with pace as (select site_id, sum(people)::int as sampled from site_minute where minute >= ${since} group by 1),
      line as (select distinct on (site_id) site_id, people, desks, at from site_queue where at >= ${countedSince} order by site_id, at desc)
    select coalesce(p.site_id, l.site_id) as site_id, coalesce(p.sampled, 0) as sampled, l.people, l.desks, l.at
    from pace p full join line l on l.site_id = p.site_id`.execute(db)
  return new Map(
    rows.map((r) => [
      r.site_id,
      { sampled: r.sampled, counted: r.people, countedDesks: r.desks, countedAt: r.at },
    ]),
  )
}

/** Lets go of counts that nobody asks for any more. */
export async function dropOldCounts(db: Any, before: Date): Promise<void> {
  await db.deleteFrom('site_minute').where('minute', '<', before).execute()
  await db.deleteFrom('site_queue').where('at', '<', before).execute()
}
