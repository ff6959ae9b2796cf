import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { freshDatabase, type TestDatabase } from '#test/harness/database.ts'
import { caller, DIALYSIS, newId, type Caller } from '#test/harness/city.ts'

const ROOT = join(import.meta.dirname, '..')
const ROUNDS = 5
const WRITERS = 8

let database: TestDatabase
let varDir: string
const port = 20_000 + Math.floor(Math.random() * 20_000)
const base = `http://127.0.0.1:${port}`

beforeAll(async () => {
  database = await freshDatabase()
  varDir = mkdtempSync(join(tmpdir(), 'cityloop-chaos-'))
})
afterAll(async () => {
  await database.drop()
  rmSync(varDir, { recursive: true, force: true })
})

async function startServer(): Promise<ChildProcess> {
  const child = spawn(process.execPath, ['src/main.ts', '--no-simulator', '--people', '5'], {
    cwd: ROOT,
    env: {
      ...process.env,
      PORT: String(port),
      HTTPS_PORT: '0',
      HOST: '127.0.0.1',
      VAR_DIR: varDir,
      DATABASE_URL: database.url,
      LOG_LEVEL: 'silent',
    },
    stdio: 'ignore',
  })
  const until = Date.now() + 60_000
  while (
    !(await fetch(`${base}/readyz`).then(
      (a) => a.ok,
      () => false,
    ))
  ) {
    if (Date.now() > until || child.exitCode !== null)
      throw new Error(`the server does not start (${child.exitCode})`)
    await new Promise((done) => setTimeout(done, 50))
  }
  return child
}

async function kill(child: ChildProcess): Promise<void> {
  const ended = new Promise((done) => child.once('exit', done))
  child.kill('SIGKILL')
  await ended
}

test('kill -9 of the server in the middle of writes: every acknowledged request is there, none twice', async () => {
  /** What the clients were told: the ledger that the database is held against. */
  const acknowledged = new Set<string>()
  const sent = new Set<string>()
  let someone: Caller | undefined
  for (let round = 0; round < ROUNDS; round++) {
    const server = await startServer()
    if (!someone) {
      someone = caller(base)
      await someone.post('/api/session/demo', { username: 'resident' })
    }
    const who = someone
    const fate = { killed: false }
    const unanswered: string[] = []
    const write = async () => {
      while (!fate.killed) {
        // What got no answer is sent again with the same id, as the pages do.
        const id = unanswered.pop() ?? newId()
        sent.add(id)
        try {
          const answer = await who.post('/api/my/requests', { id, text: DIALYSIS })
          if (answer.status === 200) acknowledged.add(id)
          else if (answer.status >= 500 || answer.status === 429) unanswered.push(id)
          else throw new Error(`refused: ${JSON.stringify(answer.body)}`)
        } catch (error) {
          if (!(error instanceof TypeError)) throw error
          unanswered.push(id)
        }
      }
    }
    const writers = Promise.all(Array.from({ length: WRITERS }, write))
    await new Promise((done) => setTimeout(done, 500 + Math.random() * 700))
    await kill(server)
    fate.killed = true
    await writers
  }
  expect(acknowledged.size).toBeGreaterThan(ROUNDS * WRITERS)
  const sql = new pg.Client({ connectionString: database.url })
  await sql.connect()
  const ids = async (query: string) => (await sql.query<{ id: string }>(query)).rows.map((r) => r.id)
  const requests = await ids('select id from request')
  const orders = await ids('select id from work_order')
  expect([...acknowledged].filter((id) => !requests.includes(id))).toEqual([])
  expect(new Set(requests).size).toBe(requests.length)
  expect(requests.filter((id) => !sent.has(id))).toEqual([])
  // The order and its first events commit with the request: either all are there or nothing.
  expect(orders.sort()).toEqual(requests.sort())
  const halves =
    await sql.query(`select o.id from work_order o where (select count(*) from order_event e where e.order_id = o.id) <> 2
    or (select count(*) from order_clock c where c.order_id = o.id and c.stopped_at is null) <> 1 or not exists (select from alarm a where a.order_id = o.id)
    or not exists (select from decision d where d.subject_id = o.id)`)
  expect(halves.rows).toEqual([])
  await sql.end()
}, 180_000)
