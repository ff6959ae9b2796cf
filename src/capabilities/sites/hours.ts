import { note, type Note } from '#kernel/import-report.ts'
import { normalise } from '#kernel/text.ts'
import { endOf, type Interval, type OpeningRules } from './hours.contract.ts'

export type ParsedHours = {
  rules: OpeningRules | undefined
  status: 'understood' | 'repaired' | 'refused'
  notes: Note[]
}

const NOTES = {
  missing: note('hours_missing', '没有开放时间', 'No opening hours'),
  day: note('hours_day_unreadable', '开放日期看不懂', 'The days cannot be read'),
  time: note('hours_time_unreadable', '开放时间看不懂', 'The times cannot be read'),
  order: note('hours_order', '时间先后不对或互相重叠', 'Times out of order or overlapping'),
  groups: note(
    'hours_groups',
    '括号内的日子与开放日期不一致',
    'The days in brackets differ from the days given',
  ),
  afternoon: note('hours_afternoon', '写明下午，但时间不在下午', 'Afternoon is written, the times are not'),
  comma: note('hours_separator', '两段时间之间缺分隔，已补', 'Missing separator between two intervals added'),
  dash: note('hours_dash', '起止时间之间缺横线，已补', 'Missing dash between two times added'),
  dot: note('hours_stray_dot', '时间中多了点，已去掉', 'Stray dot inside a time removed'),
  stray: note('hours_stray_mark', '多余的标点，已去掉', 'Stray mark removed'),
  whole: note('hours_garbled_24', '“24小时”写坏了，按 24 小时读', '"24 hours" was garbled; read as 24 hours'),
  duration: note(
    'hours_duration',
    '只写了时长，没有起止时间；可能是“24小时”漏字，请核实',
    'A duration without times, perhaps a slip for 24 hours: please check',
  ),
  underscore: note('hours_underscore', '日期中的下划线按“到”读', 'Underscore between days read as "to"'),
  daySeparator: note('hours_day_separator', '日期之间缺分隔，已补', 'Missing separator between days added'),
  parity: note(
    'hours_parity',
    '隔天（逢单）按单号日期读；大月月底 31 日与次月 1 日相连',
    'Every other day (odd) read as odd dates; the 31st and the 1st follow each other',
  ),
  holidays: note(
    'hours_holidays',
    '法定节假日另行通知：当日显示为“不知道，请先问”',
    'Public holidays are announced separately: on them it is said to be unknown',
  ),
  night: note('hours_over_midnight', '跨零点，按到次日读', 'Read as going over midnight'),
} as const

const WEEK = ['一', '二', '三', '四', '五', '六', '日'] as const
const dayIndex = (char: string): number =>
  WEEK.indexOf((char === '天' ? '日' : char) as (typeof WEEK)[number])

/** Days (0 = Monday) in 周一到周五、周日 or 一,三,五; undefined where it is anything else. */
const readDays = (text: string, notes: Note[]): Set<number> | undefined => {
  const days = new Set<number>()
  let rest = text.replace(/^每(?=周)/, '')
  let isFirst = true
  while (rest !== '') {
    const match =
      /^([,和及]?)(?:周|星期)?([一二三四五六日天])(?:(到|至|-|_)(?:周|星期)?([一二三四五六日天]))?/.exec(rest)
    if (!match) return undefined
    const [whole, separator, first = '', link, last = ''] = match
    if (!isFirst && !separator) notes.push(NOTES.daySeparator)
    if (link === '_') notes.push(NOTES.underscore)
    const from = dayIndex(first)
    const to = link ? dayIndex(last) : from
    if (to < from) return undefined
    for (let day = from; day <= to; day++) days.add(day)
    rest = rest.slice(whole.length)
    isFirst = false
  }
  return days.size > 0 ? days : undefined
}

const RANGE = /([ ,;]*)(\d{1,2}):(\.?)(\d{2}) ?(-|到|至)? ?(次日|第二天|翌日)?(\d{1,2}):(\.?)(\d{2})/g

const minutesOf = (hour: string | undefined, minute: string | undefined): number | undefined => {
  const minutes = Number(hour) * 60 + Number(minute)
  return Number(minute) < 60 && minutes <= 1440 ? minutes : undefined
}

/** Intervals in 8:30-11:30,13:00-16:30 with the slips that people make; a note says what could not be read. */
const readIntervals = (text: string, notes: Note[]): Interval[] | undefined => {
  if (/^24小?时$/.test(text) || text === '全天') return [[0, 1440]]
  // Only where 24 comes first and nothing else in it is a time: 244|\时. A lone 2小时 may be a duration.
  if (/^24[^\d:]*\d?[^\d:]*时$/.test(text)) {
    notes.push(NOTES.whole)
    return [[0, 1440]]
  }
  if (/^\d+(?:小时|个小时|时)$/.test(text)) {
    notes.push(NOTES.duration)
    return undefined
  }
  const body = text.replace(/[,;.]+$/, '')
  if (body !== text) notes.push(NOTES.stray)
  const intervals: Interval[] = []
  let end = 0
  let read = 0
  for (const match of body.matchAll(RANGE)) {
    const [whole, separator, fromHour, fromDot, fromMinute, dash, next, toHour, toDot, toMinute] = match
    if (match.index !== end || (end === 0 && separator !== '')) break
    end += whole.length
    if (intervals.length > 0 && separator === '') notes.push(NOTES.comma)
    if (!dash) notes.push(NOTES.dash)
    if (fromDot || toDot) notes.push(NOTES.dot)
    const from = minutesOf(fromHour, fromMinute)
    const to = minutesOf(toHour, toMinute)
    if (from === undefined || to === undefined) break
    const until = endOf(from, to, next !== undefined)
    if (until !== undefined && until > 1440 && next === undefined) notes.push(NOTES.night)
    intervals.push([from, until ?? to])
    read = end
  }
  if (read !== body.length) {
    notes.push(NOTES.time)
    return undefined
  }
  const ordered = intervals.every(
    ([from, to], i) => from < to && (i === 0 || (intervals[i - 1]?.[1] ?? 0) <= from),
  )
  if (intervals.length > 0 && ordered) return intervals
  notes.push(intervals.length > 0 ? NOTES.order : NOTES.time)
  return undefined
}

