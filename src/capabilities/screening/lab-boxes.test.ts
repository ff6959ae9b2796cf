import { afterAll, beforeAll, expect, test } from 'vitest'
import { newId, residentWith, signedIn, startCity, type TestCity } from '#test/harness/city.ts'
import { startLab } from '#test/harness/lab.ts'

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
