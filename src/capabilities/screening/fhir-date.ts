/** A date or time as FHIR R4 writes it covers a span of instants: `2022-06-08` a day, `2022-06-08T20:15:00Z` a second. */
export type Span = { from: Date; to: Date; says: 'year' | 'month' | 'day' | 'time' }

const FORM =
  /^(?<year>\d{4})(?:-(?<month>0[1-9]|1[0-2])(?:-(?<day>0[1-9]|[12]\d|3[01])(?:T(?<hour>[01]\d|2[0-3]):(?<minute>[0-5]\d)(?::(?<second>[0-5]\d|60)(?:\.(?<fraction>\d+))?)?(?<zone>Z|[+-](?:(?:0\d|1[0-3]):[0-5]\d|14:00))?)?)?)?$/
/** A date without a zone is the city's (no summer time since 1992). */
const CITY_ZONE = '+08:00'
const CITY_MS = 8 * 3_600_000
const DAY_MS = 86_400_000

/** What a resource says: a time has seconds and a zone (R4, data type dateTime). Undefined for anything else. */
export function dateTime(text: string): Span | undefined {
  const parts = FORM.exec(text)?.groups
  if (parts?.hour !== undefined && (parts.second === undefined || parts.zone === undefined)) return undefined
  return spanOf(parts)
}

/** What a search says: seconds and zone may be left out (R4, search parameter date). */
export const searchDate = (text: string): Span | undefined => spanOf(FORM.exec(text)?.groups)

function spanOf(parts: Record<string, string | undefined> | undefined): Span | undefined {
  if (!parts || parts.year === '0000') return undefined
  const { year, month = '01', day = '01', hour = '00', minute = '00', second = '00', fraction = '' } = parts
  const date = `${year}-${month}-${day}`
  // The thirtieth of February is a slip, not the second of March.
  if (new Date(`${date}T00:00:00Z`).getUTCDate() !== Number(day)) return undefined
  const isLeap = second === '60'
  const seconds = `${isLeap ? '59' : second}.${fraction.slice(0, 3).padEnd(3, '0')}`
  const start = Date.parse(`${date}T${hour}:${minute}:${seconds}${parts.zone ?? CITY_ZONE}`)
  const from = new Date(start + (isLeap ? 1_000 : 0))
  const lasting = (ms: number) => new Date(from.getTime() + ms)
  if (parts.month === undefined) return { from, to: months(from, 12), says: 'year' }
  if (parts.day === undefined) return { from, to: months(from, 1), says: 'month' }
  if (parts.hour === undefined) return { from, to: lasting(DAY_MS), says: 'day' }
  if (parts.second === undefined) return { from, to: lasting(60_000), says: 'time' }
  // What we keep is exact to the millisecond, however many digits are asked for.
  return { from, to: lasting(10 ** (3 - Math.min(fraction.length, 3))), says: 'time' }
}

function months(from: Date, n: number): Date {
  const local = new Date(from.getTime() + CITY_MS)
  local.setUTCMonth(local.getUTCMonth() + n)
  return new Date(local.getTime() - CITY_MS)
}
