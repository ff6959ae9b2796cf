import pg from 'pg'
import { Secret, TOTP } from 'otpauth'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { accountIn, signInAs, type Staff } from '#test/harness/accounts.ts'
import { caller, signedIn, startCity, type Caller, type TestCity } from '#test/harness/city.ts'

let city: TestCity
let admin: Caller
let sql: pg.Client
beforeAll(async () => {
  city = await startCity()
  admin = await signedIn(city.base, 'admin')
  sql = new pg.Client({ connectionString: city.url })
  await sql.connect()
})
afterAll(async () => {
  await sql?.end()
  await city?.stop()
})

const codeOf = (secret: string, steps = 0) =>
  new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: Date.now() + steps * 30_000 })
/** Six digits that are none of the codes that count now. */
const wrongCode = (secret: string) => {
  const right = [-2, -1, 0, 1, 2].map((steps) => codeOf(secret, steps))
  return ['111111', '222222', '333333', '444444', '555555', '666666'].find((code) => !right.includes(code))!
}
/** As if time had passed: codes of the present step count again. */
const newStep = (username: string) =>
  sql.query(
    `update second_factor set last_step = 0 where id = (select id from account where username = $1)`,
    [username],
  )

async function setUp(who: Staff): Promise<{ secret: string; recoveryCodes: string[] }> {
  const { secret, uri } = (await who.caller.post('/api/account/second-factor')).body
  expect(uri).toContain(`secret=${secret}`)
  const confirmed = await who.caller.post('/api/account/second-factor/confirm', { code: codeOf(secret) })
  expect(confirmed.status).toBe(200)
  await newStep(who.username)
  return { secret, recoveryCodes: confirmed.body.recoveryCodes }
}

test('an administrator without a second factor may do nothing but set it up, and may administer then', async () => {
  const other = await accountIn(city, admin, { role: 'administrator', placeCode: '310115' })
  expect((await other.caller.get('/api/me')).body).toMatchObject({
    may: {},
    roles: [],
    must: 'second_factor',
  })
  expect((await other.caller.get('/api/accounts')).body.code).toBe('not_allowed')
  const { secret, recoveryCodes } = await setUp(other)
  expect(new Set(recoveryCodes).size).toBe(10)
  const me = (await other.caller.get('/api/me')).body
  expect([me.must, me.roles, me.may['accounts.write']]).toEqual([null, ['administrator'], ['310115']])
  expect((await other.caller.get('/api/accounts')).status).toBe(200)
  expect((await other.caller.post('/api/account/second-factor')).body.code).toBe('second_factor_set')
  const { rows } = await sql.query(
    `select f.secret_sealed from second_factor f join account a using (id) where a.username = $1`,
    [other.username],
  )
  expect(rows[0].secret_sealed).not.toContain(secret)
})

test('a handler needs none, and a demonstration account enters with one tap even with one', async () => {
  const handler = await accountIn(city, admin, { role: 'handler', placeCode: '310115' })
  expect((await handler.caller.get('/api/me')).body).toMatchObject({ must: null, roles: ['handler'] })
  const demo = await signedIn(city.base, 'commander')
  expect((await demo.get('/api/me')).body.must).toBeNull()
  await setUp({ username: 'commander', password: 'cityloop-demo', caller: demo })
  expect((await (await signedIn(city.base, 'commander')).get('/api/me')).body.roles).toEqual(['commander'])
  expect((await signInAs(city, 'commander', 'cityloop-demo')).answer.body.code).toBe('second_factor_needed')
})

test('the password opens half the door, a code of now the other half, and no code counts twice', async () => {
  const who = await accountIn(city, admin, { role: 'auditor', placeCode: '31' })
  const { secret } = await setUp(who)
  const first = await signInAs(city, who.username, who.password)
  expect([first.answer.status, first.answer.body.code]).toEqual([401, 'second_factor_needed'])
  expect(first.caller.cookie).toBe('')
  expect((await first.second(wrongCode(secret))).body.code).toBe('wrong_second_code')
  const code = codeOf(secret)
  const entered = await first.second(code)
  expect([entered.status, entered.body.roles]).toEqual([200, ['auditor']])
  expect((await first.caller.get('/api/account')).body.secondFactor).toEqual({
    on: true,
    recoveryCodesLeft: 10,
  })
  expect((await first.second(code)).body.code).toBe('second_factor_expired')
  const again = await signInAs(city, who.username, who.password)
  expect((await again.second(code)).body.code).toBe('wrong_second_code')
  expect((await again.second(codeOf(secret, -1))).body.code).toBe('wrong_second_code')
  expect((await again.second(codeOf(secret, 1))).status).toBe(200)
})

