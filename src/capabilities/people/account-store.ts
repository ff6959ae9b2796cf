import { sql, type Insertable } from 'kysely'
import { meaning, span, type Db, type Trx } from '#kernel/db.ts'

declare module '#kernel/db.ts' {
  interface DB {
    second_factor: {
      id: string
      secret_sealed: string
      confirmed_at: Date | null
      last_step: import('kysely').Generated<number>
    }
    recovery_code: { account_id: string; code_hash: string; used_at: Date | null }
    half_session: {
      secret_hash: string
      account_id: string
      tries: import('kysely').Generated<number>
      expires_at: Date
    }
    account_identity: {
      issuer: string
      subject: string
      account_id: string
      linked_at: import('kysely').Generated<Date>
    }
    oidc_attempt: { state_hash: string; nonce: string; verifier: string; expires_at: Date }
  }
}

meaning({
  account_username: 'username_taken',
  account_pkey: 'username_taken',
  account_identity_one: 'identity_taken',
})

type Any = Db | Trx
const now = sql<Date>`now()`

/** What an actor is made of: the account, and whether its second factor stands. */
export const findAccountState = (db: Any, id: string) =>
  db
    .selectFrom('account')
    .leftJoin('second_factor', (j) =>
      j.onRef('second_factor.id', '=', 'account.id').on('second_factor.confirmed_at', 'is not', null),
    )
    .select([
      'account.id',
      'account.username',
      'account.name',
      'account.simulated',
      'account.disabled_at',
      'account.password_hash',
      'account.password_once as passwordOnce',
      'account.oidc_allowed',
      'account.place_code',
      sql<boolean>`second_factor.id is not null`.as('hasSecondFactor'),
      sql<boolean>`coalesce(account.locked_until > now(), false)`.as('locked'),
    ])
    .where('account.id', '=', id)
    .executeTakeFirst()

/** Counts a try before it is looked at, so that many at once cannot outrun the lock. False while locked. */
export async function countTry(db: Any, id: string, limit: number, until: Date): Promise<boolean> {
  const row = await db
    .updateTable('account')
    .set({
      failed: sql`failed + 1`,
      locked_until: sql`case when failed + 1 >= ${limit} then ${until}::timestamptz else locked_until end`,
    })
    .where('id', '=', id)
    .where('disabled_at', 'is', null)
    .where((e) => e.or([e('locked_until', 'is', null), e('locked_until', '<=', now)]))
    .returning('failed')
    .executeTakeFirst()
  return row !== undefined
}

/** Whoever knew the old password and was asked for the code has to begin anew. */
export async function setPassword(trx: Trx, id: string, passwordHash: string, once: boolean): Promise<void> {
  await trx
    .updateTable('account')
    .set({ password_hash: passwordHash, password_once: once })
    .where('id', '=', id)
    .execute()
  await trx.deleteFrom('half_session').where('account_id', '=', id).execute()
}

/** Keeps a secret that waits for its first code; false when one is confirmed already. */
export async function putSecondFactor(db: Any, id: string, sealed: string): Promise<boolean> {
  const row = await db
    .insertInto('second_factor')
    .values({ id, secret_sealed: sealed, confirmed_at: null })
    .onConflict((c) =>
      c
        .column('id')
        .doUpdateSet({ secret_sealed: sealed, last_step: 0 })
        .where('second_factor.confirmed_at', 'is', null),
    )
    .returning('id')
    .executeTakeFirst()
  return row !== undefined
}

export const findSecondFactor = (db: Any, id: string) =>
  db.selectFrom('second_factor').selectAll().where('id', '=', id).executeTakeFirst()

/** Takes the code of this step, once and never an older one. */
export async function takeStep(db: Any, id: string, step: number): Promise<boolean> {
  const row = await db
    .updateTable('second_factor')
    .set({ last_step: step })
    .where('id', '=', id)
    .where('last_step', '<', step)
    .returning('id')
    .executeTakeFirst()
  return row !== undefined
}

export async function confirmSecondFactor(trx: Trx, id: string): Promise<boolean> {
  const row = await trx
    .updateTable('second_factor')
    .set({ confirmed_at: now })
    .where('id', '=', id)
    .where('confirmed_at', 'is', null)
    .returning('id')
    .executeTakeFirst()
  return row !== undefined
}

