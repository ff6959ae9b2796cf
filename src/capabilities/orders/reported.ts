import { sql } from 'kysely'
import { KEPT, type Db, type Trx } from '#kernel/db.ts'
import type { EventRecord, OrderRecord } from './store.ts'

type Any = Db | Trx

const ORDER = [
  'id',
  'number',
  'state',
  'held_state',
  'element',
  'urgent',
  'unit_id',
  'due_at',
  'due_kind',
  'overdue',
  'score',
  'direct',
  'merged_into',
] as const satisfies readonly (keyof OrderRecord)[]
const EVENT = [
  'order_id',
  'action',
  'to_state',
  'actor_kind',
  'unit_id',
  'at',
  'note',
  'public',
] as const satisfies readonly (keyof EventRecord)[]

/** What whoever reported an order is shown of it. */
export type ReportedOrder = Pick<OrderRecord, (typeof ORDER)[number]>
export type ReportedEvent = Pick<EventRecord, (typeof EVENT)[number]>

/**
 * Orders with their events in order, of many at once and of their columns only those that their reporter is shown: a
 * crowd looks at its own list again and again, and row by row with all columns it took eight times as long. What the
 * scope may not see or is not there is left out.
 */
export async function reported(
  db: Any,
  ids: readonly string[],
): Promise<Map<string, { order: ReportedOrder; events: ReportedEvent[] }>> {
  const orders = await db
    .selectFrom('work_order')
    .modifyFront(KEPT)
    .select(ORDER)
    .where(sql<boolean>`id = any(${ids}::uuid[])`)
    .execute()
  const events = await db
    .selectFrom('order_event')
    .modifyFront(KEPT)
    .select(EVENT)
    .where(sql<boolean>`order_id = any(${ids}::uuid[])`)
    .orderBy('order_id')
    .orderBy('seq')
    .execute()
  const of = Map.groupBy(events, (e) => e.order_id)
  return new Map(orders.map((order) => [order.id, { order, events: of.get(order.id) ?? [] }]))
}
