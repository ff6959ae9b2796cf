import { hash, verify } from '@node-rs/argon2'
import { randomInt } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { App } from '#kernel/app.ts'
import { NOBODY, type Actor } from '#kernel/auth.ts'
import { audit } from '#kernel/audit.ts'
import { CityError } from '#kernel/errors.ts'
import { hashSecret, idFrom, newId, newSecret } from '#kernel/ids.ts'
import type { Given } from '#kernel/http.ts'
import { findPlacePath } from '#capabilities/places/index.ts'
import type {
  GetMe,
  ListDemoAccounts,
  Me,
  Role,
  SendCode,
  SignIn,
  SignInByCode,
  SignInDemo,
  SignOut,
} from './contract.ts'
import { permissionsOf, SIMULATED_PHONE } from './rules.ts'
import * as store from './store.ts'
import { DEMO_RESIDENT_PHONE } from './demo.ts'

const COOKIE = 'cityloop'
const STAFF_HOURS = 12
const RESIDENT_DAYS = 30
const MOST_FAILURES = 8
const LOCKED_MINUTES = 15
const CODE_MINUTES = 5
const CODE_TRIES = 5
/** More than this to one number is somebody bothering its owner, or guessing. */
const CODES_PER_WINDOW = 6
const CODE_WINDOW_MINUTES = 10
/** A revoked session works on for at most this long on a server that has just seen it; saves one query a request. */
const SESSION_CACHE_MS = 3_000

const cached = new WeakMap<App, Map<string, { actor: Actor; until: number }>>()

function cacheOf(app: App) {
  let map = cached.get(app)
  if (!map) cached.set(app, (map = new Map()))
  if (map.size > 20_000) map.clear()
  return map
}

async function actorOfSession(app: App, secret: string): Promise<Actor> {
  const row = await store.findSession(app.db, hashSecret(secret))
  if (!row) return NOBODY
  if (row.kind === 'resident') {
    const person = await store.findPerson(app.db, row.subject_id)
    if (!person) return NOBODY
    return {
      kind: 'resident',
      language: 'zh',
      id: person.id,
      name: app.vault.open(person.name_sealed, 'person.name'),
      grants: [{ role: 'resident', place: person.place_code, unit: null }],
      may: new Map(),
      sessionId: row.secret_hash,
    }
  }
  const account = await app.db
    .selectFrom('account')
    .select(['id', 'name', 'disabled_at'])
    .where('id', '=', row.subject_id)
    .executeTakeFirst()
  if (!account || account.disabled_at) return NOBODY
  const grants = await store.grantsOf(app.db, account.id)
  return {
    kind: 'staff',
    language: 'zh',
    id: account.id,
    name: account.name,
    grants,
    may: permissionsOf(grants),
    sessionId: row.secret_hash,
  }
}

async function actorOfKey(app: App, secret: string): Promise<Actor> {
  const row = await store.findKey(app.db, hashSecret(secret))
  if (!row) return NOBODY
  const grants = [{ role: row.role, place: row.place_code, unit: row.unit_id }]
  return {
    kind: 'machine',
    language: 'zh',
    id: row.id,
    name: `key ${row.id.slice(0, 8)}`,
    grants,
    may: permissionsOf(grants),
  }
}

/** Who sends this request: the session cookie, or else a machine key (`Authorization: Bearer`). */
export async function authenticate(app: App, request: FastifyRequest): Promise<Actor> {
  const cookie = request.cookies[COOKIE]
  const bearer = /^Bearer ([\w-]{20,100})$/.exec(request.headers.authorization ?? '')?.[1]
  const secret = cookie ?? bearer
  if (!secret) return NOBODY
  const cache = cacheOf(app)
  const hit = cache.get(secret)
  if (hit && hit.until > Date.now()) return hit.actor
  const actor = cookie ? await actorOfSession(app, cookie) : await actorOfKey(app, secret)
  // A browser may still hold an old cookie while a tool sends a key.
  const found = actor === NOBODY && cookie && bearer ? await actorOfKey(app, bearer) : actor
  cache.set(secret, { actor: found, until: Date.now() + SESSION_CACHE_MS })
  return found
}

async function describe(app: App, actor: Actor): Promise<Me> {
  const grant = actor.grants[0]
  const unit = grant?.unit ? await store.findUnit(app.db, grant.unit) : undefined
  return {
    id: actor.kind === 'nobody' ? null : idFrom('me', actor.kind, actor.id),
    kind: actor.kind as Me['kind'],
    name: actor.name,
    roles: actor.grants.map((g) => g.role as Role),
    may: Object.fromEntries([...actor.may].map(([permission, places]) => [permission, [...places]])),
    place: grant ? { code: grant.place, path: await findPlacePath(app, grant.place, actor.language) } : null,
    unit: unit ? { id: unit.id, name: unit.name, nameEn: unit.name_en } : null,
    demo: app.config.demo,
  }
}

export async function getMe(app: App, actor: Actor, _given: Given<typeof GetMe>): Promise<Me> {
  return describe(app, actor)
}

async function openSession(
  app: App,
  kind: 'staff' | 'resident',
  subjectId: string,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<Me> {
  const secret = newSecret()
  const seconds = kind === 'staff' ? STAFF_HOURS * 3600 : RESIDENT_DAYS * 86_400
  await store.addSession(app.db, {
    secret_hash: hashSecret(secret),
    kind,
    subject_id: subjectId,
    expires_at: new Date(Date.now() + seconds * 1000),
  })
  reply.setCookie(COOKIE, secret, {
    httpOnly: true,
    sameSite: 'strict',
    secure: request.protocol === 'https',
    path: '/',
    maxAge: seconds,
  })
  const actor = await actorOfSession(app, secret)
  await audit(app.db, actor, 'session.open', subjectId)
  return describe(app, actor)
}

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
  if (!account || !right) {
    if (account)
      await store.countFailure(
        app.db,
        account.id,
        MOST_FAILURES,
        new Date(Date.now() + LOCKED_MINUTES * 60_000),
      )
    throw new CityError('wrong_credentials')
  }
  if (account.failed > 0) await store.clearFailures(app.db, account.id)
  return openSession(app, 'staff', account.id, request, reply)
}

export async function signOut(
  app: App,
  actor: Actor,
  { reply, request }: Given<typeof SignOut>,
): Promise<{ ok: true }> {
  if (actor.sessionId) await store.revokeSession(app.db, actor.sessionId)
  const cookie = request.cookies[COOKIE]
  if (cookie) cacheOf(app).delete(cookie)
  reply.clearCookie(COOKIE, { path: '/' })
  return { ok: true }
}

/**
 * Sends a one-time code. The answer is the same whether the number is known or not. The only sender so far writes to
 * the server's console; a deployment puts its own in its place.
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
  if (!shown) process.stdout.write(`One-time code for a number ending in ${body.phone.slice(-2)}: ${code}\n`)
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