type Groups = { days: Set<number> | undefined; intervals: Interval[] }[]

/** 6:00-8:00(一,二)6:00-11:00(三,五): intervals with their own days; without brackets one group for all days. */
const readGroups = (text: string, notes: Note[]): Groups | undefined => {
  if (!text.includes('(')) {
    const intervals = readIntervals(text, notes)
    return intervals && [{ days: undefined, intervals }]
  }
  const groups: Groups = []
  let rest = text
  while (rest !== '') {
    const match = /^,?([^()]+)\(([^()]+)\)/.exec(rest)
    const intervals = match?.[1] === undefined ? undefined : readIntervals(match[1], notes)
    const days = match?.[2] === undefined ? undefined : readDays(match[2], notes)
    if (!match || !intervals || !days) return undefined
    groups.push({ days, intervals })
    rest = rest.slice(match[0].length)
  }
  return groups
}

type Days = {
  days: Set<number>
  holidays?: 'ask'
  parity?: 'odd' | 'even'
  part?: 'morning' | 'afternoon'
  saturdayMorning: boolean
}

const readServeDay = (text: string, notes: Note[]): Days | undefined => {
  const rest = text.replace(/,?法定节假日另行通知$/, '')
  const days = readDaysOpen(rest, notes)
  if (rest === text || !days) return days
  notes.unshift(NOTES.holidays)
  return { ...days, holidays: 'ask' }
}

const readDaysOpen = (text: string, notes: Note[]): Days | undefined => {
  const everyDay = new Set([0, 1, 2, 3, 4, 5, 6])
  let rest = text
  const saturdayMorning = rest.endsWith('(周六仅上午)')
  rest = rest.replace(/\(周六仅上午\)$/, '')
  if (/^(?:每天|每日|全年|天天)$/.test(rest)) return { days: everyDay, saturdayMorning }
  const parity = /^(?:每月|隔天|隔日)?\(?逢?(单|双)(?:号|日)?\)?$/.exec(rest)?.[1]
  if (parity) {
    if (rest.startsWith('隔')) notes.push(NOTES.parity)
    return { days: everyDay, parity: parity === '单' ? 'odd' : 'even', saturdayMorning }
  }
  const part = /(上午|下午)$/.exec(rest)?.[1]
  const days = readDays(rest.replace(/(?:上午|下午)$/, ''), notes)
  if (!days) return undefined
  return {
    days,
    ...(part && { part: part === '上午' ? ('morning' as const) : ('afternoon' as const) }),
    saturdayMorning,
  }
}

const NOON = 720
const SLIPS = new Set<Note>([
  NOTES.comma,
  NOTES.dash,
  NOTES.dot,
  NOTES.stray,
  NOTES.whole,
  NOTES.underscore,
  NOTES.daySeparator,
])

/**
 * Opening rules from days and hours as people typed them. What is mended is noted (repaired); what cannot be
 * read, or reads two ways, is refused with the reason and never guessed.
 */
export const parseHours = (serveDay: unknown, serveHour: unknown): ParsedHours => {
  const notes: Note[] = []
  const fail = (...reasons: Note[]): ParsedHours => ({
    rules: undefined,
    status: 'refused',
    notes: [...new Set([...notes, ...reasons])],
  })
  if (typeof serveDay !== 'string' || typeof serveHour !== 'string') return fail(NOTES.missing)
  const dayText = normalise(serveDay).text.replaceAll(' ', '')
  const hourText = normalise(serveHour).text
  if (dayText === '' || hourText === '') return fail(NOTES.missing)
  const given = readServeDay(dayText, notes)
  if (!given) return fail(NOTES.day)
  const before = notes.length
  const groups = readGroups(hourText, notes)
  if (!groups) return notes.length > before ? fail() : fail(NOTES.time)
  const week: Interval[][] = [[], [], [], [], [], [], []]
  for (const { days, intervals } of groups)
    for (const day of days ?? given.days) {
      if (!given.days.has(day) || week[day]!.length > 0) return fail(NOTES.groups)
      week[day]!.push(...intervals)
    }
  if ([...given.days].some((day) => week[day]!.length === 0)) return fail(NOTES.groups)
  const all = week.flat()
  if (given.part === 'afternoon' && all.some(([from]) => from < NOON)) return fail(NOTES.afternoon)
  if (given.part === 'morning' && all.some(([, to]) => to > NOON)) return fail(NOTES.afternoon)
  if (given.saturdayMorning) {
    week[5] = week[5]!.filter(([, to]) => to <= NOON)
    if (week[5].length === 0) return fail(NOTES.groups)
  }
  const always = given.parity === undefined && week.every(([first]) => first?.[0] === 0 && first[1] === 1440)
  const rules: OpeningRules = {
    always,
    week,
    ...(given.parity && { parity: given.parity }),
    ...(given.holidays && { holidays: given.holidays }),
    exceptions: [],
  }
  return {
    rules,
    status: notes.some((each) => SLIPS.has(each)) ? 'repaired' : 'understood',
    notes: [...new Set(notes)],
  }
}
