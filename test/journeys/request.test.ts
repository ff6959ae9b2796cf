import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  DIALYSIS,
  newId,
  residentWith,
  signedIn,
  startCity,
  type Caller,
  type TestCity,
} from '#test/harness/city.ts'

let city: TestCity
let resident: Caller
let agent: Caller
let health: Caller
let commander: Caller

beforeAll(async () => {
  city = await startCity()
  ;[resident, agent, health, commander] = (await Promise.all(
    ['resident', 'agent', 'health.pudong', 'commander'].map((name) => signedIn(city.base, name)),
  )) as [Caller, Caller, Caller, Caller]
})
afterAll(() => city.stop())

const act = (who: Caller, order: string, action: string, more: object = {}) =>
  who.post(`/api/orders/${order}/actions`, { id: newId(), action, ...more })
const file = async (text = DIALYSIS, who = resident) => {
  const id = newId()
  const answer = await who.post('/api/my/requests', { id, text })
  expect(answer.status).toBe(200)
  return { id, body: answer.body }
}

test('a call for dialysis is understood, alarmed, dispatched, signed, solved, called back and archived', async () => {
  const { id, body } = await file()
  expect(body.understanding).toMatchObject({
    urgent: true,
    urgency: { kind: 'dialysis' },
    place: { code: '310115016', path: '浦东新区花木街道' },
    address: '樱花路801弄',
    element: { id: 'care.dialysis' },
  })
  expect(body.order).toMatchObject({
    state: 'dispatched',
    urgent: true,
    unit: { zh: '浦东新区卫生健康委' },
    dueKind: 'sign',
  })
  const wall = (await commander.get('/api/wall')).body
  expect(wall.alarms[0]).toMatchObject({ orderId: id, placeCode: '310115016' })
  expect(wall.urgent.map((o: { id: string }) => o.id)).toContain(id)

  expect((await act(health, id, 'sign')).body).toMatchObject({ state: 'handling', dueKind: 'handle' })
  expect((await act(health, id, 'resolve', { note: '社区车辆已接送' })).body).toMatchObject({
    state: 'resolved',
    dueKind: 'call_back',
  })
  const seen = (await resident.get(`/api/my/requests/${id}`)).body
  expect(seen.messages).toMatchObject([{ from: '浦东新区卫生健康委', text: '社区车辆已接送' }])
  expect(seen.steps.map((s: { at: string | null }) => s.at !== null)).toEqual([true, true, true, true, false])
  expect((await act(agent, id, 'call_back', { solved: true, score: 5 })).body).toMatchObject({
    state: 'closed',
    solved: true,
    score: 5,
    dueKind: 'archive',
  })
  const done = (await act(agent, id, 'archive')).body
  expect(done).toMatchObject({ state: 'archived', dueAt: null, allowed: [] })
  expect(done.timeline.map((e: { action: string }) => e.action)).toEqual([
    'open',
    'dispatch',
    'sign',
    'resolve',
    'call_back',
    'archive',
  ])
  expect(done.timeline[1].why.reasons[0].zh).toContain('血透')
  expect(done.clocks.every((c: { stoppedAt: string | null }) => c.stoppedAt !== null)).toBe(true)
})

test('the resident says not solved, and it is done again', async () => {
  const { id } = await file('浦东新区花木街道明月路188弄停水三天了')
  const water = await signedIn(city.base, 'pudong')
  const order = (await water.get(`/api/orders/${id}`)).body
  expect(order.unit.id).toBe('water.310115')
  const client = new pg.Client({ connectionString: city.url })
  await client.connect()
  // A handler of the water authority: a grant like any other.
  await client.query(
    `insert into account_grant select account_id, role, '310115', 'water.310115', now(), null from account_grant where unit_id = 'street.310115016'`,
  )
  await client.end()
  const handler = await signedIn(city.base, 'huamu')
  expect((await act(handler, id, 'sign')).status).toBe(200)
  expect((await act(handler, id, 'resolve', { note: '已通水' })).body.state).toBe('resolved')
  const rated = await resident.post(`/api/my/requests/${id}/rating`, {
    id: newId(),
    solved: false,
    score: 1,
    note: '还是没水',
  })
  expect(rated.body.order).toMatchObject({ state: 'redo', mayRate: false })
  expect((await act(handler, id, 'sign')).body).toMatchObject({ state: 'handling', redos: 1 })
  await act(handler, id, 'resolve', { note: '水泵已更换' })
  expect(
    (await resident.post(`/api/my/requests/${id}/rating`, { id: newId(), solved: true, score: 4 })).body
      .order,
  ).toMatchObject({ state: 'closed', mayReopen: true })
  expect(
    (await resident.post(`/api/my/requests/${id}/reopen`, { id: newId(), note: '晚上又停了' })).body.order
      .state,
  ).toBe('redo')
})

