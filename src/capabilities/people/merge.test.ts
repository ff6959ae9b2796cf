import { isDeepStrictEqual } from 'node:util'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { PERSON_REFERENCES } from '#kernel/person-references.ts'
import {
  DIALYSIS,
  newId,
  residentWith,
  signedIn,
  startCity,
  type Caller,
  type TestCity,
} from '#test/harness/city.ts'
import { simulatedIdNumber } from './demo.ts'
import { registerPerson } from './index.ts'

const HERE = '310115016001001'
let city: TestCity
let sql: pg.Client
let pudong: Caller
let tracer: Caller
beforeAll(async () => {
  city = await startCity({ people: 20 })
  sql = new pg.Client({ connectionString: city.url })
  await sql.connect()
  pudong = await signedIn(city.base, 'pudong')
  tracer = await signedIn(city.base, 'cdc.pudong')
})
afterAll(async () => {
  await sql?.end()
  await city?.stop()
})

let n = 600_000
async function somebody(given: Partial<Parameters<typeof registerPerson>[2]> = {}) {
  const id: string = newId()
  n++
  const facts = {
    name: `模拟合并${n}`,
    placeCode: HERE,
    phone: `1990${String(n).padStart(7, '0')}`,
    ...given,
  }
  await city.app.db.transaction().execute((trx) => registerPerson(city.app, trx, { id, ...facts }))
  return { id, phone: facts.phone }
}

/** Every place where each of the two is named, as the whole database shows it. */
async function named(ids: readonly string[]) {
  const out: Record<string, unknown> = {}
  for (const { table, column, key } of PERSON_REFERENCES) {
    const { rows } = await sql.query(
      `select ${column}::text as who, ${key.join(', ')} from ${table} where ${column}::text = any($1) order by 1, 2, 3`.replace(
        key.length === 1 ? ', 3' : '',
        '',
      ),
      [ids],
    )
    out[`${table}.${column}`] = rows
  }
  return out
}
const merge = (who: Caller, keeperId: string, duplicateId: string, id: string = newId()) =>
  who.post('/api/people/merges', { id, keeperId, duplicateId, reason: '同一人两次登记' })

