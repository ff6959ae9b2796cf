import { sql } from 'kysely'
import type { App } from '#kernel/app.ts'
import { audit } from '#kernel/audit.ts'
import { may, type Actor } from '#kernel/auth.ts'
import { dayOf } from '#kernel/clock.ts'
import { within } from '#kernel/db.ts'
import { CityError } from '#kernel/errors.ts'
import type { Given } from '#kernel/http.ts'
import type { Routine } from '#kernel/jobs.ts'
import { countPeople } from '#capabilities/people/index.ts'
import { atlasOf, getKnownPlace, pathIn } from '#capabilities/places/index.ts'
import { policyOf } from '#capabilities/policy/index.ts'
import type { EndRound, GetCoverage, ListRounds, OpenRound, Round } from './coverage.contract.ts'
import { countAntigen, countTested, coverageBelow, type PlaceCount } from './coverage-store.ts'
import { occupationsOf } from './duty.ts'
import { termsOn } from './duties.ts'

const PERMISSION = 'screening.read'

type RoundRow = {
  id: string
  place_code: string
  plan_id: string
  title: string
  starts_on: string | Date
  ends_on: string | Date
  opened_at: Date
  ended_at: Date | null
}

const dayText = (day: string | Date): string => (typeof day === 'string' ? day.slice(0, 10) : dayOf(day))

async function toRound(app: App, actor: Actor, r: RoundRow): Promise<Round> {
  const plan = (await policyOf(app)).pack.testPlans.find((p) => p.id === r.plan_id)
  return {
    id: r.id,
    placeCode: r.place_code,
    place: pathIn(await atlasOf(app), r.place_code, actor.language),
    plan: {
      id: r.plan_id,
      name: { zh: plan?.zh ?? r.plan_id, en: plan?.en ?? r.plan_id },
      clause: plan?.clause ?? '',
    },
    title: r.title,
    startsOn: dayText(r.starts_on),
    endsOn: dayText(r.ends_on),
    openedAt: r.opened_at.toISOString(),
    endedAt: r.ended_at?.toISOString() ?? null,
  }
}

/** Opens a round by a test plan of the policy in force at the place; the same id again is the same round. */
export async function openRound(app: App, actor: Actor, { body }: Given<typeof OpenRound>): Promise<Round> {
  await getKnownPlace(app, body.placeCode)
  if (!may(actor, 'rounds.open', body.placeCode)) throw new CityError('not_allowed')
  const { pack } = await policyOf(app, body.placeCode)
  if (!pack.testPlans.some((p) => p.id === body.planId)) throw new CityError('plan_not_found')
  // Counts go down to the compound; what is below it is a matter of orders to the door.
  if (body.placeCode.length > 15)
    throw new CityError('bad_input', { fields: [{ path: 'placeCode', code: 'too_narrow' }] })
  if (body.endsOn < body.startsOn)
    throw new CityError('bad_input', { fields: [{ path: 'endsOn', code: 'before_start' }] })
  return within(app.db, { as: 'service' }, async (trx) => {
    await sql`
      insert into screening_round (id, place_code, plan_id, title, starts_on, ends_on, actor_id, opened_at)
      values (${body.id}, ${body.placeCode}, ${body.planId}, ${body.title}, ${body.startsOn}::date, ${body.endsOn}::date, ${actor.id}, ${app.clock.now()})
      on conflict (id) do nothing`.execute(trx)
    const row = await trx
      .selectFrom('screening_round')
      .selectAll()
      .where('id', '=', body.id)
      .executeTakeFirstOrThrow()
    const round = await toRound(app, actor, row)
    if (
      round.placeCode !== body.placeCode ||
      round.plan.id !== body.planId ||
      round.title !== body.title ||
      round.startsOn !== body.startsOn ||
      round.endsOn !== body.endsOn
    )
      throw new CityError('same_id_other_content')
    await audit(trx, actor, 'rounds.open', body.id, { placeCode: body.placeCode })
    return round
  })
}

export async function listRounds(app: App, actor: Actor, { query }: Given<typeof ListRounds>) {
  const home = query.place ?? actor.may.get(PERMISSION)?.[0] ?? '31'
  const rows = await app.db
    .selectFrom('screening_round')
    .selectAll()
    .where((e) => e.or([e('place_code', 'like', `${home}%`), e(e.val(home), 'like', e.ref('place_code'))]))
    .orderBy('starts_on', 'desc')
    .limit(100)
    .execute()
  const { pack } = await policyOf(app)
  return {
    items: await Promise.all(rows.map((r) => toRound(app, actor, r))),
    plans: pack.testPlans.map((p) => ({ id: p.id, name: { zh: p.zh, en: p.en } })),
  }
}

export async function endRound(app: App, actor: Actor, { params }: Given<typeof EndRound>): Promise<Round> {
  return within(app.db, { as: 'service' }, async (trx) => {
    const row = await trx
      .selectFrom('screening_round')
      .selectAll()
      .where('id', '=', params.id)
      .forUpdate()
      .executeTakeFirst()
    if (!row || !may(actor, 'rounds.open', row.place_code)) throw new CityError('round_not_found')
    const ended = row.ended_at ?? app.clock.now()
    await trx.updateTable('screening_round').set({ ended_at: ended }).where('id', '=', row.id).execute()
    if (!row.ended_at) await audit(trx, actor, 'rounds.end', row.id, { placeCode: row.place_code })
    return toRound(app, actor, { ...row, ended_at: ended })
  })
}

/** The length of the codes right below a place. */
const below = (place: string): number =>
  place.length < 6 ? 6 : place.length < 9 ? 9 : place.length < 15 ? 12 : 15

const sums = (rows: readonly PlaceCount[]) => {
  const all = { people: 0, owing: 0, tested: 0, missing: 0, antigenOwed: 0, antigenDone: 0 }
  for (const r of rows) {
    all.people += r.people
    all.owing += r.owing
    all.tested += r.tested
    all.missing += r.missing
    all.antigenOwed += r.antigenOwed
    all.antigenDone += r.antigenDone
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
  const rows = await coverageBelow(app.db, place, day, below(place), await termsOn(app, app.db, day))
  const all = sums(rows)
  const { rows: pace } = await sql<{ n: number }>`
    select count(*) as n from tested where day = ${day}::date and place_code >= ${place} and place_code < ${`${place}~`}
      and at > ${new Date(now.getTime() - 1_800_000)}`.execute(app.db)
  const mark = await app.db.selectFrom('coverage_mark').select('counted_at').executeTakeFirst()
  const lastHalfHour = pace[0]!.n
  const atlas = await atlasOf(app)
  return {
    placeCode: query.place,
    place: pathIn(atlas, query.place, actor.language),
    day,
    ...all,
    lastHalfHour,
    doneBy:
      all.missing > 0 && lastHalfHour > 0
        ? new Date(now.getTime() + (all.missing / lastHalfHour) * 1_800_000).toISOString()
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

/** How many of which occupation live where. */
export const countResidents = async (app: App): Promise<void> =>
  countPeople(app.db, await countedOccupations(app))

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

export const peopleCountRoutine: Routine = {
  name: 'screening.people',
  everyMs: 60_000,
  run: countResidents,
}
