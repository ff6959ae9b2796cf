import fc from 'fast-check'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { newId, residentWith, signedIn, startCity, type Caller, type TestCity } from '#test/harness/city.ts'
import { labelOf } from '#capabilities/screening/label.contract.ts'
import { coverageRoutine } from '#capabilities/screening/index.ts'
import { describeHours, readTimes, writeTimes, type OpeningRules } from './hours.contract.ts'
import { erlangWait, judgeQueue } from './queue-rules.ts'
import { buildingIn, planSlots } from './slots-rules.ts'
import { forgetBook } from './book.ts'
import { importSites } from './index.ts'

const HERE = '310115016001001'
const WEEK: OpeningRules['week'] = [0, 1, 2, 3, 4, 5, 6].map(() => [[480, 720] as const])
const shut = (days: number): [number, number][][] => Array.from({ length: days }, () => [])
let city: TestCity
let sql: pg.Client
let worker: Caller
let sampler: Caller
let nobody: Caller

beforeAll(async () => {
  city = await startCity({ people: 5 })
  sql = new pg.Client({ connectionString: city.url })
  await sql.connect()
  worker = await signedIn(city.base, 'juwei')
  sampler = await signedIn(city.base, 'sampler')
  nobody = await residentWith(city.base, '19900000002')
})
afterAll(async () => {
  await sql.end()
  await city.stop()
})

const facts = (more: Record<string, unknown> = {}) => ({
  name: '模拟广场采样点',
  placeCode: HERE,
  address: '模拟路 1 号',
  lng: 121.54,
  lat: 31.21,
  kind: 'fixed',
  setting: 'community',
  pooling: 'pooled',
  desks: 2,
  hours: { always: true, week: [0, 1, 2, 3, 4, 5, 6].map(() => [[0, 1440]]), exceptions: [] },
  ended: false,
  ...more,
})
const put = (who: Caller, id: string, version: number, more: Record<string, unknown> = {}) =>
  who.send('PUT', `/api/sites/${id}`, JSON.stringify({ version, facts: facts(more), reason: '测试设立' }), {
    'content-type': 'application/json',
  })

test('a neighbourhood worker sets up a site, changes it, and every change is on record with what stood before', async () => {
  const id = newId()
  const made = await put(worker, id, 0)
  expect(made.body).toMatchObject({ id, version: 1, open: true, always: true, mayEdit: true })
  expect((await put(worker, id, 0)).body.version, 'the same again is the same').toBe(1)
  const changed = await put(worker, id, 1, { desks: 5, pooling: 'both' })
  expect(changed.body).toMatchObject({ version: 2, desks: 5, pooling: 'both' })
  const { body } = await worker.get(`/api/sites/${id}/changes`)
  expect(body.items).toMatchObject([
    {
      version: 2,
      changed: ['desks', 'pooling'],
      before: { desks: 2 },
      after: { desks: 5 },
      reason: '测试设立',
    },
    { version: 1, before: null },
  ])
  const lines = await sql.query(
    `select count(*)::int as n from audit where action = 'sites.put' and subject = $1`,
    [id],
  )
  expect(lines.rows[0].n).toBe(2)
})

test('of two who change a site at once the second is told and has changed nothing', async () => {
  const id = newId()
  await put(worker, id, 0)
  await put(worker, id, 1, { desks: 3 })
  const late = await put(worker, id, 1, { desks: 9 })
  expect([late.status, late.body.code]).toEqual([409, 'site_changed'])
  expect((await worker.get(`/api/sites/${id}`)).body.desks).toBe(3)
})

test('a site of another neighbourhood cannot be changed, nor moved out of one’s own', async () => {
  const elsewhere = await put(worker, newId(), 0, { placeCode: '310101002001001' })
  expect([elsewhere.status, elsewhere.body.code]).toEqual([403, 'not_allowed'])
  const id = newId()
  await put(worker, id, 0)
  const moved = await put(worker, id, 1, { placeCode: '310101002001001' })
  expect(moved.status).toBe(403)
})

