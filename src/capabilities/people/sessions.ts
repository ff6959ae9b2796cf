import type { FastifyReply, FastifyRequest } from 'fastify'
import type { App } from '#kernel/app.ts'
import type { Actor } from '#kernel/auth.ts'
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
import { actorOfSession, COOKIE, forget, STAFF_IDLE_MINUTES } from './authenticate.ts'
import { mustDo, shortAddress, shortDevice } from './rules.ts'
import * as store from './store.ts'

const STAFF_HOURS = 12
const RESIDENT_DAYS = 30

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
