import type { App } from '#kernel/app.ts'
import type { Actor } from '#kernel/auth.ts'
import { dayOf } from '#kernel/clock.ts'
import { CityError } from '#kernel/errors.ts'
import type { Given } from '#kernel/http.ts'
import type { Routine } from '#kernel/jobs.ts'
import { countPeople } from '#capabilities/people/index.ts'
import { atlasOf, getKnownPlace, pathIn } from '#capabilities/places/index.ts'
import { policyOf } from '#capabilities/policy/index.ts'
import type { GetCoverage } from './coverage.contract.ts'
import { afterAt, lookBack } from './coverage-rules.ts'
import {
  countAntigen,
  countRecalled,
  countTested,
  coverageBelow,
  paceOf,
  type PlaceCount,
} from './coverage-store.ts'
import { occupationsOf } from './duty.ts'
import { termsOn } from './duties.ts'
import { getRoundAt, progressOf, termFor } from './rounds.ts'

const PERMISSION = 'screening.read'

/** The length of the codes right below a place. */
const below = (place: string): number =>
  place.length < 6 ? 6 : place.length < 9 ? 9 : place.length < 15 ? 12 : 15

const sums = (rows: readonly PlaceCount[]) => {
  const all = { people: 0, owing: 0, tested: 0, missing: 0, antigenOwed: 0, antigenDone: 0, recalled: 0 }
  for (const r of rows) {
    all.people += r.people
    all.owing += r.owing
    all.tested += r.tested
    all.missing += r.missing
    all.antigenOwed += r.antigenOwed
    all.antigenDone += r.antigenDone
    all.recalled += r.recalled
  }
  return all
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
  const rows = await coverageBelow(app.db, place, day, below(place), terms, isToday && !round)
  const all = sums(rows)
  // Of another day nobody comes any more, or yet.
  const since = lookBack(now)
  const pace = isToday ? await paceOf(app.db, place, since, terms) : { pcr: 0, antigen: 0 }
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
    below: rows.map((r) => ({
      placeCode: r.place,
      place: pathIn(atlas, r.place, actor.language),
      ...sums([r]),
    })),
  }
}

const countedOccupations = async (app: App) => occupationsOf((await policyOf(app)).pack.testPlans)

/** How many of which occupation live where, followed from what changed in the register. */
export const countResidents = async (app: App): Promise<void> =>
  void (await countPeople(app.db, await countedOccupations(app)))

/**
 * Seconds behind the sealing. One part a turn, 2,500 tubes a second, and no more: a city that tests everybody in four hours
 * seals 174, and whoever seals faster than that must not wait for a figure. After downtime it catches up part by part.
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
