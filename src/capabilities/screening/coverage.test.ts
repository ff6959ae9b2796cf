import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { dayOf, startOfDay } from '#kernel/clock.ts'
import { within } from '#kernel/db.ts'
import { newId } from '#kernel/ids.ts'
import { registerPerson } from '#capabilities/people/index.ts'
import { residentWith, signedIn, startCity, type Caller, type TestCity } from '#test/harness/city.ts'
import { settled } from '#test/harness/settled.ts'
import { countResidents } from './coverage.ts'
import { countTested } from './coverage-counting.ts'
import { labelOf } from './label.contract.ts'
import { codeFor } from './resident-code.ts'
import { dayOfSample } from './tube-store.ts'

const HERE = '310115016001'
const OCCUPATIONS = ['city-service']
let city: TestCity
let sql: pg.Client
let sampler: Caller
let supervisor: Caller
let worker: Caller
let session: string
let labels = 3000
const people: { id: string; phone: string | undefined }[] = []

beforeAll(async () => {
  city = await startCity({ people: 5 })
  sql = new pg.Client({ connectionString: city.url })
  await sql.connect()
  sampler = await signedIn(city.base, 'sampler')
  supervisor = await signedIn(city.base, 'pudong')
  worker = await signedIn(city.base, 'juwei')
  session = newId()
  await sampler.post('/api/sampling/sessions', { id: session, placeCode: `${HERE}001`, address: '模拟' })
  for (let i = 0; i < 30; i++) {
    const id = newId()
    const phone = i % 5 === 0 ? undefined : `1990${String(40_000 + i).padStart(7, '0')}`
    await within(city.app.db, { as: 'service' }, (trx) =>
      registerPerson(city.app, trx, {
        id,
        name: `模拟住户${i}`,
        placeCode: `${HERE}${i < 20 ? '001' : '002'}`,
        ...(phone && { phone }),
        ...(i === 7 && { birthDate: '1930-01-01' }),
      }),
    )
    people.push({ id, phone })
  }
  await countResidents(city.app)
})
afterAll(async () => {
  await sql.end()
  await city.stop()
})

async function sample(...who: number[]): Promise<void> {
  await sampleAt(city.app.clock.now(), ...who)
}

const sampleAt = (sealedAt: Date, ...who: number[]) =>
  seal(
    sealedAt,
    who.map((i) => people[i]!.id),
  )

async function seal(sealedAt: Date, who: readonly string[]): Promise<void> {
  const tube = {
    id: newId(),
    code: labelOf('T', ++labels),
    kind: 10,
    members: who.map((id) => ({ code: codeFor(city.app, id, 60) })),
    sealedAt: sealedAt.toISOString(),
  }
  const answer = await sampler.post('/api/tubes', { sessionId: session, tubes: [tube] })
  expect(answer.body.tubes[0].refused).toBeNull()
}

const count = async () => {
  await settled(sql)
  while ((await countTested(city.app.db, city.app.clock.now(), OCCUPATIONS)) > 0);
}
const coverage = async (place: string, who = supervisor) =>
  (await who.get(`/api/screening/coverage?place=${place}`)).body

