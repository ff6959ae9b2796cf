import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { newId } from '#kernel/ids.ts'
import { signedIn, startCity, type Caller, type TestCity } from '#test/harness/city.ts'
import { COMPOUND, startLab } from '#test/harness/lab.ts'
import { settled } from '#test/harness/settled.ts'
import { timeOf } from '#test/harness/time.ts'
import { watchBacklog } from './backlog-alarm.ts'
import type { Backlog } from './capacity.contract.ts'
import { countBacklog, STAGE_OF } from './capacity-store.ts'
import type { TubeState } from './custody.contract.ts'

let city: TestCity
let sql: pg.Client
let at: Awaited<ReturnType<typeof startLab>>
let time: ReturnType<typeof timeOf>
let pudong: Caller
let huangpu: Caller
let worker: Caller
let second: Caller

beforeAll(async () => {
  city = await startCity({ people: 5 })
  sql = new pg.Client({ connectionString: city.url })
  await sql.connect()
  at = await startLab(city, 4000)
  time = timeOf(city)
  pudong = await signedIn(city.base, 'pudong')
  huangpu = await signedIn(city.base, 'huangpu')
  worker = await signedIn(city.base, 'juwei')
  second = (await at.member('lab.second')).caller
})
afterAll(async () => {
  await sql.end()
  await city.stop()
})

const count = async () => {
  await settled(sql)
  while ((await countBacklog(city.app.db, city.app.clock.now())) > 0);
}
const backlog = async (query = 'place=310115', who = pudong): Promise<Backlog> => {
  await count()
  const answer = await who.get(`/api/screening/backlog?${query}`)
  expect(answer.status, JSON.stringify(answer.body)).toBe(200)
  return answer.body
}
const waits = (b: Backlog) => b.stages.map((s) => s.waiting)
const move = (who: Caller, box: string, kind: 'collected' | 'received') =>
  who.post(`/api/boxes/${box}/events`, { id: newId(), kind })
const capacity = (more: object = {}) => ({
  id: newId(),
  name: '模拟·检测实验室',
  placeCode: '310115',
  tubesPerHour: 400,
  pools: [10, 1],
  opens: 0,
  closes: 0,
  ...more,
})

/** What the tubes themselves say. */
async function truth(): Promise<number[]> {
  const { rows } = await sql.query<{ state: TubeState }>('select state from tube')
  return [0, 1, 2].map((i) => rows.filter((r) => STAGE_OF[r.state] === i).length)
}

test('a tube waits at one stage of the chain at a time, whichever way it goes', async () => {
  const people = [await at.resident('1号101室'), await at.resident('1号102室')]
  const boxes = await Promise.all([0, 1, 2, 3].map(() => at.boxed(people)))
  expect(waits(await backlog())).toEqual([4, 0, 0])
  await move(at.sampler, boxes[0]!.box, 'collected')
  await move(at.sampler, boxes[1]!.box, 'collected')
  expect(waits(await backlog())).toEqual([2, 2, 0])
  await move(at.lab, boxes[0]!.box, 'received')
  // Straight from the table, without a courier's word in between.
  await move(at.lab, boxes[2]!.box, 'received')
  await move(at.lab, boxes[2]!.box, 'received')
  expect(waits(await backlog())).toEqual([1, 1, 2])
  expect(await truth()).toEqual([1, 1, 2])
  await at.report(boxes[0]!.tube, 'negative')
  await at.report(boxes[0]!.tube, 'negative')
  await at.lab.post(`/api/tubes/${boxes[2]!.tube}/events`, { id: newId(), kind: 'rejected', note: '破损' })
  const now = await backlog()
  expect(waits(now)).toEqual([1, 1, 0])
  expect(await truth()).toEqual([1, 1, 0])
  expect(now.answered).toMatchObject({ tubes: 1 })
  expect(now.labs.find((l) => l.lab === 'lab.simulated')).toMatchObject({
    waiting: 0,
    cameIn: 2,
    lastHour: 2,
  })
  expect(waits(await backlog('place=310115&lab=lab.simulated'))).toEqual([0, 0, 0])
  expect(now.places.map((p) => [p.placeCode, p.byStage])).toEqual([['310115016', [1, 1, 0]]])
  // The next test begins with nothing on the way.
  for (const { box, tube } of [boxes[1]!, boxes[3]!]) {
    await move(at.lab, box, 'received')
    await at.report(tube, 'negative')
  }
  expect(waits(await backlog())).toEqual([0, 0, 0])
})

