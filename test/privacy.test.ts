import { afterAll, beforeAll, expect, test } from 'vitest'
import { ROUTES } from '#src/city.ts'
import { createKey } from '#capabilities/people/index.ts'
import { Role } from '#capabilities/people/contract.ts'
import {
  caller,
  DIALYSIS,
  newId,
  residentWith,
  signedIn,
  startCity,
  type Caller,
  type TestCity,
} from '#test/harness/city.ts'

/** What a simulated person is called, and their number: nobody may find either in a list or a record. */
const NAME = /模拟居民\d{5}/
const NUMBER = /(?<![\d.])1990\d{7}(?!\d)/

let city: TestCity
let ids: string[]

beforeAll(async () => {
  city = await startCity({ people: 40 })
  const resident = await residentWith(city.base, '19900000001')
  const order = newId()
  await resident.post('/api/my/requests', { id: order, text: DIALYSIS })
  const agent = await signedIn(city.base, 'agent')
  await agent.post('/api/requests', {
    id: newId(),
    text: DIALYSIS,
    caller: { name: '模拟居民00003', phone: '19900000003' },
  })
  const handler = await signedIn(city.base, 'health.pudong')
  for (const action of [{ action: 'sign' }, { action: 'resolve', note: '已安排' }])
    await handler.post(`/api/orders/${order}/actions`, { id: newId(), ...action })
  await resident.post(`/api/my/requests/${order}/rating`, { id: newId(), solved: false, score: 1 })
  const person = (await agent.get(`/api/requests/${order}`)).body.person.id
  await agent.post(`/api/people/${person}/reveal`, {
    id: newId(),
    purpose: 'call_back',
    note: '回访 19900000001',
  })
  const huangpu = await signedIn(city.base, 'huangpu')
  await huangpu.post('/api/glass', { id: newId(), place: '310115', reason: '家属失联，需要核对' })
  const units = await city.app.db.selectFrom('account').select('id').execute()
  ids = [order, person, ...units.slice(0, 3).map((u) => u.id)]
})
afterAll(() => city?.stop())

const gets = () => ROUTES.filter((b) => b.route.method === 'GET').map((b) => b.route)

/** Every address of a route with everything that is known put where it asks for something. */
function addresses(path: string): string[] {
  if (!path.includes(':')) return [path]
  const given = path.includes(':code') ? ['310115', '31'] : path.includes(':day') ? ['2022-04-13'] : ids
  return given.map((value) => path.replace(/:\w+/, value))
}

async function scan(who: string, someone: Caller, own: { name?: string; number?: string } = {}) {
  let answered = 0
  for (const route of gets()) {
    for (const path of addresses(route.path)) {
      const answer = await someone.get(path)
      // The number with which anybody enters the demonstration is printed on its door.
      if (path === '/api/demo') continue
      if (answer.status === 200) answered++
      const text = JSON.stringify(answer.body)
      const name = NAME.exec(text)?.[0]
      if (name !== own.name) expect(name, `${who} GET ${path}`).toBeUndefined()
      const number = NUMBER.exec(text)?.[0]
      if (number !== own.number) expect(number, `${who} GET ${path}`).toBeUndefined()
      expect(text, `${who} GET ${path}`).not.toContain('_sealed')
    }
  }
  return answered
}

test('no list and no record says a full telephone or a plain name, whoever asks', async () => {
  for (const role of Role.options) {
    if (role === 'resident') continue
    const { secret } = await createKey(city.app, { role, place: '31', days: 1 })
    const key = caller(city.base, { authorization: `Bearer ${secret}` })
    expect(await scan(role, key), role).toBeGreaterThan(3)
  }
  for (const account of ['supervisor', 'agent', 'admin', 'auditor', 'huangpu', 'commander'])
    await scan(account, await signedIn(city.base, account))
})

test('somebody unknown and another resident find nobody either', async () => {
  await scan('nobody', caller(city.base))
  const other = await residentWith(city.base, '19900000002')
  await scan('resident', other, { name: '模拟居民00002' })
})

test('the scan would find a name: the one place that says it is the reveal', async () => {
  const agent = await signedIn(city.base, 'agent')
  const answer = await agent.post(`/api/people/${ids[1]}/reveal`, { id: newId(), purpose: 'call_back' })
  expect(JSON.stringify(answer.body)).toMatch(NAME)
  expect(JSON.stringify(answer.body)).toMatch(NUMBER)
})
