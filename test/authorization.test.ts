import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ROUTES } from '#src/city.ts'
import { labelOf } from '#capabilities/screening/label.contract.ts'
import { Role } from '#capabilities/people/contract.ts'
import {
  caller,
  DIALYSIS,
  newId,
  residentWith,
  signedIn,
  startCity,
  type Answer,
  type Caller,
  type TestCity,
} from '#test/harness/city.ts'
import type { Ids } from './authorization-line.ts'
import { MATRIX, overlayOf } from './authorization-matrix.ts'

/**
 * Walks every route of the house as every role, on something of the role's own place and on the same thing elsewhere.
 * What is expected stands in authorization-matrix.ts, written by hand and apart from the code that decides, so that a
 * slip there shows here. A route that is missing in the matrix fails.
 */
const HOME = '310115'
const AWAY = '310101'

let city: TestCity
let sql: pg.Client
const staff = new Map<Role, Caller>()
let stranger: Caller
let home: Ids
let away: Ids

async function makeAccount(place: string, role?: Role): Promise<{ id: string; username: string }> {
  const id = newId()
  const username = `matrix.${id.slice(0, 13)}`
  await sql.query(
    `insert into account (id, username, name, password_hash, place_code, simulated) values ($1, $2, '模拟', 'x', $3, true)`,
    [id, username, place],
  )
  if (role)
    await sql.query(
      `insert into account_grant (account_id, role, place_code, valid_from) values ($1, $2, $3, now())`,
      [id, role, place],
    )
  return { id, username }
}

/** A member of staff with one role at home. */
const member = async (role: Role): Promise<Caller> =>
  signedIn(city.base, (await makeAccount(HOME, role)).username)

async function things(place: string, phone: string, text: string): Promise<Ids> {
  const who = await residentWith(city.base, phone)
  const request = newId()
  const filed = await who.post('/api/my/requests', { id: request, text })
  expect([filed.status, filed.body.place.length > 0]).toEqual([200, true])
  const { rows } = await sql.query<{ place_code: string; reporter_id: string }>(
    'select place_code, reporter_id from work_order where id = $1',
    [request],
  )
  expect(rows[0]!.place_code.startsWith(place)).toBe(true)
  await sql.query('update person set place_code = $1 where id = $2', [
    `${place}000`.slice(0, 9),
    rows[0]!.reporter_id,
  ])
  const decision = await one('select id from decision where subject_id = $1', request)
  const appeal = await who.post('/api/my/appeals', { id: newId(), decisionId: decision, text: '不同意' })
  expect(appeal.status).toBe(200)
  return {
    place,
    order: request,
    request,
    person: rows[0]!.reporter_id,
    account: (await makeAccount(place)).id,
    ...(await proposal(place)),
    decision,
    appeal: appeal.body.id,
    ...(await sampled(place, request, rows[0]!.reporter_id)),
    ...(await siteOf(place)),
  }
}

const one = async (query: string, value: string): Promise<string> =>
  (await sql.query<{ id: string }>(query, [value])).rows[0]!.id

