import pg from 'pg'
import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { within } from '#kernel/db.ts'
import { newId } from '#kernel/ids.ts'
import {
  caller,
  DIALYSIS,
  residentWith,
  signedIn,
  startCity,
  type Caller,
  type TestCity,
} from '#test/harness/city.ts'
import { decideByRules, parameter, policyOf, readPolicy } from './index.ts'

let city: TestCity
let sql: pg.Client
let commander: Caller
let supervisor: Caller
let pudong: Caller
let huangpu: Caller

beforeAll(async () => {
  city = await startCity()
  sql = new pg.Client({ connectionString: city.url })
  await sql.connect()
  commander = await signedIn(city.base, 'commander')
  supervisor = await signedIn(city.base, 'supervisor')
  pudong = await signedIn(city.base, 'pudong')
  huangpu = await signedIn(city.base, 'huangpu')
})
afterAll(async () => {
  await sql.end()
  await city.stop()
})

type Text = { id: string; version: string; inForceFrom: string; parameters: { id: string; value: unknown }[] }
const shipped = (id: string): Text =>
  parse(readFileSync(new URL(`../../../policies/${id}.yaml`, import.meta.url), 'utf8')) as Text

/** The June pack with another version and other numbers. */
function packText(version: string, numbers: Record<string, number> = {}, more: object = {}): string {
  const pack = shipped('shanghai-2022-06-07')
  return JSON.stringify({
    ...pack,
    version,
    parameters: pack.parameters.map((p) => (p.id in numbers ? { ...p, value: numbers[p.id] } : p)),
    ...more,
  })
}

const overlay = (version: string, value: number, more: object = {}) =>
  JSON.stringify({
    id: 'pudong-gates',
    version,
    title: { zh: '浦东小区门口', en: 'Gates in Pudong' },
    inForceFrom: '2022-06-08T00:00:00+08:00',
    over: 'shanghai-2022-06-07',
    place: '310115',
    until: '2099-01-01T00:00:00+08:00',
    reason: { zh: '测试', en: 'test' },
    parameters: [{ id: 'gate.pcrHours', value, clause: '浦东 1.1' }],
    ...more,
  })

async function enact(text: string, first = supervisor, second = commander) {
  const id = newId()
  const proposed = await first.post('/api/policies', { id, text, reason: '测试启用' })
  expect([proposed.status, proposed.body.state]).toEqual([200, 'proposed'])
  const signed = await second.post(`/api/policies/enactments/${id}/sign`, { hash: proposed.body.hash })
  expect(signed.status).toBe(200)
  return signed.body as { id: string; state: string; hash: string; inForceFrom: string }
}

async function retract(id: string) {
  await supervisor.post(`/api/policies/enactments/${id}/retract`, { reason: '测试撤回' })
  const done = await commander.post(`/api/policies/enactments/${id}/retract/sign`, {})
  expect(done.body.state).toBe('retracted')
}

const gateHours = async (place?: string, at?: string): Promise<number> => {
  const query = new URLSearchParams({ ...(place && { place }), ...(at && { at }) })
  const { body } = await caller(city.base).get(`/api/policies/in-force?${query}`)
  return body.parameters.find((p: { id: string }) => p.id === 'gate.pcrHours').value
}

test('each instant has the pack that held then', async () => {
  expect(await gateHours(undefined, '2022-05-01T12:00:00+08:00')).toBe(24)
  expect(await gateHours(undefined, '2022-06-06T23:59:59+08:00')).toBe(24)
  expect(await gateHours(undefined, '2022-06-07T00:00:00+08:00')).toBe(72)
  const before = await caller(city.base).get('/api/policies/in-force?at=2022-01-01T00:00:00%2B08:00')
  expect([before.status, before.body.code]).toEqual([404, 'no_policy_then'])
})

test('a rule is judged by what held at the instant that is asked for', async () => {
  const test30Hours = {
    set: 'gate.compound',
    payload: { code: 'green', pcr: { result: 'negative', at: '2022-05-01T06:00:00+08:00' } },
  }
  const ask = (at: string) => supervisor.post('/api/policies/evaluate', { ...test30Hours, at })
  const april = await ask('2022-05-02T12:00:00+08:00')
  expect(april.body).toMatchObject({ outcome: 'failed', pack: 'shanghai-2022-04-22' })
  expect(april.body.rules.find((r: { rule: string }) => r.rule === 'gate.pcr')).toMatchObject({
    clause: '通行 2.1',
    said: { zh: '须有24小时内核酸阴性证明', en: 'A negative PCR within 24 hours is needed' },
  })
  const sameTestInJune = {
    ...test30Hours,
    payload: { code: 'green', pcr: { result: 'negative', at: '2022-06-09T06:00:00+08:00' } },
    at: '2022-06-10T12:00:00+08:00',
  }
  expect((await supervisor.post('/api/policies/evaluate', sameTestInJune)).body).toMatchObject({
    outcome: 'passed',
    pack: 'shanghai-2022-06-07',
  })
})

