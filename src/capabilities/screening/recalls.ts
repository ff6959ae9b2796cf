import type { App } from '#kernel/app.ts'
import { may, scopeOf, service, type Actor } from '#kernel/auth.ts'
import type { Bilingual } from '#kernel/contract.ts'
import { asService, within, type Trx } from '#kernel/db.ts'
import { CityError } from '#kernel/errors.ts'
import type { Given } from '#kernel/http.ts'
import { idFrom } from '#kernel/ids.ts'
import { act, lockOrder, openOrder, unitsOf } from '#capabilities/orders/index.ts'
import { findPerson, householdOf, maskName, recordLook } from '#capabilities/people/index.ts'
import { atlasOf, pathIn, positionOf } from '#capabilities/places/index.ts'
import { decidedBy, policyOf, recordDecision, type Policy, type Verdict } from '#capabilities/policy/index.ts'
import { RuleOutcome } from '#capabilities/policy/contract.ts'
import { TubePositive, type GetRecall, type Recall } from './results.contract.ts'
import { singleTubeClause } from './duties.ts'
import { codeFor, codeTimes } from './resident-code.ts'
import { findSession, membersOf, type TubeRecord } from './tube-store.ts'

type TubeWhy = 'positive' | 'inconclusive' | 'invalid'
type Why = TubeWhy | 'antigen'
type Member = Awaited<ReturnType<typeof membersOf>>[number]

const TITLES: Record<Why, string> = {
  positive: '混管异常 · 上门单管采样',
  inconclusive: '结果待复检 · 单管采样',
  invalid: '样本无效 · 重新采样',
  antigen: '抗原自测待复核 · 上门单管采样',
}
const ELEMENTS: Record<Why, string> = {
  positive: 'test.recall',
  inconclusive: 'test.recall',
  invalid: 'test.resample',
  antigen: 'test.antigen_recall',
}

const simulatedOf = async (trx: Trx, personId: string) =>
  (await findPerson(trx, personId))?.simulated ?? false

/** The neighbourhood where the person lives, if that is in the city and known that closely; else where they were sampled. */
const whereOf = (member: Member, tube: TubeRecord): string =>
  (member.place_code.length >= 9 ? member.place_code : tube.place_code).slice(0, 12)

const REASONS: Record<Why, Bilingual> = {
  positive: {
    zh: '所在混管结果异常，须上门单管采样',
    en: 'The pool is positive: a single tube at home is needed',
  },
  inconclusive: {
    zh: '所在管结果不能判定，须单管采样',
    en: 'The tube could not be decided: a single tube is needed',
  },
  invalid: {
    zh: '所在管样本无效，须重新采样',
    en: 'The sample was not valid: it must be taken again',
  },
  antigen: {
    zh: '报告的抗原自测须由单管核酸复核',
    en: 'The self-test that was reported is checked by a single tube',
  },
}

const verdictOf = (policy: Policy, why: Why): Verdict => ({
  outcome: 'passed',
  clause: singleTubeClause(policy),
  reasons: [REASONS[why]],
})

/** The kind of decision that calling somebody back to a sample is; `failed` after an appeal takes it back. */
export const RECALL = 'screening.recall'

decidedBy(RECALL, {
  name: { zh: '再次采样', en: 'Another sample' },
  decide: ({ secret, policy }) => verdictOf(policy, (secret as { why: Why }).why),
  sentence: ({ reasons }) => ({
    zh: reasons.map((r) => r.zh).join('；'),
    en: reasons.map((r) => r.en).join('; '),
  }),
  changes: RuleOutcome,
})

const CONFIRMATION = 'screening.confirmation'

const confirmationOf = (policy: Policy): Verdict => ({
  outcome: 'passed',
  clause: singleTubeClause(policy),
  reasons: [{ zh: '单管结果阳性，由疾控复核', en: 'A single tube is positive: the centre confirms' }],
})

decidedBy(CONFIRMATION, {
  name: { zh: '疾控复核', en: 'Confirmation by the centre' },
  decide: ({ policy }) => confirmationOf(policy),
  sentence: ({ reasons }) => reasons[0]!,
  changes: RuleOutcome,
})

/** An appeal was right that no further sample is owed: the recall ends with it. Other decisions are no business of ours. */
export async function withdrawRecall(
  app: App,
  trx: Trx,
  said: { kind: string; subjectId: string; outcome: unknown; reasons: string },
): Promise<void> {
  if (said.kind !== RECALL || said.outcome !== 'failed') return
  const done = await trx
    .updateTable('recall')
    .set({ answered_by: 'appeal', answered_at: app.clock.now() })
    .where('id', '=', said.subjectId)
    .where('answered_at', 'is', null)
    .executeTakeFirst()
  if (done.numUpdatedRows > 0n)
    await endOrder(app, trx, service('appeal'), said.subjectId, `申诉成立，撤回：${said.reasons}`)
}

/**
 * What follows from a tube that is not negative, in the transaction of its result. A positive pool calls back each member
 * with the people they live with; a positive single tube opens the centre's confirmation; an inconclusive one calls its
 * people back to single tubes, an invalid one to another sample.
 */
