import { sql, type RawBuilder } from 'kysely'
import type { Db } from '#kernel/db.ts'
import type { Term } from './duty.ts'

declare module '#kernel/db.ts' {
  interface DB {
    screening_round: {
      id: string
      place_code: string
      plan_id: string
      title: string
      starts_on: string
      ends_on: string
      actor_id: string
      opened_at: Date
      ended_at: Date | null
      opened_as: string | null
      opened_at_place: string | null
      target_percent: number | null
      target_hour: number | null
    }
    tested_count: { day: string; place_code: string; occupation: string; n: number }
    antigen_count: { day: string; place_code: string; occupation: string; nth: number; n: number }
    done_pace: { place_code: string; occupation: string; nth: number; slot: Date; n: number }
    recall_count: { place_code: string; occupation: string; n: number; tested: number }
    coverage_mark: { one: boolean; xact: string; antigen_xact: string; counted_at: Date }
  }
}

/** `terms`: what each place and occupation owes (duty.ts), for a statement to join. */
export function termRows(terms: readonly Term[]): RawBuilder<unknown> {
  const column = <T>(pick: (t: Term) => T) => terms.map(pick)
  return sql`(select * from unnest(${column((t) => t.placeCode)}::text[], ${column((t) => t.occupation)}::text[],
    ${column((t) => t.pcr)}::int[], ${column((t) => t.antigen)}::int[]) as term (place, occupation, pcr, antigen))`
}

/** What is owed at a place by an occupation: of several the largest, as `dutyOf` says it; a test holds the two together. */
export const owedAt = (place: RawBuilder<unknown>, occupation: RawBuilder<unknown>) => sql`
  (select coalesce(max(pcr), 0) as pcr, coalesce(max(antigen), 0) as antigen from term
   where starts_with(${place}, term.place) and (term.occupation is null or term.occupation = ${occupation}))`

/**
 * The same as an expression over the terms that touch a place: for the 12,000 counts of a city the sub-select of `owedAt`
 * took four times as long as all the rest.
 */
function owedIn(
  place: string,
  terms: readonly Term[],
  key: 'pcr' | 'antigen',
  code: RawBuilder<unknown>,
  occupation: RawBuilder<unknown>,
): RawBuilder<number> {
  const cases = terms
    .filter((t) => t[key] > 0 && (place.startsWith(t.placeCode) || t.placeCode.startsWith(place)))
    .map((t) => {
      const where = place.startsWith(t.placeCode) ? sql`true` : sql`starts_with(${code}, ${t.placeCode})`
      const whose = t.occupation === null ? sql`true` : sql`${occupation} = ${t.occupation}`
      return sql`case when ${where} and ${whose} then ${t[key]}::int end`
    })
  return sql<number>`greatest(0, ${sql.join([...cases, sql`0`])})`
}

/** Self-tests a day that any of these asks for at most: so many are told apart. */
const mostAntigen = (asked: readonly { antigen: number }[]): number =>
  Math.max(0, ...asked.map((a) => a.antigen))

const nths = (most: number): number[] => Array.from({ length: most }, (_, i) => i + 1)

/**
 * Who lives in a place, who of them was sampled that day, and who reported a first, a second … self-test (`a1`, `a2`, …); of
 * one occupation, or of everybody (null). Somebody sampled before they were counted among those who live there is one of
 * them. Joined in full, which is done by hashing: the planner, who knows little of a day that has just begun, compared
 * every place with every other, and looking each one up by key took half of the time of a city.
 */
