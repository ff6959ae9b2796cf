import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { newId, type Caller } from '#test/harness/city.ts'
import { startDesk, type Desk } from '#test/harness/desk.ts'
import { until } from '#test/harness/time.ts'
import { countTurnRates, countTurnsBy } from './kpi.ts'
import { eventsOf } from './store.ts'
import { toTurnEvent, turnsOf } from './turn-store.ts'
import { countTurns, foldTurns, type Turn } from './turns.ts'

let desk: Desk
let office: Caller
beforeAll(async () => {
  desk = await startDesk()
  // Handles everything in the district: not bound to one unit.
  office = await desk.member(null)
})
afterAll(() => desk.stop())

const kpi = async (unit: string) => {
  const { items } = (await desk.pudong.get('/api/kpi?place=310115&by=unit&days=92')).body
  const found = items.find((k: { key: string }) => k.key === unit)
  if (!found) return null
  const { sent, onTimeSign, onTimeResolve, returnRate, redoRate, yellow, red } = found
  return { sent, onTimeSign, onTimeResolve, returnRate, redoRate, yellow, red }
}

test('an order through return, arbitration, redo and a red card has the rates right at each step', async () => {
  const { file, does, agent, pudong, water, housing, time, get, resident } = desk
  const id = await file()
  const nothing = { onTimeSign: null, onTimeResolve: null, redoRate: null, yellow: 0, red: 0 }
  expect(await kpi('water.310115')).toEqual({ sent: 1, returnRate: 0, ...nothing })
  await does(water, id, 'return', { note: '不是我们' })
  expect(await kpi('water.310115')).toEqual({ sent: 1, returnRate: 1, ...nothing })
  await does(agent, id, 'approve_return')
  await does(agent, id, 'dispatch', { unitId: 'housing.310115' })
  await does(housing, id, 'return', { note: '也不是' })
  await does(pudong, id, 'refuse_return', { note: '先看看' })
  expect(await kpi('housing.310115')).toEqual({ sent: 1, returnRate: 1, ...nothing })
  await does(housing, id, 'ask_arbitration', { note: '请定' })
  await does(pudong, id, 'arbitrate', { unitId: 'water.310115', note: '水务' })
  expect(await kpi('water.310115')).toEqual({ sent: 2, returnRate: 1 / 2, ...nothing })
  await does(water, id, 'sign')
  expect(await kpi('water.310115')).toEqual({ ...nothing, sent: 2, returnRate: 1 / 2, onTimeSign: 1 })
  await does(water, id, 'resolve', { note: '通水了' })
  const once = { sent: 2, returnRate: 1 / 2, onTimeSign: 1, onTimeResolve: 1, redoRate: 0, yellow: 0, red: 0 }
  expect(await kpi('water.310115')).toEqual(once)
  await resident.post(`/api/my/requests/${id}/rating`, { id: newId(), solved: false, score: 1 })
  expect(await kpi('water.310115')).toEqual({ ...once, sent: 3, returnRate: 1 / 3, redoRate: 1 })
  time.pass(200)
  // The second time it is signed late: one of two.
  await does(water, id, 'sign')
  expect(await kpi('water.310115')).toMatchObject({ onTimeSign: 1 / 2, onTimeResolve: 1, red: 0 })
  time.pass(10_000)
  await until(async () => (await get(id)).card === 'red')
  expect(await kpi('water.310115')).toMatchObject({ onTimeSign: 1 / 2, onTimeResolve: 1 / 2, red: 1 })
  await does(water, id, 'resolve', { note: '这回真通了' })
  expect(await kpi('water.310115')).toEqual({
    sent: 3,
    returnRate: 1 / 3,
    onTimeSign: 1 / 2,
    onTimeResolve: 1 / 2,
    redoRate: 1 / 2,
    yellow: 0,
    red: 1,
  })
  expect(await kpi('housing.310115')).toEqual({ ...nothing, sent: 1, returnRate: 1 })
})