test.each([
  [
    'times that overlap',
    {
      hours: {
        always: false,
        week: [
          ...shut(6),
          [
            [480, 720],
            [700, 800],
          ],
        ],
        exceptions: [],
      },
    },
  ],
  [
    'a day that ends before it begins',
    { hours: { always: false, week: [[[720, 480]], ...shut(6)], exceptions: [] } },
  ],
  [
    'one date excepted twice',
    {
      hours: {
        always: false,
        week: shut(7),
        exceptions: [
          { date: '2022-06-08', intervals: [] },
          { date: '2022-06-08', intervals: [[480, 500]] },
        ],
      },
    },
  ],
  ['a position outside the country', { lng: 2.3 }],
  ['a name of spaces', { name: '   ' }],
  ['six hundred desks', { desks: 600 }],
])('a site with %s is refused', async (_what, more) => {
  const answer = await put(worker, newId(), 0, more)
  expect([answer.status, answer.body.code]).toEqual([400, 'bad_input'])
})

test('a closing for one day holds on that day alone, a public holiday has its own hours', async () => {
  const id = newId()
  const today = new Date(city.app.clock.now().getTime() + 8 * 3_600_000).toISOString().slice(0, 10)
  const closed = await put(worker, id, 0, {
    hours: {
      always: true,
      week: shut(7).map(() => [[0, 1440]]),
      exceptions: [{ date: today, intervals: [] }],
    },
  })
  expect(closed.body.open).toBe(false)
  expect(Date.parse(closed.body.nextOpening)).toBe(Date.parse(`${today}T00:00:00+08:00`) + 86_400_000)
})

test('a site that is no longer used leaves the list and keeps its record', async () => {
  const id = newId()
  await put(worker, id, 0, { name: '模拟停用采样点' })
  await put(worker, id, 1, { name: '模拟停用采样点', ended: true })
  const found = async (more = '') =>
    (await nobody.get(`/api/sites?q=${encodeURIComponent('模拟停用')}${more}`)).body.total
  expect([await found(), await found('&ended=true')]).toEqual([0, 1])
  expect((await worker.get(`/api/sites/${id}/changes`)).body.items).toHaveLength(2)
  expect((await put(worker, id, 2, { name: '模拟停用采样点' })).body.endedAt).toBeNull()
})

test('a later edition of a published list does not undo what somebody set by hand', async () => {
  const file = (hours: string) =>
    JSON.stringify({
      type: 'FeatureCollection',
      features: ['甲', '乙'].map((n, i) => ({
        type: 'Feature',
        geometry: { type: 'Point', coordinates: [121.55 + i / 1000, 31.22] },
        properties: {
          name: `模拟公布点${n}`,
          address: `模拟路${i}号`,
          district: '浦东新区',
          town: '花木街道',
          serveDay: '每天',
          serveHour: hours,
        },
      })),
    })
  await importSites(city.app, { text: file('8:00-12:00'), file: 'a.geojson', store: true })
  const supervisor = await signedIn(city.base, 'pudong')
  await city.app.live.say(city.app.db, { topic: 'import', id: 'sites', placeCode: '31' })
  const names = async () =>
    (await nobody.get(`/api/sites?q=${encodeURIComponent('模拟公布点')}`)).body.items as {
      id: string
      name: string
      hoursText: string
      hoursSaid: { en: string }
    }[]
  await expect.poll(async () => (await names()).length).toBe(2)
  const first = (await names()).find((s) => s.name.endsWith('甲'))!
  const { facts: known, version } = (await supervisor.get(`/api/sites/${first.id}`)).body
  const hours = { ...known.hours, week: WEEK.map(() => [[360, 1320]]) }
  await supervisor.send(
    'PUT',
    `/api/sites/${first.id}`,
    JSON.stringify({ version, facts: { ...known, hours }, reason: '延长' }),
    { 'content-type': 'application/json' },
  )
  await importSites(city.app, { text: file('9:00-10:00'), file: 'a.geojson', store: true })
  await city.app.live.say(city.app.db, { topic: 'import', id: 'sites', placeCode: '31' })
  await expect
    .poll(async () => (await names()).map((s) => s.hoursSaid.en).toSorted())
    .toEqual(['every day 06:00-22:00', 'every day 09:00-10:00'])
})

