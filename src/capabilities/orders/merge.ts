import type { App } from '#kernel/app.ts'
import type { Actor } from '#kernel/auth.ts'
import type { Trx } from '#kernel/db.ts'
import { CityError } from '#kernel/errors.ts'
import { idFrom } from '#kernel/ids.ts'
import { policyOf } from '#capabilities/policy/index.ts'
import { move, type Move } from './engine.ts'
import { countOpenParts } from './part-store.ts'
import { ENDED } from './rules.ts'
import { clockOf, readSnapshot, snapshot } from './snapshot.ts'
import { endOfLeft, leftBetween } from './span.ts'
import * as store from './store.ts'
import type { OrderRecord } from './store.ts'

/** Orders that were merged into this one, oldest first. */
export const mergedInto = (trx: Trx, leadId: string): Promise<OrderRecord[]> =>
  trx
    .selectFrom('work_order')
    .selectAll()
    .where('merged_into', '=', leadId)
    .orderBy('opened_at')
    .orderBy('id')
    .execute()

/**
 * Merges an order into another about the same thing. Its clock stops with what was left; its reporter is shown the
 * lead's progress from now on. What was merged into it before goes along. Both must be locked by the caller.
 */
export async function mergeOrder(
  app: App,
  trx: Trx,
  order: OrderRecord,
  leadId: string,
  given: Move,
): Promise<OrderRecord> {
  const lead = await store.findOrder(trx, leadId)
  if (!lead || leadId === order.id || ENDED.includes(lead.state) || lead.state === 'resolved')
    throw new CityError('cannot_merge_into')
  if ((await countOpenParts(trx, order.id)) > 0) throw new CityError('parts_open')
  const policy = await policyOf(app)
  const clock = order.due_kind ? await store.lastClock(trx, order.id, order.due_kind) : undefined
  const working = clock?.working ?? false
  const after = await move(app, trx, order, 'merged', {
    ...given,
    change: { ...given.change, merged_into: leadId, merged_at: given.at, held_state: order.state },
    data: {
      ...given.data,
      into: leadId,
      before: snapshot(order),
      left: order.due_at ? leftBetween(policy, given.at, order.due_at, working) : null,
      working,
    },
  })
  await trx
    .updateTable('work_order')
    .set({ merged_into: leadId })
    .where('merged_into', '=', order.id)
    .execute()
  await move(app, trx, lead, lead.state, {
    id: idFrom(given.id, 'lead'),
    action: 'note',
    actor: given.actor,
    at: given.at,
    note: `并入 ${order.number}`,
    public: false,
  })
  return after
}

/** Takes a merge back: the state it was in, and its clock with what was left of it. */
export async function unmergeOrder(
  app: App,
  trx: Trx,
  order: OrderRecord,
  given: Move,
): Promise<OrderRecord> {
  const merge = (await store.eventsOf(trx, order.id)).findLast((e) => e.action === 'merge')
  const { before, left, working } = (merge?.data ?? {}) as {
    before?: Record<string, unknown>
    left?: number | null
    working?: boolean
  }
  if (!before) throw new CityError('action_not_allowed')
  const was = readSnapshot(before)
  const dueAt =
    left === null || left === undefined
      ? null
      : endOfLeft(await policyOf(app), given.at, left, working ?? false)
  const { due_at: _due, due_kind: _kind, overdue: _overdue, place_code: _place, ...rest } = was
  return move(app, trx, order, was.state, {
    ...given,
    clock: clockOf(was, given.at, dueAt, working),
    change: { ...given.change, ...rest, merged_into: null, merged_at: null },
  })
}

/**
 * The lead was answered: so is everybody whose order was merged into it. Each is called back on their own, and who
 * says “not solved” has their own order done again by the lead's unit.
 */
export async function followLead(app: App, trx: Trx, lead: OrderRecord, given: Move): Promise<void> {
  for (const child of await mergedInto(trx, lead.id)) {
    const order = await store.lockOrder(trx, child.id)
    if (order.state !== 'merged') continue
    await move(app, trx, order, lead.direct ? 'closed' : 'resolved', {
      id: idFrom(given.id, order.id),
      action: 'follow_lead',
      actor: given.actor,
      at: given.at,
      note: given.note,
      unitId: lead.unit_id ?? undefined,
      change: { direct: lead.direct, held_state: null },
      data: { lead: lead.id },
    })
  }
}

/** The lead ended without an answer to them: each goes on by itself. */
export async function freeMerged(app: App, trx: Trx, lead: OrderRecord, actor: Actor): Promise<void> {
  for (const child of await mergedInto(trx, lead.id)) {
    const order = await store.lockOrder(trx, child.id)
    if (order.state !== 'merged') continue
    await unmergeOrder(app, trx, order, {
      id: idFrom('free', lead.id, order.id, String(lead.version)),
      action: 'unmerge',
      actor,
      at: app.clock.now(),
      note: `主单 ${lead.number} 未能办理，本单继续办理`,
    })
  }
}
