import { sql, type RawBuilder } from 'kysely'
import type { Trx } from '#kernel/db.ts'
import type { Need } from '#capabilities/people/needs.contract.ts'
import { owedAt, termRows } from './coverage-store.ts'
import type { Term } from './duty.ts'
import { MissedGroup } from './missing.contract.ts'
import { gave } from './recall-store.ts'

/** Births that the pack's ages come to: the last year of the old, the first month (months since year 0) of newborns. */
export type Born = { old: number; newborn: number }

/** Who is of a group, said once: the list, the counts and the mark beside a name read it here. */
const groupsOf = (born: Born): Record<MissedGroup, RawBuilder<boolean>> => ({
  no_phone: sql`p.phone_sealed is null`,
  bedridden: sql`coalesce('bedridden' = any(p.needs), false)`,
  night_shift: sql`coalesce('night_shift' = any(p.needs), false)`,
  old_age: sql`coalesce(p.birth_year <= ${born.old}, false)`,
  // Where only the year is known, whoever may be that young: one called out too many is better than one missed.
  newborn: sql`coalesce(p.birth_year * 12 + coalesce(p.birth_month, 12) - 1 >= ${born.newborn}, false)`,
  no_document: sql`p.id_number_hash is null`,
  met: sql`p.met_at is not null`,
  city_service: sql`coalesce(p.occupation = 'city-service', false)`,
})

/** `isToday`: what open recalls ask for is asked for now, and of no other day. */
type Asked = { place: string; day: string; isToday: boolean; terms: readonly Term[]; born: Born }

/**
 * Everybody of a place with what they owe that day and what of it is left. Whoever is called back owes a single tube until
 * they gave one; only recalls of the neighbourhood are looked at, since that is where their orders are.
 */
const everybody = ({ place, day, isToday, terms, born }: Asked) => {
  const occupations = terms.flatMap((t) => t.occupation ?? [])
  return sql`
  with term as materialized ${termRows(terms)},
  recalled as materialized (
    select x.id, bool_or(r.why <> 'invalid') as single
    from recall r cross join lateral unnest(r.person_id || r.household) as x (id)
    where ${isToday}::boolean and r.answered_at is null and r.place_code >= left(${place}, 12) and r.place_code < left(${place}, 12) || '~'
      and not ${gave(sql`x.id`)}
    group by 1
  ),
  -- Narrow, since all of a subdistrict is held: whole rows with their sealed names went to the disk.
  here as materialized (
    select p.id, p.simulated, left(p.place_code, 15) as compound, p.birth_month is null as no_month,
      case when p.occupation = any(${occupations}::text[]) then p.occupation else '' end as grouped,
      ${sql.join(Object.entries(groupsOf(born)).map(([group, is]) => sql`${is} as ${sql.ref(group)}`))}
    from person p where p.erased_at is null and p.merged_into is null and p.place_code >= ${place} and p.place_code < ${`${place}~`}
  ),
  -- What is owed is said once a compound and occupation: for each of the 115,000 people of a subdistrict it took three seconds.
  owed as materialized (
    select d.compound, d.grouped, o.pcr, o.antigen
    from (select distinct compound, grouped from here) d cross join lateral ${owedAt(sql`d.compound`, sql`d.grouped`)} o
  ),
  everybody as (
    select p.id, p.simulated, p.newborn and p.no_month as by_year, ${sql.join(MissedGroup.options.map((group) => sql.ref(`p.${group}`)))},
      owed.pcr > 0 or owed.antigen > 0 or c.id is not null as owes,
      coalesce(c.single, false) as single,
      -- As coverage counts them: beyond those who are missing by a plan.
      c.id is not null and (owed.pcr = 0 or t.person_id is not null) as recalled,
      case when c.id is not null then 1 when t.person_id is null then owed.pcr else 0 end as pcr,
      greatest(0, owed.antigen - case when owed.antigen = 0 then 0 else
        (select count(*) from antigen_test a where a.person_id = p.id and a.day = ${day}::date and a.nth is not null) end) as antigen
    from here p join owed on owed.compound = p.compound and owed.grouped = p.grouped
      -- Looked up person by person: a join reads everybody whom the whole city tested that day, two seconds at ten million.
      left join lateral (select s.person_id from sample s where owed.pcr > 0 and s.person_id = p.id and s.day = ${day}::date limit 1) t on true
      left join recalled c on c.id = p.id
  )`
}

