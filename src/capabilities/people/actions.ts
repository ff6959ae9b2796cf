import { hash, verify } from '@node-rs/argon2'
import { randomInt } from 'node:crypto'
import type { App } from '#kernel/app.ts'
import type { Actor } from '#kernel/auth.ts'
import { CityError } from '#kernel/errors.ts'
import { hashSecret, newId, newSecret } from '#kernel/ids.ts'
import type { Given } from '#kernel/http.ts'
import { findPlacePath } from '#capabilities/places/index.ts'
import type { ListDemoAccounts, Me, Role, SendCode, SignIn, SignInByCode, SignInDemo } from './contract.ts'
import { SIMULATED_PHONE } from './rules.ts'
import { lockUntil, MOST_FAILURES, startSecond } from './second-factor.ts'
import { openSession } from './sessions.ts'
import { findSecondFactor } from './account-store.ts'
import { senderOf } from './code-sender.ts'
import * as store from './store.ts'
import { DEMO_RESIDENT_PHONE } from './demo.ts'

const CODE_MINUTES = 5
const CODE_TRIES = 5
/** More than this to one number is somebody bothering its owner, or guessing. */
const CODES_PER_WINDOW = 6
const CODE_WINDOW_MINUTES = 10

/** A hash of nothing, so that an unknown name takes as long as a wrong password. */
const nobodysHash = hash(newSecret())

export async function signIn(
  app: App,
  _actor: Actor,
  { body, request, reply }: Given<typeof SignIn>,
): Promise<Me> {
  const account = await store.findAccount(app.db, body.username)
  if (account?.locked_until && account.locked_until > new Date()) {
    throw new CityError('locked_out', {
      retryAfter: Math.ceil((account.locked_until.getTime() - Date.now()) / 1000),
    })
  }
  const right = await verify(account?.password_hash ?? (await nobodysHash), body.password)
  // Demonstration accounts have a password that everybody knows.
  if (!account || !right || (account.simulated && !app.config.demo)) {
    if (account) await store.countFailure(app.db, account.id, MOST_FAILURES, lockUntil())
    throw new CityError('wrong_credentials')
  }
  // Failures are forgotten when both factors were right: else a stolen password would buy guesses without end.
  if ((await findSecondFactor(app.db, account.id))?.confirmed_at)
    return startSecond(app, account.id, request, reply)
  if (account.failed > 0) await store.clearFailures(app.db, account.id)
  return openSession(app, 'staff', account.id, request, reply)
}

/**
 * Sends a one-time code. The answer is the same whether the number is known or not. It goes by the
 * deployment's gateway, or to the server's console where there is none (code-sender.ts).
 */
export async function sendCode(app: App, _actor: Actor, { body }: Given<typeof SendCode>) {
  const code = String(randomInt(1_000_000)).padStart(6, '0')
  const phoneHash = app.vault.fingerprint(body.phone, 'phone')
  const sent = await store.putCode(
    app.db,
    {
      phone_hash: phoneHash,
      code_hash: app.vault.fingerprint(code, phoneHash),
      expires_at: new Date(Date.now() + CODE_MINUTES * 60_000),
    },
    CODE_WINDOW_MINUTES,
  )
  if (sent > CODES_PER_WINDOW)
    throw new CityError('too_many_requests', { retryAfter: CODE_WINDOW_MINUTES * 60 })
  const shown = app.config.demo && SIMULATED_PHONE.test(body.phone)
  if (!shown) await senderOf(app).send(body.phone, code)
  return { sent: true as const, expiresInSeconds: CODE_MINUTES * 60, ...(shown && { demoCode: code }) }
}

export async function signInByCode(
  app: App,
  _actor: Actor,
  { body, request, reply }: Given<typeof SignInByCode>,
): Promise<Me> {
  const phoneHash = app.vault.fingerprint(body.phone, 'phone')
  const row = await store.tryCode(app.db, phoneHash, CODE_TRIES)
  if (!row || row.code_hash !== app.vault.fingerprint(body.code, phoneHash)) throw new CityError('wrong_code')
  await store.dropCode(app.db, phoneHash)
  return openSession(app, 'resident', await personWithPhone(app, body.phone), request, reply)
}

/** The person with this number; somebody new is registered on the spot, placed in the city until they say where. */
export async function personWithPhone(
  app: App,
  phone: string,
  name?: string,
  placeCode = '31',
): Promise<string> {
  const phoneHash = app.vault.fingerprint(phone, 'phone')
  const known = await store.findPersonByPhone(app.db, phoneHash)
  if (known) return known.id
  const id = newId()
  await store.addPerson(app.db, {
    id,
    place_code: placeCode,
    name_sealed: app.vault.seal(name ?? `居民${phone.slice(-4)}`, 'person.name'),
    phone_sealed: app.vault.seal(phone, 'person.phone'),
    phone_hash: phoneHash,
    simulated: SIMULATED_PHONE.test(phone),
    created_at: app.clock.now(),
  })
  return id
}

export async function listDemoAccounts(app: App, actor: Actor, _given: Given<typeof ListDemoAccounts>) {
  if (!app.config.demo) return { demo: false, accounts: [], residentPhone: null }
  const rows = await store.listDemoAccounts(app.db)
  const accounts = await Promise.all(
    rows.map(async (r) => ({
      username: r.username,
      name: r.name,
      roles: [r.role as Role],
      place: await findPlacePath(app, r.place_code, actor.language),
      unit: r.unit_id,
    })),
  )
  return { demo: true, accounts, residentPhone: DEMO_RESIDENT_PHONE }
}

export async function signInDemo(
  app: App,
  _actor: Actor,
  { body, request, reply }: Given<typeof SignInDemo>,
): Promise<Me> {
  if (!app.config.demo) throw new CityError('not_found')
  if (body.username === 'resident')
    return openSession(app, 'resident', await personWithPhone(app, DEMO_RESIDENT_PHONE), request, reply)
  const account = await store.findAccount(app.db, body.username)
  if (!account?.simulated || account.username.startsWith('sim.')) throw new CityError('wrong_credentials')
  return openSession(app, 'staff', account.id, request, reply)
}

/** Makes a key for a machine; the secret is shown once and only its hash is kept. `days` of wall time. */
export async function createKey(
  app: Pick<App, 'db'>,
  given: { role: Role; place: string; unit?: string; days: number },
): Promise<{ id: string; secret: string; expiresAt: Date }> {
  const secret = newSecret()
  const id = newId()
  const expiresAt = new Date(Date.now() + given.days * 86_400_000)
  await store.addKey(app.db, {
    id,
    secret_hash: hashSecret(secret),
    role: given.role,
    place_code: given.place,
    unit_id: given.unit ?? null,
    expires_at: expiresAt,
    revoked_at: null,
  })
  return { id, secret, expiresAt }
}
