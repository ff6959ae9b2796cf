import type { Interval, OpeningRules } from './hours.contract.ts'

export const CITY_ZONE = 'Asia/Shanghai'
const MINUTE = 60_000
const DAY_MINUTES = 1440
// A rule that does not open within a year and a day (an even day of the month that is also an excepted
// date) counts as never: callers say "no opening known" instead of searching on.
const HORIZON_DAYS = 366

type LocalDay = { year: number; month: number; day: number }
type LocalTime = LocalDay & { hour: number; minute: number; second: number }

/** Where and on which calendar: the city's zone, and no day a public holiday, where nothing is said. */
export type On = { zone?: string; isHoliday?: (date: string) => boolean }

const formatters = new Map<string, Intl.DateTimeFormat>()
const formatter = (zone: string): Intl.DateTimeFormat => {
  let found = formatters.get(zone)
  if (!found) {
    found = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    })
    formatters.set(zone, found)
  }
  return found
}

// A list asks of sixteen thousand sites at one instant: reading the zone each time took 45 ms, once takes none.
let last: { at: number; zone: string; local: LocalTime } | undefined

const localTime = (at: Date, zone: string): LocalTime => {
  if (last?.at === at.getTime() && last.zone === zone) return last.local
  const local = readTime(at, zone)
  last = { at: at.getTime(), zone, local }
  return local
}

const readTime = (at: Date, zone: string): LocalTime => {
  const part: Record<string, number> = {}
  for (const { type, value } of formatter(zone).formatToParts(at)) part[type] = Number(value)
  const { year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0 } = part
  return { year, month, day, hour, minute, second }
}

/** The instant of a local minute; a minute that a clock change skips falls after the gap. */
const instantOf = ({ year, month, day }: LocalDay, minutes: number, zone: string): number => {
  const wanted = Date.UTC(year, month - 1, day) + minutes * MINUTE
  let guess = wanted
  for (let i = 0; i < 2; i++) {
    const local = readTime(new Date(guess), zone)
    guess += wanted - Date.UTC(local.year, local.month - 1, local.day, local.hour, local.minute, local.second)
  }
  return guess
}

/** The local date of an instant. */
export const localDayOf = (at: Date, zone = CITY_ZONE): LocalDay => localTime(at, zone)

const addDays = ({ year, month, day }: LocalDay, days: number): LocalDay => {
  const date = new Date(Date.UTC(year, month - 1, day + days))
  return { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() }
}

const two = (n: number): string => String(n).padStart(2, '0')

/** What the rules say for one local date. */
export const intervalsOn = (
  rules: OpeningRules,
  { year, month, day }: LocalDay,
  isHoliday?: On['isHoliday'],
): readonly Interval[] => {
  // Most sites have no exception and say nothing of holidays: no date is written for them.
  const date = rules.exceptions.length > 0 || rules.holidays ? `${year}-${two(month)}-${two(day)}` : undefined
  const exception = date && rules.exceptions.find((e) => e.date === date)
  if (exception) return exception.intervals
  if (date && rules.holidays && isHoliday?.(date)) return rules.holidays
  if (rules.always) return [[0, DAY_MINUTES]]
  if (rules.parity !== undefined && (day % 2 === 1) !== (rules.parity === 'odd')) return []
  const weekday = (new Date(Date.UTC(year, month - 1, day)).getUTCDay() + 6) % 7
  return rules.week[weekday] ?? []
}

/** Whether it is open at an instant: from the first second of an interval, until just before its last. */
export const isOpen = (rules: OpeningRules, at: Date, on: On = {}): boolean => {
  const local = localTime(at, on.zone ?? CITY_ZONE)
  const minutes = local.hour * 60 + local.minute
  return intervalsOn(rules, local, on.isHoliday).some(([from, to]) => from <= minutes && minutes < to)
}

/** The first instant at or after `at` at which it is open (`at` itself while open); undefined if none within a year. */
export const nextOpening = (rules: OpeningRules, at: Date, on: On = {}): Date | undefined => {
  if (isOpen(rules, at, on)) return at
  const zone = on.zone ?? CITY_ZONE
  const today = localTime(at, zone)
  for (let ahead = 0; ahead <= HORIZON_DAYS; ahead++) {
    const day = addDays(today, ahead)
    for (const [from] of intervalsOn(rules, day, on.isHoliday)) {
      const opens = instantOf(day, from, zone)
      if (opens >= at.getTime()) return new Date(opens)
    }
  }
  return undefined
}

/** When it closes: the end of the interval that holds `at`, across midnight; undefined while closed and if it never closes. */
export const closesAt = (rules: OpeningRules, at: Date, on: On = {}): Date | undefined => {
  const zone = on.zone ?? CITY_ZONE
  const local = localTime(at, zone)
  let minutes = local.hour * 60 + local.minute
  for (let ahead = 0; ahead <= HORIZON_DAYS; ahead++) {
    const day = addDays(local, ahead)
    let current = intervalsOn(rules, day, on.isHoliday).find(([from, to]) => from <= minutes && minutes < to)
    if (!current) return ahead === 0 ? undefined : new Date(instantOf(day, 0, zone))
    // Intervals that touch are one opening: 8:00-12:00 and 12:00-16:00.
    for (const next of intervalsOn(rules, day, on.isHoliday)) if (next[0] === current[1]) current = next
    if (current[1] < DAY_MINUTES) return new Date(instantOf(day, current[1], zone))
    minutes = 0
  }
  return undefined
}
