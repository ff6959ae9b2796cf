import { z } from 'zod'
import { dayOf, startOfDay } from '#kernel/clock.ts'

const Day = z.iso.date()

/** Public holidays and the Saturdays and Sundays that are worked for them. Days of city time, both ends included. */
export const Calendar = z.strictObject({
  source: z.string().min(1),
  /** The years for which holidays are known; in others Saturdays and Sundays alone are free. */
  years: z.array(z.int()).min(1),
  holidays: z.array(z.strictObject({ from: Day, to: Day, zh: z.string(), en: z.string() })),
  makeUp: z.array(Day),
})
export type Calendar = z.infer<typeof Calendar>

/** How long a promise runs: minutes of city time, or working days of the calendar. */
export type Span = { minutes: number } | { workingDays: number }

const DAY_MS = 86_400_000
const dayAfter = (day: string, n = 1): string => dayOf(new Date(startOfDay(day).getTime() + n * DAY_MS))

/** Whether offices work on a Shanghai day (YYYY-MM-DD): weekdays but holidays, and make-up days. */
export function isWorkingDay(calendar: Calendar, day: string): boolean {
  if (calendar.makeUp.includes(day)) return true
  if (calendar.holidays.some((h) => day >= h.from && day <= h.to)) return false
  const weekday = new Date(`${day}T00:00:00Z`).getUTCDay()
  return weekday !== 0 && weekday !== 6
}

function step(calendar: Calendar, day: string, by: 1 | -1): string {
  let next = dayAfter(day, by)
  // No holiday is longer than a few weeks; a calendar that never works is a fault of the pack.
  for (let i = 0; i < 60; i++, next = dayAfter(next, by)) if (isWorkingDay(calendar, next)) return next
  throw new Error(`no working day within 60 days of ${day}`)
}

/** The working day after a day. */
export const nextWorkingDay = (calendar: Calendar, day: string): string => step(calendar, day, 1)
/** The working day before a day. */
export const previousWorkingDay = (calendar: Calendar, day: string): string => step(calendar, day, -1)

/**
 * When a promise made at `start` is due. Working days count from the day after: a promise of five ends with the fifth
 * working day, at midnight.
 */
export function dueAt(calendar: Calendar, start: Date, span: Span): Date {
  if ('minutes' in span) return new Date(start.getTime() + span.minutes * 60_000)
  let day = dayOf(start)
  for (let i = 0; i < span.workingDays; i++) day = nextWorkingDay(calendar, day)
  return startOfDay(dayAfter(day))
}

/**
 * When the warning of a deadline is given: at the start of the last working day before the day of the deadline, for a
 * deadline at midnight before the day that it ends.
 */
export function warnAt(calendar: Calendar, due: Date): Date {
  return startOfDay(previousWorkingDay(calendar, dayOf(new Date(due.getTime() - 1))))
}