export async function followResult(app: App, trx: Trx, tube: TubeRecord, outcome: TubeWhy): Promise<void> {
  const members = await membersOf(trx, tube.code)
  const isSingle = members.length === 1
  for (const member of members)
    if (outcome === 'positive' && isSingle) await openConfirmation(app, trx, tube, member)
    else await recallAfterTube(app, trx, tube, member, outcome)
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

/** What calls somebody back: a tube, or a self-test that they reported. */
type Cause = {
  id: string
  why: Why
  tube: string | null
  antigen: string | null
  personId: string
  placeCode: string
  address: string | null
}

async function recallAfterTube(
  app: App,
  trx: Trx,
  tube: TubeRecord,
  member: Member,
  why: TubeWhy,
): Promise<void> {
  const placeCode = whereOf(member, tube)
  const session = (await findSession(trx, tube.session_id))!
  await openRecall(app, trx, {
    id: idFrom('recall', tube.code, member.person_id),
    why,
    tube: tube.code,
    antigen: null,
    personId: member.person_id,
    placeCode,
    address: placeCode === tube.place_code.slice(0, 12) ? session.address : null,
  })
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
  const { id, why, tube, antigen, personId, placeCode, address } = cause
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
    why: { pack: policy.pack.id, clause: verdict.clause, reasons: verdict.reasons },
  })
  // An invalid sample says nothing of anybody: only the person themselves gives another one.
  const household =
    why === 'invalid' ? [] : (await householdOf(trx, personId)).filter((p) => p.id !== personId)
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

async function openConfirmation(app: App, trx: Trx, tube: TubeRecord, member: Member): Promise<void> {
  const placeCode = whereOf(member, tube)
  const id = idFrom('confirmation', tube.code, member.person_id)
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
      opened_at: app.clock.now(),
    })
    .onConflict((c) => c.column('id').doNothing())
    .execute()
}

/** The person who is called back and those they live with, masked; each of them is told that it was looked at. */
export async function getRecall(
  app: App,
  actor: Actor,
  { params }: Given<typeof GetRecall>,
): Promise<Recall> {
  return within(app.db, scopeOf(actor, 'recalls.read'), async (trx) => {
    const row = await trx.selectFrom('recall').selectAll().where('id', '=', params.id).executeTakeFirst()
    if (!row) throw new CityError('recall_not_found')
    await asService(trx)
    const { screen } = await codeTimes(app)
    const maySample = row.answered_at === null && may(actor, 'tubes.seal', row.place_code)
    const seen = async (personId: string) => {
      const person = await findPerson(trx, personId)
      await recordLook(trx, actor, 'recalls.get', { personId, placeCode: row.place_code, subject: row.id })
      return {
        personId,
        nameMasked: person ? maskName(app.vault.open(person.name_sealed, 'person.name')) : '',
        code: person && maySample ? codeFor(app, personId, screen) : null,
      }
    }
    const place = pathIn(await atlasOf(app), row.place_code, actor.language)
    const household = []
    for (const id of row.household) household.push(await seen(id))
    return {
      id: row.id,
      tube: row.tube,
      antigenId: row.antigen,
      why: row.why,
      placeCode: row.place_code,
      place,
      // A self-test was taken at home: where that is stands in the register, and is asked for with a purpose.
      address: row.tube === null ? place : await addressOf(trx, row.tube),
      openedAt: row.opened_at.toISOString(),
      person: await seen(row.person_id),
      household,
      answeredBy: row.answered_by,
      answeredAt: row.answered_at?.toISOString() ?? null,
    }
  })
}

/** Where the tube was sealed, in the words of its session. */
async function addressOf(trx: Trx, code: string): Promise<string> {
  const { session_id: id } = await trx
    .selectFrom('tube')
    .select('session_id')
    .where('code', '=', code)
    .executeTakeFirstOrThrow()
  return (await findSession(trx, id))!.address
}

/** Ends an order whose work was done elsewhere: signed for where nobody had, resolved with what was done. */
export async function endOrder(app: App, trx: Trx, actor: Actor, id: string, note: string): Promise<void> {
  let order = await lockOrder(trx, id)
  if (order.state === 'dispatched' || order.state === 'redo')
    order = await act(app, trx, order, actor, { id: idFrom(id, 'sign'), action: 'sign' })
  if (order.state === 'handling')
    await act(app, trx, order, actor, { id: idFrom(id, 'resolve'), action: 'resolve', note })
}

/** Recalls looked through at once by the routine. */
const SOME = 200

/**
 * A recall ends by itself once the person's single tube has been taken: nobody has to say so a second time. An invalid
 * sample is made good by any later tube.
 */
export async function answerRecalls(app: App): Promise<void> {
  const open = await app.db
    .selectFrom('recall as r')
    .innerJoin('sample as s', 's.person_id', 'r.person_id')
    .innerJoin('tube as t', 't.code', 's.tube')
    .select(['r.id', 't.code', 't.received_at'])
    .where('r.answered_at', 'is', null)
    .whereRef('t.received_at', '>', 'r.opened_at')
    .where((e) => e.or([e('t.members', '=', 1), e('r.why', '=', 'invalid')]))
    .orderBy('t.received_at')
    .limit(SOME)
    .execute()
  for (const { id, code } of open)
    await within(app.db, { as: 'service' }, async (trx) => {
      const done = await trx
        .updateTable('recall')
        .set({ answered_by: code, answered_at: app.clock.now() })
        .where('id', '=', id)
        .where('answered_at', 'is', null)
        .executeTakeFirst()
      if (done.numUpdatedRows > 0n) await endOrder(app, trx, service('screening'), id, `已单管采样 ${code}`)
    })
}
