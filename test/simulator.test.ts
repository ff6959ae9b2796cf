import { fork } from 'node:child_process'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { chance, chanceOf } from '#src/simulator/chance.ts'
import { isInfected } from '#src/simulator/round.ts'
import { makeText } from '#src/simulator/texts.ts'
import { createKey } from '#capabilities/people/index.ts'
import { startCity, type TestCity } from '#test/harness/city.ts'

let city: TestCity
beforeAll(async () => {
  city = await startCity({ people: 2_000, config: { speed: 300 } })
})
afterAll(() => city.stop())

test('the simulated city lives by the public API: people ask, offices sign, solve and return, nothing is unmarked', async () => {
  const { secret } = await createKey(city.app, { role: 'simulator', place: '31', days: 1 })
  let said = ''
  const start = () => {
    const child = fork(join(import.meta.dirname, '../src/simulator/main.ts'), [], {
      env: {
        ...process.env,
        CITYLOOP_PREVALENCE: '120',
        CITYLOOP_CLUSTERING: '0.6',
        CITYLOOP_URL: city.base,
        CITYLOOP_SIM_KEY: secret,
        CITYLOOP_PEOPLE: '2000',
        CITYLOOP_SEED: '1',
      },
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    })
    child.stderr!.on('data', (chunk: Buffer) => (said += chunk.toString()))
    return child
  }
  const child = start()
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
  // From the tube to the centre's word: pools, singles at home, recalls that ended by them, findings.
  const chain = async () =>
    Object.values(
      (
        await sql.query<Record<string, number>>(
          `select (select count(*)::int from tube where kind = 10) as pools, (select count(*)::int from tube where kind = 1) as singles,
            (select count(*)::int from result where outcome = 'positive') as positives, (select count(*)::int from recall where answered_at is not null) as answered,
            (select count(*)::int from finding where outcome is not null) as found, (select count(*)::int from site_queue) as lines,
            (select count(*)::int from tube where state in ('boxed', 'collected', 'received')) as under_way`,
        )
      ).rows[0]!,
    )
  const end = Date.now() + 120_000
  for (;;) {
    const done = await actions()
    if (
      ['open', 'dispatch', 'sign', 'resolve'].every((a) => (done.get(a) ?? 0) > 5) &&
      ((done.get('rate') ?? 0) > 0 || (done.get('call_back') ?? 0) > 0) &&
      (await chain()).every((n) => n > 0)
    )
      break
    if (Date.now() > end)
      throw new Error(`only ${JSON.stringify([...done])} ${JSON.stringify(await chain())} ${said}`)
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
  // Whoever was called back was in a tube that is not negative, or lives with somebody who was.
  const stray = await sql.query(
    `select 1 from recall r left join result x on x.tube = r.tube where x.outcome is distinct from 'positive' and r.tube is not null`,
  )
  expect(stray.rows).toEqual([])
  // Started again it goes on with what it left on the way: no tube waits for ever because its city was restarted.
  const left = (
    await sql.query<{ code: string }>(
      `select code from tube where state in ('boxed', 'collected', 'received')`,
    )
  ).rows.map((t) => t.code)
  expect(left.length).toBeGreaterThan(0)
  const again = start()
  await expect
    .poll(
      async () =>
        (await sql.query(`select 1 from tube where code = any($1) and state <> 'tested'`, [left])).rows
          .length,
      { timeout: 60_000, interval: 500 },
    )
    .toBe(0)
  const gone = new Promise((done) => again.once('exit', done))
  again.disconnect()
  await gone
  await sql.end()
}, 180_000)

test('an epidemic has the prevalence that was asked for, in few towns when it is clustered', () => {
  const towns = Array.from({ length: 215 }, (_, i) => `3101${String(i).padStart(5, '0')}`)
  const count = (prevalence: number, clustering: number) => {
    const byTown = towns.map(
      (town) =>
        Array.from({ length: 400 }, (_, i) => i).filter((i) =>
          isInfected({ prevalence, clustering }, 7, { personId: `${town} ${i}`, town }),
        ).length,
    )
    const all = byTown.reduce((sum, n) => sum + n, 0)
    const top = byTown.toSorted((a, b) => b - a).slice(0, 22)
    return {
      perThousand: (1000 * all) / (215 * 400),
      inTenth: top.reduce((sum, n) => sum + n, 0) / Math.max(1, all),
    }
  }
  expect(count(0, 0.5)).toEqual({ perThousand: 0, inTenth: 0 })
  const [spread, clustered] = [count(10, 0), count(10, 0.9)]
  expect(spread.perThousand).toBeGreaterThan(8)
  expect(spread.perThousand).toBeLessThan(12)
  expect(clustered.perThousand).toBeGreaterThan(5)
  expect(clustered.perThousand).toBeLessThan(16)
  expect(spread.inTenth).toBeLessThan(0.25)
  expect(clustered.inTenth).toBeGreaterThan(0.8)
})

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