test('a round says who owes a test; who was sampled is counted once a day where they live, however often', async () => {
  const day = new Date(city.app.clock.now().getTime() + 8 * 3_600_000).toISOString().slice(0, 10)
  const round = {
    id: newId(),
    placeCode: HERE,
    planId: 'zone.medium-risk',
    title: '模拟第一轮',
    startsOn: day,
    endsOn: day,
  }
  const opened = await supervisor.post('/api/rounds', round)
  expect(opened.body).toMatchObject({ placeCode: HERE, plan: { id: 'zone.medium-risk', clause: '采样 2.1' } })
  const again = { ...round, endsOn: dayOf(new Date(Date.now() + 9 * 86_400_000)) }
  expect((await supervisor.post('/api/rounds', again)).body.code).toBe('same_id_other_content')
  expect(opened.body.openedBy.zh).toMatch(/浦东新区督办人员$/)
  const mine = (await (await residentWith(city.base, people[1]!.phone!)).get('/api/my/duty')).body
  expect(mine.reasons[0].zh).toMatch(
    /^筛查轮次“模拟第一轮”（.*浦东新区督办人员开启，\d+月\d+日），按政策包里“中风险地区”的检测安排：核酸 1 次$/,
  )
  const before = await coverage(HERE)
  expect(before.tested).toBe(0)
  expect(before.owing).toBe(before.people)
  await sample(0, 1, 2)
  await sample(2, 3)
  await sample(20, 21)
  await count()
  await count()
  const after = await coverage(HERE)
  expect(after).toMatchObject({ tested: 6, missing: before.owing - 6, lately: 6 })
  expect(after.doneBy).not.toBeNull()
  // Somebody sampled outside of the round is tested, and none of those who owe it.
  await sql.query(`insert into tested_count values ($1, '310115016002', 1) on conflict do nothing`, [day])
  await sql.query(`insert into people_count values ('310115016002', 9) on conflict do nothing`)
  const street = await coverage('310115016')
  expect([street.tested, street.missing]).toEqual([7, before.owing - 6])
  await sql.query(`delete from tested_count where place_code = '310115016002'`)
  // The same from above, and outside of the round nobody owes anything.
  const district = await coverage('310115')
  expect(district.tested).toBe(6)
  expect(district.owing).toBe(before.owing)
  expect(district.people).toBeGreaterThan(0)
  expect(district.below.find((b: { placeCode: string }) => b.placeCode === HERE.slice(0, 9))).toMatchObject({
    tested: 6,
  })
  expect((await supervisor.get('/api/screening/coverage?place=310101')).body.code).toBe('place_not_found')
  expect(
    (
      await supervisor.post('/api/rounds', {
        id: newId(),
        placeCode: HERE,
        planId: 'nothing',
        title: '无',
        startsOn: day,
        endsOn: day,
      })
    ).status,
  ).toBe(400)
})

test('no round is opened by a plan of an occupation, into the past, for too long or too far ahead', async () => {
  const now = city.app.clock.now()
  const inDays = (n: number) => dayOf(new Date(now.getTime() + n * 86_400_000))
  const open = async (more: object) =>
    (
      await supervisor.post('/api/rounds', {
        id: newId(),
        placeCode: '310115005',
        planId: 'zone.medium-risk',
        title: '模拟某轮',
        startsOn: inDays(0),
        endsOn: inDays(0),
        ...more,
      })
    ).body.code as string | undefined
  const { plans } = (await supervisor.get('/api/rounds')).body
  expect(plans.map((p: { id: string }) => p.id)).toEqual(['zone.medium-risk'])
  expect(await open({ planId: 'services' })).toBe('plan_needs_no_round')
  expect(await open({ startsOn: inDays(-3) })).toBe('round_in_past')
  expect(await open({ endsOn: '9999-12-31' })).toBe('round_too_long')
  expect(await open({ endsOn: inDays(14) })).toBe('round_too_long')
  expect(await open({ startsOn: inDays(8), endsOn: inDays(8) })).toBe('round_too_far')
  expect(await open({ endsOn: inDays(-1) })).toBe('bad_input')
  // Tomorrow may be planned today, and nobody owes it before.
  expect(await open({ startsOn: inDays(1), endsOn: inDays(14) })).toBeUndefined()
  expect((await coverage('310115005')).owing).toBe(0)
  // A request that is sent again tomorrow is the round that is there, although its first day is over then.
  const id = newId()
  await open({ id })
  await sql.query(
    `update screening_round set starts_on = starts_on - 1, ends_on = ends_on - 1 where id = $1`,
    [id],
  )
  expect(await open({ id, startsOn: inDays(-1), endsOn: inDays(-1) })).toBeUndefined()
  await sql.query(`delete from screening_round where place_code = '310115005'`)
})

