import type pg from 'pg'
import { countingOf } from '#test/harness/counting.ts'
import { percentile, round, SEED, signIn, table, withBench, type Claim } from './harness.ts'

/** The first size is what the promise is about; `PEOPLE` adds how it grows. */
const FIRST = 1_000_000
const SIZES = [FIRST, ...(process.env.PEOPLE ? [Number(process.env.PEOPLE)] : [])]
const LOOKS = 60
/** A subdistrict as large as the city's own are on average: 25 million people in 216 of them. */
const SUBDISTRICT = '310115016'
const LIVE_THERE = 115_000

/** Changed between two counts; a city of a million registers and moves fewer in a minute. */
const CHANGED = 1_000
const OCCUPATIONS = ['city-service']
/** As long as what the register seals and hashes (name, telephone, number, address). */
const WIDE = `repeat('x', 90), repeat('x', 80), repeat('h', 43) || i, 'resident_id', repeat('x', 90), repeat('i', 43) || i, repeat('x', 110)`

/** More people in the register until there are so many, spread over all neighbourhoods, three in a hundred of city service. */
async function populate(sql: pg.Client, people: number): Promise<void> {
  const { rows } = await sql.query<{ n: number }>('select count(*)::int as n from person')
  const places = await sql.query<{ n: number }>(
    `select count(*)::int as n from place where kind = 'neighbourhood'`,
  )
  await sql.query(
    `insert into person (id, place_code, name_sealed, phone_sealed, phone_hash, id_kind, id_number_sealed, id_number_hash, residence_sealed,
       simulated, created_at, birth_year, birth_month, occupation)
     select gen_random_uuid(), p.code || '001', ${WIDE}, true, now(), 1930 + i % 90, 1 + i % 12, case when i % 33 = 0 then 'city-service' end
     from generate_series($1::int + 1, $2::int) i
     join (select code, row_number() over (order by code) - 1 as k from place where kind = 'neighbourhood') p on p.k = i % $3::int`,
    [rows[0]!.n, people, places.rows[0]!.n],
  )
  await sql.query('vacuum analyze person')
}

/** Four in ten of the register tested today in the last hours, and what the routine keeps of them. */
async function sampled(sql: pg.Client): Promise<void> {
  await sql.query('truncate sample, tested_count, antigen_count, done_pace')
  await sql.query(
    `insert into sample (person_id, tube, n, day)
     select id, 'T' || lpad((n / 10)::text, 12, '0'), n % 10 + 1, (now() at time zone 'Asia/Shanghai')::date
     from (select id, row_number() over () as n from person where random() < 0.4) p`,
  )
  const grouped = `from (select *, now() - random() * interval '4 hours' as at from sample) t join person p on p.id = t.person_id`
  await sql.query(
    `insert into tested_count (day, place_code, occupation, n)
     select t.day, left(p.place_code, 15), coalesce(p.occupation, ''), count(*) ${grouped} group by 1, 2, 3`,
  )
  await sql.query(
    `insert into done_pace (place_code, occupation, nth, slot, n)
     select left(p.place_code, 15), coalesce(p.occupation, ''), 0, date_bin('5 minutes', t.at, '2000-01-01'), count(*) ${grouped}
     where t.at > now() - interval '1 hour' group by 1, 2, 4`,
  )
  await sql.query(
    `insert into antigen_count (day, place_code, occupation, nth, n)
     select (now() at time zone 'Asia/Shanghai')::date, place_code, occupation, nth, greatest(1, n / (2 * nth)) from people_count, generate_series(1, 2) nth
     where occupation = 'city-service'`,
  )
  await sql.query('vacuum analyze sample')
}

/** The routine that counts who lives where: the first walk through everybody, and following what changed in a minute. */
async function timeCounting(url: string, sql: pg.Client): Promise<{ walk: number; follow: number }> {
  const counting = await countingOf(url, OCCUPATIONS)
  try {
    await sql.query('update people_mark set occupations = null')
    const walk = await counting.count()
    const follows: number[] = []
    for (let i = 0; i < 10; i++) {
      await sql.query(
        `update person set occupation = case when occupation is null then 'teacher' end
         where ctid = any(array(select ctid from person limit ${CHANGED} offset ${i * CHANGED}))`,
      )
      const followed = await counting.count()
      if (followed.how !== 'followed') throw new Error(`everybody was counted again: ${followed.how}`)
      follows.push(followed.ms)
    }
    if (walk.how !== 'walked') throw new Error(`nobody was counted: ${walk.how}`)
    const { rows } = await sql.query<{ wrong: number }>(
      `select abs((select sum(n) from people_count) - (select count(*) from person where erased_at is null and merged_into is null))::int as wrong`,
    )
    if (rows[0]!.wrong > 0) throw new Error(`the counts are off by ${rows[0]!.wrong}`)
    return { walk: walk.ms, follow: percentile(follows, 95) }
  } finally {
    await counting.close()
  }
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
  return withBench(async ({ base, url, sql, version, serverMb }) => {
    const commander = await signIn(base, 'commander')
    const supervisor = await signIn(base, 'pudong')
    await sql.query(`select setseed(0.2022)`)
    await openRounds(sql)
    const rows: Record<string, string | number>[] = []
    let worst = 0
    let firstWorst = 0
    const counted: { walk: number; follow: number }[] = []
    for (const people of SIZES) {
      await populate(sql, people)
      const times = await timeCounting(url, sql)
      counted.push(times)
      await sampled(sql)
      // What filling the tables left to be written and counted is not the looks' to pay.
      await sql.query('analyze tested_count, people_count, done_pace, antigen_count')
      await sql.query('checkpoint')
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
        'first walk s': round(times.walk / 1000, 1),
        [`follow ${CHANGED} changes ms`]: round(times.follow, 1),
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
      // Who lives where, counted each minute by what changed; through everybody only at first.
      people_followed_ms: round(counted[0]!.follow, 1),
      people_walk_ms: round(counted[0]!.walk),
      people_followed_ms_at_largest: round(counted.at(-1)!.follow, 1),
      people_walk_ms_at_largest: round(counted.at(-1)!.walk),
      groups_of_subdistrict: round(groups, 1),
      seed: SEED,
      postgres: version,
    }
  })
}
