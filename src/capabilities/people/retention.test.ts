import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { App } from '#kernel/app.ts'
import { dayOf } from '#kernel/clock.ts'
import { chainAudit, verifyAudit } from '#kernel/audit-chain.ts'
import { oldWords } from '#capabilities/requests/index.ts'
import { residentWith, newId, signedIn, startCity, type TestCity } from '#test/harness/city.ts'
import { createKey } from './index.ts'
import { applyRetention, readRetention, type RetentionRule } from './retention.ts'

const DAY = 86_400_000
const TEXT = '我妈妈在浦东新区花木街道樱花路801弄12号，每周三次血透，今天出不去'
const rules = new Map<string, RetentionRule>(readRetention().rules.map((r) => [r.table, r]))

let city: TestCity
let sql: pg.Client

beforeAll(async () => {
  city = await startCity({ people: 30 })
  sql = new pg.Client({ connectionString: city.url })
  await sql.connect()
})
afterAll(async () => {
  await sql?.end()
  await city?.stop()
})

const one = async <T>(query: string, given: unknown[] = []) => (await sql.query(query, given)).rows[0] as T
const count = async (table: string) =>
  Number((await one<{ n: string }>(`select count(*) as n from "${table}"`)).n)
/** The same city, so many days later. */
const later = (days: number): App => ({
  ...city.app,
  clock: { ...city.app.clock, now: () => new Date(city.app.clock.now().getTime() + days * DAY) },
})
const apply = async (table: string, app: App, preview = false) =>
  (await applyRetention(app, { request: oldWords }, { rules: [rules.get(table)!], preview }))[0]!.rows
const settle = async (id: string) => {
  const handler = await signedIn(city.base, 'health.pudong')
  await handler.post(`/api/orders/${id}/actions`, { id: newId(), action: 'sign' })
  await handler.post(`/api/orders/${id}/actions`, {
    id: newId(),
    action: 'resolve',
    note: '已联系樱花路801弄的居民，车辆已到',
  })
}

test('each rule keeps a day less than its term and takes what is older, and says beforehand how much', async () => {
  const at = (table: string, days: number) =>
    new Date(
      (['machine_key', 'sign_in_code', 'person_import', 'person_import_row'].includes(table)
        ? Date.now()
        : city.app.clock.now().getTime()) -
        days * DAY,
    )
  const rows: Record<string, (when: Date) => Promise<unknown>> = {
    sign_in_code: (when) =>
      sql.query(`insert into sign_in_code (phone_hash, code_hash, expires_at) values ($1, 'x', $2)`, [
        newId(),
        when,
      ]),
    machine_key: async (when) => {
      const { id } = await createKey(city.app, { role: 'lab', place: '31', days: 1 })
      await sql.query('update machine_key set expires_at = $2 where id = $1', [id, when])
    },
    call: (when) =>
      sql.query(
        `insert into call (id, line, place_code, answered, at, agent_id) values ($1, '12345', '31', true, $2, 'a')`,
        [newId(), when],
      ),
    alarm: (when) =>
      sql.query(
        `insert into alarm (id, at, kind, title, place_code, order_id) values ($1, $2, 'urgent', 't', '31', $1)`,
        [newId(), when],
      ),
    person_import: (when) =>
      sql.query(
        `insert into person_import (id, actor_id, place_code, file, content_hash, bytes, state, created_at) values ($1, 'a', '31', 'f', 'h', 1, 'done', $2)`,
        [newId(), when],
      ),
    person_import_row: (when) =>
      sql.query(
        `insert into person_import_row (run_id, line, at, status, notes) values ($1, 2, $2, 'refused', '{}')`,
        [newId(), when],
      ),
    person_merge: (when) =>
      sql.query(
        `insert into person_merge (id, keeper_id, duplicate_id, place_code, actor_id, reason_sealed, moved, filled, at) values ($1, $1, gen_random_uuid(), '31', 'a', 'x', '[]', '{}', $2)`,
        [newId(), when],
      ),
    person_reveal: (when) =>
      sql.query(
        `insert into person_reveal (id, person_id, place_code, actor_id, purpose, at) values ($1, $1, '31', 'a', 'tracing', $2)`,
        [newId(), when],
      ),
    antigen_test: (when) =>
      sql.query(
        `insert into antigen_test (person_id, id, place_code, day, at, received_at, outcome, nth, photo_hash) values ($1, $1, '31', $2::date, $3, $3, 'negative', 1, 'h')`,
        [newId(), dayOf(when), when],
      ),
    antigen_photo: (when) =>
      sql.query(
        `insert into antigen_photo (person_id, id, at, key_sealed, body, type) values ($1, $1, $2, 'x', '', 'image/png')`,
        [newId(), when],
      ),
    early_box: (when) =>
      sql.query(
        `insert into early_box (code, id, lab, places, actor_id, actor_name, at) values ($1::text, $1::uuid, 'l', '{}', 'a', 'a', $2)`,
        [newId(), when],
      ),
    early_result: (when) =>
      sql.query(
        `insert into early_result (tube, id, outcome, lab, places, tested_at, source, actor_kind, actor_id, at) values ($1::text, $1::uuid, 'negative', 'l', '{}', $2, 'form', 'staff', 'a', $2)`,
        [newId(), when],
      ),
    glass_break: (when) =>
      sql.query(
        `insert into glass_break (id, account_id, role, place_code, reason_sealed, opened_at, until_at) values ($1, $1, 'handler', '310115', 'x', $2::timestamptz - interval '3 hours', $2)`,
        [newId(), when],
      ),
  }
  const deleting = [...rules.values()].filter((r) => r.how === 'delete')
  expect(deleting.map((r) => r.table).sort()).toEqual(Object.keys(rows).sort())
  for (const { table, days } of deleting) {
    await rows[table]!(at(table, days - 1))
    await rows[table]!(at(table, days + 1))
    const before = await count(table)
    expect(await apply(table, city.app, true), table).toBe(1)
    expect(await count(table), table).toBe(before)
    expect(await apply(table, city.app), table).toBe(1)
    expect(await count(table), table).toBe(before - 1)
    expect(await apply(table, city.app), table).toBe(0)
  }
  // A year of calls goes in batches.
  await sql.query(
    `insert into call (id, line, place_code, answered, at, agent_id) select gen_random_uuid(), '12345', '31', true, $1, 'a' from generate_series(1, 1300)`,
    [at('call', 400)],
  )
  expect(await apply('call', city.app)).toBe(1300)
})

