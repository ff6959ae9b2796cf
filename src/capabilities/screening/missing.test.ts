import fc from 'fast-check'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { within } from '#kernel/db.ts'
import { newId } from '#kernel/ids.ts'
import { registerPerson } from '#capabilities/people/index.ts'
import { readPolicy } from '#capabilities/policy/index.ts'
import { residentWith, signedIn, startCity, type Caller, type TestCity } from '#test/harness/city.ts'
import { checkCharacter, SIMULATED_AREA } from '#capabilities/people/identity-number.contract.ts'
import { labelOf } from './label.contract.ts'
import { countResidents } from './coverage.ts'
import { countRecalled } from './coverage-counting.ts'
import { coverageBelow } from './coverage-store.ts'
import { dutyOf, termsOf, type InForce } from './duty.ts'
import { countGroups, missingOf } from './missing-store.ts'

const HERE = '310115016001'
const NEXT_DOOR = '310115016002'
const BORN = { old: 1942, newborn: 2021 * 12 }
let city: TestCity
let sql: pg.Client
let worker: Caller
let supervisor: Caller
let sampler: Caller
let today: string
let numbers = 70_000

type Someone = { id: string; phone: string; placeCode: string; occupation: string | null }
const people: Someone[] = []

async function someone(placeCode: string, more: { occupation?: string; birthDate?: string } = {}) {
  const id = newId()
  const phone = `1990${String(++numbers).padStart(7, '0')}`
  await within(city.app.db, { as: 'service' }, (trx) =>
    registerPerson(city.app, trx, { id, name: `模拟住户${numbers}`, phone, placeCode, ...more }),
  )
  const made = { id, phone, placeCode, occupation: more.occupation ?? null }
  people.push(made)
  return made
}

beforeAll(async () => {
  city = await startCity({ people: 5 })
  sql = new pg.Client({ connectionString: city.url })
  await sql.connect()
  worker = await signedIn(city.base, 'juwei')
  supervisor = await signedIn(city.base, 'pudong')
  sampler = await signedIn(city.base, 'sampler')
  today = new Date(city.app.clock.now().getTime() + 8 * 3_600_000).toISOString().slice(0, 10)
  for (let i = 0; i < 24; i++)
    await someone(i % 3 === 0 ? `${NEXT_DOOR}001` : `${HERE}00${1 + (i % 2)}`, {
      ...(i % 4 === 0 && { occupation: 'city-service' }),
      ...(i % 5 === 0 && { birthDate: '1930-01-01' }),
      ...(i === 7 && { occupation: 'teacher' }),
    })
  await countResidents(city.app)
})
afterAll(async () => {
  await sql.end()
  await city.stop()
})

