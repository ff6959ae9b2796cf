import { sql } from 'kysely'
import type { z } from 'zod'
import type { App } from '#kernel/app.ts'
import { within, type Db, type Trx } from '#kernel/db.ts'
import { forgetOrders, ordersOfReporter } from '#capabilities/orders/index.ts'
import { forgetEvidence } from '#capabilities/policy/index.ts'
import type { PersonErased } from '#capabilities/people/looks.contract.ts'

/** Stands where the words stood; the row itself is counted by the statistics. */
const GONE = '（已按保存期限删除）'
/** What of an understanding quotes the text or says exactly where. */
const QUOTES = JSON.stringify({ place: null, placeAlternatives: [], address: null, words: [], reasons: [] })

async function forgetRequests(app: App, trx: Trx, ids: readonly string[]): Promise<void> {
  if (ids.length > 0)
    await sql`
      update request set text_sealed = ${app.vault.seal(GONE, 'request.text')}, address_sealed = null, content_hash = 'erased',
        place_code = left(place_code, 12), understanding = understanding || ${QUOTES}::jsonb
      where id = any(${[...ids]}::uuid[])`.execute(trx)
  await forgetOrders(trx, ids)
  await forgetEvidence(trx, { subjectIds: ids })
}

/** Everything a person said is forgotten with the person, in the same commit. */
export async function forgetPerson(
  app: App,
  trx: Trx,
  said: z.infer<typeof PersonErased.data>,
): Promise<void> {
  const mine = await trx.selectFrom('request').select('id').where('person_id', '=', said.personId).execute()
  const orders = await ordersOfReporter(trx, said.personId)
  await forgetRequests(app, trx, [...new Set([...mine.map((r) => r.id), ...orders])])
  await forgetEvidence(trx, { personId: said.personId })
}

// An order that is still open needs its words, however old they are.
const past = (before: Date) => sql`
  from request r where r.received_at < ${before} and r.content_hash <> 'erased'
    and not exists (select from work_order w where w.id = r.id and w.open)`

/** Words of requests received before an instant whose orders have ended (policies/retention.yaml, erase-text). */
export const oldWords = {
  async count(db: Db, before: Date): Promise<number> {
    const { rows } = await sql<{ n: number }>`select count(*) as n ${past(before)}`.execute(db)
    return rows[0]!.n
  },
  async erase(app: App, before: Date, limit: number): Promise<number> {
    return within(app.db, { as: 'service' }, async (trx) => {
      const { rows } = await sql<{
        id: string
      }>`select r.id ${past(before)} order by r.received_at limit ${limit} for update skip locked`.execute(
        trx,
      )
      await forgetRequests(
        app,
        trx,
        rows.map((r) => r.id),
      )
      return rows.length
    })
  },
}
