import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { signedIn, startCity, type Answer, type Caller, type TestCity } from '#test/harness/city.ts'
import {
  bundle,
  FHIR,
  observation,
  receivedTube,
  reported,
  sct,
  specimen,
  statuses,
} from '#test/harness/fhir.ts'
import { labelOf } from './label.contract.ts'

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

const received = () => receivedTube(sql)
/** Its check digit is wrong: no tube will ever bear it. */
const NO_LABEL = 'T000000000001'
const send = (type: string, entry: unknown[]): Promise<Answer> =>
  lab.send('POST', '/fhir', JSON.stringify(bundle(type, entry)), FHIR)
const outcomeOf = async (tube: string): Promise<string | undefined> =>
  (await sql.query<{ outcome: string }>('select outcome from result where tube = $1', [tube])).rows[0]
    ?.outcome
const holdsOf = async (tube: string): Promise<number> =>
  (await sql.query('select from result_hold where tube = $1', [tube])).rowCount!
const issuesOf = (a: Answer, entry: number) =>
  a.body.entry[entry].response.outcome.issue.map((i: { code: string; expression: string[] }) => [
    i.code,
    i.expression[0],
  ])
const report = (result: string[], more: object = {}) => ({
  resource: {
    resourceType: 'DiagnosticReport',
    status: 'final',
    result: result.map((reference) => ({ reference })),
    ...more,
  },
})

test('a report that was cancelled, entered in error, is not final yet or says nothing of it is no result, whatever its observation says', async () => {
  for (const status of ['entered-in-error', 'cancelled', 'preliminary', 'partial', 'Final', undefined]) {
    const tube = await received()
    const answer = await send('batch', reported(tube, NEGATIVE, { report: { status } }))
    expect([statuses(answer), issuesOf(answer, 2)], status).toEqual([
      ['200', '200', '422'],
      [['value', 'Bundle.entry[2].resource.status']],
    ])
    const without = await send('batch', reported(tube, NEGATIVE, { observation: { status } }))
    expect(statuses(without), status).toEqual(['200', '200', '422'])
    expect(await outcomeOf(tube), status).toBeUndefined()
  }
  for (const status of ['final', 'amended', 'corrected', 'appended']) {
    const tube = await received()
    expect(statuses(await send('batch', reported(tube, NEGATIVE, { report: { status } })))[2]).toBe('201')
  }
})

test('an observation that a withdrawn or unreadable report speaks of is no result by another report or by itself', async () => {
  const tube = await received()
  const [s, o, r] = reported(tube, NEGATIVE)
  const cancelled = report([`${o!.fullUrl}/_history/2`], { status: 'cancelled' })
  const both = await send('batch', [cancelled, s, o, r])
  expect(statuses(both)).toEqual(['422', '200', '200', '422'])
  const broken = { resource: { resourceType: 'DiagnosticReport', status: 'final', result: 'o1' } }
  const alone = { resource: observation(NEGATIVE, { specimen: { reference: s!.fullUrl } }) }
  expect(statuses(await send('batch', [s, alone, broken]))).toEqual(['200', '422', '422'])
  const modified = report([o!.fullUrl!], { modifierExtension: [{ url: 'urn:not', valueBoolean: true }] })
  expect(statuses(await send('batch', [s, o, modified]))).toEqual(['200', '422', '422'])
  expect(await outcomeOf(tube)).toBeUndefined()
  expect(statuses(await send('batch', [s, alone]))).toEqual(['200', '201'])
})

test('what one report says of several tubes is answered with the worst that became of it, each by name', async () => {
  const [known, held] = [await received(), await received()]
  await send('batch', reported(held, NEGATIVE))
  const contained = [
    ...[labelOf('T', 3), known, held].map((tube, i) => ({ ...specimen(tube), id: `s${i}` })),
    observation(NEGATIVE, { id: 'o0', specimen: { reference: '#s0' } }),
    observation(NEGATIVE, { id: 'o1', specimen: { reference: '#s1' } }),
    observation(POSITIVE, { id: 'o2', specimen: { reference: '#s2' } }),
    observation('999', { id: 'o3', specimen: { reference: '#s1' } }),
  ]
  const first = await send('batch', [report(['#o0', '#o1', '#o2'], { contained })])
  expect([statuses(first), issuesOf(first, 0)]).toEqual([
    ['409'],
    [
      ['incomplete', 'Bundle.entry[0].resource.result[0]'],
      ['informational', 'Bundle.entry[0].resource.result[1]'],
      ['conflict', 'Bundle.entry[0].resource.result[2]'],
    ],
  ])
  const second = await send('batch', [report(['#o3', '#o1'], { contained })])
  expect([statuses(second), issuesOf(second, 0)]).toEqual([
    ['422'],
    [
      ['code-invalid', 'Bundle.entry[0].resource.result[0]'],
      ['duplicate', 'Bundle.entry[0].resource.result[1]'],
    ],
  ])
  expect([await outcomeOf(known), await holdsOf(held)]).toEqual(['negative', 1])
})

