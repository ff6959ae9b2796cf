import type { App } from '#kernel/app.ts'
import { scopeOf, type Actor } from '#kernel/auth.ts'
import { asService, within, type Trx } from '#kernel/db.ts'
import { CityError, words } from '#kernel/errors.ts'
import type { Given } from '#kernel/http.ts'
import { idFrom } from '#kernel/ids.ts'
import { parameter, policyOf } from '#capabilities/policy/index.ts'
import { actAs } from './actions.ts'
import type { UndoBulk } from './bulk.contract.ts'
import type { BulkAct } from './contract.ts'
import { move } from './engine.ts'
import { mergedInto } from './merge.ts'
import { clockOf, readSnapshot } from './snapshot.ts'
import * as store from './store.ts'
import { rewriteTurns } from './turn-store.ts'

declare module '#kernel/db.ts' {
  interface DB {
    order_bulk: {
      id: string
      by_id: string
      action: string
      order_ids: string[]
      at: Date
      undone_at: Date | null
    }
  }
}

type Refused = { id: string; code: string; titleZh: string; title: string }

/** Does something to each order, a hundred to a commit; each answers for itself. */
async function each(
  app: App,
  actor: Actor,
  ids: readonly string[],
  one: (trx: Trx, id: string) => Promise<unknown>,
): Promise<{ done: string[]; refused: Refused[] }> {
  const done: string[] = []
  const refused: Refused[] = []
  for (const chunk of chunks(ids, 100)) {
    await within(app.db, scopeOf(actor, 'orders.read'), async (trx) => {
      const visible = new Set(await store.visibleIds(trx, chunk))
      await asService(trx)
      for (const id of chunk) {
        try {
          if (!visible.has(id)) throw new CityError('order_not_found')
          await one(trx, id)
          done.push(id)
        } catch (error) {
          // What is refused is refused before anything is written, so the transaction stays whole.
          if (!(error instanceof CityError)) throw error
          const { zh, en } = words(error.code)
          refused.push({ id, code: error.code, titleZh: zh, title: en })
        }
      }
    })
  }
  return { done, refused }
}

/**
 * One action on many orders; each answers for itself, and a refused one leaves the others alone. A hundred share one
 * commit (bench/bulk.ts). Kept by its id, so that who did it can take the whole back for a while.
 */
export async function bulkAct(app: App, actor: Actor, { body }: Given<typeof BulkAct>) {
  const at = app.clock.now()
  const ids = [...new Set(body.orderIds)].sort()
  await within(app.db, { as: 'service' }, (trx) =>
    trx
      .insertInto('order_bulk')
      .values({
        id: body.id,
        by_id: actor.id,
        action: body.input.action,
        order_ids: ids,
        at,
        undone_at: null,
      })
      .onConflict((c) => c.column('id').doNothing())
      .execute(),
  )
  const minutes = parameter(await policyOf(app), 'orders.bulkUndoMinutes').value
  const { done, refused } = await each(app, actor, ids, (trx, id) =>
    actAs(app, trx, actor, id, { ...body.input, id: idFrom(body.id, id), bulk: true }),
  )
  return { done, refused, undoUntil: new Date(at.getTime() + minutes * 60_000).toISOString() }
}

/** Takes a bulk action back: its own maker, within `orders.bulkUndoMinutes`, each order that has not moved on since. */
export async function undoBulk(app: App, actor: Actor, { params, body }: Given<typeof UndoBulk>) {
  const now = app.clock.now()
  const bulk = await within(app.db, { as: 'service' }, (trx) =>
    trx.selectFrom('order_bulk').selectAll().where('id', '=', params.bulk).executeTakeFirst(),
  )
  if (!bulk || bulk.by_id !== actor.id) throw new CityError('bulk_not_found')
  const minutes = parameter(await policyOf(app), 'orders.bulkUndoMinutes').value
  if (now.getTime() > bulk.at.getTime() + minutes * 60_000) throw new CityError('too_late_to_undo')
  const { done, refused } = await each(app, actor, bulk.order_ids, (trx, id) =>
    undoOne(app, trx, actor, id, params.bulk, idFrom(body.id, id)),
  )
  await within(app.db, { as: 'service' }, (trx) =>
    trx.updateTable('order_bulk').set({ undone_at: now }).where('id', '=', bulk.id).execute(),
  )
  return { undone: done, refused }
}

async function undoOne(
  app: App,
  trx: Trx,
  actor: Actor,
  orderId: string,
  bulkId: string,
  id: string,
): Promise<void> {
  const order = await store.lockOrder(trx, orderId)
  if (await store.findEvent(trx, orderId, id)) return
  const event = await store.findEvent(trx, orderId, idFrom(bulkId, orderId))
  const { before, version } = (event?.data ?? {}) as { before?: Record<string, unknown>; version?: number }
  // Refused in the first place, so there is nothing of it to take back.
  if (!event || !before) throw new CityError('action_not_allowed')
  // Who was answered with it has been told; that is not taken back.
  const told = event.action !== 'merge' && (await mergedInto(trx, orderId)).length > 0
  if (told || order.version !== version) throw new CityError('moved_on')
  const was = readSnapshot(before)
  const now = app.clock.now()
  const { due_at: _due, due_kind: _kind, place_code, ...rest } = was
  const enters = was.state !== order.state || event.action === 'dispatch'
  const working = was.due_kind ? (await store.lastClock(trx, orderId, was.due_kind))?.working : false
  await move(app, trx, order, was.state, {
    id,
    action: 'undo',
    actor,
    at: now,
    public: false,
    ...(place_code !== order.place_code && { placeCode: place_code }),
    ...(enters && { clock: clockOf(was, now, was.due_at, working) }),
    data: { undoes: event.seq },
    change: rest,
  })
  await rewriteTurns(trx, orderId, await store.eventsOf(trx, orderId))
}

function chunks<T>(list: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(list.length / size) }, (_, i) => list.slice(i * size, (i + 1) * size))
}
