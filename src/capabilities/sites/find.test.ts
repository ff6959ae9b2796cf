import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { caller, startCity, type TestCity } from '#test/harness/city.ts'
import { metresBetween } from '#capabilities/places/index.ts'
import { NOBODY } from '#kernel/auth.ts'
import { bookOf, forgetBook } from './book.ts'
import { FindSites } from './contract.ts'
import { findSites } from './find.ts'

const MANY = 400
let city: TestCity
let sql: pg.Client
const week = (day: [number, number][]) => Array.from({ length: 7 }, () => day)
const nobody = () => caller(city.base)

beforeAll(async () => {
  city = await startCity({ people: 5 })
  sql = new pg.Client({ connectionString: city.url })
  await sql.connect()
  await sql.query(`select setseed(0.4)`)
  await sql.query(
    `insert into sampling_site (id, place_code, name, address, lng, lat, rules, hours_text, source, imported_at, kind, pooling)
     select gen_random_uuid(), case when n % 3 = 0 then '310115016' else '310101013' end, '模拟' || n, '模拟', 121.2 + random() / 2, 31 + random() / 3,
       jsonb_build_object('always', n % 5 = 0, 'exceptions', '[]'::jsonb, 'week', case when n % 2 = 0 then $2::jsonb else $3::jsonb end),
       '', '模拟', now(), 'fixed', case when n % 7 = 0 then 'both' else 'pooled' end
     from generate_series(1, $1) n`,
    [MANY, JSON.stringify(week([[0, 1440]])), JSON.stringify(week([]))],
  )
  await forgetBook(city.app)
})
afterAll(async () => {
  await sql.end()
  await city.stop()
})

test('what is found by position is what measuring every site finds, page by page, for each filter and again', async () => {
  const { sites } = await bookOf(city.app)
  const at = [121.44, 31.17] as const
  const filters = {
    '': () => true,
    'open=true': (n: number) => n % 2 === 0 || n % 5 === 0,
    'place=310115': (n: number) => n % 3 === 0,
    'pooling=single&always=true': (n: number) => n % 7 === 0 && n % 5 === 0,
    'kind=mobile': () => false,
  }
  for (const [filter, fits] of [...Object.entries(filters), ...Object.entries(filters)]) {
    const expected = sites
      .filter((s) => s.name.startsWith('模拟') && fits(Number(s.name.slice(2))))
      .map((s) => ({ name: s.name, metres: Math.round(metresBetween(at, [s.lng, s.lat])) }))
      .sort((a, b) => a.metres - b.metres)
    const pages: { name: string; metres: number }[] = []
    for (let offset = 0; offset <= expected.length; offset += 70) {
      const { body } = await nobody().get(
        `/api/sites?lng=${at[0]}&lat=${at[1]}&offset=${offset}&limit=70&${filter}`,
      )
      expect(body.total, filter).toBe(expected.length)
      pages.push(...body.items)
    }
    expect(pages.map((p) => p.metres)).toEqual(expected.map((e) => e.metres))
    expect(pages.map((p) => p.name).toSorted()).toEqual(expected.map((e) => e.name).toSorted())
  }
})

test('while the sites cannot be read they stand as they stood, and a change shows once they can', async () => {
  const look = () => nobody().get('/api/sites?limit=1')
  expect((await look()).body.total).toBe(MANY)
  await sql.query(`alter table sampling_site rename to sampling_site_away`)
  await sql.query(`delete from sampling_site_away where name = '模拟1'`)
  await forgetBook(city.app)
  const answers = await Promise.all(Array.from({ length: 30 }, look))
  expect(answers.map((a) => [a.status, a.body.total])).toEqual(answers.map(() => [200, MANY]))
  await sql.query(`alter table sampling_site_away rename to sampling_site`)
  await expect.poll(async () => (await look()).body.total, { timeout: 15_000 }).toBe(MANY - 1)
})

test('however many ask after a change, the book is read once, and nobody is told what stood before it', async () => {
  await sql.query(`delete from sampling_site where name = '模拟2'`)
  const known = await bookOf(city.app)
  await forgetBook(city.app)
  const books = await Promise.all(Array.from({ length: 60 }, () => bookOf(city.app)))
  expect(new Set(books).size).toBe(1)
  expect(books[0]).not.toBe(known)
  expect(books[0]!.sites).toHaveLength(MANY - 2)
})

test('what is more than a glance is turned away with the reads, a page for a person is not', async () => {
  const ask = (query: Record<string, string>) =>
    findSites(city.app, { ...NOBODY, language: 'zh' }, {
      query: FindSites.query.parse(query),
      pressure: 0.9,
    } as Parameters<typeof findSites>[2]).then(
      (found) => found.items.length,
      (error: unknown) => (error as { code: string }).code,
    )
  expect(await ask({ limit: '50' })).toBe(50)
  expect(await ask({ limit: '51' })).toBe('overloaded')
  expect(await ask({ limit: '10', offset: '41' })).toBe('overloaded')
  expect(await ask({ q: '模拟' })).toBe('overloaded')
})
