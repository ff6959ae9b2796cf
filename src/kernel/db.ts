import { AsyncLocalStorage } from 'node:async_hooks'
import {
  CompiledQuery,
  Kysely,
  PostgresDialect,
  PostgresDriver,
  sql,
  type DatabaseConnection,
  type PostgresDialectConfig,
  type Transaction,
  type TransactionSettings,
} from 'kysely'
import pg from 'pg'
import { CityError, type ErrorCode } from './errors.ts'
import type { Log } from './log.ts'

/**
 * All tables. Each capability's store.ts adds its own by declaration merging, so that a table's type stands
 * beside its SQL: `declare module '#kernel/db.ts' { interface DB { … } }`.
 */
export interface DB {
  city_clock: { one: boolean; wall_at: Date; city_at: Date; speed: number }
}

export type Db = Kysely<DB>
export type Trx = Transaction<DB>

// int8 (counts, sequences) fits a double in everything that we count; numeric stays text.
pg.types.setTypeParser(pg.types.builtins.INT8, Number)

/** What the next transaction begun from here opens with; taken once. */
const openings = new AsyncLocalStorage<{ text: string | undefined }>()

/**
 * Begins a transaction and says who it is for in one message: of the six a crowd's look at its list needed, each cost
 * 40 µs here and a process woken there.
 */
class ScopedDriver extends PostgresDriver {
  override async beginTransaction(
    connection: DatabaseConnection,
    settings: TransactionSettings,
  ): Promise<void> {
    const opening = openings.getStore()
    const text = opening?.text
    if (!opening || text === undefined) return super.beginTransaction(connection, settings)
    opening.text = undefined
    try {
      await connection.executeQuery(CompiledQuery.raw(`begin; ${text}`))
    } catch (error) {
      // It may have begun all the same; a connection must not go back to the pool inside a transaction.
      await connection.executeQuery(CompiledQuery.raw('rollback')).catch(() => undefined)
      throw error
    }
  }
}

