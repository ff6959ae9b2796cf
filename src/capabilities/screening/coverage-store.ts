import { sql } from 'kysely'
import type { Db, Trx } from '#kernel/db.ts'
import { addSampled } from '#capabilities/sites/index.ts'

declare module '#kernel/db.ts' {
  interface DB {
    screening_round: {
      id: string
      place_code: string
      plan_id: string
      title: string
      starts_on: string
      ends_on: string
      actor_id: string
      opened_at: Date
      ended_at: Date | null
    }
    tested: { person_id: string; day: string; place_code: string; at: Date }
    tested_count: { day: string; place_code: string; n: number }
    people_count: { place_code: string; n: number }
    coverage_mark: { one: boolean; xact: string; counted_at: Date }
  }
}

/** Tubes taken into the count in one statement. */
const TUBES = 5_000

/**
 * Counts whom new tubes hold: everything below the oldest transaction that is still running, once. A person counts for a
 * day where they live, however many tubes they are in. Returns how many tubes were taken; call until it is 0.
 */
export async function countTested(db: Db, now: Date): Promise<number> {
  return db.transaction().execute(async (trx) => {
    await sql`insert into coverage_mark (xact, counted_at) values ('0', ${now}) on conflict do nothing`.execute(
      trx,
    )
    const { rows } = await sql<{ mark: string; upto: string; tubes: number }>`
      with m as (select xact from coverage_mark for update),
      part as (select t.xact from tube t, m where t.xact >= m.xact and t.xact < pg_snapshot_xmin(pg_current_snapshot()) order by t.xact limit ${TUBES})
      select m.xact::text as mark, (select count(*) from part) as tubes,
        -- A transaction's tubes are taken together or not at all.
        coalesce((select case when count(*) < ${TUBES} then pg_snapshot_xmin(pg_current_snapshot())::text else (max(xact)::text::bigint + 1)::text end from part), m.xact::text) as upto
      from m`.execute(trx)
    const { mark, upto, tubes } = rows[0]!
    if (tubes > 0)
      await sql`
        with fresh as (
          insert into tested (person_id, day, place_code, at)
          select distinct on (s.person_id, s.day) s.person_id, s.day, p.place_code, t.received_at
          from tube t join sample s on s.tube = t.code join person p on p.id = s.person_id
          where t.xact >= ${mark}::xid8 and t.xact < ${upto}::xid8
          order by s.person_id, s.day, t.received_at
          on conflict do nothing returning day, place_code
        )
        insert into tested_count (day, place_code, n)
        select day, left(place_code, 12), count(*) from fresh group by 1, 2
        on conflict (day, place_code) do update set n = tested_count.n + excluded.n`.execute(trx)
    if (tubes > 0) await addSampled(trx, await sampledAtSites(trx, mark, upto))
    await sql`update coverage_mark set xact = ${upto}::xid8, counted_at = ${now}`.execute(trx)
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

/** How many live where, by neighbourhood; a walk over everybody, once a minute. */
export async function countPeople(db: Db): Promise<void> {
  await db.transaction().execute(async (trx) => {
    await sql`delete from people_count`.execute(trx)
    await sql`
      insert into people_count (place_code, n)
      select left(place_code, 12), count(*) from person where erased_at is null and merged_into is null group by 1`.execute(
      trx,
    )
  })
}

/** `tested` counts everybody, `missing` only those who owe a test. */
export type PlaceCount = { place: string; people: number; owing: number; tested: number; missing: number }

/**
 * People, those who owe a test and those tested, of the places right below one, from counts by neighbourhood: 6,500 rows
 * at most however many people live there.
 */
export async function coverageBelow(
  db: Db,
  place: string,
  day: string,
  depth: number,
): Promise<PlaceCount[]> {
  const { rows } = await sql<PlaceCount>`
    with rounds as (
      select place_code from screening_round where starts_on <= ${day}::date and ends_on >= ${day}::date and (ended_at is null)
    )
    select left(code, ${depth}) as place, sum(people)::bigint as people, sum(tested)::bigint as tested,
      coalesce(sum(people) filter (where owes), 0)::bigint as owing,
      coalesce(sum(people - tested) filter (where owes), 0)::bigint as missing
    from (
      select c.place_code as code, c.n as people, least(coalesce(t.n, 0), c.n) as tested,
        exists (select from rounds r where starts_with(c.place_code, r.place_code)) as owes
      from people_count c left join tested_count t on t.day = ${day}::date and t.place_code = c.place_code
      where c.place_code >= ${place} and c.place_code < ${`${place}~`}
    ) n group by 1 order by 1`.execute(db)
  return rows
}