test('what the counts and the list say is owed is what each person owes, added up', async () => {
  const { pack } = readPolicy('shanghai-2022-04-22')
  const plans = pack.testPlans.map((p) => p.id)
  const anyRound = fc.record({
    placeCode: fc.constantFrom('310115', HERE, `${HERE}001`, NEXT_DOOR, '310101'),
    planId: fc.constantFrom(...plans),
    startsOn: fc.constantFrom('2022-05-01', '2022-05-02', '2022-05-04'),
    endsOn: fc.constantFrom('2022-05-06', '2022-05-20'),
  })
  await fc.assert(
    fc.asyncProperty(
      fc.array(anyRound, { maxLength: 3 }),
      fc.constantFrom('2022-05-05', '2022-05-06', '2022-05-09'),
      async (rounds, day) => {
        const inForce: InForce = { rounds, plans: pack.testPlans, since: '2022-04-22', singleClause: 'x' }
        const terms = termsOf(inForce, day)
        const duties = people.map((p) => ({ p, duty: dutyOf({ ...p, recall: null, day, inForce }) }))
        for (const place of ['310115016', HERE, `${HERE}001`, NEXT_DOOR]) {
          const mine = duties.filter(({ p }) => p.placeCode.startsWith(place))
          const counted = await coverageBelow(city.app.db, place, day, place.length, terms)
          // The demonstration's own residents live there too; none of them is of city service.
          const ours = await within(city.app.db, { as: 'service' }, (trx) =>
            missingOf(trx, { place, day, isToday: false, terms, born: BORN }, { limit: 500 }),
          )
          const known = new Set(people.map((p) => p.id))
          const others = ours.filter((r) => !known.has(r.id))
          const sum = (of: (d: { pcr: number; antigen: number }) => number) =>
            [...mine.map((m) => of(m.duty)), ...others.map(of)].reduce((a, b) => a + b, 0)
          expect([counted[0]?.owing ?? 0, counted[0]?.antigenOwed ?? 0]).toEqual([
            sum((d) => (d.pcr > 0 ? 1 : 0)),
            sum((d) => d.antigen),
          ])
          expect(
            ours
              .filter((r) => known.has(r.id))
              .map((r) => `${r.id} ${r.pcr} ${r.antigen}`)
              .toSorted(),
          ).toEqual(
            mine
              .filter((m) => m.duty.pcr + m.duty.antigen > 0)
              .map((m) => `${m.p.id} ${m.duty.pcr} ${m.duty.antigen}`)
              .toSorted(),
          )
        }
      },
    ),
    { numRuns: 25 },
  )
})

test('city-service workers owe a PCR where there is no round at all, and nobody else does', async () => {
  const { body } = await supervisor.get(`/api/screening/coverage?place=310115016`)
  const services = people.filter((p) => p.occupation === 'city-service').length
  expect(body).toMatchObject({
    owing: services,
    missing: services,
    antigenOwed: 2 * services,
    antigenDone: 0,
  })
  const list = await worker.get(`/api/screening/missing?place=${HERE}&limit=200`)
  const here = people.filter((p) => p.occupation === 'city-service' && p.placeCode.startsWith(HERE))
  expect(list.body.items.map((m: { personId: string }) => m.personId).toSorted()).toEqual(
    here.map((p) => p.id).toSorted(),
  )
  expect(list.body.items[0]).toMatchObject({ pcr: 1, antigen: 2, single: false })
  const mine = await (await residentWith(city.base, here[0]!.phone)).get('/api/my/duty')
  expect(mine.body).toMatchObject({
    day: today,
    pcr: 1,
    antigen: 2,
    pcrDone: 0,
    antigenDone: 0,
    done: false,
    reasons: [{ plan: 'services', clause: '采样 2.4' }],
  })
  const nobody = people.find((p) => p.occupation === null)!
  const free = await (await residentWith(city.base, nobody.phone)).get('/api/my/duty')
  expect(free.body).toMatchObject({ pcr: 0, antigen: 0, done: true, reasons: [] })
  expect((await worker.get('/api/my/duty')).body.code).toBe('not_allowed')
})