test('what is missing is named, and CertLogic that is sent along is evaluated as it is', async () => {
  const open = await supervisor.post('/api/policies/evaluate', {
    rule: 'gate.pcr',
    payload: { pcr: { result: 'negative' } },
  })
  expect(open.body).toMatchObject({ outcome: 'open' })
  expect(open.body.rules[0].missing).toEqual(['payload.pcr.at'])
  const own = await supervisor.post('/api/policies/evaluate', {
    logic: {
      'not-before': [
        { plusTime: [{ var: 'external.validationClock' }, 0, 'day'] },
        { plusTime: [{ var: 'payload.dob' }, 6570, 'day'] },
      ],
    },
    payload: { dob: '2001-03-01' },
    at: '2022-06-08T00:00:00+08:00',
  })
  expect(own.body).toMatchObject({ outcome: 'passed', pack: null })
  const number = await supervisor.post('/api/policies/evaluate', {
    logic: { '+': [1, { var: 'payload' }] },
    payload: 2,
  })
  expect(number.body.rules[0]).toMatchObject({ outcome: 'open', result: 3 })
  const odd = await supervisor.post('/api/policies/evaluate', { logic: { xor: [1, 2] }, payload: null })
  expect(odd.body.rules[0]).toMatchObject({ outcome: 'open', fault: 'unrecognised operator: "xor"' })
  expect((await supervisor.post('/api/policies/evaluate', { rule: 'no.such', payload: {} })).body.code).toBe(
    'rule_not_found',
  )
})

test('nobody enacts alone: the second signature is another person, of the content that was proposed', async () => {
  const id = newId()
  const proposed = await supervisor.post('/api/policies', {
    id,
    text: packText('1.1.0', { 'gate.pcrHours': 60 }),
    reason: '测试',
  })
  expect(proposed.body).toMatchObject({ state: 'proposed', may: ['withdraw'] })
  const sign = (who: Caller, hash = proposed.body.hash) =>
    who.post(`/api/policies/enactments/${id}/sign`, { hash })
  expect((await sign(supervisor)).body.code).toBe('needs_another_person')
  expect((await sign(commander, '0'.repeat(64))).body.code).toBe('not_what_was_proposed')
  // A district's supervisor does not sign for the city, and does not learn of the proposal.
  expect((await sign(pudong)).body.code).toBe('enactment_not_found')
  expect(await gateHours()).toBe(72)
  const signed = await sign(commander)
  expect(signed.body).toMatchObject({ state: 'in_force', signed: { by: '模拟·总指挥' } })
  expect(await gateHours()).toBe(60)
  // Signed twice is signed once.
  expect((await sign(commander)).body.state).toBe('in_force')
  await retract(id)
  expect(await gateHours()).toBe(72)
  // What held stays true of then.
  expect(await gateHours(undefined, signed.body.inForceFrom)).toBe(60)
})

test('the database itself refuses one person for two signatures, and a decision without pack, clause, evidence or end', async () => {
  const { rows } = await sql.query<{ id: string }>(
    `select id from policy_enactment where signed_by is not null limit 1`,
  )
  await expect(
    sql.query(`update policy_enactment set signed_by = proposed_by where id = $1`, [rows[0]!.id]),
  ).rejects.toThrow(/enactment_two_people/)
  const insert = (more: Record<string, unknown>) => {
    const row: Record<string, unknown> = {
      id: newId(),
      kind: 'test',
      subject_id: newId(),
      place_code: '31',
      outcome: '1',
      reasons: '[{"zh":"因","en":"why"}]',
      evidence: '{"a":1}',
      pack_id: 'x',
      pack_version: '1.0.0',
      pack_hash: 'h',
      clause: '1',
      issuer: 'test',
      decided_at: new Date(),
      ...more,
    }
    const keys = Object.keys(row)
    return sql.query(
      `insert into decision (${keys.join(',')}) values (${keys.map((_, i) => `$${i + 1}`).join(',')})`,
      Object.values(row),
    )
  }
  await insert({})
  const bad: [Record<string, unknown>, RegExp][] = [
    [{ clause: '' }, /clause/],
    [{ issuer: '' }, /issuer/],
    [{ reasons: '[]' }, /reasons/],
    [{ evidence: '{}' }, /evidence/],
    [{ pack_hash: null }, /pack_hash/],
    [{ restricts: true }, /restriction/],
    [{ restricts: true, legal_basis: '传染病防治法', person_id: newId() }, /restriction/],
    [
      { restricts: true, legal_basis: '', person_id: newId(), valid_until: new Date('2099-01-01') },
      /restriction/,
    ],
  ]
  for (const [more, why] of bad) await expect(insert(more)).rejects.toThrow(why)
})

