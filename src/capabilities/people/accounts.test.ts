import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { accountIn, signInAs, type Staff } from '#test/harness/accounts.ts'
import { caller, residentWith, signedIn, startCity, type Caller, type TestCity } from '#test/harness/city.ts'
import { service } from '#kernel/auth.ts'
import { makeAccount } from './accounts.ts'
import { newOneTimePassword } from './my-account.ts'
import { mustDo, shortAddress, shortDevice } from './rules.ts'

let city: TestCity
let admin: Caller
let sql: pg.Client
/** Administrator of Pudong; simulated like the demonstration's, so that no second factor stands before it. */
let pudong: Staff & { id: string }
beforeAll(async () => {
  city = await startCity()
  admin = await signedIn(city.base, 'admin')
  sql = new pg.Client({ connectionString: city.url })
  await sql.connect()
  pudong = await accountIn(city, admin, { role: 'administrator', placeCode: '310115' })
  await sql.query('update account set simulated = true where id = $1', [pudong.id])
  await new Promise((done) => setTimeout(done, 3_100))
})
afterAll(async () => {
  await sql?.end()
  await city?.stop()
})

const actions = async (id: string) =>
  (await sql.query(`select action from audit where subject = $1 order by id`, [id])).rows.map((r) => r.action)
const make = (who: Caller, more: object = {}) => {
  const id = randomUUID()
  return who.post('/api/accounts', {
    id,
    username: `u.${id}`,
    name: '模拟·新人',
    placeCode: '310115016',
    ...more,
  })
}

test('a new account must change its one-time password before anything else, and the password is kept nowhere', async () => {
  const made = await make(pudong.caller, { grants: [{ role: 'handler', placeCode: '310115016' }] })
  expect(made.status).toBe(200)
  const { account, oneTimePassword } = made.body
  const { caller: someone } = await signInAs(city, account.username, oneTimePassword)
  expect((await someone.get('/api/me')).body).toMatchObject({ must: 'password', may: {}, roles: [] })
  expect((await someone.get('/api/orders')).body.code).toBe('not_allowed')
  const change = (old: string, to: string) => someone.post('/api/account/password', { old, new: to })
  expect((await change('wrong', 'long enough password')).body.code).toBe('wrong_password')
  expect((await change(oneTimePassword, 'too short')).body.code).toBe('bad_input')
  expect((await change(oneTimePassword, oneTimePassword)).body.code).toBe('bad_input')
  expect((await change(oneTimePassword, 'long enough password')).status).toBe(200)
  expect((await someone.get('/api/orders')).status).toBe(200)
  expect((await signInAs(city, account.username, oneTimePassword)).answer.body.code).toBe('wrong_credentials')
  expect(await actions(account.id)).toEqual(['account.create', 'session.open', 'password.change'])
  const { rows } = await sql.query(`select string_agg(a::text, ' ') as all from (select * from account) a`)
  expect(rows[0].all).not.toContain(oneTimePassword)
})

test('an administrator sees and changes only accounts of their place', async () => {
  const mine = (await make(pudong.caller)).body.account.id
  const theirs = await accountIn(city, admin, { role: 'handler', placeCode: '310101' })
  const listed = (await pudong.caller.get('/api/accounts')).body.items
  expect(listed.map((a: { id: string }) => a.id)).toContain(mine)
  expect(listed.every((a: { placeCode: string }) => a.placeCode.startsWith('310115'))).toBe(true)
  expect(JSON.stringify(listed)).not.toMatch(/argon2|password_hash/)
  for (const [path, body] of [
    ['disable', {}],
    ['enable', {}],
    ['password', {}],
    ['second-factor/reset', {}],
    ['sessions/revoke', {}],
    ['grants', { role: 'handler', placeCode: '310115' }],
    ['grants/end', { grantId: randomUUID() }],
  ] as const) {
    const answer = await pudong.caller.post(`/api/accounts/${theirs.id}/${path}`, body)
    expect([answer.status, answer.body.code], path).toEqual([404, 'account_not_found'])
  }
  expect((await pudong.caller.get(`/api/accounts/${theirs.id}/sessions`)).body.code).toBe('account_not_found')
  expect((await make(pudong.caller, { placeCode: '310101' })).body.code).toBe('not_allowed')
  expect((await make(pudong.caller, { placeCode: '31' })).body.code).toBe('not_allowed')
  // A few at a time: passwords are slow on purpose, and fifty at once fill the house of a busy machine.
  for (let i = 0; i < 51; i += 6)
    for (const made of await Promise.all(
      Array.from({ length: Math.min(6, 51 - i) }, () => make(pudong.caller)),
    ))
      expect(made.status).toBe(200)
  const first = (await pudong.caller.get('/api/accounts')).body
  const second = (await pudong.caller.get(`/api/accounts?after=${first.next}`)).body
  expect(first.items).toHaveLength(50)
  expect(second.items[0].username > first.items[49].username).toBe(true)
})

