import fc from 'fast-check'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readPolicy } from '#capabilities/policy/index.ts'
import { DIALYSIS, newId, signedIn, startCity, type Caller, type TestCity } from '#test/harness/city.ts'
import { Action, State } from './contract.ts'
import { allowedActions, CLOCK_OF, clockSpan, judge, NEEDS, NEXT, nextState, type Facts } from './rules.ts'
import { sweepClocks } from './sweep.ts'
import { endOf } from './span.ts'
import { roleHas } from './view.ts'

const policy = readPolicy('shanghai-2022-06-07')

test('every state can be reached, every open state has a clock, and nothing leaves an ended one', () => {
  const reached = new Set<string>(['received'])
  for (const from of State.options)
    for (const to of Object.values(NEXT[from])) for (const s of [to].flat()) reached.add(s)
  expect(State.options.filter((s) => !reached.has(s))).toEqual([])
  for (const s of State.options) {
    // A merged one waits for its lead's clock.
    const isEnded = Object.keys(NEXT[s]).length === 0 || s === 'merged'
    expect(s in CLOCK_OF, s).toBe(!isEnded)
  }
})

test('an action leads where the table says or nowhere, whatever is answered', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...State.options),
      fc.constantFrom(...Action.options),
      fc.boolean(),
      fc.integer({ min: 1, max: 5 }),
      (state, action, solved, score) => {
        const to = nextState(policy, { state, redos: 0, heldState: 'handling' }, action, { solved, score })
        const table = (NEXT[state] as Record<string, string | string[] | undefined>)[action]
        if (table === undefined) expect(to).toBeUndefined()
        else expect([table].flat()).toContain(table === 'held' ? 'held' : to)
      },
    ),
  )
})

test('only solved and well enough scored closes an order', () => {
  expect(judge(policy, { solved: true, score: 3 })).toBe('closed')
  expect(judge(policy, { solved: true })).toBe('closed')
  expect(judge(policy, { solved: true, score: 2 })).toBe('redo')
  expect(judge(policy, { solved: false, score: 5 })).toBe('redo')
})

test('an urgent order never has more time than a calm one of the same matter', () => {
  for (const element of [...policy.element.keys(), null]) {
    for (const kind of ['dispatch', 'supply', 'sign', 'review', 'handle', 'call_back', 'archive'] as const) {
      const at = new Date('2022-06-07T10:00:00+08:00')
      const urgent = clockSpan(policy, kind, { urgent: true, element })
      expect(endOf(policy, at, urgent.span).getTime(), `${element} ${kind}`).toBeLessThanOrEqual(
        endOf(policy, at, clockSpan(policy, kind, { urgent: false, element }).span).getTime(),
      )
      expect(urgent.clause).not.toBe('')
    }
  }
})

test('a person sees only the buttons of their role, place and unit', () => {
  const facts: Facts = {
    state: 'dispatched',
    placeCode: '310115016',
    unitId: 'health.310115',
    returns: 0,
    extensions: 0,
    redos: 0,
    arbitrated: false,
    supervised: false,
    partsOpen: 0,
    mergedAt: null,
    heldState: null,
    heldBy: null,
  }
  const caps = { maxReturns: 2, maxExtensions: 1, mergeUndoMinutes: 60 }
  const buttons = (role: string, place: string, unit: string | null, more: Partial<Facts> = {}) =>
    allowedActions(
      roleHas,
      { id: 'me', grants: [{ role, place, unit }] },
      { ...facts, ...more },
      caps,
      new Date(),
    ).map((a) => a.action)
  expect(buttons('handler', '310115', 'health.310115')).toEqual(['sign', 'return', 'note'])
  expect(buttons('handler', '310115', 'water.310115')).toEqual(['note'])
  expect(buttons('handler', '310101', null)).toEqual([])
  expect(buttons('handler', '310115', null, { returns: 2 })).toEqual(['sign', 'ask_arbitration', 'note'])
  expect(buttons('handler', '310115', null, { arbitrated: true })).toEqual(['sign', 'note'])
  expect(buttons('handler', '310115', null, { state: 'handling', partsOpen: 1 })).toEqual([
    'return',
    'extend',
    'suspend',
    'ask_back',
    'note',
  ])
  expect(buttons('agent', '31', null, { state: 'resolved' })).toEqual(['call_back', 'note', 'nudge'])
  expect(buttons('commander', '31', null)).toEqual(['note', 'nudge', 'supervise'])
  expect(buttons('supervisor', '31', null, { state: 'return_review', heldBy: 'me' })).toEqual([
    'dispatch',
    'note',
    'nudge',
    'supervise',
  ])
  expect(buttons('resident', '310115', null)).toEqual([])
  expect(Object.values(NEEDS).every((n) => n.permission.startsWith('orders.'))).toBe(true)
})

let city: TestCity
let resident: Caller
let sql: pg.Client

beforeAll(async () => {
  city = await startCity()
  resident = await signedIn(city.base, 'resident')
  sql = new pg.Client({ connectionString: city.url })
  await sql.connect()
})
afterAll(async () => {
  await sql.end()
  await city.stop()
})

const file = async () => {
  const id = newId()
  await resident.post('/api/my/requests', { id, text: DIALYSIS })
  return id
}
const events = async (id: string) =>
  (
    await sql.query<{ action: string }>('select action from order_event where order_id = $1 order by seq', [
      id,
    ])
  ).rows.map((r) => r.action)
