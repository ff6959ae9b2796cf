import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { newId } from '#kernel/ids.ts'
import { caller, signedIn, startCity, type Answer, type Caller, type TestCity } from '#test/harness/city.ts'
import { bundle, FHIR, PCR, receivedTube, reported, sct, statuses } from '#test/harness/fhir.ts'
import { labelOf } from './label.contract.ts'

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

const received = (unit?: string) => receivedTube(sql, unit)
/** Its check digit is wrong: no tube will ever bear it. */
const NO_LABEL = 'T000000000001'
const post = (bundle: unknown, who = lab): Promise<Answer> =>
  who.send('POST', '/fhir', typeof bundle === 'string' ? bundle : JSON.stringify(bundle), FHIR)
const stands = async (tube: string, db = sql) =>
  (
    await db.query<{ outcome: string; source: string }>(
      'select outcome, source from result where tube = $1',
      [tube],
    )
  ).rows[0]

test('a batch of a laboratory is taken entry by entry; the same again changes nothing, a contradiction is held', async () => {
  const [a, b] = [await received(), await received()]
  const sent = bundle('batch', [
    ...reported(a, '260415000'),
    ...reported(b, '260373001'),
    ...reported(labelOf('T', 1), '260415000'),
  ])
  const first = await post(sent)
  expect([first.status, first.headers.get('content-type'), first.body.type]).toEqual([
    200,
    'application/fhir+json; charset=utf-8',
    'batch-response',
  ])
  expect(statuses(first)).toEqual(['200', '200', '201', '200', '200', '201', '200', '200', '202'])
  // Nobody has reported that tube yet: it is kept for its device.
  expect(first.body.entry[8].response.outcome.issue[0].code).toBe('incomplete')
  expect([await stands(a), await stands(b)]).toEqual([
    { outcome: 'negative', source: 'fhir' },
    { outcome: 'positive', source: 'fhir' },
  ])
  expect(statuses(await post(sent)).filter((s: string) => s === '201')).toEqual([])
  const otherwise = await post(bundle('batch', reported(a, '260373001')))
  expect(statuses(otherwise)).toEqual(['200', '200', '409'])
  expect(otherwise.body.entry[2].response.outcome).toMatchObject({
    resourceType: 'OperationOutcome',
    issue: [{ code: 'conflict' }],
  })
  expect((await stands(a))!.outcome).toBe('negative')
})

test('a transaction is taken whole or not at all', async () => {
  const [a, b] = [await received(), await received()]
  const bad = await post(
    bundle('transaction', [...reported(a, '260415000'), ...reported(NO_LABEL, '260415000')]),
  )
  expect([bad.status, bad.body.resourceType, bad.body.issue.length]).toEqual([422, 'OperationOutcome', 1])
  expect(bad.body.issue[0]).toMatchObject({
    code: 'not-found',
    expression: ['Bundle.entry[5].resource.result[0]'],
  })
  expect(await stands(a)).toBeUndefined()
  const odd = await post(bundle('transaction', [...reported(a, '260415000'), ...reported(b, '000')]))
  expect([odd.status, await stands(a)]).toEqual([422, undefined])
  const good = await post(bundle('transaction', [...reported(a, '419984006'), ...reported(b, '125154007')]))
  expect(good.status).toBe(200)
  expect([(await stands(a))!.outcome, (await stands(b))!.outcome]).toEqual(['inconclusive', 'invalid'])
})

test('contained resources, references by type and id, and an observation without a report are read as well', async () => {
  const [a, b, c] = [await received(), await received(), await received()]
  const contained = {
    resource: {
      resourceType: 'DiagnosticReport',
      status: 'final',
      contained: [
        { resourceType: 'Specimen', id: 's', identifier: [{ value: a }] },
        {
          resourceType: 'Observation',
          id: 'o',
          status: 'final',
          code: PCR,
          valueCodeableConcept: sct('260415000'),
        },
      ],
      specimen: [{ reference: '#s' }],
      result: [{ reference: '#o' }],
      issued: '2022-06-08T12:00:00Z',
    },
  }
  const byId = [
    { resource: { resourceType: 'Specimen', id: 's1', accessionIdentifier: { value: b } } },
    {
      resource: {
        resourceType: 'Observation',
        id: 'o1',
        status: 'final',
        code: PCR,
        valueCodeableConcept: sct('260415000'),
        specimen: { reference: 'https://lab.example/fhir/Specimen/s1' },
        issued: '2022-06-08T12:00:00Z',
      },
    },
  ]
  const preliminary = [
    { resource: { resourceType: 'Specimen', id: 's2', accessionIdentifier: { value: c } } },
    {
      resource: {
        resourceType: 'Observation',
        status: 'preliminary',
        code: PCR,
        valueCodeableConcept: sct('260415000'),
        specimen: { reference: 'Specimen/s2' },
        issued: '2022-06-08T12:00:00Z',
      },
    },
  ]
  const answer = await post(
    bundle('batch', [
      contained,
      ...byId,
      ...preliminary,
      { resource: { resourceType: 'Patient', id: 'p' } },
      {},
    ]),
  )
  expect(statuses(answer)).toEqual(['201', '200', '201', '200', '422', '200', '200'])
  expect([(await stands(a))?.outcome, (await stands(b))?.outcome, await stands(c)]).toEqual([
    'negative',
    'negative',
    undefined,
  ])
})

