import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import pg from 'pg'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { emptyDatabase, freshDatabase, type TestDatabase } from '#test/harness/database.ts'
import { KEPT, openDb, plainArray, span, within, type Db, type Scope } from './db.ts'
import { DISTRIBUTION } from './distribution.ts'
import { migrate } from './migrate.ts'
import { describeSchema } from './schema.ts'

let database: TestDatabase
let db: Db
let owner: pg.Client

beforeAll(async () => {
  database = await freshDatabase()
  db = openDb(database.url, { role: 'cityloop_service', max: 4 }).db
  owner = new pg.Client({ connectionString: database.url })
  await owner.connect()
})
afterAll(async () => {
  await db.destroy()
  await owner.end()
  await database.drop()
})

const tables = async (where: string) =>
  (
    await owner.query<{ name: string }>(
      `select relname as name from pg_class c where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relispartition and ${where} order by 1`,
    )
  ).rows.map((r) => r.name)

test('schema.sql says what the migrations make', async () => {
  expect(await describeSchema(database.url)).toBe(
    readFileSync(join(import.meta.dirname, '../../migrations/schema.sql'), 'utf8'),
  )
})

test('migrations run once, and again change nothing', async () => {
  const empty = await emptyDatabase()
  expect((await migrate(empty.url)).length).toBeGreaterThan(5)
  expect(await migrate(empty.url)).toEqual([])
  await empty.drop()
})

test('two servers that start together migrate once', async () => {
  const empty = await emptyDatabase()
  const ran = await Promise.all([migrate(empty.url), migrate(empty.url)])
  expect(Math.min(...ran.map((r) => r.length))).toBe(0)
  await empty.drop()
})

test('every table could be distributed over a cluster', async () => {
  expect(await tables('true')).toEqual(Object.keys(DISTRIBUTION).sort())
  for (const [table, how] of Object.entries(DISTRIBUTION)) {
    if (how === 'reference') continue
    const { rows } = await owner.query<{ index: string; columns: string[] }>(
      `select i.indexrelid::regclass::text as index, array_agg(a.attname::text) as columns from pg_index i join pg_attribute a on a.attrelid = i.indrelid and a.attnum = any (i.indkey)
       where i.indrelid = $1::regclass and i.indisunique group by 1`,
      [table],
    )
    expect(rows.length, `${table} has a key`).toBeGreaterThan(0)
    for (const { index, columns } of rows)
      expect(columns, `${index} holds the distribution column`).toContain(how.by)
    const foreign = await owner.query(
      `select 1 from pg_constraint where conrelid = $1::regclass and contype = 'f'`,
      [table],
    )
    expect(foreign.rowCount, `${table} has no foreign key across nodes`).toBe(0)
  }
})

/** Public facts, or tables that neither staff nor residents may read at all. */
const OPEN_TO_ALL = new Set([
  'place',
  'unit',
  'sampling_site',
  'hospital',
  'history_figure',
  'history_address',
])

test('every table with a place is closed by row-level security, unless it holds public facts', async () => {
  const placed = await tables(
    `exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'place_code' and not a.attisdropped)`,
  )
  expect(placed.length).toBeGreaterThan(8)
  for (const table of placed) {
    if (OPEN_TO_ALL.has(table)) continue
    const { rows } = await owner.query<{ secured: boolean; readers: string[] }>(
      `select relrowsecurity as secured, array(select grantee::text from information_schema.role_table_grants where table_name = $1 and privilege_type = 'SELECT' and grantee in ('cityloop_staff', 'cityloop_resident')) as readers from pg_class where oid = $1::regclass`,
      [table],
    )
    if (rows[0]!.readers.length > 0)
      expect(
        rows[0]!.secured,
        `${table} is readable by ${rows[0]!.readers.join()} without row-level security`,
      ).toBe(true)
  }
})

test('the database itself hides another district from a district officer', async () => {
  for (const [i, place] of ['310101001001', '310115016001', '310115016'].entries()) {
    await sql`insert into alarm (id, at, kind, title, place_code, order_id) values (gen_random_uuid(), now(), 'urgent', ${`alarm ${i}`}, ${place}, gen_random_uuid())`.execute(
      db,
    )
  }
  const see = (places: string[]) =>
    within(db, { as: 'staff', places }, (trx) =>
      trx.selectFrom('alarm').select('title').orderBy('title').execute(),
    ).then((rows) => rows.map((r) => r.title))
  expect(await see(['310115'])).toEqual(['alarm 1', 'alarm 2'])
  expect(await see(['310115016001'])).toEqual(['alarm 1'])
  expect(await see(['310101', '310115016001'])).toEqual(['alarm 0', 'alarm 1'])
  expect(await see(['31'])).toHaveLength(3)
  expect(await see(['3101'])).toHaveLength(3)
  expect(await see([])).toEqual([])
  const nobody = await within(db, { as: 'nobody' }, (trx) =>
    trx.selectFrom('alarm').select('title').execute(),
  )
  expect(nobody).toEqual([])
  await expect(
    within(db, { as: 'resident', personId: '01890000-0000-7000-8000-000000000000' }, (trx) =>
      trx.selectFrom('alarm').select('title').execute(),
    ),
  ).rejects.toThrow(/permission denied/)
})

