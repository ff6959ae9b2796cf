import { z } from 'zod'
import { Bilingual, ClientId, Instant, PlaceCode, event, page, route, typed } from '#kernel/contract.ts'

/**
 * 待受理 received, 待补充 incomplete, 待派单 accepted, 待签收 dispatched, 退单审核 return_review, 仲裁 arbitration, 办理中
 * handling, 延期审核 extension_review, 挂起 suspended, 待审核 answer_review, 待回访 resolved, 重办 redo, 已办结 closed, 已归档
 * archived, 不予受理 rejected, 已合并 merged. 直接办结 is closed with the flag `direct`.
 */
export const State = z.enum([
  'received',
  'incomplete',
  'accepted',
  'dispatched',
  'return_review',
  'arbitration',
  'handling',
  'extension_review',
  'suspended',
  'answer_review',
  'resolved',
  'redo',
  'closed',
  'archived',
  'rejected',
  'merged',
])
export type State = z.infer<typeof State>

export const Action = z.enum([
  'open',
  'accept',
  'ask_back',
  'supply',
  'expire',
  'answer',
  'reject',
  'dispatch',
  'sign',
  'return',
  'approve_return',
  'refuse_return',
  'ask_arbitration',
  'arbitrate',
  'extend',
  'approve_extension',
  'refuse_extension',
  'suspend',
  'resume',
  'resolve',
  'approve_answer',
  'refuse_answer',
  'call_back',
  'rate',
  'reopen',
  'redo',
  'archive',
  'merge',
  'unmerge',
  'follow_lead',
  'nudge',
  'supervise',
  'end_supervision',
  'note',
  'part',
  'card',
  'escalate',
  'undo',
])
export type Action = z.infer<typeof Action>

/** What the system, a part or the reporter's own page does; everything else is an action of staff. */
export const NOT_STAFF = [
  'open',
  'expire',
  'rate',
  'reopen',
  'follow_lead',
  'part',
  'card',
  'escalate',
  'undo',
] as const

/** `escalate` runs beside another one that has run out, and tells the next level above. */
export const ClockKind = z.enum([
  'dispatch',
  'supply',
  'sign',
  'review',
  'handle',
  'suspension',
  'call_back',
  'archive',
  'escalate',
])
export type ClockKind = z.infer<typeof ClockKind>

export const Card = z.enum(['yellow', 'red'])
export const ToldLevel = z.enum(['subdistrict', 'district', 'city'])

export const OrderRow = z.object({
  id: z.uuid(),
  number: z.string(),
  kind: z.string(),
  title: z.string(),
  placeCode: PlaceCode,
  place: z.string(),
  address: z.string().nullable(),
  lng: z.number().nullable(),
  lat: z.number().nullable(),
  element: z.string().nullable(),
  urgent: z.boolean(),
  urgencyKind: z.string().nullable(),
  state: State,
  unit: z.object({ id: z.string(), name: z.string(), nameEn: z.string() }).nullable(),
  source: z.string(),
  openedAt: Instant,
  /** The clock that runs now, with its deadline; null once the order is closed. */
  dueAt: Instant.nullable(),
  dueKind: ClockKind.nullable(),
  overdue: z.boolean(),
  card: Card.nullable(),
  nudges: z.int(),
  supervised: z.boolean(),
  version: z.int(),
  simulated: z.boolean(),
})
export type OrderRow = z.infer<typeof OrderRow>

export const OrderEvent = z.object({
  seq: z.int(),
  action: Action,
  fromState: State.nullable(),
  toState: State,
  actorKind: z.string(),
  actorName: z.string(),
  unit: z.string().nullable(),
  at: Instant,
  note: z.string().nullable(),
  public: z.boolean(),
  /** Why, where a rule acted: pack, clause and the words that led there. */
  why: z
    .object({
      pack: z.string(),
      clause: z.string(),
      reasons: z.array(z.object({ zh: z.string(), en: z.string() })),
    })
    .nullable(),
})
export type OrderEvent = z.infer<typeof OrderEvent>

export const OrderClock = z.object({
  kind: ClockKind,
  startedAt: Instant,
  dueAt: Instant,
  stoppedAt: Instant.nullable(),
  firedAt: Instant.nullable(),
  /** The pack that held when it began, and the clause; its deadline stays whatever is enacted later. */
  pack: z.string().nullable(),
  clause: z.string().nullable(),
})