test('what is no bundle, cut in the middle, in another encoding, or sent by somebody else is an OperationOutcome', async () => {
  const cut = JSON.stringify(bundle('batch', reported(await received(), '260415000'))).slice(0, -40)
  const gb = Buffer.from([0x7b, 0x22, 0xd2, 0xf5, 0x22, 0x3a, 0x31, 0x7d])
  const answers = [
    await post(cut),
    await post({ resourceType: 'Patient' }),
    await post(bundle('history', [])),
    await lab.send('POST', '/fhir', gb, FHIR),
    await lab.send('POST', '/fhir', '{}', { 'content-type': 'application/json' }),
    await post(bundle('batch', []), caller(city.base)),
    await post(bundle('batch', []), await signedIn(city.base, 'sampler')),
    await lab.get('/fhir/DiagnosticReport/nothing'),
    await lab.get('/fhir/DiagnosticReport?_lastUpdated=yesterday'),
  ]
  expect(answers.map((a) => a.status)).toEqual([400, 400, 400, 400, 415, 401, 403, 404, 400])
  for (const a of answers) {
    expect(a.body.resourceType).toBe('OperationOutcome')
    expect(a.headers.get('content-type')).toContain('application/fhir+json')
  }
})

test('results are read out by tube, by time and page by page, by the laboratory that has them and nobody else', async () => {
  await new Promise((done) => setTimeout(done, 20))
  const since = city.app.clock.now().toISOString()
  const tubes = []
  for (let i = 0; i < 5; i++) {
    const tube = await received()
    tubes.push(tube)
    await post(bundle('batch', reported(tube, '260415000')))
  }
  const other = await received('lab.elsewhere')
  await sql.query(
    `insert into result (tube, id, outcome, lab, place_code, tested_at, received_at, source, actor_id) values ($1, $2, 'negative', 'lab.elsewhere', '310115016001001', now(), now(), 'form', 'a')`,
    [other, newId()],
  )
  const one = await lab.get(`/fhir/DiagnosticReport?specimen.accession=${tubes[0]}&unknown=1`)
  expect(one.body.entry.map((e: { resource: { resourceType: string } }) => e.resource.resourceType)).toEqual([
    'DiagnosticReport',
    'Specimen',
    'Observation',
  ])
  expect((await lab.get(`/fhir/Observation/${tubes[0]}`)).body).toMatchObject({
    resourceType: 'Observation',
    status: 'final',
    code: { coding: [{ system: 'http://loinc.org', code: '94500-6' }] },
    valueCodeableConcept: { coding: [{ code: '260415000' }] },
  })
  const seen: string[] = []
  let path: string | undefined = `/fhir/DiagnosticReport?_lastUpdated=ge${encodeURIComponent(since)}&_count=2`
  while (path) {
    const page: Answer = await lab.get(path)
    seen.push(
      ...page.body.entry
        .filter((e: { search: { mode: string } }) => e.search.mode === 'match')
        .map((e: { resource: { id: string } }) => e.resource.id),
    )
    const next = page.body.link.find((l: { relation: string }) => l.relation === 'next')
    path = next && next.url.slice(next.url.indexOf('/fhir'))
  }
  expect(seen).toEqual(tubes)
  expect((await lab.get(`/fhir/Observation/${other}`)).status).toBe(404)
  const juwei = await signedIn(city.base, 'juwei')
  expect((await juwei.get(`/fhir/Observation/${other}`)).status).toBe(200)
  const huangpu = await signedIn(city.base, 'huangpu')
  expect((await huangpu.get(`/fhir/Observation/${other}`)).status).toBe(404)
  expect((await caller(city.base).get('/fhir/metadata')).body).toMatchObject({
    resourceType: 'CapabilityStatement',
    fhirVersion: '4.0.1',
  })
})

test('what one city reads out another takes in, with the same results', async () => {
  const tubes = [await received(), await received()]
  await post(bundle('batch', [...reported(tubes[0]!, '260415000'), ...reported(tubes[1]!, '419984006')]))
  const second = await startCity()
  const db = new pg.Client({ connectionString: second.url })
  await db.connect()
  try {
    for (const tube of tubes) await receivedTube(db, 'lab.simulated', tube)
    for (const tube of tubes) {
      const out = await lab.get(`/fhir/DiagnosticReport?specimen.accession=${tube}`)
      const taken = await post(out.body, await signedIn(second.base, 'lab'))
      expect(statuses(taken)).toEqual(['201', '200', '200'])
    }
    expect([await stands(tubes[0]!, db), await stands(tubes[1]!, db)]).toEqual([
      { outcome: 'negative', source: 'fhir' },
      { outcome: 'inconclusive', source: 'fhir' },
    ])
  } finally {
    await db.end()
    await second.stop()
  }
})
