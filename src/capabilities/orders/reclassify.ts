import type { App } from '#kernel/app.ts'
import type { Actor } from '#kernel/auth.ts'
import type { Trx } from '#kernel/db.ts'
import { dueAt, policyOf } from '#capabilities/policy/index.ts'
import { OrderBecameUrgent, OrderMoved, type ClockKind } from './contract.ts'
import { said } from './engine.ts'
import { clockMinutes } from './rules.ts'
import * as store from './store.ts'

/**
 * Gives an open order another element or urgency, after somebody decided anew what it is. One that becomes urgent gets
 * the urgent time from now on for the step that it stands on, never a longer one; it is said aloud like a new one.
 */
export async function reclassify(
  app: App,
  trx: Trx,
  orderId: string,
  given: { id: string; urgent: boolean; element: string | null; note: string; actor: Actor },
): Promise<void> {
  const order = await store.lockOrder(trx, orderId)
  if (!order.open || (order.urgent === given.urgent && order.element === given.element)) return
  const at = app.clock.now()
  const policy = await policyOf(app)
  const kind: ClockKind | null = order.due_kind
  const becomes = given.urgent && !order.urgent
  const change: Parameters<typeof store.updateOrder>[2] = { urgent: given.urgent, element: given.element }
  if (becomes && kind && kind !== 'archive') {
    const { minutes } = clockMinutes(policy, kind, { urgent: true, element: given.element })
    const due = dueAt(policy.pack.calendar, at, { minutes })
    if (order.due_at === null || due < order.due_at) {
      await store.startClock(trx, order.id, kind, at, due)
      change.due_at = due
      change.overdue = false
    }
  }
  const after = await store.updateOrder(trx, order.id, change)
  await store.insertEvent(trx, {
    order_id: order.id,
    id: given.id,
    place_code: order.place_code,
    reporter_id: order.reporter_id,
    action: 'note',
    from_state: order.state,
    to_state: order.state,
    actor_kind: given.actor.kind,
    actor_id: given.actor.id,
    actor_name: given.actor.name,
    unit_id: order.unit_id,
    at,
    note: given.note,
    public: true,
    data: JSON.stringify({ reclassified: { urgent: given.urgent, element: given.element } }),
  })
  const note = await said(app, trx, after, at)
  await app.bus.emit(app, trx, OrderMoved, { ...note, action: 'note', state: after.state })
  if (becomes) await app.bus.emit(app, trx, OrderBecameUrgent, note)
}
