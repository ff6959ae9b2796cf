import type { App } from '#kernel/app.ts'
import { audit } from '#kernel/audit.ts'
import { may, scopeOf, type Actor, type Language } from '#kernel/auth.ts'
import { asService, enter, within, type Trx } from '#kernel/db.ts'
import { CityError } from '#kernel/errors.ts'
import type { Given } from '#kernel/http.ts'
import { idFrom } from '#kernel/ids.ts'
import { act, getOrder, lockOrder, openOrder, unitsOf } from '#capabilities/orders/index.ts'
import { recordLook } from '#capabilities/people/index.ts'
import { atlasOf, pathIn } from '#capabilities/places/index.ts'
import {
  changeOf,
  findDecision,
  policyAt,
  policyKept,
  policyOf,
  recordDecision,
  toDecision,
  type DecisionRecord,
} from '#capabilities/policy/index.ts'
import {
  DecisionChanged,
  type AnswerAppeal,
  type Appeal,
  type FileAppeal,
  type GetAppeal,
  type ListAppeals,
  type ListMyAppeals,
  type MyAppeal,
} from './contract.ts'
import { answerBy, ELEMENT, unitFor } from './rules.ts'
import * as store from './store.ts'
import type { AppealRecord } from './store.ts'

async function decisionOf(trx: Trx, id: string): Promise<DecisionRecord> {
  const found = await findDecision(trx, id)
  if (!found) throw new CityError('decision_not_found')
  return found
}

async function toMyAppeal(app: App, trx: Trx, row: AppealRecord, language: Language): Promise<MyAppeal> {
  const order = await getOrder(trx, row.id)
  const due = answerBy(await policyAt(app, { at: row.filed_at, place: row.place_code }), row.filed_at)
  const instead = row.new_decision_id ? await decisionOf(trx, row.new_decision_id) : undefined
  return {
    id: row.id,
    number: order.number,
    decision: await toDecision(app, await decisionOf(trx, row.decision_id), language),
    text: app.vault.open(row.text_sealed, 'appeal.text'),
    filedAt: row.filed_at.toISOString(),
    dueAt: row.answered_at ? null : due.toISOString(),
    overdue: row.answered_at === null && due < app.clock.now(),
    answer: row.answer
      ? {
          answer: row.answer,
          reasons: row.answer_reasons!,
          at: row.answered_at!.toISOString(),
          decision: instead ? await toDecision(app, instead, language) : null,
        }
      : null,
  }
}

const madeBy = (decision: DecisionRecord, actor: Actor) => decision.issuer === `person ${actor.id}`

async function toAppeal(app: App, trx: Trx, row: AppealRecord, actor: Actor): Promise<Appeal> {
  const decision = await decisionOf(trx, row.decision_id)
  return {
    ...(await toMyAppeal(app, trx, row, actor.language)),
    place: pathIn(await atlasOf(app), row.place_code, actor.language),
    placeCode: row.place_code,
    mayAnswer:
      row.answer === null && may(actor, 'appeals.answer', row.place_code) && !madeBy(decision, actor),
  }
}

/**
 * Files an appeal: one order that goes to the district's operations centre at once and is promised in working days. A
 * second one against the same decision while the first is open is the first (`appeal_open`).
 */
