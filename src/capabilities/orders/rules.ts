import type { Grant } from '#kernel/auth.ts'
import type { ErrorCode } from '#kernel/errors.ts'
import { handlingSpan, parameter, type Policy, type Span } from '#capabilities/policy/index.ts'
import type { Action, Allowed, ClockKind, Field, NOT_STAFF, State } from './contract.ts'

/** Where an action leads: a state, one of two as the answer or the pack decides, or back to what was held. */
type Target = State | 'held' | readonly [State, State]

/** What can be done to any open order and leaves it where it is. */
const over = <S extends State>(state: S) => ({
  note: state,
  nudge: state,
  supervise: state,
  end_supervision: state,
  card: state,
  part: state,
  escalate: state,
})

/** The state table: from where, by what, to where. */
export const NEXT = {
  received: {
    accept: 'accepted',
    dispatch: 'dispatched',
    answer: 'closed',
    ask_back: 'incomplete',
    reject: 'rejected',
    merge: 'merged',
    ...over('received'),
  },
  incomplete: { supply: 'held', expire: 'closed', merge: 'merged', ...over('incomplete') },
  accepted: {
    dispatch: 'dispatched',
    answer: 'closed',
    ask_back: 'incomplete',
    reject: 'rejected',
    merge: 'merged',
    ...over('accepted'),
  },
  dispatched: {
    sign: 'handling',
    return: 'return_review',
    ask_arbitration: 'arbitration',
    dispatch: 'dispatched',
    merge: 'merged',
    ...over('dispatched'),
  },
  return_review: {
    approve_return: 'accepted',
    refuse_return: 'held',
    dispatch: 'dispatched',
    ...over('return_review'),
  },
  arbitration: { arbitrate: 'dispatched', ...over('arbitration') },
  handling: {
    resolve: ['resolved', 'answer_review'],
    return: 'return_review',
    ask_arbitration: 'arbitration',
    extend: 'extension_review',
    suspend: 'suspended',
    ask_back: 'incomplete',
    merge: 'merged',
    ...over('handling'),
  },
  extension_review: {
    approve_extension: 'handling',
    refuse_extension: 'held',
    ...over('extension_review'),
  },
  suspended: { resume: 'held', merge: 'merged', ...over('suspended') },
  answer_review: { approve_answer: 'resolved', refuse_answer: 'held', ...over('answer_review') },
  resolved: { call_back: ['closed', 'redo'], rate: ['closed', 'redo'], redo: 'redo', ...over('resolved') },
  redo: { sign: 'handling', dispatch: 'dispatched', merge: 'merged', ...over('redo') },
  closed: { archive: 'archived', reopen: 'redo', redo: 'redo', note: 'closed' },
  archived: {},
  rejected: {},
  merged: { unmerge: 'held', follow_lead: ['resolved', 'closed'] },
} as const satisfies Record<State, Partial<Record<Action, Target>>>

export const ENDED: readonly State[] = ['closed', 'archived', 'rejected', 'merged']

/** States in which the clock of the one before stands still, and goes on with what was left. */
export const HOLDS: readonly State[] = [
  'incomplete',
  'return_review',
  'extension_review',
  'suspended',
  'answer_review',
]

export type StaffAction = Exclude<Action, (typeof NOT_STAFF)[number]>

type Need = { permission: string; unit: boolean; fields: readonly Field[]; may?: readonly Field[] }

/**
 * Who may do it: a permission of the order's place; `unit` also wants membership of the order's unit. `fields` must be
 * filled, `may` can be; anything else is refused: a note must not carry a rating.
 */
