import { sql, type Generated } from 'kysely'
import type { Db, Trx } from '#kernel/db.ts'
import type { ImportCounts } from './import.contract.ts'
import type { ImportProblem } from './import-words.contract.ts'
import type { Batch } from './import-worker.ts'

declare module '#kernel/db.ts' {
  interface DB {
    person_import: {
      id: string
      actor_id: string
      place_code: string
      file: string
      content_hash: string
      bytes: number
      state: 'reading' | 'ready' | 'storing' | 'done' | 'refused' | 'dropped'
      problem: ImportProblem | null
      counts: unknown
      created_at: Generated<Date>
      beat_at: Generated<Date>
    }
    person_import_row: {
      run_id: string
      line: number
      at: Generated<Date>
      status: string
      notes: string[]
      id: string | null
      place_code: string | null
      name_sealed: string | null
      known_id: string | null
      alike_id: string | null
      alike_why: string | null
    }
    person_duplicate: {
      id: string
      person_a: string
      person_b: string
      place_code: string
      why: string
      found_at: Date
      state: Generated<'open' | 'merged' | 'different'>
      decided_by: Generated<string | null>
      decided_at: Generated<Date | null>
    }
  }
}

type Any = Db | Trx

export const NO_COUNTS: ImportCounts = {
  total: 0,
  understood: 0,
  repaired: 0,
  refused: 0,
  unused: 0,
  fresh: 0,
  known: 0,
  alike: 0,
  progress: 0,
  stored: 0,
  filled: 0,
}

export const findRun = (db: Any, id: string) =>
  db.selectFrom('person_import').selectAll().where('id', '=', id).executeTakeFirst()

export const listRuns = (db: Any, places: readonly string[], limit: number) =>
  db
    .selectFrom('person_import')
    .selectAll()
    .where(sql<boolean>`exists (select from unnest(${[...places]}::text[]) p where place_code ^@ p)`)
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(limit)
    .execute()

/** Moves a run from one state to another; false when it was in none of those. */
export async function moveRun(
  db: Any,
  id: string,
  from: readonly string[],
  to: { state?: string; problem?: ImportProblem; counts?: ImportCounts },
): Promise<boolean> {
  const { rows } = await sql`
    update person_import set beat_at = now(), state = coalesce(${to.state ?? null}, state), problem = coalesce(${to.problem ?? null}, problem),
      counts = coalesce(${to.counts ? JSON.stringify(to.counts) : null}::jsonb, counts)
    where id = ${id}::uuid and state = any(${[...from]}::text[]) returning id`.execute(db)
  return rows.length > 0
}

/**
 * Puts lines where they wait, with whom the register knows already. One text a column: `unnest` of arrays that the
 * driver builds value by value took three times as long.
 */
export async function stageBatch(trx: Trx, runId: string, { columns }: Batch): Promise<void> {
  // A register that is young is small to the planner, which then reads all of it for every line.
  await sql`set local enable_seqscan = off`.execute(trx)
  const [
    line,
    status,
    notes,
    id,
    place,
    name,
    phone,
    phoneHash,
    kind,
    number,
    numberHash,
    year,
    month,
    sex,
    home,
    homeHash,
    alike,
    work,
    needs,
    simulated,
    above,
    why,
  ] = columns.map((text) => sql`string_to_array(${text}, E'\n', '')`)
  await sql`
    insert into person_import_row (run_id, line, status, notes, id, place_code, name_sealed, phone_sealed, phone_hash, id_kind, id_number_sealed,
      id_number_hash, birth_year, birth_month, sex, residence_sealed, residence_hash, alike_hash, occupation, needs, simulated, known_id, alike_id, alike_why)
    select ${runId}::uuid, s.line::int, s.status, string_to_array(coalesce(s.notes, ''), ','), case when l.erased then gen_random_uuid() else s.id end, s.place, s.name, s.phone, s.phone_hash, s.kind, s.number,
      s.number_hash, s.year, s.month, s.sex, s.home, s.home_hash, s.alike_hash, s.work, string_to_array(s.needs, ','), coalesce(s.simulated, false), k.id,
      case when k.id is null then coalesce(s.above, a.id, t.id) end,
      case when k.id is null then case when s.above is not null then s.why when a.id is not null then 'name_birth_residence' when t.id is not null then 'phone' end end
    from unnest(${line}, ${status}, ${notes}, ${id}::uuid[], ${place}, ${name}, ${phone}, ${phoneHash}, ${kind}, ${number}, ${numberHash}, ${year}::smallint[], ${month}::smallint[],
      ${sex}, ${home}, ${homeHash}, ${alike}, ${work}, ${needs}, ${simulated}::boolean[], ${above}::uuid[], ${why})
      as s (line, status, notes, id, place, name, phone, phone_hash, kind, number, number_hash, year, month, sex, home, home_hash, alike_hash, work, needs, simulated, above, why)
    -- Not one condition with "or": two short walks instead of two bitmaps joined for every line. (One join for all lines
    -- afterwards was tried: nobody has counted these rows yet, and the planner read them all for each person.)
    left join lateral (
      select coalesce(p.merged_into, p.id) as id from person p where p.erased_at is null and p.id_number_hash = s.number_hash limit 1) n on true
    -- Erased and registered again: the old row stays nobody's, the new one gets another id.
    left join lateral (select p.erased_at is not null as erased, coalesce(p.merged_into, p.id) as id from person p where p.id = s.id) l on true
    cross join lateral (select coalesce(n.id, case when not l.erased then l.id end) as id) k
    left join lateral (select p.id from person p where p.alike_hash = s.alike_hash and p.merged_into is null limit 1) a on true
    left join lateral (select p.id from person p where p.phone_hash = s.phone_hash and p.merged_into is null limit 1) t on true`.execute(
    trx,
  )
}

