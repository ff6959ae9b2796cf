import { parameter, type Policy } from '#capabilities/policy/index.ts'
import type { Figure } from './contract.ts'

/** Colour of the overdue share of what is open, by the pack's thresholds. */
export function overdueLevel(policy: Policy, overdue: number, open: number): Figure['level'] {
  if (open === 0) return 'green'
  const share = (100 * overdue) / open
  if (share >= parameter(policy, 'wall.overdueRed').value) return 'red'
  return share >= parameter(policy, 'wall.overdueAmber').value ? 'amber' : 'green'
}

/** Colour of an on-time share (0 to 1); null where nothing was due yet. */
export function onTimeLevel(policy: Policy, share: number | null): Figure['level'] {
  if (share === null) return 'none'
  if (share * 100 < parameter(policy, 'wall.onTimeRed').value) return 'red'
  return share * 100 < parameter(policy, 'wall.onTimeAmber').value ? 'amber' : 'green'
}

/** Any urgent order that is overdue is red: somebody waits for dialysis. */
export function urgentLevel(urgent: number, urgentOverdue: number): Figure['level'] {
  if (urgentOverdue > 0) return 'red'
  return urgent > 0 ? 'amber' : 'green'
}

const POINTS = 60

/** The last points of a figure, one a minute of wall time at most, for a sparkline. In memory: it starts with the server. */
export function makeTrend(everyMs: number, wallNow: () => number = Date.now) {
  const kept = new Map<string, { at: number; values: number[] }>()
  return (id: string, value: number | null): number[] => {
    let line = kept.get(id)
    if (!line) kept.set(id, (line = { at: 0, values: [] }))
    if (value !== null && wallNow() - line.at >= everyMs) {
      line.at = wallNow()
      line.values.push(value)
      if (line.values.length > POINTS) line.values.shift()
    }
    return [...line.values]
  }
}