export async function dropSecondFactor(trx: Trx, id: string): Promise<void> {
  await trx.deleteFrom('second_factor').where('id', '=', id).execute()
  await trx.deleteFrom('recovery_code').where('account_id', '=', id).execute()
  await trx.deleteFrom('half_session').where('account_id', '=', id).execute()
}

export async function putRecoveryCodes(trx: Trx, accountId: string, hashes: string[]): Promise<void> {
  await trx.deleteFrom('recovery_code').where('account_id', '=', accountId).execute()
  await trx
    .insertInto('recovery_code')
    .values(hashes.map((code_hash) => ({ account_id: accountId, code_hash, used_at: null })))
    .execute()
}

export async function takeRecoveryCode(db: Any, accountId: string, codeHash: string): Promise<boolean> {
  const row = await db
    .updateTable('recovery_code')
    .set({ used_at: now })
    .where('account_id', '=', accountId)
    .where('code_hash', '=', codeHash)
    .where('used_at', 'is', null)
    .returning('account_id')
    .executeTakeFirst()
  return row !== undefined
}

export async function countRecoveryCodes(db: Any, accountId: string): Promise<number> {
  const { n } = await db
    .selectFrom('recovery_code')
    .select((e) => e.fn.countAll<number>().as('n'))
    .where('account_id', '=', accountId)
    .where('used_at', 'is', null)
    .executeTakeFirstOrThrow()
  return n
}

export const addHalfSession = (db: Any, row: { secret_hash: string; account_id: string; expires_at: Date }) =>
  db.insertInto('half_session').values(row).execute()

/** Counts the try; undefined once the tries are used up, or the time. */
export const tryHalfSession = (db: Any, secretHash: string, mostTries: number) =>
  db
    .updateTable('half_session')
    .set({ tries: sql`tries + 1` })
    .where('secret_hash', '=', secretHash)
    .where('expires_at', '>', now)
    .where('tries', '<', mostTries)
    .returning('account_id')
    .executeTakeFirst()

export async function takeHalfSession(db: Any, secretHash: string): Promise<boolean> {
  const row = await db
    .deleteFrom('half_session')
    .where('secret_hash', '=', secretHash)
    .returning('account_id')
    .executeTakeFirst()
  return row !== undefined
}

/** Half-sessions and walks to the identity provider that nobody finished. */
export async function dropStaleAttempts(db: Any): Promise<void> {
  await db.deleteFrom('half_session').where('expires_at', '<', now).execute()
  await db.deleteFrom('oidc_attempt').where('expires_at', '<', now).execute()
}

const SHOWN = [
  'id',
  'username',
  'name',
  'place_code',
  'simulated',
  'disabled_at',
  'locked_until',
  'password_once',
  'oidc_allowed',
] as const

/** Under the actor's own sight: the database shows only accounts of their places, and no password. */
export const listAccounts = (trx: Trx, places: readonly string[], after: string, limit: number) =>
  trx
    .selectFrom('account')
    .select(SHOWN)
    .where('place_code', '>=', span(places).lo)
    .where('place_code', '<', span(places).hi)
    .where('username', '>', after)
    .orderBy('username')
    .limit(limit)
    .execute()

export const findShownAccount = (trx: Trx, id: string) =>
  trx.selectFrom('account').select(SHOWN).where('id', '=', id).executeTakeFirst()

export type ShownAccount = NonNullable<Awaited<ReturnType<typeof findShownAccount>>>

/** Grants that hold now or will; those that ended speak in the audit only. */
export const openGrants = (db: Any, accountIds: readonly string[]) =>
  db
    .selectFrom('account_grant')
    .selectAll()
    .where('account_id', 'in', [...accountIds])
    .where((e) => e.or([e('valid_to', 'is', null), e('valid_to', '>', now)]))
    .orderBy('valid_from')
    .orderBy('id')
    .execute()

export async function withSecondFactor(db: Any, accountIds: readonly string[]): Promise<Set<string>> {
  const rows = await db
    .selectFrom('second_factor')
    .select('id')
    .where('id', 'in', [...accountIds])
    .where('confirmed_at', 'is not', null)
    .execute()
  return new Set(rows.map((r) => r.id))
}

