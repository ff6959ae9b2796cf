import {
  sql,
  type Generated,
  type Insertable,
  type RawBuilder,
  type Selectable,
  type Updateable,
} from 'kysely'
import { meaning, span, type DB, type Db, type Trx } from '#kernel/db.ts'
import { CityError } from '#kernel/errors.ts'
import type { Action, ClockKind, State } from './contract.ts'
import type { ToldLevel } from './rules.ts'

type Computed<T> = import('kysely').ColumnType<T, never, never>

declare module '#kernel/db.ts' {
  interface DB {
    work_order: {
      id: string
      number: string
      kind: string
      title: string
      place_code: string
      district: Computed<string>
      subdistrict: Computed<string>
      address: string | null
      lng: number | null
      lat: number | null
      element: string | null
      urgent: boolean
      urgency_kind: string | null
      state: State
      open: Computed<boolean>
      unit_id: string | null
      reporter_id: string | null
      source: string
      opened_at: Date
      due_at: Date | null
      due_kind: ClockKind | null
      overdue: Generated<boolean>
      resolved_at: Date | null
      closed_at: Date | null
      returns: Generated<number>
      redos: Generated<number>
      score: number | null
      solved: boolean | null
      merged_into: string | null
      merged_at: Date | null
      process: string | null
      direct: Generated<boolean>
      extensions: Generated<number>
      arbitrated: Generated<boolean>
      nudges: Generated<number>
      nudged_at: Date | null
      supervised_by: string | null
      supervised_since: Date | null
      supervised_until: Date | null
      card: 'yellow' | 'red' | null
      told_level: ToldLevel | null
      held_state: State | null
      held_kind: ClockKind | null
      held_left: number | null
      held_working: boolean | null
      held_overdue: boolean | null
      held_by: string | null
      asked_until: Date | null
      version: Generated<number>
      simulated: boolean
    }
    order_event: {
      order_id: string
      seq: number
      id: string
      place_code: string
      reporter_id: string | null
      action: Action
      from_state: State | null
      to_state: State
      actor_kind: string
      actor_id: string
      actor_name: string
      unit_id: string | null
      at: Date
      note: string | null
      public: Generated<boolean>
      data: unknown
    }
    order_clock: {
      order_id: string
      kind: ClockKind
      run: number
      started_at: Date
      due_at: Date
      stopped_at: Date | null
      fired_at: Date | null
      pack_id: string | null
      clause: string | null
      working: Generated<boolean>
      warn_at: Date | null
      warned_at: Date | null
    }
  }
}

meaning({ order_event_id: 'same_id_other_content', order_open_has_deadline: 'action_not_allowed' })

export type OrderRecord = Selectable<DB['work_order']>
export type EventRecord = Selectable<DB['order_event']>
type Any = Db | Trx

/** Day and running number, e.g. 20220607-000123: for people; the id is what counts. */
export async function newNumber(db: Any, at: Date): Promise<string> {
  const day = new Date(at.getTime() + 8 * 3_600_000).toISOString().slice(0, 10).replaceAll('-', '')
  const { rows } = await sql<{ n: number }>`select nextval('order_number') as n`.execute(db)
  return `${day}-${String(rows[0]!.n).padStart(6, '0')}`
}

/** Adds the order; false when the same id is already there. */
export async function insertOrder(trx: Trx, row: Insertable<DB['work_order']>): Promise<boolean> {
  const done = await trx
    .insertInto('work_order')
    .values(row)
    .onConflict((c) => c.column('id').doNothing())
    .executeTakeFirst()
  return (done.numInsertedOrUpdatedRows ?? 0n) > 0n
}

export const findOrder = (db: Any, id: string) =>
  db.selectFrom('work_order').selectAll().where('id', '=', id).executeTakeFirst()

export async function getOrder(db: Any, id: string): Promise<OrderRecord> {
  const row = await findOrder(db, id)
  if (!row) throw new CityError('order_not_found')
  return row
}

/** Loads the order and holds it until the transaction ends, so that two people do not act on one order at once. */
export async function lockOrder(trx: Trx, id: string): Promise<OrderRecord> {
  const row = await trx
    .selectFrom('work_order')
    .selectAll()
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst()
  if (!row) throw new CityError('order_not_found')
  return row
}

export const updateOrder = (trx: Trx, id: string, change: Updateable<DB['work_order']>) =>
  trx
    .updateTable('work_order')
    .set({ ...change, version: sql`version + 1` })
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirstOrThrow()

