import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { newId, residentWith, signedIn, startCity, type Caller, type TestCity } from '#test/harness/city.ts'
import type { OpeningRules } from './hours.contract.ts'
import { putSite, SITE_AT as HERE } from '#test/harness/site.ts'

const WEEK: OpeningRules['week'] = [0, 1, 2, 3, 4, 5, 6].map(() => [[480, 720] as const])
let city: TestCity
let sql: pg.Client
let worker: Caller

beforeAll(async () => {
  city = await startCity({ people: 5 })
  sql = new pg.Client({ connectionString: city.url })
  await sql.connect()
  worker = await signedIn(city.base, 'juwei')
})
afterAll(async () => {
  await sql?.end()
  await city?.stop()
})

test('buildings get times one after the other, the residents of the compound see theirs, and a plan can be taken back', async () => {
  const id = newId()
  await putSite(worker, id, 0, { name: '模拟时段采样点', desks: 2 })
  const from = new Date(city.app.clock.now().getTime() + 3_600_000).toISOString()
  const plan = {
    planId: newId(),
    placeCode: HERE,
    from,
    buildings: [
      { building: '1号楼', people: 40 },
      { building: '2号楼', people: 200 },
    ],
  }
  const preview = await worker.post(`/api/sites/${id}/slots`, { ...plan, preview: true })
  expect(preview.body).toMatchObject({ desks: 2, perHour: 240, overruns: false, alsoExpected: 0 })
  const resident = await residentWith(city.base, '19900000001')
  expect((await resident.get('/api/my/slots')).body.items).toEqual([])
  const made = await worker.post(`/api/sites/${id}/slots`, plan)
  expect((await worker.post(`/api/sites/${id}/slots`, plan)).body.items, 'twice is once').toEqual(
    made.body.items,
  )
  // Whose answer was lost asks again, after it began too; other content under the same id is told.
  await sql.query(
    `update site_slot set from_at = from_at - interval '30 days', to_at = to_at - interval '30 days' where plan_id = $1`,
    [plan.planId],
  )
  const late = { ...plan, from: new Date(Date.parse(plan.from) - 30 * 86_400_000).toISOString() }
  expect((await worker.post(`/api/sites/${id}/slots`, late)).body.items).toHaveLength(2)
  expect(
    (await worker.post(`/api/sites/${id}/slots`, { ...late, buildings: [{ building: null, people: 5 }] }))
      .body.code,
  ).toBe('same_id_other_content')
  await sql.query(
    `update site_slot set from_at = from_at + interval '30 days', to_at = to_at + interval '30 days' where plan_id = $1`,
    [plan.planId],
  )
  const mine = (await resident.get('/api/my/slots')).body.items
  // Simulated residents live in building 1.
  expect(mine).toMatchObject([
    { building: '1号楼', mine: true, site: '模拟时段采样点' },
    { building: '2号楼', mine: false },
  ])
  expect(Date.parse(mine[1].from)).toBe(Date.parse(mine[0].to))
  expect(Date.parse(mine[1].to) - Date.parse(mine[1].from)).toBe(50 * 60_000)
  expect((await (await residentWith(city.base, '19900000003')).get('/api/my/slots')).body.items).toEqual([])
  // Another compound at the same time would stand in the same line.
  const beside = await worker.post(`/api/sites/${id}/slots`, {
    ...plan,
    planId: newId(),
    placeCode: '310115016001002',
    preview: true,
  })
  expect(beside.body.alsoExpected).toBe(240)
  const other = await worker.post(`/api/sites/${id}/slots`, {
    ...plan,
    buildings: [{ building: '3号楼', people: 1 }],
  })
  expect(other.body.code).toBe('same_id_other_content')
  expect((await worker.delete(`/api/slots/${plan.planId}`)).body.dropped).toBe(2)
  expect((await worker.delete(`/api/slots/${plan.planId}`)).status).toBe(404)
})

test('times are not given while the site is closed, and a plan that outlasts its hours says so', async () => {
  const id = newId()
  const tomorrow = new Date(city.app.clock.now().getTime() + 86_400_000 + 8 * 3_600_000)
    .toISOString()
    .slice(0, 10)
  await putSite(worker, id, 0, { desks: 1, hours: { always: false, week: WEEK, exceptions: [] } })
  const plan = { planId: newId(), placeCode: HERE, buildings: [{ building: null, people: 500 }] }
  const night = await worker.post(`/api/sites/${id}/slots`, { ...plan, from: `${tomorrow}T03:00:00+08:00` })
  expect(night.body.code).toBe('site_closed_then')
  const morning = await worker.post(`/api/sites/${id}/slots`, { ...plan, from: `${tomorrow}T08:00:00+08:00` })
  expect(morning.body).toMatchObject({ overruns: true })
  expect(Date.parse(morning.body.closesAt)).toBe(Date.parse(`${tomorrow}T12:00:00+08:00`))
})

test('nobody fills a site of another district; a subdistrict’s site serves its neighbourhoods, and whoever keeps a site sees and refuses what is planned there', async () => {
  const theirs = newId()
  const ours = newId()
  await putSite(worker, ours, 0, { name: '模拟居委采样点' })
  const supervisor = await signedIn(city.base, 'pudong')
  await putSite(supervisor, theirs, 0, { name: '模拟街道采样点', placeCode: '310115016' })
  const from = new Date(city.app.clock.now().getTime() + 7_200_000).toISOString()
  const day = new Date(Date.parse(from) + 8 * 3_600_000).toISOString().slice(0, 10)
  const plan = (placeCode: string, people: number) => ({
    planId: newId(),
    placeCode,
    from,
    buildings: [{ building: null, people }],
  })
  const ask = (who: Caller, site: string, given: object) => who.post(`/api/sites/${site}/slots`, given)
  const huangpu = await signedIn(city.base, 'huangpu')
  for (const more of [{}, { preview: true }]) {
    const foreign = await ask(huangpu, ours, { ...plan('310101002001', 20_000), ...more })
    expect([foreign.status, foreign.body.code]).toEqual([403, 'not_allowed'])
  }
  const around = await ask(huangpu, theirs, plan('310101002001', 20_000))
  expect(around.body.code).toBe('not_allowed')
  expect((await ask(worker, theirs, plan(HERE, 30))).status).toBe(200)
  // The district plans another neighbourhood's people to this one's site: its worker sees how many, and refuses.
  const sent = plan('310115016002', 900)
  expect((await ask(supervisor, ours, sent)).status).toBe(200)
  const seen = async (who: Caller) => (await who.get(`/api/sites/${ours}/slots?day=${day}`)).body.items
  expect(await seen(worker)).toMatchObject([{ people: 900, placeCode: '310115016002', planId: sent.planId }])
  expect(await seen(huangpu)).toEqual([])
  expect((await huangpu.delete(`/api/slots/${sent.planId}`)).status).toBe(404)
  expect((await worker.delete(`/api/slots/${sent.planId}`)).body.dropped).toBe(1)
  const { rows } = await sql.query(
    `select place_code from audit where action = 'slots.drop' and subject = $1`,
    [sent.planId],
  )
  expect(rows).toEqual([{ place_code: '310115016002' }])
})
