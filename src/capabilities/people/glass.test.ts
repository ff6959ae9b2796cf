import { afterAll, beforeAll, expect, test } from 'vitest'
import { DIALYSIS, newId, signedIn, startCity, type Caller, type TestCity } from '#test/harness/city.ts'
import { caller } from '#test/harness/city.ts'
import { createKey } from './index.ts'

const PUDONG = '310115'
const REASON = '转运途中病人家属失联，需要核对地址'

let city: TestCity
let huangpu: Caller
let pudong: Caller
let order: string

beforeAll(async () => {
  city = await startCity()
  huangpu = await signedIn(city.base, 'huangpu')
  pudong = await signedIn(city.base, 'pudong')
  order = newId()
  await (await signedIn(city.base, 'resident')).post('/api/my/requests', { id: order, text: DIALYSIS })
})
afterAll(() => city?.stop())

const refused = (answer: { status: number; body: { code: string } }) => [answer.status, answer.body.code]
/** Lets city time run on; at least so many minutes. */
async function pass(minutes: number) {
  const until = city.app.clock.now().getTime() + minutes * 60_000
  await city.app.clock.setSpeed(minutes * 600)
  while (city.app.clock.now().getTime() < until) await new Promise((next) => setTimeout(next, 20))
  await city.app.clock.setSpeed(1)
}

test('a reason of a few letters, the whole city and a place that is read anyway are refused', async () => {
  const ask = (more: object) =>
    huangpu.post('/api/glass', { id: newId(), place: PUDONG, reason: REASON, ...more })
  expect(refused(await ask({ reason: '急' }))).toEqual([400, 'bad_input'])
  expect(refused(await ask({ place: '31' }))).toEqual([400, 'bad_input'])
  expect(refused(await ask({ place: '310199' }))).toEqual([404, 'place_not_found'])
  expect(refused(await ask({ place: '310101' }))).toEqual([409, 'glass_not_needed'])
  for (const who of ['commander', 'admin', 'auditor', 'agent', 'resident'])
    expect(
      refused(
        await (
          await signedIn(city.base, who)
        ).post('/api/glass', { id: newId(), place: PUDONG, reason: REASON }),
      ),
      who,
    ).toEqual([403, 'not_allowed'])
  const { secret } = await createKey(city.app, { role: 'supervisor', place: '310101', days: 1 })
  const machine = caller(city.base, { authorization: `Bearer ${secret}` })
  expect(refused(await machine.post('/api/glass', { id: newId(), place: PUDONG, reason: REASON }))).toEqual([
    403,
    'not_allowed',
  ])
  expect((await huangpu.get(`/api/orders/${order}`)).status).toBe(404)
})

test('broken glass lets one read for three hours of city time, never act, and rings at the place', async () => {
  expect((await huangpu.get(`/api/orders/${order}`)).status).toBe(404)
  const id = newId()
  const asked = { id, place: PUDONG, reason: REASON }
  const broken = await huangpu.post('/api/glass', asked)
  expect(broken.body).toMatchObject({ id, placeCode: PUDONG, active: true, reason: REASON })
  expect(Date.parse(broken.body.until) - Date.parse(broken.body.openedAt)).toBe(180 * 60_000)
  // Sent again: the same glass, the same end.
  expect((await huangpu.post('/api/glass', asked)).body).toEqual(broken.body)
  expect(refused(await huangpu.post('/api/glass', { ...asked, place: '310104' }))).toEqual([
    409,
    'same_id_other_content',
  ])

  const read = await huangpu.get(`/api/orders/${order}`)
  expect([read.status, read.body.allowed]).toEqual([200, []])
  expect((await huangpu.get(`/api/requests/${order}`)).status).toBe(200)
  expect((await huangpu.get(`/api/people?place=${PUDONG}`)).body.items.length).toBeGreaterThan(0)
  expect(
    refused(
      await huangpu.post(`/api/orders/${order}/actions`, { id: newId(), action: 'note', note: '看过' }),
    ),
  ).toEqual([403, 'not_allowed'])
  expect((await huangpu.get('/api/orders?view=all&place=310104')).body.items).toEqual([])

  const alarms = (await pudong.get(`/api/wall?place=${PUDONG}`)).body.alarms
  expect(alarms.filter((a: { orderId: string | null }) => a.orderId === null)).toHaveLength(1)
  expect(alarms.find((a: { orderId: string | null }) => a.orderId === null).title).toContain('越权查看')
  const list = (await pudong.get('/api/glass')).body.items
  expect(list).toHaveLength(1)
  expect(list[0]).toMatchObject({ id, account: '模拟·黄浦督办', active: true })
  expect((await huangpu.get('/api/glass')).body.items).toEqual([])
  for (const who of ['health.pudong', 'juwei', 'admin', 'auditor', 'resident'])
    expect((await (await signedIn(city.base, who)).get('/api/glass')).status, who).toBe(403)
  const trail = (await (await signedIn(city.base, 'auditor')).get(`/api/audit?subject=${id}`)).body.items
  expect(trail).toHaveLength(1)
  expect(trail[0]).toMatchObject({ action: 'glass.break', placeCode: PUDONG })
  expect(JSON.stringify(trail)).not.toContain('家属')

  // The line says that it was read from outside.
  const looked = await (await signedIn(city.base, 'auditor')).get(`/api/audit?subject=${order}`)
  expect(looked.body.items[0]).toMatchObject({
    action: 'request.read',
    data: { glass: true, role: 'supervisor' },
  })

  await pass(181)
  // A server remembers a session for three seconds.
  await new Promise((next) => setTimeout(next, 3_100))
  expect((await huangpu.get(`/api/orders/${order}`)).status).toBe(404)
  expect((await huangpu.get(`/api/people?place=${PUDONG}`)).body.items).toEqual([])
  expect((await pudong.get('/api/glass')).body.items[0]).toMatchObject({ id, active: false })
})
