import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parse } from 'yaml'
import { newId, signedIn, type Caller } from '#test/harness/city.ts'
import { startDesk, type Desk } from '#test/harness/desk.ts'
import { until } from '#test/harness/time.ts'
import { sweepClocks, sweepWarnings } from './sweep.ts'

const HOUSE = '浦东新区花木街道明月路200弄楼上违章搭建'

let desk: Desk
let { city, sql, time, resident, agent, pudong, water, housing: office } = {} as Desk & { housing: Caller }
let { act, does, get, file, handled, mine, leftOf, inMinutes } = {} as Desk

beforeAll(async () => {
  desk = await startDesk()
  ;({ city, sql, time, resident, agent, pudong, water, housing: office } = desk)
  ;({ act, does, get, file, handled, mine, leftOf, inMinutes } = desk)
})
afterAll(() => desk.stop())

const buttons = (order: { allowed: { action: string }[] }) => order.allowed.map((a) => a.action)

test('what the city asks back stops the clock, and the answer lets it go on with what was left', async () => {
  const id = await handled()
  const before = leftOf(await get(id))
  time.pass(30)
  const asked = await does(water, id, 'ask_back', { note: '请问几号楼？' })
  expect(asked).toMatchObject({ state: 'incomplete', dueKind: 'supply', held: { state: 'handling' } })
  expect((await mine(id)).order).toMatchObject({ state: 'incomplete', question: '请问几号楼？' })
  time.pass(600)
  const said = await resident.post(`/api/my/requests/${id}/answer`, { id: newId(), note: '3号楼' })
  expect(said.body.order).toMatchObject({ state: 'handling', question: null })
  const after = await get(id)
  expect(Math.abs(leftOf(after) - (before - 30))).toBeLessThan(1)
  expect(after.timeline.at(-1)).toMatchObject({ action: 'supply', note: '3号楼', public: true })
})

test('nobody answers: the order is closed with the reason, and the reporter can have it done after all', async () => {
  const id = await handled()
  await does(water, id, 'ask_back', { note: '请问几号楼？' })
  time.pass(4321)
  await until(async () => (await get(id)).state === 'closed')
  expect((await mine(id)).messages.map((m: { from: string }) => m.from)).toEqual(['浦东新区水务局', '12345'])
  const line = (await get(id)).timeline.at(-1)
  expect(line).toMatchObject({ action: 'expire', public: true, why: { clause: '工单 1.6' } })
  const again = await resident.post(`/api/my/requests/${id}/reopen`, { id: newId(), note: '3号楼' })
  expect(again.body.order.state).toBe('redo')
})

test('a suspended order goes on by itself on its day, never later than the pack allows', async () => {
  const id = await handled()
  const before = leftOf(await get(id))
  const far = await act(water, id, 'suspend', { until: inMinutes(31 * 1440), note: '等材料' })
  expect([far.status, far.body.fields]).toEqual([400, [{ path: 'until', code: 'too_late' }]])
  const order = await does(water, id, 'suspend', { until: inMinutes(2880), note: '等材料' })
  expect(order).toMatchObject({ state: 'suspended', overdue: false, dueKind: 'suspension' })
  expect((await mine(id)).order.suspendedUntil).toBe(order.dueAt)
  time.pass(2881)
  await until(async () => (await get(id)).state === 'handling')
  expect(Math.abs(leftOf(await get(id)) - before)).toBeLessThan(2)
})

test('an extension is asked for, granted once by somebody else, and the deadline is the one asked for', async () => {
  const id = await handled()
  const due = (await get(id)).dueAt
  const until = new Date(Date.parse(due) + 1440 * 60_000).toISOString()
  expect(await does(water, id, 'extend', { until, note: '配件明天到' })).toMatchObject({
    state: 'extension_review',
    extensions: 1,
  })
  expect((await act(water, id, 'approve_extension')).body.code).toBe('not_allowed')
  expect(await does(pudong, id, 'approve_extension')).toMatchObject({ state: 'handling', dueAt: until })
  const later = new Date(Date.parse(until) + 60_000).toISOString()
  expect((await act(water, id, 'extend', { until: later, note: '再等等' })).body.code).toBe(
    'extensions_used_up',
  )
  const other = await handled()
  const left = leftOf(await get(other))
  const far = await act(water, other, 'extend', { until: inMinutes(99_999), note: '等' })
  expect(far.body.fields).toEqual([{ path: 'until', code: 'too_late' }])
  const early = await act(water, other, 'extend', { until: inMinutes(left - 60), note: '等' })
  expect(early.body.fields).toEqual([{ path: 'until', code: 'too_early' }])
  await does(water, other, 'extend', { until: inMinutes(left + 60), note: '等' })
  time.pass(45)
  const refused = await does(pudong, other, 'refuse_extension', { note: '来得及' })
  expect(refused.state).toBe('handling')
  expect(Math.abs(leftOf(refused) - left)).toBeLessThan(1)
})

