import { createServer, connect, type Socket } from 'node:net'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ROUTES, openCity } from '#src/city.ts'
import { openLog } from '#kernel/log.ts'
import { readConfig } from '#kernel/config.ts'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freshDatabase } from '#test/harness/database.ts'
import {
  caller,
  DIALYSIS,
  newId,
  signedIn,
  startCity,
  type Answer,
  type Caller,
  type TestCity,
} from '#test/harness/city.ts'

let city: TestCity
let resident: Caller
let agent: Caller

beforeAll(async () => {
  city = await startCity()
  resident = await signedIn(city.base, 'resident')
  agent = await signedIn(city.base, 'agent')
})
afterAll(() => city.stop())

const good = () => ({ id: newId(), text: DIALYSIS })
const counts = async () => (await agent.get('/api/statistics?days=1')).body.opened as number

test('bad input is refused with a clear word, and nothing changes', async () => {
  const before = await counts()
  const cases: [string, unknown, string][] = [
    ['unknown field', { ...good(), admin: true }, 'bad_input'],
    [
      'prototype',
      JSON.parse(`{"id":"${newId()}","text":"${DIALYSIS}","__proto__":{"admin":true}}`),
      'bad_input',
    ],
    ['wrong type', { ...good(), text: 5 }, 'bad_input'],
    ['no id', { text: DIALYSIS }, 'bad_input'],
    ['id is no uuid', { ...good(), id: '1; drop table request' }, 'bad_input'],
    ['blank', { ...good(), text: '   ' }, 'bad_input'],
    ['too long', { ...good(), text: '血'.repeat(2001) }, 'bad_input'],
    ['NUL', { ...good(), text: '血透\u0000' }, 'bad_input'],
    ['half a character', { ...good(), text: '血透\ud800' }, 'bad_input'],
    ['place that is malformed', { ...good(), corrections: { placeCode: '31011' } }, 'bad_input'],
    ['place that does not exist', { ...good(), corrections: { placeCode: '310199' } }, 'place_not_found'],
    ['element that does not exist', { ...good(), corrections: { element: 'x' } }, 'element_not_found'],
    ['urgency lowered', { ...good(), corrections: { urgent: false } }, 'bad_input'],
    ['array', [], 'bad_input'],
    ['null', null, 'bad_input'],
  ]
  for (const [name, body, code] of cases) {
    const answer = await resident.post('/api/my/requests', body)
    expect([answer.status >= 400 && answer.status < 500, answer.body.code], name).toEqual([true, code])
    expect(answer.headers.get('content-type'), name).toContain('application/problem+json')
    expect(JSON.stringify(answer.body), name).not.toMatch(/select|postgres|kysely|node_modules|stack/i)
  }
  expect(await counts()).toBe(before)
})

test('a body that is huge, no JSON, broken UTF-8 or of another kind is refused', async () => {
  const json = { 'content-type': 'application/json' }
  const huge = await resident.send(
    'POST',
    '/api/my/requests',
    JSON.stringify({ id: newId(), text: 'x'.repeat(400_000) }),
    json,
  )
  expect([huge.status, huge.body.code]).toEqual([413, 'too_large'])
  const broken = await resident.send(
    'POST',
    '/api/my/requests',
    Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d]),
    json,
  )
  expect([broken.status, broken.body.code]).toEqual([400, 'bad_encoding'])
  const half = await resident.send('POST', '/api/my/requests', '{"id":', json)
  expect([half.status, half.body.code]).toEqual([400, 'bad_input'])
  const form = await resident.send('POST', '/api/my/requests', 'text=a', {
    'content-type': 'application/x-www-form-urlencoded',
  })
  expect([form.status, form.body.code]).toEqual([415, 'wrong_media_type'])
})