test('a district makes the city’s number stricter for a time, never looser, and only at home', async () => {
  const loose = await pudong.post('/api/policies/check', { text: overlay('1.0.0', 96) })
  expect(loose.body.faults).toEqual(['a district may only make gate.pcrHours smaller than 72'])
  const other = await pudong.post('/api/policies/check', {
    text: overlay('1.0.0', 24, { parameters: [{ id: 'leave.pcrHours', value: 24, clause: 'x' }] }),
  })
  expect(other.body.faults).toEqual(['a district may not change leave.pcrHours'])
  const strange = await huangpu.post('/api/policies', {
    id: newId(),
    text: overlay('1.0.0', 24),
    reason: '测试',
  })
  expect(strange.body.code).toBe('not_allowed')
  const done = await enact(overlay('1.0.0', 24), pudong, commander)
  expect(done.state).toBe('in_force')
  expect([await gateHours('310115016'), await gateHours('310101'), await gateHours()]).toEqual([24, 72, 72])
  const judged = await pudong.post('/api/policies/evaluate', {
    set: 'gate.compound',
    place: '310115016',
    payload: {
      code: 'green',
      pcr: { result: 'negative', at: new Date(Date.now() - 30 * 3_600_000).toISOString() },
    },
  })
  expect(judged.body.outcome).toBe('failed')
  // Another city pack: the overlay lay over the old one and rests.
  const later = await enact(packText('1.2.0', { 'gate.pcrHours': 48 }, { id: 'city-next' }))
  expect(await gateHours('310115016')).toBe(48)
  await retract(later.id)
  expect(await gateHours('310115016')).toBe(24)
  // A stricter city: the district's number would be looser now, and the city's holds.
  const stricter = await enact(packText('1.3.0', { 'gate.pcrHours': 12 }))
  expect(await gateHours('310115016')).toBe(12)
  await retract(stricter.id)
  expect(await gateHours('310115016')).toBe(24)
  await retract(done.id)
  expect(await gateHours('310115016')).toBe(72)
})

test('a pack with a fault says every fault, its own cases included, and cannot be proposed', async () => {
  const text = packText('2.0.0', { 'public.pcrHours': 24 })
  const checked = await supervisor.post('/api/policies/check', { text })
  expect(checked.body.faults).toEqual(['rule public.pcr, case "71 hours": failed instead of passed'])
  const proposed = await supervisor.post('/api/policies', { id: newId(), text, reason: '测试' })
  expect([proposed.status, proposed.body.code]).toEqual([400, 'pack_has_faults'])
  for (const bad of ['not: [a, pack', '[]', '{}', 'a: &a [*a]', JSON.stringify({ over: 'nowhere' })]) {
    const answer = await supervisor.post('/api/policies/check', { text: bad })
    expect([answer.status, answer.body.faults.length > 0, answer.body.preview]).toEqual([200, true, null])
  }
})

test('a pack without a number that the product reads cannot be proposed', async () => {
  const parts = ['orders', 'needs', 'operations', 'calendar-2022']
  const { body } = await supervisor.post('/api/policies/check', { text: packText('2.0.1', {}, { parts }) })
  expect(body.faults).toContain('a number codes.screenMinutes is needed')
})

test('the same version with other content is refused', async () => {
  const text = packText('1.0.0', { 'gate.pcrHours': 50 })
  const proposed = await supervisor.post('/api/policies', { id: newId(), text, reason: '测试' })
  expect(proposed.body.code).toBe('version_taken')
})

test('the difference of April and June names what changed', async () => {
  const { body } = await caller(city.base).get(
    '/api/policies/diff?from=shanghai-2022-04-22&to=shanghai-2022-06-07',
  )
  const at = (path: string) => body.changes.find((c: { path: string[] }) => c.path.join('/') === path)
  expect(at('parameters/gate.pcrHours/value')).toMatchObject({ from: 24, to: 72 })
  expect(at('rules/leave.antigen')).toMatchObject({ to: null })
  expect(at('rules/public.pcr')).toMatchObject({ from: null })
  expect(body.changes.some((c: { path: string[] }) => c.path[0] === 'elements')).toBe(false)
})

