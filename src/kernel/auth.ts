import type { Scope } from './db.ts'
import { CityError } from './errors.ts'

/** A role held for a place and everything in it, possibly as a member of a unit. */
export type Grant = { role: string; place: string; unit: string | null }

/** The language that names in an answer are given in (Accept-Language); Chinese first. */
export type Language = 'zh' | 'en'

/** Whoever acts: the one argument by which every action decides what is allowed. */
export type Actor = {
  kind: 'nobody' | 'resident' | 'staff' | 'machine' | 'service'
  /** Person, account or key id; `nobody` and the service's name otherwise. */
  id: string
  name: string
  language: Language
  grants: readonly Grant[]
  /** What the roles allow, with the places: permission → place prefixes. */
  may: ReadonlyMap<string, readonly string[]>
  sessionId?: string
}

export const NOBODY: Actor = {
  kind: 'nobody',
  id: 'nobody',
  name: '',
  language: 'zh',
  grants: [],
  may: new Map(),
}

/** The system itself acting by a named rule or clock. */
export const service = (name: string): Actor => ({
  kind: 'service',
  id: name,
  name,
  language: 'zh',
  grants: [],
  may: new Map(),
})

/** Whether the actor holds the permission at the place (or anywhere, without a place). */
export function may(actor: Actor, permission: string, place?: string): boolean {
  if (actor.kind === 'service') return true
  const places = actor.may.get(permission)
  if (!places) return false
  return place === undefined || places.some((prefix) => place.startsWith(prefix))
}

/** Refuses with `not_allowed` where `may` says no. */
export function must(actor: Actor, permission: string, place?: string): void {
  if (!may(actor, permission, place)) throw new CityError('not_allowed')
}

/** What the database shows to this actor when it uses this permission. */
export function scopeOf(actor: Actor, permission: string): Scope {
  if (actor.kind === 'service') return { as: 'service' }
  if (actor.kind === 'resident') return { as: 'resident', personId: actor.id }
  const places = actor.may.get(permission)
  return places ? { as: 'staff', places } : { as: 'nobody' }
}

/** What stands before a handler; visible where the route is registered. */
export type Guard =
  | { needs: 'nothing' }
  | { needs: 'resident' }
  | { needs: 'signed-in' }
  | { needs: 'permission'; permission: string }

export const anyone: Guard = { needs: 'nothing' }
export const resident: Guard = { needs: 'resident' }
export const signedIn: Guard = { needs: 'signed-in' }
export const requires = (permission: string): Guard => ({ needs: 'permission', permission })

/** Checks a guard: 401 for somebody unknown, 403 for somebody who may not. */
export function check(guard: Guard, actor: Actor): void {
  if (guard.needs === 'nothing') return
  if (actor.kind === 'nobody') throw new CityError('not_signed_in')
  if (guard.needs === 'resident' && actor.kind !== 'resident') throw new CityError('not_allowed')
  if (guard.needs === 'permission' && !may(actor, guard.permission)) throw new CityError('not_allowed')
}