test('injections are words like any others', async () => {
  for (const text of [
    "'; drop table request; --",
    '<script>alert(1)</script>血透',
    '=HYPERLINK("http://x")+cmd',
    '${7*7} {{7*7}} %00',
    '../../etc/passwd',
    '\u202e右到左',
    '🫠'.repeat(50),
  ]) {
    const answer = await resident.post('/api/my/requests', { id: newId(), text })
    expect([answer.status, answer.body.text]).toEqual([200, text])
  }
  expect((await agent.get(`/api/places?q=${encodeURIComponent("' or 1=1 --")}`)).body.items).toEqual([])
  for (const query of [
    'place=310115%27',
    'limit=0',
    'limit=1e9',
    'after=xx',
    'state=nonsense',
    'view=',
    'colour=red',
    'after=' + Buffer.from('["x","y"]').toString('base64url'),
  ]) {
    const answer = await agent.get(`/api/orders?${query}`)
    expect([answer.status, ['bad_input', 'bad_cursor'].includes(answer.body.code)], query).toEqual([
      400,
      true,
    ])
  }
})

test('dates and places that do not exist are refused', async () => {
  const commander = await signedIn(city.base, 'commander')
  for (const day of ['2022-02-30', '2022-13-01', 'yesterday', '2022-3-1'])
    expect((await commander.get(`/api/history/${day}`)).status, day).toBe(400)
  expect((await commander.get('/api/history/2022-03-01')).body).toMatchObject({ figures: [], addresses: [] })
  expect((await commander.get('/api/wall?place=310199')).status).toBe(404)
  expect((await agent.get('/api/places/999999')).body.code).toBe('place_not_found')
})

test("another site cannot act with a visitor's cookie", async () => {
  const answer = await resident.post('/api/my/requests', good(), { origin: 'https://evil.example' })
  expect([answer.status, answer.body.code]).toEqual([403, 'wrong_origin'])
  const same = await resident.post('/api/my/requests', good(), { origin: city.base })
  expect(same.status).toBe(200)
})

test('answers, refusals and what is not there forbid frames of others, foreign scripts and guessing of types', async () => {
  for (const path of ['/api/answers?q=', '/api/orders', '/api/nothing', '/api/places/999999']) {
    const { headers } = await caller(city.base).get(path)
    const policy = headers.get('content-security-policy') ?? ''
    for (const rule of [
      "default-src 'self'",
      "object-src 'none'",
      "frame-ancestors 'self'",
      "base-uri 'self'",
    ])
      expect(policy.split(';'), path).toContain(rule)
    expect(policy, path).not.toMatch(/script-src[^;]*'unsafe-(inline|eval)'/)
    expect(headers.get('x-content-type-options'), path).toBe('nosniff')
    expect(headers.get('x-frame-options'), path).toBe('SAMEORIGIN')
    expect(headers.get('referrer-policy'), path).toBe('no-referrer')
    expect(headers.get('x-powered-by'), path).toBeNull()
  }
})

test('whoever hangs up before the answer leaves the house: a crowd of the impatient does not fill it for good', async () => {
  const { port } = new URL(city.base)
  const bytes = `GET /api/my/requests HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\ncookie: ${resident.cookie}\r\n\r\n`
  const sql = new pg.Client({ connectionString: city.url })
  await sql.connect()
  // Nobody is answered before all have gone.
  await sql.query('begin; lock table request in access exclusive mode')
  const sockets = Array.from({ length: 150 }, () => {
    const socket = connect({ host: '127.0.0.1', port: Number(port) }, () => socket.write(bytes))
    socket.on('error', () => undefined)
    return socket
  })
  const stranger = Object.assign(caller(city.base), { patient: false })
  try {
    await expect.poll(async () => (await stranger.get('/api/outlines')).status).toBe(429)
  } finally {
    for (const socket of sockets) socket.destroy()
    await sql.query('rollback')
    await sql.end()
  }
  await expect
    .poll(async () => (await caller(city.base).get('/api/outlines')).status, { timeout: 10_000 })
    .toBe(200)
})