test('whoever is called back owes a single tube, the household too, and a tube of a pool does not do', async () => {
  const called = people.find((p) => p.placeCode.startsWith(HERE) && p.occupation === null)!
  const lives = people.find((p) => p.placeCode.startsWith(HERE) && p !== called && p.occupation === null)!
  const recall = newId()
  await sql.query(
    `insert into recall (id, tube, person_id, place_code, why, household, opened_at) values ($1, 'T000000000010', $2, $3, 'positive', $4, $5)`,
    [recall, called.id, HERE, [lives.id], city.app.clock.now()],
  )
  for (const who of [called, lives])
    expect((await (await residentWith(city.base, who.phone)).get('/api/my/duty')).body).toMatchObject({
      pcr: 1,
      single: true,
      done: false,
      reasons: [{ plan: null, clause: '采样 1.3' }],
    })
  const list = await worker.get(`/api/screening/missing?place=${HERE}&limit=200`)
  const singles = list.body.items.filter((m: { single: boolean }) => m.single)
  expect(singles.map((m: { personId: string }) => m.personId).toSorted()).toEqual(
    [called.id, lives.id].toSorted(),
  )
  // The coverage says as many as the list shows: by a plan, called back beyond it, and self-tests.
  const both = async () => {
    await countRecalled(city.app.db, today, ['city-service'])
    const { body: counted } = await supervisor.get(`/api/screening/coverage?place=${HERE}`)
    const { body: groups } = await worker.get(`/api/screening/missing/groups?place=${HERE}`)
    const shown = (await worker.get(`/api/screening/missing?place=${HERE}&limit=200`)).body.items as {
      pcr: number
      antigen: number
    }[]
    const pcr = shown.filter((m) => m.pcr > 0).length
    expect([counted.missing + counted.recalled, groups.pcr, groups.recalled]).toEqual([
      pcr,
      pcr,
      counted.recalled,
    ])
    expect([counted.antigenOwed - counted.antigenDone, groups.antigen]).toEqual(
      Array(2).fill(shown.reduce((n, m) => n + m.antigen, 0)),
    )
    return counted.recalled as number
  }
  expect(await both()).toBe(2)
  // A city-service worker who is called back owes one PCR, and is counted once: among those missing until a pool took them.
  const courier = people.find((p) => p.placeCode.startsWith(HERE) && p.occupation === 'city-service')!
  await sql.query('update recall set household = household || $2::uuid where id = $1', [recall, courier.id])
  expect(await both()).toBe(2)
  await sql.query(`insert into sample (person_id, tube, n, day) values ($1, 'T0', 1, $2)`, [
    courier.id,
    today,
  ])
  await sql.query(
    `insert into tested_count (day, place_code, occupation, n) values ($1, $2, 'city-service', 1)`,
    [today, courier.placeCode],
  )
  expect(await both()).toBe(3)
  // Of another day nobody is called back.
  const yesterday = new Date(Date.parse(today) - 86_400_000).toISOString().slice(0, 10)
  const past = await supervisor.get(`/api/screening/coverage?place=${HERE}&day=${yesterday}`)
  expect(past.body.recalled).toBe(0)
  await sql.query(`delete from sample where tube = 'T0'`)
  await sql.query('delete from tested_count')
  await sql.query('delete from recall where id = $1', [recall])
  await countRecalled(city.app.db, today, [])
})

test('a worker says who is bedridden, the person sees it, and nobody else may', async () => {
  const [who] = people.filter((p) => p.placeCode.startsWith(HERE) && p.occupation === 'city-service')
  const path = `/api/people/${who!.id}/needs`
  expect((await sampler.post(path, { needs: ['bedridden'] })).body.code).toBe('not_allowed')
  expect((await supervisor.post(path, { needs: ['bedridden'] })).body.code).toBe('not_allowed')
  expect((await worker.post(path, { needs: ['rich'] })).body.code).toBe('bad_input')
  const set = await worker.post(path, { needs: ['night_shift', 'bedridden'] })
  expect(set.body).toEqual({ id: who!.id, needs: ['bedridden', 'night_shift'] })
  expect((await worker.get(`/api/people/${who!.id}`)).body).toMatchObject({
    needs: ['bedridden', 'night_shift'],
    maySetNeeds: true,
  })
  const me = await residentWith(city.base, who!.phone)
  expect((await me.get('/api/my/record')).body.needs).toEqual(['bedridden', 'night_shift'])
  expect(
    (await me.get('/api/my/looks')).body.items.map((l: { what: { zh: string } }) => l.what.zh),
  ).toContain('登记了您是否卧床、夜班')
  const away = (await sql.query(`select id from person where place_code not like '${HERE}%' limit 1`)).rows[0]
  expect((await worker.post(`/api/people/${away.id}/needs`, { needs: [] })).body.code).toBe(
    'person_not_found',
  )
})

