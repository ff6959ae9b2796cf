import { sql } from 'kysely'
import type { App } from '#kernel/app.ts'
import type { Actor } from '#kernel/auth.ts'
import { dayOf } from '#kernel/clock.ts'
import type { Db, Trx } from '#kernel/db.ts'
import { CityError } from '#kernel/errors.ts'
import type { Given } from '#kernel/http.ts'
import { findPerson } from '#capabilities/people/index.ts'
import { atlasOf } from '#capabilities/places/index.ts'
import { policyOf, type Policy } from '#capabilities/policy/index.ts'
import type { GetMyDuty, MyDuty } from './coverage.contract.ts'
import { gave } from './recall-store.ts'
import { postName } from './rounds-post.ts'
import { dutyOf, termsOf, type InForce, type OpenRecall, type Term } from './duty.ts'

type Any = Db | Trx

/** The clause by which the pack asks for a single tube; a pack without the rule is named itself. */
export const singleTubeClause = (policy: Policy): string =>
  policy.pack.rules.find((r) => r.id === 'single.tube')?.clause ?? policy.pack.id

/** What holds on a day: rounds that were not ended by its evening, and the plans of the pack. What was owed before stays owed. */
export async function inForceOn(app: App, db: Any, day: string): Promise<InForce> {
  const { rows } = await sql<{
    placeCode: string
    planId: string
    startsOn: string
    endsOn: string
    title: string
    as: string | null
    at: string | null
  }>`
    select title, opened_as as "as", opened_at_place as "at", place_code as "placeCode", plan_id as "planId", starts_on::text as "startsOn", ends_on::text as "endsOn"
    from screening_round where starts_on <= ${day}::date and ends_on >= ${day}::date
      and (ended_at is null or (ended_at at time zone 'Asia/Shanghai')::date > ${day}::date)`.execute(db)
  const policy = await policyOf(app)
  const atlas = await atlasOf(app)
  return {
    rounds: rows.map(({ as, at, ...round }) => ({
      ...round,
      openedBy: as === null ? null : postName(atlas, as, at),
    })),
    plans: policy.pack.testPlans,
    since: dayOf(new Date(policy.pack.inForceFrom)),
    singleClause: singleTubeClause(policy),
  }
}

export const termsOn = async (app: App, db: Any, day: string): Promise<Term[]> =>
  termsOf(await inForceOn(app, db, day), day)

/** Whether somebody is called back and still owes what is asked; who gave it owes no more, though others may (recall-ends.ts). */
async function recallOf(db: Any, person: { id: string; place_code: string }): Promise<OpenRecall | null> {
  const { id, place_code: place } = person
  // Whoever lives together has one place, and a recall stands where its person lives (recalls.ts, `whereOf`): so the open
  // recalls of a neighbourhood are read, not the city's. Known less closely than a neighbourhood, it stands where the tube was.
  const near = place.length < 12 ? sql`true` : sql`r.place_code = ${place.slice(0, 12)}`
  const { rows } = await sql<{ single: boolean }>`
    select why <> 'invalid' as single from recall r
    where answered_at is null and (person_id = ${id}::uuid or (${near} and ${id}::uuid = any(household)))
      and not ${gave(sql`${id}::uuid`)}
    order by single desc limit 1`.execute(db)
  return rows[0] ? (rows[0].single ? 'single' : 'again') : null
}

/** What the person who asks owes today, why, and what of it is done. */
export async function getMyDuty(app: App, actor: Actor, _given: Given<typeof GetMyDuty>): Promise<MyDuty> {
  const now = app.clock.now()
  const day = dayOf(now)
  const person = await findPerson(app.db, actor.id)
  if (!person) throw new CityError('person_not_found')
  const recall = await recallOf(app.db, person)
  const duty = dutyOf({
    placeCode: person.place_code,
    occupation: person.occupation,
    recall,
    day,
    inForce: await inForceOn(app, app.db, day),
  })
  // From the samples themselves: the counts of coverage are seconds behind.
  const { rows } = await sql<{ pcr: number; pcr_at: Date | null; antigen: number; antigen_at: Date | null }>`
    select p.n as pcr, p.at as pcr_at, a.n as antigen, a.at as antigen_at from
      (select count(*) as n, max(t.sealed_at) as at from sample s join tube t on t.code = s.tube where s.person_id = ${actor.id}::uuid and s.day = ${day}::date) p,
      (select count(*) as n, max(at) as at from antigen_test where person_id = ${actor.id}::uuid and day = ${day}::date and nth is not null) a`.execute(
    app.db,
  )
  const done = rows[0]!
  // What was given before the recall does not answer it, nor does a pool where a single tube is asked for.
  const pcrDone = recall === null ? done.pcr : 0
  return {
    day,
    ...duty,
    pcrDone,
    pcrDoneAt: done.pcr_at?.toISOString() ?? null,
    antigenDone: done.antigen,
    antigenDoneAt: done.antigen_at?.toISOString() ?? null,
    done: pcrDone >= duty.pcr && done.antigen >= duty.antigen,
  }
}
