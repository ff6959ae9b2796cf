import { dayOf, startOfDay } from '#kernel/clock.ts'
import type { TargetState } from './coverage.contract.ts'

const MINUTE = 60_000
const DAY = 86_400_000
/** Counts of the pace are kept in steps of five minutes. */
export const STEP_MINUTES = 5
/** Half an hour of arrivals: shorter jumps with every table that opens, longer does not see a queue that ended. */
const LOOK_BACK_MINUTES = 30

/** From when on arrivals are counted as the pace of now: half an hour, and never from before midnight, when the day's test began. */
export function lookBack(now: Date): Date {
  const step = STEP_MINUTES * MINUTE
  const from = Math.floor((now.getTime() - LOOK_BACK_MINUTES * MINUTE) / step) * step
  return new Date(Math.max(from, startOfDay(dayOf(now)).getTime()))
}

/**
 * When what is left is done if as many go on coming a minute as came since; null where nothing is left or nobody came.
 * `lately` counts only those who owe: whoever else is sampled brings the end no nearer.
 */
export function afterAt(given: { left: number; lately: number; since: Date; now: Date }): Date | null {
  const { left, lately, since, now } = given
  if (left <= 0 || lately <= 0) return null
  // Just after midnight a first tube would promise the whole city in a moment.
  const passed = Math.max(STEP_MINUTES * MINUTE, now.getTime() - since.getTime())
  return new Date(now.getTime() + (left / lately) * passed)
}

export type TargetSaid = {
  /** Of what is owed, in percent with one digit, never rounded up; null where nothing is owed. */
  percent: number | null
  targetAt: Date
  targetBy: Date | null
  doneBy: Date | null
  state: TargetState
}

/**
 * Where a round stands on a day against its target (so many percent of what is owed by an hour), and when it will be there
 * if as many go on coming. Of a day that is over only what was reached by its end is known, not at which hour.
 */
export function targetSaid(given: {
  owing: number
  done: number
  lately: number
  since: Date
  now: Date
  day: string
  target: { percent: number; hour: number }
}): TargetSaid {
  const { owing, done, lately, since, now, day, target } = given
  const targetAt = new Date(startOfDay(day).getTime() + target.hour * 60 * MINUTE)
  const today = dayOf(now)
  const short = Math.ceil((owing * target.percent) / 100) - done
  const pace = { lately: day === today ? lately : 0, since, now }
  const targetBy = afterAt({ ...pace, left: short })
  return {
    percent: owing === 0 ? null : Math.floor((done / owing) * 1000) / 10,
    targetAt,
    targetBy,
    doneBy: afterAt({ ...pace, left: owing - done }),
    state: stateOf(),
  }

  function stateOf(): TargetState {
    if (owing === 0) return 'nothing'
    if (day > today) return 'open'
    if (short <= 0) return 'reached'
    if (day < today || now >= targetAt) return 'missed'
    if (!targetBy) return 'unknown'
    return targetBy <= targetAt ? 'on_course' : 'will_miss'
  }
}

export type DatesProblem = 'before_start' | 'round_in_past' | 'round_too_far' | 'round_too_long'

/**
 * Whether a round may last from one day to another. It asks nobody for a test of a day that is over, begins within days,
 * and ends by itself. policy: rounds.aheadDays, rounds.mostDays (both days included).
 */
export function datesProblem(given: {
  startsOn: string
  endsOn: string
  today: string
  aheadDays: number
  mostDays: number
}): DatesProblem | null {
  const { startsOn, endsOn, today, aheadDays, mostDays } = given
  const days = (from: string, to: string) => (Date.parse(to) - Date.parse(from)) / DAY
  if (endsOn < startsOn) return 'before_start'
  if (startsOn < today) return 'round_in_past'
  if (days(today, startsOn) > aheadDays) return 'round_too_far'
  return days(startsOn, endsOn) + 1 > mostDays ? 'round_too_long' : null
}