test('people sampled at a site are its pace, a count of the line its wait, and both are said with their error', async () => {
  const id = newId()
  await put(worker, id, 0, { name: '模拟排队采样点', desks: 1 })
  const session = newId()
  await sampler.post('/api/sampling/sessions', { id: session, siteId: id, placeCode: HERE, address: '模拟' })
  const tubes = [0, 1].map((t) => ({
    id: newId(),
    code: labelOf('T', 7_700 + t),
    kind: 10,
    members: Array.from({ length: 10 }, (_, i) => ({
      phone: `1990${String(70_000 + t * 10 + i).padStart(7, '0')}`,
    })),
    sealedAt: city.app.clock.now().toISOString(),
  }))
  const sealed = await sampler.post('/api/tubes', { sessionId: session, tubes })
  expect(sealed.body.tubes.map((x: { refused: string | null }) => x.refused)).toEqual([null, null])
  await expect
    .poll(async () => {
      await coverageRoutine.run(city.app)
      return (await sql.query('select sum(people)::int as n from site_minute where site_id = $1', [id]))
        .rows[0].n
    })
    .toBe(20)
  const counted = await sampler.post(`/api/sites/${id}/queue`, { id: newId(), people: 40 })
  // 20 people in the last 15 minutes of the pack: 1.3 a minute, so 40 in line wait half an hour.
  expect(counted.body.queue).toMatchObject({
    perMinute: 1.3,
    waitMinutes: 30,
    basis: 'counted',
    busy: 'crowded',
    counted: 40,
    atLeast: false,
  })
  expect(counted.body.queue.errorMinutes).toBeGreaterThan(5)
  const seen = (await nobody.get(`/api/sites?q=${encodeURIComponent('模拟排队')}&busy=crowded`)).body.items[0]
  expect(seen.queue.waitMinutes).toBeGreaterThan(29)
  expect(
    (await nobody.get('/api/sites?busy=idle')).body.items.map((s: { id: string }) => s.id),
  ).not.toContain(id)
  const again = { id: newId(), people: 41 }
  await sampler.post(`/api/sites/${id}/queue`, again)
  expect((await sampler.post(`/api/sites/${id}/queue`, again)).status, 'twice is once').toBe(200)
  const other = await sampler.post(`/api/sites/${id}/queue`, { ...again, people: 5 })
  expect(other.body.code).toBe('same_id_other_content')
  const stranger = await signedIn(city.base, 'huangpu')
  expect((await stranger.post(`/api/sites/${id}/queue`, { id: newId(), people: 1 })).status).toBe(404)
  expect((await nobody.post(`/api/sites/${id}/queue`, { id: newId(), people: 1 })).status).toBe(404)
})

test('who tells no position finds what is around their neighbourhood first, without a distance', async () => {
  const at = { lng: 121.9, lat: 30.9 }
  await sql.query(
    `insert into sampling_site (id, place_code, name, address, lng, lat, rules, hours_text, source, imported_at)
     values (gen_random_uuid(), '310115999', '一号远方采样点', '模拟', $1, $2, null, '', '模拟', now())`,
    [at.lng, at.lat],
  )
  await forgetBook(city.app)
  const near = (await nobody.get('/api/sites?near=310115016001&limit=500')).body.items
  const names = near.map((s: { name: string }) => s.name)
  expect(names.at(-1)).toBe('一号远方采样点')
  expect(near[0]).toMatchObject({ metres: null })
  expect((await nobody.get('/api/sites?place=310115&limit=500')).body.items[0].name).not.toBe(names[0])
  await sql.query(`delete from sampling_site where name = '一号远方采样点'`)
  await forgetBook(city.app)
})

test('the open data is GeoJSON that holds every site in use and nobody’s name', async () => {
  const answer = await fetch(`${city.base}/api/open/sites.geojson`)
  expect(answer.headers.get('content-type')).toBe('application/geo+json; charset=utf-8')
  expect(answer.headers.get('access-control-allow-origin')).toBe('*')
  const body = await answer.json()
  const { body: list } = await nobody.get('/api/sites?limit=500')
  expect(body.features).toHaveLength(list.total)
  expect(body.features[0].geometry.coordinates).toEqual([expect.closeTo(121.5, 0), expect.closeTo(31.2, 0)])
  expect(Object.keys(body.features[0].properties)).not.toContain('actor')
})