test('the same request sent twice is one order; the same id with other words is refused', async () => {
  const { id } = await file()
  const again = await resident.post('/api/my/requests', { id, text: DIALYSIS })
  expect(again.body.order.id).toBe(id)
  const other = await resident.post('/api/my/requests', { id, text: '别的事情' })
  expect([other.status, other.body.code]).toEqual([409, 'same_id_other_content'])
  const twenty = await Promise.all(
    Array.from({ length: 20 }, () => resident.post('/api/my/requests', { id, text: DIALYSIS })),
  )
  expect(twenty.every((a) => a.status === 200)).toBe(true)
  const { items } = (await commander.get(`/api/orders?view=all&place=310115016`)).body
  expect(items.filter((o: { id: string }) => o.id === id)).toHaveLength(1)
})

test('an action sent twice is done once, and of two people at once one is told', async () => {
  const { id } = await file()
  const actionId = newId()
  const first = await health.post(`/api/orders/${id}/actions`, { id: actionId, action: 'sign' })
  const second = await health.post(`/api/orders/${id}/actions`, { id: actionId, action: 'sign' })
  expect(second.body.version).toBe(first.body.version)
  const { version } = first.body
  const both = await Promise.all([
    act(health, id, 'resolve', { note: '甲', version }),
    act(health, id, 'resolve', { note: '乙', version }),
  ])
  expect(both.map((a) => a.status).toSorted((a, b) => a - b)).toEqual([200, 409])
  expect(both.find((a) => a.status === 409)!.body.code).toBe('order_changed')
})

test('an agent takes a call down, and what the person corrected counts', async () => {
  const id = newId()
  const callId = newId()
  expect((await agent.post('/api/calls', { id: callId, line: '12345', answered: true })).status).toBe(200)
  const answer = await agent.post('/api/requests', {
    id,
    callId,
    text: '没人管我们，快点来',
    caller: { name: '模拟来电', phone: '19900099999' },
    corrections: { placeCode: '310101002', element: 'food.none', urgent: true, address: '模拟路1号' },
  })
  expect(answer.status).toBe(200)
  expect(answer.body.order).toMatchObject({
    urgent: true,
    state: 'dispatched',
    unit: { id: 'street.310101002' },
    placeCode: '310101002',
    address: '模拟路1号',
  })
  const said = (await agent.get(`/api/requests/${id}`)).body
  expect(said).toMatchObject({
    text: '没人管我们，快点来',
    person: { nameMasked: '模***', phoneMasked: '199****9999' },
  })
  const client = new pg.Client({ connectionString: city.url })
  await client.connect()
  const { rows } = await client.query(`select text_sealed, address_sealed from request where id = $1`, [id])
  expect(JSON.stringify(rows)).not.toContain('没人管')
  expect(
    (await client.query(`select action from audit where subject = $1 and action like '%read'`, [id])).rows,
  ).toEqual([{ action: 'request.read' }])
  expect(
    (await client.query(`select clause, pack_id, issuer from decision where subject_id = $1`, [id])).rows,
  ).toMatchObject([{ pack_id: 'shanghai-2022-06-07' }])
  await client.end()
})

test('a request about nobody knows what waits at the desk for a person', async () => {
  const { body } = await file('你们好')
  expect(body.order).toMatchObject({ state: 'received', unit: null, dueKind: 'dispatch' })
  const mine = (await agent.get('/api/orders?view=mine')).body.items
  const order = mine.find((o: { id: string }) => o.id === body.id)
  expect(order).toBeDefined()
  expect((await act(agent, body.id, 'dispatch')).body).toMatchObject({
    code: 'bad_input',
    fields: [{ path: 'unitId' }],
  })
  expect((await act(agent, body.id, 'dispatch', { unitId: 'nonsense' })).body.code).toBe('unit_not_found')
  expect((await act(agent, body.id, 'dispatch', { unitId: 'street.310115016' })).body.state).toBe(
    'dispatched',
  )
})

test('a returned order is reviewed and back at the desk, and the third return is refused', async () => {
  const { id } = await file()
  for (const round of [1, 2, 3]) {
    const back = await act(health, id, 'return', { note: `第${round}次退` })
    if (round === 3) {
      expect([back.status, back.body.code]).toEqual([409, 'returns_used_up'])
      break
    }
    expect(back.body).toMatchObject({ state: 'return_review', unit: { id: 'health.310115' }, returns: round })
    expect((await act(agent, id, 'approve_return')).body).toMatchObject({ state: 'accepted', unit: null })
    expect((await act(agent, id, 'dispatch', { unitId: 'health.310115' })).status).toBe(200)
  }
  const buttons = (await health.get(`/api/orders/${id}`)).body.allowed.map(
    (a: { action: string }) => a.action,
  )
  expect(buttons).not.toContain('return')
  expect(buttons).toContain('ask_arbitration')
})

