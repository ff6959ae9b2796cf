import pg from 'pg'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { freshDatabase, type TestDatabase } from '#test/harness/database.ts'
import { auditChainRoutine, chainAudit, verifyAudit } from './audit-chain.ts'
import type { App } from './app.ts'
import { openDb, type Db } from './db.ts'

let database: TestDatabase
let db: Db
let owner: pg.Client

beforeEach(async () => {
  database = await freshDatabase()
  db = openDb(database.url, { role: 'cityloop_service', max: 8 }).db
  owner = new pg.Client({ connectionString: database.url })
  await owner.connect()
})
afterEach(async () => {
  await db.destroy()
  await owner.end()
  await database.drop()
})

const write = (n: number) =>
  Promise.all(
    Array.from({ length: n }, (_, i) =>
      db
        .insertInto('audit')
        .values({
          actor_kind: 'staff',
          actor_id: `a${i}`,
          action: 'look',
          subject: `s${i}`,
          place_code: '31',
          data: JSON.stringify({ b: i, a: ['模拟'] }),
        })
        .execute(),
    ),
  )
const chain = async () => {
  while ((await chainAudit(db)) > 0);
}
/** Somebody with the owner's rights and bad intentions. */
const tamper = async (query: string) => {
  await owner.query('set session_replication_role = replica')
  await owner.query(query)
  await owner.query('set session_replication_role = default')
}

test('an untouched audit is whole, also when two servers chain it at once', async () => {
  await write(50)
  await Promise.all([chainAudit(db), chainAudit(db), chainAudit(db)])
  await write(20)
  await chain()
  expect(await verifyAudit(db)).toMatchObject({ whole: true, lines: 70, waiting: 0 })
})

test('a line that commits late is chained late and nothing is lost', async () => {
  await owner.query('begin')
  await owner.query(
    `insert into audit (actor_kind, actor_id, action, subject) values ('staff', 'late', 'look', 'x')`,
  )
  await write(10)
  await chain()
  await owner.query('commit')
  await chain()
  expect(await verifyAudit(db)).toMatchObject({ whole: true, lines: 11 })
})

test('a line that commits long after its number has its look twice a minute, however many came meanwhile', async () => {
  const city = { db } as App
  const time = vi.spyOn(performance, 'now').mockReturnValue(0)
  await write(1)
  await auditChainRoutine.run(city)
  await owner.query('begin')
  await owner.query(
    `insert into audit (actor_kind, actor_id, action, subject) values ('staff', 'late', 'look', 'x')`,
  )
  // Numbers pass as on a morning on which the city tests itself.
  const other = new pg.Client({ connectionString: database.url })
  await other.connect()
  await other.query(`select setval(pg_get_serial_sequence('audit', 'id'), 150000)`)
  await other.end()
  await write(2)
  await auditChainRoutine.run(city)
  await owner.query('commit')
  await auditChainRoutine.run(city)
  expect(await verifyAudit(db)).toMatchObject({ whole: true, lines: 3, waiting: 1 })
  time.mockReturnValue(31_000)
  await auditChainRoutine.run(city)
  expect(await verifyAudit(db)).toMatchObject({ whole: true, lines: 4, waiting: 0 })
  time.mockRestore()
})

test.each([
  [
    `update audit set subject = 'other' where id = (select audit_id from audit_chain where seq = 7)`,
    7,
    'line altered',
  ],
  [
    `update audit set data = '{}' where id = (select audit_id from audit_chain where seq = 30)`,
    30,
    'line altered',
  ],
  [
    `update audit set at = at + interval '1 second' where id = (select audit_id from audit_chain where seq = 1)`,
    1,
    'line altered',
  ],
  [`delete from audit where id = (select audit_id from audit_chain where seq = 12)`, 12, 'line missing'],
  [`delete from audit_chain where seq = 12`, 12, 'link missing'],
  [`update audit_chain set hash = repeat('0', 64) where seq = 5`, 5, 'link altered'],
])('%s is found at its place', async (query, seq, fault) => {
  await write(30)
  await chain()
  await tamper(query)
  expect(await verifyAudit(db)).toMatchObject({ whole: false, seq, fault })
})

test('an end that was cut off is found by the head kept elsewhere', async () => {
  await write(20)
  await chain()
  const whole = await verifyAudit(db)
  if (!whole.whole) throw new Error('not whole')
  await tamper(`delete from audit where id in (select audit_id from audit_chain where seq > 15)`)
  await tamper(`delete from audit_chain where seq > 15`)
  expect(await verifyAudit(db)).toMatchObject({ whole: true, lines: 15 })
  expect(await verifyAudit(db, whole.head)).toMatchObject({ whole: false, fault: 'cut off' })
})
