import type { Selectable, Updateable } from 'kysely'
import { span, type DB, type Db, type Trx } from '#kernel/db.ts'

declare module '#kernel/db.ts' {
  interface DB {
    appeal: {
      id: string
      decision_id: string
      person_id: string
      place_code: string
      text_sealed: string
      filed_at: Date
      answer: 'changed' | 'confirmed' | null
      answer_reasons: string | null
      answered_by: string | null
      answered_name: string | null
      answered_at: Date | null
      new_decision_id: string | null
    }
  }
}

type Any = Db | Trx
export type AppealRecord = Selectable<DB['appeal']>

/** False when the same id is there already. */
export async function insertAppeal(
  trx: Trx,
  row: Pick<AppealRecord, 'id' | 'decision_id' | 'person_id' | 'place_code' | 'text_sealed' | 'filed_at'>,
): Promise<boolean> {
  const done = await trx
    .insertInto('appeal')
    .values(row)
    .onConflict((c) => c.column('id').doNothing())
    .executeTakeFirst()
  return (done.numInsertedOrUpdatedRows ?? 0n) > 0n
}

export const findAppeal = (db: Any, id: string): Promise<AppealRecord | undefined> =>
  db.selectFrom('appeal').selectAll().where('id', '=', id).executeTakeFirst()

export const lockAppeal = (trx: Trx, id: string): Promise<AppealRecord | undefined> =>
  trx.selectFrom('appeal').selectAll().where('id', '=', id).forUpdate().executeTakeFirst()

export const appealsAgainst = (db: Any, decisionId: string): Promise<AppealRecord[]> =>
  db.selectFrom('appeal').selectAll().where('decision_id', '=', decisionId).orderBy('filed_at').execute()

export const appealsOf = (db: Any, personId: string): Promise<AppealRecord[]> =>
  db
    .selectFrom('appeal')
    .selectAll()
    .where('person_id', '=', personId)
    .orderBy('filed_at', 'desc')
    .limit(100)
    .execute()

/** Of what the running scope may see: those to answer oldest first (they were all promised alike), or the answered ones. */
export function listAppeals(
  db: Any,
  q: { answered: boolean; place?: string | undefined },
): Promise<AppealRecord[]> {
  let query = db.selectFrom('appeal').selectAll()
  if (q.place) {
    const { lo, hi } = span([q.place])
    query = query.where('place_code', '>=', lo).where('place_code', '<', hi)
  }
  query = q.answered
    ? query.where('answered_at', 'is not', null).orderBy('answered_at', 'desc')
    : query.where('answered_at', 'is', null).orderBy('filed_at')
  return query.limit(200).execute()
}

export const updateAppeal = (trx: Trx, id: string, change: Updateable<DB['appeal']>) =>
  trx.updateTable('appeal').set(change).where('id', '=', id).returningAll().executeTakeFirstOrThrow()
