import { sql, type RawBuilder } from 'kysely'
import type { Db, Trx } from '#kernel/db.ts'
import type { Rates } from './turns.ts'

export const share = (part: number, whole: number): number | null => (whole === 0 ? null : part / whole)

/** The counts of `countTurns` (turns.ts) in SQL, over the turns that began in a period; a test holds them equal. */
const counts = (now: Date): RawBuilder<Rates> => sql`
  count(*) as sent,
  count(*) filter (where signed_at is not null or (sign_due <= ${now} and ended_at is null)) as "signDue",
  count(*) filter (where signed_at <= sign_due) as "signedOnTime",
  count(*) filter (where resolved_at is not null or (signed_at is not null and handle_due <= ${now} and ended_at is null)) as "handleDue",
  count(*) filter (where resolved_at <= handle_due) as "handledOnTime",
  count(resolved_at) as resolved, count(returned_at) as returned, count(redone_at) as redone`

type Period = { place: string; from: Date; to: Date; now: Date }

const within = ({ place, from, to }: Period) =>
  sql`sent_at >= ${from} and sent_at < ${to} ${place.length < 6 ? sql`` : sql`and place_code ^@ ${place.slice(0, 9)}`}`

export async function countTurnRates(db: Db | Trx, given: Period): Promise<Rates> {
  const { rows } =
    await sql<Rates>`select ${counts(given.now)} from order_turn where ${within(given)}`.execute(db)
  return rows[0]!
}

/** Per unit, or per place of the next level below; those with the most turns first. */
export async function countTurnsBy(
  db: Db | Trx,
  given: Period & { by: 'unit' | 'place' },
): Promise<(Rates & { key: string })[]> {
  const key =
    given.by === 'unit' ? sql`unit_id` : given.place.length < 6 ? sql`left(place_code, 6)` : sql`place_code`
  const { rows } = await sql<Rates & { key: string }>`
    select ${key} as key, ${counts(given.now)} from order_turn where ${within(given)} group by 1 order by 2 desc, 1 limit 300`.execute(
    db,
  )
  return rows
}

/** Cards given in the period, by unit. */
export async function countCards(
  db: Db | Trx,
  given: Period,
): Promise<{ unit: string | null; yellow: number; red: number }[]> {
  const { rows } = await sql<{ unit: string | null; yellow: number; red: number }>`
    select unit_id as unit, count(*) filter (where kind = 'yellow') as yellow, count(*) filter (where kind = 'red') as red
    from order_card where at >= ${given.from} and at < ${given.to}
      ${given.place.length < 6 ? sql`` : sql`and place_code ^@ ${given.place.slice(0, 9)}`}
    group by 1 order by 3 desc, 2 desc limit 300`.execute(db)
  return rows
}