test('the forecast counts whoever came for what they owe, not whoever else was sampled', async () => {
  const [place, elsewhere] = ['310115004001001', '310115004002001']
  const day = dayOf(city.app.clock.now())
  const round = {
    id: newId(),
    placeCode: '310115004001',
    planId: 'zone.medium-risk',
    title: '模拟十人',
    startsOn: day,
    endsOn: day,
  }
  await supervisor.post('/api/rounds', round)
  await sql.query(`insert into people_count values ($1, 10), ($2, 60)`, [place, elsewhere])
  const came = (where: string, n: number) =>
    sql.query(
      `insert into done_pace (place_code, occupation, nth, slot, n) values ($1, '', 0, $2::timestamptz - interval '5 minutes', $3)`,
      [where, city.app.clock.now(), n],
    )
  // 10 owe it and none of them came; 53 others did.
  await came(elsewhere, 53)
  expect(await coverage('310115004')).toMatchObject({ owing: 10, missing: 10, lately: 0, doneBy: null })
  await came(place, 4)
  const now = city.app.clock.now().getTime()
  const seen = await coverage('310115004')
  expect(seen.lately).toBe(4)
  const minutes = (Date.parse(seen.doneBy) - now) / 60_000
  // Ten at four in 30 to 35 minutes.
  expect(minutes).toBeGreaterThan(70)
  expect(minutes).toBeLessThan(90)
  await sql.query(`delete from screening_round where id = $1`, [round.id])
  await sql.query(`delete from people_count where place_code in ($1, $2)`, [place, elsewhere])
  await sql.query(`delete from done_pace where place_code in ($1, $2)`, [place, elsewhere])
})

test('a round says its target, how far it is and whether it will be reached, in each place, and a target of its own holds', async () => {
  const [one, two] = ['310115004001001', '310115004002001']
  const day = dayOf(city.app.clock.now())
  const round = {
    id: newId(),
    placeCode: '310115004',
    planId: 'zone.medium-risk',
    title: '模拟有目标',
    startsOn: day,
    endsOn: day,
  }
  const pack = (await supervisor.get('/api/rounds?place=310115004')).body.target
  expect(pack).toEqual({ percent: 95, hour: 18 })
  expect((await supervisor.post('/api/rounds', { ...round, targetPercent: 101 })).body.code).toBe('bad_input')
  const opened = (await supervisor.post('/api/rounds', { ...round, targetPercent: 90, targetHour: 24 })).body
  expect(opened.target).toEqual({ percent: 90, hour: 24 })
  expect((await supervisor.post('/api/rounds', { ...round, targetPercent: 80 })).body.code).toBe(
    'same_id_other_content',
  )
  await sql.query(`insert into people_count values ($1, 30), ($2, 10)`, [one, two])
  await sql.query(
    `insert into tested_count (day, place_code, occupation, n) values ($1, $2, '', 30), ($1, $3, '', 5)`,
    [day, one, two],
  )
  const listed = async () =>
    (await supervisor.get('/api/rounds?place=310115004')).body.items.find(
      (r: { id: string }) => r.id === round.id,
    )
  expect((await listed()).progress).toMatchObject({
    owing: 40,
    done: 35,
    missing: 5,
    percent: 87.5,
    state: 'unknown',
    targetBy: null,
  })
  // One more is needed, three came just now; in a place of its own the round stands apart.
  await sql.query(
    `insert into done_pace (place_code, occupation, nth, slot, n) values ($1, '', 0, $2::timestamptz - interval '5 minutes', 60)`,
    [two, city.app.clock.now()],
  )
  expect((await listed()).progress).toMatchObject({ lately: 60, state: 'on_course' })
  const at = async (place: string) =>
    (await supervisor.get(`/api/screening/coverage?place=${place}&round=${round.id}`)).body
  const street = await at('310115004')
  expect(street.progress).toMatchObject({ owing: 40, done: 35, percent: 87.5, state: 'on_course' })
  expect(street.below.map((b: { owing: number; missing: number }) => [b.owing, b.missing])).toEqual([
    [30, 0],
    [10, 5],
  ])
  expect((await at('310115004001')).progress).toMatchObject({ percent: 100, state: 'reached', missing: 0 })
  expect((await at('310115004002')).progress).toMatchObject({ percent: 50, missing: 5 })
  // A round that has nothing to do with the place is not there, and of a day on which it does not hold nothing is owed.
  expect((await at('310115005')).code).toBe('round_not_found')
  const tomorrow = dayOf(new Date(city.app.clock.now().getTime() + 86_400_000))
  const later = await supervisor.get(
    `/api/screening/coverage?place=310115004&round=${round.id}&day=${tomorrow}`,
  )
  expect(later.body).toMatchObject({ owing: 0, progress: null, round: { progress: null } })
  await sql.query(`delete from screening_round where id = $1`, [round.id])
  for (const table of ['people_count', 'tested_count', 'done_pace'])
    await sql.query(`delete from ${table} where place_code like '310115004%'`)
})

