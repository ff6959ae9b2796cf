import type { Interval, OpeningRules } from './hours.contract.ts'

export const CITY_ZONE = 'Asia/Shanghai'
const MINUTE = 60_000
const DAY_MS = 86_400_000
const DAY_MINUTES = 1440
// A rule that does not open within a year and a day (an even day of the month that is also an excepted
// date) counts as never: callers say "no opening known" instead of searching on.
const HORIZON_DAYS = 366

/** Public holidays, and the Saturdays and Sundays that are worked for them, by date (YYYY-MM-DD). */
export type HolidayCalendar = { isHoliday(date: string): boolean; isMakeUp(date: string): boolean }

/** Where and on which calendar: the city's zone, and every day an ordinary one, where nothing is said. */
export type On = { zone?: string; calendar?: HolidayCalendar }

/** Why it is not known whether something is open: its hours on such a day are announced elsewhere, or nobody says. */
export type Unsure = 'holiday' | 'make_up'

/** A local day, counted from 1970-01-01, and the minute in it (with its fraction). */
type LocalTime = { day: number; minute: number }
type Day = { date: string; weekday: number; dayOfMonth: number; holiday: boolean; makeUp: boolean }

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
  const ms = readTime(at.getTime(), zone)
  const day = Math.floor(ms / DAY_MS)
  const local = { day, minute: (ms - day * DAY_MS) / MINUTE }
  last = { at: at.getTime(), zone, local }
  return local
}

/** What the clock on the wall shows at an instant, as if the wall stood in UTC. */
const readTime = (at: number, zone: string): number => {
  const part: Record<string, number> = {}
  for (const { type, value } of formatter(zone).formatToParts(at)) part[type] = Number(value)
  const { year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0 } = part
  return Date.UTC(year, month - 1, day, hour, minute, second)
}

const instants = new Map<string, Map<number, number>>()
const MOST_INSTANTS = 20_000

/**
 * The instant of a local minute; a minute that a clock change skips falls after the gap. Kept, since thousands of sites
 * open and close at the same few minutes and reading the zone for each was most of the work.
 */
const instantOf = (day: number, minutes: number, zone: string): number => {
  let known = instants.get(zone)
  if (!known || known.size > MOST_INSTANTS) instants.set(zone, (known = new Map()))
  const wanted = day * DAY_MS + minutes * MINUTE
  let instant = known.get(wanted)
  if (instant === undefined) {
    instant = wanted
    for (let i = 0; i < 2; i++) instant += wanted - readTime(instant, zone)
    known.set(wanted, instant)
  }
  return instant
}

const dayNumber = (date: string): number => Date.parse(date) / DAY_MS

const ORDINARY: HolidayCalendar = { isHoliday: () => false, isMakeUp: () => false }
const days = new WeakMap<HolidayCalendar, Map<number, Day>>()

/** What a day is, found once for all sites: writing its date for each of sixteen thousand would be most of the work. */
const dayOf = (n: number, calendar = ORDINARY): Day => {
  let known = days.get(calendar)
  if (!known || known.size > 4 * HORIZON_DAYS) days.set(calendar, (known = new Map()))
  let day = known.get(n)
  if (!day) {
    const utc = new Date(n * DAY_MS)
    const date = utc.toISOString().slice(0, 10)
    day = {
      date,
      weekday: (utc.getUTCDay() + 6) % 7,
      dayOfMonth: utc.getUTCDate(),
      holiday: calendar.isHoliday(date),
      makeUp: calendar.isMakeUp(date),
    }
    known.set(n, day)
  }
  return day
}

const WHOLE: readonly Interval[] = [[0, DAY_MINUTES]]
const NONE: readonly Interval[] = []
const MONDAY_TO_FRIDAY = 5

const isSame = (a: readonly Interval[], b: readonly Interval[]): boolean =>
  a.length === b.length && a.every(([from, to], i) => from === b[i]![0] && to === b[i]![1])

/** Whether the rules let it open on this day at all, of those that open by turns. */
const isItsTurn = (rules: OpeningRules, n: number, day: Day): boolean => {
  if (rules.parity !== undefined) return (day.dayOfMonth % 2 === 1) === (rules.parity === 'odd')
  if (!rules.every) return true
  const since = n - dayNumber(rules.every.from)
  return since >= 0 && since % rules.every.days === 0
}

/** What the rules say for one local day, as times that begin on it; or why nobody knows. */
const hoursOn = (
  rules: OpeningRules,
  n: number,
  calendar?: HolidayCalendar,
): readonly Interval[] | Unsure => {
  const day = dayOf(n, calendar)
  const exception = rules.exceptions.length > 0 && rules.exceptions.find((e) => e.date === day.date)
  if (exception) return exception.intervals
  if (day.holiday && rules.holidays) return rules.holidays === 'ask' ? 'holiday' : rules.holidays
  if (day.makeUp && rules.makeUp && rules.makeUp !== 'week')
    return rules.makeUp === 'ask' ? 'make_up' : rules.makeUp
  if (rules.always) return WHOLE
  if (!isItsTurn(rules, n, day)) return NONE
  if (day.makeUp && rules.makeUp === undefined) {
    // As a working day. Which weekday it stands for no calendar says: where they differ it is not guessed.
    const [monday = NONE, ...others] = rules.week.slice(0, MONDAY_TO_FRIDAY)
    return others.every((other) => isSame(other, monday)) ? monday : 'make_up'
  }
  return rules.week[day.weekday] ?? NONE
}

