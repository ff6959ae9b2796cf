import type { FastifyReply, FastifyRequest } from 'fastify'
import type { App } from '#kernel/app.ts'
import { NOBODY, type Actor } from '#kernel/auth.ts'
import { audit } from '#kernel/audit.ts'
import { CityError } from '#kernel/errors.ts'
import type { Given } from '#kernel/http.ts'
import { hashSecret, idFrom, newSecret } from '#kernel/ids.ts'
import { findPlacePath } from '#capabilities/places/index.ts'
import * as accounts from './account-store.ts'
import type * as contract from './contract.ts'
import type * as own from './my-account.contract.ts'
import type { Me, Role } from './contract.ts'
import type { SessionView } from './my-account.contract.ts'
import { withGlass } from './glass-sight.ts'
import { mustDo, permissionsOf, shortAddress, shortDevice } from './rules.ts'
import * as store from './store.ts'

export const COOKIE = 'cityloop'
const STAFF_HOURS = 12
const RESIDENT_DAYS = 30
/** A desk that was left. An open screen counts as seen: the wall must not go dark. Residents' telephones lock themselves. */
const STAFF_IDLE_MINUTES = 30
/** When somebody was last seen is written once a minute at most: it would otherwise be a write a request. */
const SEEN_MS = 60_000
/** A revoked session works on for at most this long on another server that has just seen it; saves a query a request. */
const SESSION_CACHE_MS = 3_000

type Cache = { entries: Map<string, { actor: Actor; until: number }>; forgotten: number }
const caches = new WeakMap<App['live'], Cache>()

// Routines work with a copy of the app; what listens to the city is one for both.
function cacheOf(app: App): Cache {
  let cache = caches.get(app.live)
  if (!cache) caches.set(app.live, (cache = { entries: new Map(), forgotten: 0 }))
  if (cache.entries.size > 20_000) cache.entries.clear()
  return cache
}

/** What this server remembers of these sessions (hashes of secrets) or of everybody with this id ends now. */
export function forget(app: App, gone: { hashes?: readonly string[]; subjectId?: string }): void {
  const cache = cacheOf(app)
  // A look-up that began before this does not write its answer any more.
  cache.forgotten++
  for (const hash of gone.hashes ?? []) cache.entries.delete(hash)
  if (gone.subjectId === undefined) return
  for (const [hash, { actor }] of cache.entries) if (actor.id === gone.subjectId) cache.entries.delete(hash)
}

async function actorOfSession(app: App, secretHash: string): Promise<Actor> {
  const row = await store.findSession(app.db, secretHash, STAFF_IDLE_MINUTES)
  if (!row) return NOBODY
  if (Date.now() - row.seen_at.getTime() > SEEN_MS) await store.touchSession(app.db, secretHash)
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
  const account = await accounts.findAccountState(app.db, row.subject_id)
  if (!account || account.disabled_at || (account.simulated && !app.config.demo)) return NOBODY
  const held = await store.grantsOf(app.db, account.id)
  const grants = mustDo(account, held) ? [] : held
  return {
    kind: 'staff',
    language: 'zh',
    id: account.id,
    name: account.name,
    grants,
    may: await withGlass(app, account.id, permissionsOf(grants)),
    sessionId: row.secret_hash,
  }
}

async function actorOfKey(app: App, secretHash: string): Promise<Actor> {
  const row = await store.findKey(app.db, secretHash)
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
  const secret = cookie || bearer
  if (!secret) return NOBODY
  const hash = hashSecret(secret)
  const cache = cacheOf(app)
  const hit = cache.entries.get(hash)
  if (hit && hit.until > Date.now()) return hit.actor
  const { forgotten } = cache
  const actor = cookie ? await actorOfSession(app, hash) : await actorOfKey(app, hash)
  // A browser may still hold an old cookie while a tool sends a key.
  const found = actor === NOBODY && cookie && bearer ? await actorOfKey(app, hashSecret(bearer)) : actor
  if (cache.forgotten === forgotten)
    cache.entries.set(hash, { actor: found, until: Date.now() + SESSION_CACHE_MS })
  return found
}

