import pg from 'pg'
import {
  freshFolder,
  freshPort,
  killDatabase,
  killServer,
  removeOwn,
  startOwn,
  urlOf,
} from '#test/harness/own-city.ts'
import { benchAccount, codesOf, cookieOf, openSession, sealingLedger } from '#test/harness/sealing.ts'
import { round, SEED, table, type Claim } from './harness.ts'

const KILLS = Number(process.env.BENCH_KILLS ?? 100)

const wait = (ms: number) => new Promise((done) => setTimeout(done, ms))

/**
 * Kills (-9) the server and the database in turn while tubes are being sealed. The clients keep a ledger of what they
 * sent and what was acknowledged; in the end the database is held against it, tube by tube and member by member.
 */
export async function run(): Promise<Claim> {
  const varDir = freshFolder()
  const port = await freshPort()
  let city = await startOwn(varDir, port, 5_000, { logLevel: 'silent' })
  let ledger: ReturnType<typeof sealingLedger> | undefined
  try {
    let sql = new pg.Client({ connectionString: urlOf(city) })
    await sql.connect()
    const codes = await codesOf(city.base, sql)
    const cookie = await cookieOf(city.base, await benchAccount(sql, 'sampler'))
    const sessionId = await openSession(city.base, cookie)
    await sql.end()
    ledger = sealingLedger({ base: city.base, cookie, sessionId, codes })
    const recoveries: { what: string; ms: number }[] = []
    for (let i = 0; i < KILLS; i++) {
      await wait(300 + ((i * 7919) % 500))
      const what = i % 2 === 0 ? 'server' : 'database'
      const started = performance.now()
      if (what === 'server') {
        await killServer(city)
        city = await startOwn(varDir, port, 5_000, { logLevel: 'silent' })
      } else await killDatabase(city)
      await ledger.more(1)
      recoveries.push({ what, ms: performance.now() - started })
    }
    await ledger.end()
    const { acknowledged } = ledger
    sql = new pg.Client({ connectionString: urlOf(city) })
    await sql.connect()
    const { lost, wrong } = await ledger.heldAgainst(sql)
    const version = (await sql.query<{ v: string }>(`select current_setting('server_version') as v`)).rows[0]!
      .v
    await sql.end()
    const of = (what: string) => recoveries.filter((r) => r.what === what).map((r) => r.ms)
    table(
      `${KILLS} kills (-9) while tubes are sealed: ${acknowledged.size.toLocaleString()} acknowledged`,
      ['server', 'database'].map((what) => ({
        killed: what,
        times: of(what).length,
        'first write again, slowest ms': round(Math.max(0, ...of(what)), 0),
      })),
    )
    return {
      claim: 'chaos',
      value: lost.length + wrong.length,
      limit: null,
      ratio: null,
      unit: `acknowledged tubes lost, doubled or torn over ${KILLS} kills`,
      kills: KILLS,
      acknowledged: acknowledged.size,
      lost: lost.length,
      wrong: wrong.length,
      slowest_recovery_ms: round(Math.max(...recoveries.map((r) => r.ms)), 0),
      seed: SEED,
      postgres: version,
    }
  } finally {
    ledger?.leave()
    await removeOwn(city)
  }
}
