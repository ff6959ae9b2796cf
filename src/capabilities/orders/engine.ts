import type { App } from '#kernel/app.ts'
import { service, type Actor } from '#kernel/auth.ts'
import type { Trx } from '#kernel/db.ts'
import { CityError } from '#kernel/errors.ts'
import { idFrom } from '#kernel/ids.ts'
import { maskName } from '#capabilities/people/index.ts'
import { parameter, policyOf } from '#capabilities/policy/index.ts'
import {
  OrderClosed,
  OrderMoved,
  OrderPlaceChanged,
  OrderOpened,
  OrderResolved,
  ClockRanOut,
  type Action,
  type State,
} from './contract.ts'
import { CLOCK_OF, clockMinutes, nextState } from './rules.ts'
import * as store from './store.ts'
import type { OrderRecord } from './store.ts'

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

const minutesAfter = (at: Date, minutes: number) => new Date(at.getTime() + minutes * 60_000)

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

/** Puts the order into a state: its clock, its row, its line in the log, what it says to the house and the screens. */
async function move(
  app: App,
  trx: Trx,
  order: OrderRecord,
  to: State,
  given: {
    id: string
    action: Action
    actor: Actor
    at: Date
    note?: string | undefined
    unitId?: string | undefined
    placeCode?: string | undefined
    public?: boolean
    data?: unknown
    why?: Why | null
    change?: Parameters<typeof store.updateOrder>[2]
  },
): Promise<OrderRecord> {
  const policy = await policyOf(app)
  const { at } = given
  const entering = to !== order.state || given.action === 'dispatch'
  let change = given.change ?? {}
  if (entering) {
    const clock = (CLOCK_OF as Partial<Record<State, (typeof CLOCK_OF)[keyof typeof CLOCK_OF]>>)[to]
    if (clock) {
      const { minutes } = clockMinutes(policy, clock, order)
      const due = minutesAfter(at, minutes)
      await store.startClock(trx, order.id, clock, at, due)
      change = { ...change, due_at: due, due_kind: clock, overdue: false }
    } else {
      await store.stopClocks(trx, order.id, at)
      change = { ...change, due_at: null, due_kind: null, overdue: false }
    }
    change = { ...change, state: to }
    if (to === 'resolved') change.resolved_at = at
    if (to === 'closed') change.closed_at = at
    if (to === 'redo') change = { ...change, redos: order.redos + 1, closed_at: null }
  }
  if (given.unitId) change.unit_id = given.unitId
  if (given.placeCode) change.place_code = given.placeCode
  const after = await store.updateOrder(trx, order.id, change)
  await store.insertEvent(trx, {
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
    data: JSON.stringify({ ...(given.why && { why: given.why }), ...(given.data as object) }),
  })
  const note = await said(app, trx, after, at)
  if (after.place_code !== order.place_code) {
    await store.moveEvents(trx, after.id, after.place_code)
    await app.bus.emit(app, trx, OrderPlaceChanged, note)
  }
  await app.bus.emit(app, trx, OrderMoved, { ...note, action: given.action, state: after.state })
  if (entering && to === 'resolved') await app.bus.emit(app, trx, OrderResolved, note)
  if (entering && to === 'closed') await app.bus.emit(app, trx, OrderClosed, note)
  return after
}

/**
 * Opens an order, and dispatches it at once where a rule named the unit. Must run as the service. Opening the same id
 * again changes nothing and gives the order as it stands.
 */
export async function openOrder(app: App, trx: Trx, given: OpenOrder): Promise<OrderRecord> {
  const at = app.clock.now()
  const policy = await policyOf(app)
  const { minutes } = clockMinutes(policy, 'dispatch', given)
  const due = minutesAfter(at, minutes)
  const isNew = await store.insertOrder(trx, {
    id: given.id,
    number: await store.newNumber(trx, at),
    kind: given.kind,
    title: given.title,
    place_code: given.placeCode,
    address: given.address,
    lng: given.lng,
    lat: given.lat,
    element: given.element,
    urgent: given.urgent,
    urgency_kind: given.urgencyKind,
    state: 'received',
    unit_id: null,
    reporter_id: given.reporterId,
    source: given.source,
    opened_at: at,
    due_at: due,
    due_kind: 'dispatch',
    resolved_at: null,
    closed_at: null,
    score: null,
    solved: null,
    merged_into: null,
    simulated: given.simulated,
  })
  const order = await store.getOrder(trx, given.id)
  if (!isNew) return order
  const by = service('intake')
  await store.startClock(trx, order.id, 'dispatch', at, due)
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
    data: JSON.stringify(given.why ? { why: given.why } : {}),
  })
  const note = await said(app, trx, order, at)
  await app.bus.emit(app, trx, OrderOpened, note)
  if (!given.unitId) return order
  return move(app, trx, order, 'dispatched', {
    id: idFrom(order.id, 'dispatch'),
    action: 'dispatch',
    actor: service('routing'),
    at,
    unitId: given.unitId,
    why: given.why,
  })
}