test('old words go when the order has ended, the figures stay, an open order keeps its words', async () => {
  const resident = await residentWith(city.base, '19900000005')
  const [ended, open] = [newId(), newId()]
  for (const id of [ended, open]) await resident.post('/api/my/requests', { id, text: TEXT })
  await settle(ended)
  const rated = await resident.post(`/api/my/requests/${ended}/rating`, {
    id: newId(),
    solved: true,
    score: 5,
    note: '谢谢，我是樱花路的',
  })
  expect(rated.body.order.state).toBe('closed')
  const agent = await signedIn(city.base, 'agent')
  const statistics = async () => {
    const { opened, closed, byElement, bySource } = (await agent.get('/api/statistics?days=1')).body
    return { opened, closed, byElement, bySource }
  }
  const figures = await statistics()
  const year = rules.get('request')!.days
  expect(await apply('request', later(year - 1))).toBe(0)
  expect(await apply('request', later(year + 1))).toBe(1)
  expect(await apply('request', later(year + 1))).toBe(0)
  const { body } = await resident.get(`/api/my/requests/${ended}`)
  expect(body.text).toContain('删除')
  expect(JSON.stringify(body)).not.toMatch(/樱花路|801弄/)
  expect(body.order).toMatchObject({ number: rated.body.order.number, score: 5, urgent: true })
  const seen = await agent.get(`/api/orders/${ended}`)
  expect(seen.status).toBe(200)
  expect(JSON.stringify({ ...seen.body, related: [] })).not.toMatch(/樱花路|801弄/)
  expect(await statistics()).toEqual(figures)
  expect((await resident.get(`/api/my/requests/${open}`)).body.text).toBe(TEXT)
})