test('every route that is not for everybody refuses a stranger, and every role without the permission', async () => {
  const others = {
    resident,
    agent,
    admin: await signedIn(city.base, 'admin'),
    commander: await signedIn(city.base, 'commander'),
  }
  const stranger = caller(city.base)
  let guarded = 0
  for (const { route, guard } of ROUTES) {
    if (guard.needs === 'nothing') continue
    guarded++
    const path = route.path.replace(/:day/, '2022-03-28').replace(/:\w+/g, newId())
    const send = (who: Caller) =>
      route.method === 'GET'
        ? who.get(path)
        : route.method === 'DELETE'
          ? who.delete(path)
          : who.send(route.method, path, '{}', { 'content-type': 'application/json' })
    // FHIR says it in its own words, with our code in them.
    const codeOf = ({ body }: Answer): string | undefined =>
      body.code ?? body.issue?.[0].details.coding?.[0].code
    const refused = await send(stranger)
    expect([refused.status, codeOf(refused)], `${route.id} for a stranger`).toEqual([401, 'not_signed_in'])
    if (guard.needs === 'resident')
      for (const name of ['agent', 'admin', 'commander'] as const)
        expect(codeOf(await send(others[name])), `${route.id} for ${name}`).toBe('not_allowed')
    if (guard.needs !== 'permission') continue
    expect(codeOf(await send(others.resident)), `${route.id} for a resident`).toBe('not_allowed')
    for (const [name, who] of Object.entries(others)) {
      const { may } = (await who.get('/api/me')).body
      const answer = await send(who)
      if (guard.permission in may) expect(codeOf(answer), `${route.id} for ${name}`).not.toBe('not_signed_in')
      else expect([answer.status, codeOf(answer)], `${route.id} for ${name}`).toEqual([403, 'not_allowed'])
    }
  }
  expect(guarded).toBeGreaterThan(15)
})

test('every address of the API stands in the OpenAPI document, in both versions', async () => {
  for (const [file, version] of [
    ['/openapi.json', '3.1'],
    ['/openapi-3.0.json', '3.0'],
  ] as const) {
    const { body } = await agent.get(file)
    expect(body.openapi).toContain(version)
    for (const { route } of ROUTES) {
      const path = route.path.replace(/:(\w+)/g, '{$1}')
      expect(body.paths[path]?.[route.method.toLowerCase()]?.operationId, `${file} ${route.id}`).toBe(
        route.id,
      )
    }
  }
})

test('a wrong password is refused, and the eighth locks the account for a while', async () => {
  const someone = caller(city.base)
  for (let i = 0; i < 8; i++)
    expect((await someone.post('/api/session', { username: 'huangpu', password: 'wrong' })).body.code).toBe(
      'wrong_credentials',
    )
  expect(
    (await someone.post('/api/session', { username: 'huangpu', password: 'cityloop-demo' })).body.code,
  ).toBe('locked_out')
  expect((await someone.post('/api/session', { username: 'nobody', password: 'x' })).body.code).toBe(
    'wrong_credentials',
  )
  expect((await someone.post('/api/session/demo', { username: 'sim.agent' })).body.code).toBe(
    'wrong_credentials',
  )
})

test('a one-time code works once, five tries long, and never shows for a real number', async () => {
  const someone = caller(city.base)
  const real = await someone.post('/api/session/code', { phone: '13800000000' })
  expect(real.body).not.toHaveProperty('demoCode')
  const { demoCode } = (await someone.post('/api/session/code', { phone: '19900000009' })).body
  const wrong = demoCode === '000000' ? '000001' : '000000'
  for (let i = 0; i < 5; i++)
    expect((await someone.post('/api/session/verify', { phone: '19900000009', code: wrong })).body.code).toBe(
      'wrong_code',
    )
  expect(
    (await someone.post('/api/session/verify', { phone: '19900000009', code: demoCode })).body.code,
  ).toBe('wrong_code')
  const fresh = (await someone.post('/api/session/code', { phone: '19900000009' })).body.demoCode
  expect((await someone.post('/api/session/verify', { phone: '19900000009', code: fresh })).status).toBe(200)
  expect(
    (await caller(city.base).post('/api/session/verify', { phone: '19900000009', code: fresh })).body.code,
  ).toBe('wrong_code')
  const many = await Promise.all(
    Array.from({ length: 6 }, () => someone.post('/api/session/code', { phone: '19900000009' })),
  )
  expect(many.map((a) => a.status)).toContain(429)
})