export type MissingRow = Record<MissedGroup, boolean> & {
  id: string
  name_sealed: string
  phone_sealed: string | null
  place_code: string
  needs: Need[] | null
  pcr: number
  antigen: number
  single: boolean
  /** A newborn by the year of birth alone. */
  by_year: boolean
}

/** Those who have not done what they owe, by id. */
export async function missingOf(
  trx: Trx,
  asked: Asked,
  page: { group?: MissedGroup | undefined; after?: string | undefined; limit: number },
): Promise<MissingRow[]> {
  const { rows } = await sql<MissingRow>`
    ${everybody(asked)} select e.*, p.name_sealed, p.phone_sealed, p.place_code, p.needs
    from everybody e join person p using (id)
    where e.pcr + e.antigen > 0 and ${page.group ? sql.ref(page.group) : sql`true`} and ${page.after ? sql`e.id > ${page.after}::uuid` : sql`true`}
    order by e.id limit ${page.limit}`.execute(trx)
  return rows
}

/** `simulated`: all who are missing are. */
export type GroupCount = { owing: number; missing: number; simulated: boolean }

/** What of it is left: people who owe a PCR (of them called back beyond a plan), and self-tests. The same as coverage says. */
export type Left = { pcr: number; recalled: number; antigen: number; newbornByYear: number }

/** How many of each group owe something and have not done it; `all` is everybody. */
export async function countGroups(
  trx: Trx,
  asked: Asked,
): Promise<{ by: Record<MissedGroup | 'all', GroupCount>; left: Left }> {
  const groups = ['all', ...Object.keys(groupsOf(asked.born))] as (MissedGroup | 'all')[]
  const { rows } = await sql<Record<string, number | boolean>>`
    ${everybody(asked)} select ${sql.join(
      groups.flatMap((g) => {
        const of = g === 'all' ? sql`true` : sql.ref(g)
        return [
          sql`count(*) filter (where owes and ${of}) as ${sql.ref(`${g}_owing`)}`,
          sql`count(*) filter (where pcr + antigen > 0 and ${of}) as ${sql.ref(`${g}_missing`)}`,
          sql`coalesce(bool_and(simulated) filter (where pcr + antigen > 0 and ${of}), false) as ${sql.ref(`${g}_simulated`)}`,
        ]
      }),
    )},
      count(*) filter (where pcr > 0) as pcr, count(*) filter (where recalled) as recalled, coalesce(sum(antigen), 0)::bigint as antigen,
      count(*) filter (where pcr + antigen > 0 and by_year) as by_year
    from everybody`.execute(trx)
  const row = rows[0]!
  const by = Object.fromEntries(
    groups.map((g) => [
      g,
      { owing: row[`${g}_owing`], missing: row[`${g}_missing`], simulated: row[`${g}_simulated`] },
    ]),
  ) as Record<MissedGroup | 'all', GroupCount>
  return {
    by,
    left: { pcr: row.pcr, recalled: row.recalled, antigen: row.antigen, newbornByYear: row.by_year } as Left,
  }
}

/** How many of a place the register lacked until they were met at a sampling table: in all, and since an instant. */
export async function countMet(
  trx: Trx,
  place: string,
  since: Date,
): Promise<{ all: number; today: number }> {
  const { rows } = await sql<{ all: number; today: number }>`
    select count(*) as "all", count(*) filter (where met_at >= ${since}) as today from person
    where met_at is not null and erased_at is null and merged_into is null and place_code >= ${place} and place_code < ${`${place}~`}`.execute(
    trx,
  )
  return rows[0]!
}
