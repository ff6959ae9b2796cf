import { sql, type Selectable } from 'kysely'
import type { App } from '#kernel/app.ts'
import type { DB, Db, Trx } from '#kernel/db.ts'
import type { AntigenOutcome } from './antigen.contract.ts'
import { gave } from './recall-store.ts'

declare module '#kernel/db.ts' {
  interface DB {
    antigen_test: {
      person_id: string
      id: string
      place_code: string
      day: string
      at: Date
      received_at: Date
      outcome: AntigenOutcome
      nth: number | null
      photo_hash: string
      staff_id: string | null
    }
    antigen_photo: {
      person_id: string
      id: string
      at: Date
      key_sealed: string
      body: Buffer
      type: string
    }
  }
}

export type AntigenRecord = Selectable<DB['antigen_test']>

/** Reports of one person go one after the other: which of a day's tests one is must be said once. */
export const lockReports = (trx: Trx, personId: string) =>
  sql`select pg_advisory_xact_lock(hashtextextended(${personId}, 20220422))`.execute(trx)

export const findTest = (db: Db | Trx, personId: string, id: string): Promise<AntigenRecord | undefined> =>
  db
    .selectFrom('antigen_test')
    .selectAll()
    .where('person_id', '=', personId)
    .where('id', '=', id)
    .executeTakeFirst()

/** How many tests of a person's day count so far. */
export async function countValid(trx: Trx, personId: string, day: string): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    select count(*)::int as n from antigen_test where person_id = ${personId}::uuid and day = ${day}::date and nth is not null`.execute(
    trx,
  )
  return rows[0]!.n
}

/** Reports of one outcome by a person that came in since an instant, of whichever day. */
export async function countReports(
  trx: Trx,
  personId: string,
  outcome: AntigenOutcome,
  since: Date,
): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    select count(*)::int as n from antigen_test where person_id = ${personId}::uuid and outcome = ${outcome} and received_at >= ${since}`.execute(
    trx,
  )
  return rows[0]!.n
}

/** A person's tests since a day, newest first; `waiting`: a single tube of theirs is still to be taken. */
export async function testsOf(db: Db, personId: string, since: string) {
  const { rows } = await sql<{ id: string; at: Date; outcome: AntigenOutcome; waiting: boolean }>`
    select a.id, a.at, a.outcome,
      exists (select from recall r where r.person_id = a.person_id and r.answered_at is null and r.why <> 'invalid'
        and not ${gave(sql`a.person_id`)}) as waiting
    from antigen_test a where a.person_id = ${personId}::uuid and a.day >= ${since}::date order by a.at desc limit 50`.execute(
    db,
  )
  return rows
}

/** With a person's name everything they reported goes, the pictures too; counts stay. */
export async function forgetAntigen(_app: App, trx: Trx, { personId }: { personId: string }): Promise<void> {
  await trx.deleteFrom('antigen_photo').where('person_id', '=', personId).execute()
  await trx.deleteFrom('antigen_test').where('person_id', '=', personId).execute()
}