test('an order that nobody wants goes to the arbiter, whose word is not returned', async () => {
  const id = await handled()
  await does(water, id, 'return', { note: '不是我们' })
  expect(buttons(await get(id, water))).toEqual(['note'])
  await does(pudong, id, 'refuse_return', { note: '是你们' })
  expect(await get(id)).toMatchObject({ state: 'handling', returns: 1 })
  expect((await act(water, id, 'ask_arbitration', { note: '请定' })).body.code).toBe('returns_left')
  await does(water, id, 'return', { note: '真不是' })
  await does(agent, id, 'approve_return')
  await does(agent, id, 'dispatch', { unitId: 'housing.310115' })
  expect((await act(office, id, 'return', { note: '也不是我们' })).body.code).toBe('returns_used_up')
  await does(office, id, 'ask_arbitration', { note: '请定' })
  expect((await act(agent, id, 'arbitrate', { unitId: 'water.310115', note: '定' })).body.code).toBe(
    'not_allowed',
  )
  const decided = await does(pudong, id, 'arbitrate', { unitId: 'water.310115', note: '管道属水务' })
  expect(decided).toMatchObject({ state: 'dispatched', arbitrated: true, unit: { id: 'water.310115' } })
  for (const action of ['return', 'ask_arbitration'])
    expect((await act(water, id, action, { note: '不服' })).body.code).toBe('arbitrated')
  expect((await act(agent, id, 'dispatch', { unitId: 'housing.310115' })).body.code).toBe('arbitrated')
  expect(buttons(await get(id, water))).toEqual(['sign', 'note'])
})

test('the desk answers at once, and rejects only under a rule that the reporter is told', async () => {
  const said = await file('你们好')
  expect(await does(agent, said, 'answer', { note: '您好，请讲' })).toMatchObject({
    state: 'closed',
    direct: true,
  })
  expect((await mine(said)).messages.at(-1).text).toBe('您好，请讲')
  const other = await file('你们好啊')
  expect((await act(agent, other, 'reject', { note: '已诉讼' })).body.fields).toEqual([
    { path: 'clause', code: 'required' },
  ])
  const rejected = await does(agent, other, 'reject', { note: '已进入诉讼', clause: '条例第十条' })
  expect(rejected).toMatchObject({ state: 'rejected', dueAt: null })
  expect(rejected.timeline.at(-1).why.clause).toBe('条例第十条')
  expect((await mine(other)).messages.at(-1).text).toBe('已进入诉讼')
})

test('an answer to an order done again and again is reviewed before the reporter reads it', async () => {
  const id = await handled()
  for (let round = 0; round < 2; round++) {
    await does(water, id, 'resolve', { note: '已通水' })
    await does(agent, id, 'call_back', { solved: false })
    await does(water, id, 'sign')
  }
  expect((await does(water, id, 'resolve', { note: '换了水泵' })).state).toBe('answer_review')
  expect((await mine(id)).messages.map((m: { text: string }) => m.text)).not.toContain('换了水泵')
  await does(pudong, id, 'refuse_answer', { note: '请写明时间' })
  await does(water, id, 'resolve', { note: '6月7日换了水泵' })
  expect((await does(pudong, id, 'approve_answer', { note: '可以' })).state).toBe('resolved')
  const texts = (await mine(id)).messages.map((m: { text: string }) => m.text)
  expect(texts).toContain('6月7日换了水泵')
  expect(texts).not.toContain('可以')
})