type Button = { action: string; needs: string[]; may: string[]; latest: string | null }

/** Fills in what a button wants. */
function fill(b: Button, pick: number, now: Date, lead: string): object {
  const { latest } = b
  const values: Record<string, unknown> = {
    unitId: ['water.310115', 'housing.310115', 'health.310115'][pick % 3],
    note: '随机',
    clause: '条例',
    solved: pick % 2 === 0,
    // As late as the pack allows: an extension must lie behind the deadline that runs.
    until: latest ?? new Date(now.getTime() + 3_600_000).toISOString(),
    into: lead,
  }
  return Object.fromEntries(b.needs.map((need) => [need, values[need]]))
}

async function recomputed(ids: string[]): Promise<Turn[]> {
  const all: Turn[] = []
  for (const id of ids) {
    const folded = foldTurns((await eventsOf(desk.city.app.db, id)).map(toTurnEvent))
    expect(await turnsOf(desk.city.app.db, id)).toEqual(folded)
    all.push(...folded)
  }
  return all
}

test('whatever happens to orders, the stored rates are what the log alone gives', async () => {
  const { city, agent, pudong, time, file, get } = desk
  const everybody = [agent, office, pudong]
  const seen = new Set<string>()
  const n = fc.nat({ max: 9_999 })
  await fc.assert(
    fc.asyncProperty(
      fc.noBias(fc.array(fc.tuple(n, n, n, fc.nat({ max: 400 })), { minLength: 30, maxLength: 50 })),
      async (steps) => {
        const from = time.now()
        const ids = await Promise.all(Array.from({ length: 4 }, () => file()))
        let bulk: string | undefined
        for (const [which, who, what, minutes] of steps) {
          // Now and then hours pass, so that some is late.
          if (minutes > 200) time.pass(minutes)
          const id = ids[which % ids.length]!
          const me = everybody[who % everybody.length]!
          if (bulk && what % 3 === 0) {
            await agent.post(`/api/orders/bulk/${bulk}/undo`, { id: newId() })
            bulk = undefined
          }
          const seenBy = await get(id, me)
          expect(seenBy.code ?? null, JSON.stringify(seenBy).slice(0, 300)).toBeNull()
          const buttons = seenBy.allowed.filter(
            (b: Button) => !['note', 'nudge', 'supervise', 'end_supervision'].includes(b.action),
          ) as Button[]
          const button = buttons[what % Math.max(1, buttons.length)]
          if (!button) continue
          const input = {
            action: button.action,
            ...fill(button, what, time.now(), ids[(which + 1) % ids.length]!),
          }
          seen.add(button.action)
          if (me === agent && what % 4 === 1) {
            bulk = newId()
            await agent.post('/api/orders/bulk', { id: bulk, orderIds: [id], input })
          } else {
            const answer = await me.post(`/api/orders/${id}/actions`, { id: newId(), ...input })
            expect([200, 409], JSON.stringify([button.action, answer.body])).toContain(answer.status)
          }
        }
        const turns = await recomputed(ids)
        const now = new Date(time.now().getTime() + 86_400_000)
        const period = { place: '31', from, to: now, now }
        expect(await countTurnRates(city.app.db, period)).toEqual(countTurns(turns, now))
        for (const { key, ...rates } of await countTurnsBy(city.app.db, { ...period, by: 'unit' }))
          expect(rates, key).toEqual(
            countTurns(
              turns.filter((t) => t.unitId === key),
              now,
            ),
          )
      },
    ),
    { numRuns: 10, seed: 20220607, endOnFailure: true },
  )
  // The walk has been where it should: a rule that shuts a door would make the property empty.
  for (const action of [
    'dispatch',
    'sign',
    'return',
    'approve_return',
    'resolve',
    'extend',
    'suspend',
    'merge',
    'ask_back',
  ])
    expect([...seen], action).toContain(action)
}, 120_000)