/** A session, a tube and a box of the place. */
async function sampled(
  place: string,
  order: string,
  person: string,
): Promise<Pick<Ids, 'session' | 'tube' | 'box' | 'recall' | 'finding' | 'round' | 'antigen'>> {
  const n = place === HOME ? 1 : 2
  const [session, tube, box] = [newId(), labelOf('T', 900 + n), labelOf('B', 900 + n)]
  await sql.query(
    `insert into sampling_session (id, place_code, address, actor_id, opened_at) values ($1, $2, '模拟', 'a', now())`,
    [session, place],
  )
  await sql.query(
    `insert into sample_box (code, client_id, content_hash, session_id, place_code, state, packed_at, actor_id) values ($1, $2, 'h', $2, $3, 'packed', now(), 'a')`,
    [box, session, place],
  )
  await sql.query(
    `insert into tube (code, client_id, content_hash, kind, members, session_id, place_code, box, sealed_at, received_at, actor_id) values ($1, $2, 'h', 1, 1, $2, $3, $4, now(), now(), 'a')`,
    [tube, session, place, box],
  )
  // A recall and a confirmation are orders: here of the order that is there.
  await sql.query(
    `insert into recall (id, tube, person_id, place_code, why, household, opened_at) values ($1, $2, $3, $4, 'positive', '{}', now())`,
    [order, tube, person, place],
  )
  await sql.query(
    `insert into finding (id, tube, person_id, place_code, opened_at) values ($1, $2, $3, $4, now())`,
    [order, tube, person, place],
  )
  await sql.query(
    `insert into antigen_test (person_id, id, place_code, day, at, received_at, outcome, nth, photo_hash) values ($2, $1, $3, '2022-06-08', now(), now(), 'negative', 1, 'h')`,
    [order, person, place],
  )
  await sql.query(
    `insert into screening_round (id, place_code, plan_id, title, starts_on, ends_on, actor_id, opened_at) values ($1, $2, 'zone.medium-risk', '模拟', '2022-06-08', '2022-06-08', 'a', now())`,
    [order, place],
  )
  return { session, tube, box, recall: order, finding: order, round: order, antigen: order }
}

const COMPOUNDS: Record<string, string> = { [HOME]: '310115016001001', [AWAY]: '310101002001001' }

/** A sampling site of the place, with a time that is given there. */
async function siteOf(place: string): Promise<Pick<Ids, 'site' | 'plan' | 'compound'>> {
  const [site, plan] = [newId(), newId()]
  const compound = COMPOUNDS[place]!
  await sql.query(
    `insert into sampling_site (id, place_code, name, address, lng, lat, hours_text, source, imported_at) values ($1, $2, '模拟采样点', '模拟路1号', 121.5, 31.2, '', '模拟', now())`,
    [site, place],
  )
  await sql.query(
    `insert into site_slot (id, plan_id, site_id, place_code, people, from_at, to_at, actor_id, made_at) values ($1, $1, $2, $3, 20, '2022-06-08T02:00Z', '2022-06-08T03:00Z', 'a', now())`,
    [plan, site, compound],
  )
  // A search and a suggestion have the site's own id.
  await sql.query(
    `insert into site_run (id, place_code, hour, openings, teams, state, districts, actor_id, made_at) values ($1, $2, now(), 1, 1, 'done', 1, 'a', now())`,
    [site, place],
  )
  await sql.query(
    `insert into site_suggestion (id, run_id, kind, place_code, lng, lat, hour, effect, made_at) values ($1, $1, 'mobile', $2, 121.5, 31.2, now(), '{"people":3}', now())`,
    [site, place],
  )
  return { site, plan, compound }
}

/** An overlay of the place that a supervisor there has proposed. */
async function proposal(place: string): Promise<{ enactment: string; hash: string }> {
  const proposer = await signedIn(city.base, (await makeAccount(place, 'supervisor')).username)
  const id = newId()
  const text = overlayOf(place)
  const proposed = await proposer.post('/api/policies', { id, text, reason: '测试提议' })
  expect(proposed.body).toMatchObject({ id, state: 'proposed', placeCode: place })
  return { enactment: id, hash: proposed.body.hash }
}

beforeAll(async () => {
  city = await startCity()
  sql = new pg.Client({ connectionString: city.url })
  await sql.connect()
  for (const role of Role.options) if (role !== 'resident') staff.set(role, await member(role))
  stranger = caller(city.base)
  home = await things(HOME, '19900000010', DIALYSIS)
  away = await things(AWAY, '19900000011', '黄浦区外滩街道四川中路100弄停水一天了')
})
afterAll(async () => {
  await sql.end()
  await city.stop()
})

