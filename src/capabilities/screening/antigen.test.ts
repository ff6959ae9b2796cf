import { deflateSync } from 'node:zlib'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { within } from '#kernel/db.ts'
import { newId } from '#kernel/ids.ts'
import { applyRetention } from '#capabilities/people/index.ts'
import { oldWords } from '#capabilities/requests/index.ts'
import { residentWith, signedIn, startCity, type Caller, type TestCity } from '#test/harness/city.ts'
import { startLab, type Sampled } from '#test/harness/lab.ts'
import { settled } from '#test/harness/settled.ts'
import { forgetAntigen } from './antigen-store.ts'
import { countAntigen } from './coverage-counting.ts'
import { countResidents } from './coverage.ts'
import { answerRecalls } from './recall-ends.ts'

let city: TestCity
let sql: pg.Client
let at: Awaited<ReturnType<typeof startLab>>
let worker: Caller
let centre: Caller
let handler: Caller

beforeAll(async () => {
  city = await startCity({ people: 5 })
  sql = new pg.Client({ connectionString: city.url })
  await sql.connect()
  at = await startLab(city, 400)
  worker = await signedIn(city.base, 'juwei')
  centre = await signedIn(city.base, 'cdc.pudong')
  handler = await signedIn(city.base, 'huamu')
})
afterAll(async () => {
  await sql.end()
  await city.stop()
})

const chunk = (name: string, body: Buffer) => {
  const head = Buffer.alloc(4)
  head.writeUInt32BE(body.length)
  return Buffer.concat([head, Buffer.from(name, 'latin1'), body, Buffer.alloc(4)])
}
/** A grey point, with where it was taken in a comment that must not stay. */
const picture = (grey = 100) =>
  Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    chunk('IHDR', Buffer.from('00000001000000010800000000', 'hex')),
    chunk('tEXt', Buffer.from('place\0taken at 31.2304 121.4737', 'latin1')),
    chunk('IDAT', deflateSync(Buffer.from([0, grey]))),
    chunk('IEND', Buffer.alloc(0)),
  ])

const BYTES = { 'content-type': 'application/octet-stream' }
const ago = (minutes: number) => new Date(city.app.clock.now().getTime() - minutes * 60_000).toISOString()

async function report(
  who: Caller,
  said: { id?: string; outcome: string; at?: string; personId?: string },
  file: Buffer | string = picture(),
) {
  const query = new URLSearchParams({
    id: said.id ?? newId(),
    outcome: said.outcome,
    at: said.at ?? ago(5),
    ...(said.personId && { personId: said.personId }),
  })
  const path = said.personId ? '/api/antigen' : '/api/my/antigen'
  return who.send('POST', `${path}?${query}`, file, BYTES)
}
const phone = (person: Sampled) => residentWith(city.base, person.phone)
const recallsOf = async (...people: Sampled[]) =>
  (await sql.query(`select * from recall where person_id = any($1)`, [people.map((p) => p.id)])).rows as {
    id: string
    antigen: string
    tube: string | null
    household: string[]
    answered_by: string
  }[]

test('whoever is to give another sample for an invalid one is called to a single tube all the same', async () => {
  const person = await at.resident('8号808室')
  expect((await at.report(await at.tubeOf([person], 10), 'invalid')).state).toBe('new')
  expect((await report(await phone(person), { outcome: 'positive' })).status).toBe(200)
  const recalls = await recallsOf(person)
  expect(recalls.map((r) => r.antigen !== null)).toEqual(expect.arrayContaining([true, false]))
  expect(recalls).toHaveLength(2)
})