test('merging moves every reference, and undoing gives back exactly those, though more has come meanwhile', async () => {
  const keeper = await somebody()
  const duplicate = await somebody({
    idKind: 'resident_id',
    idNumber: simulatedIdNumber(600_900),
    residence: '模拟1号301室',
  })
  const asKeeper = await residentWith(city.base, keeper.phone)
  const asDuplicate = await residentWith(city.base, duplicate.phone)
  await asKeeper.post('/api/my/requests', { id: newId(), text: DIALYSIS })
  const old = newId()
  await asDuplicate.post('/api/my/requests', { id: old, text: DIALYSIS })
  await tracer.post(`/api/people/${duplicate.id}/reveal`, { id: newId(), purpose: 'tracing' })
  await sql.query(
    `insert into decision (id, kind, subject_id, person_id, place_code, outcome, reasons, evidence, pack_id, pack_version, pack_hash, clause, issuer, decided_at)
     values ($2, 'test', $1, $1, '31', '{}', '[{"zh":"a","en":"a"}]', '{"a":1}', 'pack', '1', 'h', '1.1', 'issuer', now())`,
    [duplicate.id, newId()],
  )
  await sql.query(
    `update order_event set actor_kind = 'resident', actor_id = $2 where order_id = $1 and seq = (select min(seq) from order_event where order_id = $1)`,
    [old, duplicate.id],
  )
  await sql.query(
    `insert into order_attachment (id, order_id, by_kind, by_id, by_name, name_sealed, key_sealed, type, bytes, hash, body, at)
     values ($3, $1, 'resident', $2, '模拟', 'x', 'x', 'image/png', 1, 'h', '\\x00', now())`,
    [old, duplicate.id, newId()],
  )
  await sql.query(
    `insert into appeal (id, decision_id, person_id, place_code, text_sealed, filed_at) values ($2, $2, $1, '31', 'x', now())`,
    [duplicate.id, newId()],
  )
  await sql.query(
    `insert into sample (person_id, tube, n, day) values ($2, 'T1', 1, '2022-06-07'), ($1, 'T2', 1, '2022-06-07')`,
    [keeper.id, duplicate.id],
  )
  await sql.query(
    `insert into recall (id, tube, person_id, place_code, why, household, opened_at) values ($2, 'T2', $1, '31', 'invalid', '{}', now())`,
    [duplicate.id, newId()],
  )
  await sql.query(
    `insert into finding (id, tube, person_id, place_code, opened_at) values ($2, 'T2', $1, '31', now())`,
    [duplicate.id, newId()],
  )
  await sql.query(
    `insert into card (id, kid, rid, tube, person_id, issued_at) values ($2, 'k', 'r', 'T2', $1, now())`,
    [duplicate.id, newId()],
  )
  await sql.query(
    `insert into antigen_test (person_id, id, place_code, day, at, received_at, outcome, nth, photo_hash) values ($1, $2, '31', '2022-06-07', now(), now(), 'negative', 1, 'h')`,
    [duplicate.id, newId()],
  )
  await sql.query(
    `insert into antigen_photo (person_id, id, at, key_sealed, body, type) values ($1, $2, now(), 'x', '\\x00', 'image/png')`,
    [duplicate.id, newId()],
  )
  const ids = [keeper.id, duplicate.id]
  const before = await named(ids)
  // Every column of the registry but the chain of merges has something to move.
  for (const [column, rows] of Object.entries(before))
    if (column !== 'person.merged_into')
      expect(
        (rows as { who: string }[]).filter((r) => r.who === duplicate.id).length,
        column,
      ).toBeGreaterThan(0)

  const merged = await merge(pudong, keeper.id, duplicate.id)
  expect([merged.status, merged.body.keeper?.id, merged.body.by]).toEqual([200, keeper.id, '模拟·浦东督办'])
  const { 'person.merged_into': chain, ...during } = await named([duplicate.id])
  expect(Object.values(during).flat()).toEqual([])
  expect(chain).toEqual([])
  // Sent again, it is the same merge; another cannot be made of them.
  expect((await merge(pudong, keeper.id, duplicate.id, merged.body.id as string)).status).toBe(200)
  expect((await merge(pudong, keeper.id, duplicate.id)).body.code).toBe('already_merged')

  // The duplicate's telephone, number, session and looks lead to the one person now.
  expect((await asDuplicate.get('/api/my/record')).body.id).toBe(keeper.id)
  expect((await asDuplicate.get(`/api/my/requests/${old}`)).status).toBe(200)
  expect((await (await residentWith(city.base, duplicate.phone)).get('/api/my/record')).body.id).toBe(
    keeper.id,
  )
  const looks = (await asKeeper.get('/api/my/looks')).body.items.map(
    (l: { what: { en: string } }) => l.what.en,
  )
  expect(looks).toContain('Saw your full name and telephone')
  expect(looks).toContain('Made one record of two that you had')
  const found = await tracer.post('/api/people/find', { idNumber: simulatedIdNumber(600_900) })
  expect(found.body.items.map((p: { id: string }) => p.id)).toEqual([keeper.id])
  expect((await tracer.get(`/api/people/${duplicate.id}`)).body).toMatchObject({
    id: keeper.id,
    hasResidence: true,
  })
  const listed = (await pudong.get(`/api/people?place=${HERE}`)).body.items.map((p: { id: string }) => p.id)
  expect([listed.includes(keeper.id), listed.includes(duplicate.id)]).toEqual([true, false])

  const since = newId()
  await asKeeper.post('/api/my/requests', { id: since, text: DIALYSIS })
  expect(
    (await tracer.post(`/api/people/merges/${merged.body.id}/undo`, { reason: '是两个人' })).status,
  ).toBe(200)
  const after = (await named(ids)) as Record<string, ({ who: string } & Record<string, unknown>)[]>
  for (const [column, rows] of Object.entries(before)) {
    const came = after[column]!.filter((r) => !(rows as object[]).some((one) => isDeepStrictEqual(one, r)))
    expect(after[column]!.length - came.length, column).toBe((rows as object[]).length)
    // What is new since: the keeper's request with its order and decision, and the sign-in by the other telephone.
    expect(
      came.every((r) => r.who === keeper.id),
      column,
    ).toBe(true)
  }
  expect(after['work_order.reporter_id']!.find((r) => r.id === since)?.who).toBe(keeper.id)
  const { rows } = await sql.query('select id_number_hash, residence_hash, sex from person where id = $1', [
    keeper.id,
  ])
  expect(rows[0]).toEqual({ id_number_hash: null, residence_hash: null, sex: null })
  expect((await asDuplicate.get('/api/my/record')).body.id).toBe(duplicate.id)
  expect(
    (await pudong.post(`/api/people/merges/${merged.body.id}/undo`, { reason: '再撤一次' })).body.code,
  ).toBe('merge_undone')
})

