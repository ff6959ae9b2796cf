import type { OrderRecord } from './store.ts'
import type { NewClock } from './store.ts'

const KEPT = [
  'state',
  'unit_id',
  'place_code',
  'due_at',
  'due_kind',
  'overdue',
  'resolved_at',
  'closed_at',
  'returns',
  'redos',
  'extensions',
  'arbitrated',
  'direct',
  'score',
  'solved',
  'merged_into',
  'merged_at',
  'nudges',
  'nudged_at',
  'supervised_by',
  'supervised_since',
  'supervised_until',
  'card',
  'told_level',
  'held_state',
  'held_kind',
  'held_left',
  'held_working',
  'held_overdue',
  'held_by',
  'asked_until',
] as const

export type Snapshot = Pick<OrderRecord, (typeof KEPT)[number]>

/** What of a row an action can change; kept with an action that may be taken back. */
export const snapshot = (o: OrderRecord): Snapshot =>
  Object.fromEntries(KEPT.map((k) => [k, o[k]])) as unknown as Snapshot

/** Instants come back from the log as text. */
export const readSnapshot = (said: Record<string, unknown>): Snapshot =>
  Object.fromEntries(
    KEPT.map((k) => [
      k,
      (k.endsWith('_at') || k.endsWith('_until') || k.endsWith('_since')) && typeof said[k] === 'string'
        ? new Date(said[k])
        : said[k],
    ]),
  ) as unknown as Snapshot

/** The clock that goes on when an order is put back; one that was late is not told of again. */
export function clockOf(s: Snapshot, at: Date, dueAt: Date | null, working = false): NewClock | null {
  if (!s.due_kind || !dueAt) return null
  return { kind: s.due_kind, startedAt: at, dueAt, working, fired: s.overdue }
}