async function mustOf(app: App, actor: Actor): Promise<Me['must']> {
  if (actor.kind !== 'staff' || actor.grants.length > 0) return null
  const account = await accounts.findAccountState(app.db, actor.id)
  return account ? mustDo(account, await store.grantsOf(app.db, account.id)) : null
}

export async function describe(app: App, actor: Actor): Promise<Me> {
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
    must: await mustOf(app, actor),
  }
}

export async function getMe(app: App, actor: Actor, _given: Given<typeof contract.GetMe>): Promise<Me> {
  return describe(app, actor)
}

/** Opens a session for somebody who has proved who they are, and gives its cookie to the browser. */
export async function openSession(
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
    device: shortDevice(request.headers['user-agent'] ?? ''),
    address: shortAddress(request.ip),
  })
  reply.setCookie(COOKIE, secret, {
    httpOnly: true,
    sameSite: 'strict',
    secure: request.protocol === 'https',
    path: '/',
    maxAge: seconds,
  })
  const actor = await actorOfSession(app, hashSecret(secret))
  await audit(app.db, actor, 'session.open', subjectId)
  return describe(app, { ...actor, language: request.actor.language })
}

export async function signOut(
  app: App,
  actor: Actor,
  { reply }: Given<typeof contract.SignOut>,
): Promise<{ ok: true }> {
  if (actor.sessionId) {
    await store.revokeSession(app.db, actor.sessionId)
    forget(app, { hashes: [actor.sessionId] })
  }
  reply.clearCookie(COOKIE, { path: '/' })
  return { ok: true }
}

/** A person with a session: machine keys have none and cannot do what belongs to an account. */
function ownSession(actor: Actor): { kind: 'staff' | 'resident'; current: string } {
  if (!actor.sessionId || (actor.kind !== 'staff' && actor.kind !== 'resident'))
    throw new CityError('not_allowed')
  return { kind: actor.kind, current: actor.sessionId }
}

export const toSessionView =
  (current: string | undefined) =>
  (row: Awaited<ReturnType<typeof accounts.listSessions>>[number]): SessionView => ({
    id: row.id,
    device: row.device,
    address: row.address,
    createdAt: row.created_at.toISOString(),
    seenAt: row.seen_at.toISOString(),
    expiresAt: row.expires_at.toISOString(),
    current: row.secret_hash === current,
  })

export const listSessionsOf = (app: App, kind: 'staff' | 'resident', subjectId: string) =>
  accounts.listSessions(app.db, kind, subjectId, kind === 'staff' ? STAFF_IDLE_MINUTES : undefined)

export async function listMySessions(app: App, actor: Actor, _given: Given<typeof own.ListMySessions>) {
  const { kind, current } = ownSession(actor)
  return { items: (await listSessionsOf(app, kind, actor.id)).map(toSessionView(current)) }
}

export async function revokeMySession(
  app: App,
  actor: Actor,
  { params }: Given<typeof own.RevokeMySession>,
): Promise<{ ok: true }> {
  const { kind } = ownSession(actor)
  const hashes = await app.db.transaction().execute(async (trx) => {
    const ended = await accounts.endSessions(trx, kind, actor.id, { id: params.id })
    if (ended.length === 0) throw new CityError('session_not_found')
    await audit(trx, actor, 'session.revoke', actor.id, { data: { session: params.id } })
    return ended
  })
  forget(app, { hashes })
  return { ok: true }
}

export async function revokeMyOtherSessions(
  app: App,
  actor: Actor,
  _given: Given<typeof own.RevokeMyOtherSessions>,
): Promise<{ ended: number }> {
  const { kind, current } = ownSession(actor)
  const hashes = await app.db.transaction().execute(async (trx) => {
    const ended = await accounts.endSessions(trx, kind, actor.id, { except: current })
    await audit(trx, actor, 'session.revoke_others', actor.id, { data: { ended: ended.length } })
    return ended
  })
  forget(app, { hashes })
  return { ended: hashes.length }
}