/** Moves a running clock into the past, as a day of downtime does. */
const runOut = (id: string) =>
  sql.query(
    `with c as (update order_clock set due_at = now() - interval '1 day' where order_id = $1 and stopped_at is null and fired_at is null)
             update work_order set due_at = now() - interval '1 day' where id = $1`,
    [id],
  )
const until = async (done: () => Promise<boolean>) => {
  const end = Date.now() + 10_000
  while (!(await done())) {
    if (Date.now() > end) throw new Error('it did not happen within 10 s')
    await new Promise((next) => setTimeout(next, 50))
  }
}

test('a deadline that passes makes the order overdue, tells the level above and raises an alarm, once', async () => {
  const id = await file()
  await runOut(id)
  await until(async () => (await events(id)).includes('escalate'))
  await Promise.all(Array.from({ length: 5 }, () => sweepClocks(city.app)))
  expect((await events(id)).filter((a) => a === 'escalate')).toHaveLength(1)
  const commander = await signedIn(city.base, 'commander')
  const order = (await commander.get(`/api/orders/${id}`)).body
  expect(order).toMatchObject({ overdue: true, state: 'dispatched' })
  expect(order.timeline.at(-1).why).toMatchObject({ clause: '工单 2.2', pack: 'shanghai-2022-06-07' })
  const { rows } = await sql.query(`select kind from alarm where order_id = $1 order by kind`, [id])
  expect(rows).toEqual([{ kind: 'overdue' }, { kind: 'urgent' }])
})

test('an urgent order that stays open is said again, until it moves', async () => {
  const id = await file()
  const count = async () => (await events(id)).filter((a) => a === 'escalate').length
  await runOut(id)
  await until(async () => (await count()) === 1)
  await runOut(id)
  await until(async () => (await count()) === 2)
  const health = await signedIn(city.base, 'health.pudong')
  await health.post(`/api/orders/${id}/actions`, { id: newId(), action: 'sign' })
  const { rows } = await sql.query(
    `select kind from order_clock where order_id = $1 and stopped_at is null and fired_at is null`,
    [id],
  )
  expect(rows).toEqual([{ kind: 'handle' }])
  const { rows: alarms } = await sql.query(`select kind from alarm where order_id = $1 order by kind`, [id])
  expect(alarms).toEqual([{ kind: 'overdue' }, { kind: 'overdue' }, { kind: 'urgent' }])
})

test('clocks that ran out while the server was down fire exactly once after it is up again', async () => {
  const ids = await Promise.all(Array.from({ length: 8 }, file))
  await sql.query('begin')
  // Nothing may fire before the restart: the rows are held by another session.
  await sql.query('select 1 from order_clock where order_id = any ($1) for update', [ids])
  for (const id of ids) await runOut(id)
  const restarting = city.restart()
  await new Promise((done) => setTimeout(done, 300))
  await sql.query('commit')
  await restarting
  await until(async () => (await Promise.all(ids.map(events))).every((list) => list.includes('escalate')))
  await new Promise((done) => setTimeout(done, 1_200))
  for (const id of ids) expect((await events(id)).filter((a) => a === 'escalate')).toHaveLength(1)
})

test('handling is promised from the dispatch on: who signs late has the less time left', async () => {
  const id = await file()
  await sql.query(
    `update order_clock set started_at = started_at - interval '9 minutes' where order_id = $1 and kind = 'sign'`,
    [id],
  )
  const before = (await resident.get(`/api/my/requests/${id}`)).body.steps
  const health = await signedIn(city.base, 'health.pudong')
  const signed = await health.post(`/api/orders/${id}/actions`, { id: newId(), action: 'sign' })
  const handle = signed.body.clocks.find((c: { kind: string }) => c.kind === 'handle')
  const minutes = (Date.parse(handle.dueAt) - Date.parse(handle.startedAt)) / 60_000
  expect(minutes).toBeGreaterThan(110.5)
  expect(minutes).toBeLessThanOrEqual(111)
  // Two hours from the dispatch: what the resident was told before anybody signed.
  const promised = before.find((s: { state: string }) => s.state === 'resolved').promisedAt
  expect(Math.abs(Date.parse(promised) - Date.parse(handle.dueAt) - 9 * 60_000)).toBeLessThan(5_000)
})

test('a closed order is archived by its own clock', async () => {
  const id = await file()
  const health = await signedIn(city.base, 'health.pudong')
  await health.post(`/api/orders/${id}/actions`, { id: newId(), action: 'sign' })
  await health.post(`/api/orders/${id}/actions`, { id: newId(), action: 'resolve', note: '已办' })
  await resident.post(`/api/my/requests/${id}/rating`, { id: newId(), solved: true, score: 5 })
  await runOut(id)
  await until(async () => (await events(id)).at(-1) === 'archive')
  expect((await resident.get(`/api/my/requests/${id}`)).body.order).toMatchObject({
    state: 'archived',
    dueAt: null,
  })
})

test('the row of an order is what follows from its events', async () => {
  const { rows } =
    await sql.query(`select o.state, o.version, (select to_state from order_event e where e.order_id = o.id order by seq desc limit 1) as last,
    (select count(*)::int from order_clock c where c.order_id = o.id and c.stopped_at is null and c.fired_at is null) as running, o.open from work_order o`)
  expect(rows.length).toBeGreaterThan(5)
  for (const row of rows) {
    expect(row.last).toBe(row.state)
    expect(row.running).toBe(row.state in CLOCK_OF ? 1 : 0)
  }
})