/** New lines whose telephone somebody has already; whether the names are one is the caller's to see. */
export async function phoneTwins(db: Any, runId: string, after: number, limit: number) {
  const { rows } = await sql<{ line: number; name: string; others: { id: string; name: string }[] }>`
    select r.line, r.name_sealed as name,
      (select jsonb_agg(o) from (select p.id, p.name_sealed as name from person p where p.phone_hash = r.phone_hash and p.merged_into is null limit 3) o) as others
    from person_import_row r where r.run_id = ${runId}::uuid and r.alike_why = 'phone' and r.line > ${after} order by r.line limit ${limit}`.execute(
    db,
  )
  return rows
}

export async function settleTwins(
  db: Any,
  runId: string,
  given: readonly { line: number; id: string | null }[],
): Promise<void> {
  await sql`
    update person_import_row r set alike_id = t.id, alike_why = case when t.id is not null then 'phone_name' end
    from unnest(${given.map((g) => g.line)}::int[], ${given.map((g) => g.id)}::uuid[]) as t (line, id)
    where r.run_id = ${runId}::uuid and r.line = t.line`.execute(db)
}

export async function countRun(db: Any, runId: string): Promise<ImportCounts> {
  const { rows } = await sql<ImportCounts>`
    select count(*) as total, count(*) filter (where status = 'understood') as understood, count(*) filter (where status = 'repaired') as repaired,
      count(*) filter (where status = 'refused') as refused, count(*) filter (where status = 'unused') as unused,
      count(*) filter (where id is not null and known_id is null) as fresh, count(known_id) as known, count(alike_id) as alike
    from person_import_row where run_id = ${runId}::uuid`.execute(db)
  return { ...NO_COUNTS, ...rows[0]!, progress: rows[0]!.total }
}

const between = (runId: string, from: number, to: number) =>
  sql`r.run_id = ${runId}::uuid and r.line > ${from} and r.line <= ${to} and r.id is not null`

/** Stores the new ones of some lines; whoever was registered meanwhile is left alone. Returns how many. */
export async function storeLines(
  trx: Trx,
  runId: string,
  from: number,
  to: number,
  now: Date,
): Promise<number> {
  const done = await sql`
    insert into person (id, place_code, name_sealed, phone_sealed, phone_hash, id_kind, id_number_sealed, id_number_hash, birth_year, birth_month, sex, residence_sealed,
      residence_hash, alike_hash, occupation, needs, simulated, created_at)
    select r.id, r.place_code, r.name_sealed, r.phone_sealed, r.phone_hash, r.id_kind, r.id_number_sealed, r.id_number_hash,
      r.birth_year, r.birth_month, r.sex, r.residence_sealed, r.residence_hash, r.alike_hash, r.occupation, r.needs, r.simulated, ${now}
    from person_import_row r
    where ${between(runId, from, to)} and r.known_id is null
      and not exists (select from person p where p.id_number_hash = r.id_number_hash)
    on conflict (id) do nothing`.execute(trx)
  return Number(done.numAffectedRows ?? 0n)
}

