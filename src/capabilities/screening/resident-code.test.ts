import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { within } from '#kernel/db.ts'
import { newId } from '#kernel/ids.ts'
import { registerPerson } from '#capabilities/people/index.ts'
import { residentWith, signedIn, startCity, type TestCity } from '#test/harness/city.ts'
import { personOfCode } from './resident-code.ts'

const NEIGHBOURHOOD = '310115016001'
let city: TestCity

beforeAll(async () => {
  city = await startCity({ people: 5 })
  for (const i of [1, 2, 3])
    await within(city.app.db, { as: 'service' }, (trx) =>
      registerPerson(city.app, trx, {
        id: newId(),
        name: `没有手机${i}`,
        placeCode: `${NEIGHBOURHOOD}00${i}`,
      }),
    )
})
afterAll(() => city.stop())

test('my code is a picture of what opens to me, and says by whose clock for how long', async () => {
  const who = await residentWith(city.base, '19900000003')
  const { body } = await who.get('/api/my/code')
  const { id } = (await who.get('/api/my/record')).body
  expect(personOfCode(city.app, body.code, 0)).toBe(id)
  expect(body.svg).toMatch(/^<svg/)
  expect(body.validForSeconds).toBe(15 * 60)
  expect(Math.abs(Date.parse(body.validUntil) - Date.now() - 15 * 60_000)).toBeLessThan(5_000)
  expect(body.nameMasked).not.toContain('居民')
})

test('paper codes can be asked for those without a telephone alone; each says where the person lives and is a look at them', async () => {
  const worker = await signedIn(city.base, 'juwei')
  const ask = async (more: object) =>
    (await worker.post('/api/sampling/codes', { placeCode: NEIGHBOURHOOD, ...more })).body as {
      items: { personId: string; code: string; placeCode: string; place: string }[]
      next: string | null
      validUntil: string
    }
  const [none, some, all] = [await ask({ phone: 'none' }), await ask({ phone: 'some' }), await ask({})]
  const ids = (list: typeof none) => list.items.map((p) => p.personId)
  expect(none.items.map((p) => p.placeCode).sort()).toEqual([1, 2, 3].map((i) => `${NEIGHBOURHOOD}00${i}`))
  expect(none.items[0]!.place).toContain('花木街道')
  expect([...ids(none), ...ids(some)].sort()).toEqual(ids(all).sort())
  expect(some.items.length).toBeGreaterThan(0)
  for (const p of none.items) expect(personOfCode(city.app, p.code, 0)).toBe(p.personId)
  expect(Math.round((Date.parse(none.validUntil) - Date.now()) / 86_400_000)).toBe(60)
  const first = await ask({ phone: 'none', limit: 2 })
  const rest = await ask({ phone: 'none', limit: 2, after: first.next })
  expect([...ids(first), ...ids(rest)]).toEqual(ids(none))
  expect(rest.next).toBeNull()
  const sql = new pg.Client({ connectionString: city.url })
  await sql.connect()
  const { rows } = await sql.query<{ n: number }>(
    `select (data->>'rows')::int as n from audit where action = 'sampling.codes' and data ? 'rows' order by at, id`,
  )
  expect(rows.map((r) => r.n)).toEqual([3, some.items.length, all.items.length, 2, 1])
  await sql.end()
})
