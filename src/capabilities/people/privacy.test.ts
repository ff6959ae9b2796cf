import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { chainAudit } from '#kernel/audit-chain.ts'
import {
  caller,
  DIALYSIS,
  newId,
  residentWith,
  signedIn,
  startCity,
  type Caller,
  type TestCity,
} from '#test/harness/city.ts'
import { simulatedIdNumber } from './demo.ts'
import { createKey } from './index.ts'

const PHONE = '19900000001'
const NAME = '模拟居民00001'

let city: TestCity
let sql: pg.Client
let resident: Caller
let worker: Caller
let me: string

beforeAll(async () => {
  city = await startCity({ people: 60 })
  sql = new pg.Client({ connectionString: city.url })
  await sql.connect()
  resident = await signedIn(city.base, 'resident')
  worker = await signedIn(city.base, 'juwei')
  me = (await worker.get('/api/people')).body.items[0].id
})
afterAll(async () => {
  await sql?.end()
  await city?.stop()
})

const machine = async (role: Parameters<typeof createKey>[1]['role'], place: string) =>
  caller(city.base, {
    authorization: `Bearer ${(await createKey(city.app, { role, place, days: 1 })).secret}`,
  })
const refused = (answer: { status: number; body: { code: string } }) => [answer.status, answer.body.code]
const looks = async () => (await resident.get('/api/my/looks?limit=100')).body.items

test('a neighbourhood worker sees the people of the neighbourhood, masked, page by page', async () => {
  const { body } = await worker.get('/api/people')
  expect(body.items).toEqual([
    {
      id: me,
      nameMasked: `模${'*'.repeat(8)}`,
      phoneMasked: '199****0001',
      idKind: 'resident_id',
      idNumberMasked: '000***********0004',
      birthYear: 1967,
      sex: 'female',
      placeCode: '310115016001001',
      place: expect.stringContaining('花木'),
      simulated: true,
    },
  ])
  const tracer = await machine('epidemiologist', '31')
  const seen: string[] = []
  let after = ''
  do {
    const page = (await tracer.get(`/api/people?limit=7${after && `&after=${after}`}`)).body
    seen.push(...page.items.map((p: { id: string }) => p.id))
    after = page.next ?? ''
  } while (after)
  expect(seen).toHaveLength(60)
  expect(new Set(seen).size).toBe(60)
  expect(refused(await tracer.get('/api/people?after=xx'))).toEqual([400, 'bad_cursor'])
})

test('a person outside the place is not there, whatever is asked', async () => {
  const other = await machine('neighbourhood_worker', '310101')
  expect(refused(await other.get(`/api/people/${me}`))).toEqual([404, 'person_not_found'])
  expect(
    refused(await other.post(`/api/people/${me}/reveal`, { id: newId(), purpose: 'home_visit' })),
  ).toEqual([404, 'person_not_found'])
  expect((await other.post('/api/people/find', { phone: PHONE })).body.items).toEqual([])
  expect((await other.get('/api/people?place=310115')).body.items).toEqual([])
  expect(refused(await worker.get(`/api/people/${newId()}`))).toEqual([404, 'person_not_found'])
})

test('posts without the need cannot look people up or reveal them', async () => {
  for (const who of ['commander', 'auditor', 'admin', 'resident'] as const) {
    const someone = await signedIn(city.base, who)
    for (const answer of [
      await someone.get('/api/people'),
      await someone.get(`/api/people/${me}`),
      await someone.post('/api/people/find', { phone: PHONE }),
      await someone.post(`/api/people/${me}/reveal`, { id: newId(), purpose: 'emergency' }),
    ])
      expect(refused(answer), who).toEqual([403, 'not_allowed'])
  }
  expect((await caller(city.base).get('/api/people')).status).toBe(401)
  const supervisor = await signedIn(city.base, 'pudong')
  expect(
    refused(await supervisor.post(`/api/people/${me}/reveal`, { id: newId(), purpose: 'emergency' })),
  ).toEqual([403, 'not_allowed'])
})