function known(
  from: RawBuilder<unknown>,
  to: RawBuilder<unknown>,
  day: string,
  most: number,
  occupation: RawBuilder<unknown> = sql`null::text`,
): RawBuilder<unknown> {
  const within = sql`place_code >= ${from} and place_code < ${to} and (${occupation} is null or occupation = ${occupation})`
  const reported = sql`
    full join (
      select place_code, occupation, ${sql.join(nths(most).map((k) => sql`sum(n) filter (where nth = ${sql.lit(k)}) as ${sql.ref(`a${k}`)}`))}
      from antigen_count where day = ${day}::date and ${within} group by 1, 2
    ) a using (place_code, occupation)`
  const columns = nths(most).map(
    (k) => sql`, least(coalesce(${sql.ref(`a${k}`)}, 0), greatest(p.n, t.n, 0)) as ${sql.ref(`a${k}`)}`,
  )
  return sql`
    (select place_code as code, occupation, greatest(p.n, t.n, 0) as n, coalesce(t.n, 0) as tested${sql.join(columns, sql``)}
     from (select place_code, occupation, n from people_count where ${within}) p
       full join (select place_code, occupation, n from tested_count where day = ${day}::date and ${within}) t using (place_code, occupation)
       ${most > 0 ? reported : sql``})`
}

/** Self-tests of a row of `known` that were owed and reported. */
const doneOf = (owed: RawBuilder<unknown>, most: number): RawBuilder<unknown> =>
  sql`(0${sql.join(
    nths(most).map((k) => sql` + case when ${owed} >= ${sql.lit(k)} then ${sql.ref(`a${k}`)} else 0 end`),
    sql``,
  )})`

export type PlaceCount = {
  place: string
  people: number
  /** Who owe a PCR. */
  owing: number
  /** Everybody who was sampled. */
  tested: number
  /** Those who owe a PCR and were not sampled. */
  missing: number
  /** Self-tests that are owed and how many of them were reported. */
  antigenOwed: number
  antigenDone: number
  /** Called back and still owing a tube, beyond those missing. */
  recalled: number
}

/** `occupation`: '' is everybody whom no plan of the pack names. `owingOf`, `doneOf`: tests of each term of `parts`. */
export type OccupationCount = PlaceCount & { occupation: string; owingOf: number[]; doneOf: number[] }

/** Where a term asks for tests, of whom, and how many. */
export type Part = Pick<Term, 'placeCode' | 'occupation' | 'pcr' | 'antigen'>

/** Whether a row of counts lies where a term holds and is of its people; `place` is what the rows are of. */
const isOf = (part: Part, place: string): RawBuilder<unknown> =>
  sql`${place.startsWith(part.placeCode) ? sql`true` : sql`starts_with(code, ${part.placeCode})`}
    and ${part.occupation === null ? sql`true` : sql`occupation = ${part.occupation}`}`

/**
 * What is owed and what was done in the places right below one, from counts by compound and occupation: some ten thousand
 * rows however many people live there. Of each of `parts` by itself in the same walk: one more for each took as long again.
 */
export async function coverageCounts(
  db: Db,
  place: string,
  day: string,
  depth: number,
  terms: readonly Term[],
  /** What open recalls ask for is asked for now: on another day nobody is counted for them. */
  given: { withRecalls?: boolean; parts?: readonly Part[] } = {},
): Promise<OccupationCount[]> {
  const { withRecalls = false, parts = [] } = given
  const most = mostAntigen(terms)
  const sums = (each: (part: Part) => RawBuilder<unknown>) =>
    sql`array[${sql.join(parts.map((p) => sql`coalesce(sum(${each(p)}) filter (where ${isOf(p, place)}), 0)`))}]::float8[]`
  const { rows } = await sql<OccupationCount>`
    select left(code, ${depth}) as place, occupation, sum(people)::bigint as people, sum(tested)::bigint as tested,
      coalesce(sum(people) filter (where pcr > 0), 0)::bigint as owing,
      coalesce(sum(people - tested) filter (where pcr > 0), 0)::bigint as missing,
      sum(people * antigen)::bigint as "antigenOwed", sum(done)::bigint as "antigenDone",
      sum(recalled)::bigint as recalled,
      ${sums((p) => sql`people * ${(p.pcr > 0 ? 1 : 0) + p.antigen}::int`)} as "owingOf",
      ${sums((p) => sql`${p.pcr > 0 ? sql`tested` : sql`0`} + ${doneOf(sql`${p.antigen}::int`, most)}`)} as "doneOf"
    from (
      select c.*, c.n as people, ${doneOf(sql`c.antigen`, most)} as done,
        coalesce(case when c.pcr > 0 then r.tested else r.n end, 0) as recalled
      from (
        select k.*, ${owedIn(place, terms, 'pcr', sql`k.code`, sql`k.occupation`)} as pcr, ${owedIn(place, terms, 'antigen', sql`k.code`, sql`k.occupation`)} as antigen
        from ${known(sql`${place}`, sql`${`${place}~`}`, day, most)} k
      ) c
        left join (select place_code as code, occupation, n, tested from recall_count where ${withRecalls}::boolean) r using (code, occupation)
    ) n group by 1, 2 having sum(people) > 0 order by 1, 2`.execute(db)
  return rows
}