test('a yellow card comes a working day before the deadline and a red one on the first late day, once each', async () => {
  const id = await file(HOUSE)
  const order = await get(id)
  if (order.state === 'received') await does(agent, id, 'dispatch', { unitId: 'housing.310115' })
  else await sql.query(`update work_order set unit_id = 'housing.310115' where id = $1`, [id])
  const signed = await does(office, id, 'sign')
  // Five working days: the deadline is a midnight, the warning the midnight before the last working day.
  expect(signed.dueAt.slice(11, 19)).toBe('16:00:00')
  expect(signed.card).toBeNull()
  time.pass(leftOf(signed) - 1400)
  await until(async () => (await get(id)).card === 'yellow')
  time.pass(1401)
  await until(async () => (await get(id)).card === 'red')
  await Promise.all([sweepClocks(city.app), sweepClocks(city.app), sweepWarnings(city.app)])
  const { rows } = await sql.query(
    `select kind, unit_id, clause, pack_id from order_card where order_id = $1 order by at`,
    [id],
  )
  const to = { unit_id: 'housing.310115', clause: '要素 home.illegal', pack_id: 'shanghai-2022-06-07' }
  expect(rows).toEqual([
    { kind: 'yellow', ...to },
    { kind: 'red', ...to },
  ])
  const { items } = (await office.get('/api/notices')).body
  expect(
    items.filter((n: { orderId: string }) => n.orderId === id).map((n: { kind: string }) => n.kind),
  ).toEqual(expect.arrayContaining(['card.yellow', 'card.red']))
})

test('a late order is told level by level, subdistrict, district, city, and no further', async () => {
  const id = await file()
  const { rows: before } = await sql.query(
    `select count(*)::int as n from order_notice where order_id = $1`,
    [id],
  )
  expect(before).toEqual([{ n: 0 }])
  const told = async () =>
    (
      await sql.query<{ to: string }>(
        `select data ->> 'toldUnit' as to from order_event where order_id = $1 and action = 'escalate' order by seq`,
        [id],
      )
    ).rows.map((r) => r.to)
  time.pass(121)
  await until(async () => (await told()).length === 1)
  time.pass(1441)
  await until(async () => (await told()).length === 2)
  time.pass(1441)
  await until(async () => (await told()).length === 3)
  expect(await told()).toEqual(['street.310115016', 'street.310115', 'street.31'])
  time.pass(5 * 1441)
  await sweepClocks(city.app)
  expect((await told()).length).toBe(3)
  expect((await get(id)).toldLevel).toBe('city')
})

test('an order without an owner shouts', async () => {
  const id = await file('你们好，有点事')
  expect((await get(id)).state).toBe('received')
  time.pass(31)
  const alarms = async () =>
    (await sql.query<{ kind: string }>(`select kind from alarm where order_id = $1`, [id])).rows
  await until(async () => (await alarms()).length > 0)
  expect(await alarms()).toEqual([{ kind: 'ownerless' }])
  const board = (await pudong.get('/api/supervision')).body
  expect(Object.keys(board)).toContain('ownerless')
})

test('supervision stands on the order with by whom and until when, and ends', async () => {
  const id = await handled()
  expect((await act(agent, id, 'supervise', { note: '盯' })).body.code).toBe('not_allowed')
  const order = await does(pudong, id, 'supervise', { note: '居民多次来电', until: inMinutes(600) })
  expect(order).toMatchObject({ supervised: true, supervision: { by: '模拟·浦东督办' } })
  const isOnShelf = async (): Promise<boolean> =>
    (await pudong.get('/api/supervision')).body.supervised.items.some((o: { id: string }) => o.id === id)
  await until(isOnShelf)
  expect(buttons(await get(id, pudong))).toContain('end_supervision')
  time.pass(601)
  await until(async () => !(await isOnShelf()))
  await does(pudong, id, 'supervise', { note: '再盯' })
  expect(await does(pudong, id, 'end_supervision')).toMatchObject({ supervised: false })
  expect((await does(agent, id, 'nudge')).nudges).toBe(1)
  expect(await does(agent, id, 'nudge')).toMatchObject({ nudges: 2, nudgedAt: expect.any(String) })
})

test('a resident reads what is said to them and never what the offices say to each other', async () => {
  const id = await handled()
  await does(water, id, 'note', { note: '内部：住户难缠' })
  await does(water, id, 'note', { note: '师傅下午到', public: true })
  await does(pudong, id, 'supervise', { note: '内部督办' })
  await does(water, id, 'extend', { until: inMinutes(2890), note: '内部：没人' })
  const said = JSON.stringify(await mine(id))
  expect(said).toContain('师傅下午到')
  expect(said).not.toContain('内部')
})

