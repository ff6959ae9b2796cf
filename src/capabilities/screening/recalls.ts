import type { App } from '#kernel/app.ts'
import type { Trx } from '#kernel/db.ts'
import { idFrom } from '#kernel/ids.ts'
import { openOrder, unitsOf } from '#capabilities/orders/index.ts'
import { findPerson, householdOf } from '#capabilities/people/index.ts'
import { atlasOf, pathIn, positionOf } from '#capabilities/places/index.ts'
import { policyOf, recordDecision } from '#capabilities/policy/index.ts'
import { TubePositive } from './results.contract.ts'
import { claimedPeople, recallsMetBy } from './recall-store.ts'
import {
  CONFIRMATION,
  confirmationOf,
  ELEMENTS,
  REASONS,
  RECALL,
  TITLES,
  verdictOf,
  type TubeWhy,
  type Why,
} from './recall-words.ts'
import { findSession, membersOf, type TubeRecord } from './tube-store.ts'

type Somebody = { person_id: string; place_code: string }

const simulatedOf = async (trx: Trx, personId: string) =>
  (await findPerson(trx, personId))?.simulated ?? false

/** The neighbourhood where the person lives, if that is in the city and known that closely; else where they were sampled. */
const whereOf = (somebody: Somebody, tube: TubeRecord): string =>
  (somebody.place_code.length >= 12 ? somebody.place_code : tube.place_code).slice(0, 12)

/**
 * What follows from a tube that is not negative, in the transaction of its result. A positive pool calls back each member
 * with the people they live with; a positive single tube opens the centre's confirmation; an inconclusive one calls its
 * people back to single tubes, an invalid one to another sample. A single tube that was taken for a recall and gave no
 * answer leaves that recall owed. Whoever a second claim says was in the tube is called back as its members are.
 * `correctedAt`: when two people replaced what was said first; what follows from that is not what followed before.
 */
export async function followResult(
  app: App,
  trx: Trx,
  tube: TubeRecord,
  outcome: TubeWhy,
  correctedAt: Date | null = null,
): Promise<void> {
  const members = await membersOf(trx, tube.code)
  const isSingle = members.length === 1
  const cause = { tube, mark: correctedAt?.toISOString() ?? '' }
  for (const member of members)
    if (outcome === 'positive' && isSingle) await openConfirmation(app, trx, cause, member)
    else if (outcome !== 'positive' && isSingle) await againAfterSingle(app, trx, cause, member, outcome)
    else await recallAfterTube(app, trx, cause, member, outcome)
  const inTube = new Set(members.map((m) => m.person_id))
  for (const one of await claimedPeople(trx, tube.code))
    if (!inTube.has(one.person_id)) await recallAfterTube(app, trx, cause, one, outcome)
  if (outcome === 'positive')
    await app.bus.emit(app, trx, TubePositive, {
      tube: tube.code,
      box: tube.box,
      placeCode: tube.place_code,
      people: members.length,
      single: isSingle,
      at: app.clock.now().toISOString(),
    })
}

/** Calls people back because of a tube, in the transaction of whoever says so; those who are called already stay so. */
export async function callBack(
  app: App,
  trx: Trx,
  tube: TubeRecord,
  people: readonly Somebody[],
  why: TubeWhy,
): Promise<void> {
  for (const one of people) await recallAfterTube(app, trx, { tube, mark: '' }, one, why)
}

/** What calls somebody back: a tube, or a self-test that they reported. */
type Cause = {
  id: string
  why: Why
  tube: string | null
  antigen: string | null
  personId: string
  placeCode: string
  address: string | null
  alone?: boolean
}
/** A tube and which word about it this is. */
type TubeCause = { tube: TubeRecord; mark: string }

async function recallAfterTube(
  app: App,
  trx: Trx,
  { tube, mark }: TubeCause,
  one: Somebody,
  why: TubeWhy,
  alone = false,
): Promise<void> {
  const placeCode = whereOf(one, tube)
  const session = (await findSession(trx, tube.session_id))!
  await openRecall(app, trx, {
    id: idFrom('recall', tube.code, one.person_id, why, mark),
    why,
    tube: tube.code,
    antigen: null,
    personId: one.person_id,
    placeCode,
    address: placeCode === tube.place_code.slice(0, 12) ? session.address : null,
    alone,
  })
}

/**
 * A single tube without an answer. One taken for a recall leaves that owed: while it is open nothing else is needed, and
 * where this tube had ended it its person gives another single tube. Those they live with gave theirs.
 */
async function againAfterSingle(
  app: App,
  trx: Trx,
  cause: TubeCause,
  member: Somebody,
  outcome: TubeWhy,
): Promise<void> {
  const household = (await householdOf(trx, member.person_id)).map((p) => p.id)
  const met = await recallsMetBy(trx, cause.tube, member.person_id, household)
  if (met.some((r) => r.answered_at === null)) return
  if (met.length > 0) return recallAfterTube(app, trx, cause, member, 'inconclusive', true)
  await recallAfterTube(app, trx, cause, member, outcome)
}