test('a past decision is made again identically after ten later packs, and differently under another one', async () => {
  const who = await residentWith(city.base, '19900000042')
  const request = newId()
  await who.post('/api/my/requests', { id: request, text: DIALYSIS })
  const at = city.app.clock.now()
  const pass = await within(city.app.db, { as: 'service' }, (trx) =>
    decideByRules(city.app, trx, {
      set: 'gate.compound',
      subjectId: request,
      personId: null,
      placeCode: '310115016',
      issuer: 'test gate',
      payload: {
        code: 'green',
        pcr: { result: 'negative', at: new Date(at.getTime() - 40 * 3_600_000).toISOString() },
      },
    }),
  )
  expect(pass.outcome).toBe('passed')
  const list = await supervisor.get(`/api/decisions?subject=${request}`)
  const ids = (list.body.items as { id: string; kind: string }[]).map((d) => d.id)
  expect(ids).toHaveLength(2)
  const again = async (id: string, under?: string) =>
    (await supervisor.post(`/api/decisions/${id}/recompute`, under ? { under } : {})).body
  const first = await Promise.all(ids.map((id) => again(id)))
  expect(first.map((a) => a.same)).toEqual([true, true])
  for (let i = 1; i <= 10; i++)
    await enact(
      packText(
        `3.0.${i}`,
        { 'gate.pcrHours': 30, 'orders.urgentHandleMinutes': 60 + i },
        {
          negations: ['血', '透'],
          id: `later-${i}`,
        },
      ),
    )
  expect(await gateHours()).toBe(30)
  const second = await Promise.all(ids.map((id) => again(id)))
  expect(second.map((a) => ({ ...a, decision: null }))).toEqual(first.map((a) => ({ ...a, decision: null })))
  expect(second.map((a) => a.same)).toEqual([true, true])
  const under = await again(pass.id, 'later-10@3.0.10')
  expect(under).toMatchObject({ same: false, outcome: 'failed' })
  // What a draft would change is seen before it is signed.
  const preview = await supervisor.post('/api/policies/check', {
    text: packText('4.0.0', { 'gate.pcrHours': 36 }, { id: 'draft' }),
    previewLast: 50,
  })
  expect(preview.body.faults).toEqual([])
  expect(preview.body.preview.examples.map((e: { decisionId: string }) => e.decisionId)).toContain(pass.id)
  // The person sees the decision about them with a sentence, and that it was looked at.
  const mine = await who.get('/api/my/decisions')
  expect(mine.body.items[0]).toMatchObject({ kind: 'requests.understanding', subjectId: request })
  expect(mine.body.items[0].sentence.zh).toMatch(/^按急难办理：/)
  expect(mine.body.items[0].sentence.en).toMatch(/^Handled as urgent: /)
  const looks = await who.get('/api/my/looks')
  expect(looks.body.items.map((l: { what: { en: string } }) => l.what.en)).toContain(
    'Checked a decision about you',
  )
})

test('a decision whose words were forgotten says so', async () => {
  const who = await residentWith(city.base, '19900000043')
  const request = newId()
  await who.post('/api/my/requests', { id: request, text: DIALYSIS })
  await sql.query(`update decision set evidence_sealed = null where subject_id = $1`, [request])
  const { body } = await supervisor.get(`/api/decisions?subject=${request}`)
  const again = await supervisor.post(`/api/decisions/${body.items[0].id}/recompute`, {})
  expect(again.body).toMatchObject({ impossible: 'evidence_forgotten', same: null })
})

test('the shipped packs read, and a pack that is not there is one sentence', () => {
  expect(readPolicy('shanghai-2022-04-22').pack.testPlans.map((t) => t.id)).toContain('zone.control')
  expect(() => readPolicy('nowhere')).toThrow()
})

test('a city whose pack was signed before a number existed goes on after the upgrade', async () => {
  const lacking = await sql.query(
    `update policy_version set body = jsonb_set(body, '{pack,parameters}', (
       select jsonb_agg(p) from jsonb_array_elements(body->'pack'->'parameters') p
       where p->>'id' <> 'codes.screenMinutes'))
     where over_id is null and body->'pack'->'parameters' @> '[{"id":"codes.screenMinutes"}]'`,
  )
  expect(lacking.rowCount).toBeGreaterThan(1)
  await city.restart()
  expect(parameter(await policyOf(city.app), 'codes.screenMinutes').value).toBe(15)
})
