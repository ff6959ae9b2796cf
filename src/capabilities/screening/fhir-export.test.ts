import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  caller,
  newId,
  signedIn,
  startCity,
  type Answer,
  type Caller,
  type TestCity,
} from '#test/harness/city.ts'
import { bundle, FHIR, receivedTube, reported, statuses } from '#test/harness/fhir.ts'
import { startLab } from '#test/harness/lab.ts'

const [NEGATIVE, POSITIVE] = ['260415000', '260373001']
let city: TestCity
let sql: pg.Client
let lab: Caller

beforeAll(async () => {
  city = await startCity()
  sql = new pg.Client({ connectionString: city.url })
  await sql.connect()
  lab = await signedIn(city.base, 'lab')
})
afterAll(async () => {
  await sql.end()
  await city.stop()
})

type Entry = { resource: { resourceType: string; id: string; [name: string]: unknown } }
const send = (entry: unknown[], who = lab): Promise<Answer> =>
  who.send('POST', '/fhir', JSON.stringify(bundle('batch', entry)), FHIR)
const search = async (query: string, who = lab): Promise<Answer> => {
  const answer = await who.get(`/fhir/DiagnosticReport?${query}`)
  expect([query, answer.status]).toEqual([query, 200])
  return answer
}
const tubesIn = (a: Answer): string[] =>
  (a.body.entry ?? [])
    .map((e: Entry) => e.resource)
    .flatMap((r: Entry['resource']) => (r.resourceType === 'DiagnosticReport' ? [r.id] : []))
const found = async (query: string, who = lab) => tubesIn(await search(query, who))
const valueOf = (observation: { valueCodeableConcept: { coding: { code: string }[] } }) =>
  observation.valueCodeableConcept.coding[0]!.code

/** A result that changed at an instant, of a laboratory. */
async function changedAt(instant: string): Promise<string> {
  const tube = await receivedTube(sql)
  await send(reported(tube, NEGATIVE))
  await sql.query('update result set received_at = $2 where tube = $1', [tube, instant])
  return tube
}

test('whatever is asked for under /fhir is answered in the words of FHIR, also what is not there', async () => {
  const nobody = caller(city.base)
  const resident = await signedIn(city.base, 'resident')
  const cases: [Answer, number, string][] = [
    [await lab.get('/fhir/Patient'), 404, 'not-supported'],
    [await lab.get('/fhir/Patient/1'), 404, 'not-supported'],
    [await lab.get('/fhir/Observation?code=94500-6'), 404, 'not-supported'],
    [await lab.get('/fhir/Observation/1/_history'), 404, 'not-supported'],
    [await lab.get('/fhir'), 404, 'not-supported'],
    [await lab.get('/fhir?_count=1'), 404, 'not-supported'],
    [await lab.send('PUT', '/fhir/Observation/1', '{}', FHIR), 404, 'not-supported'],
    [await lab.get('/fhir/%zz'), 400, 'invalid'],
    [await lab.get('/fhir/Observation/nothing'), 404, 'not-found'],
    [await lab.get('/fhir/DiagnosticReport?_count=none'), 400, 'invalid'],
    [await lab.send('POST', '/fhir', '{"resourceType":', FHIR), 400, 'invalid'],
    [await nobody.get('/fhir/DiagnosticReport'), 401, 'login'],
    [await nobody.get('/fhir/Observation/1'), 401, 'login'],
    [await resident.get('/fhir/DiagnosticReport'), 403, 'forbidden'],
    [
      await resident.send('POST', '/fhir', '{}', { ...FHIR, origin: 'https://evil.example' }),
      403,
      'forbidden',
    ],
  ]
  for (const [answer, status, code] of cases) {
    expect([answer.status, answer.body.resourceType, answer.body.issue?.[0].code]).toEqual([
      status,
      'OperationOutcome',
      code,
    ])
    expect(answer.headers.get('content-type')).toBe('application/fhir+json; charset=utf-8')
  }
  expect((await lab.get('/fhirx')).body.code).toBe('not_found')
})