test('a reveal needs a purpose, and the person sees post, unit and purpose but never the employee', async () => {
  expect((await worker.post(`/api/people/${me}/reveal`, { id: newId() })).status).toBe(400)
  expect((await worker.post(`/api/people/${me}/reveal`, { id: newId(), purpose: 'curious' })).status).toBe(
    400,
  )
  const before = (await looks()).length
  const id = newId()
  const asked = { id, purpose: 'home_visit', note: '送药上门' }
  expect((await worker.post(`/api/people/${me}/reveal`, asked)).body).toEqual({
    id: me,
    name: NAME,
    phone: PHONE,
  })
  const after = await looks()
  expect(after).toHaveLength(before + 1)
  expect(after[0]).toMatchObject({
    what: { en: 'Saw your full name and telephone' },
    purpose: { zh: '上门服务' },
    role: { zh: '居委干部' },
  })
  expect(JSON.stringify(after)).not.toContain('花木居委')
  // The same again is the same reason, but never a silent look.
  expect((await worker.post(`/api/people/${me}/reveal`, asked)).status).toBe(200)
  expect(await looks()).toHaveLength(before + 2)
  expect(refused(await worker.post(`/api/people/${me}/reveal`, { ...asked, purpose: 'tracing' }))).toEqual([
    409,
    'same_id_other_content',
  ])
  const { rows } = await sql.query('select note_sealed from person_reveal where id = $1', [id])
  expect(rows[0].note_sealed).not.toContain('送药')
})

test('an identity number finds its person, is shown only when asked for, and both are on the page of the person', async () => {
  const idNumber = simulatedIdNumber(1)
  const found = await worker.post('/api/people/find', { idNumber: idNumber.toLowerCase() })
  expect(found.body.items.map((p: { id: string }) => p.id)).toEqual([me])
  expect((await looks())[0].what.en).toBe('Found you by your identity number')
  expect((await worker.post('/api/people/find', { idNumber: idNumber.slice(0, 17) })).body.items).toEqual([])
  const shown = await worker.post(`/api/people/${me}/reveal`, {
    id: newId(),
    purpose: 'home_visit',
    also: ['idNumber', 'residence'],
  })
  expect(shown.body).toEqual({ id: me, name: NAME, phone: PHONE, idNumber, residence: '模拟1号101室' })
  expect((await looks())[0].what.en).toContain('identity number or address')
  const { rows } = await sql.query('select * from person where id = $1', [me])
  expect(JSON.stringify(rows[0])).not.toMatch(new RegExp(`${idNumber}|101室|1967-`))
})

test('a resident reads the own record: name and address in full, numbers masked', async () => {
  expect((await resident.get('/api/my/record')).body).toMatchObject({
    id: me,
    name: NAME,
    phoneMasked: '199****0001',
    idNumberMasked: '000***********0004',
    birthYear: 1967,
    birthMonth: 2,
    residence: '模拟1号101室',
  })
  expect((await worker.get('/api/my/record')).status).toBe(403)
})

test('every look of somebody else is on the page of the person, and a look at oneself is none', async () => {
  const before = (await looks()).length
  const id = newId()
  await resident.post('/api/my/requests', { id, text: DIALYSIS })
  await resident.get(`/api/my/requests/${id}`)
  expect(await looks()).toHaveLength(before)
  const handler = await signedIn(city.base, 'health.pudong')
  const request = (await handler.get(`/api/requests/${id}`)).body
  expect(request.person.id).toBe(me)
  await worker.get(`/api/people/${me}`)
  await (await signedIn(city.base, 'cdc.pudong')).post('/api/people/find', { phone: PHONE })
  const now = await looks()
  expect(now.slice(0, 3).map((l: { what: { en: string } }) => l.what.en)).toEqual([
    'Found you by your telephone number',
    'Looked at your record (masked)',
    'Read what you told the city',
  ])
  expect(now[2]).toMatchObject({ requestId: id, role: { zh: '承办人员' }, unit: { zh: expect.any(String) } })
  expect(now).toHaveLength(before + 3)
  const first = (await resident.get('/api/my/looks?limit=2')).body
  const rest = (await resident.get(`/api/my/looks?limit=100&after=${first.next}`)).body
  expect([...first.items, ...rest.items]).toEqual(now)
  // Nobody reads another's page.
  const neighbour = await residentWith(city.base, '19900000002')
  const theirs = (await neighbour.get('/api/my/looks')).body.items
  // They were in the register that the worker read, and nothing more.
  expect(new Set(theirs.map((l: { what: { en: string } }) => l.what.en))).toEqual(
    new Set(['Saw you in a register (masked)']),
  )
  expect((await worker.get('/api/my/looks')).status).toBe(403)
})