test('many orders change at once and each answers for itself', async () => {
  const neighbour = await residentWith(city.base, '19900000002')
  const ids = await Promise.all(
    Array.from({ length: 12 }, async () => (await file('花木街道樱花路801弄血透', neighbour)).id),
  )
  const { body } = await health.post('/api/orders/bulk', {
    id: newId(),
    orderIds: [...ids, newId()],
    input: { action: 'sign' },
  })
  expect(body.done.sort()).toEqual([...ids].sort())
  expect(body.refused).toMatchObject([{ code: 'order_not_found' }])
  const again = await health.post('/api/orders/bulk', {
    id: newId(),
    orderIds: ids,
    input: { action: 'sign' },
  })
  expect(again.body.refused).toHaveLength(12)
})

test('nobody sees or touches what is not theirs', async () => {
  const { id } = await file()
  const huangpu = await signedIn(city.base, 'huangpu')
  const neighbour = await residentWith(city.base, '19900000003')
  expect((await huangpu.get(`/api/orders/${id}`)).body.code).toBe('order_not_found')
  expect((await act(huangpu, id, 'nudge')).body.code).toBe('order_not_found')
  expect((await huangpu.get(`/api/requests/${id}`)).body.code).toBe('request_not_found')
  expect((await huangpu.get('/api/orders?place=310115')).body.items).toEqual([])
  expect((await huangpu.get('/api/statistics?place=310115')).status).toBe(404)
  expect((await neighbour.get(`/api/my/requests/${id}`)).body.code).toBe('request_not_found')
  expect(
    (await neighbour.post(`/api/my/requests/${id}/rating`, { id: newId(), solved: true, score: 5 })).body
      .code,
  ).toBe('request_not_found')
  expect((await neighbour.post('/api/my/requests', { id, text: DIALYSIS })).status).toBe(409)
  const huamu = await signedIn(city.base, 'huamu')
  expect((await act(huamu, id, 'sign')).body.code).toBe('not_allowed')
  expect((await commander.get(`/api/requests/${id}`)).body.code).toBe('not_allowed')
})

test('an action carries only what belongs to it: no rating in a note, no unit in a signature', async () => {
  const { id } = await file()
  for (const [action, more] of [
    ['note', { note: '核对', score: 5, solved: true }],
    ['note', { note: '核对', unitId: 'health.310101' }],
    ['sign', { unitId: 'health.310101' }],
    ['return', { note: '退', unitId: 'health.310101' }],
  ] as const) {
    const answer = await act(health, id, action, more)
    expect([answer.status, answer.body.fields?.[0].code], action).toEqual([400, 'not_for_this_action'])
  }
  expect((await health.get(`/api/orders/${id}`)).body).toMatchObject({
    score: null,
    solved: null,
    version: 2,
  })
})

test('an order sent to a unit elsewhere goes there with its words, and only by who may dispatch there', async () => {
  const { id } = await file()
  const [pudong, huangpu, supervisor] = await Promise.all([
    signedIn(city.base, 'pudong'),
    signedIn(city.base, 'huangpu'),
    signedIn(city.base, 'supervisor'),
  ])
  expect((await act(pudong, id, 'dispatch', { unitId: 'street.310101002' })).body.code).toBe('unit_elsewhere')
  expect((await act(supervisor, id, 'dispatch', { unitId: 'street.310101002' })).body).toMatchObject({
    placeCode: '310101002',
    state: 'dispatched',
  })
  const there = (await huangpu.get(`/api/orders/${id}`)).body
  expect(there.timeline.map((e: { action: string }) => e.action)).toEqual(['open', 'dispatch', 'dispatch'])
  expect((await huangpu.get(`/api/requests/${id}`)).body.text).toBe(DIALYSIS)
  expect((await pudong.get(`/api/orders/${id}`)).status).toBe(404)
})

test('a rating sent twice is one, and another answer under the same id is refused', async () => {
  const { id } = await file()
  await act(health, id, 'sign')
  await act(health, id, 'resolve', { note: '已办' })
  const rating = { id: newId(), solved: true, score: 5 }
  expect((await resident.post(`/api/my/requests/${id}/rating`, rating)).body.order.state).toBe('closed')
  expect((await resident.post(`/api/my/requests/${id}/rating`, rating)).status).toBe(200)
  const other = await resident.post(`/api/my/requests/${id}/rating`, { ...rating, solved: false, score: 1 })
  expect(other.body.code).toBe('same_id_other_content')
})
