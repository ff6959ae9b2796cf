import type { App } from '#kernel/app.ts'
import type { Actor } from '#kernel/auth.ts'
import type { Trx } from '#kernel/db.ts'
import { policyOf } from '#capabilities/policy/index.ts'
import { OrderBecameUrgent } from './contract.ts'
import { move } from './engine.ts'
import { clockSpan, HOLDS } from './rules.ts'
import { endOf } from './span.ts'
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
  const policy = await policyOf(app, order.place_code)
  const becomes = given.urgent && !order.urgent
  const kind = order.due_kind
  // What stands still for a while goes on with what was left; only a running step is given less time.
  const clock =
    becomes && kind && !HOLDS.includes(order.state)
      ? clockSpan(policy, kind, { urgent: true, element: given.element })
      : undefined
  const dueAt = clock && endOf(policy, at, clock.span)
  const isSooner = dueAt !== undefined && (order.due_at === null || dueAt < order.due_at)
  const after = await move(app, trx, order, order.state, {
    id: given.id,
    action: 'note',
    actor: given.actor,
    at,
    note: given.note,
    change: { urgent: given.urgent, element: given.element },
    ...(isSooner && {
      clock: { kind: kind!, startedAt: at, dueAt, packId: policy.pack.id, clause: clock!.clause },
    }),
    data: { reclassified: { urgent: given.urgent, element: given.element } },
  })
  if (becomes)
    await app.bus.emit(app, trx, OrderBecameUrgent, {
      orderId: after.id,
      kind: after.kind,
      placeCode: after.place_code,
      urgent: after.urgent,
      at: at.toISOString(),
      reporterId: after.reporter_id,
    })
}