test('a positive self-test calls the person and whoever they live with back to single tubes, once', async () => {
  const [me, lives] = [await at.resident('9号901室'), await at.resident('9号901室')]
  await at.resident('9号902室')
  const mine = await phone(me)
  const id = newId()
  const when = ago(10)
  const said = await report(mine, { id, outcome: 'positive', at: when })
  // Nobody is called positive: what to do next, and whom to call.
  expect(said.body).toMatchObject({ id, state: 'being_checked', call: '12345' })
  expect(JSON.stringify(said.body)).not.toMatch(/阳性|[Pp]ositive/)
  expect(said.body.next.zh).toContain('请留在家中')
  // The same again, and at once from another hand, is one.
  const [again, third] = await Promise.all([
    report(mine, { id, outcome: 'positive', at: when }),
    report(mine, { id, outcome: 'positive', at: when }),
  ])
  expect([again.status, third.status]).toEqual([200, 200])
  expect((await report(mine, { id, outcome: 'negative', at: when })).body.code).toBe('same_id_other_content')
  const [recall, ...more] = await recallsOf(me)
  expect(more).toEqual([])
  expect(recall).toMatchObject({ antigen: id, tube: null, household: [lives.id] })
  const order = await handler.get(`/api/orders/${recall!.id}`)
  expect(order.body).toMatchObject({
    kind: 'recall',
    state: 'dispatched',
    element: 'test.antigen_recall',
    source: 'antigen',
  })
  expect((await worker.get(`/api/recalls/${recall!.id}`)).body).toMatchObject({
    antigenId: id,
    tube: null,
    why: 'antigen',
    person: { personId: me.id },
    household: [{ personId: lives.id }],
  })
  // A decision with its clause, which can be appealed against.
  const decisions = (await mine.get('/api/my/decisions')).body.items
  expect(decisions).toMatchObject([{ kind: 'screening.recall', clause: '采样 1.3' }])
  expect(JSON.stringify(decisions)).not.toContain('阳性')
  const appeal = await mine.post('/api/my/appeals', {
    id: newId(),
    decisionId: decisions[0].id,
    text: '看错了，是阴性',
  })
  expect(appeal.status).toBe(200)
  // Both owe a single tube; a negative one afterwards takes nothing back, another positive orders nothing more.
  for (const who of [me, lives])
    expect((await (await phone(who)).get('/api/my/duty')).body).toMatchObject({
      pcr: 1,
      single: true,
      done: false,
    })
  expect((await report(mine, { outcome: 'negative' })).body.state).toBe('negative')
  expect((await report(mine, { outcome: 'positive' }, picture(7))).body.state).toBe('being_checked')
  expect((await recallsOf(me)).map((r) => [r.id, r.answered_by])).toEqual([[recall!.id, null]])
  // The single tubes end it; what counts is their result.
  await at.boxed([me])
  await answerRecalls(city.app)
  expect((await recallsOf(me))[0]!.answered_by).toBeNull()
  expect((await mine.get('/api/my/duty')).body).toMatchObject({ single: false, done: true })
  await at.boxed([lives])
  await answerRecalls(city.app)
  expect((await recallsOf(me))[0]!.answered_by).toMatch(/^T/)
  const shown = (await mine.get('/api/my/results')).body
  expect(shown.antigen.map((a: { state: string }) => a.state).toSorted()).toEqual([
    'being_checked',
    'being_checked',
    'negative',
  ])
  expect(shown.antigen.find((a: { id: string }) => a.id === id).next.zh).toContain('以核酸结果为准')
})

test('a time to come, one too long ago, and what is no picture are refused in words', async () => {
  const mine = await phone(await at.resident('9号903室'))
  const code = async (...given: Parameters<typeof report>) => (await report(...given)).body.code
  expect(await code(mine, { outcome: 'negative', at: ago(-1) })).toBe('antigen_ahead')
  expect(await code(mine, { outcome: 'negative', at: ago(24 * 60 + 1) })).toBe('antigen_too_old')
  expect((await report(mine, { outcome: 'negative', at: ago(24 * 60 - 1) })).status).toBe(200)
  expect(await code(mine, { outcome: 'negative' }, '%PDF-1.4 nothing to see')).toBe('antigen_photo')
  expect(await code(mine, { outcome: 'negative' }, '')).toBe('antigen_photo')
  expect(await code(mine, { outcome: 'negative' }, picture().subarray(0, 40))).toBe('antigen_photo')
  expect(await code(mine, { outcome: 'perhaps' })).toBe('bad_input')
  expect(await code(worker, { outcome: 'negative' })).toBe('not_allowed')
})

test('a telephone that reports without end is stopped, and a first positive one is never turned away', async () => {
  const mine = await phone(await at.resident('9号904室'))
  const states = []
  for (let i = 0; i < 11; i++) states.push((await report(mine, { outcome: 'negative' })).body.code ?? 'kept')
  expect(states).toEqual([...Array.from({ length: 10 }, () => 'kept'), 'antigen_too_many'])
  expect((await report(mine, { outcome: 'positive' })).body.state).toBe('being_checked')
})