test('coverage is told by occupation and by plan, and each adds up', async () => {
  const [one, two] = ['310115004001001', '310115004002001']
  const day = dayOf(city.app.clock.now())
  const open = (placeCode: string) =>
    supervisor.post('/api/rounds', {
      id: newId(),
      placeCode,
      planId: 'zone.medium-risk',
      title: '模拟分项',
      startsOn: day,
      endsOn: day,
    })
  // A round within a round asks nobody twice.
  await open('310115004001')
  await open(one)
  await sql.query(
    `insert into people_count (place_code, occupation, n) values ($1, '', 30), ($1, 'city-service', 5), ($2, 'city-service', 10), ($2, '', 100)`,
    [one, two],
  )
  await sql.query(
    `insert into tested_count (day, place_code, occupation, n) values ($1, $2, '', 20), ($1, $2, 'city-service', 1), ($1, $3, 'city-service', 4)`,
    [day, one, two],
  )
  await sql.query(
    `insert into antigen_count (day, place_code, occupation, nth, n) values ($1, $2, 'city-service', 1, 3)`,
    [day, two],
  )
  const seen = await coverage('310115004')
  expect(seen.byOccupation).toMatchObject([
    {
      occupation: 'city-service',
      people: 15,
      owing: 15,
      tested: 5,
      missing: 10,
      antigenOwed: 30,
      antigenDone: 3,
    },
    { occupation: '', name: { zh: '其他居民' }, people: 130, owing: 30, tested: 20, missing: 10 },
  ])
  expect(seen.byPlan).toMatchObject([
    { plan: { id: 'services', clause: '采样 2.4' }, owing: 45, done: 8, missing: 37 },
    { plan: { id: 'zone.medium-risk', clause: '采样 2.1' }, owing: 35, done: 21, missing: 14 },
  ])
  for (const key of ['people', 'owing', 'tested', 'missing'] as const) {
    const sum = (list: Record<typeof key, number>[]) => list.reduce((n, r) => n + r[key], 0)
    expect([sum(seen.byOccupation), sum(seen.below)]).toEqual([seen[key], seen[key]])
  }
  await sql.query(`delete from screening_round where title = '模拟分项'`)
  for (const table of ['people_count', 'tested_count', 'antigen_count'])
    await sql.query(`delete from ${table} where place_code like '310115004%'`)
})

test('rounds of another district are not shown, and those above one are', async () => {
  const day = dayOf(city.app.clock.now())
  const commander = await signedIn(city.base, 'commander')
  const open = (placeCode: string, title: string) =>
    commander.post('/api/rounds', {
      id: newId(),
      placeCode,
      planId: 'zone.medium-risk',
      title,
      startsOn: day,
      endsOn: day,
    })
  expect((await open('310101', '模拟黄浦')).status).toBe(200)
  expect((await open('31', '模拟全市')).status).toBe(200)
  const refused = await supervisor.get('/api/rounds?place=310101')
  expect([refused.status, refused.body.code]).toEqual([404, 'place_not_found'])
  const titles = (await worker.get('/api/rounds')).body.items.map((r: { title: string }) => r.title)
  expect([titles.includes('模拟全市'), titles.includes('模拟黄浦')]).toEqual([true, false])
  await sql.query(`delete from screening_round where title in ('模拟黄浦', '模拟全市')`)
})