test('a time that FHIR does not write so, that names no day or has not come yet is no time of a test', async () => {
  const ahead = new Date(city.app.clock.now().getTime() + 3_600_000).toISOString()
  for (const time of [
    '5',
    '2022',
    '2022-06',
    '2022-6-8',
    '2022-02-30',
    '2022-06-08T20:15',
    '2022-06-08T20:15:00',
    '2022-06-08 20:15:00Z',
    '2022-06-08T24:00:00Z',
    'June 8, 2022',
    '',
    ahead,
    '2099-01-01',
  ]) {
    const tube = await received()
    const more = { observation: { effectiveDateTime: time } }
    expect(statuses(await send('batch', reported(tube, NEGATIVE, more)))[2], time).toBe('422')
    expect(await outcomeOf(tube), time).toBeUndefined()
  }
  const within = new Date(city.app.clock.now().getTime() + 60_000).toISOString()
  for (const [time, at] of [
    ['2022-06-08', '2022-06-07T16:00:00.000Z'],
    ['2022-06-08T20:15:00.123456+08:00', '2022-06-08T12:15:00.123Z'],
    ['2016-12-31T23:59:60Z', '2017-01-01T00:00:00.000Z'],
    [within, within],
  ] as const) {
    const tube = await received()
    const more = { observation: { effectiveDateTime: time } }
    expect(statuses(await send('batch', reported(tube, NEGATIVE, more)))[2], time).toBe('201')
    const { rows } = await sql.query<{ tested_at: Date }>('select tested_at from result where tube = $1', [
      tube,
    ])
    expect(rows[0]!.tested_at.toISOString()).toBe(at)
  }
})

test('an entry that deletes, changes or asks for something reports nothing', async () => {
  for (const method of ['DELETE', 'PATCH', 'GET', 'HEAD', 'post', undefined]) {
    const tube = await received()
    const [s, o, r] = reported(tube, NEGATIVE)
    const so = { ...o, request: { method, url: 'Observation/1' } }
    const whole = { ...r, request: { method, url: 'DiagnosticReport/1' } }
    const alone = { ...so, resource: observation(NEGATIVE, { specimen: { reference: s!.fullUrl } }) }
    expect(statuses(await send('batch', [s, so, r])), method).toEqual(['200', '405', '422'])
    expect(statuses(await send('batch', [s, alone, whole])), method).toEqual(['200', '405', '405'])
    expect(await outcomeOf(tube), method).toBeUndefined()
    const put = { ...r, request: { method: 'PUT', url: 'DiagnosticReport/1' } }
    expect(statuses(await send('batch', [s, o, put]))[2]).toBe('201')
  }
})

test('codes that contradict each other in one observation are no result', async () => {
  const tube = await received()
  for (const codes of [
    [NEGATIVE, POSITIVE],
    [POSITIVE, NEGATIVE],
  ]) {
    const valueCodeableConcept = sct(...codes)
    const answer = await send('batch', reported(tube, NEGATIVE, { observation: { valueCodeableConcept } }))
    expect([statuses(answer)[2], issuesOf(answer, 2)[0][0]]).toEqual(['409', 'conflict'])
  }
  const strange = await send(
    'batch',
    reported(tube, NEGATIVE, { observation: { valueCodeableConcept: sct(NEGATIVE, '10828004') } }),
  )
  expect([statuses(strange)[2], await outcomeOf(tube)]).toEqual(['422', undefined])
  const local = { coding: [...sct(NEGATIVE).coding, { system: 'urn:lab', code: 'N' }] }
  const named = await send(
    'batch',
    reported(tube, NEGATIVE, { observation: { valueCodeableConcept: local } }),
  )
  expect([statuses(named)[2], await outcomeOf(tube)]).toEqual(['201', 'negative'])
})