test('a chain of merges is undone from its end', async () => {
  const [a, b, c] = [await somebody(), await somebody(), await somebody()]
  const first = await merge(pudong, b.id, a.id)
  const second = await merge(pudong, c.id, b.id)
  expect((await (await residentWith(city.base, a.phone)).get('/api/my/record')).body.id).toBe(c.id)
  const undo = (id: string) => pudong.post(`/api/people/merges/${id}/undo`, { reason: '不是同一人' })
  expect((await undo(first.body.id)).body.code).toBe('already_merged')
  expect((await undo(second.body.id)).status).toBe(200)
  expect((await (await residentWith(city.base, a.phone)).get('/api/my/record')).body.id).toBe(b.id)
  expect((await undo(first.body.id)).status).toBe(200)
  expect((await (await residentWith(city.base, a.phone)).get('/api/my/record')).body.id).toBe(a.id)
})

test('two people who merge the same pair in opposite directions at once make one merge', async () => {
  const [a, b] = [await somebody(), await somebody()]
  const both = await Promise.all([merge(pudong, a.id, b.id), merge(tracer, b.id, a.id)])
  expect(both.map((x) => String(x.status)).toSorted()).toEqual(['200', '409'])
})

test('a pair is listed until somebody decides, and different people are not asked about again', async () => {
  const name = '模拟同一人'
  const one = await somebody({ name, phone: '19900690001' })
  const two = await somebody({ name, phone: '19900690001' })
  const pairs = async () => (await pudong.get('/api/people/duplicates?limit=100')).body.items
  const pair = (await pairs()).find((p: { people: { id: string }[] }) =>
    p.people.some((x) => x.id === two.id),
  )
  expect(pair).toMatchObject({ why: 'phone_name', people: [{ id: one.id }, { id: two.id }] })
  const elsewhere = await signedIn(city.base, 'huangpu')
  expect((await elsewhere.get('/api/people/duplicates')).body.items).toEqual([])
  expect((await elsewhere.post(`/api/people/duplicates/${pair.id}/different`)).body.code).toBe(
    'duplicate_not_found',
  )
  expect((await merge(elsewhere, one.id, two.id)).body.code).toBe('person_not_found')
  expect((await pudong.post(`/api/people/duplicates/${pair.id}/different`)).status).toBe(200)
  expect((await pairs()).map((p: { id: string }) => p.id)).not.toContain(pair.id)
  const other = await merge(pudong, one.id, two.id)
  expect(other.status).toBe(200)
  expect((await elsewhere.get('/api/people/merges')).body.items).toEqual([])
  expect(
    (await elsewhere.post(`/api/people/merges/${other.body.id}/undo`, { reason: '不是同一人' })).body.code,
  ).toBe('merge_not_found')
  const worker = await signedIn(city.base, 'juwei')
  expect((await merge(worker, one.id, two.id)).status).toBe(403)
  expect((await pudong.get('/api/people/merges')).body.items[0]).toMatchObject({
    id: other.body.id,
    undoneAt: null,
  })
  expect((await merge(pudong, one.id, one.id)).status).toBe(400)
})