export const NEEDS = {
  accept: { permission: 'orders.dispatch', unit: false, fields: [], may: ['note'] },
  ask_back: { permission: 'orders.ask_back', unit: true, fields: ['note'] },
  supply: { permission: 'orders.ask_back', unit: true, fields: ['note'] },
  answer: { permission: 'orders.answer', unit: false, fields: ['note'] },
  reject: { permission: 'orders.reject', unit: false, fields: ['note', 'clause'] },
  dispatch: { permission: 'orders.dispatch', unit: false, fields: ['unitId'], may: ['note'] },
  sign: { permission: 'orders.sign', unit: true, fields: [], may: ['note'] },
  return: { permission: 'orders.return', unit: true, fields: ['note'] },
  approve_return: { permission: 'orders.review', unit: false, fields: [], may: ['note'] },
  refuse_return: { permission: 'orders.review', unit: false, fields: ['note'] },
  ask_arbitration: { permission: 'orders.return', unit: true, fields: ['note'] },
  arbitrate: { permission: 'orders.arbitrate', unit: false, fields: ['unitId', 'note'] },
  extend: { permission: 'orders.extend', unit: true, fields: ['until', 'note'] },
  approve_extension: { permission: 'orders.review', unit: false, fields: [], may: ['note'] },
  refuse_extension: { permission: 'orders.review', unit: false, fields: ['note'] },
  suspend: { permission: 'orders.suspend', unit: true, fields: ['until', 'note'] },
  resume: { permission: 'orders.suspend', unit: true, fields: [], may: ['note'] },
  resolve: { permission: 'orders.resolve', unit: true, fields: ['note'] },
  approve_answer: { permission: 'orders.review', unit: false, fields: [], may: ['note'] },
  refuse_answer: { permission: 'orders.review', unit: false, fields: ['note'] },
  call_back: { permission: 'orders.call_back', unit: false, fields: ['solved'], may: ['score', 'note'] },
  redo: { permission: 'orders.redo', unit: false, fields: ['note'] },
  archive: { permission: 'orders.archive', unit: false, fields: [], may: ['note'] },
  merge: { permission: 'orders.merge', unit: false, fields: ['into', 'note'] },
  unmerge: { permission: 'orders.merge', unit: false, fields: ['note'] },
  nudge: { permission: 'orders.nudge', unit: false, fields: [], may: ['note'] },
  supervise: { permission: 'orders.supervise', unit: false, fields: ['note'], may: ['until'] },
  end_supervision: { permission: 'orders.supervise', unit: false, fields: [], may: ['note'] },
  note: { permission: 'orders.note', unit: false, fields: ['note'], may: ['public'] },
} as const satisfies Record<StaffAction, Need>

/** Whether the action has room for the field. */
export function isTaken(action: StaffAction, field: Field): boolean {
  const { fields, may = [] }: Need = NEEDS[action]
  return fields.includes(field) || may.includes(field)
}

/** The clock that runs in a state; states without one are ended. */
export const CLOCK_OF = {
  received: 'dispatch',
  incomplete: 'supply',
  accepted: 'dispatch',
  dispatched: 'sign',
  return_review: 'review',
  arbitration: 'review',
  handling: 'handle',
  extension_review: 'review',
  suspended: 'suspension',
  answer_review: 'review',
  resolved: 'call_back',
  redo: 'sign',
  closed: 'archive',
} as const satisfies Partial<Record<State, ClockKind>>

const MINUTES: Partial<Record<ClockKind, [calm: string, urgent: string]>> = {
  dispatch: ['orders.dispatchMinutes', 'orders.urgentDispatchMinutes'],
  supply: ['orders.supplyMinutes', 'orders.urgentSupplyMinutes'],
  sign: ['orders.signMinutes', 'orders.urgentSignMinutes'],
  review: ['orders.reviewMinutes', 'orders.urgentReviewMinutes'],
  handle: ['orders.handleMinutes', 'orders.urgentHandleMinutes'],
  call_back: ['orders.callBackMinutes', 'orders.urgentCallBackMinutes'],
  escalate: ['orders.escalateCalmMinutes', 'orders.escalateEveryMinutes'],
  archive: ['orders.archiveMinutes', 'orders.archiveMinutes'],
}

/**
 * How long a clock runs, and the clause. Handling takes the element's own time; for an urgent order never longer than
 * `orders.urgentHandleMinutes`, and an urgent need does not wait for a working day.
 */
export function clockSpan(
  policy: Policy,
  kind: ClockKind,
  order: { urgent: boolean; element: string | null },
): { span: Span; clause: string } {
  const names = MINUTES[kind]
  if (!names) throw new Error(`no span for a ${kind} clock: it ends when it was said to`)
  const { value, clause } = parameter(policy, names[order.urgent ? 1 : 0])
  const general = { span: { minutes: value }, clause }
  const own = kind === 'handle' ? handlingSpan(policy, order.element) : undefined
  if (!own) return general
  if (order.urgent && ('workingDays' in own || own.minutes > value)) return general
  return { span: own, clause: `要素 ${order.element}` }
}

/** What the reporter's answer leads to: closed when solved and not scored below `orders.solvedScore`, else done again. */
export function judge(
  policy: Policy,
  answer: { solved: boolean; score?: number | undefined },
): 'closed' | 'redo' {
  if (!answer.solved) return 'redo'
  return answer.score !== undefined && answer.score < parameter(policy, 'orders.solvedScore').value
    ? 'redo'
    : 'closed'
}

/** What of an order a rule looks at. */
export type Facts = {
  state: State
  placeCode: string
  unitId: string | null
  returns: number
  extensions: number
  redos: number
  arbitrated: boolean
  supervised: boolean
  /** Helpers' parts that are neither answered nor waived. */
  partsOpen: number
  mergedAt: Date | null
  heldState: State | null
  /** Who asked for what is under review. */
  heldBy: string | null
}