test('tubes that are sealed, packed, received and answered while the counting runs are each counted once', async () => {
  const people = [await at.resident('2号101室')]
  const working = new AbortController()
  const counting = (async () => {
    while (!working.signal.aborted) await countBacklog(city.app.db, city.app.clock.now())
  })()
  const boxes: { tube: string; box: string }[] = []
  for (let i = 0; i < 5; i++) boxes.push(...(await Promise.all([at.boxed(people), at.boxed(people)])))
  await Promise.all(
    boxes.map(async ({ tube, box }, i) => {
      if (i % 2) await move(at.sampler, box, 'collected')
      await move(at.lab, box, 'received')
      if (i < 6) await at.report(tube, 'negative')
    }),
  )
  working.abort()
  await counting
  expect(waits(await backlog())).toEqual(await truth())
  expect(waits(await backlog())).toEqual([0, 0, 4])
  for (const { tube } of boxes.slice(6)) await at.report(tube, 'negative')
  const { rows } = await sql.query(`select * from tube_waiting where n <> 0`)
  expect((await backlog()).stages[2]!.waiting).toBe(0)
  expect(rows.every((r: { n: number }) => r.n > 0)).toBe(true)
})

// The city counts by itself beside this: so there is more to count than two turns take, and whoever is the last has caught up.
test('a backlog that is behind the sealing, or the moving, says of when it is', async () => {
  await count()
  const now = city.app.clock.now()
  const [sealed, moved] = [new Date(now.getTime() - 3_600_000), new Date(now.getTime() - 7_200_000)]
  const countedAt = async () =>
    (await sql.query<{ counted_at: Date }>('select counted_at from backlog_mark')).rows[0]!.counted_at
  await sql.query(
    `insert into tube (code, client_id, content_hash, kind, members, session_id, place_code, sealed_at, received_at, actor_id)
     select 'T9' || lpad(i::text, 11, '0'), gen_random_uuid(), 'h', 10, 1, gen_random_uuid(), '310101000', $1, $1, 'behind' from generate_series(1, 12000) i`,
    [sealed],
  )
  await settled(sql)
  expect(await countBacklog(city.app.db, now)).toBe(5000)
  expect(await countedAt()).toEqual(sealed)
  await count()
  expect((await countedAt()).getTime()).toBeGreaterThanOrEqual(now.getTime())
  await sql.query(
    `insert into tube_step (place_code, lab_before, lab_after, single, before, after, sealed_at, at, n)
     select '310101000', '', '', false, 0, 0, $1, $1, 1 from generate_series(1, 12000)`,
    [moved],
  )
  expect(await countBacklog(city.app.db, now)).toBe(5000)
  expect(await countedAt()).toEqual(moved)
  await count()
  expect((await countedAt()).getTime()).toBeGreaterThanOrEqual(now.getTime())
  await sql.query(`delete from tube where actor_id = 'behind'`)
  for (const table of ['tube_waiting', 'tube_passed'])
    await sql.query(`delete from ${table} where place_code = '310101000'`)
})

test('a tube that reaches us after its box has gone waits where the box is, and no count of it stays behind', async () => {
  const people = [await at.resident('3号101室')]
  const [here, box] = at.labels()
  const [late] = at.labels()
  await at.seal(here, people)
  // The device that sealed the second one has no network yet.
  const pack = { id: newId(), code: box, sessionId: at.session, tubes: [here, late] }
  expect((await at.sampler.post('/api/boxes', pack)).body).toMatchObject({ packed: 1 })
  const before = waits(await backlog())
  await move(at.lab, box, 'received')
  await at.seal(late, people)
  expect((await at.sampler.post('/api/boxes', pack)).body).toMatchObject({ packed: 2, refused: [] })
  expect(waits(await backlog())).toEqual([before[0]! - 1, before[1], before[2]! + 2])
  expect(waits(await backlog('place=310115&lab=lab.simulated'))[2]).toBe(before[2]! + 2)
  expect(waits(await backlog())).toEqual(await truth())
  for (const tube of [here, late]) await at.report(tube, 'negative')
  expect(waits(await backlog())).toEqual(await truth())
  expect(await truth()).toEqual([before[0]! - 1, before[1], before[2]])
})

