import type { App } from '#kernel/app.ts'
import type { Actor } from '#kernel/auth.ts'
import { dayOf } from '#kernel/clock.ts'
import { CityError } from '#kernel/errors.ts'
import type { Bilingual } from '#kernel/contract.ts'
import type { Given } from '#kernel/http.ts'
import type { Routine } from '#kernel/jobs.ts'
import { countPeople } from '#capabilities/people/index.ts'
import { atlasOf, getKnownPlace, pathIn } from '#capabilities/places/index.ts'
import { policyOf } from '#capabilities/policy/index.ts'
import type { GetCoverage } from './coverage.contract.ts'
import { afterAt, lookBack } from './coverage-rules.ts'
import { countAntigen, countRecalled, countTested } from './coverage-counting.ts'
import { coverageCounts, paceOf, together, type OccupationCount } from './coverage-store.ts'
import { occupationsOf, type Plan, type Term } from './duty.ts'
import { termsOn } from './duties.ts'
import { getRoundAt, progressOf, termFor } from './rounds.ts'

const PERMISSION = 'screening.read'

/** The length of the codes right below a place. */
const below = (place: string): number =>
  place.length < 6 ? 6 : place.length < 9 ? 9 : place.length < 15 ? 12 : 15

/**
 * The terms of a place, each where it holds there. A plan that several rounds hold is one line, and where one of them lies
 * in another nobody is counted twice.
 */
function widestAt(place: string, terms: readonly Term[]): Term[] {
  const here = terms
    .filter((t) => t.pcr + t.antigen > 0)
    .filter((t) => place.startsWith(t.placeCode) || t.placeCode.startsWith(place))
    .map((t) => ({ ...t, placeCode: t.placeCode.length > place.length ? t.placeCode : place }))
  const holds = (o: Term, t: Term) => o.plan.id === t.plan.id && t.placeCode.startsWith(o.placeCode)
  return here.filter(
    (t, i) =>
      !here.some(
        (o, k) =>
          holds(o, t) && (o.placeCode.length < t.placeCode.length || (o.placeCode === t.placeCode && k < i)),
      ),
  )
}

/** What of each plan is done at a place. */
function byPlan(widest: readonly Term[], rows: readonly OccupationCount[]) {
  const counted = widest.map(({ plan }, i) => ({
    plan,
    owing: rows.reduce((n, r) => n + r.owingOf[i]!, 0),
    done: rows.reduce((n, r) => n + r.doneOf[i]!, 0),
  }))
  return [...Map.groupBy(counted, (c) => c.plan.id).values()].map((list) => {
    const [{ plan }] = list as [(typeof list)[0]]
    const owing = list.reduce((n, c) => n + c.owing, 0)
    const done = list.reduce((n, c) => n + c.done, 0)
    return {
      plan: { id: plan.id, name: { zh: plan.zh, en: plan.en }, clause: plan.clause },
      owing,
      done,
      missing: owing - done,
    }
  })
}

/** What people of an occupation are called: as the plan that names it calls them. */
function occupationName(plans: readonly Plan[], occupation: string): Bilingual {
  const plan = plans.find((p) => p.for.occupation === occupation)
  return plan ? { zh: plan.zh, en: plan.en } : { zh: '其他居民', en: 'Everybody else' }
}

/** Coverage of a place on a day, with the places right below it; from counts that are seconds old (`countedAt`). */
export async function getCoverage(app: App, actor: Actor, { query }: Given<typeof GetCoverage>) {
  const places = actor.may.get(PERMISSION) ?? []
  if (!places.some((p) => query.place.startsWith(p))) throw new CityError('place_not_found')
  await getKnownPlace(app, query.place)
  const now = app.clock.now()
  const day = query.day ?? dayOf(now)
  const place = query.place.slice(0, 15)
  const isToday = day === dayOf(now)
  // Of one round alone: only what it asks for, and nobody who is called back.
  const round = query.round ? await getRoundAt(app, actor, query.round, query.place, day) : null
  const own = round && termFor(await policyOf(app), round, day)
  const terms = round ? (own ? [own] : []) : await termsOn(app, app.db, day)
  const since = lookBack(now)
  const widest = widestAt(place, terms)
  const [rows, pace] = await Promise.all([
    coverageCounts(app.db, place, day, below(place), terms, {
      withRecalls: isToday && !round,
      parts: widest,
    }),
    // Of another day nobody comes any more, or yet.
    isToday ? paceOf(app.db, place, since, terms) : { pcr: 0, antigen: 0 },
  ])
  const all = together(rows)
  const { pack } = await policyOf(app, query.place)
  const mark = await app.db.selectFrom('coverage_mark').select('counted_at').executeTakeFirst()
  const atlas = await atlasOf(app)
  return {
    placeCode: query.place,
    place: pathIn(atlas, query.place, actor.language),
    day,
    ...all,
    lately: pace.pcr,
    since: since.toISOString(),
    doneBy: afterAt({ left: all.missing, lately: pace.pcr, since, now })?.toISOString() ?? null,
    round,
    progress:
      round && own
        ? progressOf(
            {
              owing: all.owing + all.antigenOwed,
              done: all.owing - all.missing + all.antigenDone,
              lately: pace.pcr + pace.antigen,
            },
            { day, now, since, target: round.target },
          )
        : null,
    countedAt: mark?.counted_at.toISOString() ?? null,
    byOccupation: [...Map.groupBy(rows, (r) => r.occupation)]
      .toSorted(([a], [b]) => (a < b ? 1 : -1))
      .map(([occupation, list]) => ({
        occupation,
        name: occupationName(pack.testPlans, occupation),
        ...together(list),
      })),
    byPlan: byPlan(widest, rows),
    below: [...Map.groupBy(rows, (r) => r.place)].map(([code, list]) => ({
      placeCode: code,
      place: pathIn(atlas, code, actor.language),
      ...together(list),
    })),
  }
}

const countedOccupations = async (app: App) => occupationsOf((await policyOf(app)).pack.testPlans)

/** How many of which occupation live where, followed from what changed in the register. */
export const countResidents = async (app: App): Promise<void> =>
  void (await countPeople(app.db, await countedOccupations(app)))

/**
 * Seconds behind the sealing. One part a turn, 1,000 tubes a second, and no more: a city that tests everybody in four hours
 * seals 174, and whoever seals faster than that must not wait for a figure (a thousand a second keep a
 * connection of the database busy for a fifth of the time beside it). After downtime, or such a morning, it catches up part by part.
 */
export const coverageRoutine: Routine = {
  name: 'screening.coverage',
  everyMs: 2_000,
  run: async (app) => {
    const occupations = await countedOccupations(app)
    await countTested(app.db, app.clock.now(), occupations)
    await countAntigen(app.db, occupations)
  },
}

/** A recall is an order to the door within hours: seconds are soon enough, and each turn asks after everybody called back. */
export const recalledRoutine: Routine = {
  name: 'screening.recalled',
  everyMs: 10_000,
  run: async (app) => countRecalled(app.db, dayOf(app.clock.now()), await countedOccupations(app)),
}

export const peopleCountRoutine: Routine = {
  name: 'screening.people',
  everyMs: 60_000,
  run: countResidents,
}