/**
 * Calls the person of a positive self-test back, with whoever they live with (policy: rule `single.tube`,
 * `antigenPositive`). Somebody for whom a single tube is ordered already gets no second order. Returns the order's id.
 */
export async function recallAfterAntigen(
  app: App,
  trx: Trx,
  person: { id: string; place_code: string },
  testId: string,
): Promise<string> {
  const open = await trx
    .selectFrom('recall')
    .select('id')
    .where('person_id', '=', person.id)
    .where('answered_at', 'is', null)
    .where('why', '<>', 'invalid')
    .executeTakeFirst()
  if (open) return open.id
  const id = idFrom('recall after antigen', testId, person.id)
  await openRecall(app, trx, {
    id,
    why: 'antigen',
    tube: null,
    antigen: testId,
    personId: person.id,
    placeCode: person.place_code.slice(0, 12),
    address: null,
  })
  return id
}

async function openRecall(app: App, trx: Trx, cause: Cause): Promise<void> {
  const { id, why, tube, antigen, personId, placeCode, address, alone } = cause
  const unitId = `street.${placeCode.slice(0, 9)}`
  const at = positionOf(await atlasOf(app), placeCode, id)
  const policy = await policyOf(app, placeCode)
  const verdict = verdictOf(policy, why)
  await recordDecision(app, trx, {
    id: idFrom('recall decision', id),
    kind: RECALL,
    subjectId: id,
    personId,
    placeCode,
    ...verdict,
    evidence: tube === null ? { antigen } : { tube },
    secret: { why },
    policy,
    issuer: `rule ${RECALL}`,
    at: app.clock.now(),
  })
  await openOrder(app, trx, {
    id,
    kind: 'recall',
    title: `${TITLES[why]} · ${pathIn(await atlasOf(app), placeCode)}`,
    placeCode,
    address,
    lng: at?.lng ?? null,
    lat: at?.lat ?? null,
    element: ELEMENTS[why],
    urgent: false,
    urgencyKind: null,
    unitId: (await unitsOf(app)).has(unitId) ? unitId : null,
    reporterId: null,
    source: tube === null ? 'antigen' : 'lab',
    simulated: await simulatedOf(trx, personId),
    why: { pack: policy.pack.id, clause: verdict.clause, reasons: [REASONS[why]] },
  })
  // An invalid sample says nothing of anybody: only the person themselves gives another one.
  const household =
    why === 'invalid' || alone ? [] : (await householdOf(trx, personId)).filter((p) => p.id !== personId)
  await trx
    .insertInto('recall')
    .values({
      id,
      tube,
      antigen,
      person_id: personId,
      place_code: placeCode,
      why,
      household: household.map((p) => p.id),
      opened_at: app.clock.now(),
      answered_by: null,
      answered_at: null,
    })
    .onConflict((c) => c.column('id').doNothing())
    .execute()
}

async function openConfirmation(
  app: App,
  trx: Trx,
  { tube, mark }: TubeCause,
  member: Somebody,
): Promise<void> {
  const placeCode = whereOf(member, tube)
  const id = idFrom('confirmation', tube.code, member.person_id, mark)
  const unitId = `cdc.${placeCode.slice(0, 6)}`
  const policy = await policyOf(app, placeCode)
  const verdict = confirmationOf(policy)
  await recordDecision(app, trx, {
    id: idFrom('confirmation decision', id),
    kind: CONFIRMATION,
    subjectId: id,
    // The app never shows a positive: it is the centre's word that reaches the person.
    personId: null,
    placeCode,
    ...verdict,
    evidence: { tube: tube.code },
    secret: { outcome: 'positive' },
    policy,
    issuer: `rule ${CONFIRMATION}`,
    at: app.clock.now(),
  })
  await openOrder(app, trx, {
    id,
    kind: 'confirmation',
    title: `单管阳性 · 疾控复核 · ${pathIn(await atlasOf(app), placeCode)}`,
    placeCode,
    address: null,
    lng: null,
    lat: null,
    element: 'test.confirm',
    urgent: false,
    urgencyKind: null,
    unitId: (await unitsOf(app)).has(unitId) ? unitId : null,
    reporterId: null,
    source: 'lab',
    simulated: await simulatedOf(trx, member.person_id),
    why: { pack: policy.pack.id, clause: verdict.clause, reasons: verdict.reasons },
  })
  await trx
    .insertInto('finding')
    .values({
      id,
      tube: tube.code,
      person_id: member.person_id,
      place_code: placeCode,
      outcome: null,
      note_sealed: null,
      found_by: null,
      found_at: null,
      told_at: null,
      told_by: null,
      opened_at: app.clock.now(),
    })
    .onConflict((c) => c.column('id').doNothing())
    .execute()
}