/**
 * Fills in what the register lacks of people it knows; what stands there is never overwritten, and nobody outside the
 * importer's place is touched. An address is taken with its place when the person was only known less exactly.
 */
export async function fillKnown(trx: Trx, runId: string, from: number, to: number, within: string) {
  const { rows } = await sql<{ id: string; place_code: string }>`
    update person p set
      phone_sealed = coalesce(p.phone_sealed, r.phone_sealed), phone_hash = coalesce(p.phone_hash, r.phone_hash),
      birth_year = coalesce(p.birth_year, r.birth_year),
      -- A month belongs to its year: a register of another year adds none.
      birth_month = case when coalesce(p.birth_year, r.birth_year) = r.birth_year then coalesce(p.birth_month, r.birth_month) else p.birth_month end, sex = coalesce(p.sex, r.sex), occupation = coalesce(p.occupation, r.occupation),
      needs = coalesce(p.needs, r.needs),
      residence_sealed = case when h.takes then r.residence_sealed else p.residence_sealed end,
      residence_hash = case when h.takes then r.residence_hash else p.residence_hash end,
      alike_hash = case when h.takes then r.alike_hash else p.alike_hash end,
      place_code = case when h.takes then r.place_code else p.place_code end
    from person_import_row r
      cross join lateral (select (select q.residence_hash is null and r.place_code ^@ q.place_code from person q where q.id = r.known_id)
        and r.residence_hash is not null as takes) h
    where ${between(runId, from, to)} and p.id = r.known_id and p.erased_at is null and p.place_code ^@ ${within}
      and (h.takes or (p.phone_hash is null and r.phone_hash is not null) or (p.birth_year is null and r.birth_year is not null)
        or (p.birth_month is null and p.birth_year = r.birth_year and r.birth_month is not null)
        or (p.sex is null and r.sex is not null) or (p.occupation is null and r.occupation is not null)
        or (p.needs is null and r.needs is not null))
    returning p.id, p.place_code`.execute(trx)
  return rows
}

/** Pairs for review of what was stored; both must be there. */
export async function alikeLines(trx: Trx, runId: string) {
  const { rows } = await sql<{ a: string; b: string; place_code: string; why: string }>`
    select p.id as a, q.id as b, r.place_code, r.alike_why as why from person_import_row r
    join person p on p.id = r.alike_id join person q on q.id = r.id
    where r.run_id = ${runId}::uuid and r.alike_id is not null and p.id <> q.id`.execute(trx)
  return rows
}

export async function putPairs(
  trx: Trx,
  pairs: readonly { id: string; a: string; b: string; place_code: string; why: string }[],
  now: Date,
): Promise<void> {
  const column = (pick: (p: (typeof pairs)[number]) => string) => pairs.map(pick)
  await sql`
    insert into person_duplicate (id, person_a, person_b, place_code, why, found_at)
    select *, ${now}::timestamptz from unnest(${column((p) => p.id)}::uuid[], ${column((p) => p.a)}::uuid[], ${column((p) => p.b)}::uuid[],
      ${column((p) => p.place_code)}::text[], ${column((p) => p.why)}::text[]) on conflict (id) do nothing`.execute(
    trx,
  )
}

export async function countLines(db: Any, runId: string): Promise<number> {
  const { rows } = await sql<{
    n: number
  }>`select count(*) as n from person_import_row where run_id = ${runId}::uuid`.execute(db)
  return rows[0]!.n
}

/** What an ended run still says of its lines: number, result and remarks, of nobody. */
export const bareLines = (db: Any, runId: string) =>
  sql`
    with plain as (delete from person_import_row where run_id = ${runId}::uuid and status = 'understood' and alike_id is null)
    update person_import_row set id = null, name_sealed = null, phone_sealed = null, phone_hash = null, id_kind = null, id_number_sealed = null,
      id_number_hash = null, birth_year = null, birth_month = null, sex = null, residence_sealed = null, residence_hash = null, alike_hash = null, occupation = null, needs = null
    where run_id = ${runId}::uuid and not (status = 'understood' and alike_id is null)`.execute(db)

export const dropLines = (db: Any, runId: string) =>
  db.deleteFrom('person_import_row').where('run_id', '=', runId).execute()
