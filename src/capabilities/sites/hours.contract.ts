import { z } from 'zod'

const DAY = 1440

/**
 * Minutes of the local day on which it begins, half-open: [510, 690] is 8:30 until 11:30, 1440 is the end of the day, and
 * [1320, 1560] is 22:00 until 2:00 of the next. A time over midnight belongs to the day on which it begins.
 */
export const Interval = z.tuple([
  z
    .int()
    .min(0)
    .max(DAY - 1),
  z
    .int()
    .min(1)
    .max(2 * DAY - 1),
])
export type Interval = readonly [from: number, to: number]

/** In order, apart, each of some length and none longer than a day; at most six a day. */
const isDay = (intervals: readonly (readonly [number, number])[]): boolean =>
  intervals.every(
    ([from, to], i) => from < to && to - from <= DAY && (i === 0 || intervals[i - 1]![1] <= from),
  )
const Day = z.array(Interval).max(6).refine(isDay, 'times_out_of_order')

/** When something is open, as JSON. */
export type OpeningRules = {
  always: boolean
  /** Seven days from Monday, each with its intervals in order. */
  week: readonly (readonly Interval[])[]
  /** Only on odd or even days of the month, as lists are published: the 31st and the 1st are both odd. */
  parity?: 'odd' | 'even' | undefined
  /** Only on every n-th day, counted from a first day on, whatever the month. */
  every?: { days: number; from: string } | undefined
  /** What holds on a public holiday instead of the week; no intervals: closed; `ask`: announced elsewhere. Absent: as in the week. */
  holidays?: readonly Interval[] | 'ask' | undefined
  /** What holds on a Saturday or Sunday that is worked for a holiday; `week`: its own day of the week. Absent: as a working day. */
  makeUp?: readonly Interval[] | 'week' | 'ask' | undefined
  /** What holds on one date instead of all else; no intervals: closed. */
  exceptions: readonly { date: string; intervals: readonly Interval[] }[]
}

/** The same as it is typed in and checked. */
export const Hours = z
  .strictObject({
    always: z.boolean(),
    week: z.array(Day).length(7),
    parity: z.enum(['odd', 'even']).optional(),
    every: z.strictObject({ days: z.int().min(2).max(60), from: z.iso.date() }).optional(),
    holidays: z.union([Day, z.literal('ask')]).optional(),
    makeUp: z.union([Day, z.literal('week'), z.literal('ask')]).optional(),
    exceptions: z
      .array(z.strictObject({ date: z.iso.date(), intervals: Day }))
      .max(60)
      .refine((list) => new Set(list.map((e) => e.date)).size === list.length, 'date_twice'),
  })
  .refine((h) => h.parity === undefined || h.every === undefined, 'two_rules_of_days')

const two = (n: number) => String(n).padStart(2, '0')
const clock = (minutes: number) => `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`

const NEXT_DAY = { zh: '次日', en: 'next day ' }

/** [[510, 690]] → 08:30-11:30; [[1320, 1560]] → 22:00-次日02:00; nothing → an empty text. */
export const writeTimes = (intervals: readonly Interval[], language: 'zh' | 'en' = 'zh'): string =>
  intervals
    .map(([from, to]) => `${clock(from)}-${to > DAY ? NEXT_DAY[language] + clock(to - DAY) : clock(to)}`)
    .join(', ')

/** Over midnight where nobody wrote so: 22:00-2:00 is a night. 16:00-9:00 is more likely a slip, and is not guessed. */
const LONGEST_NIGHT = 720

/** The end of a time in minutes of the day on which it begins; undefined where it may be a slip. */
export function endOf(from: number, to: number, saysNextDay: boolean): number | undefined {
  if (saysNextDay) return to < DAY && to + DAY - from <= DAY ? to + DAY : undefined
  if (from < to) return to
  return to + DAY - from <= LONGEST_NIGHT ? to + DAY : undefined
}

/** 8:30-11:30，22:00-次日2:00 → intervals; empty → none; undefined where it cannot be read. */
export function readTimes(text: string): Interval[] | undefined {
  const plain = text.normalize('NFKC').replaceAll(/\s/g, '')
  if (plain === '') return []
  const found: Interval[] = []
  for (const part of plain.split(/[,;、]/)) {
    const match = /^(\d{1,2}):(\d{2})[-~—–到至](次日|第二天|翌日|nextday)?(\d{1,2}):(\d{2})$/i.exec(part)
    if (!match) return undefined
    const [, a, b, next, c, d] = match
    if (Number(b) > 59 || Number(d) > 59) return undefined
    const from = Number(a) * 60 + Number(b)
    const to = Number(c) * 60 + Number(d)
    const end = to <= DAY ? endOf(from, to, next !== undefined) : undefined
    if (end === undefined) return undefined
    found.push([from, end])
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
  const said = (intervals: readonly Interval[]) => writeTimes(intervals, language)
  const special = (days: { zh: string; en: string }, times: readonly Interval[] | 'ask') =>
    times === 'ask'
      ? `${days[language]}${zh ? '另行通知' : ' announced separately'}`
      : `${days[language]} ${said(times) || closed}`
  const parts: string[] = []
  if (rules.always) parts.push(zh ? '每天 24 小时' : 'every day, 24 hours')
  else {
    let from = 0
    while (from < 7) {
      const times = said(rules.week[from] ?? [])
      let to = from
      while (to < 6 && said(rules.week[to + 1] ?? []) === times) to++
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
  if (rules.every)
    parts.push(
      zh
        ? `自 ${rules.every.from} 起每 ${rules.every.days} 天开一天`
        : `one day in ${rules.every.days} from ${rules.every.from}`,
    )
  if (rules.holidays) parts.push(special({ zh: '法定节假日', en: 'public holidays' }, rules.holidays))
  if (rules.makeUp === 'week')
    parts.push(zh ? '调休上班日按星期' : 'worked weekend days as their day of the week')
  else if (rules.makeUp) parts.push(special({ zh: '调休上班日', en: 'worked weekend days' }, rules.makeUp))
  return parts.join(zh ? '；' : '; ')
}
