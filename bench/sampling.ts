import pg from 'pg'
import { percentile, round, SEED, table, withBench, type Claim } from './harness.ts'
import { benchAccount, codesOf, cookieOf, openSession, tubeMaker } from '#test/harness/sealing.ts'
import { drive, postBytes } from './wire.ts'

const PEOPLE = Number(process.env.BENCH_PEOPLE ?? 200_000)
const SECONDS = Number(process.env.BENCH_SECONDS ?? 20)
const CONNECTIONS = Number(process.env.BENCH_CONNECTIONS ?? 256)
const DEVICES = 32
const TURNS = 4
const COPIED = 15_000

/** The same rows into the same tables with the same indexes, by COPY from a file's worth of text: the limit. */
async function copyRate(url: string, tubes: number): Promise<number> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    // In the database itself: what is measured is the writing, not the reading of a file.
    await client.query(`create temp table t as select * from tube order by random() limit ${tubes}`)
    await client.query(`create temp table s as select s.* from sample s join t on t.code = s.tube`)
    await client.query(
      `create temp table a as select a.* from audit a join t on t.code = a.subject and a.action = 'tubes.seal'`,
    )
    const folder = (await client.query<{ f: string }>(`select current_setting('data_directory') as f`))
      .rows[0]!.f
    for (const x of ['t', 's', 'a'])
      await client.query(`copy ${x} to '${folder}/bench-${x}.copy' (format binary)`)
    await client.query(`set session_replication_role = replica`)
    await client.query(`delete from tube using t where tube.code = t.code`)
    await client.query(
      `delete from sample using s where sample.person_id = s.person_id and sample.tube = s.tube`,
    )
    await client.query(`delete from audit using a where audit.id = a.id`)
    await client.query('vacuum tube, sample, audit')
    const started = performance.now()
    await client.query('begin')
    await client.query(`copy tube from '${folder}/bench-t.copy' (format binary)`)
    await client.query(`copy sample from '${folder}/bench-s.copy' (format binary)`)
    await client.query(`copy audit from '${folder}/bench-a.copy' (format binary)`)
    await client.query('commit')
    return tubes / ((performance.now() - started) / 1000)
  } finally {
    await client.end()
  }
}

type Measured = { seconds: number; times: number[]; tubes: number }
const rateOf = (all: readonly Measured[]) =>
  all.reduce((sum, m) => sum + m.tubes, 0) / all.reduce((sum, m) => sum + m.seconds, 0)
const timesOf = (all: readonly Measured[]) => all.flatMap((m) => m.times)

/** Sealed tubes of ten, one a request, from many devices; and the same in batches of twenty, as after hours offline. */
export async function run(): Promise<Claim> {
  return withBench(async (bench) => {
    const { base, sql, url, version } = bench
    const codes = await codesOf(base, sql)
    const sampler = await benchAccount(sql, 'sampler')
    const cookies: string[] = []
    const sessions: string[] = []
    for (let i = 0; i < DEVICES; i++) {
      const cookie = await cookieOf(base, sampler)
      cookies.push(cookie)
      sessions.push(await openSession(base, cookie))
    }
    const next = tubeMaker(codes)
    let label = 0
    const tube = () => {
      label++
      return next()
    }
    const measure = async (batch: number, seconds: number): Promise<Measured> => {
      const times: number[] = []
      let tubes = 0
      let bad = ''
      const until = performance.now() + seconds * 1000
      const started = performance.now()
      await drive({
        base,
        connections: batch === 1 ? CONNECTIONS : 16,
        next: (i) => {
          if (performance.now() > until || bad) return undefined
          const device = i % DEVICES
          const body = { sessionId: sessions[device], tubes: Array.from({ length: batch }, tube) }
          return postBytes(base, '/api/tubes', cookies[device]!, JSON.stringify(body))
        },
        answered: (_i, status, body, ms) => {
          if (status !== 200 || body.includes('"refused":"')) bad = `${status} ${body.slice(0, 300)}`
          times.push(ms)
          tubes += batch
        },
      })
      if (bad) throw new Error(bad)
      return { seconds: (performance.now() - started) / 1000, times, tubes }
    }
    await measure(1, 3)
    // In turns, so that a machine whose speed changes from minute to minute is as fast for the one as for the other.
    const one: Measured[] = []
    const many: Measured[] = []
    const limits: number[] = []
    for (let i = 0; i < TURNS; i++) {
      one.push(await measure(1, SECONDS / TURNS))
      limits.push(await copyRate(url, Math.min(label, COPIED)))
      many.push(await measure(20, SECONDS / TURNS / 2))
    }
    const { rows } = await sql.query<{ tubes: number; samples: number }>(
      `select (select count(*) from tube)::int as tubes, (select count(*) from sample)::int as samples`,
    )
    if (rows[0]!.tubes !== label || rows[0]!.samples !== label * 10)
      throw new Error(`sent ${label} tubes, found ${rows[0]!.tubes} with ${rows[0]!.samples} samples`)
    // Of equal numbers of tubes the mean rate is that of the mean time.
    const limit = TURNS / limits.reduce((sum, rate) => sum + 1 / rate, 0)
    table(`Sealed tubes of ten, ${CONNECTIONS} at once, among ${codes.length.toLocaleString()} people`, [
      {
        way: 'one a request',
        'tubes/s': round(rateOf(one), 0),
        'people/s': round(rateOf(one) * 10, 0),
        'p50 ms': round(percentile(timesOf(one), 50), 1),
        'p99 ms': round(percentile(timesOf(one), 99), 1),
      },
      {
        way: 'twenty a request',
        'tubes/s': round(rateOf(many), 0),
        'people/s': round(rateOf(many) * 10, 0),
        'p50 ms': round(percentile(timesOf(many), 50), 1),
        'p99 ms': round(percentile(timesOf(many), 99), 1),
      },
      {
        way: 'COPY of the same rows',
        'tubes/s': round(limit, 0),
        'people/s': round(limit * 10, 0),
        'p50 ms': '',
        'p99 ms': '',
      },
    ])
    return {
      claim: 'sampling',
      value: round(rateOf(one), 0),
      limit: round(limit, 0),
      ratio: round(rateOf(one) / limit, 2),
      unit: 'tubes/s (ten people each, one a request, durable before the answer)',
      p99_ms: round(percentile(timesOf(one), 99), 1),
      batched: round(rateOf(many), 0),
      batched_ratio: round(rateOf(many) / limit, 2),
      city_minutes: round(25_000_000 / (rateOf(one) * 10) / 60, 1),
      seed: SEED,
      postgres: version,
    }
  }, PEOPLE)
}
