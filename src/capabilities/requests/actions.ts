import { createHash } from 'node:crypto'
import type { App } from '#kernel/app.ts'
import { audit } from '#kernel/audit.ts'
import { may, scopeOf, type Actor, type Language } from '#kernel/auth.ts'
import { asService, within, type Trx } from '#kernel/db.ts'
import { CityError } from '#kernel/errors.ts'
import type { Given } from '#kernel/http.ts'
import { idFrom } from '#kernel/ids.ts'
import { SHED_AT } from '#kernel/overload.ts'
import { decodeCursor, encodeCursor } from '#kernel/cursor.ts'
import { act, lockOrder, namingOf, queryOrders, toRow, unitsOf } from '#capabilities/orders/index.ts'
import {
  findPerson,
  maskName,
  maskPhone,
  personWithPhone,
  recordLook,
  SIMULATED_PHONE,
} from '#capabilities/people/index.ts'
import { atlasOf, getKnownPlace, pathIn, understandPlaceIn } from '#capabilities/places/index.ts'
import type { PlaceUnderstood } from '#capabilities/places/contract.ts'
import { policyOf, recordDecision, type Policy } from '#capabilities/policy/index.ts'
import {
  RequestReceived,
  type AnswerMyRequest,
  type FindSimilar,
  type GetMyRequest,
  type GetRequest,
  type ListMyRequests,
  type MyRequest,
  type RateMyRequest,
  type ReceiveRequest,
  type RecordCall,
  type ReopenMyRequest,
  type SendMyRequest,
  type Understanding,
  type UnderstandText,
} from './contract.ts'
import { toMyRequests } from './mine.ts'
import { outcomeOf, soundsUrgent, understand, UNDERSTANDING, type Corrections } from './rules.ts'
import * as store from './store.ts'

/** Reads a text with the city's places and the policy in force. */
export async function readText(
  app: App,
  text: string,
  given: { within?: string | undefined; corrections?: Corrections | undefined; language?: Language },
): Promise<{ understanding: Understanding; clause: string; place: PlaceUnderstood | null; policy: Policy }> {
  const [policy, atlas, units, place] = await Promise.all([
    policyOf(app),
    atlasOf(app),
    unitsOf(app),
    understandPlaceIn(app, text, given.within, given.language),
  ])
  if (given.corrections?.placeCode) await getKnownPlace(app, given.corrections.placeCode)
  if (given.corrections?.element && !policy.element.has(given.corrections.element))
    throw new CityError('element_not_found')
  const { clause, ...understanding } = understand(policy, text, place, {
    corrections: given.corrections,
    nameUnit: (id) => {
      const unit = units.get(id)
      return unit && { zh: unit.name, en: unit.name_en }
    },
    pathOf: (code) => pathIn(atlas, code, given.language),
    pathEnOf: (code) => pathIn(atlas, code, 'en'),
  })
  return { understanding, clause, place, policy }
}

export async function understandText(
  app: App,
  actor: Actor,
  { body }: Given<typeof UnderstandText>,
): Promise<Understanding> {
  const { understanding } = await readText(app, body.text, {
    within: body.within,
    language: actor.language,
  })
  return understanding
}

type Intake = {
  id: string
  by: Actor
  text: string
  channel: 'phone' | 'web' | 'app' | 'partner' | 'district' | 'subdistrict'
  callId?: string | undefined
  personId: string | null
  homePlace: string
  simulated: boolean
  corrections?: Corrections | undefined
}

/**
 * Takes a request in: reads it, records the decision of what it is, keeps it sealed, and says `request.received`, from
 * which the order follows in the same transaction. The same id again changes nothing; with other content it is refused.
 */
