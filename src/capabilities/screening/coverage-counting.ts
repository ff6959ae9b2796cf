import { sql, type RawBuilder } from 'kysely'
import { dayOf } from '#kernel/clock.ts'
import type { Db, Trx } from '#kernel/db.ts'
import { COUNT_DEPTH, occupationGroup } from '#capabilities/people/index.ts'
import { addSampled } from '#capabilities/sites/index.ts'
import { STEP_MINUTES } from './coverage-rules.ts'
import { gave } from './recall-store.ts'

/** Tubes, and reports of self-tests, taken into the count in one statement. */
const TAKEN = 2_000
const DAY_MS = 86_400_000
/** Longer than anybody looks back (coverage-rules.ts). */
const PACE_KEPT = sql`interval '1 hour'`
const slotOf = (at: RawBuilder<unknown>) =>
  sql`date_bin(make_interval(mins => ${STEP_MINUTES}::int), ${at}, '2000-01-01 00:00+08')`

/** From where to where the next part of a growing table goes: below the oldest transaction that is still running. */
async function nextPart(db: Db, table: 'tube' | 'antigen_test', mark: 'xact' | 'antigen_xact') {
  const { rows } = await sql<{
    mark: string
    upto: string
    rows: number
    from: Date | null
    to: Date | null
  }>`
    with m as (select ${sql.ref(mark)} as xact from coverage_mark for update),
    part as (select t.xact, t.received_at from ${sql.table(table)} t, m where t.xact >= m.xact and t.xact < pg_snapshot_xmin(pg_current_snapshot()) order by t.xact limit ${TAKEN})
    select m.xact::text as mark, (select count(*) from part) as rows, (select min(received_at) from part) as from, (select max(received_at) from part) as to,
      -- What one transaction wrote is taken together or not at all.
      coalesce((select case when count(*) < ${TAKEN} then pg_snapshot_xmin(pg_current_snapshot())::text else (max(xact)::text::bigint + 1)::text end from part), m.xact::text) as upto
    from m`.execute(db)
  return rows[0]!
}

/**
 * Counts whom new tubes hold: everything below the oldest transaction that is still running, once. A person counts for a
 * day where they live, however many tubes they are in. `occupations` are those that the pack's plans name. Returns how
 * many tubes were taken; call until it is 0.
 */
export async function countTested(db: Db, now: Date, occupations: readonly string[]): Promise<number> {
  return db.transaction().execute(async (trx) => {
    await sql`insert into coverage_mark (xact, counted_at) values ('0', ${now}) on conflict do nothing`.execute(
      trx,
    )
    const { mark, upto, rows: tubes, from, to } = await nextPart(trx, 'tube', 'xact')
    if (from && to)
      await sql`
        with seen as (
          select distinct on (s.person_id, s.day) s.person_id, s.day, s.tube, t.received_at as at
          from tube t join sample s on s.tube = t.code
          -- The days that its tubes can count for (dayOfSample): other partitions are not looked into.
          where t.xact >= ${mark}::xid8 and t.xact < ${upto}::xid8 and s.day between ${dayOf(new Date(from.getTime() - DAY_MS))}::date and ${dayOf(to)}::date
          order by s.person_id, s.day, t.received_at
        ), counted as materialized (
          select s.day, left(p.place_code, ${COUNT_DEPTH}::int) as place_code, ${occupationGroup(occupations)} as occupation, s.at
          -- A record that was made one after the sealing stays beside its keeper where both are in the tube.
          from seen s join person p on p.id = s.person_id and p.merged_into is null
          -- Whoever is in another tube of the day that was taken before is counted. A value and not a condition: asked for
          -- person by person, since almost everybody is in one tube only, and never by reading the day.
          where (select true from sample o join tube u on u.code = o.tube
            where o.person_id = s.person_id and o.day = s.day and o.tube <> s.tube and u.xact < ${mark}::xid8 limit 1) is null
        ), pace as (
          -- What was sealed yesterday and came in after midnight brings today's end no nearer.
          insert into done_pace (place_code, occupation, nth, slot, n)
          select place_code, occupation, 0, ${slotOf(sql`at`)}, count(*) from counted where day = (at at time zone 'Asia/Shanghai')::date group by 1, 2, 4
          on conflict (place_code, occupation, nth, slot) do update set n = done_pace.n + excluded.n
        )
        insert into tested_count (day, place_code, occupation, n)
        select day, place_code, occupation, count(*) from counted group by 1, 2, 3
        on conflict (day, place_code, occupation) do update set n = tested_count.n + excluded.n`.execute(trx)
    if (tubes > 0)
      await sql`delete from done_pace where slot < ${now}::timestamptz - ${PACE_KEPT}`.execute(trx)
    if (tubes > 0) await addSampled(trx, await sampledAtSites(trx, mark, upto))
    // Behind the sealing, it is as old as the last tube it has: nobody is told that a figure is of now when it is not.
    const asOf =
      tubes < TAKEN
        ? sql`${now}`
        : sql`(select least(max(received_at), ${now}) from tube where xact >= ${mark}::xid8 and xact < ${upto}::xid8)`
    await sql`update coverage_mark set xact = ${upto}::xid8, counted_at = ${asOf}`.execute(trx)
    return tubes
  })
}

