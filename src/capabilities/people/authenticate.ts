import type { FastifyRequest } from 'fastify'
import type { App } from '#kernel/app.ts'
import { NOBODY, type Actor } from '#kernel/auth.ts'
import { makeBatcher, type Batcher } from '#kernel/batch.ts'
import { hashSecret } from '#kernel/ids.ts'
import * as accounts from './account-store.ts'
import { withGlass } from './glass-sight.ts'
import { mustDo, permissionsOf } from './rules.ts'
import * as store from './store.ts'

export const COOKIE = 'cityloop'
/** A desk that was left. An open screen counts as seen: the wall must not go dark. Residents' telephones lock themselves. */
export const STAFF_IDLE_MINUTES = 30
/** When somebody was last seen is written once a minute at most: it would otherwise be a write a request. */
const SEEN_MS = 60_000
/** A revoked session works on for at most this long on another server that has just seen it; saves a query a request. */
const REMEMBERED_MS = 3_000
const MOST_REMEMBERED = 20_000

type Kind = 'session' | 'key'
type Memory = {
  known: Map<string, { actor: Actor; until: number }>
  /** Look-ups under way: whoever asks meanwhile waits for the same answer. */
  looking: Map<string, Promise<Actor>>
  sessions?: Batcher<string, store.FoundSession | undefined>
}
const memories = new WeakMap<App['live'], Memory>()

// Routines work with a copy of the app; what listens to the city is one for both.
function memoryOf(app: App): Memory {
  let memory = memories.get(app.live)
  if (!memory) memories.set(app.live, (memory = { known: new Map(), looking: new Map() }))
  if (memory.known.size > MOST_REMEMBERED) memory.known.clear()
  return memory
}

/** What this server remembers of these sessions (hashes of secrets) or of everybody with this id ends now. */
export function forget(app: App, gone: { hashes?: readonly string[]; subjectId?: string }): void {
  const memory = memoryOf(app)
  // A look-up that began before this is not remembered, and nobody else gets its answer.
  for (const hash of gone.hashes ?? []) {
    memory.looking.delete(`session ${hash}`)
    memory.known.delete(`session ${hash}`)
  }
  if (gone.subjectId === undefined) return
  // Whose they are is not known before they end.
  memory.looking.clear()
  for (const [key, { actor }] of memory.known) if (actor.id === gone.subjectId) memory.known.delete(key)
}

/**
 * A crowd comes with a thousand sessions within three seconds: read one by one, session and person, they were 2,300 of
 * 4,000 statements a second under three times capacity. Those that are asked for at the same time are one statement.
 */
function sessionsOf(app: App): Batcher<string, store.FoundSession | undefined> {
  return (memoryOf(app).sessions ??= makeBatcher({
    most: 200,
    lanes: 2,
    flush: async (hashes: readonly string[]) => {
      const rows = await store.findSessions(app.db, hashes, STAFF_IDLE_MINUTES)
      const before = Date.now() - SEEN_MS
      const stale = rows.filter((r) => r.seen_at.getTime() < before).map((r) => r.secret_hash)
      // Not waited for: whether it could be written that they were seen is nobody's reason to be turned away.
      if (stale.length > 0)
        store
          .touchSessions(app.db, stale)
          .catch((error: unknown) => app.log.warn({ err: String(error) }, 'sessions seen'))
      const found = new Map(rows.map((r) => [r.secret_hash, r]))
      return hashes.map((hash) => found.get(hash))
    },
  }))
}

export async function actorOfSession(app: App, secretHash: string): Promise<Actor> {
  const row = await sessionsOf(app).add(secretHash)
  if (!row) return NOBODY
  if (row.kind === 'resident') {
    if (row.name_sealed === null || row.place_code === null) return NOBODY
    return {
      kind: 'resident',
      language: 'zh',
      id: row.subject_id,
      name: app.vault.open(row.name_sealed, 'person.name'),
      grants: [{ role: 'resident', place: row.place_code, unit: null }],
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

const LOOK: Record<Kind, (app: App, hash: string) => Promise<Actor>> = {
  session: actorOfSession,
  key: actorOfKey,
}

async function actorBehind(app: App, kind: Kind, secret: string): Promise<Actor> {
  const hash = hashSecret(secret)
  const key = `${kind} ${hash}`
  const memory = memoryOf(app)
  const hit = memory.known.get(key)
  if (hit && hit.until > Date.now()) return hit.actor
  const under = memory.looking.get(key)
  if (under) return under
  const look: Promise<Actor> = LOOK[kind](app, hash)
    .then((actor) => {
      if (memory.looking.get(key) === look)
        memory.known.set(key, { actor, until: Date.now() + REMEMBERED_MS })
      return actor
    })
    .finally(() => {
      if (memory.looking.get(key) === look) memory.looking.delete(key)
    })
  memory.looking.set(key, look)
  return look
}

/** Who sends this request: the session cookie, or else a machine key (`Authorization: Bearer`). */
export async function authenticate(app: App, request: FastifyRequest): Promise<Actor> {
  const cookie = request.cookies[COOKIE]
  const actor = cookie ? await actorBehind(app, 'session', cookie) : NOBODY
  if (actor !== NOBODY) return actor
  // A browser may still hold an old cookie while a tool sends a key.
  const bearer = /^Bearer ([\w-]{20,100})$/.exec(request.headers.authorization ?? '')?.[1]
  return bearer ? actorBehind(app, 'key', bearer) : NOBODY
}