test('the bedridden who are missing are counted, and one order sends a team to their doors', async () => {
  const groups = async () => (await worker.get(`/api/screening/missing/groups?place=${HERE}`)).body
  const of = (all: { groups: { group: string }[] }, group: string) =>
    all.groups.find((g) => g.group === group)
  expect(of(await groups(), 'bedridden')).toEqual({
    group: 'bedridden',
    owing: 1,
    missing: 1,
    orderId: null,
  })
  expect((await worker.get('/api/screening/missing/groups?place=310115')).body.code).toBe('place_too_wide')
  expect((await worker.get('/api/screening/missing/groups?place=310101002')).body.code).toBe(
    'place_not_found',
  )
  const send = (group: string, who = worker) =>
    who.post('/api/screening/missing/door', { placeCode: HERE, group })
  expect((await send('bedridden', sampler)).body.code).toBe('not_allowed')
  expect((await send('newborn')).body.code).toBe('nobody_missing')
  const sent = await send('bedridden')
  expect(sent.body).toMatchObject({ isNew: true, missing: 1 })
  const [again, third] = await Promise.all([send('bedridden', supervisor), send('bedridden')])
  expect([again.body, third.body].map((b) => [b.orderId, b.isNew])).toEqual([
    [sent.body.orderId, false],
    [sent.body.orderId, false],
  ])
  expect(of(await groups(), 'bedridden')).toMatchObject({ orderId: sent.body.orderId })
  const order = await worker.get(`/api/orders/${sent.body.orderId}`)
  expect(order.body).toMatchObject({ kind: 'door', element: 'test.home', placeCode: HERE })
  expect(order.body.title).toContain('长期卧床 1 人')
  // Nobody's name stands on it: whoever goes looks at the list, and each look is recorded.
  expect(order.body.title).not.toContain('模拟住户')
})