test('a person with whom nothing happens is erased with all they said; who is needed stays; the audit stays whole', async () => {
  const phone = '19900000007'
  const resident = await residentWith(city.base, phone)
  const id = newId()
  await resident.post('/api/my/requests', { id, text: TEXT })
  const { person } = (await (await signedIn(city.base, 'agent')).get(`/api/requests/${id}`)).body
  const waiting = await residentWith(city.base, '19900000009')
  await waiting.post('/api/my/requests', { id: newId(), text: TEXT })
  await waiting.delete('/api/session')
  await settle(id)
  await resident.post(`/api/my/requests/${id}/rating`, { id: newId(), solved: true, score: 4 })
  const agent = await signedIn(city.base, 'agent')
  await agent.post(`/api/people/${person.id}/reveal`, { id: newId(), purpose: 'call_back', note: '核对' })
  await sql.query(`update person set occupation = 'city-service', needs = '{bedridden}' where id = $1`, [
    person.id,
  ])
  while ((await chainAudit(city.app.db)) > 0);

  const term = rules.get('person')!.days
  expect(await apply('person', later(term - 1))).toBe(0)
  const gone = async () =>
    Number((await one<{ n: string }>('select count(*) as n from person where erased_at is not null')).n)
  // A session that still runs says that somebody is there.
  await apply('person', later(term + 1))
  expect((await resident.get('/api/me')).body.kind).toBe('resident')
  await resident.delete('/api/session')
  expect(await apply('person', later(term + 1), true)).toBe(1)
  expect(await apply('person', later(term + 1))).toBe(1)
  expect(await gone()).toBeGreaterThan(20)

  const row = await one<{ phone_sealed: null; phone_hash: null; name_sealed: string }>(
    'select * from person where id = $1',
    [person.id],
  )
  expect([row.phone_sealed, row.phone_hash]).toEqual([null, null])
  // Whatever column is added later: what is not named here must be empty.
  const kept = Object.entries(row).flatMap(([column, value]) => (value === null ? [] : [column]))
  expect(kept.toSorted()).toEqual(['created_at', 'erased_at', 'id', 'name_sealed', 'place_code', 'simulated'])
  expect(city.app.vault.open(row.name_sealed, 'person.name')).not.toContain('模拟')
  const words = await one<{ text_sealed: string; address_sealed: null }>(
    'select * from request where id = $1',
    [id],
  )
  expect(city.app.vault.open(words.text_sealed, 'request.text')).not.toContain('樱花路')
  expect(words.address_sealed).toBeNull()
  const order = (await agent.get(`/api/orders/${id}`)).body
  expect(order).toMatchObject({ state: 'closed', score: 4 })
  const left = await sql.query('select note, actor_name from order_event where order_id = $1', [id])
  expect(JSON.stringify(left.rows)).not.toMatch(/樱花路|模拟居民/)
  const tracer = await signedIn(city.base, 'cdc.pudong')
  expect((await tracer.get(`/api/people/${person.id}`)).status).toBe(404)
  expect((await tracer.post('/api/people/find', { phone })).body.items).toEqual([])
  // The one with something open is still there.
  expect((await tracer.post('/api/people/find', { phone: '19900000001' })).status).toBe(200)
  expect((await residentWith(city.base, '19900000009')).cookie).not.toBe('')
  expect(
    (await (await residentWith(city.base, '19900000009')).get('/api/my/requests')).body.items,
  ).toHaveLength(1)

  while ((await chainAudit(city.app.db)) > 0);
  expect(await verifyAudit(city.app.db)).toMatchObject({ whole: true, waiting: 0 })
  const auditor = await signedIn(city.base, 'auditor')
  const actions = (await auditor.get(`/api/audit?person=${person.id}`)).body.items.map(
    (l: { action: string }) => l.action,
  )
  expect(actions).toEqual(expect.arrayContaining(['request.read', 'people.reveal', 'person.erase']))
  // Who comes back with the same number is somebody new.
  await residentWith(city.base, phone)
  expect(
    (
      await one<{ id: string }>('select id from person where phone_hash = $1', [
        city.app.vault.fingerprint(phone, 'phone'),
      ])
    ).id,
  ).not.toBe(person.id)
})

test('the command line says what would go, does it, and refuses anything else', async () => {
  const cityloop = (...args: string[]) =>
    new Promise<{ code: number; out: string }>((done) => {
      const env = { ...process.env, DATABASE_URL: city.url, VAR_DIR: city.app.config.varDir }
      const cwd = join(import.meta.dirname, '../../..')
      execFile(process.execPath, ['src/cli/main.ts', 'retention', ...args], { cwd, env }, (error, out, err) =>
        done({ code: error ? Number(error.code) : 0, out: out + err }),
      )
    })
  const old = () =>
    sql.query(
      `insert into call (id, line, place_code, answered, at, agent_id) values (gen_random_uuid(), '12345', '31', true, $1, 'a')`,
      [new Date(city.app.clock.now().getTime() - 400 * DAY)],
    )
  await old()
  const before = await count('call')
  const preview = await cityloop('run', '--preview')
  expect(preview.out).toMatch(/1 {2}来电计数记录 · Records of calls/)
  expect([preview.code, await count('call')]).toEqual([0, before])
  expect(await cityloop('run')).toMatchObject({ code: 0 })
  expect(await count('call')).toBe(before - 1)
  expect((await cityloop('run', '--all')).code).toBe(2)
  expect((await cityloop('walk')).code).toBe(2)
})

test('terms that name an unknown table, a wrong way or a table twice are refused at the start', () => {
  const file = join(city.app.config.varDir, 'terms.yaml')
  const good = {
    id: 'x',
    what: { zh: '甲', en: 'A' },
    table: 'call',
    days: 1,
    how: 'delete',
    basis: 'b',
    source: 's',
    mark: 'set-by-us',
  }
  const read = (list: object[]) => {
    writeFileSync(file, JSON.stringify({ version: '1.0.0', rules: list }))
    return () => readRetention(file)
  }
  expect(read([good])().rules).toHaveLength(1)
  for (const bad of [
    [{ ...good, table: 'audit' }],
    [{ ...good, table: 'work_order; drop table call' }],
    [{ ...good, how: 'erase-person' }],
    [{ ...good, table: 'person' }],
    [{ ...good, days: 0 }],
    [good, { ...good, id: 'y' }],
    [{ ...good, mark: 'guessed' }],
  ])
    expect(read(bad), JSON.stringify(bad)).toThrow(/retention/)
})
