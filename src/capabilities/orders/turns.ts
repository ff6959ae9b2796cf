import type { Action, State } from './contract.ts'

/** A unit's turn with an order, from being sent it to answering or passing it on. The rates are counted from these. */
export type Turn = {
  n: number
  unitId: string
  placeCode: string
  sentAt: Date
  signDue: Date | null
  signedAt: Date | null
  handleDue: Date | null
  resolvedAt: Date | null
  returnedAt: Date | null
  redoneAt: Date | null
  endedAt: Date | null
}

/** What of an event the turns follow from: `due` is the deadline that ran after it, null while the clock stood still. */
export type TurnEvent = {
  seq: number
  action: Action
  fromState: State | null
  toState: State
  unitId: string | null
  /** Subdistrict or wider, as it was then: the order itself may move later. */
  place: string
  at: Date
  due: Date | null
  undoes: number | null
}

const begin = (n: number, e: TurnEvent): Turn => ({
  n,
  unitId: e.unitId ?? '',
  placeCode: e.place,
  sentAt: e.at,
  signDue: e.due,
  signedAt: null,
  handleDue: null,
  resolvedAt: null,
  returnedAt: null,
  redoneAt: null,
  endedAt: null,
})

const setDue = (turn: Turn, state: State, due: Date | null): Turn => {
  if (state === 'handling') return { ...turn, handleDue: due }
  return state === 'dispatched' || state === 'redo' ? { ...turn, signDue: due } : turn
}

/** The last turn and the one that an event begins; what has not changed is the same object. */
export function stepTurn(
  last: Turn | undefined,
  e: TurnEvent,
): { last: Turn | undefined; next: Turn | undefined } {
  const n = (last?.n ?? 0) + 1
  const ended = last && last.endedAt === null ? { ...last, endedAt: e.at } : last
  if (e.toState === 'dispatched' && (e.action === 'dispatch' || e.action === 'arbitrate'))
    return { last: ended, next: begin(n, e) }
  if (e.toState === 'redo' && e.fromState !== 'redo' && e.action !== 'unmerge')
    return { last: ended && { ...ended, redoneAt: e.at }, next: begin(n, e) }
  if (!last) return { last, next: undefined }
  const same = (turn: Turn) => ({ last: turn, next: undefined })
  switch (e.action) {
    case 'sign':
      return same({ ...last, signedAt: e.at, handleDue: e.due })
    case 'return':
      return same({ ...setDue(last, e.fromState!, null), returnedAt: last.returnedAt ?? e.at })
    case 'resolve':
      // Its deadline stays: it was met or missed at this moment.
      return same({ ...last, resolvedAt: e.at, endedAt: e.at })
    case 'refuse_answer':
      return same({ ...last, resolvedAt: null, endedAt: null, handleDue: e.due })
    case 'approve_return':
    case 'merge':
      return same(ended!)
    case 'unmerge':
      return same(e.toState === 'resolved' ? last : setDue({ ...last, endedAt: null }, e.toState, e.due))
    case 'ask_arbitration':
    case 'ask_back':
    case 'extend':
    case 'suspend':
      return same(setDue(last, e.fromState!, null))
    case 'supply':
    case 'resume':
    case 'refuse_return':
    case 'approve_extension':
    case 'refuse_extension':
      return same(setDue(last, e.toState, e.due))
    case 'note':
      // Decided anew to be urgent: the same step has less time.
      return e.due ? same(setDue(last, e.toState, e.due)) : { last, next: undefined }
    case 'expire':
    case 'answer':
    case 'reject':
      return same(ended!)
    default:
      return { last, next: undefined }
  }
}

/** All turns of an order from its events alone, in the order in which they were written. */
export function foldTurns(events: readonly TurnEvent[]): Turn[] {
  const after = new Map<number, Turn[]>()
  let turns: Turn[] = []
  for (const e of events) {
    if (e.undoes !== null) turns = after.get(e.undoes - 1) ?? []
    else {
      const { last, next } = stepTurn(turns.at(-1), e)
      turns = [...turns.slice(0, -1), ...(last ? [last] : []), ...(next ? [next] : [])]
    }
    after.set(e.seq, turns)
  }
  return turns
}

export type Rates = {
  sent: number
  signDue: number
  signedOnTime: number
  handleDue: number
  handledOnTime: number
  resolved: number
  returned: number
  redone: number
}

/** The counts behind the rates at an instant: what is due is what was done or should have been. */
export function countTurns(turns: readonly Turn[], now: Date): Rates {
  const past = (due: Date | null, t: Turn) => due !== null && due <= now && t.endedAt === null
  const count = (is: (t: Turn) => boolean) => turns.filter(is).length
  return {
    sent: turns.length,
    signDue: count((t) => t.signedAt !== null || past(t.signDue, t)),
    signedOnTime: count((t) => t.signedAt !== null && t.signDue !== null && t.signedAt <= t.signDue),
    handleDue: count((t) => t.resolvedAt !== null || (t.signedAt !== null && past(t.handleDue, t))),
    handledOnTime: count((t) => t.resolvedAt !== null && t.handleDue !== null && t.resolvedAt <= t.handleDue),
    resolved: count((t) => t.resolvedAt !== null),
    returned: count((t) => t.returnedAt !== null),
    redone: count((t) => t.redoneAt !== null),
  }
}
