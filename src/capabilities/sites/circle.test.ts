import fc from 'fast-check'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { newId, signedIn, startCity, type Caller, type TestCity } from '#test/harness/city.ts'
import { putSite } from '#test/harness/site.ts'
import { countPeople } from '#capabilities/people/index.ts'
import { parameter, policyOf } from '#capabilities/policy/index.ts'
import { atlasOf, makePointIndex, metresBetween, withinMetres } from '#capabilities/places/index.ts'
import { forgetHomes, landOf } from './circle.ts'
import { forgetBook } from './book.ts'
import { greedy, reachMetres, shareOut, type Problem } from './circle-rules.ts'
import { whileBeating } from './runs.ts'
import { solve } from './suggest.ts'

let city: TestCity
let sql: pg.Client
let supervisor: Caller
let commander: Caller
/** A compound of 花木 that has people, and one far away in the same district. */
let near: { code: string; lng: number; lat: number }
let far: { code: string; lng: number; lat: number }

const NOON = '2022-06-08T12:00:00+08:00'
const week = (times: number[][]) => Array.from({ length: 7 }, () => times)

async function makeSite(
  name: string,
  at: { code: string; lng: number; lat: number },
  times: number[][],
  kind = 'fixed',
  desks = 1,
) {
  const id = newId()
  const answer = await putSite(supervisor, id, 0, {
    name,
    placeCode: at.code.slice(0, 12),
    lng: at.lng,
    lat: at.lat,
    kind,
    desks,
    hours: { always: false, week: week(times), exceptions: [] },
  })
  expect(answer.status, JSON.stringify(answer.body)).toBe(200)
  return id
}

beforeAll(async () => {
  city = await startCity({ people: 3_000 })
  sql = new pg.Client({ connectionString: city.url })
  await sql.connect()
  supervisor = await signedIn(city.base, 'pudong')
  commander = await signedIn(city.base, 'commander')
  await countPeople(city.app.db, [])
  const { facts } = await atlasOf(city.app)
  const at = (code: string) => {
    const p = facts.get(code)!
    return { code, lng: p.lng!, lat: p.lat! }
  }
  const { rows } = await sql.query<{ place_code: string }>(
    `select place_code from people_count where place_code like '310115%' order by n desc, place_code`,
  )
  near = at(rows[0]!.place_code)
  far = rows
    .map((r) => at(r.place_code))
    .find((c) => metresBetween([c.lng, c.lat], [near.lng, near.lat]) > 8_000)!
  await makeSite('模拟近处采样点', near, [[480, 1080]])
})
afterAll(async () => {
  await sql.end()
  await city.stop()
})

test('residents are covered where a site that is open at the hour stands within the walk of the pack, and nowhere else', async () => {
  const { homes, book, metres } = await landOf(city.app)
  expect(metres).toBeCloseTo(reachMetres(15, 75, 1.3), 6)
  const site = book.sites.find((s) => s.name === '模拟近处采样点')!
  // By measuring every home against the one site, without an index.
  const covered = homes
    .filter(
      (h) =>
        h.placeCode.startsWith('310115') && metresBetween([h.lng, h.lat], [site.lng, site.lat]) <= metres,
    )
    .reduce((n, h) => n + h.people, 0)
  expect(covered).toBeGreaterThan(0)
  const noon = await commander.get(`/api/circle?place=310115&at=${encodeURIComponent(NOON)}`)
  expect(noon.body).toMatchObject({ covered, openSites: 1, reachMetres: 865, walkMinutes: 15 })
  expect(noon.body.people).toBe(
    homes.filter((h) => h.placeCode.startsWith('310115')).reduce((n, h) => n + h.people, 0),
  )
  expect(noon.body.below.reduce((n: number, b: { covered: number }) => n + b.covered, 0)).toBe(covered)
  // Nobody who is out of reach reads that it is a quarter of an hour.
  const walks = noon.body.gaps.map((g: { nearest: { walkMinutes: number } }) => g.nearest.walkMinutes)
  expect(Math.min(...walks)).toBeGreaterThan(15)
  const hours = noon.body.hours.map((h: { covered: number }) => h.covered)
  expect(hours.slice(0, 8)).toEqual(Array.from({ length: 8 }, () => 0))
  expect(hours.slice(8, 18)).toEqual(Array.from({ length: 10 }, () => covered))
  expect(hours[18]).toBe(0)
  expect(noon.body.gaps[0].people).toBeGreaterThan(0)
  expect(noon.body.gaps[0].nearest).toMatchObject({ name: '模拟近处采样点' })
})

