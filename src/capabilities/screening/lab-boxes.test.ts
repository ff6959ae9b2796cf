import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { newId, residentWith, signedIn, startCity, type Caller, type TestCity } from '#test/harness/city.ts'
import { startLab } from '#test/harness/lab.ts'
import { countBacklog } from './capacity-store.ts'

let city: TestCity
let at: Awaited<ReturnType<typeof startLab>>

beforeAll(async () => {
  city = await startCity()
  at = await startLab(city, 300)
})
afterAll(() => city.stop())

test('a laboratory sees the boxes that it received and how many tubes wait, and none of another’s', async () => {
  const person = await at.resident('1号101室')
  const { tube, box } = await at.boxed([person])
  expect((await at.lab.get(`/api/labs/boxes/${box}`)).body.code).toBe('box_not_found')
  await at.lab.post(`/api/boxes/${box}/events`, { id: newId(), kind: 'received' })
  const mine = async () => (await at.lab.get('/api/labs/boxes')).body.items[0]
  expect(await mine()).toMatchObject({ code: box, tubes: 1, waiting: 1 })
  await at.report(tube, 'negative')
  expect(await mine()).toMatchObject({ tubes: 1, waiting: 0 })
  const { body } = await at.lab.get(`/api/labs/boxes/${box}`)
  expect(body.items).toEqual([{ code: tube, kind: 1, state: 'tested', outcome: 'negative' }])
  expect(JSON.stringify(body)).not.toContain(person.id)
  const { caller: other } = await at.member('lab.other')
  expect((await other.get('/api/labs/boxes')).body.items).toEqual([])
  expect((await other.get(`/api/labs/boxes/${box}`)).status).toBe(404)
})

/** Where the tubes of the city wait, by laboratory and stage, as the counts say. */
async function waits(): Promise<Record<string, number>> {
  while ((await countBacklog(city.app.db, city.app.clock.now())) > 0);
  const { rows } = await sql<{ at: string; n: number }>`
    select lab || ' ' || stage as at, sum(n)::int as n from tube_waiting group by 1 having sum(n) <> 0`.execute(
    city.app.db,
  )
  return Object.fromEntries(rows.map((r) => [r.at, r.n]))
}

test('a box that the wrong laboratory scanned is let go of with a reason, and the right one receives it', async () => {
  const [a, b] = [await at.resident('3号101室'), await at.resident('3号102室')]
  const { tube, box } = await at.boxed([a, b])
  const wrong = (await at.member('lab.wrong')).caller
  const receive = (who: Caller, id = newId()) =>
    who.post(`/api/boxes/${box}/events`, { id, kind: 'received' })
  const release = (who: Caller, id = newId()) =>
    who.post(`/api/boxes/${box}/release`, { id, note: '应送模拟实验室' })
  await receive(wrong)
  const scan = newId()
  expect((await receive(at.lab, scan)).body.code).toBe('box_elsewhere')
  const seen = (await wrong.get('/api/labs/boxes')).body.items
  expect(seen).toMatchObject([{ code: box, contested: [{ lab: 'lab.simulated' }] }])
  expect((await release(at.lab)).body.code).toBe('box_not_found')
  expect((await release(at.sampler)).status).toBe(403)
  const id = newId()
  expect((await release(wrong, id)).body).toEqual({ code: box, state: 'collected', lab: null, tubes: 1 })
  expect((await release(wrong, id)).body).toMatchObject({ state: 'collected', lab: null })
  expect((await release(wrong)).body.code).toBe('box_not_found')
  expect((await wrong.get('/api/labs/boxes')).body.items).toEqual([])
  expect(await at.report(tube, 'negative', wrong)).toMatchObject({ refused: 'tube_not_here' })
  // What was just sealed is counted a moment later (capacity-store.ts).
  await expect.poll(waits).toEqual({ ' 1': 1 })
  // The very scan that was refused is taken now.
  expect((await receive(at.lab, scan)).body).toMatchObject({ state: 'received', lab: 'lab.simulated' })
  await expect.poll(waits).toEqual({ 'lab.simulated 2': 1 })
  expect((await at.lab.get(`/api/labs/boxes/${box}`)).body.contested).toEqual([])
  expect(await at.report(tube, 'negative')).toMatchObject({ state: 'new' })
  expect((await release(at.lab)).body.code).toBe('box_tested')
  const worker = await signedIn(city.base, 'juwei')
  const { events } = (await worker.get(`/api/tubes/${tube}`)).body
  expect(events.map((e: { kind: string; lab: string | null }) => [e.kind, e.lab])).toEqual([
    ['sealed', null],
    ['boxed', null],
    ['received', 'lab.wrong'],
    ['contested', 'lab.simulated'],
    ['released', 'lab.wrong'],
    ['received', 'lab.simulated'],
    ['tested', 'lab.simulated'],
  ])
  expect(events[4].note).toBe('应送模拟实验室')
})

test('the centre sees whom a positive single tube is about, masked, and the person sees that it looked', async () => {
  const person = await at.resident('2号101室')
  const tube = await at.tubeOf([person])
  await at.report(tube, 'positive')
  const centre = await signedIn(city.base, 'cdc.pudong')
  const { id } = await city.app.db
    .selectFrom('finding')
    .select('id')
    .where('tube', '=', tube)
    .executeTakeFirstOrThrow()
  const seen = await centre.get(`/api/findings/${id}`)
  expect(seen.body).toMatchObject({
    tube,
    outcome: null,
    person: { personId: person.id, nameMasked: '模*******' },
  })
  const worker = await signedIn(city.base, 'juwei')
  expect((await worker.get(`/api/findings/${id}`)).status).toBe(403)
  const looks = (await (await residentWith(city.base, person.phone)).get('/api/my/looks')).body.items
  expect(looks[0].what.zh).toBe('查看了对您样本的复核')
})
