import type { App } from '#kernel/app.ts'
import type { Language } from '#kernel/auth.ts'
import { within, type Trx } from '#kernel/db.ts'
import { CityError } from '#kernel/errors.ts'
import {
  CLOCK_OF,
  clockSpan,
  endOf,
  getOrder,
  HOLDS,
  NEXT,
  reported,
  unitsOf,
  type ReportedEvent,
  type ReportedOrder,
} from '#capabilities/orders/index.ts'
import type { State } from '#capabilities/orders/contract.ts'
import { atlasOf, pathIn } from '#capabilities/places/index.ts'
import { policyOf } from '#capabilities/policy/index.ts'
import type { MyRequest, Step } from './contract.ts'
import type { RequestRecord } from './store.ts'

/** The line of steps that a resident sees; a redo goes back to handling on the same line. */
const STEPS = [
  ['received', { zh: '已受理', en: 'Received' }],
  ['dispatched', { zh: '已派单', en: 'Sent to the unit' }],
  ['handling', { zh: '办理中', en: 'Being handled' }],
  ['resolved', { zh: '已办理，等您评价', en: 'Done; your word counts' }],
  ['closed', { zh: '已办结', en: 'Closed' }],
] as const satisfies readonly (readonly [State, { zh: string; en: string }])[]

/** Which step of the line the order stands on. */
const STANDS_ON: Record<State, number> = {
  received: 0,
  incomplete: 0,
  accepted: 0,
  dispatched: 1,
  return_review: 1,
  arbitration: 1,
  redo: 1,
  handling: 2,
  extension_review: 2,
  suspended: 2,
  answer_review: 2,
  resolved: 3,
  closed: 4,
  archived: 4,
  rejected: 4,
  merged: 4,
}

/** Where a state that holds another one shows the reporter to stand: on the step of the one that is held. */
const stepOf = (state: State, held: State | null): number =>
  STANDS_ON[(state === 'incomplete' || state === 'merged') && held !== null ? held : state]

async function stepsOf(
  app: App,
  order: ReportedOrder,
  events: readonly ReportedEvent[],
  language: Language,
): Promise<{ steps: Step[]; messages: MyRequest['messages']; question: string | null }> {
  const policy = await policyOf(app)
  const units = await unitsOf(app)
  const now = stepOf(order.state, order.held_state)
  // Only what happened since the last time the order went back counts as reached.
  let from = 0
  events.forEach((e, i) => {
    if (e.action === 'approve_return' || e.to_state === 'redo') from = i
  })
  // While something stands still nothing later is promised: what was left goes on from the day it moves again.
  let promised = HOLDS.includes(order.state) ? null : order.due_at
  const steps = STEPS.map(([state, name], i): Step => {
    const reached =
      i <= now
        ? (events.find((e, k) => (k >= from || i === 0) && STANDS_ON[e.to_state] === i) ??
          events.findLast((e) => STANDS_ON[e.to_state] === i))
        : undefined
    if (reached) return { state, name, at: reached.at.toISOString(), promisedAt: null }
    // The running clock promises the next step; the clocks after it add up from there.
    if (i > now + 1 && promised) {
      const clock = CLOCK_OF[STEPS[i - 1]![0]]
      // Handling is promised from the dispatch on, not from the signature.
      const sent =
        clock === 'handle' ? events.findLast((e) => ['dispatched', 'redo'].includes(e.to_state)) : undefined
      promised = endOf(policy, sent?.at ?? promised, clockSpan(policy, clock, order).span)
    }
    return { state, name, at: null, promisedAt: promised?.toISOString() ?? null }
  })
  const messages = events
    .filter((e) => e.public && e.note !== null)
    .map((e) => ({
      at: e.at.toISOString(),
      from:
        e.actor_kind === 'resident'
          ? { zh: '我', en: 'Me' }[language]
          : (e.actor_kind !== 'service' &&
              e.unit_id &&
              units.get(e.unit_id)?.[language === 'zh' ? 'name' : 'name_en']) ||
            '12345',
      text: e.note!,
    }))
  const question = events.findLast((e) => e.action === 'ask_back')?.note ?? null
  return { steps, messages, question }
}

/**
 * How the lead stands. Read as the service, since it is another person's: its state and its unit, nothing that was said
 * in it. Its answer comes to this order as its own.
 */
async function leadOf(app: App, id: string) {
  const units = await unitsOf(app)
  const lead = await within(app.db, { as: 'service' }, (trx) => getOrder(trx, id))
  const unit = lead.unit_id ? units.get(lead.unit_id) : undefined
  return {
    number: lead.number,
    state: lead.state,
    unit: unit ? { zh: unit.name, en: unit.name_en } : null,
    dueAt: lead.due_at?.toISOString() ?? null,
    overdue: lead.overdue,
  }
}

/**
 * Requests as the person who sent them sees them, in the order given: with one look at all their orders and one at all
 * their events, since a crowd looks at its list again and again. Errors: `order_not_found`.
 */
export async function toMyRequests(
  app: App,
  trx: Trx,
  rows: readonly RequestRecord[],
  language: Language = 'zh',
): Promise<MyRequest[]> {
  if (rows.length === 0) return []
  const found = await reported(
    trx,
    rows.map((row) => row.id),
  )
  const shown: MyRequest[] = []
  for (const row of rows) {
    const own = found.get(row.id)
    if (!own) throw new CityError('order_not_found')
    shown.push(await toMyRequest(app, row, own.order, own.events, language))
  }
  return shown
}

async function toMyRequest(
  app: App,
  row: RequestRecord,
  order: ReportedOrder,
  events: readonly ReportedEvent[],
  language: Language,
): Promise<MyRequest> {
  const atlas = await atlasOf(app)
  const u = row.understanding
  const { steps, messages, question } = await stepsOf(app, order, events, language)
  const unit = order.unit_id ? (await unitsOf(app)).get(order.unit_id) : undefined
  return {
    id: row.id,
    text: app.vault.open(row.text_sealed, 'request.text'),
    receivedAt: row.received_at.toISOString(),
    place: pathIn(atlas, row.place_code, language),
    address: row.address_sealed ? app.vault.open(row.address_sealed, 'request.address') : null,
    understanding: u.place ? { ...u, place: { ...u.place, path: pathIn(atlas, u.place.code, language) } } : u,
    order: {
      id: order.id,
      number: order.number,
      state: order.state,
      urgent: order.urgent,
      unit: unit ? { zh: unit.name, en: unit.name_en } : null,
      dueAt: order.due_at?.toISOString() ?? null,
      dueKind: order.due_kind,
      overdue: order.overdue,
      score: order.score,
      mayRate: 'rate' in NEXT[order.state],
      mayReopen: 'reopen' in NEXT[order.state],
      direct: order.direct,
      question: order.state === 'incomplete' ? question : null,
      suspendedUntil: order.state === 'suspended' ? (order.due_at?.toISOString() ?? null) : null,
      lead: order.merged_into && order.state === 'merged' ? await leadOf(app, order.merged_into) : null,
    },
    steps,
    messages,
  }
}