/** The same role, place and unit again is the same grant with another time. Returns its id. */
export async function putGrant(
  trx: Trx,
  row: {
    account_id: string
    role: string
    place_code: string
    unit_id: string | null
    valid_from: Date
    valid_to: Date | null
  },
): Promise<string> {
  const { id } = await trx
    .insertInto('account_grant')
    .values(row)
    .onConflict((c) =>
      c
        .columns(['account_id', 'role', 'place_code', 'unit_id'])
        .doUpdateSet({ valid_from: row.valid_from, valid_to: row.valid_to }),
    )
    .returning('id')
    .executeTakeFirstOrThrow()
  return id
}

export async function endGrant(trx: Trx, accountId: string, grantId: string): Promise<boolean> {
  const row = await trx
    .updateTable('account_grant')
    .set({ valid_to: now })
    .where('account_id', '=', accountId)
    .where('id', '=', grantId)
    .where((e) => e.or([e('valid_to', 'is', null), e('valid_to', '>', now)]))
    .returning('id')
    .executeTakeFirst()
  return row !== undefined
}

export const listSessions = (
  db: Any,
  kind: 'staff' | 'resident',
  subjectId: string,
  idleMinutes: number | undefined,
) =>
  db
    .selectFrom('session')
    .select(['id', 'secret_hash', 'device', 'address', 'created_at', 'seen_at', 'expires_at'])
    .where('subject_id', '=', subjectId)
    .where('kind', '=', kind)
    .where('revoked_at', 'is', null)
    .where('expires_at', '>', now)
    .$if(idleMinutes !== undefined, (q) =>
      q.where('seen_at', '>', sql<Date>`now() - make_interval(mins => ${idleMinutes})`),
    )
    .orderBy('seen_at', 'desc')
    .limit(100)
    .execute()

/** Ends sessions of somebody: one, all, or all but one (by the hash of its secret). Returns the hashes of the ended. */
export async function endSessions(
  db: Any,
  kind: 'staff' | 'resident',
  subjectId: string,
  given: { id?: string | undefined; except?: string | undefined } = {},
): Promise<string[]> {
  let query = db
    .updateTable('session')
    .set({ revoked_at: now })
    .where('subject_id', '=', subjectId)
    .where('kind', '=', kind)
    .where('revoked_at', 'is', null)
  if (given.id) query = query.where('id', '=', given.id)
  if (given.except) query = query.where('secret_hash', '<>', given.except)
  return (await query.returning('secret_hash').execute()).map((r) => r.secret_hash)
}

/** Providers and those who configure them do not agree on the slash at the end. */
const issuerKey = (issuer: string) => issuer.replace(/\/+$/, '')

export const findIdentity = (db: Any, issuer: string, subject: string) =>
  db
    .selectFrom('account_identity')
    .select('account_id')
    .where('issuer', '=', issuerKey(issuer))
    .where('subject', '=', subject)
    .executeTakeFirst()

export const addIdentity = (db: Any, row: { issuer: string; subject: string; account_id: string }) =>
  db
    .insertInto('account_identity')
    .values({ ...row, issuer: issuerKey(row.issuer) })
    .execute()

export const addOidcAttempt = (
  db: Any,
  row: { state_hash: string; nonce: string; verifier: string; expires_at: Date },
) => db.insertInto('oidc_attempt').values(row).execute()

/** Gives the attempt out once. */
export const takeOidcAttempt = (db: Any, stateHash: string) =>
  db
    .deleteFrom('oidc_attempt')
    .where('state_hash', '=', stateHash)
    .returning(['nonce', 'verifier', sql<boolean>`expires_at > now()`.as('fresh')])
    .executeTakeFirst()

export const dropIdentities = (db: Any, accountId: string) =>
  db.deleteFrom('account_identity').where('account_id', '=', accountId).execute()

export const setOidcAllowed = (db: Any, id: string, allowed: boolean) =>
  db.updateTable('account').set({ oidc_allowed: allowed }).where('id', '=', id).execute()

export const addAccount = (trx: Trx, row: Insertable<import('#kernel/db.ts').DB['account']>) =>
  trx.insertInto('account').values(row).execute()

export async function setDisabled(trx: Trx, id: string, disabled: boolean): Promise<void> {
  await trx
    .updateTable('account')
    .set({ disabled_at: disabled ? now : null })
    .where('id', '=', id)
    .execute()
}