export async function fileAppeal(
  app: App,
  actor: Actor,
  { body }: Given<typeof FileAppeal>,
): Promise<MyAppeal> {
  return within(app.db, { as: 'resident', personId: actor.id }, async (trx) => {
    const decision = await findDecision(trx, body.decisionId)
    if (!decision || decision.person_id !== actor.id) throw new CityError('decision_not_found')
    await asService(trx)
    const known = await store.findAppeal(trx, body.id)
    if (known) {
      const isSame =
        known.person_id === actor.id &&
        known.decision_id === body.decisionId &&
        app.vault.open(known.text_sealed, 'appeal.text') === body.text
      if (!isSame) throw new CityError('same_id_other_content')
      return toMyAppeal(app, trx, known, actor.language)
    }
    // Two taps at once wait here for each other: the decision's row is the door.
    await trx.selectFrom('decision').select('id').where('id', '=', decision.id).forUpdate().execute()
    const others = await store.appealsAgainst(trx, decision.id)
    if (others.some((a) => a.answered_at === null)) throw new CityError('appeal_open')
    if (others.some((a) => a.answer === 'changed')) throw new CityError('decision_replaced')
    const units = await unitsOf(app)
    const unitId = unitFor(decision.place_code)
    await openOrder(app, trx, {
      id: body.id,
      kind: 'appeal',
      title: `申诉 · ${(await toDecision(app, decision, 'zh')).name.zh}`,
      placeCode: decision.place_code,
      address: null,
      lng: null,
      lat: null,
      element: ELEMENT,
      urgent: false,
      urgencyKind: null,
      unitId: units.has(unitId) ? unitId : null,
      reporterId: actor.id,
      source: 'app',
      simulated: false,
      why: {
        pack: decision.pack_id,
        clause: decision.clause,
        reasons: [{ zh: '本人对决定提出申诉', en: 'The person appeals against the decision' }],
      },
    })
    const isNew = await store.insertAppeal(trx, {
      id: body.id,
      decision_id: decision.id,
      person_id: actor.id,
      place_code: decision.place_code,
      text_sealed: app.vault.seal(body.text, 'appeal.text'),
      filed_at: app.clock.now(),
    })
    if (!isNew) throw new CityError('same_id_other_content')
    await audit(trx, actor, 'appeals.file', body.id, {
      placeCode: decision.place_code,
      data: { decisionId: decision.id },
    })
    return toMyAppeal(app, trx, (await store.findAppeal(trx, body.id))!, actor.language)
  })
}

export async function listMyAppeals(app: App, actor: Actor, _given: Given<typeof ListMyAppeals>) {
  return within(app.db, { as: 'resident', personId: actor.id }, async (trx) => {
    const rows = await store.appealsOf(trx, actor.id)
    const items: MyAppeal[] = []
    for (const row of rows) items.push(await toMyAppeal(app, trx, row, actor.language))
    return { items }
  })
}

export async function listAppeals(app: App, actor: Actor, { query }: Given<typeof ListAppeals>) {
  return within(app.db, scopeOf(actor, 'appeals.answer'), async (trx) => {
    const rows = await store.listAppeals(trx, { answered: query.answered === 'yes', place: query.place })
    await asService(trx)
    const items = []
    for (const row of rows) {
      const { text: _text, decision, answer: _answer, ...rest } = await toAppeal(app, trx, row, actor)
      items.push({ ...rest, kind: decision.name[actor.language] })
    }
    return { items }
  })
}

export async function getAppeal(
  app: App,
  actor: Actor,
  { params }: Given<typeof GetAppeal>,
): Promise<Appeal> {
  return within(app.db, scopeOf(actor, 'appeals.answer'), async (trx) => {
    const row = await store.findAppeal(trx, params.id)
    if (!row) throw new CityError('appeal_not_found')
    await asService(trx)
    await recordLook(trx, actor, 'appeals.get', {
      personId: row.person_id,
      placeCode: row.place_code,
      subject: row.id,
    })
    return toAppeal(app, trx, row, actor)
  })
}

/**
 * Answers an appeal with reasons, by somebody who did not make the decision. `changed` makes a new decision that stands
 * instead of the old one and says `decision.changed`; both answers end the handling of the order in the same commit.
 */
