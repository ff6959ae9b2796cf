import { sql } from 'kysely'
import type { App } from '#kernel/app.ts'
import type { Trx } from '#kernel/db.ts'
import { CityError } from '#kernel/errors.ts'
import { idFrom } from '#kernel/ids.ts'
import type { IdKind } from './contract.ts'
import {
  idNumberHash,
  phoneHash,
  plainName,
  sealPerson,
  type PersonColumns,
  type PersonFacts,
} from './identity.ts'
import { isIdNumber, plainIdNumber } from './rules.ts'
import type { PersonRecord } from './register.ts'
import * as store from './store.ts'

type Known = Pick<App, 'db' | 'vault'>

/**
 * What identifies somebody, as a keyed hash: the identity number where one is given, else the telephone. Nobody without
 * the key can try values.
 */
export const identityHash = (
  { vault }: Known,
  given: { phone?: string | undefined; idKind?: IdKind; idNumber?: string },
): string =>
  given.idNumber === undefined
    ? phoneHash(vault, given.phone ?? '')
    : idNumberHash(vault, given.idKind ?? 'other', plainIdNumber(given.idNumber))

/** Imports take this lock alone; a single registration shares it and takes one more for its own number. */
export const REGISTER_LOCK = 20220328

/** Whoever has this telephone; the number of a merged duplicate leads to the one who was kept. */
export const findPersonByPhone = ({ db, vault }: Known, phone: string, trx?: Trx) =>
  store.findPersonByPhone(trx ?? db, phoneHash(vault, phone))

/** Whoever has this identity number, in any writing of it. */
export const findPersonByIdNumber = (
  { db, vault }: Known,
  given: { idKind: IdKind; idNumber: string },
  trx?: Trx,
) => store.findPersonByIdNumber(trx ?? db, idNumberHash(vault, given.idKind, plainIdNumber(given.idNumber)))

/**
 * Whoever asks for a telephone and registers its owner when nobody has it does both under this lock: two tables that meet
 * the same person at the same instant make one. Held until the transaction ends.
 */
export const lockPhone = async ({ vault }: Known, phone: string, trx: Trx): Promise<void> =>
  void (await sql`select pg_advisory_xact_lock(hashtextextended(${phoneHash(vault, phone)}, ${REGISTER_LOCK}))`.execute(
    trx,
  ))

/** Whether a record is of whom was given: by what identifies them, and by the name only where there is nothing better. */
function isSame({ vault }: Known, there: PersonRecord, given: PersonColumns, name: string): boolean {
  if (there.erased_at) return false
  if (given.id_number_hash) return there.id_number_hash === given.id_number_hash
  if (given.phone_hash) return there.phone_hash === given.phone_hash
  return plainName(vault.open(there.name_sealed, 'person.name')) === plainName(name)
}

/**
 * Registers somebody once. The same client id for the same person again, or an identity number that is known, gives the
 * person who is there; what may be the same person is only noted for review. Throws `id_number_wrong`,
 * `same_id_other_content` (the id is somebody else's). `met`: first met at a sampling table, in no register before.
 */
export async function registerPerson(
  app: App,
  trx: Trx,
  given: PersonFacts & { id: string; met?: boolean },
): Promise<{ id: string; isNew: boolean }> {
  const idNumber = given.idNumber === undefined ? undefined : plainIdNumber(given.idNumber)
  if (idNumber !== undefined && !isIdNumber(given.idKind ?? 'other', idNumber))
    throw new CityError('id_number_wrong')
  const columns = sealPerson(app.vault, { ...given, idNumber })
  await sql`select pg_advisory_xact_lock_shared(${REGISTER_LOCK})`.execute(trx)
  if (columns.id_number_hash) {
    // No unique index: the table is distributed by id, and a number is checked by whoever holds its lock.
    await sql`select pg_advisory_xact_lock(hashtextextended(${columns.id_number_hash}, ${REGISTER_LOCK}))`.execute(
      trx,
    )
    const known = await store.findPersonByIdNumber(trx, columns.id_number_hash)
    if (known) return { id: known.id, isNew: false }
  }
  const now = app.clock.now()
  const row = { ...columns, id: given.id, created_at: now, met_at: given.met ? now : null }
  const { numInsertedOrUpdatedRows } = await trx
    .insertInto('person')
    .values(row)
    .onConflict((c) => c.column('id').doNothing())
    .executeTakeFirstOrThrow()
  if (numInsertedOrUpdatedRows === 0n) {
    const there = await store.findPerson(trx, given.id)
    if (!there || !isSame(app, there, row, given.name)) throw new CityError('same_id_other_content')
    return { id: there.merged_into ?? there.id, isNew: false }
  }
  await noteAlike(app, trx, row, given.name)
  return { id: given.id, isNew: true }
}

type Row = { id: string; place_code: string; phone_hash: string | null; alike_hash: string | null }

/** Two made by different people in the same instant are one pair, whichever comes second. */
export const pairId = (a: string, b: string): string => idFrom('person pair', ...[a, b].sort())

async function noteAlike(app: App, trx: Trx, row: Row, name: string): Promise<void> {
  const { rows } = await sql<{ id: string; name_sealed: string; by_phone: boolean }>`
    select id, name_sealed, phone_hash is not distinct from ${row.phone_hash} as by_phone from person
    where id <> ${row.id}::uuid and erased_at is null and merged_into is null
      and (phone_hash = ${row.phone_hash} or alike_hash = ${row.alike_hash}) limit 5`.execute(trx)
  for (const other of rows) {
    const sameName = plainName(app.vault.open(other.name_sealed, 'person.name')) === plainName(name)
    if (!sameName) continue
    await trx
      .insertInto('person_duplicate')
      .values({
        id: pairId(row.id, other.id),
        person_a: other.id,
        person_b: row.id,
        place_code: row.place_code,
        why: other.by_phone && row.phone_hash ? 'phone_name' : 'name_birth_residence',
        found_at: app.clock.now(),
      })
      .onConflict((c) => c.column('id').doNothing())
      .execute()
  }
}