test('suggestions open, extend and send teams where most people are out of reach, each with its effect, up to a bound', async () => {
  await makeSite('模拟夜间采样点', far, [[1200, 1320]])
  await forgetHomes(city.app)
  const id = newId()
  const asked = { id, placeCode: '310115', hour: NOON, openings: 3, teams: 2 }
  const begun = await supervisor.post('/api/circle/runs', asked)
  expect(begun.body).toMatchObject({ id, districts: 1 })
  expect((await supervisor.post('/api/circle/runs', asked)).body.id, 'twice is once').toBe(id)
  await expect
    .poll(async () => (await commander.get(`/api/circle/runs/${id}`)).body.state, { timeout: 20_000 })
    .toBe('done')
  const { body: run } = await commander.get(`/api/circle/runs/${id}`)
  const kinds = run.items.map((s: { kind: string }) => s.kind)
  expect(kinds.filter((k: string) => k === 'mobile')).toHaveLength(2)
  expect(kinds).toContain('open')
  const gained = run.items.reduce((n: number, s: { people: number }) => n + s.people, 0)
  expect(run.wouldCover).toBe(run.covered + gained)
  expect(run.bound).toBeGreaterThanOrEqual(run.wouldCover)
  expect(run.bound).toBeLessThanOrEqual(run.people)
})

test('an accepted suggestion is an order of the subdistrict with its clause, once; a dismissed one can be taken up again', async () => {
  const { rows } = await sql.query<{ id: string; place_code: string }>(
    `select id, place_code from site_suggestion where kind = 'mobile' order by id`,
  )
  const [first, second] = rows
  const accept = () => supervisor.post(`/api/circle/suggestions/${first!.id}`, { decision: 'accept' })
  const accepted = await accept()
  expect(accepted.body).toMatchObject({ state: 'accepted' })
  expect((await accept()).body.orderId).toBe(accepted.body.orderId)
  const order = await supervisor.get(`/api/orders/${accepted.body.orderId}`)
  expect(order.body).toMatchObject({
    kind: 'site',
    element: 'test.site',
    unit: { id: `street.${first!.place_code.slice(0, 9)}` },
  })
  // By the clause under which the pack has the walk.
  expect(order.body.timeline[0].why.clause).toBe(
    parameter(await policyOf(city.app), 'circle.walkMinutes').clause,
  )
  expect(order.body.title).toMatch(/^派流动采样队 · .+（\d+ 人步行可达）$/)
  const late = await supervisor.post(`/api/circle/suggestions/${first!.id}`, { decision: 'dismiss' })
  expect([late.status, late.body.code]).toEqual([409, 'suggestion_decided'])
  const say = async (decision: string) =>
    (await supervisor.post(`/api/circle/suggestions/${second!.id}`, { decision })).body.state
  expect([await say('dismiss'), await say('dismiss'), await say('reopen'), await say('accept')]).toEqual([
    'dismissed',
    'dismissed',
    'open',
    'accepted',
  ])
  const other = await signedIn(city.base, 'huangpu')
  expect((await other.post(`/api/circle/suggestions/${second!.id}`, { decision: 'accept' })).status).toBe(404)
})

test('a mobile site that nobody needs alone is asked to move, and long lines to have more desks', async () => {
  const here = await makeSite('模拟闲置流动点', near, [[0, 1440]], 'mobile')
  const line = await makeSite('模拟长队采样点', near, [[0, 1440]])
  await supervisor.post(`/api/sites/${line}/queue`, { id: newId(), people: 200 })
  const few = await makeSite('模拟缺人采样点', near, [[0, 1440]], 'fixed', 10)
  await supervisor.post(`/api/sites/${few}/queue`, { id: newId(), people: 100, desks: 2 })
  const id = newId()
  await supervisor.post('/api/circle/runs', { id, placeCode: '310115', openings: 0, teams: 0 })
  await expect
    .poll(async () => (await commander.get(`/api/circle/runs/${id}`)).body.state, { timeout: 20_000 })
    .toBe('done')
  const { items } = (await commander.get(`/api/circle/runs/${id}`)).body
  const move = items.find((s: { kind: string }) => s.kind === 'move')
  expect(move).toMatchObject({ site: { id: here } })
  expect(move.people).toBeGreaterThan(0)
  const more = items.filter((s: { kind: string }) => s.kind === 'desks')
  const desks = more.find((s: { site: { id: string } }) => s.site.id === line)
  // 200 people, two a minute and desk: ten desks bring it to the pack's ten minutes.
  expect(desks).toMatchObject({ site: { id: line }, people: 200, desks: 9, waitBefore: 100, waitAfter: 10 })
  // Ten stand there and two work: 100 people wait 25 minutes, and three more bring it to ten.
  expect(more.find((s: { site: { id: string } }) => s.site.id === few)).toMatchObject({
    desks: 3,
    waitBefore: 25,
    waitAfter: 10,
  })
})

