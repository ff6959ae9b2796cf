import { afterAll, beforeAll, expect, test } from 'vitest'
import { newId, residentWith } from '#test/harness/city.ts'
import { NO_WATER, startDesk, type Desk } from '#test/harness/desk.ts'
import { until } from '#test/harness/time.ts'
import { readElements } from '#capabilities/policy/index.ts'
import { PROCESSES, TEMPLATES } from './process-file.ts'

let desk: Desk
beforeAll(async () => {
  desk = await startDesk()
})
afterAll(() => desk.stop())

const parts = async (id: string, who = desk.water) => (await who.get(`/api/orders/${id}/parts`)).body
const onPart = (who: Desk['water'], id: string, part: string, action: string, note?: string) =>
  who.post(`/api/orders/${id}/parts/${part}`, { id: newId(), action, ...(note && { note }) })

test('every process names departments and elements that exist, and each element has one process', () => {
  const { departments, elements } = readElements()
  const known = new Set(departments.map((d) => d.id))
  const matters = new Set(elements.map((e) => e.id))
  expect(PROCESSES.length).toBeGreaterThanOrEqual(10)
  const all = PROCESSES.flatMap((p) => p.elements)
  expect(new Set(all).size).toBe(all.length)
  for (const p of PROCESSES) {
    expect(
      p.elements.filter((e) => !matters.has(e)),
      p.id,
    ).toEqual([])
    expect(
      [p.lead, ...p.steps.flat().map((h) => h.department)].filter((d) => !known.has(d)),
      p.id,
    ).toEqual([])
    expect(p.answer.zh + p.answer.en, p.id).toMatch(/\{parts\}.*\{parts\}/s)
  }
  for (const t of TEMPLATES)
    expect(
      t.elements.filter((e) => !matters.has(e)),
      t.id,
    ).toEqual([])
})

test('helpers work side by side and in turn, and their parts roll up into the one answer of the lead', async () => {
  const { does, act, handled, water, housing, agent, time } = desk
  const street = await desk.member('street.310115016')
  const cdc = await desk.member('cdc.310115')
  const id = await handled()
  expect((await parts(id)).process).toMatchObject({
    started: false,
    process: { id: 'burst-pipe-closed-building' },
  })
  expect((await housing.post(`/api/orders/${id}/process`, { id: newId() })).body.code).toBe('not_allowed')
  const started = await water.post(`/api/orders/${id}/process`, { id: newId() })
  expect(
    started.body.items.map((p: { unit: { id: string }; state: string }) => [p.unit.id, p.state]),
  ).toEqual([
    ['housing.310115', 'sent'],
    ['street.310115016', 'sent'],
    ['cdc.310115', 'waiting'],
  ])
  const helping = (await housing.get('/api/orders?view=helping')).body.items
  expect(helping.map((o: { id: string }) => o.id)).toEqual([id])
  expect((await act(water, id, 'resolve', { note: '好了' })).body.code).toBe('parts_open')
  const [first, second, third] = started.body.items.map((p: { id: string }) => p.id) as [
    string,
    string,
    string,
  ]
  expect((await onPart(water, id, first, 'sign')).body.code).toBe('not_allowed')
  expect((await onPart(cdc, id, third, 'sign')).body.code).toBe('action_not_allowed')
  await onPart(housing, id, first, 'sign')
  expect((await onPart(housing, id, first, 'answer')).body.fields).toEqual([
    { path: 'note', code: 'required' },
  ])
  await onPart(housing, id, first, 'answer', '总阀已关，12户受影响')
  await onPart(street, id, second, 'sign')
  await onPart(street, id, second, 'answer', '已送水')
  const next = (await parts(id)).items[2]
  expect(next).toMatchObject({ state: 'sent', dueAt: expect.any(String) })
  time.pass(121)
  await until(async () => (await parts(id)).items[2].late === true)
  expect((await onPart(cdc, id, third, 'waive', '不必')).body.code).toBe('not_allowed')
  const waived = await onPart(water, id, third, 'waive', '抢修人员已自带防护')
  expect(waived.body.draft).toBe(
    '水管已抢修。浦东新区房屋管理局：总阀已关，12户受影响；花木街道城运中心：已送水。 恢复供水后请先放水几分钟。',
  )
  const order = await does(water, id, 'resolve', { note: waived.body.draft })
  expect(order.state).toBe('resolved')
  const { rows } = await desk.sql.query(
    `select jsonb_array_length(data -> 'parts') as n from order_event where order_id = $1 and action = 'resolve'`,
    [id],
  )
  expect(rows).toEqual([{ n: 2 }])
  expect((await act(agent, id, 'note', { note: '内部' })).status).toBe(200)
})

test('the lead asks another unit, which must cover the place and not be the lead itself', async () => {
  const { handled, water } = desk
  const id = await handled()
  const add = (more: object) =>
    water.post(`/api/orders/${id}/parts`, { id: newId(), task: '开门', minutes: 60, ...more })
  expect((await add({ unitId: 'health.310101' })).body.code).toBe('unit_elsewhere')
  expect((await add({ unitId: 'water.310115' })).body.code).toBe('helper_is_lead')
  expect((await add({ unitId: 'housing.310115', workingDays: 2 })).body.code).toBe('bad_input')
  const one = (await add({ unitId: 'housing.310115' })).body
  expect(one.items).toMatchObject([{ state: 'sent', step: 1 }])
  const two = (await add({ unitId: 'health.310115', after: true })).body
  expect(two.items[1]).toMatchObject({ state: 'waiting', step: 2, dueAt: null })
})