test('signing out ends the session on the server', async () => {
  const someone = await signedIn(city.base, 'commander')
  const { cookie } = someone
  expect((await someone.delete('/api/session')).status).toBe(200)
  const thief = caller(city.base)
  thief.cookie = cookie
  expect((await thief.get('/api/wall')).status).toBe(401)
})

test('without a demonstration there are no demonstration accounts and no codes on the page', async () => {
  const plain = await startCity({ config: { demo: false } })
  const someone = caller(plain.base)
  expect((await someone.get('/api/demo')).body).toEqual({ demo: false, accounts: [], residentPhone: null })
  expect((await someone.post('/api/session/demo', { username: 'commander' })).body.code).toBe('not_found')
  expect((await someone.post('/api/session/code', { phone: '19900000001' })).body).not.toHaveProperty(
    'demoCode',
  )
  await plain.stop()
})

/** A wire to the database that can be cut. */
async function wireTo(url: string) {
  const target = new URL(url)
  const sockets = new Set<Socket>()
  let cut = false
  const server = createServer((socket) => {
    if (cut) return void socket.destroy()
    const out = connect(Number(target.port), target.hostname)
    for (const s of [socket, out]) {
      sockets.add(s)
      s.on('error', () => undefined)
      s.on('close', () => sockets.delete(s))
    }
    socket.pipe(out).pipe(socket)
    socket.on('close', () => out.destroy())
    out.on('close', () => socket.destroy())
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const through = new URL(url)
  through.hostname = '127.0.0.1'
  through.port = String((server.address() as { port: number }).port)
  return {
    url: through.href,
    setCut(now: boolean) {
      cut = now
      if (cut) for (const s of sockets) s.destroy()
    },
    close: () => server.close(),
  }
}

test('with the database gone every answer is a quick 503, and all is well again by itself', async () => {
  const database = await freshDatabase()
  const wire = await wireTo(database.url)
  const config = {
    ...readConfig({ VAR_DIR: mkdtempSync(join(tmpdir(), 'cityloop-test-')), PORT: '0' }, [
      '--no-simulator',
      '--people',
      '2',
    ]),
    host: '127.0.0.1',
  }
  const running = await openCity(config, wire.url, openLog('silent'))
  const base = await running.server.fastify.listen({ port: 0, host: '127.0.0.1' })
  const someone = await signedIn(base, 'resident')
  wire.setCut(true)
  await new Promise((done) => setTimeout(done, 3_500))
  const started = performance.now()
  const away = await someone.post('/api/my/requests', good())
  expect([away.status, away.body.code]).toEqual([503, 'database_unavailable'])
  expect(away.headers.get('retry-after')).toBe('2')
  expect((await someone.get('/readyz')).status).toBe(503)
  expect((await someone.get('/healthz')).status).toBe(200)
  expect(performance.now() - started).toBeLessThan(6_000)
  wire.setCut(false)
  const again = async () => (await someone.post('/api/my/requests', good())).status
  const until = performance.now() + 15_000
  while ((await again()) !== 200) {
    if (performance.now() > until) throw new Error('does not recover')
    await new Promise((done) => setTimeout(done, 200))
  }
  expect((await someone.get('/readyz')).status).toBe(200)
  await running.stop()
  wire.close()
  await database.drop()
})
