import { sql } from 'kysely'
import type { Vault } from './crypto.ts'
import type { Db } from './db.ts'

/** Every sealed column with the purpose bound into it; a test finds a column named *_sealed that is missing here. */
export const SEALED: readonly { table: string; column: string; purpose: string }[] = [
  { table: 'person', column: 'name_sealed', purpose: 'person.name' },
  { table: 'person', column: 'phone_sealed', purpose: 'person.phone' },
  { table: 'person', column: 'id_number_sealed', purpose: 'person.id_number' },
  { table: 'person', column: 'residence_sealed', purpose: 'person.residence' },
  { table: 'person_import_row', column: 'name_sealed', purpose: 'person.name' },
  { table: 'person_import_row', column: 'phone_sealed', purpose: 'person.phone' },
  { table: 'person_import_row', column: 'id_number_sealed', purpose: 'person.id_number' },
  { table: 'person_import_row', column: 'residence_sealed', purpose: 'person.residence' },
  { table: 'person_merge', column: 'reason_sealed', purpose: 'merge.reason' },
  { table: 'second_factor', column: 'secret_sealed', purpose: 'second_factor.secret' },
  { table: 'request', column: 'text_sealed', purpose: 'request.text' },
  { table: 'request', column: 'address_sealed', purpose: 'request.address' },
  { table: 'order_attachment', column: 'name_sealed', purpose: 'attachment.name' },
  { table: 'order_attachment', column: 'key_sealed', purpose: 'attachment.key' },
  { table: 'antigen_photo', column: 'key_sealed', purpose: 'antigen.key' },
  { table: 'person_reveal', column: 'note_sealed', purpose: 'reveal.note' },
  { table: 'appeal', column: 'text_sealed', purpose: 'appeal.text' },
  { table: 'decision', column: 'evidence_sealed', purpose: 'decision.evidence' },
  { table: 'card_key', column: 'private_sealed', purpose: 'card.key' },
  { table: 'finding', column: 'note_sealed', purpose: 'finding.note' },
  { table: 'tube_claim', column: 'reason_sealed', purpose: 'claim.reason' },
  { table: 'glass_break', column: 'reason_sealed', purpose: 'glass.reason' },
]

const BATCH = 500

/**
 * Seals everything anew with the key that seals now, in small transactions beside the running city. A row changed
 * meanwhile is left for the next pass (it was sealed with a key that is newer or the same). Returns rows done.
 */
export async function reseal(
  db: Db,
  vault: Vault,
  onProgress: (table: string, done: number) => void = () => undefined,
): Promise<number> {
  let all = 0
  for (const { table, column, purpose } of SEALED) {
    const [t, c] = [sql.table(table), sql.ref(column)]
    let done = 0
    let after = '00000000-0000-0000-0000-000000000000'
    for (;;) {
      const { rows } = await sql<{ id: string; sealed: string }>`
        select id, ${c} as sealed from ${t} where id > ${after}::uuid and ${c} is not null and not starts_with(${c}, ${`${vault.keyId()}.`})
        order by id limit ${BATCH}`.execute(db)
      if (rows.length === 0) break
      after = rows.at(-1)!.id
      const fresh = rows.map((r) => vault.seal(vault.open(r.sealed, purpose), purpose))
      await sql`
        update ${t} t set ${sql.ref(column)} = n.fresh
        from unnest(${rows.map((r) => r.id)}::uuid[], ${rows.map((r) => r.sealed)}::text[], ${fresh}::text[]) as n (id, old, fresh)
        where t.id = n.id and t.${c} = n.old`.execute(db)
      done += rows.length
      onProgress(`${table}.${column}`, done)
    }
    all += done
  }
  return all
}

/** Rows still sealed with another key than the one that seals now. */
export async function countStale(db: Db, vault: Vault): Promise<number> {
  let n = 0
  for (const { table, column } of SEALED) {
    const c = sql.ref(column)
    const { rows } = await sql<{
      n: number
    }>`select count(*) as n from ${sql.table(table)} where ${c} is not null and not starts_with(${c}, ${`${vault.keyId()}.`})`.execute(
      db,
    )
    n += rows[0]!.n
  }
  return n
}
