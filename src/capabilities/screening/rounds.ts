import { sql } from 'kysely'
import type { App } from '#kernel/app.ts'
import { audit } from '#kernel/audit.ts'
import { may, type Actor } from '#kernel/auth.ts'
import { dayOf } from '#kernel/clock.ts'
import { within } from '#kernel/db.ts'
import { CityError } from '#kernel/errors.ts'
import type { Given } from '#kernel/http.ts'
import { atlasOf, getKnownPlace, pathIn } from '#capabilities/places/index.ts'
import { parameter, policyOf, type Policy } from '#capabilities/policy/index.ts'
import type { EndRound, ListRounds, OpenRound, Progress, Round } from './coverage.contract.ts'
import { datesProblem, lookBack, targetSaid } from './coverage-rules.ts'
import { roundCounts } from './coverage-store.ts'
import { postName, postOf } from './rounds-post.ts'
import { roundPlans, termOfRound, type Term } from './duty.ts'

const PERMISSION = 'screening.read'
/** A round holds for a compound or more: counts go no deeper, what is below is a matter of orders to the door. */
const DEEPEST = 15

export type RoundRow = {
  id: string
  place_code: string
  plan_id: string
  title: string
  starts_on: string | Date
  ends_on: string | Date
  opened_at: Date
  ended_at: Date | null
  opened_as: string | null
  opened_at_place: string | null
  target_percent: number | null
  target_hour: number | null
}

const dayText = (day: string | Date): string => (typeof day === 'string' ? day.slice(0, 10) : dayOf(day))

const targetOf = (policy: Policy) => ({
  percent: parameter(policy, 'rounds.targetPercent').value,
  hour: parameter(policy, 'rounds.targetHour').value,
})

/** A round as it is shown, without how far it is. */
async function bareRound(app: App, actor: Actor, r: RoundRow): Promise<Round> {
  const policy = await policyOf(app, r.place_code)
  const atlas = await atlasOf(app)
  const plan = policy.pack.testPlans.find((p) => p.id === r.plan_id)
  const packs = targetOf(policy)
  return {
    id: r.id,
    placeCode: r.place_code,
    place: pathIn(atlas, r.place_code, actor.language),
    plan: {
      id: r.plan_id,
      name: { zh: plan?.zh ?? r.plan_id, en: plan?.en ?? r.plan_id },
      clause: plan?.clause ?? '',
    },
    title: r.title,
    startsOn: dayText(r.starts_on),
    endsOn: dayText(r.ends_on),
    openedAt: r.opened_at.toISOString(),
    openedBy: r.opened_as === null ? null : postName(atlas, r.opened_as, r.opened_at_place),
    endedAt: r.ended_at?.toISOString() ?? null,
    target: { percent: r.target_percent ?? packs.percent, hour: r.target_hour ?? packs.hour },
    progress: null,
  }
}

/** What a round asks for on a day; undefined where it does not hold then. A round that was ended was owed until the day before. */
export function termFor(policy: Policy, round: Round, day: string): Term | undefined {
  if (round.endedAt !== null && dayOf(new Date(round.endedAt)) <= day) return undefined
  return termOfRound({ ...round, planId: round.plan.id }, policy.pack.testPlans, day)
}

/** How counts stand to a round's target. */
export function progressOf(
  counted: { owing: number; done: number; lately: number },
  given: { day: string; now: Date; since: Date; target: Round['target'] },
): Progress {
  const { day, since } = given
  const { targetAt, targetBy, doneBy, ...said } = targetSaid({ ...counted, ...given })
  return {
    day,
    ...counted,
    missing: counted.owing - counted.done,
    since: since.toISOString(),
    targetAt: targetAt.toISOString(),
    targetBy: targetBy?.toISOString() ?? null,
    doneBy: doneBy?.toISOString() ?? null,
    ...said,
  }
}

/** Rounds with how far each is on a day. */
export async function toRounds(
  app: App,
  actor: Actor,
  rows: readonly RoundRow[],
  day: string,
): Promise<Round[]> {
  const now = app.clock.now()
  const since = lookBack(now)
  const policy = await policyOf(app)
  const rounds = await Promise.all(rows.map((r) => bareRound(app, actor, r)))
  const asked = rounds.flatMap((round) => {
    const term = termFor(policy, round, day)
    return term
      ? [{ id: round.id, placeCode: round.placeCode, occupation: null, pcr: term.pcr, antigen: term.antigen }]
      : []
  })
  const counts = await roundCounts(app.db, day, day === dayOf(now) ? since : null, asked)
  return rounds.map((round) => {
    const counted = counts.get(round.id)
    if (!counted) return round
    const { owing, done, lately } = counted
    return {
      ...round,
      progress: progressOf({ owing, done, lately }, { day, now, since, target: round.target }),
    }
  })
}

const toRound = async (app: App, actor: Actor, row: RoundRow): Promise<Round> =>
  (await toRounds(app, actor, [row], dayOf(app.clock.now())))[0]!

