import { afterAll, beforeAll, expect, test } from 'vitest'
import { caller, residentWith, signedIn, startCity, type Caller, type TestCity } from '#test/harness/city.ts'
import { startLab, type Sampled } from '#test/harness/lab.ts'
import { createKey, forget } from './index.ts'

let city: TestCity
let people: (Sampled & { who: Caller })[]
beforeAll(async () => {
  city = await startCity()
  const lab = await startLab(city)
  people = []
  for (let i = 0; i < 24; i++) {
    const one = await lab.resident(`${i + 1}号201室`)
    people.push({
      ...one,
      who: await residentWith(city.base, one.phone, { 'x-forwarded-for': `10.8.0.${i}` }),
    })
  }
})
afterAll(() => city.stop())

const forgetAll = () => people.forEach((p) => forget(city.app, { subjectId: p.id }))

test('sessions that are read together stay apart: everybody is who they are, and who is gone is nobody', async () => {
  forgetAll()
  const bad = Array.from({ length: 10 }, (_, i) => {
    const stranger = caller(city.base)
    stranger.cookie = `cityloop=${'x'.repeat(42)}${i}`
    return stranger
  })
  const commander = await signedIn(city.base, 'commander')
  // Not in the order in which they signed in, which is how the rows lie.
  const turned = people.toReversed()
  const everybody = [...turned.map((p) => p.who), ...bad, commander]
  const said = await Promise.all([...everybody, ...everybody].map((who) => who.get('/api/me')))
  const mine = await Promise.all(people.map((p) => p.who.get('/api/my/record')))
  expect(mine.map((m) => m.status)).toEqual(people.map(() => 200))
  const names = said.map((s) => `${s.body.kind} ${s.body.name}`)
  const expected = [
    ...turned.map((p) => `resident 模拟住户${Number(p.phone.slice(4))}`),
    ...bad.map(() => 'nobody '),
    `staff ${said.at(-1)!.body.name}`,
  ]
  expect(names).toEqual([...expected, ...expected])
})

test('a session that was signed out is nobody’s at once, whoever was being looked up meanwhile', async () => {
  const { who, phone } = people[0]!
  for (let round = 0; round < 5; round++) {
    const same = await residentWith(city.base, phone, { 'x-forwarded-for': `10.8.1.${round}` })
    const other = caller(city.base)
    other.cookie = same.cookie
    forgetAll()
    const flying = Array.from({ length: 20 }, () => other.get('/api/my/requests'))
    const was = same.cookie
    expect((await same.delete('/api/session')).status).toBe(200)
    // A thief keeps what the browser was told to forget.
    other.cookie = was
    const after = await Promise.all(Array.from({ length: 20 }, () => other.get('/api/my/requests')))
    expect(after.map((a) => a.status)).toEqual(after.map(() => 401))
    await Promise.all(flying)
  }
  expect((await who.get('/api/my/requests')).status).toBe(200)
})

test('a key beside a dead cookie does not lend the cookie its rights', async () => {
  const { secret } = await createKey(city.app, { role: 'simulator', place: '31', days: 1 })
  const dead = `cityloop=${'d'.repeat(43)}`
  const machine = caller(city.base, { authorization: `Bearer ${secret}` })
  machine.cookie = dead
  expect((await machine.get('/api/me')).body.kind).toBe('machine')
  const stranger = caller(city.base)
  stranger.cookie = dead
  expect((await stranger.get('/api/me')).body.kind).toBe('nobody')
  stranger.cookie = `cityloop=${secret}`
  expect((await stranger.get('/api/me')).body.kind).toBe('nobody')
  expect((await machine.get('/api/me')).body.kind).toBe('machine')
})