test('the list is exported masked, with no formula and nothing of health, as the list permits; the audit and each person know', async () => {
  const id = newId()
  const [who] = people.filter((p) => p.placeCode.startsWith(HERE) && p.occupation === 'city-service')
  await sql.query(`update person set needs = array['bedridden'], name_sealed = $2 where id = $1`, [
    who!.id,
    city.app.vault.seal('=SUM(A1)', 'person.name'),
  ])
  const path = '/api/screening/missing/export'
  const file = await worker.post(path, { id, place: HERE })
  expect([file.status, file.headers.get('content-type')]).toEqual([200, 'text/csv; charset=utf-8'])
  const lines = (file.body as string).trim().split('\r\n')
  const listed = (await worker.get(`/api/screening/missing?place=${HERE}&limit=200`)).body.items
  expect(lines.length - 1).toBe(listed.length)
  expect(lines.slice(1).every((l) => /^('=|模)\**,/.test(l))).toBe(true)
  expect(lines.filter((l) => l.startsWith("'="))).toHaveLength(1)
  expect(file.body).not.toMatch(/模拟住户|1990\d{7}|卧床|夜班/)
  expect((await worker.post(path, { id, place: HERE, group: 'bedridden' })).body.code).toBe('bad_input')
  expect((await sampler.post(path, { id, place: HERE })).body.code).toBe('not_allowed')
  expect((await worker.post(path, { id, place: '310101002' })).body.code).toBe('place_not_found')
  expect((await worker.post(path, { id, place: '310115' })).body.code).toBe('place_too_wide')
  const { rows } = await sql.query(`select data from audit where action = 'screening.missing_export'`)
  expect(rows).toEqual([{ data: { exportId: id, day: today, rows: listed.length } }])
  const looks = await sql.query(
    `select from audit where action = 'people.list' and data ->> 'exportId' = $1`,
    [id],
  )
  expect(looks.rowCount).toBe(listed.length)
  await sql.query('update person set needs = null where id = $1', [who!.id])
})

test('a newborn is one by the month of birth; a child of the year before is none, and where only the year is known that is said', async () => {
  const monthsAgo = (n: number) => {
    const [year, month] = today.split('-').map(Number) as [number, number]
    return new Date(Date.UTC(year, month - 1 - n, 1)).toISOString().slice(0, 10)
  }
  const child = async (birthDate: string, nth: number) => {
    const first17 = `${SIMULATED_AREA}${birthDate.replaceAll('-', '')}${String(nth).padStart(3, '0')}`
    const id = newId()
    await within(city.app.db, { as: 'service' }, (trx) =>
      registerPerson(city.app, trx, {
        id,
        name: '模拟婴儿',
        placeCode: `${HERE}001`,
        idKind: 'resident_id',
        idNumber: first17 + checkCharacter(first17),
        occupation: 'city-service', // owes a test without a round
      }),
    )
    return id
  }
  const [three, seven, older] = [
    await child(monthsAgo(3), 1),
    await child(monthsAgo(7), 2),
    await child(monthsAgo(23), 3),
  ]
  const newborns = async () => {
    const { items } = (await worker.get(`/api/screening/missing?place=${HERE}&group=newborn&limit=200`)).body
    const { groups, newbornByYear } = (await worker.get(`/api/screening/missing/groups?place=${HERE}`)).body
    expect(groups.find((g: { group: string }) => g.group === 'newborn').missing).toBe(items.length)
    return [items.map((m: { personId: string; byYear: boolean }) => [m.personId, m.byYear]), newbornByYear]
  }
  expect(await newborns()).toEqual([[[three, false]], 0])
  // The day of birth stands nowhere in clear.
  const row = (await sql.query('select * from person where id = $1', [three])).rows[0]
  expect([row.birth_year, row.birth_month]).toEqual(monthsAgo(3).split('-').slice(0, 2).map(Number))
  // Registered before the month was kept.
  await sql.query('update person set birth_month = null where id = any($1)', [[three, older]])
  expect(await newborns()).toEqual([[[three, true]], 1])
  await sql.query('delete from person where id = any($1)', [[three, seven, older]])
})

test('whom the register lacked until they came to a table is counted, and called by that name', async () => {
  const met = async () => (await worker.get(`/api/screening/missing/groups?place=${HERE}`)).body.met
  expect(await met()).toEqual({ all: 0, today: 0 })
  const session = newId()
  await sampler.post('/api/sampling/sessions', { id: session, placeCode: `${HERE}001`, address: '模拟' })
  const sealed = await sampler.post('/api/tubes', {
    sessionId: session,
    tubes: [
      {
        id: newId(),
        code: labelOf('T', 7_777),
        kind: 10,
        members: [{ phone: '19907777777' }, { phone: people[1]!.phone }],
        sealedAt: city.app.clock.now().toISOString(),
      },
    ],
  })
  expect(sealed.body.tubes[0].refused).toBeNull()
  expect(await met()).toEqual({ all: 1, today: 1 })
  await sql.query(`update person set met_at = met_at - interval '2 days' where met_at is not null`)
  expect(await met()).toEqual({ all: 1, today: 0 })
  expect((await worker.get('/api/screening/missing/groups?place=310101002')).body.code).toBe(
    'place_not_found',
  )
})

test('counts and list of a subdistrict agree', async () => {
  await within(city.app.db, { as: 'service' }, async (trx) => {
    const { pack } = readPolicy('shanghai-2022-04-22')
    const inForce = { rounds: [], plans: pack.testPlans, since: '2022-04-22', singleClause: 'x' }
    const asked = {
      place: '310115016',
      day: today,
      isToday: true,
      terms: termsOf(inForce, today),
      born: BORN,
    }
    const { by: counts } = await countGroups(trx, asked)
    for (const group of ['no_phone', 'old_age', 'city_service'] as const)
      expect((await missingOf(trx, asked, { group, limit: 500 })).length).toBe(counts[group].missing)
    expect(counts.city_service.missing).toBe(people.filter((p) => p.occupation === 'city-service').length)
  })
})