test('a process that is urgent by its nature begins with the order', async () => {
  const id = newId()
  await desk.resident.post('/api/my/requests', {
    id,
    text: '浦东新区花木街道明月路188弄楼道里有煤气味',
    corrections: { element: 'util.gas', urgent: true },
  })
  const { items } = await parts(id, desk.agent)
  expect(items.map((p: { state: string }) => p.state)).toEqual(['sent', 'sent'])
  expect((await desk.get(id)).timeline.map((e: { action: string }) => e.action)).toEqual([
    'open',
    'dispatch',
    'part',
  ])
})

test('of orders about the same thing one leads: every reporter sees it, hears the answer and is asked', async () => {
  const { city, does, act, file, handled, agent, water, get, mine, time, leftOf } = desk
  const neighbours = await Promise.all(
    ['19900000021', '19900000022'].map((phone) => residentWith(city.base, phone)),
  )
  const lead = await handled()
  const [a, b] = [await file(NO_WATER, neighbours[0]), await file(NO_WATER, neighbours[1])]
  const left = leftOf(await get(a))
  for (const id of [a, b]) await does(agent, id, 'merge', { into: lead, note: '同一根水管' })
  expect((await act(agent, lead, 'merge', { into: lead, note: '自己' })).body.code).toBe('cannot_merge_into')
  expect((await get(lead)).merged.map((m: { id: string }) => m.id).sort()).toEqual([a, b].sort())
  const seen = await mine(a, neighbours[0])
  expect(seen.order).toMatchObject({
    state: 'merged',
    lead: { state: 'handling', unit: { zh: '浦东新区水务局' } },
  })
  expect(JSON.stringify(seen)).not.toContain(lead)
  // Taken back within the time: its state and what was left of its clock.
  time.pass(50)
  const back = await does(agent, b, 'unmerge', { note: '不是一回事' })
  expect(back).toMatchObject({ state: 'dispatched', unit: { id: 'water.310115' }, mergedInto: null })
  expect(Math.abs(leftOf(back) - left)).toBeLessThan(1)
  await does(agent, b, 'merge', { into: lead, note: '是一回事' })
  await does(water, lead, 'resolve', { note: '水管已换' })
  for (const [id, who] of [
    [a, neighbours[0]!],
    [b, neighbours[1]!],
  ] as const) {
    const request = await mine(id, who)
    expect(request.order).toMatchObject({ state: 'resolved', mayRate: true })
    expect(request.messages.at(-1)).toMatchObject({ from: '浦东新区水务局', text: '水管已换' })
  }
  const bad = await neighbours[0]!.post(`/api/my/requests/${a}/rating`, {
    id: newId(),
    solved: false,
    score: 1,
  })
  expect(bad.body.order).toMatchObject({ state: 'redo', unit: { zh: '浦东新区水务局' } })
  expect((await mine(b, neighbours[1])).order.state).toBe('resolved')
})

test('a merge is taken back for a day and no longer, and ends with a lead that is rejected', async () => {
  const { does, act, file, agent, get, time } = desk
  const lead = await file('你们好，有事')
  const [a, b] = [await file(), await file()]
  await does(agent, a, 'merge', { into: lead, note: '同' })
  await does(agent, lead, 'reject', { note: '重复', clause: '条例一' })
  expect(await get(a)).toMatchObject({ state: 'dispatched', mergedInto: null })
  await does(agent, b, 'merge', { into: a, note: '同' })
  time.pass(1441)
  expect((await act(agent, b, 'unmerge', { note: '错' })).body.code).toBe('too_late_to_undo')
})

test('many at once are taken back in one go, except what has moved on since', async () => {
  const { file, agent, pudong, water, does, get, time, sql } = desk
  const ids = await Promise.all(Array.from({ length: 6 }, () => file('你们好，有事')))
  const before = await get(ids[0]!)
  const bulk = newId()
  const body = { id: bulk, orderIds: ids, input: { action: 'dispatch', unitId: 'water.310115' } }
  const done = (await agent.post('/api/orders/bulk', body)).body
  expect([done.done.length, done.refused]).toEqual([6, []])
  const after = await get(ids[0]!)
  expect(after).toMatchObject({ state: 'dispatched', unit: { id: 'water.310115' } })
  await does(water, ids[5]!, 'sign')
  expect((await pudong.post(`/api/orders/bulk/${bulk}/undo`, { id: newId() })).body.code).toBe(
    'bulk_not_found',
  )
  const undo = newId()
  const undone = (await agent.post(`/api/orders/bulk/${bulk}/undo`, { id: undo })).body
  expect(undone.undone.sort()).toEqual(ids.slice(0, 5).sort())
  expect(undone.refused).toMatchObject([{ id: ids[5], code: 'moved_on' }])
  const restored = await get(ids[0]!)
  expect(restored).toMatchObject({
    state: 'received',
    unit: null,
    dueAt: before.dueAt,
    placeCode: before.placeCode,
  })
  const turns = await sql.query(`select order_id from order_turn where order_id = any ($1)`, [ids])
  expect(turns.rows).toEqual([{ order_id: ids[5] }])
  // The same undo again changes nothing.
  await agent.post(`/api/orders/bulk/${bulk}/undo`, { id: undo })
  expect((await get(ids[0]!)).version).toBe(restored.version)
  const late = newId()
  await agent.post('/api/orders/bulk', { id: late, orderIds: [ids[1]], input: { action: 'nudge' } })
  time.pass(11)
  expect((await agent.post(`/api/orders/bulk/${late}/undo`, { id: newId() })).body.code).toBe(
    'too_late_to_undo',
  )
})