test('roles are given inside the own place only, to others only, and to units that are there', async () => {
  const { id } = (await make(pudong.caller)).body.account
  const grant = (body: object, who = pudong.caller, to = id) => who.post(`/api/accounts/${to}/grants`, body)
  expect((await grant({ role: 'handler', placeCode: '31' })).body.code).toBe('not_allowed')
  expect((await grant({ role: 'handler', placeCode: '310101' })).body.code).toBe('not_allowed')
  expect((await grant({ role: 'handler', placeCode: '310199' })).body.code).toBe('place_not_found')
  expect((await grant({ role: 'simulator', placeCode: '310115' })).body.code).toBe('bad_input')
  for (const unitId of ['nobody', 'health.310101'])
    expect((await grant({ role: 'handler', placeCode: '310115', unitId })).body.code).toBe('unit_not_found')
  const past = { from: '2022-04-02T00:00:00+08:00', until: '2022-04-01T00:00:00+08:00' }
  expect((await grant({ role: 'handler', placeCode: '310115', ...past })).body.code).toBe('bad_input')
  expect((await grant({ role: 'auditor', placeCode: '310115' }, pudong.caller, pudong.id)).body.code).toBe(
    'not_yourself',
  )
  const given = await grant({ role: 'handler', placeCode: '310115', unitId: 'health.310115' })
  expect(given.body.grants).toMatchObject([{ role: 'handler', unitId: 'health.310115', until: null }])
  expect((await grant({ role: 'handler', placeCode: '310115' })).body.grants).toHaveLength(2)
  // What reaches beyond the district is no longer the district's to change.
  expect((await grant({ role: 'supervisor', placeCode: '31' }, admin)).status).toBe(200)
  expect((await pudong.caller.post(`/api/accounts/${id}/password`)).body.code).toBe('not_allowed')
})

test('a grant begins and ends by itself, and one that is ended counts no more at once', async () => {
  const who = await accountIn(city, admin, { role: 'handler', placeCode: '310115' })
  const roles = async () => (await who.caller.get('/api/me')).body.roles
  const hours = (n: number) => new Date(Date.now() + n * 3_600_000).toISOString()
  // As if time had passed: the wall clock cannot be hurried.
  const pass = (n: number) =>
    sql.query(
      `update account_grant set valid_from = valid_from - make_interval(hours => $2), valid_to = valid_to - make_interval(hours => $2) where account_id = $1 and role = 'agent'`,
      [who.id, n],
    )
  await admin.post(`/api/accounts/${who.id}/grants`, {
    role: 'agent',
    placeCode: '310115',
    from: hours(1),
    until: hours(3),
  })
  expect(await roles()).toEqual(['handler'])
  await pass(2)
  await expect.poll(roles, { timeout: 20_000, interval: 200 }).toContain('agent')
  await pass(2)
  await expect.poll(roles, { timeout: 20_000, interval: 200 }).toEqual(['handler'])
  const listed = await admin.get(`/api/accounts?after=${who.username.slice(0, -1)}`)
  const [grant] = listed.body.items[0].grants
  const ended = await admin.post(`/api/accounts/${who.id}/grants/end`, { grantId: grant.id })
  expect(ended.body.grants).toEqual([])
  expect(await roles()).toEqual([])
  const again = await admin.post(`/api/accounts/${who.id}/grants/end`, { grantId: grant.id })
  expect(again.body.code).toBe('grant_not_found')
})

