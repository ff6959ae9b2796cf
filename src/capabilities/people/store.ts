import { sql, type Insertable } from 'kysely'
import type { Db, Trx } from '#kernel/db.ts'
import type { Grant } from '#kernel/auth.ts'
import { dropStaleAttempts } from './account-store.ts'
import type { IdKind, Sex } from './contract.ts'
import type { Need } from './needs.contract.ts'

declare module '#kernel/db.ts' {
  interface DB {
    person: {
      id: string
      place_code: string
      name_sealed: string
      phone_sealed: string | null
      phone_hash: string | null
      simulated: boolean
      created_at: Date
      erased_at: import('kysely').Generated<Date | null>
      id_kind: import('kysely').Generated<IdKind | null>
      id_number_sealed: import('kysely').Generated<string | null>
      id_number_hash: import('kysely').Generated<string | null>
      birth_year: import('kysely').Generated<number | null>
      birth_month: import('kysely').Generated<number | null>
      met_at: import('kysely').Generated<Date | null>
      sex: import('kysely').Generated<Sex | null>
      residence_sealed: import('kysely').Generated<string | null>
      residence_hash: import('kysely').Generated<string | null>
      alike_hash: import('kysely').Generated<string | null>
      occupation: import('kysely').Generated<string | null>
      needs: import('kysely').Generated<Need[] | null>
      merged_into: import('kysely').Generated<string | null>
    }
    unit: {
      id: string
      name: string
      name_en: string
      department: string
      level: 'city' | 'district' | 'subdistrict'
      place_code: string
    }
    account: {
      id: string
      username: string
      name: string
      password_hash: string
      failed: import('kysely').Generated<number>
      locked_until: Date | null
      simulated: boolean
      disabled_at: Date | null
      place_code: string
      /** The password was given by an administrator and must be changed at the first sign-in. */
      password_once: import('kysely').Generated<boolean>
      oidc_allowed: import('kysely').Generated<boolean>
      created_at: import('kysely').Generated<Date>
    }
    account_grant: {
      id: import('kysely').Generated<string>
      account_id: string
      role: string
      place_code: string
      unit_id: string | null
      valid_from: Date
      valid_to: Date | null
    }
    session: {
      id: import('kysely').Generated<string>
      device: string
      address: string
      secret_hash: string
      kind: 'staff' | 'resident'
      subject_id: string
      created_at: import('kysely').Generated<Date>
      seen_at: import('kysely').Generated<Date>
      expires_at: Date
      revoked_at: Date | null
    }
    sign_in_code: {
      phone_hash: string
      code_hash: string
      tries: import('kysely').Generated<number>
      sent: import('kysely').Generated<number>
      sent_since: import('kysely').Generated<Date>
      expires_at: Date
    }
    machine_key: {
      id: string
      secret_hash: string
      role: string
      place_code: string
      unit_id: string | null
      expires_at: Date
      revoked_at: Date | null
    }
  }
}

type Any = Db | Trx

/** The number of a merged duplicate leads to whoever was kept. */
const findByHash = (db: Any, column: 'phone_hash' | 'id_number_hash', value: string) =>
  db
    .selectFrom('person')
    .selectAll()
    .where('id', 'in', (e) =>
      e
        .selectFrom('person as p')
        .select((p) => p.fn.coalesce('p.merged_into', 'p.id').as('id'))
        .where(`p.${column}`, '=', value),
    )
    .orderBy('created_at')
    .limit(1)
    .executeTakeFirst()

export const findPersonByPhone = (db: Any, phoneHash: string) => findByHash(db, 'phone_hash', phoneHash)
export const findPersonByIdNumber = (db: Any, idNumberHash: string) =>
  findByHash(db, 'id_number_hash', idNumberHash)

/** Everybody registered at the same address, the person included; only them when no address is known. */
export const householdOf = (db: Any, personId: string) =>
  db
    .selectFrom('person')
    .selectAll()
    .where('erased_at', 'is', null)
    .where('merged_into', 'is', null)
    .where((e) =>
      e.or([
        e('id', '=', personId),
        e('residence_hash', '=', (s) =>
          s.selectFrom('person as me').select('me.residence_hash').where('me.id', '=', personId),
        ),
      ]),
    )
    .orderBy('created_at')
    .orderBy('id')
    .execute()

export const findPerson = (db: Any, id: string) =>
  db.selectFrom('person').selectAll().where('id', '=', id).executeTakeFirst()

export const addPerson = (db: Any, row: Insertable<import('#kernel/db.ts').DB['person']>) =>
  db
    .insertInto('person')
    .values(row)
    .onConflict((c) => c.column('id').doNothing())
    .execute()

export const findAccount = (db: Any, username: string) =>
  db
    .selectFrom('account')
    .selectAll()
    .where('username', '=', username)
    .where('disabled_at', 'is', null)
    .executeTakeFirst()

/** Counts a wrong password; at `limit` the account is locked until `until`. Wall time. */
export const countFailure = (db: Any, id: string, limit: number, until: Date) =>
  db
    .updateTable('account')
    .set({
      failed: sql`failed + 1`,
      locked_until: sql`case when failed + 1 >= ${limit} then ${until}::timestamptz else locked_until end`,
    })
    .where('id', '=', id)
    .execute()

export const clearFailures = (db: Any, id: string) =>
  db.updateTable('account').set({ failed: 0, locked_until: null }).where('id', '=', id).execute()

