import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { freshDatabase, type TestDatabase } from '#test/harness/database.ts'
import { NEVER_PEOPLE, NOT_PEOPLE, PERSON_REFERENCES, TEXT_NOT_PEOPLE } from './person-references.ts'

let database: TestDatabase
let owner: pg.Client
beforeAll(async () => {
  database = await freshDatabase()
  owner = new pg.Client({ connectionString: database.url })
  await owner.connect()
})
afterAll(async () => {
  await owner.end()
  await database.drop()
})

test('every uuid column of every table names a person and moves when two are one, or is known to name none', async () => {
  const { rows } = await owner.query<{ name: string }>(
    `select c.relname || '.' || a.attname as name from pg_class c join pg_attribute a on a.attrelid = c.oid
     where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition and a.attnum > 0 and not a.attisdropped
       and a.atttypid in ('uuid'::regtype, 'uuid[]'::regtype) and a.attname <> 'id' order by 1`,
  )
  const all = rows.map((r) => r.name)
  const people = PERSON_REFERENCES.map((r) => `${r.table}.${r.column}`)
  const unknown = all.filter((name) => !people.includes(name) && !NOT_PEOPLE.includes(name))
  expect(unknown, 'add to PERSON_REFERENCES or NOT_PEOPLE in src/kernel/person-references.ts').toEqual([])
  expect(
    NOT_PEOPLE.filter((name) => !all.includes(name)),
    'no longer there',
  ).toEqual([])
  expect(
    people.filter((name) => NOT_PEOPLE.includes(name)),
    'on both lists',
  ).toEqual([])
})

test('a text column that may hold somebody’s id is known as well', async () => {
  const { rows } = await owner.query<{ name: string }>(
    `select table_name || '.' || column_name as name from information_schema.columns
     where table_schema = 'public' and data_type = 'text' and column_name ~ '(_id|_by)$' and not column_name = any($1) order by 1`,
    [NEVER_PEOPLE],
  )
  const people = PERSON_REFERENCES.map((r) => `${r.table}.${r.column}`)
  expect(rows.map((r) => r.name).filter((name) => !people.includes(name))).toEqual(
    [...TEXT_NOT_PEOPLE].sort(),
  )
})

test('what moves is found again by a key, may be changed by the service, and is walked by an index', async () => {
  for (const { table, column, key, among } of PERSON_REFERENCES) {
    const { rows } = await owner.query<{ keyed: boolean; allowed: boolean; indexed: boolean }>(
      `select exists (select from pg_index i where i.indrelid = $1::regclass and i.indisunique and
           (select array_agg(a.attname::text order by a.attname) from pg_attribute a where a.attrelid = i.indrelid and a.attnum = any (i.indkey)) = (select array_agg(k order by k) from unnest($3::text[]) k)) as keyed,
         has_column_privilege('cityloop_service', $1, $2, 'update') as allowed,
         exists (select from pg_index i join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0] where i.indrelid = $1::regclass and a.attname = $2) as indexed`,
      [table, column, key],
    )
    expect({ ...rows[0], indexed: rows[0]!.indexed || among !== undefined }, `${table}.${column}`).toEqual({
      keyed: true,
      allowed: true,
      indexed: true,
    })
  }
})
