import { rmSync } from 'node:fs'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { freshDatabase, type TestDatabase } from '#test/harness/database.ts'
import { caller, DIALYSIS, newId, type Caller } from '#test/harness/city.ts'
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

const ROUNDS = 5
const WRITERS = 8
/** Of the server and of the database in turn; `npm run bench -- chaos` does a hundred. */
const KILLS = 4

let database: TestDatabase
let varDir: string

beforeAll(async () => {
  database = await freshDatabase()
  varDir = freshFolder()
})
afterAll(async () => {
  await database.drop()
  rmSync(varDir, { recursive: true, force: true })
})

const wait = (ms: number) => new Promise((done) => setTimeout(done, ms))

test('kill -9 of the server in the middle of writes: every acknowledged request is there, none twice', async () => {
  const port = await freshPort()
  const start = () => startOwn(varDir, port, 5, { logLevel: 'silent', env: { DATABASE_URL: database.url } })
  /** What the clients were told: the ledger that the database is held against. */
  const acknowledged = new Set<string>()
  const sent = new Set<string>()
  let someone: Caller | undefined
  for (let round = 0; round < ROUNDS; round++) {
    const city = await start()
    if (!someone) {
      someone = caller(city.base)
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
    // Not a time, which a busy machine spends otherwise: as many answers as there are writers, then anywhere after.
    const goal = acknowledged.size + WRITERS
    const until = Date.now() + 60_000
    while (acknowledged.size < goal && Date.now() < until) await wait(10)
    await wait(Math.random() * 300)
    await killServer(city)
    fate.killed = true
    await writers
    expect(acknowledged.size, `answers before kill ${round + 1}`).toBeGreaterThanOrEqual(goal)
  }
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
}, 300_000)

test('kill -9 of the server and of PostgreSQL in turn while tubes are sealed: by the ledger of the tables none is lost, doubled or torn', async () => {
  const own = freshFolder()
  const port = await freshPort()
  const start = () => startOwn(own, port, 200, { logLevel: 'silent' })
  let city = await start()
  let ledger: ReturnType<typeof sealingLedger> | undefined
  try {
    const sql = new pg.Client({ connectionString: urlOf(city) })
    await sql.connect()
    const codes = await codesOf(city.base, sql)
    const cookie = await cookieOf(city.base, await benchAccount(sql, 'sampler'))
    const sessionId = await openSession(city.base, cookie)
    await sql.end()
    ledger = sealingLedger({ base: city.base, cookie, sessionId, codes }, WRITERS)
    for (let kill = 0; kill < KILLS; kill++) {
      await ledger.more(5 * WRITERS)
      await wait(Math.random() * 200)
      if (kill % 2 === 0) {
        await killServer(city)
        city = await start()
      } else await killDatabase(city)
    }
    await ledger.more(WRITERS)
    await ledger.end()
    expect(ledger.acknowledged.size).toBeGreaterThan(KILLS * 5 * WRITERS)
    const after = new pg.Client({ connectionString: urlOf(city) })
    await after.connect()
    expect(await ledger.heldAgainst(after)).toEqual({ lost: [], wrong: [] })
    // The ledger sees: a sample taken away makes a torn tube, a tube taken away a lost one.
    const [torn, gone] = ledger.acknowledged
    await after.query(
      'delete from sample where tube = $1 and ctid in (select ctid from sample where tube = $1 limit 1)',
      [torn],
    )
    await after.query('delete from sample where tube = $1', [gone])
    await after.query('delete from tube where code = $1', [gone])
    expect(await ledger.heldAgainst(after)).toEqual({ lost: [gone], wrong: [torn] })
    await after.end()
  } finally {
    ledger?.leave()
    await removeOwn(city)
  }
}, 300_000)