test('of two mobile sites that stand for each other one stays, however many the other would reach elsewhere', async () => {
  // In the small hours nothing else is open: each alone is not needed, both together are. They stand where most people
  // are within reach, so that no other spot is worth leaving these alone.
  const hour = '2022-06-09T03:00:00+08:00'
  const rest = [[0, 360]]
  await sql.query(`update sampling_site set ended_at = now() where place_code like '310115%'`)
  await forgetBook(city.app)
  const { homes, metres } = await landOf(city.app)
  const here = homes.filter((h) => h.placeCode.startsWith('310115') && h.placeCode.length >= 12)
  const index = makePointIndex(homes)
  const reached = (at: { lng: number; lat: number }) =>
    withinMetres(index, at.lng, at.lat, metres).reduce((n, h) => n + h.people, 0)
  const most = here.map((home) => ({ home, people: reached(home) }))
  const { home: best } = most.reduce((a, b) => (b.people > a.people ? b : a))
  const densest = { code: best.placeCode, lng: best.lng, lat: best.lat }
  const both = [
    await makeSite('模拟流动甲', densest, rest, 'mobile'),
    await makeSite('模拟流动乙', densest, rest, 'mobile'),
  ]
  const id = newId()
  await supervisor.post('/api/circle/runs', { id, placeCode: '310115', openings: 0, teams: 0, hour })
  await expect
    .poll(async () => (await commander.get(`/api/circle/runs/${id}`)).body.state, { timeout: 20_000 })
    .toBe('done')
  const run = (await commander.get(`/api/circle/runs/${id}`)).body
  const moved = run.items.filter((s: { kind: string }) => s.kind === 'move')
  // The first leaves nobody alone, and goes where people are; the second would leave everybody whom the two reached.
  expect(run.covered).toBe(reached(densest))
  expect(moved).toHaveLength(1)
  expect(both).toContain(moved[0].site.id)
  expect(moved[0].people).toBeGreaterThan(0)
})

test('a search that waits its turn says that it goes on, and one that ended stays ended', async () => {
  const id = newId()
  await sql.query(
    `insert into site_run (id, place_code, hour, openings, teams, districts, actor_id, made_at, beat_at)
     values ($1, '310115', now(), 3, 1, 1, 'somebody', now(), now() - interval '1 hour')`,
    [id],
  )
  const state = async () => (await commander.get(`/api/circle/runs/${id}`)).body.state
  expect(await state()).toBe('failed')
  const gate = Promise.withResolvers<void>()
  const waiting = whileBeating(city.app, id, () => gate.promise, 20)
  await expect.poll(state).toBe('running')
  gate.resolve()
  await waiting
  await new Promise((done) => setTimeout(done, 60))
  await sql.query(`update site_run set beat_at = now() - interval '1 hour' where id = $1`, [id])
  await new Promise((done) => setTimeout(done, 60))
  expect(await state()).toBe('failed')
})

test('people of whom only the district is known are said to be in no number of the circle', async () => {
  const ask = async (place: string) => (await commander.get(`/api/circle?place=${place}`)).body
  const before = await ask('310115')
  const outside = (await ask('310101')).unplaced
  await sql.query(
    `insert into people_count (place_code, occupation, n) values ('310115', '', 17) on conflict (place_code, occupation) do update set n = people_count.n + 17`,
  )
  await forgetHomes(city.app)
  const after = await ask('310115')
  expect([after.unplaced, after.people]).toEqual([before.unplaced + 17, before.people])
  expect((await ask('310101')).unplaced).toBe(outside)
  expect((await ask('31')).unplaced).toBeGreaterThanOrEqual(17)
})

