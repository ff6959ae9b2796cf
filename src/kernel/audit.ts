import type { Db, Trx } from './db.ts'
import type { Actor } from './auth.ts'

declare module '#kernel/db.ts' {
  interface DB {
    audit: {
      id: import('kysely').Generated<number>
      at: import('kysely').Generated<Date>
      actor_kind: string
      actor_id: string
      action: string
      subject: string
      place_code: string | null
      data: unknown
    }
  }
}

/**
 * Writes one line of the audit in the transaction of what it speaks of. `data` holds codes and ids, never names or
 * text. The database refuses update and delete on this table. Wall time.
 */
export async function audit(
  db: Db | Trx,
  actor: Actor,
  action: string,
  subject: string,
  more: { placeCode?: string; data?: unknown } = {},
): Promise<void> {
  await db
    .insertInto('audit')
    .values({
      actor_kind: actor.kind,
      actor_id: actor.id,
      action,
      subject,
      place_code: more.placeCode ?? null,
      data: JSON.stringify(more.data ?? {}),
    })
    .execute()
}