export function nextState(
  policy: Policy,
  order: Pick<Facts, 'state' | 'redos' | 'heldState'>,
  action: Action,
  answer: { solved?: boolean | undefined; score?: number | undefined; direct?: boolean },
): State | undefined {
  const to = (NEXT[order.state] as Partial<Record<Action, Target>>)[action]
  if (to === undefined) return undefined
  if (to === 'held') return order.heldState ?? undefined
  if (typeof to === 'string') return to
  if (action === 'resolve')
    return order.redos >= parameter(policy, 'orders.reviewAnswerFromRedos').value ? to[1] : to[0]
  if (action === 'follow_lead') return answer.direct ? to[1] : to[0]
  return judge(policy, { solved: answer.solved ?? false, score: answer.score })
}

/** The pack's caps, read once for a list of buttons. */
export type Caps = { maxReturns: number; maxExtensions: number; mergeUndoMinutes: number }
export const capsOf = (policy: Policy): Caps => ({
  maxReturns: parameter(policy, 'orders.maxReturns').value,
  maxExtensions: parameter(policy, 'orders.maxExtensions').value,
  mergeUndoMinutes: parameter(policy, 'orders.mergeUndoMinutes').value,
})

/** What stands in the way of an action that state and role allow; null when nothing does. */
export function hindrance(
  action: Action,
  order: Facts,
  caps: Caps,
  who: { id: string; isArbiter: boolean },
  now: Date,
): ErrorCode | null {
  switch (action) {
    case 'return':
      if (order.arbitrated) return 'arbitrated'
      return order.returns >= caps.maxReturns ? 'returns_used_up' : null
    case 'ask_arbitration':
      if (order.arbitrated) return 'arbitrated'
      return order.returns < caps.maxReturns ? 'returns_left' : null
    case 'dispatch':
      return order.arbitrated && !who.isArbiter ? 'arbitrated' : null
    case 'extend':
      return order.extensions >= caps.maxExtensions ? 'extensions_used_up' : null
    case 'resolve':
      return order.partsOpen > 0 ? 'parts_open' : null
    case 'supervise':
      return order.supervised ? 'action_not_allowed' : null
    case 'end_supervision':
      return order.supervised ? null : 'action_not_allowed'
    case 'unmerge': {
      const until = (order.mergedAt?.getTime() ?? 0) + caps.mergeUndoMinutes * 60_000
      return now.getTime() > until ? 'too_late_to_undo' : null
    }
    case 'approve_return':
    case 'refuse_return':
    case 'approve_extension':
    case 'refuse_extension':
    case 'approve_answer':
    case 'refuse_answer':
      return order.heldBy === who.id ? 'own_review' : null
    default:
      return null
  }
}

type Has = (grant: Grant, permission: string) => boolean

/** Whether one of the grants gives the permission at the place, as a member of the order's unit where that is asked. */
export function mayAct(
  has: Has,
  grants: readonly Grant[],
  action: StaffAction,
  order: { placeCode: string; unitId: string | null },
): boolean {
  const { permission, unit } = NEEDS[action]
  return grants.some(
    (g) =>
      has(g, permission) &&
      order.placeCode.startsWith(g.place) &&
      (!unit || g.unit === null || g.unit === order.unitId),
  )
}

/** The only buttons that a person sees. */
export function allowedActions(
  has: Has,
  actor: { id: string; grants: readonly Grant[] },
  order: Facts,
  caps: Caps,
  now: Date,
): Omit<Allowed, 'latest'>[] {
  const isArbiter = mayAct(has, actor.grants, 'arbitrate', order)
  return (Object.keys(NEXT[order.state]) as Action[])
    .filter((a): a is StaffAction => a in NEEDS)
    .filter((a) => mayAct(has, actor.grants, a, order))
    .filter((a) => hindrance(a, order, caps, { id: actor.id, isArbiter }, now) === null)
    .map((a) => {
      const { fields, may = [] }: Need = NEEDS[a]
      return { action: a, needs: [...fields], may: [...may] }
    })
}

export const LEVELS = ['subdistrict', 'district', 'city'] as const
export type ToldLevel = (typeof LEVELS)[number]
const DIGITS: Record<ToldLevel, number> = { subdistrict: 9, district: 6, city: 2 }

/** The operations centre that is told at a level. */
export const toldUnit = (level: ToldLevel, placeCode: string): string =>
  `street.${placeCode.slice(0, DIGITS[level])}`

/**
 * Who is told next when a deadline has passed: from the subdistrict up, never the unit whose own lateness it is. Null
 * after the city.
 */
export function nextTold(
  order: { placeCode: string; unitId: string | null },
  told: ToldLevel | null,
): ToldLevel | null {
  const from = told === null ? 0 : LEVELS.indexOf(told) + 1
  return (
    LEVELS.slice(from).find(
      (level) => order.placeCode.length >= DIGITS[level] && toldUnit(level, order.placeCode) !== order.unitId,
    ) ?? null
  )
}