/** The counts of several occupations or places as one. */
export function together(rows: readonly Omit<PlaceCount, 'place'>[]): Omit<PlaceCount, 'place'> {
  const all = { people: 0, owing: 0, tested: 0, missing: 0, antigenOwed: 0, antigenDone: 0, recalled: 0 }
  for (const row of rows) for (const key of Object.keys(all) as (keyof typeof all)[]) all[key] += row[key]
  return all
}

/** The same by place alone. */
export async function coverageBelow(...asked: Parameters<typeof coverageCounts>): Promise<PlaceCount[]> {
  const places = Map.groupBy(await coverageCounts(...asked), (r) => r.place)
  return [...places].map(([place, rows]) => ({ place, ...together(rows) }))
}

/** What a round asks for on a day, and where. */
export type AskedByRound = {
  id: string
  placeCode: string
  /** Of whom; everybody where null. */
  occupation: string | null
  pcr: number
  antigen: number
}
export type RoundCount = { id: string; owing: number; done: number; lately: number }

/** How far rounds are on a day, in tests, all of them in one statement. `since` is null of a day that is not today: nobody comes. */
export async function roundCounts(
  db: Db,
  day: string,
  since: Date | null,
  asked: readonly AskedByRound[],
): Promise<Map<string, RoundCount>> {
  if (asked.length === 0) return new Map()
  const column = <T>(pick: (a: AskedByRound) => T) => asked.map(pick)
  const most = mostAntigen(asked)
  const { rows } = await sql<RoundCount>`
    select q.id, coalesce(c.owing, 0)::bigint as owing, coalesce(c.done, 0)::bigint as done, coalesce(p.n, 0)::bigint as lately
    from unnest(${column((a) => a.id)}::text[], ${column((a) => a.placeCode)}::text[], ${column((a) => a.occupation)}::text[], ${column((a) => a.pcr)}::int[], ${column((a) => a.antigen)}::int[])
        as q (id, place, occupation, pcr, antigen)
      cross join lateral (
        select sum(k.n * (least(q.pcr, 1) + q.antigen)) as owing,
          sum(case when q.pcr > 0 then k.tested else 0 end + ${doneOf(sql`q.antigen`, most)}) as done
        from ${known(sql`q.place`, sql`q.place || '~'`, day, most, sql`q.occupation`)} k
      ) c
      left join lateral (
        select sum(n) as n from done_pace
        where place_code >= q.place and place_code < q.place || '~' and slot >= ${since}::timestamptz
          and (nth = 0 and q.pcr > 0 or nth between 1 and q.antigen) and (q.occupation is null or occupation = q.occupation)
      ) p on true`.execute(db)
  return new Map(rows.map((r) => [r.id, r]))
}

/** How many of a place came since for what they owe: to be sampled, and with a self-test. Whoever owes nothing counts for nothing. */
export async function paceOf(
  db: Db,
  place: string,
  since: Date,
  terms: readonly Term[],
): Promise<{ pcr: number; antigen: number }> {
  const { rows } = await sql<{ pcr: number; antigen: number }>`
    select coalesce(sum(n) filter (where nth = 0 and ${owedIn(place, terms, 'pcr', sql`place_code`, sql`occupation`)} > 0), 0)::bigint as pcr,
      coalesce(sum(n) filter (where nth between 1 and ${owedIn(place, terms, 'antigen', sql`place_code`, sql`occupation`)}), 0)::bigint as antigen
    from done_pace where place_code >= ${place} and place_code < ${`${place}~`} and slot >= ${since}`.execute(
    db,
  )
  return rows[0]!
}
