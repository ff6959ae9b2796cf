import { randomUUID } from 'node:crypto'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type pg from 'pg'
import { round, SEED, signIn, table, withBench, type Claim } from './harness.ts'

const ROWS = Number(process.env.BENCH_PEOPLE ?? 100_000)
/** One line in so many is wrong, and one repeats the number of a line above: what a register looks like. */
const WRONG = 200
const REPEATED = 500
const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]

/** An identity number of the right shape in an area that no place has (GB 11643), another for each n below 7,560,000. */
function simulatedIdNumber(n: number): string {
  const two = (x: number) => String(x).padStart(2, '0')
  const first = `000000${1930 + (Math.floor(n / 84_000) % 90)}${two(1 + (n % 12))}${two(1 + (n % 28))}${String(Math.floor(n / 84) % 1000).padStart(3, '0')}`
  return first + '10X98765432'[WEIGHTS.reduce((sum, weight, i) => sum + weight * Number(first[i]), 0) % 11]
}

type Ask = Awaited<ReturnType<typeof signIn>>
type Run = {
  id: string
  state: string
  counts: { fresh: number; refused: number; unused: number; stored: number }
}

/** Lines with name, telephone, identity number, sex, address and occupation, three to a room, all over the city. */
function register(places: readonly string[]): string {
  const lines = ['姓名,证件类型,证件号码,手机号,性别,区划代码,详细地址,职业']
  for (let i = 0; i < ROWS; i++) {
    const n = 1_000_000 + (i > 0 && i % REPEATED === 0 ? i - 1 : i)
    const number = simulatedIdNumber(n)
    const wrong = i % WRONG === WRONG - 1
    const room = Math.floor(i / 3)
    const place = places[(room * 7919 + SEED) % places.length]!
    lines.push(
      `模拟居民${n},居民身份证,${wrong ? `${number.slice(0, 17)}?` : number},1990${String(n).padStart(7, '0')},${Number(number[16]) % 2 ? '男' : '女'},${place},模拟路${room % 900}弄${room % 60}号${101 + (room % 20)}室,模拟职业`,
    )
  }
  return lines.join('\n')
}

async function until(ask: Ask, id: string, states: readonly string[]): Promise<Run> {
  for (;;) {
    const answer = await ask('GET', `/api/people/imports/${id}`)
    const run = (await answer.json()) as Run
    if (!answer.ok) throw new Error(JSON.stringify(run))
    if (states.includes(run.state)) return run
    if (run.state === 'refused') throw new Error(`refused: ${JSON.stringify(run)}`)
    await new Promise((done) => setTimeout(done, 50))
  }
}

/** Seconds that COPY takes for the same rows into a table like it with all its indexes. */
async function copySeconds(sql: pg.Client): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'cityloop-copy-'))
  chmodSync(folder, 0o777)
  const file = join(folder, 'rows')
  try {
    await sql.query('create table person_copy (like person including all)')
    await sql.query(
      `copy (select * from person where id_number_hash is not null and created_at > (select min(created_at) from person)) to '${file}'`,
    )
    await sql.query('checkpoint')
    const started = performance.now()
    const { rowCount } = await sql.query(`copy person_copy from '${file}'`)
    const seconds = (performance.now() - started) / 1000
    if (!rowCount || rowCount < ROWS * 0.9) throw new Error(`COPY took ${rowCount} rows`)
    return seconds
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Rows a second from the first byte of the upload to the register holding them, through the public API. */
export async function run(): Promise<Claim> {
  return withBench(async ({ base, sql, version }) => {
    const { rows } = await sql.query<{ code: string }>(
      "select code from place where kind = 'compound' order by code",
    )
    const csv = Buffer.from(register(rows.map((r) => r.code)))
    const session = await fetch(`${base}/api/session/demo`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ username: 'supervisor' }),
    })
    const cookie = session.headers.getSetCookie()[0]!.split(';')[0]!
    const ask = await signIn(base, 'supervisor')
    const id = randomUUID()
    await sql.query('checkpoint')
    const started = performance.now()
    const sent = await fetch(`${base}/api/people/imports/${id}?file=bench.csv&place=31`, {
      method: 'POST',
      headers: { cookie, 'content-type': 'text/csv' },
      body: csv,
    })
    if (!sent.ok) throw new Error(await sent.text())
    const uploaded = performance.now()
    const read = await until(ask, id, ['ready'])
    const previewed = performance.now()
    await ask('POST', `/api/people/imports/${id}/accept`, {})
    const done = await until(ask, id, ['done'])
    const stored = performance.now()
    const { counts } = done
    if (counts.stored !== read.counts.fresh || counts.refused !== Math.floor(ROWS / WRONG))
      throw new Error(JSON.stringify(counts))
    const limit = ROWS / (await copySeconds(sql))
    const value = ROWS / ((stored - started) / 1000)
    table(`${ROWS.toLocaleString()} people from ${round(csv.length / 1e6)} MB of CSV`, [
      { part: 'uploaded', seconds: round((uploaded - started) / 1000) },
      { part: 'checked, sealed, duplicates found', seconds: round((previewed - uploaded) / 1000) },
      { part: 'stored', seconds: round((stored - previewed) / 1000) },
      { part: 'COPY of the same rows, same indexes', seconds: round(ROWS / limit) },
    ])
    return {
      claim: 'import',
      value: round(value, 0),
      limit: round(limit, 0),
      ratio: round(value / limit),
      unit: 'rows/s (limit: COPY)',
      seed: SEED,
      postgres: version,
    }
  })
}
