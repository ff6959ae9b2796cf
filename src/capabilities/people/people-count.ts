import { sql, type RawBuilder } from 'kysely'
import type { Db } from '#kernel/db.ts'

declare module '#kernel/db.ts' {
  interface DB {
    people_count: { place_code: string; occupation: string; n: number }
  }
}

/** Counts are kept down to the compound: 15 digits. */
export const COUNT_DEPTH = 15

/** '' where no plan of the pack names the occupation; `p` is the person. */
export const occupationGroup = (occupations: readonly string[]): RawBuilder<string> =>
  sql`case when p.occupation = any(${occupations}::text[]) then p.occupation else '' end`

/** How many of which occupation live where, by compound; a walk over everybody, once a minute. */
export async function countPeople(db: Db, occupations: readonly string[]): Promise<void> {
  await db.transaction().execute(async (trx) => {
    await sql`delete from people_count`.execute(trx)
    await sql`
      insert into people_count (place_code, occupation, n)
      select left(p.place_code, ${COUNT_DEPTH}::int), ${occupationGroup(occupations)}, count(*) from person p where p.erased_at is null and p.merged_into is null group by 1, 2`.execute(
      trx,
    )
  })
}

/** How many live in each compound (or wider, where no more is known), as counted within the last minute. */
export async function peopleByCompound(db: Db): Promise<{ placeCode: string; people: number }[]> {
  const { rows } = await sql<{ placeCode: string; people: number }>`
    select place_code as "placeCode", sum(n)::int as people from people_count group by 1 order by 1`.execute(
    db,
  )
  return rows
}
