import { percentile, round, SEED, signIn, table, withBench, type Claim } from './harness.ts'

const TUBES = Number(process.env.BENCH_TUBES ?? 1_000_000)
const LOOKS = 40
/** Sealed while the city counts by itself. */
const FRESH = 20_000

/**
 * How long the backlog takes to be told when a day of a million tubes lies in all stages of the chain: for the city, a
 * district, a subdistrict, one laboratory, and on the wall; and how fast the counting follows.
 */
export async function run(): Promise<Claim> {
  return withBench(async ({ base, sql, version }) => {
    let sealed = 0
    /** `xact`: the routine has counted below its mark; 1 is long ago. */
    const seal = async (n: number, at: string, xact: string) => {
      await sql.query(
        `insert into tube (code, client_id, content_hash, kind, members, session_id, place_code, state, sealed_at, received_at, actor_id, xact)
         select 'T9' || lpad(($2 + i)::text, 11, '0'), gen_random_uuid(), 'bench', case when i % 50 = 0 then 1 else 10 end, 1, gen_random_uuid(),
           codes[1 + i % cardinality(codes)] || '001001', 'sealed', at, at, 'bench', ${xact}::xid8
         from (select i, ${at} as at from generate_series(1, $1::int) i) t,
           (select array_agg(code order by code) as codes from place where kind = 'subdistrict') p`,
        [n, sealed],
      )
      sealed += n
    }
    const waitingNow = async () =>
      (await sql.query<{ n: number }>('select coalesce(sum(n), 0)::int as n from tube_waiting')).rows[0]!.n
    /** Tubes a second that the city's own routine takes into its counts while it does everything else. */
    const followed = async () => {
      const before = await waitingNow()
      const started = performance.now()
      // As they come: what one transaction wrote is counted in one turn, however much it is.
      for (let n = 0; n < FRESH; n += 500) await seal(500, 'now()', 'pg_current_xact_id()')
      while ((await waitingNow()) < before + FRESH) {
        if (performance.now() - started > 120_000) throw new Error('the counting does not follow')
        await new Promise((next) => setTimeout(next, 200))
      }
      return FRESH / ((performance.now() - started) / 1000)
    }
    const commander = await signIn(base, 'commander')
    await sql.query('select setseed(0.2022)')
    // Sealed over five hours in every subdistrict; a third waits at each stage, and what passed left its traces. Counted
    // here, not by the city's routine: at its thousand a second it would need a quarter of an hour for them.
    await sql.query('begin')
    await seal(TUBES, `now() - random() * interval '5 hours'`, `'1'`)
    await sql.query(
      `create temporary table cell on commit drop as
       select left(place_code, 9) as place, kind = 1 as single, date_bin('5 minutes', sealed_at, 'epoch') as cell,
         'lab.' || (hashtext(left(place_code, 9)) & 15) as lab, (hashtext(code) & 3) as goes, count(*) as n from tube group by 1, 2, 3, 4, 5`,
    )
    await sql.query(
      `insert into tube_waiting (place_code, lab, stage, single, sealed_at, n)
       select place, case when goes < 2 then '' else lab end, goes, single, cell, sum(n) from cell where goes < 3 group by 1, 2, 3, 4, 5`,
    )
    await sql.query(
      `insert into tube_passed (at, place_code, lab, before, after, single, sealed_at, n)
       select date_bin('5 minutes', now() - random() * interval '2 hours', 'epoch'), place,
         case when stage = 0 then '' else lab end, stage, stage + 1, single, cell, sum(n)
       from cell, generate_series(0, 2) stage where stage < goes group by place, lab, stage, single, cell`,
    )
    await sql.query('commit')
    await sql.query('vacuum analyze tube_waiting, tube_passed, tube')
    const counting = await followed()
    const { rows } = await sql.query<{ waiting: number; cells: number }>(
      'select sum(n)::int as waiting, count(*)::int as cells from tube_waiting',
    )
    const ways: Record<string, string> = {
      city: '/api/screening/backlog?place=31',
      district: '/api/screening/backlog?place=310115',
      subdistrict: '/api/screening/backlog?place=310115016',
      laboratory: '/api/screening/backlog?place=31&lab=lab.3',
    }
    const timed: Record<string, string | number> = {}
    let worst = 0
    for (const [name, path] of Object.entries(ways)) {
      const times: number[] = []
      for (let i = 0; i < LOOKS; i++) {
        const from = performance.now()
        const answer = await commander('GET', path)
        const body = (await answer.json()) as { stages: { waiting: number }[] }
        times.push(performance.now() - from)
        await new Promise((next) => setTimeout(next, 100))
        const all = body.stages?.reduce((n, s) => n + s.waiting, 0)
        if (!answer.ok || !all) throw new Error(`${answer.status} ${JSON.stringify(body).slice(0, 200)}`)
        if (name === 'city' && all !== rows[0]!.waiting) throw new Error(`${all} are not ${rows[0]!.waiting}`)
      }
      worst = Math.max(worst, percentile(times, 95))
      timed[`${name} p95 ms`] = round(percentile(times, 95), 1)
      // Looks between two countings share what was read: the slowest is one that read.
      timed[`${name} most`] = round(Math.max(...times), 1)
      // The counting goes on every five seconds, and a look meets it fresh now and then.
      await new Promise((next) => setTimeout(next, 5_100))
    }
    // The wall keeps its answer for a second and a half: each look waits for that to be over.
    const wall: number[] = []
    for (let i = 0; i < 5; i++) {
      await new Promise((next) => setTimeout(next, 1_600))
      const from = performance.now()
      await (await commander('GET', '/api/wall')).json()
      wall.push(performance.now() - from)
    }
    table(
      `${TUBES.toLocaleString()} tubes of a day, ${rows[0]!.waiting.toLocaleString()} waiting in ${rows[0]!.cells.toLocaleString()} cells`,
      [{ ...timed, 'wall ms': round(percentile(wall, 50), 1), 'counted/s': round(counting, 0) }],
    )
    return {
      claim: 'backlog',
      value: round(worst, 1),
      limit: 200,
      ratio: round(worst / 200, 2),
      unit: 'ms p95 of the slowest of city, district, subdistrict and laboratory',
      counted_per_s: round(counting, 0),
      wall_ms: round(percentile(wall, 50), 1),
      seed: SEED,
      postgres: version,
    }
  })
}
