import { fork } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { chance, chanceOf } from '#src/simulator/chance.ts'
import { makeCarriers } from '#src/simulator/epidemic.ts'
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

/** People of the towns that the city ships with, spread as a demonstration spreads them: by number over all compounds. */
function population(count: number) {
  const { subdistricts, neighbourhoods } = JSON.parse(
    readFileSync(join(import.meta.dirname, '../data/shanghai/divisions.json'), 'utf8'),
  ) as Record<'subdistricts' | 'neighbourhoods', [string, string][]>
  const byTown = Map.groupBy(
    neighbourhoods.map(([code]) => code),
    (code) => code.slice(0, 9),
  )
  const compounds = neighbourhoods.flatMap(([code]) => [`${code}001`, `${code}002`])
  return {
    towns: subdistricts.map(([code]) => ({ code, neighbourhoods: byTown.get(code) ?? [] })),
    // In no order that has to do with where they live, as codes are listed by an id that says nothing.
    people: Array.from({ length: count }, (_, i) => ({
      personId: `${Math.floor(chanceOf(3, `id ${i}`).next() * 1e12)}-${i}`,
      placeCode: compounds[(i * 7919) % compounds.length]!,
    })).sort((a, b) => (a.personId < b.personId ? -1 : 1)),
  }
}

test('an epidemic has the prevalence that was asked for, however clustered, and stands in few towns and neighbourhoods when it is', () => {
  const N = 40_000
  const { towns, people } = population(N)
  const byTown = Map.groupBy(people, (p) => p.placeCode.slice(0, 9))
  const count = (prevalence: number, clustering: number, seed: number) => {
    const carriers = makeCarriers({ prevalence, clustering }, seed, towns)
    // Town after town in steps, as the round does.
    for (const all of byTown.values())
      for (let i = 0; i < all.length; i += 50) carriers.learn(all.slice(i, i + 50))
    const sick = people.filter((p) => carriers.isInfected(p.personId))
    const per = (digits: number) => Map.groupBy(sick, (p) => p.placeCode.slice(0, digits))
    const densest = [...per(9)]
      .map(([town, list]) => ({ n: list.length, of: byTown.get(town)!.length }))
      .sort((a, b) => b.n / b.of - a.n / a.of)
    let [covered, inTenth] = [0, 0]
    for (const { n, of } of densest) {
      if (covered + of > N / 10) break
      covered += of
      inTenth += n
    }
    const alone = [...per(12).values()].filter((list) => list.length === 1).length
    return {
      perThousand: (1000 * sick.length) / N,
      /** Of the infected, in the densest towns that together have a tenth of the people. */
      inTenth: inTenth / Math.max(1, sick.length),
      /** Of the infected, with another one in their neighbourhood (six people). */
      notAlone: 1 - alone / Math.max(1, sick.length),
    }
  }
  expect(count(0, 0.5, 7)).toEqual({ perThousand: 0, inTenth: 0, notAlone: 1 })
  const SEEDS = [1, 2, 3, 4]
  const mean = (list: number[]) => list.reduce((sum, x) => sum + x, 0) / list.length
  for (const prevalence of [1, 10, 120])
    for (const clustering of [0, 0.6, 0.9]) {
      const found = SEEDS.map((seed) => count(prevalence, clustering, seed).perThousand)
      // Four times the error of drawing so many people one by one; around each other they err no more than twice of it.
      const error = Math.sqrt((prevalence * (1000 - prevalence)) / N)
      const words = `${prevalence} of a thousand, clustered ${clustering}: ${found.join(' ')}`
      for (const one of found) expect(Math.abs(one - prevalence), words).toBeLessThan(4 * error)
      expect(Math.abs(mean(found) - prevalence), words).toBeLessThan((4 * error) / Math.sqrt(SEEDS.length))
    }
  const [spread, clustered] = [count(10, 0, 7), count(10, 0.9, 7)]
  expect(spread.inTenth).toBeLessThan(0.3)
  expect(clustered.inTenth).toBeGreaterThan(0.85)
  expect(spread.notAlone).toBeLessThan(0.15)
  expect(clustered.notAlone).toBeGreaterThan(0.8)
})

test('who carries it hangs on seed, person and neighbourhood alone: not on the order of a list, nor on what else is known', () => {
  const { towns, people } = population(20_000)
  const epidemic = { prevalence: 100, clustering: 0.9 }
  const [once, again, other] = [
    makeCarriers(epidemic, 5, towns),
    makeCarriers(epidemic, 5, towns.toReversed()),
    makeCarriers(epidemic, 6, towns),
  ]
  once.learn(people)
  for (const p of people.toReversed()) again.learn([{ ...p, placeCode: p.placeCode.slice(0, 12) }])
  other.learn(people)
  const of = (carriers: typeof once) =>
    people.filter((p) => carriers.isInfected(p.personId)).map((p) => p.personId)
  expect(of(once).length).toBeGreaterThan(1_000)
  expect(of(again)).toEqual(of(once))
  expect(of(other)).not.toEqual(of(once))
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