export async function answerAppeal(
  app: App,
  actor: Actor,
  { params, body }: Given<typeof AnswerAppeal>,
): Promise<Appeal> {
  return within(app.db, scopeOf(actor, 'appeals.answer'), async (trx) => {
    if (!(await store.findAppeal(trx, params.id))) throw new CityError('appeal_not_found')
    await asService(trx)
    const row = (await store.lockAppeal(trx, params.id))!
    const decision = await decisionOf(trx, row.decision_id)
    if (madeBy(decision, actor)) throw new CityError('needs_another_person')
    const newId = body.answer === 'changed' ? idFrom('appeal', row.id) : null
    if (row.answer !== null) {
      const isSame =
        row.answered_by === actor.id && row.answer === body.answer && row.answer_reasons === body.reasons
      if (!isSame) throw new CityError('appeal_answered')
      return toAppeal(app, trx, row, actor)
    }
    if (newId !== null) await replace(app, trx, actor, row, decision, newId, body)
    const after = await store.updateAppeal(trx, row.id, {
      answer: body.answer,
      answer_reasons: body.reasons,
      answered_by: actor.id,
      answered_name: actor.name,
      answered_at: app.clock.now(),
      new_decision_id: newId,
    })
    await audit(trx, actor, 'appeals.answer', row.id, {
      placeCode: row.place_code,
      data: { answer: body.answer },
    })
    await endOrder(app, trx, actor, row.id, body)
    await enter(trx, { as: 'service' })
    return toAppeal(app, trx, after, actor)
  })
}

async function replace(
  app: App,
  trx: Trx,
  actor: Actor,
  row: AppealRecord,
  decision: DecisionRecord,
  id: string,
  body: Given<typeof AnswerAppeal>['body'],
): Promise<void> {
  const outcome = changeOf(decision, body.outcome)
  const policy = (await policyKept(app, decision.pack_hash, decision.overlay_hashes)) ?? (await policyOf(app))
  await recordDecision(app, trx, {
    id,
    kind: decision.kind,
    subjectId: decision.subject_id,
    personId: decision.person_id,
    placeCode: decision.place_code,
    outcome,
    reasons: [{ zh: `申诉后改变：${body.reasons}`, en: `Changed after an appeal: ${body.reasons}` }],
    evidence: { appeal: row.id, insteadOf: decision.id },
    policy,
    clause: decision.clause,
    issuer: `person ${actor.id}`,
    at: app.clock.now(),
    insteadOf: decision.id,
  })
  await app.bus.emit(app, trx, DecisionChanged, {
    decisionId: id,
    insteadOf: decision.id,
    kind: decision.kind,
    subjectId: decision.subject_id,
    personId: row.person_id,
    outcome: outcome as never,
    reasons: body.reasons,
    appealId: row.id,
    by: actor.id,
  })
}

/** The answer is the end of handling: signed for where nobody had, resolved with the reasons; the person is asked next. */
async function endOrder(
  app: App,
  trx: Trx,
  actor: Actor,
  id: string,
  body: Given<typeof AnswerAppeal>['body'],
): Promise<void> {
  let order = await lockOrder(trx, id)
  const step = (action: Parameters<typeof act>[4]['action'], more: object = {}) =>
    act(app, trx, order, actor, { id: idFrom(body.id, action), action, ...more })
  const note = body.reasons
  // Whatever the office was asking about its own work meanwhile, the answer is there now.
  if (order.state === 'suspended') order = await step('resume')
  if (order.state === 'incomplete') order = await step('supply', { note })
  if (order.state === 'extension_review') order = await step('refuse_extension', { note })
  if (['received', 'accepted', 'return_review'].includes(order.state))
    order = await step('dispatch', { unitId: unitFor(order.place_code) })
  if (order.state === 'arbitration')
    order = await step('arbitrate', { unitId: unitFor(order.place_code), note })
  if (order.state === 'dispatched' || order.state === 'redo') order = await step('sign')
  if (order.state === 'handling') await step('resolve', { note: body.reasons })
}

/** What a person wrote in appeals goes with the person. */
export async function forgetAppeals(app: App, trx: Trx, said: { personId: string }): Promise<void> {
  await trx
    .updateTable('appeal')
    .set({ text_sealed: app.vault.seal('（已按保存期限删除）', 'appeal.text') })
    .where('person_id', '=', said.personId)
    .execute()
}