export type Act = {
  id: string
  action: Action
  version?: number | undefined
  unitId?: string | undefined
  /** Where the order is from now on, when it goes to a unit of another or a narrower place. */
  placeCode?: string | undefined
  note?: string | undefined
  solved?: boolean | undefined
  score?: number | undefined
}

/** What an action says beside its note, to tell a repetition from another answer under the same id. */
const contentOf = (given: Act): string =>
  [given.unitId, given.solved, given.score].some((x) => x !== undefined)
    ? JSON.stringify([given.unitId ?? null, given.solved ?? null, given.score ?? null])
    : ''

/**
 * Does one action on a locked order that the caller has authorised. The action's id makes it idempotent: the same
 * again answers the order as it stands; the same id with another action is `same_id_other_content`.
 */
export async function act(
  app: App,
  trx: Trx,
  order: OrderRecord,
  actor: Actor,
  given: Act,
): Promise<OrderRecord> {
  const before = await store.findEvent(trx, order.id, given.id)
  if (before) {
    const { given: said } = before.data as { given?: string }
    if (
      before.action !== given.action ||
      before.note !== (given.note ?? null) ||
      (said ?? '') !== contentOf(given)
    )
      throw new CityError('same_id_other_content')
    return order
  }
  if (given.version !== undefined && given.version !== order.version) throw new CityError('order_changed')
  const policy = await policyOf(app)
  const to = nextState(policy, order.state, given.action, given)
  if (!to) throw new CityError('action_not_allowed')
  if (given.action === 'return' && order.returns >= parameter(policy, 'orders.maxReturns').value)
    throw new CityError('returns_used_up')
  const change = {
    ...(given.action === 'return' && { returns: order.returns + 1, unit_id: null }),
    ...(given.solved !== undefined && { solved: given.solved }),
    ...(given.score !== undefined && { score: given.score }),
  }
  return move(app, trx, order, to, {
    id: given.id,
    action: given.action,
    actor,
    at: app.clock.now(),
    note: given.note,
    unitId: given.unitId,
    change,
    placeCode: given.placeCode,
    // What units write to each other about whose it is, is no answer to the reporter.
    public: !['note', 'nudge', 'return'].includes(given.action),
    data: {
      ...(contentOf(given) && { given: contentOf(given) }),
      ...(given.solved !== undefined && { solved: given.solved }),
      ...(given.score !== undefined && { score: given.score }),
    },
  })
}

/** How many run-out clocks one sweep takes in one transaction, so that a day's backlog does not block the living. */
const SWEEP = 200

/**
 * Fires the clocks that have run out: a closed order is archived, every other becomes overdue and is said aloud.
 * Returns how many fired. Exactly once each, also after a day of downtime and with several servers.
 */
export async function sweepClocks(app: App): Promise<number> {
  return app.db.transaction().execute(async (trx) => {
    const now = app.clock.now()
    const policy = await policyOf(app)
    const out = await store.takeRunOut(trx, now, SWEEP)
    for (const { order_id, kind, run } of out) {
      const order = await store.lockOrder(trx, order_id)
      const id = idFrom(order_id, kind, String(run))
      if (kind === 'archive') {
        await move(app, trx, order, 'archived', { id, action: 'archive', actor: service('clock'), at: now })
        continue
      }
      const { clause } = clockMinutes(policy, kind, order)
      const why: Why = {
        pack: policy.pack.id,
        clause,
        reasons: [
          {
            zh:
              kind === 'escalate' ? '急难仍未办理，再次上报' : `${CLOCK_NAMES[kind].zh}时限已过，已报上一级`,
            en:
              kind === 'escalate'
                ? 'The urgent need is still open; the level above is told again'
                : `The ${CLOCK_NAMES[kind].en} deadline has passed; the level above is told`,
          },
        ],
      }
      const after = await move(app, trx, order, order.state, {
        id,
        action: 'escalate',
        actor: service('clock'),
        at: now,
        why,
        change: { overdue: true },
      })
      const note = {
        orderId: after.id,
        kind: after.kind,
        placeCode: after.place_code,
        urgent: after.urgent,
        at: now.toISOString(),
        reporterId: after.reporter_id,
      }
      await app.bus.emit(app, trx, ClockRanOut, { ...note, clock: kind, run })
      if (!order.urgent) continue
      // Somebody waits for dialysis: it is said again until the order moves (its next clock stops this one).
      const again = clockMinutes(policy, 'escalate', order).minutes
      await store.addClock(trx, order_id, 'escalate', now, minutesAfter(now, again))
    }
    return out.length
  })
}

export const CLOCK_NAMES = {
  dispatch: { zh: '派单', en: 'dispatch' },
  sign: { zh: '签收', en: 'signing' },
  handle: { zh: '办理', en: 'handling' },
  call_back: { zh: '回访', en: 'call-back' },
  archive: { zh: '归档', en: 'archiving' },
  escalate: { zh: '仍未办理', en: 'handling' },
} as const