test('of a search by time every part must hold, with the precision in which it is written', async () => {
  const [day, second, next] = [
    await changedAt('2021-03-01T00:00:00+08:00'),
    await changedAt('2021-03-01T12:30:15.400+08:00'),
    await changedAt('2021-03-02T00:00:00+08:00'),
  ]
  const at = (...parts: string[]) =>
    found(parts.map((p) => `_lastUpdated=${encodeURIComponent(p)}`).join('&'))
  expect(await at('ge2099-01-01', 'lt2100-01-01')).toEqual([])
  expect(await at('lt2100-01-01', 'ge2099-01-01')).toEqual([])
  // No list of FHIR is empty.
  expect((await search('_lastUpdated=2098')).body).not.toHaveProperty('entry')
  expect(await at('ge2021-03-01', 'lt2021-03-02')).toEqual([day, second])
  expect(await at('2021-03-01')).toEqual([day, second])
  expect(await at('eq2021-03')).toEqual([day, second, next])
  expect(await at('2020')).toEqual([])
  expect(await at('ge2021', 'le2021-03-01')).toEqual([day, second])
  expect(await at('ge2021', 'lt2021-03-01')).toEqual([])
  expect(await at('gt2021-03-01', 'lt2022')).toEqual([next])
  expect(await at('gt2021-02', 'ne2021-03-02', 'lt2022')).toEqual([day, second])
  expect(await at('2021-03-01T12:30:15+08:00')).toEqual([second])
  expect(await at('2021-03-01T12:30:15')).toEqual([second])
  expect(await at('2021-03-01T04:30Z')).toEqual([second])
  expect(await at('2021-03-01T12:30:15.4Z')).toEqual([])
  expect(await at('2021-03-01T12:30:15.4+08:00')).toEqual([second])
  expect(await at('gt2021-03-01T12:30:15+08:00', 'le2021-03-02T00:00:00+08:00')).toEqual([next])
  expect(await at('2021-03-02,2021-03-01T12:30')).toEqual([second, next])
  // A plus in an address that nobody encoded is a space when it arrives.
  expect(await found('_lastUpdated=2021-03-01T12:30:15+08:00')).toEqual([second])
  expect(await found(`_lastUpdated=2021-03&specimen.accession=${second}`)).toEqual([second])
  for (const wrong of ['ap2021-03-01', 'xx2021', '2021-02-30', '2021-3-1', 'yesterday', '', 'ge'])
    expect((await lab.get(`/fhir/DiagnosticReport?_lastUpdated=${wrong}`)).status, wrong).toBe(400)
  for (const far of ['lt0001-01-01', 'gt9999', 'eq9999-12-31', 'le0001'])
    expect(await at(far), far).toEqual([])
})

test('a tube is found by its label, with our system or without one; more than a page holds is a page', async () => {
  const [a, b] = [await receivedTube(sql), await receivedTube(sql)]
  await send([...reported(a, NEGATIVE), ...reported(b, NEGATIVE)])
  const by = (...tokens: string[]) =>
    found(tokens.map((t) => `specimen.accession=${encodeURIComponent(t)}`).join('&'))
  expect(await by(a)).toEqual([a])
  expect(await by(`urn:cityloop:tube|${a}`)).toEqual([a])
  expect(await by(`|${a}`)).toEqual([a])
  expect(await by(`urn:elsewhere|${a}`)).toEqual([])
  expect((await by(`${a},urn:cityloop:tube|${b}`)).toSorted()).toEqual([a, b].toSorted())
  expect(await by(a, b)).toEqual([])
  expect((await search('_count=1000')).status).toBe(200)
  expect(await found('_count=1')).toHaveLength(1)
  expect((await lab.get('/fhir/DiagnosticReport?_count=0')).status).toBe(400)
  // A parameter of our own API that is given twice is not silently the last one.
  const agent = await signedIn(city.base, 'agent')
  expect((await agent.get('/api/orders?limit=1&limit=2')).body.code).toBe('bad_input')
})