class ScopedDialect extends PostgresDialect {
  readonly #config: PostgresDialectConfig
  constructor(config: PostgresDialectConfig) {
    super(config)
    this.#config = config
  }
  override createDriver(): ScopedDriver {
    return new ScopedDriver(this.#config)
  }
}

/**
 * Put behind the first word of a statement that a crowd repeats (`modifyFront`, or `with ${KEPT} …`): the connection keeps its
 * plan. Its text must not change from call to call (arrays, not lists), nor its columns with the table. Looking at orders weighs
 * thirty indexes each time otherwise, which took longer than reading the rows; sealing one tube took 0.5 to 0.9 ms instead of
 * 1.6 to 3.0, a hundred a tenth less.
 */
export const KEPT = sql.raw('/*kept*/')
const KEPT_TEXTS = ['select /*kept*/ ', 'with /*kept*/ ']
const keptNames = new Map<string, string>()

function nameOf(text: string): string {
  let name = keptNames.get(text)
  if (!name) keptNames.set(text, (name = `kept_${keptNames.size}`))
  return name
}

function keepPlans(client: pg.PoolClient): void {
  const plain = client.query.bind(client) as (what: unknown, ...more: unknown[]) => unknown
  const query = (what: unknown, ...more: unknown[]) =>
    typeof what === 'string' && KEPT_TEXTS.some((start) => what.startsWith(start))
      ? plain({ name: nameOf(what), text: what }, ...more)
      : plain(what, ...more)
  client.query = query as typeof client.query
}

/** Opens the pool. `role` is taken on every connection: row-level security holds for it (migrations/000001). */
export function openDb(
  url: string,
  given: { role?: string; max?: number; log?: Log; name?: string } = {},
): { db: Db; pool: pg.Pool } {
  const pool = new pg.Pool({
    connectionString: url,
    max: given.max ?? 20,
    connectionTimeoutMillis: 2_000,
    idleTimeoutMillis: 30_000,
    application_name: given.name ?? 'cityloop',
    options: `${given.role ? `-c role=${given.role} ` : ''}-c statement_timeout=15000 -c lock_timeout=5000 -c idle_in_transaction_session_timeout=20000`,
  })
  // A lost connection in the pool is not an event for us: the next query opens another.
  const lost = (error: Error) => given.log?.warn({ err: error.message }, 'database connection lost')
  pool.on('error', lost)
  pool.on('connect', (client) => {
    client.on('error', lost)
    keepPlans(client)
  })
  return { db: new Kysely<DB>({ dialect: new ScopedDialect({ pool }) }), pool }
}

/** What stands in an array without quotes; the word null would be no value there. */
const PLAIN = /^[\w.:|+-]+(?:,[\w.:|+-]+)*$/
const NULL = /(?:^|,)null(?:,|$)/i

/**
 * Values as one parameter to `unnest`. Written element by element, each with its quotes, they took a tenth of the thread
 * under sealing: what needs none (identifiers, codes, instants, numbers) is joined at once, anything else is quoted as ever.
 */
export function plainArray(values: readonly (string | number | boolean)[]): string | string[] {
  const text = values.join(',')
  const isPlain = PLAIN.test(text) && !NULL.test(text) && text.split(',').length === values.length
  return isPlain ? `{${text}}` : values.map(String)
}

/** Who a query runs for, as row-level security sees it. */
export type Scope =
  | { as: 'service' }
  | { as: 'staff'; places: readonly string[] }
  | { as: 'resident'; personId: string }
  | { as: 'nobody' }

/** Range of codes that holds every prefix: lets a list walk its index even under row-level security. */
export function span(prefixes: readonly string[]): { lo: string; hi: string } {
  if (prefixes.length === 0) return { lo: '~', hi: '~' }
  const sorted = [...prefixes].sort()
  const last = sorted.at(-1)!
  return { lo: sorted[0]!, hi: last.slice(0, -1) + String.fromCharCode(last.charCodeAt(last.length - 1) + 1) }
}

function settings(scope: Scope): [name: string, value: string][] {
  if (scope.as === 'service') return [['role', 'cityloop_service']]
  if (scope.as === 'nobody')
    return [
      ['role', 'cityloop_staff'],
      ['cityloop.lo', '~'],
      ['cityloop.hi', '~'],
      ['cityloop.places', ''],
    ]
  if (scope.as === 'resident')
    return [
      ['role', 'cityloop_resident'],
      ['cityloop.person', scope.personId],
    ]
  const { lo, hi } = span(scope.places)
  // One prefix is wholly described by lo and hi; the per-row check of several is then skipped.
  const places = scope.places.length === 1 ? '' : scope.places.join(',')
  return [
    ['role', 'cityloop_staff'],
    ['cityloop.lo', lo],
    ['cityloop.hi', hi],
    ['cityloop.places', places],
  ]
}

/** From here on the running transaction sees what the scope may see. */
export async function enter(trx: Trx, scope: Scope): Promise<void> {
  await trx.executeQuery(CompiledQuery.raw(entering(scope)))
}

const entering = (scope: Scope): string =>
  `select ${settings(scope)
    .map(([name, value]) => `set_config('${name}', ${pg.escapeLiteral(value)}, true)`)
    .join(', ')}`

/** Runs `work` in one transaction in which the database itself shows only what the scope may see. */
export async function within<T>(db: Db, scope: Scope, work: (trx: Trx) => Promise<T>): Promise<T> {
  return openings.run({ text: entering(scope) }, () => db.transaction().execute(work))
}

/** Raises the rights of the running transaction to the service's, for what the system itself does in it. */
export async function asService(trx: Trx): Promise<void> {
  await sql`set local role cityloop_service`.execute(trx)
}

const CONSTRAINTS: Record<string, ErrorCode> = {}

/** Names the error code that a broken constraint means; called beside the SQL of each capability. */
export function meaning(constraints: Record<string, ErrorCode>): void {
  Object.assign(CONSTRAINTS, constraints)
}

const AWAY = new Set([
  '57P01',
  '57P02',
  '57P03',
  '08000',
  '08003',
  '08006',
  '53300',
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ENOENT',
  'ETIMEDOUT',
])

/** Turns what the database said into one of our errors; undefined when it is none of theirs. */
export function databaseError(error: unknown): CityError | undefined {
  if (!(error instanceof Error)) return undefined
  const { code, constraint } = error as { code?: string; constraint?: string }
  if (constraint && CONSTRAINTS[constraint]) return new CityError(CONSTRAINTS[constraint])
  if (code && AWAY.has(code)) return new CityError('database_unavailable', { retryAfter: 2 })
  if (
    /Connection terminated|timeout exceeded when trying to connect|connection timeout/i.test(error.message)
  ) {
    return new CityError('database_unavailable', { retryAfter: 2 })
  }
  // 40P01: two held what the other wanted; nothing of ours is written, and once more will do.
  if (code === '57014' || code === '55P03' || code === '40P01')
    return new CityError('too_slow', { retryAfter: 5 })
  // Text that PostgreSQL cannot hold (a NUL) or a number out of range that passed the contract.
  if (code === '22021' || code === '22P05' || code === '22003') return new CityError('bad_input')
  if (code === '42501') return new CityError('not_allowed')
  return undefined
}
