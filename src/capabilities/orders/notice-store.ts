import { sql, type Insertable } from 'kysely'
import type { DB, Db, Trx } from '#kernel/db.ts'

declare module '#kernel/db.ts' {
  interface DB {
    order_notice: {
      order_id: string
      id: string
      to_kind: 'unit' | 'account'
      to_id: string
      kind: string
      at: Date
      by_name: string
    }
    order_notice_seen: { account_id: string; at: Date }
    order_watch: { order_id: string; account_id: string; since: Date }
  }
}

export const insertNotices = (trx: Trx, rows: Insertable<DB['order_notice']>[]) =>
  trx
    .insertInto('order_notice')
    .values(rows)
    .onConflict((c) => c.columns(['order_id', 'id']).doNothing())
    .execute()

export type NoticeRow = {
  order_id: string
  kind: string
  at: Date
  by_name: string
  number: string
  title: string
  place_code: string
  element: string | null
  order_kind: string
}

/**
 * What concerns an account, newest first: words to it or its units, and what happened to orders that it watches. Runs
 * in the asker's own sight, so an order that moved away is no longer told of.
 */
export async function noticesFor(
  db: Db | Trx,
  who: { accountId: string; units: readonly string[]; limit: number },
): Promise<NoticeRow[]> {
  const { rows } = await sql<NoticeRow>`
    select x.order_id, x.kind, x.at, x.by_name, o.number, o.title, o.place_code, o.element, o.kind as order_kind from (
      (select order_id, kind, at, by_name from order_notice where to_kind = 'account' and to_id = ${who.accountId} order by at desc limit ${who.limit})
      union all
      (select order_id, kind, at, by_name from order_notice where to_kind = 'unit' and to_id = any(${[...who.units]}::text[]) order by at desc limit ${who.limit})
      union all
      (select e.order_id, 'watched.' || e.action, e.at, e.actor_name from order_watch w join order_event e on e.order_id = w.order_id
       where w.account_id = ${who.accountId} and e.at > w.since and e.actor_id <> ${who.accountId} order by e.at desc limit ${who.limit})
    ) x join work_order o on o.id = x.order_id order by x.at desc limit ${who.limit}`.execute(db)
  return rows
}