test('counting beside the sealing misses nobody and counts nobody twice', async () => {
  const sealing = Promise.all(Array.from({ length: 14 }, (_, i) => sample(4 + i, 4 + ((i + 5) % 14))))
  const counting = (async () => {
    for (let i = 0; i < 30; i++) await countTested(city.app.db, city.app.clock.now(), OCCUPATIONS)
  })()
  await Promise.all([sealing, counting])
  await count()
  const { rows } = await sql.query<{ truth: number; counted: number }>(`
    select (select count(distinct person_id) from sample)::int as truth, (select sum(n) from tested_count)::int as counted`)
  expect(rows[0]!.counted).toBe(rows[0]!.truth)
})

test('somebody is counted once a day: in a tube after the count, and in one tube with a record that is theirs too', async () => {
  const elsewhere = '310115016009001'
  const ids = [newId(), newId()]
  for (const id of ids)
    await within(city.app.db, { as: 'service' }, (trx) =>
      registerPerson(city.app, trx, { id, name: '模拟两份', placeCode: elsewhere }),
    )
  const counted = async () =>
    (
      await sql.query<{ n: number }>(
        `select coalesce(sum(n), 0)::int as n from tested_count where starts_with(place_code, $1)`,
        [elsewhere],
      )
    ).rows[0]!.n
  // The city counts by itself every two seconds: not between the tube and the merging.
  await sql.query('begin')
  await sql.query('select from coverage_mark for update')
  await seal(city.app.clock.now(), ids)
  const merged = { id: newId(), keeperId: ids[0], duplicateId: ids[1], reason: '同一人两次登记' }
  expect((await supervisor.post('/api/people/merges', merged)).status).toBe(200)
  await sql.query('commit')
  await count()
  expect(await counted()).toBe(1)
  await seal(city.app.clock.now(), [ids[0]!])
  await count()
  expect(await counted()).toBe(1)
})

// The city counts by itself beside this: so there is more to count than two turns take, and whoever is the last has caught up.
test('counts that are behind the sealing say of when they are', async () => {
  await count()
  const now = city.app.clock.now()
  const hourAgo = new Date(now.getTime() - 3_600_000)
  await sql.query(
    `insert into tube (code, client_id, content_hash, kind, members, session_id, place_code, sealed_at, received_at, actor_id)
     select 'T9' || lpad(i::text, 11, '0'), gen_random_uuid(), 'h', 10, 1, $1, $2, $3, $3, 'a' from generate_series(1, 5000) i`,
    [session, `${HERE}001`, hourAgo],
  )
  await settled(sql)
  const countedAt = async () =>
    (await sql.query<{ counted_at: Date }>('select counted_at from coverage_mark')).rows[0]!.counted_at
  expect(await countTested(city.app.db, now, OCCUPATIONS)).toBe(2000)
  expect(await countedAt()).toEqual(hourAgo)
  await count()
  expect((await countedAt()).getTime()).toBeGreaterThanOrEqual(now.getTime())
  await sql.query(`delete from tube where content_hash = 'h' and actor_id = 'a'`)
})