async function receive(app: App, trx: Trx, given: Intake): Promise<void> {
  const contentHash = createHash('sha256')
    .update(JSON.stringify([given.text, given.corrections ?? {}]))
    .digest('hex')
  const known = await store.findRequest(trx, given.id)
  if (known) {
    if (known.content_hash !== contentHash || known.person_id !== given.personId)
      throw new CityError('same_id_other_content')
    return
  }
  const home = given.homePlace.length >= 9 ? given.homePlace.slice(0, 9) : undefined
  const { understanding, clause, place, policy } = await readText(app, given.text, {
    within: home?.slice(0, 6),
    corrections: given.corrections,
  })
  const at = app.clock.now()
  // Nothing in the text says where: the person's own subdistrict, if they live in one, else the city's desk.
  const placeCode = understanding.place?.code ?? home ?? '31'
  const isNew = await store.insertRequest(trx, {
    id: given.id,
    channel: given.channel,
    call_id: given.callId ?? null,
    person_id: given.personId,
    place_code: placeCode,
    address_sealed: understanding.address ? app.vault.seal(understanding.address, 'request.address') : null,
    text_sealed: app.vault.seal(given.text, 'request.text'),
    understanding: JSON.stringify(understanding),
    received_at: at,
    content_hash: contentHash,
    simulated: given.simulated,
  })
  // Two of the same at the same moment: the other one is doing it.
  if (!isNew) return
  await audit(trx, given.by, 'requests.receive', given.id, { placeCode, data: { channel: given.channel } })
  await recordDecision(app, trx, {
    id: idFrom('understanding', given.id),
    kind: UNDERSTANDING,
    subjectId: given.id,
    personId: given.personId,
    placeCode,
    outcome: outcomeOf(understanding),
    reasons: understanding.reasons,
    evidence: {
      words: understanding.words.map((w) => [w.from, w.to, w.about]),
      corrections: Object.keys(given.corrections ?? {}),
    },
    secret: { text: given.text, place, corrections: given.corrections ?? {} },
    policy,
    clause,
    issuer: `rule ${UNDERSTANDING}`,
    at,
  })
  await app.bus.emit(app, trx, RequestReceived, {
    requestId: given.id,
    personId: given.personId,
    placeCode,
    address: understanding.address,
    channel: given.channel,
    understanding,
    at: at.toISOString(),
    simulated: given.simulated,
  })
}

async function mine(app: App, trx: Trx, actor: Actor, id: string): Promise<MyRequest> {
  const row = await store.findRequest(trx, id)
  if (!row || row.person_id !== actor.id) throw new CityError('request_not_found')
  return (await toMyRequests(app, trx, [row], actor.language))[0]!
}

export async function sendMyRequest(
  app: App,
  actor: Actor,
  { body, pressure }: Given<typeof SendMyRequest>,
): Promise<MyRequest> {
  // Only the words tell which of them may wait when the house is full: the page keeps it and sends it again.
  if (pressure >= SHED_AT.write && !soundsUrgent(await policyOf(app), body.text, body.corrections))
    throw new CityError('overloaded', { retryAfter: 5 })
  return within(app.db, { as: 'service' }, async (trx) => {
    const person = await findPerson(trx, actor.id)
    await receive(app, trx, {
      id: body.id,
      by: actor,
      text: body.text,
      channel: body.channel,
      personId: actor.id,
      homePlace: person?.place_code ?? '31',
      simulated: person?.simulated ?? false,
      corrections: body.corrections,
    })
    return mine(app, trx, actor, body.id)
  })
}

export async function listMyRequests(app: App, actor: Actor, { query }: Given<typeof ListMyRequests>) {
  return within(app.db, scopeOf(actor, ''), async (trx) => {
    const rows = await store.listRequests(trx, {
      personId: actor.id,
      after: decodeCursor(query.after),
      limit: query.limit + 1,
    })
    const shown = rows.slice(0, query.limit)
    const items = await toMyRequests(app, trx, shown, actor.language)
    const last = shown.at(-1)
    return { items, next: rows.length > query.limit && last ? encodeCursor(last.received_at, last.id) : null }
  })
}

export async function getMyRequest(
  app: App,
  actor: Actor,
  { params }: Given<typeof GetMyRequest>,
): Promise<MyRequest> {
  return within(app.db, scopeOf(actor, ''), (trx) => mine(app, trx, actor, params.id))
}