test('a plan that a connection keeps shows each of its users only what is theirs', async () => {
  const people = ['01890000-0000-7000-8000-00000000000a', '01890000-0000-7000-8000-00000000000b']
  for (const person of people)
    await sql`insert into request (id, channel, person_id, place_code, text_sealed, understanding, received_at, content_hash, simulated) values (gen_random_uuid(), 'web', ${person}, '310115', ${person}, '{}', now(), 'x', true)`.execute(
      db,
    )
  const one = openDb(database.url, { max: 1 })
  const see = (scope: Scope) =>
    within(one.db, scope, async (trx) => {
      const rows = await trx
        .selectFrom('request')
        .modifyFront(KEPT)
        .select('text_sealed')
        .where(sql<boolean>`person_id = any(${people}::uuid[])`)
        .orderBy('text_sealed')
        .execute()
      return rows.map((row) => row.text_sealed)
    })
  // More often than PostgreSQL looks before it keeps one plan for all values.
  for (let i = 0; i < 8; i++) {
    expect(await see({ as: 'resident', personId: people[i % 2]! })).toEqual([people[i % 2]])
    expect(await see({ as: 'staff', places: ['310101'] })).toEqual([])
    expect(await see({ as: 'service' })).toEqual(people)
  }
  const kept = await sql<{ statement: string }>`select statement from pg_prepared_statements`.execute(one.db)
  expect(kept.rows.map((row) => row.statement)).toMatchObject([expect.stringContaining('select /*kept*/')])
  await one.db.destroy()
})

test('a transaction whose scope the database refuses leaves a clean connection behind', async () => {
  const one = openDb(database.url, { max: 1 })
  await expect(
    within(one.db, { as: 'resident', personId: "x', true), set_config('role', 'cityloop_service" }, (trx) =>
      sql`select current_setting('role')::int`.execute(trx),
    ),
  ).rejects.toThrow(/invalid input syntax for type integer: "cityloop_resident"/)
  await one.pool.query('revoke execute on function pg_catalog.set_config from public')
  const other = openDb(database.url, { max: 1, role: 'cityloop_staff' })
  await expect(within(other.db, { as: 'nobody' }, async () => 1)).rejects.toThrow(/permission denied/)
  await one.pool.query('grant execute on function pg_catalog.set_config to public')
  expect(await within(other.db, { as: 'nobody' }, async () => 2)).toBe(2)
  await Promise.all([one.db.destroy(), other.db.destroy()])
})

test('staff cannot write where only the service may', async () => {
  await expect(
    within(db, { as: 'staff', places: ['31'] }, (trx) => trx.deleteFrom('alarm').execute()),
  ).rejects.toThrow(/permission denied/)
  await expect(
    within(db, { as: 'staff', places: ['31'] }, (trx) =>
      trx.updateTable('work_order').set({ title: 'x' }).execute(),
    ),
  ).rejects.toThrow(/permission denied/)
})

test('nobody can change or remove a line of the audit, not even the owner', async () => {
  await owner.query(
    `insert into audit (actor_kind, actor_id, action, subject) values ('service', 'test', 'look', 'x')`,
  )
  for (const change of [`update audit set action = 'other'`, 'delete from audit', 'truncate audit']) {
    await expect(owner.query(change), change).rejects.toThrow(/append-only/)
  }
})

test('an open order without a deadline cannot be stored', async () => {
  await expect(
    owner.query(
      `insert into work_order (id, number, kind, title, place_code, urgent, state, source, opened_at) values (gen_random_uuid(), '1', 'hotline', 't', '31', false, 'received', 'web', now())`,
    ),
  ).rejects.toThrow(/order_open_has_deadline/)
})

test('the span of prefixes holds every one of them', () => {
  expect(span(['310115'])).toEqual({ lo: '310115', hi: '310116' })
  expect(span(['310115', '310101'])).toEqual({ lo: '310101', hi: '310116' })
  expect(span([]).lo).toBe('~')
})

test('whatever stands in an array arrives as it was, with quotes or without', async () => {
  const odd = fc.constantFrom(
    '',
    'null',
    'NULL',
    'a,b',
    '{',
    '}',
    '"',
    '\\',
    ' ',
    '樱花路',
    '2022-04-01T00:00:00.000Z',
    'T1|T2',
  )
  const text = fc.oneof(odd, fc.stringMatching(/^[\w.:|+-]{1,8}$/), fc.string({ maxLength: 6 }))
  await fc.assert(
    fc.asyncProperty(fc.array(text, { maxLength: 5 }), async (given) => {
      const values = given.map((v) => v.replaceAll('\u0000', ''))
      const { rows } = await owner.query<{ v: string[] }>('select $1::text[] as v', [plainArray(values)])
      expect(rows[0]!.v).toEqual(values)
    }),
    { seed: 20220401, numRuns: 300 },
  )
  expect(plainArray(['0194b7d2-2c1a-7c3e-9d1f-0123456789ab', 3, true])).toBe(
    '{0194b7d2-2c1a-7c3e-9d1f-0123456789ab,3,true}',
  )
})
