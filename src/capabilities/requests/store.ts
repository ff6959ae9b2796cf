import type { Insertable } from 'kysely'
import { sql } from 'kysely'
import { KEPT, type DB, type Db, type Trx } from '#kernel/db.ts'
import type { Understanding } from './contract.ts'

declare module '#kernel/db.ts' {
  interface DB {
    request: {
      id: string
      channel: 'phone' | 'web' | 'app' | 'partner' | 'district' | 'subdistrict'
      call_id: string | null
      person_id: string | null
      place_code: string
      address_sealed: string | null
      text_sealed: string
      understanding: unknown
      received_at: Date
      content_hash: string
      simulated: boolean
    }
    call: { id: string; line: string; place_code: string; answered: boolean; at: Date; agent_id: string }
  }
}

type Any = Db | Trx
export type RequestRecord = Omit<DB['request'], 'understanding'> & { understanding: Understanding }

/** Adds the request; false when the id is already there. */
export async function insertRequest(trx: Trx, row: Insertable<DB['request']>): Promise<boolean> {
  const done = await trx
    .insertInto('request')
    .values(row)
    .onConflict((c) => c.column('id').doNothing())
    .executeTakeFirst()
  return (done.numInsertedOrUpdatedRows ?? 0n) > 0n
}

export const findRequest = (db: Any, id: string) =>
  db.selectFrom('request').selectAll().where('id', '=', id).executeTakeFirst() as Promise<
    RequestRecord | undefined
  >

const COLUMNS = [
  'id',
  'channel',
  'call_id',
  'person_id',
  'place_code',
  'address_sealed',
  'text_sealed',
  'understanding',
  'received_at',
  'content_hash',
  'simulated',
] as const satisfies readonly (keyof DB['request'])[]

export async function listRequests(
  db: Any,
  q: { personId: string; after?: { at: Date; id: string } | undefined; limit: number },
): Promise<RequestRecord[]> {
  let query = db
    .selectFrom('request')
    .modifyFront(KEPT)
    .select(COLUMNS)
    .where('person_id', '=', q.personId)
    .orderBy('received_at', 'desc')
    .orderBy('id', 'desc')
    .limit(q.limit)
  if (q.after) query = query.where(sql<boolean>`(received_at, id) < (${q.after.at}, ${q.after.id}::uuid)`)
  return (await query.execute()) as RequestRecord[]
}

export const insertCall = (db: Any, row: Insertable<DB['call']>) =>
  db
    .insertInto('call')
    .values(row)
    .onConflict((c) => c.column('id').doNothing())
    .execute()