test('a laboratory says what it can do, its supervisor may say it for it, nobody else, and every word stays', async () => {
  const own = capacity()
  expect((await at.lab.post('/api/labs/capacity', own)).body).toMatchObject({
    lab: 'lab.simulated',
    tubesPerHour: 400,
    works: true,
    pools: [1, 10],
  })
  expect((await at.lab.post('/api/labs/capacity', own)).status).toBe(200)
  expect((await at.lab.post('/api/labs/capacity', { ...own, tubesPerHour: 9 })).body.code).toBe(
    'same_id_other_content',
  )
  expect((await second.post('/api/labs/capacity', capacity({ lab: 'lab.simulated' }))).status).toBe(403)
  expect((await huangpu.post('/api/labs/capacity', capacity({ lab: 'lab.simulated' }))).status).toBe(403)
  // Nor by saying that it stands in their own district.
  const taken = capacity({ lab: 'lab.simulated', placeCode: '310101' })
  expect((await huangpu.post('/api/labs/capacity', taken)).status).toBe(403)
  const byOther = capacity({ lab: 'lab.simulated', tubesPerHour: 250, opens: 480, closes: 1200 })
  expect((await pudong.post('/api/labs/capacity', byOther)).status).toBe(200)
  const mine = (await at.lab.get('/api/labs/capacity')).body
  expect(mine.items.map((c: { tubesPerHour: number; by: string }) => [c.tubesPerHour, c.by])).toEqual([
    [250, '模拟·浦东督办'],
    [400, '模拟·检测实验室'],
  ])
  await at.lab.post('/api/labs/capacity', capacity({ tubesPerHour: 300 }))
  const listed = (await worker.get('/api/screening/resources?place=310115016001')).body
  expect(listed.labs).toMatchObject([{ lab: 'lab.simulated', tubesPerHour: 300 }])
})

test('stock and couriers are declared by whoever watches over the place; the newest count holds', async () => {
  const say = (who: Caller, n: number, kind = 'couriers', placeCode = '310115') =>
    who.post('/api/screening/resources', { id: newId(), placeCode, kind, n })
  expect((await say(pudong, 12)).body).toMatchObject({ n: 12, by: '模拟·浦东督办' })
  await say(pudong, 9)
  await say(pudong, 5000, 'tubes', '310115016')
  await say(pudong, 40, 'samplers', '310115016')
  expect((await say(pudong, 3, 'couriers', '310101')).status).toBe(403)
  expect((await say(worker, 3)).status).toBe(403)
  const { items, tables } = (await pudong.get('/api/screening/resources?place=310115')).body
  expect(items.map((r: { kind: string; n: number }) => [r.kind, r.n])).toEqual([
    ['couriers', 9],
    ['samplers', 40],
    ['tubes', 5000],
  ])
  // Tables are counted: nobody had to say that a site with four desks opened.
  const before = tables
  const site = {
    name: '模拟能力采样点',
    placeCode: '310115016',
    address: '模拟路',
    lng: 121.54,
    lat: 31.21,
    kind: 'fixed',
    setting: null,
    pooling: 'pooled',
    desks: 4,
    hours: { always: true, week: Array.from({ length: 7 }, () => [[0, 1440]]), exceptions: [] },
    ended: false,
  }
  await pudong.send(
    'PUT',
    `/api/sites/${newId()}`,
    JSON.stringify({ version: 0, facts: site, reason: '测试设立' }),
    { 'content-type': 'application/json' },
  )
  const after = (await pudong.get('/api/screening/resources?place=310115')).body.tables
  expect(after).toMatchObject({
    sites: before.sites + 1,
    desks: before.desks + 4,
    perHour: before.perHour + 480,
  })
  expect(after.samplers).toBeGreaterThan(0)
  // Who has ended every session is at work no more.
  const { rows: open } = await sql.query<{ id: string }>(
    `select id from sampling_session where closed_at is null and place_code like '310115%'`,
  )
  const ids = open.map((s) => s.id)
  await sql.query(`update sampling_session set closed_at = now() where id = any($1)`, [ids])
  expect((await pudong.get('/api/screening/resources?place=310115')).body.tables.samplers).toBe(0)
  await sql.query(`update sampling_session set closed_at = null where id = any($1)`, [ids])
})