/** People sampled at sites by the minute in which their tube was sealed; a device whose clock was doubted says none. */
async function sampledAtSites(trx: Trx, mark: string, upto: string) {
  const { rows } = await sql<{ site_id: string; minute: Date; people: number }>`
    select s.site_id, date_trunc('minute', t.sealed_at) as minute, sum(t.members)::int as people
    from tube t join sampling_session s on s.id = t.session_id
    where t.xact >= ${mark}::xid8 and t.xact < ${upto}::xid8 and s.site_id is not null and not t.clock_doubted
    group by 1, 2`.execute(trx)
  return rows.map((r) => ({ siteId: r.site_id, minute: r.minute, people: r.people }))
}

/** The same for self-tests: how many of a place have reported a first, a second valid one that day. */
export async function countAntigen(db: Db, occupations: readonly string[]): Promise<number> {
  return db.transaction().execute(async (trx) => {
    await sql`insert into coverage_mark (xact, counted_at) values ('0', now()) on conflict do nothing`.execute(
      trx,
    )
    const { mark, upto, rows: reports } = await nextPart(trx, 'antigen_test', 'antigen_xact')
    if (reports > 0)
      await sql`
        with counted as materialized (
          select a.day, left(a.place_code, ${COUNT_DEPTH}::int) as place_code, ${occupationGroup(occupations)} as occupation, a.nth, a.received_at as at
          from antigen_test a join person p on p.id = a.person_id
          where a.xact >= ${mark}::xid8 and a.xact < ${upto}::xid8 and a.nth is not null
        ), pace as (
          insert into done_pace (place_code, occupation, nth, slot, n)
          select place_code, occupation, nth, ${slotOf(sql`at`)}, count(*) from counted where day = (at at time zone 'Asia/Shanghai')::date group by 1, 2, 3, 4
          on conflict (place_code, occupation, nth, slot) do update set n = done_pace.n + excluded.n
        )
        insert into antigen_count (day, place_code, occupation, nth, n)
        select day, place_code, occupation, nth, count(*) from counted group by 1, 2, 3, 4
        on conflict (day, place_code, occupation, nth) do update set n = antigen_count.n + excluded.n`.execute(
        trx,
      )
    await sql`update coverage_mark set antigen_xact = ${upto}::xid8`.execute(trx)
    return reports
  })
}

/**
 * Counts whom open recalls wait for, as the list of those missing says it person by person: a look at coverage cannot ask
 * for each of them whether they gave their single tube.
 */
export async function countRecalled(db: Db, day: string, occupations: readonly string[]): Promise<void> {
  await db.transaction().execute(async (trx) => {
    await sql`delete from recall_count`.execute(trx)
    await sql`
      insert into recall_count (place_code, occupation, n, tested)
      select left(p.place_code, ${COUNT_DEPTH}::int), ${occupationGroup(occupations)}, count(*), count(t.person_id)
      from (
        select distinct x.id from recall r cross join lateral unnest(r.person_id || r.household) as x (id)
        where r.answered_at is null and not ${gave(sql`x.id`)}
      ) called
        join person p on p.id = called.id and p.erased_at is null and p.merged_into is null
        left join lateral (select s.person_id from sample s where s.person_id = p.id and s.day = ${day}::date limit 1) t on true
      group by 1, 2`.execute(trx)
  })
}
