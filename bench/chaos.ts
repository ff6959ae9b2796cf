import { execFileSync } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import {
  freshFolder,
  freshPort,
  isReady,
  round,
  SEED,
  startOwn,
  table,
  type Claim,
  type OwnCity,
} from './harness.ts'
import { benchAccount, codesOf, cookieOf, openSession, tubeMaker, type BenchTube } from './sampling-data.ts'

const KILLS = Number(process.env.BENCH_KILLS ?? 100)
const WRITERS = 8

const urlOf = (city: OwnCity): string =>
  execFileSync(process.execPath, ['src/cli/main.ts', 'db', 'url'], {
    cwd: join(import.meta.dirname, '..'),
    env: city.env,
    encoding: 'utf8',
  }).trim()

/** The database's own process, which this city started in its own folder. */
const postmaster = (varDir: string): number =>
  Number(readFileSync(join(varDir, 'postgres', 'data', 'postmaster.pid'), 'utf8').split('\n')[0])

const wait = (ms: number) => new Promise((done) => setTimeout(done, ms))

/**
 * Kills (-9) the server and the database in turn while tubes are being sealed. The clients keep a ledger of what they
 * sent and what was acknowledged; in the end the database is held against it, tube by tube and member by member.
 */
export async function run(): Promise<Claim> {
  const varDir = freshFolder()
  const port = await freshPort()
  let city = await startOwn(varDir, port, 5_000, 'silent')
  try {
    let sql = new pg.Client({ connectionString: urlOf(city) })
    await sql.connect()
    const codes = await codesOf(city.base, sql)
    const sampler = await benchAccount(sql, 'sampler')
    const cookie = await cookieOf(city.base, sampler)
    const sessionId = await openSession(city.base, cookie)
    await sql.end()
    const next = tubeMaker(codes)
    const sent = new Map<string, BenchTube>()
    const acknowledged = new Set<string>()
    const again: BenchTube[] = []
    const state = { done: false, refused: '' }
    const recoveries: { what: string; ms: number }[] = []
    const write = async () => {
      while (!state.done || again.length > 0) {
        const tube = again.pop() ?? next()
        sent.set(tube.code, tube)
        try {
          const answer = await fetch(`${city.base}/api/tubes`, {
            method: 'POST',
            headers: { 'content-type': 'application/json', cookie },
            body: JSON.stringify({ sessionId, tubes: [tube] }),
            signal: AbortSignal.timeout(20_000),
          })
          const body = (await answer.json()) as { tubes?: { refused: string | null }[] }
          if (answer.status === 200 && body.tubes?.[0]?.refused === null) acknowledged.add(tube.code)
          else if (answer.status >= 500 || answer.status === 429) {
            again.push(tube)
            await wait(50)
          } else {
            state.refused ||= JSON.stringify(body)
            return
          }
        } catch {
          // No answer: the device sends the same tube again, as the pages do.
          again.push(tube)
          await wait(20)
        }
      }
    }
    const writers = Array.from({ length: WRITERS }, write)
    for (let i = 0; i < KILLS && !state.refused; i++) {
      await wait(300 + ((i * 7919) % 500))
      const what = i % 2 === 0 ? 'server' : 'database'
      const before = acknowledged.size
      const started = performance.now()
      if (what === 'server') {
        city.server.kill('SIGKILL')
        await city.ended
        city = await startOwn(varDir, port, 5_000, 'silent')
      } else {
        process.kill(postmaster(varDir), 'SIGKILL')
        await wait(50)
        while (!(await isReady(city.base))) await wait(50)
      }
      const until = performance.now() + 60_000
      while (acknowledged.size === before && performance.now() < until && !state.refused) await wait(20)
      if (acknowledged.size === before) throw new Error(`no write after kill ${i + 1} of the ${what}`)
      recoveries.push({ what, ms: performance.now() - started })
    }
    state.done = true
    await Promise.all(writers)
    if (state.refused) throw new Error(`refused: ${state.refused}`)
    sql = new pg.Client({ connectionString: urlOf(city) })
    await sql.connect()
    const kept = await sql.query<{
      code: string
      client_id: string
      members: number
      samples: number
      lines: number
    }>(`
      select t.code, t.client_id, t.members, count(s.tube)::int as samples,
        (select count(*) from audit a where a.subject = t.code and a.action = 'tubes.seal')::int as lines
      from tube t left join sample s on s.tube = t.code group by t.code`)
    const version = (await sql.query<{ v: string }>(`select current_setting('server_version') as v`)).rows[0]!
      .v
    await sql.end()
    const byCode = new Map(kept.rows.map((r) => [r.code, r]))
    const lost = [...acknowledged].filter((code) => !byCode.has(code)).length
    const wrong = kept.rows.filter(
      (r) => sent.get(r.code)?.id !== r.client_id || r.members !== 10 || r.samples !== 10 || r.lines !== 1,
    ).length
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
      value: lost + wrong,
      limit: null,
      ratio: null,
      unit: `acknowledged tubes lost, doubled or torn over ${KILLS} kills`,
      kills: KILLS,
      acknowledged: acknowledged.size,
      lost,
      wrong,
      slowest_recovery_ms: round(Math.max(...recoveries.map((r) => r.ms)), 0),
      seed: SEED,
      postgres: version,
    }
  } finally {
    city.server.kill('SIGTERM')
    await city.ended
    rmSync(varDir, { recursive: true, force: true })
  }
}
