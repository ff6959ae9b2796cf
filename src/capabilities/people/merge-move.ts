import { sql, type RawBuilder } from 'kysely'
import type { Trx } from '#kernel/db.ts'
import { PERSON_REFERENCES } from '#kernel/person-references.ts'

/** Rows of one column that were moved, by their keys. */
export type Moved = { table: string; column: string; keys: string[][] }

const keyOf = (key: readonly string[]) => sql`array[${sql.join(key.map((k) => sql`${sql.ref(k)}::text`))}]`

function amongOf(
  among: string | undefined,
  people: Record<'$person' | '$keeper', string>,
): RawBuilder<unknown> {
  if (!among) return sql`true`
  const parts = among.split(/(\$person|\$keeper)/)
  return sql.join(
    parts.map((p) => (p === '$person' || p === '$keeper' ? sql`${people[p]}::uuid` : sql.raw(p))),
    sql.raw(''),
  )
}

/** Lets everything that names one person name another; returns what, so that it can be given back. */
export async function moveReferences(trx: Trx, from: string, to: string): Promise<Moved[]> {
  const moved: Moved[] = []
  for (const { table, column, key, among } of PERSON_REFERENCES) {
    const c = sql.ref(column)
    const { rows } = await sql<{ key: string[] }>`
      update ${sql.table(table)} set ${c} = ${to} where ${c} = ${from} and ${amongOf(among, { $person: from, $keeper: to })} returning ${keyOf(key)} as key`.execute(
      trx,
    )
    if (rows.length > 0) moved.push({ table, column, keys: rows.map((r) => r.key) })
  }
  return moved
}

/** Gives back the rows that were moved, those that still name the keeper; returns how many. */
export async function giveBack(
  trx: Trx,
  moved: readonly Moved[],
  keeper: string,
  to: string,
): Promise<number> {
  let given = 0
  for (const { table, column, keys } of moved) {
    // A column that a later version no longer has took its rows along.
    const known = PERSON_REFERENCES.find((r) => r.table === table && r.column === column)
    if (!known) continue
    const c = sql.ref(column)
    const [first = ''] = known.key
    const done = await sql`
      update ${sql.table(table)} set ${c} = ${to}
      where ${sql.ref(first)} = any(${keys.map((k) => k[0])}) and ${c} = ${keeper}
        and to_jsonb(${keyOf(known.key)}) in (select jsonb_array_elements(${JSON.stringify(keys)}::jsonb))`.execute(
      trx,
    )
    given += Number(done.numAffectedRows ?? 0n)
  }
  return given
}
