import { sql, type RawBuilder } from 'kysely'
import type { Db, Trx } from '#kernel/db.ts'

declare module '#kernel/db.ts' {
  interface DB {
    people_count: { place_code: string; occupation: string; n: number }
    people_step: { id: string; place_code: string; occupation: string; n: number }
    people_mark: { one: boolean; occupations: string[] | null }
  }
}

/** Counts are kept down to the compound: 15 digits. */
export const COUNT_DEPTH = 15

/** '' where no plan of the pack names the occupation; `p` is the person. */
export const occupationGroup = (occupations: readonly string[]): RawBuilder<string> =>
  sql`case when p.occupation = any(${occupations}::text[]) then p.occupation else '' end`

/**
 * How many of which occupation live where, by compound: folds what changed in the register since (a trigger of the
 * statement writes it, migrations/000033). Everybody is walked through once at first, and again when the plans of the pack
 * name other occupations. Returns what it did.
 */
export async function countPeople(db: Db, occupations: readonly string[]): Promise<'walked' | 'followed'> {
  const wanted = [...occupations].toSorted()
  return db.transaction().execute(async (trx) => {
    const { rows } = await sql<{ occupations: string[] | null }>`
      select occupations from people_mark for update`.execute(trx)
    const kept = rows[0]!.occupations
    if (kept === null || kept.join() !== wanted.join()) {
      await walk(trx, wanted)
      return 'walked'
    }
    await sql`
      with taken as (
        delete from people_step returning place_code, occupation, n
      ), change as (
        select p.place_code, ${occupationGroup(wanted)} as occupation, sum(p.n)::int as n from taken p group by 1, 2 having sum(p.n) <> 0
      )
      insert into people_count (place_code, occupation, n) select place_code, occupation, n from change
      on conflict (place_code, occupation) do update set n = people_count.n + excluded.n`.execute(trx)
    await sql`delete from people_count where n = 0`.execute(trx)
    return 'followed'
  })
}

async function walk(trx: Trx, occupations: readonly string[]): Promise<void> {
  await sql`delete from people_count`.execute(trx)
  // One statement, one snapshot: a change that it does not see leaves its step for the next turn.
  await sql`
    with gone as (delete from people_step)
    insert into people_count (place_code, occupation, n)
    select left(p.place_code, ${COUNT_DEPTH}::int), ${occupationGroup(occupations)}, count(*) from person p where p.erased_at is null and p.merged_into is null group by 1, 2`.execute(
    trx,
  )
  await sql`update people_mark set occupations = ${occupations}::text[]`.execute(trx)
}

/** How many live in each compound (or wider, where no more is known), as counted within the last minute. */
export async function peopleByCompound(db: Db): Promise<{ placeCode: string; people: number }[]> {
  const { rows } = await sql<{ placeCode: string; people: number }>`
    select place_code as "placeCode", sum(n)::int as people from people_count group by 1 order by 1`.execute(
    db,
  )
  return rows
}
