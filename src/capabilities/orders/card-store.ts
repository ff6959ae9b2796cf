import type { Insertable } from 'kysely'
import type { DB, Db, Trx } from '#kernel/db.ts'

declare module '#kernel/db.ts' {
  interface DB {
    order_card: {
      order_id: string
      kind: 'yellow' | 'red'
      clock: string
      run: number
      unit_id: string | null
      place_code: string
      at: Date
      due_at: Date
      pack_id: string
      clause: string
      reason_zh: string
      reason_en: string
    }
  }
}

/** False when this run of the clock has its card already. */
export async function insertCard(trx: Trx, row: Insertable<DB['order_card']>): Promise<boolean> {
  const done = await trx
    .insertInto('order_card')
    .values(row)
    .onConflict((c) => c.columns(['order_id', 'kind', 'clock', 'run']).doNothing())
    .executeTakeFirst()
  return (done.numInsertedOrUpdatedRows ?? 0n) > 0n
}

export const cardsOf = (db: Db | Trx, orderId: string) =>
  db.selectFrom('order_card').selectAll().where('order_id', '=', orderId).orderBy('at').execute()
