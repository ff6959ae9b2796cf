import { parse } from 'csv-parse/sync'
import { readSheet } from 'read-excel-file/node'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { newId, residentWith, signedIn, startCity, type Caller, type TestCity } from '#test/harness/city.ts'
import { simulatedIdNumber } from './demo.ts'
import { registerPerson } from './index.ts'

const HERE = '310115016001001'
let city: TestCity
let worker: Caller
beforeAll(async () => {
  city = await startCity({ people: 10 })
  worker = await signedIn(city.base, 'juwei')
  const people = [
    { name: '=1+1', phone: '19900700001', occupation: '@模拟' },
    {
      name: '模拟,引号"',
      residence: '-1号\t楼',
      idKind: 'resident_id' as const,
      idNumber: simulatedIdNumber(700_002),
    },
  ]
  for (const person of people)
    await city.app.db
      .transaction()
      .execute((trx) => registerPerson(city.app, trx, { id: newId(), placeCode: HERE, ...person }))
})
afterAll(() => city?.stop())

const ask = (more: object, who = worker) =>
  who.post('/api/people/export', { id: newId(), place: HERE, format: 'csv', ...more })
const looks = async (phone: string) =>
  (await (await residentWith(city.base, phone)).get('/api/my/looks')).body.items

test('a register is exported masked, by place, as one line of the audit and nobody’s look', async () => {
  const { status, body, headers } = await ask({})
  expect([status, headers.get('x-rows')]).toEqual([200, '3'])
  expect(body.startsWith('姓名,证件类型')).toBe(true)
  const rows: string[][] = parse(body)
  expect(rows).toHaveLength(4)
  expect(rows.slice(1).flat().join()).not.toMatch(/1990\d{7}|0000\d{14}|模拟居民|号/)
  expect(rows.map((r) => r[3])).toContain('199****0001')
  expect(await looks('19900000001')).toEqual([])
})

test('in full it needs a purpose and the right, and everybody in it sees it', async () => {
  expect((await ask({ full: true })).status).toBe(400)
  const { status, body } = await ask({ full: true, purpose: 'home_visit' })
  expect(status).toBe(200)
  const rows: string[][] = parse(body)
  expect(rows.map((r) => r[2])).toContain(simulatedIdNumber(700_002))
  // Who is bedridden stands in a full register only, in the words that the import reads.
  const person = (await worker.get(`/api/people?place=${HERE}`)).body.items[0].id
  await worker.post(`/api/people/${person}/needs`, { needs: ['bedridden'] })
  const needs = async (more: object) =>
    parse((await ask(more)).body)
      .map((r: string[]) => r[8])
      .filter(Boolean)
  expect([await needs({}), await needs({ full: true, purpose: 'home_visit' })]).toEqual([
    ['特殊情况'],
    ['特殊情况', '长期卧床'],
  ])
  for (const phone of ['19900000001', '19900700001'])
    expect((await looks(phone))[0]).toMatchObject({
      what: { en: 'Exported a register that holds you' },
      purpose: { zh: '上门服务' },
    })
  const supervisor = await signedIn(city.base, 'pudong')
  expect((await ask({}, supervisor)).status).toBe(200)
  expect((await ask({ full: true, purpose: 'tracing' }, supervisor)).body.code).toBe('not_allowed')
  expect((await ask({ place: '310101' })).body.code).toBe('not_allowed')
  expect((await ask({}, await signedIn(city.base, 'agent'))).status).toBe(403)
})

test('no cell of an export runs as a formula, and what we exported is read again as it was', async () => {
  const { body } = await ask({ full: true, purpose: 'correction' })
  const rows: string[][] = parse(body)
  for (const row of rows) for (const cell of row) expect(cell).not.toMatch(/^[=+\-@\t\r]/)
  expect(body).toContain("'=1+1")
  expect(body).toContain("'@模拟")
  const supervisor = await signedIn(city.base, 'supervisor')
  const id = newId()
  await supervisor.send('POST', `/api/people/imports/${id}?file=again.csv&place=31`, body, {
    'content-type': 'text/csv',
  })
  let run: { state: string; counts: object }
  do run = (await supervisor.get(`/api/people/imports/${id}`)).body
  while (run.state === 'reading')
  // Those with a number are known by it; the one without is possibly the same, which is said and not assumed.
  expect(run).toMatchObject({
    state: 'ready',
    counts: { total: 3, refused: 0, known: 2, fresh: 1, alike: 1 },
  })
})

test('a workbook says the same', async () => {
  const answer = await fetch(`${city.base}/api/people/export`, {
    method: 'POST',
    headers: { cookie: worker.cookie, 'content-type': 'application/json' },
    body: JSON.stringify({ id: newId(), place: HERE, format: 'xlsx' }),
  })
  expect(answer.headers.get('content-type')).toContain('spreadsheetml')
  const rows = await readSheet(Buffer.from(await answer.arrayBuffer()))
  expect(rows).toHaveLength(4)
  expect(rows[0]![0]).toBe('姓名')
})