/** Throws what is wrong with a round that is not there yet. */
function checkNew(policy: Policy, today: string, body: Given<typeof OpenRound>['body']): void {
  const plan = policy.pack.testPlans.find((p) => p.id === body.planId)
  if (!plan) throw new CityError('plan_not_found')
  if (!roundPlans([plan]).length) throw new CityError('plan_needs_no_round')
  if (body.placeCode.length > DEEPEST)
    throw new CityError('bad_input', { fields: [{ path: 'placeCode', code: 'too_narrow' }] })
  const problem = datesProblem({
    ...body,
    today,
    aheadDays: parameter(policy, 'rounds.aheadDays').value,
    mostDays: parameter(policy, 'rounds.mostDays').value,
  })
  if (problem === 'before_start')
    throw new CityError('bad_input', { fields: [{ path: 'endsOn', code: problem }] })
  if (problem) throw new CityError(problem)
}

/**
 * Opens a round by an area's test plan of the policy in force at the place; the same id again is the same round, on any
 * later day too. Errors: `not_allowed`, `plan_not_found`, `plan_needs_no_round`, `round_in_past`, `round_too_far`,
 * `round_too_long`, `same_id_other_content`.
 */
export async function openRound(app: App, actor: Actor, { body }: Given<typeof OpenRound>): Promise<Round> {
  await getKnownPlace(app, body.placeCode)
  if (!may(actor, 'rounds.open', body.placeCode)) throw new CityError('not_allowed')
  const policy = await policyOf(app, body.placeCode)
  const packs = targetOf(policy)
  const post = postOf(actor, body.placeCode)
  // What the pack says now goes with the round: a pack that changes on its second day does not move its target.
  const target = { percent: body.targetPercent ?? packs.percent, hour: body.targetHour ?? packs.hour }
  return within(app.db, { as: 'service' }, async (trx) => {
    const find = () =>
      trx.selectFrom('screening_round').selectAll().where('id', '=', body.id).executeTakeFirst()
    let row = await find()
    if (!row) {
      const now = app.clock.now()
      checkNew(policy, dayOf(now), body)
      await sql`
        insert into screening_round (id, place_code, plan_id, title, starts_on, ends_on, actor_id, opened_at, target_percent, target_hour, opened_as, opened_at_place)
        values (${body.id}, ${body.placeCode}, ${body.planId}, ${body.title}, ${body.startsOn}::date, ${body.endsOn}::date, ${actor.id}, ${now},
          ${target.percent}, ${target.hour}, ${post?.role ?? null}, ${post?.place ?? null})
        on conflict (id) do nothing`.execute(trx)
      row = await find()
    }
    const round = await toRound(app, actor, row!)
    if (
      round.placeCode !== body.placeCode ||
      round.plan.id !== body.planId ||
      round.title !== body.title ||
      round.startsOn !== body.startsOn ||
      round.endsOn !== body.endsOn ||
      round.target.percent !== (body.targetPercent ?? round.target.percent) ||
      round.target.hour !== (body.targetHour ?? round.target.hour)
    )
      throw new CityError('same_id_other_content')
    await audit(trx, actor, 'rounds.open', body.id, { placeCode: body.placeCode })
    return round
  })
}

/** Rounds that hold in a place of the actor's, or in a part of it; those above it hold there too. Errors: `place_not_found`. */
export async function listRounds(app: App, actor: Actor, { query }: Given<typeof ListRounds>) {
  if (query.place !== undefined && !may(actor, PERMISSION, query.place))
    throw new CityError('place_not_found')
  const homes = query.place === undefined ? (actor.may.get(PERMISSION) ?? []) : [query.place]
  const rows = await app.db
    .selectFrom('screening_round')
    .selectAll()
    .where((e) =>
      e.or(
        homes.map((home) =>
          e.or([e('place_code', 'like', `${home}%`), sql<boolean>`starts_with(${home}, place_code)`]),
        ),
      ),
    )
    .orderBy('starts_on', 'desc')
    .orderBy('opened_at', 'desc')
    .limit(100)
    .execute()
  const policy = await policyOf(app, query.place ?? homes[0])
  return {
    items: await toRounds(app, actor, rows, query.day ?? dayOf(app.clock.now())),
    plans: roundPlans(policy.pack.testPlans).map((p) => ({ id: p.id, name: { zh: p.zh, en: p.en } })),
    aheadDays: parameter(policy, 'rounds.aheadDays').value,
    mostDays: parameter(policy, 'rounds.mostDays').value,
    target: targetOf(policy),
  }
}

/** A round that has to do with a place: it holds there, around it or in a part of it. Errors: `round_not_found`. */
export async function getRoundAt(
  app: App,
  actor: Actor,
  id: string,
  place: string,
  day: string,
): Promise<Round> {
  const row = await app.db.selectFrom('screening_round').selectAll().where('id', '=', id).executeTakeFirst()
  if (!row || !(row.place_code.startsWith(place) || place.startsWith(row.place_code)))
    throw new CityError('round_not_found')
  return (await toRounds(app, actor, [row], day))[0]!
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
