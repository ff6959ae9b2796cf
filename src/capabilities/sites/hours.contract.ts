import { z } from 'zod'

const DAY = 1440
const Minute = z.int().min(0).max(DAY)

/** Minutes of the local day, half-open: [510, 690] is 8:30 until 11:30; 1440 is the end of the day. */
export const Interval = z.tuple([Minute, Minute])
export type Interval = readonly [from: number, to: number]

/** In order, apart, and each of some length; at most six a day. */
const isDay = (intervals: readonly (readonly [number, number])[]): boolean =>
  intervals.every(([from, to], i) => from < to && (i === 0 || intervals[i - 1]![1] <= from))
const Day = z.array(Interval).max(6).refine(isDay, 'times_out_of_order')

/** When something is open, as JSON. */
export type OpeningRules = {
  always: boolean
  /** Seven days from Monday, each with its intervals in order. */
  week: readonly (readonly Interval[])[]
  /** Only on odd or even days of the month. */
  parity?: 'odd' | 'even' | undefined
  /** What holds on a public holiday instead of the week; no intervals: closed. Absent: as in the week. */
  holidays?: readonly Interval[] | undefined
  /** What holds on one date instead of all else; no intervals: closed. */
  exceptions: readonly { date: string; intervals: readonly Interval[] }[]
}

/** The same as it is typed in and checked. */
export const Hours = z.strictObject({
  always: z.boolean(),
  week: z.array(Day).length(7),
  parity: z.enum(['odd', 'even']).optional(),
  holidays: Day.optional(),
  exceptions: z
    .array(z.strictObject({ date: z.iso.date(), intervals: Day }))
    .max(60)
    .refine((list) => new Set(list.map((e) => e.date)).size === list.length, 'date_twice'),
})

const two = (n: number) => String(n).padStart(2, '0')
const clock = (minutes: number) => `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`

/** [[510, 690]] → 08:30-11:30; nothing → an empty text. */
export const writeTimes = (intervals: readonly Interval[]): string =>
  intervals.map(([from, to]) => `${clock(from)}-${clock(to)}`).join(', ')

/** 8:30-11:30，13:00-16:00 → intervals; empty → none; undefined where it cannot be read. */
export function readTimes(text: string): Interval[] | undefined {
  const plain = text.normalize('NFKC').replaceAll(/\s/g, '')
  if (plain === '') return []
  const found: Interval[] = []
  for (const part of plain.split(/[,;、]/)) {
    const match = /^(\d{1,2}):(\d{2})[-~—–到至](\d{1,2}):(\d{2})$/.exec(part)
    if (!match) return undefined
    const [a, b, c, d] = match.slice(1).map(Number) as [number, number, number, number]
    if (b > 59 || d > 59) return undefined
    found.push([a * 60 + b, c * 60 + d])
  }
  return Day.safeParse(found).success ? found : undefined
}

const WEEK = {
  zh: ['周一', '周二', '周三', '周四', '周五', '周六', '周日'],
  en: ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'],
}

/** The rules in words, days with the same hours together: 周一至周五 08:00-12:00；周六、周日 不开. */
export function describeHours(rules: OpeningRules, language: 'zh' | 'en'): string {
  const zh = language === 'zh'
  const closed = zh ? '不开' : 'closed'
  const parts: string[] = []
  if (rules.always) parts.push(zh ? '每天 24 小时' : 'every day, 24 hours')
  else {
    let from = 0
    while (from < 7) {
      const times = writeTimes(rules.week[from] ?? [])
      let to = from
      while (to < 6 && writeTimes(rules.week[to + 1] ?? []) === times) to++
      const days =
        from === 0 && to === 6
          ? zh
            ? '每天'
            : 'every day'
          : from === to
            ? WEEK[language][from]!
            : `${WEEK[language][from]}${zh ? '至' : '–'}${WEEK[language][to]}`
      parts.push(`${days} ${times || closed}`)
      from = to + 1
    }
  }
  if (rules.parity)
    parts.push(
      rules.parity === 'odd' ? (zh ? '逢单号' : 'odd dates only') : zh ? '逢双号' : 'even dates only',
    )
  if (rules.holidays)
    parts.push(`${zh ? '法定节假日' : 'public holidays'} ${writeTimes(rules.holidays) || closed}`)
  return parts.join(zh ? '；' : '; ')
}