/** Until which minute of a day nobody knows: its end, or that of the night which its week would have. */
const unsureUntil = (rules: OpeningRules, n: number): number =>
  Math.max(DAY_MINUTES, rules.week[dayOf(n).weekday]?.at(-1)?.[1] ?? 0)

/** The end of what is open at a minute of the day on which it began; undefined where nothing is. */
const endAt = (hours: readonly Interval[] | Unsure, minute: number): number | undefined =>
  typeof hours === 'string' ? undefined : hours.find(([from, to]) => from <= minute && minute < to)?.[1]

/** The end of what is open at a minute of a day, begun on it or the night before; in minutes of that day. */
const openUntil = (rules: OpeningRules, n: number, minute: number, on: On): number | undefined => {
  const today = endAt(hoursOn(rules, n, on.calendar), minute)
  if (today !== undefined) return today
  const night = endAt(hoursOn(rules, n - 1, on.calendar), minute + DAY_MINUTES)
  return night === undefined ? undefined : night - DAY_MINUTES
}

/** Open, closed, or why nobody knows. A night belongs to the day on which it began, with all that holds on that day. */
export const openingAt = (rules: OpeningRules, at: Date, on: On = {}): boolean | Unsure => {
  const { day, minute } = localTime(at, on.zone ?? CITY_ZONE)
  if (openUntil(rules, day, minute, on) !== undefined) return true
  const today = hoursOn(rules, day, on.calendar)
  if (typeof today === 'string') return today
  const before = hoursOn(rules, day - 1, on.calendar)
  return typeof before === 'string' && minute + DAY_MINUTES < unsureUntil(rules, day - 1) ? before : false
}

/** Whether it is open at an instant: from the first second of an interval, until just before its last; null where nobody knows. */
export const isOpen = (rules: OpeningRules, at: Date, on: On = {}): boolean | null => {
  const said = openingAt(rules, at, on)
  return typeof said === 'string' ? null : said
}

/**
 * The first instant at or after `at` at which it is known to be open (`at` itself while open); undefined if none within a
 * year. A day of which nobody knows is passed over: it is no promise.
 */
export const nextOpening = (rules: OpeningRules, at: Date, on: On = {}): Date | undefined => {
  if (isOpen(rules, at, on)) return at
  const zone = on.zone ?? CITY_ZONE
  const { day: today } = localTime(at, zone)
  for (let day = today; day <= today + HORIZON_DAYS; day++) {
    const hours = hoursOn(rules, day, on.calendar)
    if (typeof hours === 'string') continue
    for (const [from] of hours) {
      const opens = instantOf(day, from, zone)
      if (opens >= at.getTime()) return new Date(opens)
    }
  }
  return undefined
}

/**
 * When what is open at `at` ends, across midnight and times that touch (8:00-12:00 and 12:00-16:00), or is no longer
 * known to be open; undefined while closed and if it never closes.
 */
export const closesAt = (rules: OpeningRules, at: Date, on: On = {}): Date | undefined => {
  const zone = on.zone ?? CITY_ZONE
  const { day: today, minute } = localTime(at, zone)
  let end = minute
  for (let ahead = 0; ahead <= HORIZON_DAYS; ahead = Math.floor(end / DAY_MINUTES)) {
    const until = openUntil(rules, today + ahead, end - ahead * DAY_MINUTES, on)
    if (until === undefined) return end === minute ? undefined : new Date(instantOf(today, end, zone))
    end = until + ahead * DAY_MINUTES
  }
  return undefined
}

/** Times of the day of an instant and of the days around it, in minutes of that day; a day of which nobody knows is left out. */
const timesAround = (rules: OpeningRules, day: number, ahead: readonly number[], on: On): Interval[] =>
  ahead.flatMap((n) => {
    const hours = hoursOn(rules, day + n, on.calendar)
    return typeof hours === 'string'
      ? []
      : hours.map(([from, to]): Interval => [from + n * DAY_MINUTES, to + n * DAY_MINUTES])
  })

/** Whether it opens or closes within so many minutes of an instant, before or after it. */
export const turnsNear = (rules: OpeningRules, at: Date, minutes: number, on: On = {}): boolean => {
  const { day, minute } = localTime(at, on.zone ?? CITY_ZONE)
  return timesAround(rules, day, [-1, 0, 1], on).some(
    ([from, to]) => Math.min(Math.abs(from - minute), Math.abs(to - minute)) <= minutes,
  )
}

/** For how many of the last so many minutes it was open by its rules. */
export const openMinutes = (rules: OpeningRules, at: Date, minutes: number, on: On = {}): number => {
  const { day, minute } = localTime(at, on.zone ?? CITY_ZONE)
  let counted = minute - minutes
  let open = 0
  for (const [from, to] of timesAround(rules, day, [-2, -1, 0], on)) {
    const begins = Math.max(from, counted)
    const ends = Math.min(to, minute)
    if (ends <= begins) continue
    open += ends - begins
    counted = ends
  }
  return open
}
