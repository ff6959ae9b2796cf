import { percentile, round, SEED, signIn, table, withBench, type Claim } from './harness.ts'

const SIZES = (process.env.BENCH_PEOPLE ?? '1000000,10000000').split(',').map(Number)
const LOOKS = 60

/** How long a place's coverage takes, for the city, a district and a subdistrict, as the city grows. */
export async function run(): Promise<Claim> {
  return withBench(async ({ base, sql, version }) => {
    const commander = await signIn(base, 'commander')
    await sql.query(`select setseed(0.2022)`)
    const rows: Record<string, string | number>[] = []
    let worst = 0
    let firstWorst = 0
    for (const people of SIZES) {
      // People as neighbourhoods count them, and four in ten of them tested today in the last hours.
      await sql.query('truncate tested, tested_count, people_count')
      await sql.query(
        `insert into people_count (place_code, n) select code, ($1::bigint / count(*) over ())::int from place where kind = 'neighbourhood'`,
        [people],
      )
      await sql.query(
        `insert into tested (person_id, day, place_code, at)
         select gen_random_uuid(), (now() at time zone 'Asia/Shanghai')::date, p.code || '001', now() - random() * interval '4 hours'
         from (select code, n from people_count c join place on code = place_code) p, generate_series(1, greatest(1, p.n * 4 / 10))`,
      )
      await sql.query(
        `insert into tested_count (day, place_code, n) select day, left(place_code, 12), count(*) from tested group by 1, 2`,
      )
      await sql.query('vacuum analyze tested')
      const day = (
        await sql.query<{ d: string }>(`select (now() at time zone 'Asia/Shanghai')::date::text as d`)
      ).rows[0]!.d
      const timed: Record<string, number> = {}
      for (const place of ['31', '310115', '310115016']) {
        const times: number[] = []
        for (let i = 0; i < LOOKS; i++) {
          const started = performance.now()
          const answer = await commander('GET', `/api/screening/coverage?place=${place}&day=${day}`)
          const body = (await answer.json()) as { tested: number }
          if (!answer.ok || body.tested === 0)
            throw new Error(`${answer.status} ${JSON.stringify(body).slice(0, 200)}`)
          times.push(performance.now() - started)
        }
        timed[place] = percentile(times, 95)
      }
      worst = Math.max(...Object.values(timed))
      firstWorst ||= worst
      rows.push({
        people: people.toLocaleString(),
        'city p95 ms': round(timed['31']!, 1),
        'district p95 ms': round(timed['310115']!, 1),
        'subdistrict p95 ms': round(timed['310115016']!, 1),
      })
    }
    table(`Coverage of a place, ${LOOKS} looks each`, rows)
    return {
      claim: 'coverage',
      value: round(firstWorst, 1),
      limit: null,
      ratio: null,
      unit: `ms p95 of the slowest place at ${SIZES[0]!.toLocaleString()} people`,
      at_largest: round(worst, 1),
      largest: SIZES.at(-1),
      seed: SEED,
      postgres: version,
    }
  })
}