test('buildings get times one after the other, the residents of the compound see theirs, and a plan can be taken back', async () => {
  const id = newId()
  await put(worker, id, 0, { name: '模拟时段采样点', desks: 2 })
  const from = new Date(city.app.clock.now().getTime() + 3_600_000).toISOString()
  const plan = {
    planId: newId(),
    placeCode: HERE,
    from,
    buildings: [
      { building: '1号楼', people: 40 },
      { building: '2号楼', people: 200 },
    ],
  }
  const preview = await worker.post(`/api/sites/${id}/slots`, { ...plan, preview: true })
  expect(preview.body).toMatchObject({ desks: 2, perHour: 240, overruns: false, alsoExpected: 0 })
  const resident = await residentWith(city.base, '19900000001')
  expect((await resident.get('/api/my/slots')).body.items).toEqual([])
  const made = await worker.post(`/api/sites/${id}/slots`, plan)
  expect((await worker.post(`/api/sites/${id}/slots`, plan)).body.items, 'twice is once').toEqual(
    made.body.items,
  )
  // Whose answer was lost asks again, after it began too; other content under the same id is told.
  await sql.query(
    `update site_slot set from_at = from_at - interval '30 days', to_at = to_at - interval '30 days' where plan_id = $1`,
    [plan.planId],
  )
  const late = { ...plan, from: new Date(Date.parse(plan.from) - 30 * 86_400_000).toISOString() }
  expect((await worker.post(`/api/sites/${id}/slots`, late)).body.items).toHaveLength(2)
  expect(
    (await worker.post(`/api/sites/${id}/slots`, { ...late, buildings: [{ building: null, people: 5 }] }))
      .body.code,
  ).toBe('same_id_other_content')
  await sql.query(
    `update site_slot set from_at = from_at + interval '30 days', to_at = to_at + interval '30 days' where plan_id = $1`,
    [plan.planId],
  )
  const mine = (await resident.get('/api/my/slots')).body.items
  // Simulated residents live in building 1.
  expect(mine).toMatchObject([
    { building: '1号楼', mine: true, site: '模拟时段采样点' },
    { building: '2号楼', mine: false },
  ])
  expect(Date.parse(mine[1].from)).toBe(Date.parse(mine[0].to))
  expect(Date.parse(mine[1].to) - Date.parse(mine[1].from)).toBe(50 * 60_000)
  expect((await (await residentWith(city.base, '19900000003')).get('/api/my/slots')).body.items).toEqual([])
  // Another compound at the same time would stand in the same line.
  const beside = await worker.post(`/api/sites/${id}/slots`, {
    ...plan,
    planId: newId(),
    placeCode: '310115016001002',
    preview: true,
  })
  expect(beside.body.alsoExpected).toBe(240)
  const other = await worker.post(`/api/sites/${id}/slots`, {
    ...plan,
    buildings: [{ building: '3号楼', people: 1 }],
  })
  expect(other.body.code).toBe('same_id_other_content')
  expect((await worker.delete(`/api/slots/${plan.planId}`)).body.dropped).toBe(2)
  expect((await worker.delete(`/api/slots/${plan.planId}`)).status).toBe(404)
})

test('times are not given while the site is closed, and a plan that outlasts its hours says so', async () => {
  const id = newId()
  const tomorrow = new Date(city.app.clock.now().getTime() + 86_400_000 + 8 * 3_600_000)
    .toISOString()
    .slice(0, 10)
  await put(worker, id, 0, { desks: 1, hours: { always: false, week: WEEK, exceptions: [] } })
  const plan = { planId: newId(), placeCode: HERE, buildings: [{ building: null, people: 500 }] }
  const night = await worker.post(`/api/sites/${id}/slots`, { ...plan, from: `${tomorrow}T03:00:00+08:00` })
  expect(night.body.code).toBe('site_closed_then')
  const morning = await worker.post(`/api/sites/${id}/slots`, { ...plan, from: `${tomorrow}T08:00:00+08:00` })
  expect(morning.body).toMatchObject({ overruns: true })
  expect(Date.parse(morning.body.closesAt)).toBe(Date.parse(`${tomorrow}T12:00:00+08:00`))
})

test('plans of buildings follow each other without gap or overlap, whatever their size', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 3_000 }), { minLength: 1, maxLength: 40 }),
      fc.integer({ min: 10, max: 5_000 }),
      fc.integer({ min: 0, max: 10_000_000 }),
      (people, perHour, minute) => {
        const { slots, endsAt } = planSlots(
          new Date(minute * 60_000),
          perHour,
          people.map((n) => ({ building: null, people: n })),
        )
        slots.forEach((s, i) => {
          const lasts = s.to.getTime() - s.from.getTime()
          expect(lasts % 300_000).toBe(0)
          expect(lasts / 3_600_000).toBeGreaterThanOrEqual(s.people / perHour - 1e-9)
          expect(lasts / 3_600_000).toBeLessThan(s.people / perHour + 5 / 60 + 1e-9)
          if (i > 0) expect(s.from).toEqual(slots[i - 1]!.to)
        })
        expect(endsAt).toEqual(slots.at(-1)!.to)
      },
    ),
  )
})

