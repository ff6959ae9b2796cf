import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { newId } from '#kernel/ids.ts'
import { residentWith, signedIn, startCity, type Caller, type TestCity } from '#test/harness/city.ts'

let city: TestCity
let sql: pg.Client
let pudong: Caller
let huangpu: Caller

beforeAll(async () => {
  city = await startCity()
  sql = new pg.Client({ connectionString: city.url })
  await sql.connect()
  pudong = await signedIn(city.base, 'pudong')
  huangpu = await signedIn(city.base, 'huangpu')
})
afterAll(async () => {
  await sql.end()
  await city.stop()
})

/** A resident whose words were not read as urgent, and the decision that says so. */
async function misread(phone: string): Promise<{ who: Caller; request: string; decision: string }> {
  const who = await residentWith(city.base, phone)
  const request = newId()
  await who.post('/api/my/requests', {
    id: request,
    text: '浦东新区花木街道樱花路801弄，外公一直在等出门证明',
  })
  const { body } = await who.get('/api/my/decisions')
  return { who, request, decision: body.items[0].id }
}

const appeal = (who: Caller, decisionId: string, id = newId(), text = '外公今天要做血管手术，很急') =>
  who.post('/api/my/appeals', { id, decisionId, text })

test('an appeal is an order with a clock of working days at the district’s centre, and the person sees it', async () => {
  const { who, decision } = await misread('19900000051')
  const id = newId()
  const filed = await appeal(who, decision, id)
  expect(filed.body).toMatchObject({ id, answer: null, overdue: false, decision: { id: decision } })
  // Three working days: Friday or the weekend reaches into the next week, and midnight of the city ends the last one.
  const days = (Date.parse(filed.body.dueAt) - Date.parse(filed.body.filedAt)) / 86_400_000
  expect(days).toBeGreaterThan(3)
  expect(days).toBeLessThanOrEqual(6)
  expect(new Date(filed.body.dueAt).toISOString()).toMatch(/T16:00:00/)
  const order = await pudong.get(`/api/orders/${id}`)
  expect(order.body).toMatchObject({
    kind: 'appeal',
    element: 'law.appeal',
    state: 'dispatched',
    unit: { id: 'street.310115' },
  })
  // Sent twice is filed once; another one meanwhile is told to wait.
  expect((await appeal(who, decision, id)).body.number).toBe(filed.body.number)
  expect((await appeal(who, decision, id, '别的话')).body.code).toBe('same_id_other_content')
  expect((await appeal(who, decision)).body.code).toBe('appeal_open')
  expect((await who.get('/api/my/appeals')).body.items).toHaveLength(1)
})

test('two taps in the same instant are one appeal', async () => {
  const { who, decision } = await misread('19900000052')
  const both = await Promise.all([appeal(who, decision), appeal(who, decision)])
  expect(both.map((a) => a.status).toSorted((a, b) => a - b)).toEqual([200, 409])
})

test('nobody appeals against what was decided about somebody else', async () => {
  const { decision } = await misread('19900000053')
  const other = await residentWith(city.base, '19900000054')
  expect((await appeal(other, decision)).body.code).toBe('decision_not_found')
})

test('an appeal that is right changes the decision, the order and its clock, and says why', async () => {
  const { who, request, decision } = await misread('19900000055')
  const before = await pudong.get(`/api/orders/${request}`)
  expect(before.body.urgent).toBe(false)
  const { body: filed } = await appeal(who, decision)
  expect((await huangpu.get(`/api/appeals/${filed.id}`)).body.code).toBe('appeal_not_found')
  const seen = await pudong.get(`/api/appeals/${filed.id}`)
  expect(seen.body).toMatchObject({ text: '外公今天要做血管手术，很急', mayAnswer: true })
  const answer = (more: object, by = pudong) =>
    by.post(`/api/appeals/${filed.id}/answer`, {
      id: newId(),
      reasons: '手术预约单已核实，按急难办理',
      ...more,
    })
  expect((await answer({ answer: 'changed' })).body.fields[0].path).toBe('outcome')
  expect((await answer({ answer: 'changed', outcome: { place: '31' } })).status).toBe(400)
  expect((await answer({ answer: 'confirmed' }, huangpu)).body.code).toBe('appeal_not_found')
  const done = await answer({ answer: 'changed', outcome: { urgent: true } })
  expect(done.body).toMatchObject({
    answer: { answer: 'changed', decision: { outcome: { urgent: true }, insteadOf: decision } },
  })
  const after = await pudong.get(`/api/orders/${request}`)
  expect(after.body.urgent).toBe(true)
  expect(after.body.dueAt < before.body.dueAt).toBe(true)
  expect(after.body.timeline.at(-1)).toMatchObject({ note: '手术预约单已核实，按急难办理', public: true })
  const { rows } = await sql.query(`select 1 from alarm where order_id = $1 and kind = 'urgent'`, [request])
  expect(rows).toHaveLength(1)
  expect((await pudong.get(`/api/orders/${filed.id}`)).body.state).toBe('resolved')
  // The person reads the answer, and that their appeal was read.
  const mine = await who.get('/api/my/appeals')
  expect(mine.body.items[0].answer).toMatchObject({
    answer: 'changed',
    reasons: '手术预约单已核实，按急难办理',
  })
  const looks = await who.get('/api/my/looks')
  expect(looks.body.items.map((l: { what: { en: string } }) => l.what.en)).toContain('Read your appeal')
  // The old decision stays as it was; it is the new one that is appealed against from now on.
  expect((await appeal(who, decision)).body.code).toBe('decision_replaced')
  const next = done.body.answer.decision.id
  const again = await appeal(who, next)
  expect(again.status).toBe(200)
  // Whoever decided does not judge the appeal against it.
  const self = await pudong.post(`/api/appeals/${again.body.id}/answer`, {
    id: newId(),
    answer: 'confirmed',
    reasons: '维持',
  })
  expect(self.body.code).toBe('needs_another_person')
})

test('an answer is given once; confirmed leaves everything as it was', async () => {
  const { who, request, decision } = await misread('19900000056')
  const { body: filed } = await appeal(who, decision)
  const answer = (reasons: string) =>
    pudong.post(`/api/appeals/${filed.id}/answer`, { id: newId(), answer: 'confirmed', reasons })
  expect((await answer('已电话核实，无紧急情形')).body.answer.decision).toBeNull()
  expect((await answer('已电话核实，无紧急情形')).status).toBe(200)
  expect((await answer('又想了想')).body.code).toBe('appeal_answered')
  expect((await pudong.get(`/api/orders/${request}`)).body.urgent).toBe(false)
})

test('an answer without reasons, or a change without a new decision, is refused by the database itself', async () => {
  const insert = (more: string) =>
    sql.query(
      `insert into appeal (id, decision_id, person_id, place_code, text_sealed, filed_at, answer, answer_reasons, answered_by, answered_at, new_decision_id)
       values (gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), '31', 'x', now(), ${more})`,
    )
  await expect(insert(`'confirmed', null, 'a', now(), null`)).rejects.toThrow(/appeal_answered/)
  await expect(insert(`'changed', 'why', 'a', now(), null`)).rejects.toThrow(/appeal_answered/)
  await expect(insert(`'confirmed', 'why', null, now(), null`)).rejects.toThrow(/appeal_answered/)
  await insert(`'confirmed', 'why', 'a', now(), null`)
})