async function answer(
  app: App,
  actor: Actor,
  requestId: string,
  given: Parameters<typeof act>[4],
): Promise<MyRequest> {
  return within(app.db, scopeOf(actor, ''), async (trx) => {
    await mine(app, trx, actor, requestId)
    await asService(trx)
    await act(app, trx, await lockOrder(trx, requestId), actor, given)
    return mine(app, trx, actor, requestId)
  })
}

export async function rateMyRequest(
  app: App,
  actor: Actor,
  { params, body }: Given<typeof RateMyRequest>,
): Promise<MyRequest> {
  return answer(app, actor, params.id, {
    id: body.id,
    action: 'rate',
    solved: body.solved,
    score: body.score,
    note: body.note,
  })
}

export async function reopenMyRequest(
  app: App,
  actor: Actor,
  { params, body }: Given<typeof ReopenMyRequest>,
): Promise<MyRequest> {
  return answer(app, actor, params.id, { id: body.id, action: 'reopen', note: body.note })
}

export async function answerMyRequest(
  app: App,
  actor: Actor,
  { params, body }: Given<typeof AnswerMyRequest>,
): Promise<MyRequest> {
  return answer(app, actor, params.id, { id: body.id, action: 'supply', note: body.note })
}

export async function receiveRequest(app: App, actor: Actor, { body }: Given<typeof ReceiveRequest>) {
  const personId = body.caller?.phone ? await personWithPhone(app, body.caller.phone, body.caller.name) : null
  const place = actor.may.get('requests.receive')?.[0] ?? '31'
  return within(app.db, { as: 'service' }, async (trx) => {
    await receive(app, trx, {
      id: body.id,
      by: actor,
      text: body.text,
      channel: body.channel,
      callId: body.callId,
      personId,
      homePlace: place,
      simulated: body.caller?.phone ? SIMULATED_PHONE.test(body.caller.phone) : false,
      corrections: body.corrections,
    })
    const order = await lockOrder(trx, body.id)
    // Who takes requests down for a district may not reach into another by sending its id.
    if (!may(actor, 'requests.receive', order.place_code)) throw new CityError('not_allowed')
    const row = await store.findRequest(trx, body.id)
    return {
      requestId: body.id,
      order: toRow(await namingOf(app, actor.language), order),
      understanding: row!.understanding,
    }
  })
}

export async function getRequest(app: App, actor: Actor, { params }: Given<typeof GetRequest>) {
  return within(app.db, scopeOf(actor, 'requests.read'), async (trx) => {
    const row = await store.findRequest(trx, params.id)
    if (!row) throw new CityError('request_not_found')
    const person = row.person_id ? await findPerson(trx, row.person_id) : undefined
    await asService(trx)
    if (row.person_id)
      await recordLook(trx, actor, 'request.read', {
        personId: row.person_id,
        placeCode: row.place_code,
        subject: row.id,
      })
    else await audit(trx, actor, 'request.read', row.id, { placeCode: row.place_code })
    return {
      id: row.id,
      channel: row.channel,
      text: app.vault.open(row.text_sealed, 'request.text'),
      understanding: row.understanding,
      receivedAt: row.received_at.toISOString(),
      person: person
        ? {
            id: person.id,
            nameMasked: maskName(app.vault.open(person.name_sealed, 'person.name')),
            phoneMasked: person.phone_sealed
              ? maskPhone(app.vault.open(person.phone_sealed, 'person.phone'))
              : null,
          }
        : null,
    }
  })
}

export async function findSimilar(app: App, actor: Actor, { query }: Given<typeof FindSimilar>) {
  const rows = await within(app.db, scopeOf(actor, 'orders.read'), (trx) =>
    queryOrders(trx, { place: query.place, open: true, element: query.element, limit: 5 }),
  )
  const naming = await namingOf(app, actor.language)
  return { items: rows.map((r) => toRow(naming, r)) }
}

export async function recordCall(app: App, actor: Actor, { body }: Given<typeof RecordCall>) {
  if (!may(actor, 'calls.record', body.placeCode)) throw new CityError('not_allowed')
  await store.insertCall(app.db, {
    id: body.id,
    line: body.line,
    place_code: body.placeCode,
    answered: body.answered,
    at: app.clock.now(),
    agent_id: actor.id,
  })
  return { id: body.id }
}
