import type { Grant } from '#kernel/auth.ts'
import { parameter, type Policy } from '#capabilities/policy/index.ts'
import type { Action, Allowed, ClockKind, State } from './contract.ts'

/** The state table: from where, by what, to where. A pair of states is decided by the answer (`judge`). */
export const NEXT = {
  received: {
    dispatch: 'dispatched',
    reject: 'rejected',
    note: 'received',
    nudge: 'received',
    escalate: 'received',
  },
  dispatched: {
    sign: 'handling',
    return: 'received',
    dispatch: 'dispatched',
    note: 'dispatched',
    nudge: 'dispatched',
    escalate: 'dispatched',
  },
  handling: {
    resolve: 'resolved',
    return: 'received',
    note: 'handling',
    nudge: 'handling',
    escalate: 'handling',
  },
  resolved: {
    call_back: ['closed', 'redo'],
    rate: ['closed', 'redo'],
    redo: 'redo',
    note: 'resolved',
    nudge: 'resolved',
    escalate: 'resolved',
  },
  redo: { sign: 'handling', dispatch: 'dispatched', note: 'redo', nudge: 'redo', escalate: 'redo' },
  closed: { archive: 'archived', reopen: 'redo', redo: 'redo', note: 'closed' },
  archived: {},
  rejected: {},
  merged: {},
} as const satisfies Record<State, Partial<Record<Action, State | readonly [State, State]>>>

/** Who may do it: a permission of the order's place; `unit` also wants membership of the order's unit. */
export const NEEDS = {
  dispatch: { permission: 'orders.dispatch', unit: false, fields: ['unitId'] },
  sign: { permission: 'orders.sign', unit: true, fields: [] },
  return: { permission: 'orders.return', unit: true, fields: ['note'] },
  resolve: { permission: 'orders.resolve', unit: true, fields: ['note'] },
  call_back: { permission: 'orders.call_back', unit: false, fields: ['solved'] },
  redo: { permission: 'orders.redo', unit: false, fields: ['note'] },
  archive: { permission: 'orders.archive', unit: false, fields: [] },
  reject: { permission: 'orders.reject', unit: false, fields: ['note'] },
  nudge: { permission: 'orders.nudge', unit: false, fields: [] },
  note: { permission: 'orders.note', unit: false, fields: ['note'] },
} as const satisfies Partial<Record<Action, { permission: string; unit: boolean; fields: Allowed['needs'] }>>

export type StaffAction = keyof typeof NEEDS

/** What an action may carry beyond what it needs. Anything else is refused: a note must not carry a rating. */
export const MAY_CARRY: Partial<Record<StaffAction, Allowed['needs']>> = { call_back: ['score'] }

export function isTaken(action: StaffAction, field: Allowed['needs'][number]): boolean {
  const fields: readonly string[] = [...NEEDS[action].fields, ...(MAY_CARRY[action] ?? []), 'note']
  return fields.includes(field)
}

/** The clock that runs in a state; states without one are ended. */
export const CLOCK_OF = {
  received: 'dispatch',
  dispatched: 'sign',
  handling: 'handle',
  resolved: 'call_back',
  redo: 'sign',
  closed: 'archive',
} as const satisfies Partial<Record<State, ClockKind>>

const MINUTES: Record<Exclude<ClockKind, 'archive' | 'escalate'>, [calm: string, urgent: string]> = {
  dispatch: ['orders.dispatchMinutes', 'orders.urgentDispatchMinutes'],
  sign: ['orders.signMinutes', 'orders.urgentSignMinutes'],
  handle: ['orders.handleMinutes', 'orders.urgentHandleMinutes'],
  call_back: ['orders.callBackMinutes', 'orders.urgentCallBackMinutes'],
}

/**
 * City minutes that a clock runs, and the clause. Handling takes the element's own time; for an urgent order never
 * longer than `orders.urgentHandleMinutes`.
 */
export function clockMinutes(
  policy: Policy,
  kind: ClockKind,
  order: { urgent: boolean; element: string | null },
): { minutes: number; clause: string } {
  if (kind === 'archive' || kind === 'escalate') {
    const { value, clause } = parameter(
      policy,
      kind === 'archive' ? 'orders.archiveMinutes' : 'orders.escalateEveryMinutes',
    )
    return { minutes: value, clause }
  }
  const { value, clause } = parameter(policy, MINUTES[kind][order.urgent ? 1 : 0])
  if (kind !== 'handle') return { minutes: value, clause }
  const own = order.element ? policy.element.get(order.element)?.minutes : undefined
  if (own === undefined) return { minutes: value, clause }
  return order.urgent && own > value
    ? { minutes: value, clause }
    : { minutes: own, clause: `要素 ${order.element}` }
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

export function nextState(
  policy: Policy,
  state: State,
  action: Action,
  answer: { solved?: boolean | undefined; score?: number | undefined },
): State | undefined {
  const to = (NEXT[state] as Partial<Record<Action, State | readonly [State, State]>>)[action]
  if (to === undefined || typeof to === 'string') return to
  return judge(policy, { solved: answer.solved ?? false, score: answer.score })
}

/** Whether one of the grants gives the permission at the place, as a member of the order's unit where that is asked. */
export function mayAct(
  has: (grant: Grant, permission: string) => boolean,
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
  has: (grant: Grant, permission: string) => boolean,
  grants: readonly Grant[],
  order: { state: State; placeCode: string; unitId: string | null; returns: number },
  maxReturns: number,
): Allowed[] {
  return (Object.keys(NEXT[order.state]) as Action[])
    .filter((a): a is StaffAction => a in NEEDS)
    .filter((a) => a !== 'return' || order.returns < maxReturns)
    .filter((a) => mayAct(has, grants, a, order))
    .map((a) => ({ action: a, needs: [...NEEDS[a].fields] }))
}