const sendAs = (who: Caller, method: string, path: string, body: unknown, type?: string): Promise<Answer> =>
  type !== undefined
    ? who.send(method, path, String(body), { 'content-type': type })
    : method === 'GET'
      ? who.get(path)
      : method === 'DELETE'
        ? who.delete(path)
        : who.send(method, path, JSON.stringify(body ?? {}), { 'content-type': 'application/json' })

/** What FHIR says in its own words is read as the code that it carries. */
async function send(...given: Parameters<typeof sendAs>): Promise<Answer> {
  const answer = await sendAs(...given)
  if (answer.body?.resourceType === 'OperationOutcome')
    answer.body.code = answer.body.issue[0].details.coding[0].code
  return answer
}

/** A wrong password or code is a 401 too; who may not come this far at all is told so. */
const mayNot = (a: Answer) => a.body?.code === 'not_allowed' || a.body?.code === 'not_signed_in'
const isRefused = (a: Answer) => a.status === 401 || a.status === 403
/** Elsewhere: refused, not there, or a list with nothing in it. A 400 would hide the answer, so it does not count. */
const showsNothing = (a: Answer) =>
  isRefused(a) ||
  a.status === 404 ||
  (a.status === 200 && Array.isArray(a.body.items) && a.body.items.length === 0)

let phone = 19900000100

test('every route stands in the matrix, and nothing else does', () => {
  expect(Object.keys(MATRIX).toSorted()).toEqual(ROUTES.map(({ route }) => route.id).toSorted())
})

test.each(ROUTES.map(({ route }) => [route.id, route] as const))(
  '%s: who may, who may not, here and elsewhere',
  async (id, route) => {
    const line = MATRIX[id]
    if (!line) throw new Error(`${id} is missing in test/authorization-matrix.ts`)
    const here = line.ask(home)
    const there = line.elsewhere === false ? undefined : line.ask(away)
    // Of their own, since one of the routes signs them out.
    // Each from an address of their own: one address may sign in 300 times a minute.
    const resident = await residentWith(city.base, String(phone++), {
      'x-forwarded-for': `10.0.0.${phone % 250}`,
    })
    const asStranger = await send(stranger, route.method, here.path, here.body, here.type)
    const asResident = await send(resident, route.method, here.path, here.body, here.type)
    if (line.who === 'everybody') {
      expect([isRefused(asStranger), isRefused(asResident)]).toEqual([
        line.refusesByItself ?? false,
        line.refusesByItself ?? false,
      ])
      return
    }
    expect([asStranger.status, asStranger.body.code]).toEqual([401, 'not_signed_in'])
    if (line.who === 'residents') {
      expect(isRefused(asResident)).toBe(false)
      // Somebody else's: it cannot be told from what does not exist.
      if (line.ofAnother) expect(asResident.status).toBe(404)
    } else if (line.who === 'signed-in') expect(isRefused(asResident)).toBe(false)
    else if (line.who === 'staff') expect(mayNot(asResident)).toBe(true)
    else expect([asResident.status, asResident.body.code]).toEqual([403, 'not_allowed'])
    for (const [role, who] of staff) {
      const allowed =
        line.who === 'signed-in' ||
        line.who === 'staff' ||
        (line.who !== 'residents' && line.who.includes(role))
      // Signing out and disabling must not end the walk for the routes after it.
      const self = id === 'people.signOut' ? await member(role) : who
      const answer = await send(self, route.method, here.path, here.body, here.type)
      expect(
        line.who === 'staff' ? mayNot(answer) : isRefused(answer),
        `${role} at home: ${answer.status} ${JSON.stringify(answer.body).slice(0, 200)}`,
      ).toBe(!allowed)
      if (!there || line.who === 'signed-in' || line.who === 'staff') continue
      const beyond = await send(who, route.method, there.path, there.body, there.type)
      expect(
        showsNothing(beyond),
        `${role} elsewhere: ${beyond.status} ${JSON.stringify(beyond.body).slice(0, 200)}`,
      ).toBe(true)
    }
  },
)
