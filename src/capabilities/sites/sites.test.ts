import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { newId, residentWith, signedIn, startCity, type Caller, type TestCity } from '#test/harness/city.ts'
import { putSite, SITE_AT as HERE } from '#test/harness/site.ts'
import { labelOf } from '#capabilities/screening/label.contract.ts'
import { coverageRoutine } from '#capabilities/screening/index.ts'
import type { OpeningRules } from './hours.contract.ts'
import { bookOf, forgetBook, onOf } from './book.ts'
import { openSites } from './circle.ts'
import { isOpenNow, shownFor, toSite } from './find.ts'
import { importSites, siteCountsRoutine } from './index.ts'
import { isOpen } from './opening.ts'

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

test('a neighbourhood worker sets up a site, changes it, and every change is on record with what stood before', async () => {
  const id = newId()
  const made = await putSite(worker, id, 0)
  expect(made.body).toMatchObject({ id, version: 1, open: true, always: true, mayEdit: true })
  expect((await putSite(worker, id, 0)).body.version, 'the same again is the same').toBe(1)
  const changed = await putSite(worker, id, 1, { desks: 5, pooling: 'both' })
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
  await putSite(worker, id, 0)
  await putSite(worker, id, 1, { desks: 3 })
  const late = await putSite(worker, id, 1, { desks: 9 })
  expect([late.status, late.body.code]).toEqual([409, 'site_changed'])
  expect((await worker.get(`/api/sites/${id}`)).body.desks).toBe(3)
})

test('a site of another neighbourhood cannot be changed, nor moved out of one’s own', async () => {
  const elsewhere = await putSite(worker, newId(), 0, { placeCode: '310101002001001' })
  expect([elsewhere.status, elsewhere.body.code]).toEqual([403, 'not_allowed'])
  const id = newId()
  await putSite(worker, id, 0)
  const moved = await putSite(worker, id, 1, { placeCode: '310101002001001' })
  expect(moved.status).toBe(403)
  // Nor taken over by saying that it stands in one's own.
  const theirs = newId()
  const away = await signedIn(city.base, 'huangpu')
  expect((await putSite(away, theirs, 0, { placeCode: '310101002001001' })).status).toBe(200)
  expect((await putSite(worker, theirs, 1)).status).toBe(404)
  expect((await worker.get(`/api/sites/${theirs}`)).body).toMatchObject({
    version: 1,
    placeCode: '310101002001001',
  })
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
  const answer = await putSite(worker, newId(), 0, more)
  expect([answer.status, answer.body.code]).toEqual([400, 'bad_input'])
})