export async function grantsOf(db: Any, accountId: string): Promise<Grant[]> {
  const rows = await db
    .selectFrom('account_grant')
    .select(['role', 'place_code', 'unit_id'])
    .where('account_id', '=', accountId)
    .where('valid_from', '<=', sql<Date>`now()`)
    .where((e) => e.or([e('valid_to', 'is', null), e('valid_to', '>', sql<Date>`now()`)]))
    .execute()
  return rows.map((r) => ({ role: r.role, place: r.place_code, unit: r.unit_id }))
}

export const addSession = (
  db: Any,
  row: {
    secret_hash: string
    kind: 'staff' | 'resident'
    subject_id: string
    expires_at: Date
    device: string
    address: string
  },
) =>
  db
    .insertInto('session')
    .values({ ...row, revoked_at: null })
    .execute()

export type FoundSession = {
  secret_hash: string
  kind: 'staff' | 'resident'
  subject_id: string
  seen_at: Date
  /** Of a resident; null where the person is gone. */
  name_sealed: string | null
  place_code: string | null
}

/**
 * Planned anew each time: a plan kept from a small city read everybody at each look after an import (15 ms at 300,000).
 * Sessions that hold, with the person behind a resident's. A staff session that was not seen for `idleMinutes` (wall time) has ended. */
export async function findSessions(
  db: Any,
  secretHashes: readonly string[],
  idleMinutes: number,
): Promise<FoundSession[]> {
  const { rows } =
    await sql<FoundSession>`select s.secret_hash, s.kind, s.subject_id, s.seen_at, p.name_sealed, p.place_code
    from session s left join person p on s.kind = 'resident' and p.id = s.subject_id
    where s.secret_hash = any(${secretHashes}::text[]) and s.revoked_at is null and s.expires_at > now()
      and (s.kind = 'resident' or s.seen_at > now() - make_interval(mins => ${idleMinutes}::int))`.execute(db)
  return rows
}

/** What another is marking as seen at this moment is left to it: two that wait for each other's rows would both fail. */
export const touchSessions = (db: Any, secretHashes: readonly string[]) =>
  sql`update session set seen_at = now() where secret_hash in
    (select secret_hash from session where secret_hash = any(${secretHashes}::text[]) for update skip locked)`.execute(
    db,
  )

export const revokeSession = (db: Any, secretHash: string) =>
  db
    .updateTable('session')
    .set({ revoked_at: sql`now()` })
    .where('secret_hash', '=', secretHash)
    .execute()

export async function dropOldSessions(db: Any): Promise<void> {
  await db
    .deleteFrom('session')
    .where('expires_at', '<', sql<Date>`now() - interval '1 day'`)
    .execute()
  await dropStaleAttempts(db)
}

/** Keeps the new code and says how many were sent to this number within the last `minutes` (wall time). */
export async function putCode(
  db: Any,
  row: { phone_hash: string; code_hash: string; expires_at: Date },
  minutes: number,
): Promise<number> {
  const recent = sql<boolean>`sign_in_code.sent_since > now() - make_interval(mins => ${minutes})`
  const { sent } = await db
    .insertInto('sign_in_code')
    .values({ ...row, tries: 0 })
    .onConflict((c) =>
      c.column('phone_hash').doUpdateSet({
        ...row,
        tries: 0,
        sent: sql`case when ${recent} then sign_in_code.sent + 1 else 1 end`,
        sent_since: sql`case when ${recent} then sign_in_code.sent_since else now() end`,
      }),
    )
    .returning('sent')
    .executeTakeFirstOrThrow()
  return sent
}

/** Counts the try and gives the row back while tries are left; undefined once they are used up or it has expired. */
export const tryCode = (db: Any, phoneHash: string, mostTries: number) =>
  db
    .updateTable('sign_in_code')
    .set({ tries: sql`tries + 1` })
    .where('phone_hash', '=', phoneHash)
    .where('expires_at', '>', sql<Date>`now()`)
    .where('tries', '<', mostTries)
    .returning(['code_hash'])
    .executeTakeFirst()

/** A used code is worth nothing; the count of those sent stays. */
export const dropCode = (db: Any, phoneHash: string) =>
  db
    .updateTable('sign_in_code')
    .set({ expires_at: sql`now()` })
    .where('phone_hash', '=', phoneHash)
    .execute()

export const findKey = (db: Any, secretHash: string) =>
  db
    .selectFrom('machine_key')
    .selectAll()
    .where('secret_hash', '=', secretHash)
    .where('revoked_at', 'is', null)
    .where('expires_at', '>', sql<Date>`now()`)
    .executeTakeFirst()

export const addKey = (db: Any, row: Insertable<import('#kernel/db.ts').DB['machine_key']>) =>
  db.insertInto('machine_key').values(row).execute()

export const findUnit = (db: Any, id: string) =>
  db.selectFrom('unit').selectAll().where('id', '=', id).executeTakeFirst()

export const allUnits = (db: Any) =>
  db.selectFrom('unit').selectAll().orderBy('place_code').orderBy('id').execute()

export const listDemoAccounts = (db: Any) =>
  db
    .selectFrom('account')
    .innerJoin('account_grant', 'account_grant.account_id', 'account.id')
    .select([
      'account.username',
      'account.name',
      'account_grant.role',
      'account_grant.place_code',
      'account_grant.unit_id',
    ])
    .where('account.simulated', '=', true)
    .where('account.username', 'not like', 'sim.%')
    .orderBy('account.id')
    .execute()