/** What an action may carry; which of it an action needs says the table (rules.ts, NEEDS). */
export const ActionInput = z.strictObject({
  id: ClientId,
  action: Action.exclude(NOT_STAFF),
  /** The version that the person saw; another one answers `order_changed`. */
  version: z.int().optional(),
  unitId: z.string().max(80).optional(),
  note: typed(1, 2000).optional(),
  /** call_back: what the reporter said. */
  solved: z.boolean().optional(),
  score: z.int().min(1).max(5).optional(),
  /** extend: the deadline asked for; suspend and supervise: how long. */
  until: Instant.optional(),
  /** reject: by which rule. */
  clause: typed(1, 200).optional(),
  /** merge: the order that leads from now on. */
  into: z.uuid().optional(),
  /** note: the reporter sees it too. */
  public: z.boolean().optional(),
})
export type ActionInput = z.infer<typeof ActionInput>

export const Field = z.enum(['unitId', 'note', 'solved', 'score', 'until', 'clause', 'into', 'public'])
export type Field = z.infer<typeof Field>

/** A button: only what this person may do now. `needs` names the fields of ActionInput that must be filled. */
export const Allowed = z.object({
  action: Action,
  needs: z.array(Field),
  /** Further fields that may be filled. */
  may: z.array(Field),
  /** The latest instant that `until` may name. */
  latest: Instant.nullable(),
})
export type Allowed = z.infer<typeof Allowed>

export const OrderCard = z.object({
  kind: Card,
  unit: z.string().nullable(),
  at: Instant,
  dueAt: Instant,
  clause: z.string(),
  pack: z.string(),
  reason: Bilingual,
})

export const Order = OrderRow.extend({
  returns: z.int(),
  extensions: z.int(),
  redos: z.int(),
  direct: z.boolean(),
  arbitrated: z.boolean(),
  process: z.string().nullable(),
  resolvedAt: Instant.nullable(),
  closedAt: Instant.nullable(),
  score: z.int().nullable(),
  solved: z.boolean().nullable(),
  nudgedAt: Instant.nullable(),
  supervision: z.object({ by: z.string(), since: Instant, until: Instant.nullable() }).nullable(),
  /** What stands still meanwhile: where it goes back to, and what was left of that clock. */
  held: z
    .object({
      state: State,
      clock: ClockKind.nullable(),
      leftMinutes: z.int().nullable(),
      askedUntil: Instant.nullable(),
    })
    .nullable(),
  toldLevel: ToldLevel.nullable(),
  mergedInto: z.object({ id: z.uuid(), number: z.string() }).nullable(),
  merged: z.array(z.object({ id: z.uuid(), number: z.string(), title: z.string(), state: State })),
  cards: z.array(OrderCard),
  timeline: z.array(OrderEvent),
  clocks: z.array(OrderClock),
  allowed: z.array(Allowed),
  related: z.array(OrderRow),
})
export type Order = z.infer<typeof Order>

export const View = z.enum([
  'open',
  'mine',
  'urgent',
  'overdue',
  'unassigned',
  'helping',
  'review',
  'arbitration',
  'supervised',
  'cards',
  'watched',
  'all',
])
export type View = z.infer<typeof View>

export const ListOrders = route({
  id: 'orders.list',
  method: 'GET',
  path: '/api/orders',
  summary: { zh: '工单列表，按剩余时间', en: 'Work orders by remaining time (view=all: newest first)' },
  query: z.strictObject({
    view: View.default('open'),
    place: PlaceCode.optional(),
    state: State.optional(),
    element: z.string().max(80).optional(),
    unit: z.string().max(80).optional(),
    number: z.string().max(30).optional(),
    after: z.string().max(300).optional(),
    limit: z.coerce.number().int().min(1).max(200).default(50),
  }),
  response: page(OrderRow),
})

export const GetOrder = route({
  id: 'orders.get',
  method: 'GET',
  path: '/api/orders/:id',
  summary: { zh: '一张工单的全部', en: 'Everything about one order' },
  params: z.strictObject({ id: z.uuid() }),
  response: Order,
})

