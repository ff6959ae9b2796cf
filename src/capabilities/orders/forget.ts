import { sql } from 'kysely'
import type { Trx } from '#kernel/db.ts'

/**
 * Takes out of orders what tells of a person: words, names, exact address and spot. Numbers, times, element and
 * neighbourhood stay, so that every figure stays what it was.
 */
export async function forgetOrders(trx: Trx, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return
  await sql`
    update work_order set address = null, lng = null, lat = null, title = split_part(title, ' · ', 1), place_code = left(place_code, 12)
    where id = any(${[...ids]}::uuid[])`.execute(trx)
  await sql`
    update order_event set note = null, place_code = left(place_code, 12), data = data - 'remark' - 'parts',
      actor_name = case when actor_kind = 'resident' then '' else actor_name end
    where order_id = any(${[...ids]}::uuid[])`.execute(trx)
  await sql`
    update order_part set answer = case when answer is not null then '' end,
      waived_reason = case when waived_reason is not null then '' end,
      -- Of a process the words are everybody's; what a lead wrote is the same in both languages.
      task_zh = case when task_zh = task_en then '' else task_zh end, task_en = case when task_zh = task_en then '' else task_en end
    where order_id = any(${[...ids]}::uuid[])`.execute(trx)
  await sql`delete from order_attachment where order_id = any(${[...ids]}::uuid[])`.execute(trx)
}

/** Orders that were opened for a person. */
export const ordersOfReporter = async (trx: Trx, personId: string): Promise<string[]> =>
  (await trx.selectFrom('work_order').select('id').where('reporter_id', '=', personId).execute()).map(
    (o) => o.id,
  )
