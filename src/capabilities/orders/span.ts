import { dayOf, startOfDay } from '#kernel/clock.ts'
import { dueAt, isWorkingDay, warnAt, type Policy, type Span } from '#capabilities/policy/index.ts'

const DAY = 86_400_000

/** The end of a span that begins at an instant of city time. */
export const endOf = (policy: Policy, start: Date, span: Span): Date =>
  dueAt(policy.pack.calendar, start, span)

/** Midnight of the city's day that an instant lies in. */
const midnight = (at: Date) => startOfDay(dayOf(at)).getTime()
const works = (policy: Policy, day: number) => isWorkingDay(policy.pack.calendar, dayOf(new Date(day)))

/** City milliseconds between two instants; of working days only where the clock counts those. Negative when passed. */
export function leftBetween(policy: Policy, from: Date, to: Date, working: boolean): number {
  if (!working || to <= from) return to.getTime() - from.getTime()
  let left = 0
  for (let day = midnight(from); day < to.getTime(); day += DAY) {
    if (!works(policy, day)) continue
    left += Math.min(day + DAY, to.getTime()) - Math.max(day, from.getTime())
  }
  return left
}

/** When what was left of a clock runs out, if it goes on now. */
export function endOfLeft(policy: Policy, from: Date, left: number, working: boolean): Date {
  if (!working || left <= 0) return new Date(from.getTime() + left)
  let rest = left
  for (let day = midnight(from); ; day += DAY) {
    if (!works(policy, day)) continue
    const begins = Math.max(day, from.getTime())
    if (begins + rest <= day + DAY) return new Date(begins + rest)
    rest -= day + DAY - begins
  }
}

/** When to warn: a working day before the deadline; null where the clock is shorter than that. */
export function warningOf(policy: Policy, start: Date, due: Date): Date | null {
  const warn = warnAt(policy.pack.calendar, due)
  return warn > start ? warn : null
}
