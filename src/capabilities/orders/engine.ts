import type { App } from '#kernel/app.ts'
import { audit } from '#kernel/audit.ts'
import { service, type Actor } from '#kernel/auth.ts'
import type { Trx } from '#kernel/db.ts'
import { idFrom } from '#kernel/ids.ts'
import { maskName } from '#capabilities/people/index.ts'
import { policyOf, type Policy } from '#capabilities/policy/index.ts'
import {
  OrderClosed,
  OrderMoved,
  OrderPlaceChanged,
  OrderOpened,
  OrderResolved,
  type Action,
  type State,
} from './contract.ts'
import { waiveOpenParts } from './part-store.ts'
import { processFor } from './process-file.ts'
import { startProcess } from './process-start.ts'
import { clockSpan, CLOCK_OF, ENDED, HOLDS, NEXT } from './rules.ts'
import { endOf, endOfLeft, leftBetween, warningOf } from './span.ts'
import * as store from './store.ts'
import type { NewClock, OrderRecord } from './store.ts'
import { applyTurn, toTurnEvent } from './turn-store.ts'

export type Why = { pack: string; clause: string; reasons: { zh: string; en: string }[] }

/** What a capability asks of the engine when something becomes work. The id is the cause's own, so it happens once. */
export type OpenOrder = {
  id: string
  kind: string
  title: string
  placeCode: string
  address: string | null
  lng: number | null
  lat: number | null
  element: string | null
  urgent: boolean
  urgencyKind: string | null
  /** Where a rule sends it at once; null leaves it to a person at the desk. */
  unitId: string | null
  reporterId: string | null
  source: string
  simulated: boolean
  why: Why | null
}

export async function said(app: App, trx: Trx, order: OrderRecord, at: Date) {
  const note = {
    orderId: order.id,
    kind: order.kind,
    placeCode: order.place_code,
    urgent: order.urgent,
    at: at.toISOString(),
    reporterId: order.reporter_id,
  }
  await app.live.say(trx, {
    topic: 'order',
    id: order.id,
    placeCode: order.place_code,
    state: order.state,
    urgent: order.urgent,
    overdue: order.overdue,
    version: order.version,
    ...(order.reporter_id && { personId: order.reporter_id }),
  })
  return note
}

export type Move = {
  id: string
  action: Action
  actor: Actor
  at: Date
  note?: string | undefined
  unitId?: string | undefined
  placeCode?: string | undefined
  public?: boolean
  data?: object
  why?: Why | null
  change?: Parameters<typeof store.updateOrder>[2]
  /** When the clock of the new state ends, where a person or a review said so. */
  until?: Date | undefined
  /** The clock to go on with, where something is taken back. */
  clock?: NewClock | null
}

/** Actions that no turn of a unit follows from: the log alone holds them. */
const OUT_OF_TURN: readonly Action[] = [
  'open',
  'accept',
  'nudge',
  'note',
  'part',
  'card',
  'escalate',
  'supervise',
  'end_supervision',
  'archive',
  'follow_lead',
  'undo',
]

/** The clock of the state that an order enters; null where it has ended. */
function clockFor(
  policy: Policy,
  order: OrderRecord,
  to: State,
  g: Move,
  dispatchedAt: Date | undefined,
): NewClock | null {
  if (g.clock !== undefined) return g.clock
  const targets = NEXT[order.state] as Partial<Record<Action, unknown>>
  if (targets[g.action] === 'held' && order.held_kind) {
    const working = order.held_working ?? false
    return {
      kind: order.held_kind,
      startedAt: g.at,
      dueAt: endOfLeft(policy, g.at, order.held_left ?? 0, working),
      working,
      fired: order.held_overdue ?? false,
    }
  }
  const kind = (CLOCK_OF as Partial<Record<State, NewClock['kind']>>)[to]
  if (!kind) return null
  if (g.until) return { kind, startedAt: g.at, dueAt: g.until, packId: policy.pack.id, clause: g.why?.clause }
  const { span, clause } = clockSpan(policy, kind, order)
  return {
    kind,
    startedAt: g.at,
    // Handling is promised from the dispatch on: whoever signs late has the less time left for it.
    dueAt: endOf(policy, dispatchedAt ?? g.at, span),
    working: 'workingDays' in span,
    packId: policy.pack.id,
    clause,
  }
}