test('of one person one search goes on at a time, and the same id with other wishes is told', async () => {
  const ask = (id: string, openings: number) =>
    supervisor.post('/api/circle/runs', { id, placeCode: '310115', openings, teams: 1 })
  const id = newId()
  await sql.query(
    `insert into site_run (id, place_code, hour, openings, teams, districts, actor_id, made_at)
     select $1, '310115', now(), 3, 1, 1, a.id::text, now() from account a where username = 'pudong'`,
    [id],
  )
  expect((await ask(newId(), 1)).body.code).toBe('run_running')
  expect((await ask(id, 3)).body).toMatchObject({ id, state: 'running' })
  expect((await ask(id, 4)).body.code).toBe('same_id_other_content')
  // A server that went away in the middle leaves it behind: it has failed, and the next one may begin.
  await sql.query(`update site_run set beat_at = now() - interval '1 hour' where id = $1`, [id])
  expect((await ask(id, 3)).body.state).toBe('failed')
  expect((await ask(newId(), 1)).status).toBe(200)
})

test('a supervisor of another district gets no suggestions for this one', async () => {
  const other = await signedIn(city.base, 'huangpu')
  const asked = await other.post('/api/circle/runs', {
    id: newId(),
    placeCode: '310115',
    openings: 1,
    teams: 1,
  })
  expect([asked.status, asked.body.code]).toEqual([403, 'not_allowed'])
  expect((await other.get('/api/circle?place=310115')).status).toBe(404)
})

const problems: fc.Arbitrary<Problem> = fc
  .record({
    people: fc.array(fc.integer({ min: 1, max: 500 }), { minLength: 1, maxLength: 12 }),
    candidates: fc.array(
      fc.record({ homes: fc.uniqueArray(fc.nat(11), { maxLength: 6 }), team: fc.boolean() }),
      { maxLength: 9 },
    ),
    openings: fc.integer({ min: 0, max: 3 }),
    teams: fc.integer({ min: 0, max: 3 }),
  })
  .map((p) => ({
    ...p,
    candidates: p.candidates.map((c) => ({ ...c, homes: c.homes.filter((h) => h < p.people.length) })),
  }))

const coveredBy = (p: Problem, chosen: readonly number[]) =>
  [...new Set(chosen.flatMap((i) => p.candidates[i]!.homes))].reduce((n, h) => n + p.people[h]!, 0)
const isAllowed = (p: Problem, chosen: readonly number[]) =>
  chosen.filter((i) => p.candidates[i]!.team).length <= p.teams &&
  chosen.filter((i) => !p.candidates[i]!.team).length <= p.openings

test('where greed is led astray, the two that together reach more are chosen', async () => {
  // The first candidate reaches most and leaves little for any other.
  const p: Problem = {
    people: [5, 5, 5, 5, 9, 9],
    candidates: [
      [0, 1, 2, 3],
      [0, 1, 4],
      [2, 3, 5],
    ].map((homes) => ({ homes, team: false })),
    openings: 2,
    teams: 0,
  }
  expect(greedy(p)).toEqual({ chosen: [0, 1], covered: 29 })
  expect(await solve(p)).toMatchObject({ chosen: [1, 2], covered: 38, bound: 38, method: 'optimal' })
})

test('what is chosen is the best of all choices that the budgets allow, and greed is never better than it', async () => {
  await fc.assert(
    fc.asyncProperty(problems, async (p) => {
      let best = 0
      for (let set = 0; set < 2 ** p.candidates.length; set++) {
        const chosen = p.candidates.flatMap((_, i) => ((set >> i) & 1 ? [i] : []))
        if (isAllowed(p, chosen)) best = Math.max(best, coveredBy(p, chosen))
      }
      const plan = await solve(p)
      expect(isAllowed(p, plan.chosen)).toBe(true)
      expect([plan.covered, coveredBy(p, plan.chosen), plan.method]).toEqual([best, best, 'optimal'])
      expect(plan.bound).toBe(best)
      const plain = greedy(p)
      expect(isAllowed(p, plain.chosen)).toBe(true)
      expect(plain.covered).toBe(coveredBy(p, plain.chosen))
      expect(plain.covered).toBeLessThanOrEqual(best)
      const shares = shareOut(p, plan.chosen)
      expect(shares.reduce((n, s) => n + s.people, 0)).toBe(best)
    }),
    { numRuns: 40 },
  )
})
