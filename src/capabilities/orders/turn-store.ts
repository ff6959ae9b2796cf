import type { Insertable } from 'kysely'
import type { DB, Db, Trx } from '#kernel/db.ts'
import type { EventRecord } from './store.ts'
import { foldTurns, stepTurn, type Turn, type TurnEvent } from './turns.ts'

declare module '#kernel/db.ts' {
  interface DB {
    order_turn: {
      order_id: string
      n: number
      unit_id: string
      place_code: string
      sent_at: Date
      sign_due: Date | null
      signed_at: Date | null
      handle_due: Date | null
      resolved_at: Date | null
      returned_at: Date | null
      redone_at: Date | null
      ended_at: Date | null
    }
  }
}

const toRow = (orderId: string, t: Turn): Insertable<DB['order_turn']> => ({
  order_id: orderId,
  n: t.n,
  unit_id: t.unitId,
  place_code: t.placeCode,
  sent_at: t.sentAt,
  sign_due: t.signDue,
  signed_at: t.signedAt,
  handle_due: t.handleDue,
  resolved_at: t.resolvedAt,
  returned_at: t.returnedAt,
  redone_at: t.redoneAt,
  ended_at: t.endedAt,
})

export const toTurn = (r: DB['order_turn']): Turn => ({
  n: r.n,
  unitId: r.unit_id,
  placeCode: r.place_code,
  sentAt: r.sent_at,
  signDue: r.sign_due,
  signedAt: r.signed_at,
  handleDue: r.handle_due,
  resolvedAt: r.resolved_at,
  returnedAt: r.returned_at,
  redoneAt: r.redone_at,
  endedAt: r.ended_at,
})

/** What the rates need of an event line; everything of it was written with the line. */
export function toTurnEvent(e: EventRecord): TurnEvent {
  const { due, place, undoes } = e.data as { due?: string | null; place?: string; undoes?: number }
  return {
    seq: e.seq,
    action: e.action,
    fromState: e.from_state,
    toState: e.to_state,
    unitId: e.unit_id,
    place: place ?? '',
    at: e.at,
    due: due ? new Date(due) : null,
    undoes: undoes ?? null,
  }
}

const upsert = (trx: Trx, orderId: string, t: Turn) => {
  const row = toRow(orderId, t)
  return trx
    .insertInto('order_turn')
    .values(row)
    .onConflict((c) => c.columns(['order_id', 'n']).doUpdateSet(row))
    .execute()
}

/** Brings the turns up to an event that has just happened; `isFirst` saves a look where there can be none yet. */
export async function applyTurn(trx: Trx, orderId: string, e: TurnEvent, isFirst: boolean): Promise<void> {
  const row = isFirst
    ? undefined
    : await trx
        .selectFrom('order_turn')
        .selectAll()
        .where('order_id', '=', orderId)
        .orderBy('n', 'desc')
        .limit(1)
        .executeTakeFirst()
  const before = row && toTurn(row)
  const { last, next } = stepTurn(before, e)
  if (last && last !== before) await upsert(trx, orderId, last)
  if (next) await upsert(trx, orderId, next)
}

/** Writes the turns anew from the order's events: what was taken back leaves no turn. */
export async function rewriteTurns(trx: Trx, orderId: string, events: readonly EventRecord[]): Promise<void> {
  await trx.deleteFrom('order_turn').where('order_id', '=', orderId).execute()
  for (const turn of foldTurns(events.map(toTurnEvent))) await upsert(trx, orderId, turn)
}

export const turnsOf = async (db: Db | Trx, orderId: string): Promise<Turn[]> =>
  (await db.selectFrom('order_turn').selectAll().where('order_id', '=', orderId).orderBy('n').execute()).map(
    toTurn,
  )
