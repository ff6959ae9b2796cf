import { sql, type Insertable, type Selectable } from 'kysely'
import type { DB, Db, Trx } from '#kernel/db.ts'

declare module '#kernel/db.ts' {
  interface DB {
    order_part: {
      order_id: string
      id: string
      n: number
      step: number
      unit_id: string
      task_zh: string
      task_en: string
      state: 'waiting' | 'sent' | 'handling' | 'answered' | 'waived'
      minutes: number | null
      working_days: number | null
      started_at: Date | null
      due_at: Date | null
      signed_at: Date | null
      ended_at: Date | null
      late_at: Date | null
      answer: string | null
      waived_reason: string | null
    }
  }
}

type Any = Db | Trx
export type PartRecord = Selectable<DB['order_part']>

export const partsOf = (db: Any, orderId: string): Promise<PartRecord[]> =>
  db.selectFrom('order_part').selectAll().where('order_id', '=', orderId).orderBy('n').execute()

export const isOpenPart = (p: PartRecord): boolean => p.state !== 'answered' && p.state !== 'waived'

export async function countOpenParts(db: Any, orderId: string): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    select count(*) as n from order_part where order_id = ${orderId} and state in ('waiting', 'sent', 'handling')`.execute(
    db,
  )
  return rows[0]!.n
}

/** Adds parts; those that are there already under their id are left as they are. */
export const insertParts = (trx: Trx, rows: Insertable<DB['order_part']>[]) =>
  trx
    .insertInto('order_part')
    .values(rows)
    .onConflict((c) => c.columns(['order_id', 'id']).doNothing())
    .execute()

export const updatePart = (trx: Trx, p: PartRecord, change: Partial<PartRecord>) =>
  trx
    .updateTable('order_part')
    .set(change)
    .where('order_id', '=', p.order_id)
    .where('id', '=', p.id)
    .execute()

/** The order ended or left its unit: nobody waits for its helpers any more. */
export const waiveOpenParts = (trx: Trx, orderId: string, at: Date) =>
  trx
    .updateTable('order_part')
    .set({ state: 'waived', ended_at: at, waived_reason: '工单已结束或已退回' })
    .where('order_id', '=', orderId)
    .where('state', 'in', ['waiting', 'sent', 'handling'])
    .execute()

/** Takes the parts that are late, each once; the order is locked first, as who acts on it does. */
export const takeLateParts = async (trx: Trx, now: Date, limit: number): Promise<PartRecord[]> =>
  (
    await sql<PartRecord>`
      with late as materialized (
        select order_id, id from order_part where state in ('sent', 'handling') and late_at is null and due_at <= ${now}
        order by due_at limit ${limit}
      ), held as materialized (
        select id from work_order where id in (select order_id from late) order by id for update skip locked
      )
      update order_part p set late_at = ${now} from late, held
      where late.order_id = held.id and p.order_id = late.order_id and p.id = late.id
        and p.late_at is null and p.state in ('sent', 'handling') returning p.*`.execute(trx)
  ).rows