test('an auditor reads the audit of a person and of a record, link by link, and is read in turn', async () => {
  const auditor = await signedIn(city.base, 'auditor')
  await worker.get(`/api/people/${me}`)
  while ((await chainAudit(city.app.db)) > 0);
  const { body } = await auditor.get(`/api/audit?person=${me}`)
  expect(body.items[0]).toMatchObject({ action: 'people.get', subject: me, link: 'whole' })
  expect(body.chain.links).toBeGreaterThan(5)
  expect(body.items.every((l: { link: string }) => l.link === 'whole')).toBe(true)
  const page = (await auditor.get(`/api/audit?person=${me}&limit=1`)).body
  const next = (await auditor.get(`/api/audit?person=${me}&limit=1&after=${page.next}`)).body
  expect(Number(next.items[0].id)).toBeLessThan(Number(page.items[0].id))
  expect((await auditor.get(`/api/audit?subject=${me}`)).body.items[0].action).toBe('audit.read')
  await sql.query(
    `set session_replication_role = replica; update audit set place_code = '310101' where id = ${body.items[0].id}; set session_replication_role = default`,
  )
  const broken = (await auditor.get(`/api/audit?person=${me}`)).body.items
  expect(broken.filter((l: { link: string }) => l.link === 'broken')).toHaveLength(1)
  // An auditor of a district sees what happened there.
  const district = await machine('auditor', '310101')
  const seen = (await district.get('/api/audit')).body.items
  expect(seen.length).toBeGreaterThan(0)
  expect(seen.every((l: { placeCode: string }) => l.placeCode?.startsWith('310101'))).toBe(true)
  for (const who of ['commander', 'pudong', 'admin', 'resident'] as const)
    expect((await (await signedIn(city.base, who)).get('/api/audit')).status, who).toBe(403)
})

test('an auditor reads what one account did, between two instants, and checks the chain piece by piece', async () => {
  const auditor = await signedIn(city.base, 'auditor')
  const { rows } = await sql.query<{ id: string }>(`select id from account where username = 'juwei'`)
  const actor = rows[0]!.id
  const start = new Date(Date.now() - 3_600_000).toISOString()
  const since = new Date().toISOString()
  await worker.get(`/api/people/${me}`)
  const lines = async (more: string) =>
    (await auditor.get(`/api/audit?actor=${actor}&limit=100${more}`)).body.items
  const all = await lines('')
  expect(all.length).toBeGreaterThan(1)
  expect(all.every((l: { actorId: string }) => l.actorId === actor)).toBe(true)
  expect((await lines(`&from=${since}`)).map((l: { action: string }) => l.action)).toEqual(['people.get'])
  expect(await lines(`&from=${start}&to=${since}`)).toHaveLength(all.length - 1)
  expect(await lines(`&to=${start}`)).toEqual([])
  while ((await chainAudit(city.app.db)) > 0);
  // A line was altered by hand above, in the middle of the chain.
  const { body } = await auditor.get('/api/audit/verify')
  expect(body.broken).toMatchObject({ fault: 'line altered' })
  expect((await auditor.get(`/api/audit/verify?after=${body.broken.seq}`)).body).toMatchObject({
    end: true,
    broken: null,
  })
})