test('a mention reaches the unit and the person, and watching tells what happened since', async () => {
  const id = await handled()
  await does(agent, id, 'note', { note: '请 @housing.310115 和 @pudong 看一下，@nobody.here 不必' })
  const kinds = async (who: Caller) =>
    (await who.get('/api/notices')).body.items
      .filter((n: { orderId: string }) => n.orderId === id)
      .map((n: { kind: string }) => n.kind)
  expect(await kinds(office)).toEqual(['mention'])
  expect(await kinds(pudong)).toEqual(['mention'])
  expect((await pudong.post(`/api/orders/${id}/watch`, { watching: true })).body).toEqual({
    watching: true,
    names: ['模拟·浦东督办'],
  })
  await does(water, id, 'resolve', { note: '好了' })
  expect(await kinds(pudong)).toEqual(['watched.resolve', 'mention'])
  const { items } = (await pudong.get('/api/orders?view=watched')).body
  expect(items.map((o: { id: string }) => o.id)).toContain(id)
  const seen = await pudong.post('/api/notices/seen', { upTo: time.now().toISOString() })
  expect(seen.body).toEqual({ unseen: 0 })
})

/** The June pack with an hour for signing, the numbers of orders written out in it. */
function anHourToSign(): string {
  const read = (file: string) =>
    parse(readFileSync(new URL(`../../../policies/${file}`, import.meta.url), 'utf8'))
  const pack = read('shanghai-2022-06-07.yaml') as { parts: string[]; parameters: { id: string }[] }
  const orders = read('parts/orders.yaml') as { parameters: { id: string; value: number }[] }
  return JSON.stringify({
    ...pack,
    version: '1.9.0',
    parts: pack.parts.filter((p) => p !== 'orders'),
    parameters: [
      ...pack.parameters,
      ...orders.parameters.map((p) => (p.id === 'orders.signMinutes' ? { ...p, value: 60 } : p)),
    ],
  })
}

test('a pack enacted while work is under way leaves running clocks their deadline; new ones take the new', async () => {
  const before = await get(await file())
  expect(Math.round(leftOf(before))).toBe(120)
  const supervisor = await signedIn(city.base, 'supervisor')
  const commander = await signedIn(city.base, 'commander')
  const id = newId()
  const proposed = await supervisor.post('/api/policies', { id, text: anHourToSign(), reason: '测试' })
  expect(proposed.status).toBe(200)
  const signed = await commander.post(`/api/policies/enactments/${id}/sign`, { hash: proposed.body.hash })
  expect(signed.body.state).toBe('in_force')
  time.pass(1)
  expect(Math.round(leftOf(await get(await file())))).toBe(60)
  expect((await get(before.id)).dueAt).toBe(before.dueAt)
  const again = await does(agent, before.id, 'dispatch', { unitId: 'water.310115' })
  expect(Math.round(leftOf(again))).toBe(60)
})

test('of two who decide on one order in the same instant one wins and the other is told', async () => {
  const id = await handled()
  const { version } = await does(water, id, 'return', { note: '不是我们' })
  const both = await Promise.all([
    act(pudong, id, 'refuse_return', { note: '是你们', version }),
    act(agent, id, 'approve_return', { version }),
  ])
  expect(both.map((a) => a.status).toSorted((a, b) => a - b)).toEqual([200, 409])
  expect(both.find((a) => a.status === 409)!.body.code).toBe('order_changed')
})

test('after a day in which nobody looked every clock is caught up with, each once', async () => {
  const late = await handled()
  const asked = await handled()
  await does(water, asked, 'ask_back', { note: '几号楼？' })
  const suspended = await handled()
  await does(water, suspended, 'suspend', { until: inMinutes(60), note: '等件' })
  const waiting = await file('你们好，有点事')
  const ids = [late, asked, suspended, waiting]
  time.pass(4 * 1440)
  await Promise.all(
    Array.from({ length: 6 }, () => Promise.all([sweepClocks(city.app), sweepWarnings(city.app)])),
  )
  await until(async () => {
    const states = await Promise.all(ids.map(async (id) => (await get(id)).state))
    return states.join() === 'handling,closed,handling,received'
  })
  const { rows } = await sql.query(
    `select action, data ->> 'clock' as clock, order_id, count(*)::int as n from order_event
     where order_id = any ($1) and action in ('escalate', 'expire', 'resume', 'card') and coalesce(data ->> 'clock', '') <> 'escalate'
     group by 1, 2, 3 having count(*) > 1`,
    [ids],
  )
  expect(rows).toEqual([])
  expect((await get(late)).card).toBe('red')
  expect(await get(waiting)).toMatchObject({ overdue: true })
})