export const insertEvent = (trx: Trx, row: Omit<Insertable<DB['order_event']>, 'seq'>) =>
  trx
    .insertInto('order_event')
    .values({
      ...row,
      seq: sql<number>`(select coalesce(max(seq), 0) + 1 from order_event where order_id = ${row.order_id})`,
    })
    .returningAll()
    .executeTakeFirstOrThrow()

export const findEvent = (db: Any, orderId: string, id: string) =>
  db
    .selectFrom('order_event')
    .selectAll()
    .where('order_id', '=', orderId)
    .where('id', '=', id)
    .executeTakeFirst()

export const eventsOf = (db: Any, orderId: string) =>
  db.selectFrom('order_event').selectAll().where('order_id', '=', orderId).orderBy('seq').execute()

export const clocksOf = (db: Any, orderId: string) =>
  db
    .selectFrom('order_clock')
    .selectAll()
    .where('order_id', '=', orderId)
    .orderBy('started_at')
    .orderBy('run')
    .execute()

export type NewClock = {
  kind: ClockKind
  startedAt: Date
  dueAt: Date
  /** Counts working days only. */
  working?: boolean
  /** It has been late before and was told then. */
  fired?: boolean
  warnAt?: Date | null
  packId?: string
  /** Left out where a clock goes on: it keeps pack and clause of the one before. */
  clause?: string | undefined
}

/** Starts the next clock of this kind; the others go on. */
export async function addClock(trx: Trx, orderId: string, c: NewClock) {
  const before = (column: 'pack_id' | 'clause') =>
    sql<string>`(select ${sql.ref(column)} from order_clock where order_id = ${orderId} and kind = ${c.kind} order by run desc limit 1)`
  await trx
    .insertInto('order_clock')
    .values({
      order_id: orderId,
      kind: c.kind,
      run: sql<number>`(select count(*) + 1 from order_clock where order_id = ${orderId} and kind = ${c.kind})`,
      started_at: c.startedAt,
      due_at: c.dueAt,
      stopped_at: null,
      fired_at: c.fired ? c.startedAt : null,
      working: c.working ?? false,
      warn_at: c.warnAt ?? null,
      pack_id: c.clause === undefined ? before('pack_id') : (c.packId ?? null),
      clause: c.clause ?? before('clause'),
    })
    .execute()
}

/** Stops what runs and starts the next clock. */
export async function startClock(trx: Trx, orderId: string, clock: NewClock) {
  await stopClocks(trx, orderId, clock.startedAt)
  await addClock(trx, orderId, clock)
}

export const stopClocks = (trx: Trx, orderId: string, at: Date) =>
  trx
    .updateTable('order_clock')
    .set({ stopped_at: at })
    .where('order_id', '=', orderId)
    .where('stopped_at', 'is', null)
    .execute()

type TakenClock = Pick<
  Selectable<DB['order_clock']>,
  'order_id' | 'kind' | 'run' | 'due_at' | 'pack_id' | 'clause'
>

/**
 * The order is locked before its clock, as who acts on it does (the other way round the two waited for each other and
 * somebody was told of an internal error); one that is being acted on is left for the next sweep.
 */
const take = async (
  trx: Trx,
  limit: number,
  given: { mark: 'fired_at' | 'warned_at'; by: 'due_at' | 'warn_at'; now: Date },
): Promise<TakenClock[]> => {
  const [mark, by] = [sql.ref(given.mark), sql.ref(given.by)]
  const { rows } = await sql<TakenClock>`
    with due as materialized (
      select order_id, kind, run from order_clock
      where stopped_at is null and ${mark} is null and ${by} <= ${given.now} order by ${by} limit ${limit}
    ), held as materialized (
      select id from work_order where id in (select order_id from due) order by id for update skip locked
    )
    update order_clock c set ${mark} = ${given.now} from due, held
    where due.order_id = held.id and c.order_id = due.order_id and c.kind = due.kind and c.run = due.run
      and c.stopped_at is null and c.${mark} is null
    returning c.order_id, c.kind, c.run, c.due_at, c.pack_id, c.clause`.execute(trx)
  return rows
}

/**
 * Takes the clocks that have run out and marks them, each once: whoever updates the row has it, others skip it.
 * After downtime the backlog comes in deadline order, `limit` at a time.
 */