test('a negative test counts in the duty of whoever owes one, an invalid one counts for nothing', async () => {
  const person = await at.resident('9号904室')
  await sql.query(`update person set occupation = 'city-service' where id = $1`, [person.id])
  await countResidents(city.app)
  const mine = await phone(person)
  expect((await mine.get('/api/my/duty')).body).toMatchObject({ antigen: 2, antigenDone: 0 })
  expect((await report(mine, { outcome: 'invalid', at: ago(1) })).body.state).toBe('again')
  expect((await mine.get('/api/my/duty')).body).toMatchObject({ antigen: 2, antigenDone: 0 })
  // Two at once are the first and the second, never twice the first.
  await Promise.all([
    report(mine, { outcome: 'negative', at: ago(0) }, picture(1)),
    report(mine, { outcome: 'negative', at: ago(0) }, picture(2)),
    report(mine, { outcome: 'negative', at: ago(0) }, picture(3)),
  ])
  const { rows } = await sql.query('select nth from antigen_test where person_id = $1 order by nth', [
    person.id,
  ])
  expect(rows.map((r: { nth: number | null }) => r.nth)).toEqual([1, 2, 3, null])
  expect((await mine.get('/api/my/duty')).body).toMatchObject({
    antigenDone: 3,
    done: false,
    pcr: 1,
    pcrDone: 0,
  })
  await settled(sql)
  await countAntigen(city.app.db, ['city-service'])
  const supervisor = await signedIn(city.base, 'pudong')
  // Of the two that are owed two are done; the third was not asked for.
  expect((await supervisor.get('/api/screening/coverage?place=310115016001')).body).toMatchObject({
    antigenOwed: 2,
    antigenDone: 2,
  })
})

test('a picture is sealed, says nothing of the place, and each look at it is shown to its person', async () => {
  const person = await at.resident('9号905室')
  const mine = await phone(person)
  const id = newId()
  await report(mine, { id, outcome: 'negative' })
  const { rows } = await sql.query('select body, key_sealed from antigen_photo where id = $1', [id])
  expect(rows[0].body.includes('IHDR')).toBe(false)
  expect((await worker.get(`/api/antigen/${id}`)).body).toMatchObject({
    nameMasked: expect.stringMatching(/^模\*+$/),
    outcome: 'negative',
    byStaff: false,
    hasPhoto: true,
  })
  const file = await fetch(`${city.base}/api/antigen/${id}/photo`, { headers: { cookie: centre.cookie } })
  const bytes = Buffer.from(await file.arrayBuffer())
  expect(file.headers.get('content-type')).toBe('image/png')
  expect(file.headers.get('content-disposition')).toContain('attachment')
  expect([bytes.includes('IDAT'), bytes.includes('31.2304')]).toEqual([true, false])
  const looks = (await mine.get('/api/my/looks')).body.items.map((l: { what: { zh: string } }) => l.what.zh)
  expect(looks).toEqual(expect.arrayContaining(['查看了您报告的抗原自测', '查看了您抗原自测的照片']))
  for (const who of [handler, mine, await phone(await at.resident('9号906室'))])
    expect((await who.get(`/api/antigen/${id}/photo`)).body.code).toBe('not_allowed')
  expect((await worker.get(`/api/antigen/${newId()}`)).body.code).toBe('antigen_not_found')
})

test('a neighbourhood worker reports for somebody of their own place, who is told', async () => {
  const person = await at.resident('9号907室')
  const said = await report(worker, { outcome: 'positive', personId: person.id })
  expect(said.body).toMatchObject({ outcome: 'positive', byStaff: true, personId: person.id })
  expect(await recallsOf(person)).toHaveLength(1)
  const looks = (await (await phone(person)).get('/api/my/looks')).body.items
  expect(looks.map((l: { what: { zh: string } }) => l.what.zh)).toContain('代您报告了抗原自测')
  const elsewhere = (
    await sql.query(`select id from person where place_code not like '310115016001%' limit 1`)
  ).rows[0]
  expect((await report(worker, { outcome: 'negative', personId: elsewhere.id })).body.code).toBe(
    'person_not_found',
  )
  expect((await report(centre, { outcome: 'negative', personId: person.id })).body.code).toBe('not_allowed')
})

test('the picture goes before the report, and both go with the person', async () => {
  const person = await at.resident('9号908室')
  const mine = await phone(person)
  const id = newId()
  await report(mine, { id, outcome: 'negative' })
  await sql.query(`update antigen_photo set at = at - interval '15 days' where id = $1`, [id])
  await applyRetention(city.app, { request: oldWords })
  expect((await worker.get(`/api/antigen/${id}`)).body).toMatchObject({
    hasPhoto: false,
    outcome: 'negative',
  })
  expect((await worker.get(`/api/antigen/${id}/photo`)).body.code).toBe('attachment_not_found')
  await within(city.app.db, { as: 'service' }, (trx) => forgetAntigen(city.app, trx, { personId: person.id }))
  expect((await worker.get(`/api/antigen/${id}`)).body.code).toBe('antigen_not_found')
})
