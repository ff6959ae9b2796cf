import type pg from 'pg'
import { percentile, round, SEED, signIn, table, withBench, type Claim } from './harness.ts'

/** The first size is what the promise is about; `PEOPLE` adds how it grows. */
const FIRST = 1_000_000
const SIZES = [FIRST, ...(process.env.PEOPLE ? [Number(process.env.PEOPLE)] : [])]
const LOOKS = 60
/** A subdistrict as large as the city's own are on average: 25 million people in 216 of them. */
const SUBDISTRICT = '310115016'
const LIVE_THERE = 115_000

/** Counts as the routines keep them, by neighbourhood and occupation, and four in ten tested today in the last hours. */
async function fill(sql: pg.Client, people: number): Promise<void> {
  await sql.query('truncate tested, tested_count, people_count, antigen_count')
  await sql.query(
    `insert into people_count (place_code, occupation, n)
     select code || '001', o.name, ($1::bigint * o.percent / 100 / count(*) over (partition by o.name))::int
     from place cross join (values ('', 97), ('city-service', 3)) as o (name, percent) where kind = 'neighbourhood'`,
    [people],
  )
  await sql.query(
    `insert into tested (person_id, day, place_code, at)
     select gen_random_uuid(), (now() at time zone 'Asia/Shanghai')::date, c.place_code, now() - random() * interval '4 hours'
     from people_count c, generate_series(1, greatest(1, c.n * 4 / 10))`,
  )
  await sql.query(
    `insert into tested_count (day, place_code, occupation, n)
     select (now() at time zone 'Asia/Shanghai')::date, place_code, occupation, greatest(1, n * 4 / 10) from people_count`,
  )
  await sql.query(
    `insert into antigen_count (day, place_code, occupation, nth, n)
     select (now() at time zone 'Asia/Shanghai')::date, place_code, occupation, nth, greatest(1, n / (2 * nth)) from people_count, generate_series(1, 2) nth
     where occupation = 'city-service'`,
  )
  await sql.query('vacuum analyze tested')
}

/** A round in each of two districts, so that what is owed is looked for and not only added up. */
const openRounds = (sql: pg.Client) =>
  sql.query(
    `insert into screening_round (id, place_code, plan_id, title, starts_on, ends_on, actor_id, opened_at)
     select gen_random_uuid(), place, 'zone.medium-risk', 'bench', day, day, 'bench', now()
     from (select (now() at time zone 'Asia/Shanghai')::date as day) d, unnest(array['310115', '310101']) place`,
  )

/** People of one subdistrict as they stand in the register: the list and the groups walk through them. */
const settle = async (sql: pg.Client) => {
  await sql.query(
    `insert into person (id, place_code, name_sealed, phone_sealed, phone_hash, simulated, created_at, birth_year, occupation, needs)
     select gen_random_uuid(), n.code || '001', 'x', case when i % 10 > 0 then 'x' end, null, true, now(), 1930 + i % 90,
       case when i % 33 = 0 then 'city-service' end, case when i % 200 = 0 then array['bedridden'] end
     from generate_series(1, $2::int) i
     join (select code, row_number() over (order by code) - 1 as k, count(*) over () as all from place where kind = 'neighbourhood' and starts_with(code, $1)) n on i % n.all = n.k`,
    [SUBDISTRICT, LIVE_THERE],
  )
  await sql.query('vacuum analyze person')
}

type Ask = Awaited<ReturnType<typeof signIn>>

async function p95Of(ask: Ask, path: string, looks: number): Promise<number> {
  const times: number[] = []
  for (let i = 0; i < looks; i++) {
    const started = performance.now()
    const answer = await ask('GET', path)
    const text = await answer.text()
    if (!answer.ok) throw new Error(`${answer.status} ${text.slice(0, 200)}`)
    times.push(performance.now() - started)
  }
  return percentile(times, 95)
}

/**
 * How long a place's coverage takes, for the city, a district and a subdistrict, as the city grows; and the groups easily
 * missed of a whole subdistrict, which are counted through its people.
 */
export async function run(): Promise<Claim> {
  return withBench(async ({ base, sql, version, serverMb }) => {
    const commander = await signIn(base, 'commander')
    const supervisor = await signIn(base, 'pudong')
    await sql.query(`select setseed(0.2022)`)
    // The routine would count the few people of the register over the counts made here.
    await sql.query('revoke delete on people_count from cityloop_service')
    await openRounds(sql)
    const rows: Record<string, string | number>[] = []
    let worst = 0
    let firstWorst = 0
    for (const people of SIZES) {
      await fill(sql, people)
      const { rows: day } = await sql.query<{ d: string }>(
        `select (now() at time zone 'Asia/Shanghai')::date::text as d`,
      )
      const timed: Record<string, number> = {}
      for (const place of ['31', '310115', SUBDISTRICT])
        timed[place] = await p95Of(
          commander,
          `/api/screening/coverage?place=${place}&day=${day[0]!.d}`,
          LOOKS,
        )
      const seen = await (await commander('GET', `/api/screening/coverage?place=31`)).json()
      const { owing, tested, antigenDone } = seen as Record<string, number>
      if (!owing || !tested || !antigenDone)
        throw new Error(`nothing is counted: ${JSON.stringify(seen).slice(0, 200)}`)
      worst = Math.max(...Object.values(timed))
      firstWorst ||= worst
      rows.push({
        people: people.toLocaleString(),
        'city p95 ms': round(timed['31']!, 1),
        'district p95 ms': round(timed['310115']!, 1),
        'subdistrict p95 ms': round(timed[SUBDISTRICT]!, 1),
        'server MB': serverMb(),
        'database MB': (
          await sql.query<{ mb: number }>(
            `select (pg_database_size(current_database()) / 1048576)::int as mb`,
          )
        ).rows[0]!.mb,
      })
    }
    table(`Coverage of a place, ${LOOKS} looks each`, rows)
    await settle(sql)
    const groups = await p95Of(supervisor, `/api/screening/missing/groups?place=${SUBDISTRICT}`, 12)
    table(`Groups easily missed, counted through ${LIVE_THERE.toLocaleString()} people of a subdistrict`, [
      { 'groups p95 ms': round(groups, 1) },
    ])
    return {
      claim: 'coverage',
      value: round(firstWorst, 1),
      limit: null,
      ratio: null,
      unit: `ms p95 of the slowest place at ${FIRST.toLocaleString()} people`,
      at_largest: round(worst, 1),
      server_mb: rows.at(-1)!['server MB'],
      database_mb: rows.at(-1)!['database MB'],
      largest: SIZES.at(-1),
      groups_of_subdistrict: round(groups, 1),
      seed: SEED,
      postgres: version,
    }
  })
}