test('a closing for one day holds on that day alone', async () => {
  const id = newId()
  const today = new Date(city.app.clock.now().getTime() + 8 * 3_600_000).toISOString().slice(0, 10)
  const closed = await putSite(worker, id, 0, {
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
  await putSite(worker, id, 0, { name: '模拟停用采样点' })
  await putSite(worker, id, 1, { name: '模拟停用采样点', ended: true })
  const found = async (more = '') =>
    (await nobody.get(`/api/sites?q=${encodeURIComponent('模拟停用')}${more}`)).body.total
  expect([await found(), await found('&ended=true')]).toEqual([0, 1])
  expect((await worker.get(`/api/sites/${id}/changes`)).body.items).toHaveLength(2)
  expect((await putSite(worker, id, 2, { name: '模拟停用采样点' })).body.endedAt).toBeNull()
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
  // What the list changed is on record with what stood before, like an edit by hand; what it did not change is not.
  const second = (await names()).find((s) => s.name.endsWith('乙'))!
  await importSites(city.app, { text: file('9:00-10:00'), file: 'a.geojson', store: true })
  const { items } = (await supervisor.get(`/api/sites/${second.id}/changes`)).body
  expect(items).toMatchObject([
    {
      version: 2,
      by: 'cityloop import',
      reason: '公布的清单 a.geojson',
      changed: ['hours'],
      before: { hours: { week: WEEK.map(() => [[480, 720]]) } },
      after: { hours: { week: WEEK.map(() => [[540, 600]]) } },
    },
    { version: 1, before: null },
  ])
  const audited = async (id: string) =>
    (
      await sql.query(
        `select count(*)::int as n from audit where action = 'sites.put' and subject = $1 and actor_id = 'cityloop import'`,
        [id],
      )
    ).rows[0].n
  expect([await audited(first.id), await audited(second.id)]).toEqual([1, 2])
  const { rows } = await sql.query(
    `select s.name from sampling_site s where version <> (select count(*) from site_change c where c.site_id = s.id) and source = 'a.geojson'`,
  )
  expect(rows, 'each version has its line').toEqual([])
})

test('people sampled at a site are its pace, a count of the line its wait, and both are said with their error', async () => {
  const id = newId()
  await putSite(worker, id, 0, { name: '模拟排队采样点', desks: 1 })
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
  // A telephone whose clock is a day ahead says nothing of how fast the table is now.
  const doubted = {
    ...tubes[0]!,
    id: newId(),
    code: labelOf('T', 7_702),
    members: [{ phone: '19900070900' }],
    sealedAt: new Date(city.app.clock.now().getTime() + 86_400_000).toISOString(),
  }
  const first = await sampler.post('/api/tubes', { sessionId: session, tubes: [doubted] })
  expect(first.body.tubes[0].refused).toBeNull()
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

test('three minutes after opening a line is reckoned with these three minutes', async () => {
  const id = newId()
  const now = city.app.clock.now()
  const from = (Math.floor((now.getTime() + 8 * 3_600_000) / 60_000) - 3) % 1440
  await putSite(worker, id, 0, {
    desks: 4,
    hours: { always: false, week: WEEK.map(() => [[from, from + 120]]), exceptions: [] },
  })
  await sql.query(
    `insert into site_minute (site_id, minute, people) values ($1, date_trunc('minute', $2::timestamptz - interval '1 minute'), 24)`,
    [id, now],
  )
  const { queue } = (await sampler.post(`/api/sites/${id}/queue`, { id: newId(), people: 40 })).body
  // Eight a minute, and not 24 in a quarter of an hour: five minutes and not 25.
  expect(queue.waitMinutes).toBeGreaterThanOrEqual(5)
  expect(queue.waitMinutes).toBeLessThan(7.5)
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

test('the open data is GeoJSON that holds every site in use and nobody’s name, written once a minute and packed once', async () => {
  const ask = (headers: Record<string, string> = {}) =>
    fetch(`${city.base}/api/open/sites.geojson`, { headers })
  const answer = await ask()
  expect(answer.headers.get('content-type')).toBe('application/geo+json; charset=utf-8')
  expect(answer.headers.get('access-control-allow-origin')).toBe('*')
  const body = await answer.json()
  const { body: list } = await nobody.get('/api/sites?limit=500')
  expect(body).toMatchObject({ type: 'FeatureCollection', generatedAt: expect.any(String) })
  expect(body.features).toHaveLength(list.total)
  expect(body.features[0].geometry.coordinates).toEqual([expect.closeTo(121.5, 0), expect.closeTo(31.2, 0)])
  expect(Object.keys(body.features[0].properties)).not.toContain('actor')
  // Another site stands in the next edition: what many ask for at once is what was written.
  await putSite(worker, newId(), 0, { name: '模拟开放数据采样点' })
  const texts = await Promise.all(
    ['br', 'gzip', 'identity'].map(async (encoding) => {
      const one = await ask({ 'accept-encoding': encoding })
      expect(one.headers.get('content-encoding')).toBe(encoding === 'identity' ? null : encoding)
      return one.json()
    }),
  )
  for (const text of texts) expect(text).toEqual(body)
  const tag = answer.headers.get('etag')!
  expect((await ask({ 'if-none-match': tag })).status).toBe(304)
  expect((await ask({ 'if-modified-since': answer.headers.get('last-modified')! })).status).toBe(304)
  expect((await ask({ 'if-none-match': '"other"' })).status).toBe(200)
  // In the other language it is another text.
  const english = await (await ask({ 'accept-language': 'en' })).json()
  expect(english.features[0].properties.place).not.toBe(body.features[0].properties.place)
  // A question of one's own would be work for each who asks.
  expect((await nobody.get('/api/open/sites.geojson?q=1')).status).toBe(400)
})

test('where holidays are announced elsewhere a site is found neither open nor closed on one, and says why', async () => {
  const id = newId()
  const calendar = { isHoliday: () => true, isMakeUp: () => false }
  await putSite(worker, id, 0, {
    name: '模拟节假日采样点',
    hours: { always: false, week: WEEK.map(() => [[0, 1440]]), holidays: 'ask', exceptions: [] },
  })
  const site = (await bookOf(city.app)).byId.get(id)!
  const shown = { ...(await shownFor(city.app, 'zh')), on: { calendar } }
  expect(toSite(shown, site, null)).toMatchObject({ open: null, unsure: 'holiday', closesAt: null })
  expect([isOpenNow(shown, site), [...openSites([site], shown.now, shown.on)]]).toEqual([null, [0]])
})

test('a public holiday of the pack’s calendar has the hours that the site says for it, and only that day', async () => {
  const on = await onOf(city.app)
  const rules = { always: false, week: WEEK, holidays: [], exceptions: [] }
  // 端午 2022: 3 to 5 June.
  expect(isOpen(rules, new Date('2022-06-03T10:00:00+08:00'), on)).toBe(false)
  expect(isOpen(rules, new Date('2022-06-06T10:00:00+08:00'), on)).toBe(true)
  const afternoon = { ...rules, holidays: [[840, 900] as const] }
  expect(isOpen(afternoon, new Date('2022-06-03T14:30:00+08:00'), on)).toBe(true)
  expect(isOpen(afternoon, new Date('2022-06-03T10:00:00+08:00'), on)).toBe(false)
  // A single date stands above the holiday.
  const made = { ...rules, exceptions: [{ date: '2022-06-03', intervals: [[540, 660] as const] }] }
  expect(isOpen(made, new Date('2022-06-03T10:00:00+08:00'), on)).toBe(true)
})

test('counts of lines go after the days of the pack, and those of today stay', async () => {
  const id = newId()
  await sql.query(`insert into site_minute (site_id, minute, people) values ($1, $2, 5), ($1, $3, 7)`, [
    id,
    new Date(city.app.clock.now().getTime() - 8 * 86_400_000),
    city.app.clock.now(),
  ])
  await sql.query(
    `insert into site_queue (id, site_id, people, actor_id, at) values ($1, $2, 5, 'a', $3), ($4, $2, 7, 'a', $5)`,
    [newId(), id, new Date(city.app.clock.now().getTime() - 8 * 86_400_000), newId(), city.app.clock.now()],
  )
  await siteCountsRoutine.run(city.app)
  for (const table of ['site_minute', 'site_queue']) {
    const { rows } = await sql.query(`select people from ${table} where site_id = $1`, [id])
    expect(rows, table).toEqual([{ people: 7 }])
  }
})