export const takeRunOut = (trx: Trx, now: Date, limit: number) =>
  take(trx, limit, { mark: 'fired_at', by: 'due_at', now })

/** Takes the clocks whose warning is due, each once; one that is late by now is taken without being warned about. */
export const takeWarnings = (trx: Trx, now: Date, limit: number) =>
  take(trx, limit, { mark: 'warned_at', by: 'warn_at', now })

export const lastClock = (db: Any, orderId: string, kind: ClockKind) =>
  db
    .selectFrom('order_clock')
    .selectAll()
    .where('order_id', '=', orderId)
    .where('kind', '=', kind)
    .orderBy('run', 'desc')
    .limit(1)
    .executeTakeFirst()

/** What a list asks for; `place` narrows inside what row-level security shows. */
export type ListQuery = {
  place: string
  open: boolean
  urgent?: boolean
  overdue?: boolean
  states?: readonly State[]
  element?: string | undefined
  units?: readonly string[] | undefined
  number?: string | undefined
  /** Only these: orders that the asker helps with or watches. */
  among?: RawBuilder<string> | undefined
  card?: boolean
  supervisedAt?: Date
  after?: { at: Date; id: string } | undefined
  limit: number
}

/**
 * One page of orders: open ones by remaining time, all by newest. Equality on the level of jurisdiction lets the
 * index give the rows in the order of the list (p95 of a district in bench/orders-list.ts); a range of codes
 * would mean sorting the district's whole queue for each page.
 */
export async function listOrders(db: Any, q: ListQuery): Promise<OrderRecord[]> {
  let query = db.selectFrom('work_order').selectAll().limit(q.limit)
  if (q.place.length >= 9) query = query.where('subdistrict', '=', q.place.slice(0, 9))
  else if (q.place.length === 6) query = query.where('district', '=', q.place)
  if (q.place.length > 9) {
    const { lo, hi } = span([q.place])
    query = query.where('place_code', '>=', lo).where('place_code', '<', hi)
  }
  if (q.urgent) query = query.where('urgent', '=', true)
  if (q.overdue) query = query.where('overdue', '=', true)
  if (q.states?.length === 1) query = query.where('state', '=', q.states[0]!)
  else if (q.states) query = query.where('state', 'in', q.states)
  if (q.element) query = query.where('element', '=', q.element)
  if (q.units?.length === 1) query = query.where('unit_id', '=', q.units[0]!)
  else if (q.units) query = query.where('unit_id', 'in', q.units)
  if (q.among) query = query.where('id', 'in', q.among)
  if (q.card) query = query.where('card', 'is not', null)
  if (q.supervisedAt)
    query = query
      .where('supervised_by', 'is not', null)
      .where((e) => e.or([e('supervised_until', 'is', null), e('supervised_until', '>', q.supervisedAt!)]))
  if (q.number) query = query.where('number', '=', q.number)
  if (q.open) {
    query = query.where('open', '=', true).orderBy('due_at').orderBy('id')
    if (q.after) query = query.where(sql<boolean>`(due_at, id) > (${q.after.at}, ${q.after.id}::uuid)`)
  } else {
    query = query.orderBy('opened_at', 'desc').orderBy('id', 'desc')
    if (q.after) query = query.where(sql<boolean>`(opened_at, id) < (${q.after.at}, ${q.after.id}::uuid)`)
  }
  return query.execute()
}

/** Other orders of the same place and thing, or of the same person; newest first. */
export const relatedOrders = (db: Any, o: OrderRecord) =>
  db
    .selectFrom('work_order')
    .selectAll()
    .where('id', '!=', o.id)
    .where((e) =>
      e.or([
        e.and([e('place_code', '=', o.place_code), e('element', '=', o.element)]),
        ...(o.reporter_id ? [e('reporter_id', '=', o.reporter_id)] : []),
      ]),
    )
    .orderBy('opened_at', 'desc')
    .limit(5)
    .execute()

/** Which of these ids the running scope may see. */
export const visibleIds = async (db: Any, ids: readonly string[]): Promise<string[]> =>
  (await db.selectFrom('work_order').select('id').where('id', 'in', ids).execute()).map((r) => r.id)

/** The history goes where the order goes: row-level security shows it by its place. */
export const moveEvents = (trx: Trx, orderId: string, placeCode: string) =>
  trx.updateTable('order_event').set({ place_code: placeCode }).where('order_id', '=', orderId).execute()