export const ActOnOrder = route({
  id: 'orders.act',
  method: 'POST',
  path: '/api/orders/:id/actions',
  summary: {
    zh: '对工单操作',
    en: 'Act on an order: dispatch, sign, return, resolve, call back, redo, archive …',
  },
  params: z.strictObject({ id: z.uuid() }),
  body: ActionInput,
  response: Order,
})

export const BulkAct = route({
  id: 'orders.bulk',
  method: 'POST',
  path: '/api/orders/bulk',
  summary: { zh: '批量操作', en: 'One action on up to 500 orders; each answers for itself' },
  body: z.strictObject({
    id: ClientId,
    orderIds: z.array(z.uuid()).min(1).max(500),
    input: ActionInput.omit({ id: true, version: true }),
  }),
  response: z.object({
    done: z.array(z.uuid()),
    /** Until then the whole can be taken back (orders.undoBulk). */
    undoUntil: Instant,
    refused: z.array(z.object({ id: z.uuid(), code: z.string(), titleZh: z.string(), title: z.string() })),
  }),
})

export const Statistics = z.object({
  at: Instant,
  from: Instant,
  to: Instant,
  /** Counts for the period, and the rates of 12345: shares of 1; null where nothing was due yet. */
  opened: z.int(),
  closed: z.int(),
  open: z.int(),
  overdue: z.int(),
  urgent: z.int(),
  onTimeSign: z.number().nullable(),
  onTimeResolve: z.number().nullable(),
  returnRate: z.number().nullable(),
  redoRate: z.number().nullable(),
  satisfaction: z.number().nullable(),
  solvedRate: z.number().nullable(),
  byState: z.array(z.object({ state: State, n: z.int() })),
  byPlace: z.array(
    z.object({
      placeCode: PlaceCode,
      place: z.string(),
      opened: z.int(),
      open: z.int(),
      overdue: z.int(),
      urgent: z.int(),
    }),
  ),
  byElement: z.array(z.object({ element: z.string(), n: z.int() })),
  byUnit: z.array(z.object({ unitId: z.string(), unit: z.string(), open: z.int(), overdue: z.int() })),
  byHour: z.array(z.object({ hour: Instant, n: z.int() })),
})
export type Statistics = z.infer<typeof Statistics>

export const GetStatistics = route({
  id: 'orders.statistics',
  method: 'GET',
  path: '/api/statistics',
  summary: { zh: '统计：数量与“三率”', en: 'Counts and rates of a place and a period' },
  load: 'statistics',
  query: z.strictObject({
    place: PlaceCode.optional(),
    days: z.coerce.number().int().min(1).max(92).default(1),
  }),
  response: Statistics,
})

export const Unit = z.object({
  id: z.string(),
  name: z.string(),
  nameEn: z.string(),
  level: z.enum(['city', 'district', 'subdistrict']),
  placeCode: PlaceCode,
})

export const ListUnits = route({
  id: 'orders.units',
  method: 'GET',
  path: '/api/units',
  summary: { zh: '可派往的承办单位', en: 'Units that an order of this place can be sent to' },
  query: z.strictObject({ place: PlaceCode.optional(), q: z.string().max(60).default('') }),
  response: z.object({ items: z.array(Unit) }),
})

// What orders say to the rest of the house (src/loop.ts).
const OrderSaid = z.object({
  orderId: z.uuid(),
  kind: z.string(),
  placeCode: PlaceCode,
  urgent: z.boolean(),
  at: z.string(),
  reporterId: z.uuid().nullable(),
})
export const OrderOpened = event('order.opened', OrderSaid)
export const OrderMoved = event('order.moved', OrderSaid.extend({ action: Action, state: State }))
export const ClockRanOut = event(
  'order.clock_ran_out',
  OrderSaid.extend({ clock: ClockKind, run: z.int(), told: ToldLevel.nullable(), ownerless: z.boolean() }),
)
/** It goes to a unit of another or a narrower place and takes its place along. */
export const OrderPlaceChanged = event('order.place_changed', OrderSaid)
/** Decided anew to be urgent. */
export const OrderBecameUrgent = event('order.became_urgent', OrderSaid)
export const OrderResolved = event('order.resolved', OrderSaid)
export const OrderClosed = event('order.closed', OrderSaid)