const NOT_HELD = {
  held_state: null,
  held_kind: null,
  held_left: null,
  held_working: null,
  held_overdue: null,
  held_by: null,
} as const

/** What stands still while the order is held: its state and what is left of the clock that ran. */
async function hold(trx: Trx, policy: Policy, order: OrderRecord, g: Move) {
  const kind = order.due_kind
  const running = kind ? await store.lastClock(trx, order.id, kind) : undefined
  const working = running?.working ?? false
  return {
    held_state: order.state,
    held_kind: kind,
    held_left: order.due_at ? leftBetween(policy, g.at, order.due_at, working) : null,
    held_working: working,
    held_overdue: order.overdue,
    held_by: g.actor.id,
  }
}

/** What follows for the row when an order enters a state; clocks are started and stopped on the way. */
async function entering(app: App, trx: Trx, order: OrderRecord, to: State, g: Move) {
  const policy = await policyOf(app)
  const signs = to === 'handling' && g.action === 'sign'
  const sent = signs ? await store.lastClock(trx, order.id, 'sign') : undefined
  const clock = clockFor(policy, order, to, g, sent?.started_at)
  const isHeld = HOLDS.includes(to) && g.clock === undefined
  const kept = isHeld ? await hold(trx, policy, order, g) : NOT_HELD
  if (!clock) await store.stopClocks(trx, order.id, g.at)
  else {
    const warnAt =
      clock.kind === 'handle' && !clock.fired && order.card === null
        ? warningOf(policy, g.at, clock.dueAt)
        : null
    await store.startClock(trx, order.id, { warnAt, ...clock })
  }
  if (ENDED.includes(to) || to === 'accepted') await waiveOpenParts(trx, order.id, g.at)
  const goesOn = isHeld || to === order.held_state
  return {
    ...kept,
    state: to,
    due_at: clock?.dueAt ?? null,
    due_kind: clock?.kind ?? null,
    overdue: clock?.fired ?? false,
    told_level: null,
    ...(!goesOn && { card: null }),
    ...(to === 'resolved' && { resolved_at: g.at }),
    ...(to === 'closed' && { closed_at: g.at }),
    ...(to === 'redo' && { redos: order.redos + 1, closed_at: null }),
  }
}

async function resetClock(trx: Trx, orderId: string, clock: NewClock) {
  await store.startClock(trx, orderId, clock)
  return { due_at: clock.dueAt, due_kind: clock.kind, overdue: clock.fired ?? false, told_level: null }
}