const TERMS = { perDeskHour: 120, paceMinutes: 15, countedMinutes: 30, busyMinutes: 10, crowdedMinutes: 30 }

test('one desk waits as the formula for a single line says, and more desks wait less', () => {
  // M/M/1: a / (s (s - a)).
  fc.assert(
    fc.property(fc.double({ min: 0.01, max: 1.9, noNaN: true }), (a) => {
      expect(erlangWait(a, 2, 1)).toBeCloseTo(a / (2 * (2 - a)), 6)
      expect(erlangWait(a, 2, 2)).toBeLessThan(erlangWait(a, 2, 1))
    }),
  )
  expect(erlangWait(4, 2, 2)).toBe(Infinity)
  // Two hundred desks do not overflow.
  expect(erlangWait(390, 2, 200)).toBeLessThan(1)
})

test('a longer line never waits less, and desks at their limit say that it may be longer', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 0, max: 600 }),
      fc.integer({ min: 0, max: 3_000 }),
      fc.integer({ min: 0, max: 500 }),
      (desks, sampled, people, more) => {
        const wait = (n: number) =>
          judgeQueue({ desks, sampled, counted: { people: n, minutesAgo: 1 } }, TERMS)!
        expect(wait(people + more).waitMinutes).toBeGreaterThanOrEqual(wait(people).waitMinutes)
        expect(wait(people).errorMinutes).toBeGreaterThan(0)
        const pace = judgeQueue({ desks, sampled }, TERMS)!
        expect(Number.isFinite(pace.waitMinutes + pace.errorMinutes)).toBe(true)
        expect(pace.atLeast).toBe(sampled / 15 >= desks * 2 * 0.95)
      },
    ),
  )
  expect(judgeQueue({ desks: 0, sampled: 9 }, TERMS)).toBeNull()
  // A count that is too old is not believed.
  expect(judgeQueue({ desks: 1, sampled: 3, counted: { people: 500, minutesAgo: 31 } }, TERMS)!.basis).toBe(
    'pace',
  )
})

test('times as people type them are read, and written times are read back the same', () => {
  expect(readTimes('8:30-11:30，13:00—16:00')).toEqual([
    [510, 690],
    [780, 960],
  ])
  expect(readTimes('')).toEqual([])
  for (const bad of ['8-11', '11:30-8:30', '8:00-12:00,11:00-13:00', '25:00-26:00', '8:70-9:00', 'abc'])
    expect(readTimes(bad), bad).toBeUndefined()
  const times = fc
    .uniqueArray(fc.integer({ min: 0, max: 1440 }), { minLength: 2, maxLength: 12 })
    .map((list) => list.toSorted((a, b) => a - b))
    .map((list) =>
      list.flatMap((from, i) =>
        i % 2 === 0 && list[i + 1] !== undefined ? [[from, list[i + 1]!] as const] : [],
      ),
    )
  fc.assert(
    fc.property(times, (list) => {
      expect(readTimes(writeTimes(list))).toEqual(list)
    }),
  )
})

test('days with the same hours are said together', () => {
  const rules: OpeningRules = {
    always: false,
    week: [...Array.from({ length: 5 }, () => [[480, 720] as const]), [], []],
    holidays: [],
    exceptions: [],
  }
  expect(describeHours(rules, 'zh')).toBe('周一至周五 08:00-12:00；周六至周日 不开；法定节假日 不开')
  expect(describeHours(rules, 'en')).toBe('Mon–Fri 08:00-12:00; Sat–Sun closed; public holidays closed')
})

test.each([
  ['模拟12号楼101室', '12'],
  ['３栋２０２', '3'],
  ['7a幢', '7A'],
  ['花木路', undefined],
  ['浦东南路100号3号楼202室', '3'],
  ['樱花路801弄5号101室', '5'],
  ['花木路100号12栋', '12'],
])('the building in %s', (text, building) => expect(buildingIn(text)).toBe(building))
