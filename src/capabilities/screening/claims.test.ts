import { afterAll, beforeAll, expect, test } from 'vitest'
import { newId, residentWith, signedIn, startCity, type Caller, type TestCity } from '#test/harness/city.ts'
import { startLab, type Sampled } from '#test/harness/lab.ts'
import { codeFor } from './resident-code.ts'

let city: TestCity
let at: Awaited<ReturnType<typeof startLab>>
let worker: Caller

beforeAll(async () => {
  city = await startCity()
  at = await startLab(city, 700)
  worker = await signedIn(city.base, 'juwei')
})
afterAll(() => city.stop())

type Claim = {
  id: string
  orderId: string
  maySettle: boolean
  people: { personId: string; nameMasked: string; inTube: boolean }[]
  settled: { outcome: string; reason: string; by: string } | null
}
const claimsOf = async (tube: string): Promise<Claim[]> =>
  (await worker.get(`/api/tubes/${tube}`)).body.claims

/** Another device seals the label with these people. */
async function claim(tube: string, people: readonly Sampled[]): Promise<void> {
  const said = await at.sampler.post('/api/tubes', {
    sessionId: at.session,
    tubes: [
      {
        id: newId(),
        code: tube,
        kind: 10,
        members: people.map((p) => ({ code: codeFor(city.app, p.id, 60) })),
        sealedAt: city.app.clock.now().toISOString(),
      },
    ],
  })
  expect(said.body.tubes[0].refused).toBe('tube_taken')
}
const settle = (tube: string, id: string, outcome: string, body: object = {}, who = worker) =>
  who.post(`/api/tubes/${tube}/claims/${id}/settlement`, {
    id: newId(),
    outcome,
    reason: '已与采样员核对',
    ...body,
  })
const order = async (id: string) => (await worker.get(`/api/orders/${id}`)).body
const recalled = async (tube: string): Promise<string[]> =>
  (
    await city.app.db.selectFrom('recall').select(['person_id', 'why']).where('tube', '=', tube).execute()
  ).map((r) => `${r.person_id} ${r.why}`)

test('a second claim of a label opens one order, its people are shown by mask, and each is told of the look', async () => {
  const [a, b, c] = [await at.resident('21号1室'), await at.resident('21号2室'), await at.resident('21号3室')]
  const { tube } = await at.boxed([a])
  await claim(tube, [b, a])
  await claim(tube, [c])
  const [first, second] = (await claimsOf(tube)) as [Claim, Claim]
  expect(first.people.map((p) => [p.personId, p.inTube])).toEqual([
    [b.id, false],
    [a.id, true],
  ])
  expect(first.people[0]!.nameMasked).toMatch(/^模\*+$/)
  expect(second.orderId).toBe(first.orderId)
  const opened = await order(first.orderId)
  expect(opened).toMatchObject({ kind: 'claim', element: 'test.claim', placeCode: '310115016001' })
  expect(opened.title).toContain(tube)
  const looks = (await (await residentWith(city.base, b.phone)).get('/api/my/looks')).body.items
  expect(looks.length).toBeGreaterThan(0)
})

test('people of another record are called back to a sample when that is found out, once, and the order ends', async () => {
  const [a, b, c] = [await at.resident('22号1室'), await at.resident('22号2室'), await at.resident('22号3室')]
  const { tube } = await at.boxed([a])
  await claim(tube, [a, b, c])
  const [it] = (await claimsOf(tube)) as [Claim]
  expect(it.maySettle).toBe(true)
  const id = newId()
  expect((await settle(tube, it.id, 'sample_again', { id })).body).toEqual({
    id: it.id,
    outcome: 'sample_again',
  })
  expect((await settle(tube, it.id, 'sample_again', { id })).status).toBe(200)
  expect((await settle(tube, it.id, 'same_people', { id })).body.code).toBe('same_id_other_content')
  expect((await settle(tube, it.id, 'same_people')).body.code).toBe('claim_settled')
  expect((await recalled(tube)).toSorted()).toEqual([`${b.id} invalid`, `${c.id} invalid`].toSorted())
  const [settled] = (await claimsOf(tube)) as [Claim]
  expect(settled).toMatchObject({
    maySettle: false,
    settled: { outcome: 'sample_again', reason: '已与采样员核对' },
  })
  expect((await order(it.orderId)).state).toMatch(/^(resolved|answer_review)$/)
  const said = await city.app.db.selectFrom('audit').select('data').where('subject', '=', it.id).execute()
  expect(said).toHaveLength(1)
  // What is claimed after that has an order of its own.
  const d = await at.resident('22号4室')
  await claim(tube, [d])
  expect((await claimsOf(tube))[1]!.orderId).not.toBe(it.orderId)
})

test('where the record was of the same people nobody is called back, and nobody from elsewhere may say so', async () => {
  const [a, b] = [await at.resident('23号1室'), await at.resident('23号2室')]
  const { tube } = await at.boxed([a])
  await claim(tube, [a, b])
  const [it] = (await claimsOf(tube)) as [Claim]
  expect((await settle(tube, it.id, 'same_people', {}, at.sampler)).status).toBe(403)
  expect((await settle(tube, newId(), 'same_people')).body.code).toBe('claim_not_found')
  expect((await settle(tube, it.id, 'same_people')).status).toBe(200)
  expect(await recalled(tube)).toEqual([])
})