test('a disabled account is out at once and stays out until it is enabled', async () => {
  const who = await accountIn(city, admin, { role: 'handler', placeCode: '310115' })
  expect((await who.caller.get('/api/orders')).status).toBe(200)
  expect((await admin.post(`/api/accounts/${who.id}/disable`)).body.disabled).toBe(true)
  expect((await who.caller.get('/api/orders')).status).toBe(401)
  expect((await signInAs(city, who.username, who.password)).answer.body.code).toBe('wrong_credentials')
  expect((await admin.post(`/api/accounts/${who.id}/enable`)).body.disabled).toBe(false)
  expect((await who.caller.get('/api/orders')).status).toBe(401)
  expect((await signInAs(city, who.username, who.password)).answer.status).toBe(200)
  const line = await sql.query(
    `select actor_kind, place_code from audit where subject = $1 and action = 'account.disable'`,
    [who.id],
  )
  expect(line.rows).toEqual([{ actor_kind: 'staff', place_code: '310115' }])
})

test('a user name is given once, and nobody disables themselves', async () => {
  expect((await make(admin, { username: 'commander' })).body.code).toBe('username_taken')
  expect((await make(admin, { id: pudong.id })).body.code).toBe('username_taken')
  expect((await pudong.caller.post(`/api/accounts/${pudong.id}/disable`)).body.code).toBe('not_yourself')
})

test('a person sees where they are signed in, ends one or all others, and it holds at once', async () => {
  const who = await accountIn(city, admin, { role: 'handler', placeCode: '310115' })
  const phone = caller(city.base, {
    'user-agent': 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Version/17.0 Safari/604.1',
  })
  const third = caller(city.base)
  for (const c of [phone, third])
    await c.post('/api/session', { username: who.username, password: who.password })
  const { items } = (await who.caller.get('/api/account/sessions')).body
  expect(items).toHaveLength(3)
  expect(items.filter((s: { current: boolean }) => s.current)).toHaveLength(1)
  const onPhone = items.find((s: { device: string }) => s.device === 'Safari · iOS')
  expect(onPhone.address).toBe('127.0.0.0/24')
  expect(JSON.stringify(items)).not.toContain(phone.cookie.slice(9))
  expect((await phone.get('/api/account')).status).toBe(200)
  expect((await who.caller.delete(`/api/account/sessions/${onPhone.id}`)).status).toBe(200)
  expect((await phone.get('/api/account')).status).toBe(401)
  expect((await who.caller.delete(`/api/account/sessions/${onPhone.id}`)).body.code).toBe('session_not_found')
  const stranger = await accountIn(city, admin, { role: 'handler', placeCode: '310115' })
  const own = (await third.get('/api/account/sessions')).body.items[0].id
  expect((await stranger.caller.delete(`/api/account/sessions/${own}`)).body.code).toBe('session_not_found')
  expect((await who.caller.post('/api/account/sessions/revoke-others')).body.ended).toBe(1)
  expect((await third.get('/api/account')).status).toBe(401)
  expect((await who.caller.get('/api/account')).status).toBe(200)
})

test('a new password ends every other session', async () => {
  const who = await accountIn(city, admin, { role: 'handler', placeCode: '310115' })
  const { caller: other } = await signInAs(city, who.username, who.password)
  expect((await other.get('/api/orders')).status).toBe(200)
  await who.caller.post('/api/account/password', { old: who.password, new: 'another long password' })
  expect((await other.get('/api/orders')).status).toBe(401)
  expect((await who.caller.get('/api/orders')).status).toBe(200)
})

test('an administrator lists and ends the sessions of an account of their place', async () => {
  const who = await accountIn(city, admin, { role: 'handler', placeCode: '310115' })
  const { items } = (await pudong.caller.get(`/api/accounts/${who.id}/sessions`)).body
  expect(items).toMatchObject([{ current: false }])
  const end = (body: object) => pudong.caller.post(`/api/accounts/${who.id}/sessions/revoke`, body)
  expect((await end({ sessionId: randomUUID() })).body.code).toBe('session_not_found')
  expect((await end({ sessionId: items[0].id })).body.ended).toBe(1)
  expect((await who.caller.get('/api/account')).status).toBe(401)
})

