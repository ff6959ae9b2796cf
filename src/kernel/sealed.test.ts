import { execFile } from 'node:child_process'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { DIALYSIS, newId, signedIn, startCity, type Caller, type TestCity } from '#test/harness/city.ts'
import { SEALED } from './sealed.ts'

const ROOT = join(import.meta.dirname, '../..')
let city: TestCity
let sql: pg.Client
let resident: Caller
beforeAll(async () => {
  city = await startCity({ people: 1_500 })
  sql = new pg.Client({ connectionString: city.url })
  await sql.connect()
  resident = await signedIn(city.base, 'resident')
})
afterAll(async () => {
  await sql.end()
  await city.stop()
})

const rotate = () =>
  new Promise<{ code: number; out: string }>((done) => {
    const env = { ...process.env, DATABASE_URL: city.url, VAR_DIR: city.app.config.varDir }
    execFile(process.execPath, ['src/cli/main.ts', 'keys', 'rotate'], { cwd: ROOT, env }, (error, out, err) =>
      done({ code: error ? Number(error.code) : 0, out: out + err }),
    )
  })

test('every sealed column is known to the rotation', async () => {
  const { rows } = await sql.query(
    `select table_name as table, column_name as column from information_schema.columns where table_schema = 'public' and column_name like '%\\_sealed' order by 1, 2`,
  )
  expect(rows).toEqual(
    SEALED.map(({ table, column }) => ({ table, column })).toSorted((a, b) =>
      `${a.table} ${a.column}` < `${b.table} ${b.column}` ? -1 : 1,
    ),
  )
})

/** A row in each sealed table that a young city has none in yet. */
async function fillRest() {
  const seal = (purpose: string) => city.app.vault.seal('模拟', purpose)
  await sql.query('insert into second_factor (id, secret_sealed) values ($1, $2)', [
    newId(),
    seal('second_factor.secret'),
  ])
  await sql.query(
    `insert into person_reveal (id, person_id, place_code, actor_id, purpose, note_sealed, at) values ($1, $1, '31', 'a', 'tracing', $2, now())`,
    [newId(), seal('reveal.note')],
  )
  await sql.query(
    `insert into person_import_row (run_id, line, status, notes, id, name_sealed, phone_sealed, id_number_sealed, residence_sealed) values ($1, 1, 'understood', '{}', $1, $2, $3, $4, $5)`,
    [newId(), ...['person.name', 'person.phone', 'person.id_number', 'person.residence'].map(seal)],
  )
  await sql.query(
    `insert into person_merge (id, keeper_id, duplicate_id, place_code, actor_id, reason_sealed, moved, filled, at) values ($1, $1, gen_random_uuid(), '31', 'a', $2, '[]', '{}', now())`,
    [newId(), seal('merge.reason')],
  )
  await sql.query(
    `insert into glass_break (id, account_id, role, place_code, reason_sealed, opened_at, until_at) values ($1, $1, 'handler', '310115', $2, now(), now() + interval '3 hours')`,
    [newId(), seal('glass.reason')],
  )
  await sql.query(
    `insert into appeal (id, decision_id, person_id, place_code, text_sealed, filed_at) values ($1, $1, $1, '31', $2, now())`,
    [newId(), seal('appeal.text')],
  )
  await sql.query(
    `insert into card_key (id, kid, public_jwk, private_sealed, created_at) values ($1, 'k', '{}', $2, now())`,
    [newId(), seal('card.key')],
  )
  await sql.query(
    `insert into finding (id, tube, person_id, place_code, outcome, note_sealed, found_by, found_at, opened_at) values ($1, 'T1', $1, '31', 'negative', $2, 'a', now(), now())`,
    [newId(), seal('finding.note')],
  )
  await sql.query(
    `insert into tube_claim (id, tube, place_code, claim, actor_id, at, settlement_id, outcome, reason_sealed, settled_by, settled_by_name, settled_at)
     values ($1, 'T1', '31', '{}', 'a', now(), $1, 'same_people', $2, 'a', 'a', now())`,
    [newId(), seal('claim.reason')],
  )
  await sql.query(
    `insert into antigen_photo (person_id, id, at, key_sealed, body, type) values ($1, $1, now(), $2, '', 'image/png')`,
    [newId(), seal('antigen.key')],
  )
  await sql.query(
    `insert into order_attachment (order_id, id, name_sealed, key_sealed, body, type, bytes, hash, by_kind, by_id, by_name, at)
     values ($1, $1, $2, $3, '', 'image/png', 0, '', 'staff', 'a', 'a', now())`,
    [newId(), seal('attachment.name'), seal('attachment.key')],
  )
}

test('the key is rotated while people write: everything opens, nothing is left under the old key, nobody waits in vain', async () => {
  await fillRest()
  const state = { rotating: true }
  const ids: string[] = []
  const writing = (async () => {
    while (state.rotating) {
      const id = newId()
      const answer = await resident.post('/api/my/requests', { id, text: DIALYSIS })
      expect(answer.status).toBe(200)
      ids.push(id)
    }
  })()
  const first = await rotate()
  state.rotating = false
  await writing
  expect(first).toMatchObject({ code: 0 })
  expect(first.out).toContain('k2')
  for (const { table, column } of SEALED) {
    const { rows } = await sql.query(
      `select distinct split_part(${column}, '.', 1) as key from ${table} where ${column} is not null`,
    )
    expect(rows, `${table}.${column}`).toEqual([{ key: 'k2' }])
  }
  expect(ids.length).toBeGreaterThan(5)
  for (const id of [ids[0]!, ids.at(-1)!])
    expect((await resident.get(`/api/my/requests/${id}`)).body.text).toBe(DIALYSIS)
  // The number is still found by its hash: the same telephone is the same person.
  expect((await signedIn(city.base, 'resident')).cookie).not.toBe('')
  expect((await sql.query('select count(*)::int as n from person')).rows).toEqual([{ n: 1_500 }])
  expect((await rotate()).out).toContain('k3')
}, 60_000)
