import { fork } from 'node:child_process'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { chance, chanceOf } from '#src/simulator/chance.ts'
import { makeText } from '#src/simulator/texts.ts'
import { createKey } from '#capabilities/people/index.ts'
import { startCity, type TestCity } from '#test/harness/city.ts'

let city: TestCity
beforeAll(async () => {
  city = await startCity({ people: 200, config: { speed: 300 } })
})
afterAll(() => city.stop())

test('the simulated city lives by the public API: people ask, offices sign, solve and return, nothing is unmarked', async () => {
  const { secret } = await createKey(city.app, { role: 'simulator', place: '31', days: 1 })
  const child = fork(join(import.meta.dirname, '../src/simulator/main.ts'), [], {
    env: {
      ...process.env,
      CITYLOOP_URL: city.base,
      CITYLOOP_SIM_KEY: secret,
      CITYLOOP_PEOPLE: '200',
      CITYLOOP_SEED: '1',
    },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
  let said = ''
  child.stderr!.on('data', (chunk: Buffer) => (said += chunk.toString()))
  const sql = new pg.Client({ connectionString: city.url })
  await sql.connect()
  const actions = async () =>
    new Map(
      (
        await sql.query<{ action: string; n: number }>(
          'select action, count(*)::int as n from order_event group by 1',
        )
      ).rows.map((r) => [r.action, r.n]),
    )
  const end = Date.now() + 90_000
  for (;;) {
    const done = await actions()
    if (
      ['open', 'dispatch', 'sign', 'resolve'].every((a) => (done.get(a) ?? 0) > 5) &&
      ((done.get('rate') ?? 0) > 0 || (done.get('call_back') ?? 0) > 0)
    )
      break
    if (Date.now() > end) throw new Error(`only ${JSON.stringify([...done])} ${said}`)
    await new Promise((next) => setTimeout(next, 500))
  }
  const exited = new Promise<number | null>((done) => child.once('exit', done))
  child.disconnect()
  expect(await exited).toBe(0)
  expect(said).toBe('')
  const { rows } = await sql.query<{
    orders: number
    calls: number
    places: number
  }>(`select (select count(*)::int from work_order where not simulated) as orders,
    (select count(*)::int from call) as calls, (select count(distinct district)::int from work_order) as places`)
  expect(rows[0]).toMatchObject({ orders: 0 })
  expect(rows[0]!.calls).toBeGreaterThan(5)
  expect(rows[0]!.places).toBeGreaterThan(8)
  await sql.end()
}, 120_000)

test('the same seed writes the same texts, another seed others', () => {
  const place = { district: '浦东新区', subdistrict: '花木街道', neighbourhood: '牡丹' }
  const write = (seed: number) => {
    const c = chance(seed)
    return Array.from({ length: 50 }, () => makeText(place, c, 0.2))
  }
  expect(write(1)).toEqual(write(1))
  expect(write(1)).not.toEqual(write(2))
  expect(new Set(write(3)).size).toBeGreaterThan(40)
  expect(chanceOf(1, 'a').next()).not.toBe(chanceOf(1, 'b').next())
})