test('of two outcomes for one tube in one bundle neither is taken, in whatever order, and others are', async () => {
  for (const codes of [
    [NEGATIVE, POSITIVE],
    [POSITIVE, NEGATIVE],
  ]) {
    const [tube, other] = [await received(), await received()]
    const answer = await send('batch', [
      ...reported(tube, codes[0]!),
      ...reported(other, NEGATIVE),
      ...reported(tube, codes[1]!),
    ])
    expect([2, 5, 8].map((i) => statuses(answer)[i])).toEqual(['409', '201', '409'])
    expect([issuesOf(answer, 2), issuesOf(answer, 8)]).toEqual([
      [['conflict', 'Bundle.entry[2].resource.result[0]']],
      [['conflict', 'Bundle.entry[8].resource.result[0]']],
    ])
    expect([await outcomeOf(tube), await holdsOf(tube), await outcomeOf(other)]).toEqual([
      undefined,
      0,
      'negative',
    ])
  }
  // Refused for its time it still says another outcome of the tube; not final it says none.
  const [late, early] = [await received(), await received()]
  const untimed = reported(late, POSITIVE, { observation: { effectiveDateTime: '5' } })
  expect(statuses(await send('batch', [...reported(late, NEGATIVE), ...untimed]))[2]).toBe('409')
  const preliminary = reported(early, NEGATIVE, { report: { status: 'preliminary' } })
  expect(statuses(await send('batch', [...preliminary, ...reported(early, POSITIVE)]))[5]).toBe('201')
  expect([await outcomeOf(late), await outcomeOf(early)]).toEqual([undefined, 'positive'])
})

test('a name that two resources bear, and a report of two specimens, choose nobody’s tube', async () => {
  const [a, b] = [await received(), await received()]
  const named = (tube: string) => ({ resource: { ...specimen(tube), id: 's1' } })
  const alone = { resource: observation(NEGATIVE, { specimen: { reference: 'Specimen/s1' } }) }
  expect(statuses(await send('batch', [named(a), named(b), alone]))).toEqual(['200', '200', '422'])
  const two = report(['#o'], {
    specimen: [{ reference: '#a' }, { reference: '#b' }],
    contained: [{ ...specimen(a), id: 'a' }, { ...specimen(b), id: 'b' }, observation(NEGATIVE, { id: 'o' })],
  })
  expect(statuses(await send('batch', [two]))).toEqual(['422'])
  expect([await outcomeOf(a), await outcomeOf(b)]).toEqual([undefined, undefined])
  expect(statuses(await send('batch', [named(a), named(a), alone]))).toEqual(['200', '200', '201'])
})

test('a transaction that contradicts itself or what stands is refused whole: nothing is stored and nothing held', async () => {
  const [tube, other] = [await received(), await received()]
  await send('batch', reported(tube, NEGATIVE))
  const answer = await send('transaction', [...reported(other, NEGATIVE), ...reported(tube, POSITIVE)])
  expect([answer.status, answer.body.resourceType, answer.headers.get('content-type')]).toEqual([
    409,
    'OperationOutcome',
    'application/fhir+json; charset=utf-8',
  ])
  expect(answer.body.issue).toMatchObject([
    { severity: 'error', code: 'conflict', expression: ['Bundle.entry[5].resource.result[0]'] },
  ])
  const itself = await send('transaction', [...reported(other, NEGATIVE), ...reported(other, POSITIVE)])
  expect([itself.status, itself.body.issue.length]).toEqual([409, 2])
  const worse = await send('transaction', [...reported(tube, POSITIVE), ...reported(NO_LABEL, NEGATIVE)])
  expect([worse.status, worse.body.resourceType, worse.body.issue.length]).toEqual([
    422,
    'OperationOutcome',
    1,
  ])
  expect([await outcomeOf(other), await outcomeOf(tube), await holdsOf(tube)]).toEqual([
    undefined,
    'negative',
    0,
  ])
  expect(statuses(await send('batch', reported(tube, POSITIVE)))[2]).toBe('409')
  expect(await holdsOf(tube)).toBe(1)
})
