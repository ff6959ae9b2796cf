import { sql, type RawBuilder } from 'kysely'
import type { Db, Trx } from '#kernel/db.ts'
import type { State } from './contract.ts'

type Any = Db | Trx

export type Counted = {
  totals: {
    opened: number
    closed: number
    rated: number
    satisfied: number
    answered: number
    solved: number
  }
  now: { open: number; overdue: number; urgent: number }
  byState: { state: State; n: number }[]
  byPlace: { place: string; opened: number; open: number; overdue: number; urgent: number }[]
  byElement: { element: string; n: number }[]
  byUnit: { unit: string; open: number; overdue: number }[]
  byHour: { hour: Date; n: number }[]
}

export function inPlace(place: string): RawBuilder<boolean> {
  if (place.length >= 9) return sql`subdistrict = ${place.slice(0, 9)}`
  return place.length === 6 ? sql`district = ${place}` : sql`true`
}

/**
 * Counts a place and a period from the orders and their clocks. Everything is bounded by the period or by what is
 * open, never by all that ever was; answers are cached for some seconds by the caller.
 */
export async function countOrders(
  db: Any,
  given: { place: string; from: Date; to: Date; satisfiedFrom: number },
): Promise<Counted> {
  const here = inPlace(given.place)
  const below =
    given.place.length < 6 ? sql`district` : given.place.length === 6 ? sql`subdistrict` : sql`place_code`
  const period = sql`opened_at >= ${given.from} and opened_at < ${given.to}`
  const one = async <T>(query: RawBuilder<T>) => (await query.execute(db)).rows[0]!
  const many = async <T>(query: RawBuilder<T>) => (await query.execute(db)).rows
  const totals = await one(sql<Counted['totals']>`
    select count(*) as opened, count(*) filter (where closed_at is not null) as closed,
      count(score) as rated, count(*) filter (where score >= ${given.satisfiedFrom}) as satisfied,
      count(solved) as answered, count(*) filter (where solved) as solved
    from work_order where ${here} and ${period}`)
  const now = await one(sql<Counted['now']>`
    select count(*) as open, count(*) filter (where overdue) as overdue, count(*) filter (where urgent) as urgent
    from work_order where open and ${here}`)
  return {
    totals,
    now,
    byState: await many(
      sql<
        Counted['byState'][number]
      >`select state, count(*) as n from work_order where ${here} and ${period} group by 1 order by 2 desc`,
    ),
    byPlace: await many(sql<Counted['byPlace'][number]>`
      select ${below} as place, count(*) filter (where ${period}) as opened, count(*) filter (where open) as open,
        count(*) filter (where open and overdue) as overdue, count(*) filter (where open and urgent) as urgent
      from work_order where ${here} and (open or (${period})) group by 1 order by 2 desc limit 300`),
    byElement: await many(sql<Counted['byElement'][number]>`
      select coalesce(element, '') as element, count(*) as n from work_order where ${here} and ${period} group by 1 order by 2 desc limit 30`),
    byUnit: await many(sql<Counted['byUnit'][number]>`
      select unit_id as unit, count(*) as open, count(*) filter (where overdue) as overdue
      from work_order where open and unit_id is not null and ${here} group by 1 order by 3 desc, 2 desc limit 30`),
    byHour: await many(sql<Counted['byHour'][number]>`
      select date_trunc('hour', opened_at) as hour, count(*) as n from work_order where ${here} and ${period} group by 1 order by 1`),
  }
}