test('two browsers with the same code at the same moment: one comes in', async () => {
  const who = await accountIn(city, admin, { role: 'handler', placeCode: '310115' })
  const { secret } = await setUp(who)
  const halves = [
    await signInAs(city, who.username, who.password),
    await signInAs(city, who.username, who.password),
  ]
  const code = codeOf(secret)
  const answers = await Promise.all(halves.map((half) => half.second(code)))
  expect(answers.map((a) => a.status).toSorted((a, b) => a - b)).toEqual([200, 403])
})

test('a recovery code lets in once', async () => {
  const who = await accountIn(city, admin, { role: 'handler', placeCode: '310115' })
  const { recoveryCodes } = await setUp(who)
  const code = recoveryCodes[3]!
  expect((await (await signInAs(city, who.username, who.password)).second(code)).status).toBe(200)
  const again = await signInAs(city, who.username, who.password)
  expect((await again.second(code)).body.code).toBe('wrong_second_code')
  expect((await again.second(recoveryCodes[4]!)).status).toBe(200)
  expect((await again.caller.get('/api/account')).body.secondFactor.recoveryCodesLeft).toBe(8)
})

test('five tries end the half-session, and the eighth failure of both factors together locks the account', async () => {
  const who = await accountIn(city, admin, { role: 'handler', placeCode: '310115' })
  const { secret } = await setUp(who)
  const wrong = wrongCode(secret)
  const half = await signInAs(city, who.username, who.password)
  for (let i = 0; i < 5; i++) expect((await half.second(wrong)).body.code).toBe('wrong_second_code')
  expect((await half.second(codeOf(secret))).body.code).toBe('second_factor_expired')
  expect((await signInAs(city, who.username, 'a wrong password')).answer.body.code).toBe('wrong_credentials')
  const next = await signInAs(city, who.username, who.password)
  expect((await next.second(wrong)).body.code).toBe('wrong_second_code')
  expect((await next.second(wrong)).body.code).toBe('wrong_second_code')
  expect((await next.second(codeOf(secret))).body.code).toBe('locked_out')
  expect((await signInAs(city, who.username, who.password)).answer.body.code).toBe('locked_out')
})

test('a half-session that is too old, made up or missing opens nothing', async () => {
  const who = await accountIn(city, admin, { role: 'handler', placeCode: '310115' })
  const { secret } = await setUp(who)
  const half = await signInAs(city, who.username, who.password)
  await sql.query(`update half_session set expires_at = now() - interval '1 second'`)
  expect((await half.second(codeOf(secret))).body.code).toBe('second_factor_expired')
  const stranger = caller(city.base)
  expect((await stranger.post('/api/session/second', { code: codeOf(secret) })).body.code).toBe(
    'second_factor_expired',
  )
  expect((await stranger.post('/api/session/second', { code: '12' })).body.code).toBe('bad_input')
})

test('turning it off needs a code; whose role needs it may do nothing then', async () => {
  const who = await accountIn(city, admin, { role: 'auditor', placeCode: '31' })
  const { secret } = await setUp(who)
  const off = (code: string) => who.caller.post('/api/account/second-factor/disable', { code })
  expect((await off(wrongCode(secret))).body.code).toBe('wrong_second_code')
  expect((await off(codeOf(secret))).status).toBe(200)
  expect((await who.caller.get('/api/me')).body).toMatchObject({ must: 'second_factor', may: {} })
  expect((await off(codeOf(secret, 1))).body.code).toBe('second_factor_missing')
  expect((await signInAs(city, who.username, who.password)).answer.status).toBe(200)
})

test('new recovery codes end the old ones', async () => {
  const who = await accountIn(city, admin, { role: 'handler', placeCode: '310115' })
  const { secret, recoveryCodes } = await setUp(who)
  const renewed = await who.caller.post('/api/account/second-factor/recovery-codes', { code: codeOf(secret) })
  expect(renewed.body.recoveryCodes).toHaveLength(10)
  const half = await signInAs(city, who.username, who.password)
  expect((await half.second(recoveryCodes[0]!)).body.code).toBe('wrong_second_code')
  expect((await half.second(renewed.body.recoveryCodes[0])).status).toBe(200)
})

test('residents have no second factor and no password', async () => {
  const resident = await signedIn(city.base, 'resident')
  for (const path of ['second-factor', 'second-factor/confirm', 'second-factor/disable', 'password']) {
    const body =
      path === 'second-factor'
        ? {}
        : path === 'password'
          ? { old: 'x', new: 'y'.repeat(12) }
          : { code: '123456' }
    expect((await resident.post(`/api/account/${path}`, body)).body.code, path).toBe('not_allowed')
  }
  expect((await resident.get('/api/account')).body.code).toBe('not_allowed')
})
