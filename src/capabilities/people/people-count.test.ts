import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startCity, type TestCity } from '#test/harness/city.ts'
import { countPeople } from './people-count.ts'

let city: TestCity
let sql: pg.Client

beforeAll(async () => {
  city = await startCity({ people: 300 })
  sql = new pg.Client({ connectionString: city.url })
  await sql.connect()
})
afterAll(async () => {
  await sql.end()
  await city.stop()
})

const OCCUPATIONS = ['city-service']
const truth = async (named = OCCUPATIONS) =>
  (
    await sql.query(
      `select left(place_code, 15) as place_code, case when occupation = any($1) then occupation else '' end as occupation, count(*)::int as n
       from person where erased_at is null and merged_into is null group by 1, 2 order by 1, 2`,
      [named],
    )
  ).rows
const counted = async () =>
  (await sql.query('select place_code, occupation, n from people_count order by 1, 2')).rows
const add = (n: number) =>
  sql.query(
    `insert into person (id, place_code, name_sealed, simulated, created_at, occupation)
     select gen_random_uuid(), '31011501600100' || (1 + i % 3), 'x', true, now(), (array[null, 'city-service', 'teacher'])[1 + i % 3] from generate_series(1, $1::int) i`,
    [n],
  )

test('who lives where is followed from what changed in the register, whatever changed, without a walk through everybody', async () => {
  await countPeople(city.app.db, OCCUPATIONS)
  const changes = [
    () => add(50),
    () => sql.query(`update person set occupation = 'city-service' where occupation = 'teacher'`),
    () =>
      sql.query(
        `update person set place_code = '310101002001001' where occupation = 'city-service' and random() < 0.5`,
      ),
    () => sql.query(`update person set needs = array['bedridden']`),
    () =>
      sql.query(
        `update person set erased_at = now(), place_code = left(place_code, 12) where random() < 0.1`,
      ),
    () =>
      sql.query(
        `update person set merged_into = (select id from person where merged_into is null limit 1) where random() < 0.1 and erased_at is null`,
      ),
    () => sql.query(`update person set merged_into = null`),
    () => sql.query(`delete from person where id in (select id from person order by random() limit 20)`),
  ]
  for (const change of changes) {
    await change()
    expect(await countPeople(city.app.db, OCCUPATIONS)).toBe('followed')
    expect(await counted()).toEqual(await truth())
  }
  // Everybody left a place: it is not kept with nobody in it.
  await sql.query(`update person set place_code = '310101002001001' where place_code like '310115%'`)
  await countPeople(city.app.db, OCCUPATIONS)
  expect((await counted()).filter((r: { place_code: string }) => r.place_code.startsWith('310115'))).toEqual(
    [],
  )
  // Marking needs moves nobody: it leaves nothing to follow.
  await sql.query(`update person set needs = null`)
  expect((await sql.query('select from people_step')).rowCount).toBe(0)
})

test('a pack that names other occupations is counted anew, once', async () => {
  const named = ['city-service', 'teacher']
  await sql.query(`update person set occupation = 'teacher' where id in (select id from person limit 7)`)
  expect(await countPeople(city.app.db, named)).toBe('walked')
  expect(await counted()).toEqual(await truth(named))
  expect(await countPeople(city.app.db, named)).toBe('followed')
})

test('what is written beside the counting is counted once, by a walk and by following', async () => {
  await sql.query('update people_mark set occupations = null')
  const writing = (async () => {
    for (let i = 0; i < 20; i++) await add(10)
  })()
  const counting = (async () => {
    for (let i = 0; i < 15; i++) {
      if (i % 5 === 0) await sql.query('update people_mark set occupations = null')
      await countPeople(city.app.db, OCCUPATIONS)
    }
  })()
  await Promise.all([writing, counting])
  await countPeople(city.app.db, OCCUPATIONS)
  expect(await counted()).toEqual(await truth())
})