test('a desk that was left for half an hour is signed out; a resident’s telephone is not', async () => {
  const who = await accountIn(city, admin, { role: 'handler', placeCode: '310115' })
  const resident = await residentWith(city.base, '19900000005')
  expect((await resident.get('/api/account/sessions')).body.items).toHaveLength(1)
  await sql.query(`update session set seen_at = now() - interval '29 minutes'`)
  await new Promise((done) => setTimeout(done, 3_100))
  expect((await who.caller.get('/api/orders')).status).toBe(200)
  const seen = async () =>
    (
      await sql.query(
        `select now() - seen_at < interval '1 minute' as fresh from session where subject_id = $1 and revoked_at is null`,
        [who.id],
      )
    ).rows
  await expect.poll(seen).toEqual([{ fresh: true }])
  await sql.query(`update session set seen_at = now() - interval '31 minutes'`)
  await new Promise((done) => setTimeout(done, 3_100))
  expect((await who.caller.get('/api/orders')).status).toBe(401)
  expect((await resident.get('/api/my/requests')).status).toBe(200)
  admin = await signedIn(city.base, 'admin')
})

test('without a demonstration the password that everybody knows opens nothing', async () => {
  const plain = await startCity({ config: { demo: true } })
  const { caller: someone } = await signInAs(plain, 'commander', 'cityloop-demo')
  expect((await someone.get('/api/wall')).status).toBe(200)
  plain.app.config.demo = false
  expect((await signInAs(plain, 'commander', 'cityloop-demo')).answer.body.code).toBe('wrong_credentials')
  await new Promise((done) => setTimeout(done, 3_100))
  expect((await someone.get('/api/wall')).status).toBe(401)
  await plain.stop()
})

test('devices and addresses are told short', () => {
  expect(shortDevice('Mozilla/5.0 (Windows NT 10.0) Chrome/120.0 Safari/537.36 Edg/120')).toBe(
    'Edge · Windows',
  )
  expect(shortDevice('Mozilla/5.0 (Linux; Android 12) Chrome/99 Mobile MicroMessenger/8.0')).toBe(
    'WeChat · Android',
  )
  expect(shortDevice('curl/8.5.0')).toBe('curl')
  expect(shortDevice('<script>')).toBe('')
  expect(shortAddress('203.0.113.77')).toBe('203.0.113.0/24')
  expect(shortAddress('::ffff:203.0.113.77')).toBe('203.0.113.0/24')
  expect(shortAddress('2001:db8:1:2::3')).toBe('2001:db8:1::/48')
  expect(new Set(Array.from({ length: 100 }, newOneTimePassword)).size).toBe(100)
})

test('who administers, audits or commands needs a second factor; the password comes first', () => {
  const account = { simulated: false, passwordOnce: false, hasSecondFactor: false }
  const grant = (role: string) => [{ role, place: '31', unit: null }]
  for (const role of ['administrator', 'auditor', 'commander']) {
    expect(mustDo(account, grant(role))).toBe('second_factor')
    expect(mustDo({ ...account, hasSecondFactor: true }, grant(role))).toBeNull()
    expect(mustDo({ ...account, simulated: true }, grant(role))).toBeNull()
    expect(mustDo({ ...account, passwordOnce: true }, grant(role))).toBe('password')
  }
  expect(mustDo(account, grant('agent'))).toBeNull()
})

test('the first administrator of a city is made by the city itself, once', async () => {
  const given = {
    id: randomUUID(),
    username: 'first.administrator',
    name: '模拟·首位管理员',
    placeCode: '31',
    grants: [{ role: 'administrator' as const, placeCode: '31', unitId: null, until: null }],
  }
  const { oneTimePassword } = await makeAccount(city.app, service('command line'), given)
  const { answer } = await signInAs(city, given.username, oneTimePassword)
  expect(answer.body).toMatchObject({ must: 'password', may: {} })
  await expect(
    makeAccount(city.app, service('command line'), { ...given, id: randomUUID() }),
  ).rejects.toThrow(/account_username/)
  expect(await actions(given.id)).toEqual(['account.create', 'session.open'])
})