test('before promises break one alarm is raised, with who could help; it is not raised again until it was calm', async () => {
  // On paper the one in need could do most: it is not asked to help itself.
  await at.lab.post('/api/labs/capacity', capacity({ tubesPerHour: 5_000 }))
  await second.post('/api/labs/capacity', capacity({ name: '模拟·第二实验室', tubesPerHour: 600 }))
  const alarms = async () =>
    (await sql.query(`select title, place_code from alarm where kind = 'backlog' order by at`)).rows
  const tube = await at.tubeOf([await at.resident('3号101室'), await at.resident('3号102室')])
  await count()
  await watchBacklog(city.app)
  expect(await alarms()).toEqual([])
  time.pass(20.5 * 60)
  await watchBacklog(city.app)
  expect(await alarms()).toEqual([])
  time.pass(60)
  await watchBacklog(city.app)
  expect(await alarms()).toEqual([
    {
      title: '1 管结果将超时 · 模拟·检测实验室 · 可改送模拟·第二实验室（每小时可多检 600 管）',
      place_code: '310115',
    },
  ])
  for (let i = 0; i < 5; i++) {
    time.pass(10)
    await watchBacklog(city.app)
  }
  expect(await alarms()).toHaveLength(1)
  const seen = await backlog()
  expect(seen.alarms).toMatchObject([
    { lab: 'lab.simulated', tubes: 1, help: { lab: 'lab.second', spare: 600 } },
  ])
  expect(seen.labs.find((l) => l.lab === 'lab.simulated')).toMatchObject({
    atRisk: 1,
    waiting: 1,
    doneAt: null,
  })
  expect(seen.stages[2]!.forecast.at).toBeNull()
  // The wall and whoever reads alarms hear of it in either language.
  const wall = await (await signedIn(city.base, 'commander')).get('/api/wall')
  expect(wall.body.alarms.map((a: { title: string }) => a.title).join()).toContain('1 管结果将超时')
  await at.report(tube, 'negative')
  await count()
  await watchBacklog(city.app)
  // Calm for ten minutes, then trouble again: still the same alarm.
  time.pass(10)
  const again = await at.tubeOf([await at.resident('4号101室')])
  await count()
  time.pass(4 * 60)
  await watchBacklog(city.app)
  expect(await alarms()).toHaveLength(1)
  await at.report(again, 'negative')
  await count()
  await watchBacklog(city.app)
  time.pass(31)
  await watchBacklog(city.app)
  expect((await backlog()).alarms).toEqual([])
  await at.tubeOf([await at.resident('5号101室')])
  await count()
  time.pass(3.5 * 60)
  await watchBacklog(city.app)
  expect(await alarms()).toHaveLength(2)
})

test('boxes nobody received are sent to another laboratory and back; what was received stays where it is', async () => {
  const a = await at.boxed([await at.resident('6号101室')])
  const b = await at.boxed([await at.resident('6号102室')])
  await move(at.lab, b.box, 'received')
  const redirect = (who: Caller, boxes: { code: string; lab: string | null }[], id = newId()) =>
    who.post('/api/boxes/redirect', { id, boxes, note: '本实验室积压' })
  const id = newId()
  const to = [a.box, b.box].map((code) => ({ code, lab: 'lab.second' }))
  const said = await redirect(pudong, to, id)
  expect(said.body).toEqual({
    moved: [{ code: a.box, before: null }],
    refused: [{ code: b.box, why: 'received' }],
  })
  expect((await redirect(pudong, to, id)).status).toBe(200)
  const otherwise = await redirect(pudong, [{ code: a.box, lab: null }], id)
  expect(otherwise.body.code, 'one word is not said twice otherwise').toBe('same_id_other_content')
  expect((await redirect(huangpu, to)).body.refused).toHaveLength(2)
  expect((await redirect(worker, to)).status).toBe(403)
  expect((await redirect(pudong, [{ code: a.box, lab: 'lab.nowhere' }])).body.code).toBe('lab_not_found')
  expect((await backlog()).labs.find((l) => l.lab === 'lab.second')).toMatchObject({ bound: 1, waiting: 0 })
  const list = (await pudong.get('/api/boxes?place=310115')).body.items
  expect(list.find((x: { code: string }) => x.code === a.box)).toMatchObject({
    boundFor: 'lab.second',
    tubes: 1,
  })
  expect((await pudong.get('/api/boxes?place=310115&lab=lab.second')).body.items).toHaveLength(1)
  const way = (await pudong.get(`/api/tubes/${a.tube}`)).body.events
  expect(way.filter((e: { kind: string }) => e.kind === 'redirected')).toMatchObject([
    { lab: 'lab.second', note: '本实验室积压', by: '模拟·浦东督办' },
  ])
  // Undone, sent again, and received: each time it is counted in one place.
  await redirect(pudong, [{ code: a.box, lab: null }])
  expect((await backlog()).labs.find((l) => l.lab === 'lab.second')).toMatchObject({ bound: 0 })
  await redirect(pudong, [{ code: a.box, lab: 'lab.second' }])
  await move(at.sampler, a.box, 'collected')
  await move(second, a.box, 'received')
  const after = await backlog()
  expect(after.labs.find((l) => l.lab === 'lab.second')).toMatchObject({ bound: 0, waiting: 1 })
  expect(waits(after)).toEqual(await truth())
})

test('a supervisor of another district reads nothing of this one', async () => {
  expect((await huangpu.get('/api/screening/backlog?place=310115')).body.code).toBe('place_not_found')
  expect((await huangpu.get('/api/boxes?place=310115')).body.code).toBe('place_not_found')
  expect((await huangpu.get('/api/screening/resources?place=310115')).body.code).toBe('place_not_found')
  expect((await at.lab.get('/api/screening/backlog?place=310115')).status).toBe(403)
  expect((await worker.get(`/api/screening/backlog?place=${COMPOUND.slice(0, 12)}`)).status).toBe(200)
})