test('where the centre found something its word is what is read out, once, and names nobody', async () => {
  const table = await startLab(city, 300)
  const centre = await signedIn(city.base, 'cdc.pudong')
  const people = [await table.resident('9号101室'), await table.resident('9号102室')]
  const tubes: string[] = []
  for (const person of people) tubes.push(await table.tubeOf([person]))
  const [well, sick] = tubes as [string, string]
  await send([...reported(well, POSITIVE), ...reported(sick, POSITIVE)])
  const before = await search(`specimen.accession=${well}`)
  expect(before.body.entry[0].resource).toMatchObject({
    status: 'final',
    performer: [{ display: 'lab.simulated' }],
  })
  const since = (await search('_count=1')).body.meta.lastUpdated
  for (const [i, outcome] of ['negative', 'asymptomatic'].entries()) {
    const { rows } = await sql.query<{ id: string }>('select id from finding where tube = $1', [tubes[i]])
    const note = '复核记录（模拟）'
    expect((await centre.post(`/api/findings/${rows[0]!.id}`, { id: newId(), outcome, note })).status).toBe(
      200,
    )
  }
  // Whoever reads on from where they were is told of it.
  const after = await search(`_lastUpdated=ge${since}`)
  expect(tubesIn(after).filter((t) => tubes.includes(t))).toEqual([well, sick])
  for (const [tube, code] of [
    [well, NEGATIVE],
    [sick, POSITIVE],
  ] as const) {
    const [report, , observation] = (await search(`specimen.accession=${tube}`)).body.entry.map(
      (e: Entry) => e.resource,
    )
    expect(report).toMatchObject({
      status: 'amended',
      performer: [{ display: 'lab.simulated' }],
      resultsInterpreter: [{ display: expect.stringContaining('Centre') }],
      result: [{ reference: `Observation/${tube}` }],
      conclusion: expect.stringContaining('The laboratory had reported: Detected'),
    })
    expect([observation.status, valueOf(observation), observation.performer[0].display]).toEqual([
      'amended',
      code,
      expect.stringContaining('Centre'),
    ])
    expect((await lab.get(`/fhir/Observation/${tube}`)).body).toEqual(observation)
    const own = await lab.get(`/fhir/${observation.derivedFrom[0].reference}`)
    expect([own.body.status, valueOf(own.body), own.body.performer]).toEqual([
      'final',
      POSITIVE,
      [{ display: 'lab.simulated' }],
    ])
  }
  // Neither who it was, nor who found it, nor how ill they are.
  const text = JSON.stringify(after.body)
  expect(text).not.toMatch(/asymptomatic|confirmed|复核记录|模拟住户|cdc\.pudong/)
  for (const { id, phone } of people)
    expect([text.includes(id), text.includes(phone)]).toEqual([false, false])
  // The same for whoever sees the tube and not the person's home, and nothing for who does not see the tube.
  await sql.query(`update finding set place_code = '310101002001' where tube = $1`, [well])
  const juwei = await signedIn(city.base, 'juwei')
  expect(valueOf((await juwei.get(`/fhir/Observation/${well}`)).body)).toBe(NEGATIVE)
  const huangpu = await signedIn(city.base, 'huangpu')
  expect((await huangpu.get(`/fhir/Observation/${well}`)).status).toBe(404)
  expect(await found(`specimen.accession=${well}`, huangpu)).toEqual([])
  expect((await lab.get(`/fhir/Observation/${well}-lab-lab`)).status).toBe(404)
  expect((await lab.get(`/fhir/Specimen/${well}-lab`)).status).toBe(404)
})

test('a result that two people corrected is read out as corrected, from the time of the correction', async () => {
  const table = await startLab(city, 400)
  const tube = await table.tubeOf([await table.resident('9号201室')])
  await send(reported(tube, NEGATIVE))
  expect((await lab.get(`/fhir/Observation/${tube}-lab`)).status).toBe(404)
  const since = (await search('_count=1')).body.meta.lastUpdated
  expect(await found(`_lastUpdated=ge${since}`)).toEqual([])
  expect(statuses(await send(reported(tube, POSITIVE)))[2]).toBe('409')
  const { items } = (await lab.get('/api/results/holds')).body
  const hold = `/api/results/holds/${items.find((h: { tube: string }) => h.tube === tube).id}`
  await lab.post(`${hold}/propose`, { proposal: 'replaced', reason: '复测' })
  const { caller: colleague } = await table.member()
  expect((await colleague.post(`${hold}/decide`, { proposal: 'replaced' })).status).toBe(200)
  const [report, , observation] = (await search(`_lastUpdated=ge${since}`)).body.entry.map(
    (e: Entry) => e.resource,
  )
  expect([report.id, report.status, observation.status, valueOf(observation)]).toEqual([
    tube,
    'corrected',
    'corrected',
    POSITIVE,
  ])
  expect([report.issued, observation.issued]).toEqual([report.meta.lastUpdated, report.meta.lastUpdated])
})

test('whoever reads on from where they were misses no result that was long on its way into the books', async () => {
  const [late, early] = [await receivedTube(sql), await receivedTube(sql)]
  const since = (await search('_count=1')).body.meta.lastUpdated
  const newSince = (from: string) => search(`_lastUpdated=ge${from}`)
  await sql.query('begin')
  await sql.query('select from tube where code = $1 for update', [late])
  const waiting = send(reported(late, NEGATIVE))
  const until = Date.now() + 4_000
  const isHeldUp = async () => {
    const { rowCount } = await sql.query(
      `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
    )
    return rowCount! > 0 || Date.now() > until
  }
  while (!(await isHeldUp())) await new Promise((done) => setTimeout(done, 20))
  // Begun later and done sooner.
  expect(statuses(await send(reported(early, NEGATIVE)))[2]).toBe('201')
  expect(await found(`specimen.accession=${early}`)).toEqual([early])
  const first = await newSince(since)
  expect(tubesIn(first)).toEqual([])
  await sql.query('commit')
  expect(statuses(await waiting)[2]).toBe('201')
  const second = await newSince(first.body.meta.lastUpdated)
  expect(tubesIn(second)).toEqual([late, early])
  expect(tubesIn(await newSince(second.body.meta.lastUpdated))).toEqual([])
})