test('a tube that comes in after midnight counts for the day on which it was sealed', async () => {
  const now = city.app.clock.now()
  const midnight = startOfDay(dayOf(now)).getTime()
  await sampleAt(new Date(midnight - 600_000), 27)
  await count()
  const counted = async (day: string) =>
    (
      await sql.query<{ day: string }>(`select day::text from sample where person_id = $1 and day = $2`, [
        people[27]!.id,
        day,
      ])
    ).rows.length
  expect([
    await counted(dayOf(new Date(midnight - 1))),
    await counted(dayOf(now)),
    (await (await residentWith(city.base, people[27]!.phone!)).get('/api/my/duty')).body.pcrDone,
  ]).toEqual([1, 0, 0])
  const { rows } = await sql.query<{ n: number }>(
    'select sum(n)::int as n from tested_count where day = $1',
    [dayOf(new Date(midnight - 1))],
  )
  expect(rows[0]!.n).toBe(1)
  // Further back than yesterday, or ahead, there may be no place for it.
  const at = new Date('2022-06-07T01:00:00+08:00')
  const days = ['2022-06-04T12:00:00+08:00', '2022-06-06T23:59:59+08:00', '2022-06-08T00:05:00+08:00']
  expect(days.map((d) => dayOfSample(at)(new Date(d)))).toEqual(['2022-06-06', '2022-06-06', '2022-06-07'])
})

test('the code of a record that became part of another leads to the person', async () => {
  const merged = await supervisor.post('/api/people/merges', {
    id: newId(),
    keeperId: people[28]!.id,
    duplicateId: people[29]!.id,
    reason: '同一人两次登记',
  })
  expect(merged.status, JSON.stringify(merged.body)).toBe(200)
  // Printed before they were one; both codes lead to one person (in one tube they are refused: custody.test.ts).
  await sample(29)
  await sample(28)
  const { rows } = await sql.query(`select person_id from sample where person_id = any($1)`, [
    [people[28]!.id, people[29]!.id],
  ])
  expect(rows.map((r: { person_id: string }) => r.person_id)).toEqual([people[28]!.id, people[28]!.id])
})

test('the list of those missing is masked, by group, and each of them is told', async () => {
  // What earlier tests sealed is counted, or somebody leaves the list between two pages.
  await count()
  const list = async (query = '') => (await worker.get(`/api/screening/missing?place=${HERE}${query}`)).body
  const missing = await list('&limit=100')
  const ids = missing.items.map((m: { personId: string }) => m.personId)
  expect(ids).toContain(people[25]!.id)
  expect(ids).not.toContain(people[0]!.id)
  expect(missing.items[0].nameMasked).toMatch(/^模\*+$/)
  const noPhone = await list('&group=no_phone&limit=100')
  expect(noPhone.items.map((m: { personId: string }) => m.personId)).toEqual([people[25]!.id])
  expect(noPhone.items[0]).toMatchObject({
    phoneMasked: null,
    groups: ['no_phone', 'no_document'],
    pcr: 1,
    antigen: 0,
    single: false,
  })
  // Page by page the same.
  const first = await list('&limit=3')
  const second = await list(`&limit=100&after=${first.next}`)
  expect([...first.items, ...second.items].map((m: { personId: string }) => m.personId)).toEqual(ids)
  const seen = await (await residentWith(city.base, people[26]!.phone!)).get('/api/my/looks')
  expect(seen.body.items.map((l: { what: { en: string } }) => l.what.en)).toContain(
    'Saw you in a register (masked)',
  )
  expect((await worker.get('/api/screening/missing?place=310115')).body.code).toBe('place_too_wide')
  expect((await worker.get('/api/screening/missing?place=310101002')).body.code).toBe('place_not_found')
})

test('a round that was ended is owed no more', async () => {
  const { body } = await supervisor.get('/api/rounds')
  expect(body.items.map((r: { title: string }) => r.title)).toEqual(['模拟第一轮'])
  await sql.query(`update screening_round set starts_on = starts_on - 1`)
  await supervisor.post(`/api/rounds/${body.items[0].id}/end`, {})
  expect((await coverage(HERE)).owing).toBe(0)
  // Yesterday it was owed, and still reads so.
  const yesterday = dayOf(new Date(city.app.clock.now().getTime() - 86_400_000))
  const past = await supervisor.get(`/api/screening/coverage?place=${HERE}&day=${yesterday}`)
  expect(past.body.owing).toBe(past.body.people)
})