/** Puts the order into a state: its clock, its row, its line in the log, what it says to the house and the screens. */
export async function move(
  app: App,
  trx: Trx,
  order: OrderRecord,
  to: State,
  given: Move,
): Promise<OrderRecord> {
  const { at } = given
  const enters = to !== order.state || given.action === 'dispatch'
  // The state stays and its promise becomes another.
  const resets = !enters && given.clock !== undefined && given.clock !== null
  const after = await store.updateOrder(trx, order.id, {
    ...(enters && (await entering(app, trx, order, to, given))),
    ...(resets && (await resetClock(trx, order.id, given.clock!))),
    ...given.change,
    ...(given.unitId && { unit_id: given.unitId }),
    ...(given.placeCode && { place_code: given.placeCode }),
  })
  const place = after.place_code.slice(0, 9)
  const due = HOLDS.includes(after.state) ? null : after.due_at
  const line = await store.insertEvent(trx, {
    order_id: order.id,
    id: given.id,
    place_code: after.place_code,
    reporter_id: order.reporter_id,
    action: given.action,
    from_state: order.state,
    to_state: after.state,
    actor_kind: given.actor.kind,
    actor_id: given.actor.id,
    // An order is read by many: a resident's name does not stand in its history.
    actor_name: given.actor.kind === 'resident' ? maskName(given.actor.name) : given.actor.name,
    unit_id: after.unit_id,
    at,
    note: given.note ?? null,
    public: given.public ?? true,
    data: JSON.stringify({
      ...(given.why && { why: given.why }),
      ...((enters || resets) && { due: due?.toISOString() ?? null, place }),
      ...given.data,
    }),
  })
  await audit(trx, given.actor, `orders.${given.action}`, order.id, {
    placeCode: after.place_code,
    data: { to: after.state },
  })
  if (resets ? given.action !== 'undo' : enters && !OUT_OF_TURN.includes(given.action))
    await applyTurn(trx, order.id, toTurnEvent(line), order.state === 'received')
  const note = await said(app, trx, after, at)
  if (after.place_code !== order.place_code) {
    await store.moveEvents(trx, after.id, after.place_code)
    await app.bus.emit(app, trx, OrderPlaceChanged, note)
  }
  await app.bus.emit(app, trx, OrderMoved, { ...note, action: given.action, state: after.state })
  if (enters && to === 'resolved') await app.bus.emit(app, trx, OrderResolved, note)
  if (enters && to === 'closed') await app.bus.emit(app, trx, OrderClosed, note)
  const process = enters && to === 'dispatched' && order.state === 'received' && processFor(order.element)
  return process && process.start === 'at_once' ? beginProcess(app, trx, after, service('process')) : after
}

/** Gives the helpers of the order's process their parts and says so in the log. */
export async function beginProcess(
  app: App,
  trx: Trx,
  order: OrderRecord,
  actor: Actor,
  id = idFrom(order.id, 'process'),
): Promise<OrderRecord> {
  const at = app.clock.now()
  const process = await startProcess(app, trx, order, at)
  if (!process) return order
  return move(app, trx, order, order.state, {
    id,
    action: 'part',
    actor,
    at,
    note: `启动协同流程：${process.zh}`,
    public: false,
    data: { process: process.id },
  })
}

/**
 * Opens an order, and dispatches it at once where a rule named the unit. Must run as the service. Opening the same id
 * again changes nothing and gives the order as it stands.
 */
export async function openOrder(app: App, trx: Trx, given: OpenOrder): Promise<OrderRecord> {
  const at = app.clock.now()
  const policy = await policyOf(app)
  const { span, clause } = clockSpan(policy, 'dispatch', given)
  const due = endOf(policy, at, span)
  const { why, unitId, reporterId, placeCode, urgencyKind, ...same } = given
  const isNew = await store.insertOrder(trx, {
    ...same,
    number: await store.newNumber(trx, at),
    place_code: placeCode,
    urgency_kind: urgencyKind,
    reporter_id: reporterId,
    state: 'received',
    opened_at: at,
    due_at: due,
    due_kind: 'dispatch',
    process: processFor(given.element)?.id ?? null,
  })
  const order = await store.getOrder(trx, given.id)
  if (!isNew) return order
  const by = service('intake')
  await store.startClock(trx, order.id, {
    kind: 'dispatch',
    startedAt: at,
    dueAt: due,
    packId: policy.pack.id,
    clause,
  })
  await store.insertEvent(trx, {
    order_id: order.id,
    id: idFrom(order.id, 'open'),
    place_code: order.place_code,
    reporter_id: order.reporter_id,
    action: 'open',
    from_state: null,
    to_state: 'received',
    actor_kind: by.kind,
    actor_id: by.id,
    actor_name: by.name,
    unit_id: null,
    at,
    note: null,
    data: JSON.stringify(why ? { why } : {}),
  })
  const note = await said(app, trx, order, at)
  await app.bus.emit(app, trx, OrderOpened, note)
  if (!unitId) return order
  return move(app, trx, order, 'dispatched', {
    id: idFrom(order.id, 'dispatch'),
    action: 'dispatch',
    actor: service('routing'),
    at,
    unitId,
    why,
  })
}
