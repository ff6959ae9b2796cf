import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Hours, type Interval, type OpeningRules } from './hours.contract.ts'
import { parseHours } from './hours.ts'
import { closesAt, isOpen, nextOpening, openingAt, openMinutes, type HolidayCalendar } from './opening.ts'

const local = (text: string) => new Date(`${text}+08:00`)
const rulesOf = (day: string, hour: string): OpeningRules => {
  const { rules } = parseHours(day, hour)
  if (!rules) throw new Error(`${day} ${hour} was refused`)
  return rules
}
const weekly = (days: string, ...intervals: Interval[]) =>
  Array.from('一二三四五六日', (day) => (days.includes(day) ? intervals : []))
const all = '一二三四五六日'

test.each([
  [
    '周一到周五',
    '8:00-11:00,13:00-16:00',
    '一二三四五',
    [
      [480, 660],
      [780, 960],
    ],
  ],
  ['周一-周五、周日', '10:00-18:00', '一二三四五日', [[600, 1080]]],
  [
    '周一到周五，周日',
    '8:30-11:30;13:30-16:30',
    '一二三四五日',
    [
      [510, 690],
      [810, 990],
    ],
  ],
  ['周一、三、五、日', '14：00-16:00', '一三五日', [[840, 960]]],
  [
    '周一、周三、周五',
    '8:00—11:00,13:30—16:00',
    '一三五',
    [
      [480, 660],
      [810, 960],
    ],
  ],
  ['周二，四，六', '13:00-15:00', '二四六', [[780, 900]]],
  ['每周二、四、六', '14：00-16：00', '二四六', [[840, 960]]],
  [
    '周三',
    '6:00—9:00,18:00—21:00',
    '三',
    [
      [360, 540],
      [1080, 1260],
    ],
  ],
  ['周一到周五下午', '14:00-16:00', '一二三四五', [[840, 960]]],
] as const)('%s %s is understood as written', (day, hour, days, intervals) => {
  expect(parseHours(day, hour)).toEqual({
    rules: { always: false, week: weekly(days, ...intervals), exceptions: [] },
    status: 'understood',
    notes: [],
  })
})

test.each([
  [
    '周一至周日',
    '8:30-11：3013：00-16：30',
    all,
    [
      [510, 690],
      [780, 990],
    ],
    'hours_separator',
  ],
  [
    '周一到周日',
    '00:00-15:0016:00-24:00',
    all,
    [
      [0, 900],
      [960, 1440],
    ],
    'hours_separator',
  ],
  [
    '周一至周五',
    '8:30-12:00,13:00-17:.00',
    '一二三四五',
    [
      [510, 720],
      [780, 1020],
    ],
    'hours_stray_dot',
  ],
  [
    '周一到周日',
    '6:00-7:00,13:0015:00,18:00—19:00',
    all,
    [
      [360, 420],
      [780, 900],
      [1080, 1140],
    ],
    'hours_dash',
  ],
  [
    '周一到周五',
    '9:0011:30,13:30-16:30',
    '一二三四五',
    [
      [540, 690],
      [810, 990],
    ],
    'hours_dash',
  ],
  [
    '周一到周日',
    '8:00-11:00,13:00-16:30,',
    all,
    [
      [480, 660],
      [780, 990],
    ],
    'hours_stray_mark',
  ],
  ['周一_周五', '14：00-16：00', '一二三四五', [[840, 960]], 'hours_underscore'],
  ['周一，周三周五', '13:30-16:00', '一三五', [[810, 960]], 'hours_day_separator'],
] as const)('%s %s is repaired and says how', (day, hour, days, intervals, code) => {
  const parsed = parseHours(day, hour)
  expect(parsed.rules?.week).toEqual(weekly(days, ...intervals))
  expect([parsed.status, parsed.notes.map((each) => each.code)]).toEqual(['repaired', [code]])
})

test('days in brackets have their own hours', () => {
  const rules = rulesOf('周一到周日', '6:00-8:00（一、二、四、六、日）6:00—11:00（三、五）')
  expect(rules.week).toEqual([
    [[360, 480]],
    [[360, 480]],
    [[360, 660]],
    [[360, 480]],
    [[360, 660]],
    [[360, 480]],
    [[360, 480]],
  ])
  expect(rulesOf('周一到周六', '14:00-16:00（周一到周五），9:00-11:00（周六）').week[5]).toEqual([[540, 660]])
  expect(parseHours('周一到周五', '8:00-9:00（一、二）').status).toBe('refused')
  expect(parseHours('周一到周二', '8:00-9:00（一、二、三）').notes[0]?.code).toBe('hours_groups')
})

test('Saturday only in the morning, holidays announced elsewhere', () => {
  const parsed = parseHours('周一至周六（周六仅上午）法定节假日另行通知', '8:30-11:3013:00-16:00')
  expect(parsed.rules?.week.slice(4)).toEqual([
    [
      [510, 690],
      [780, 960],
    ],
    [[510, 690]],
    [],
  ])
  expect(parsed.notes.map((each) => each.code)).toEqual(['hours_holidays', 'hours_separator'])
  expect(parsed.rules?.holidays).toBe('ask')
})

// 劳动节 2022 and the two weekend days that were worked for it.
const LABOUR_DAY: HolidayCalendar = {
  isHoliday: (date) => date >= '2022-04-30' && date <= '2022-05-04',
  isMakeUp: (date) => date === '2022-04-24' || date === '2022-05-07',
}
const ON = { calendar: LABOUR_DAY }

test('where holidays are announced elsewhere nobody knows on a holiday, and the next opening is after it', () => {
  const rules = rulesOf('周一至周六（周六仅上午）法定节假日另行通知', '8:30-11:3013:00-16:00')
  expect(openingAt(rules, local('2022-05-03T10:00'), ON)).toBe('holiday')
  expect(isOpen(rules, local('2022-05-03T10:00'), ON)).toBeNull()
  expect(isOpen(rules, local('2022-05-03T02:00'), ON), 'at night too').toBeNull()
  expect(closesAt(rules, local('2022-05-03T10:00'), ON)).toBeUndefined()
  expect(nextOpening(rules, local('2022-05-03T10:00'), ON)).toEqual(local('2022-05-05T08:30'))
  expect(isOpen(rules, local('2022-05-05T10:00'), ON)).toBe(true)
  // What is always open is open until the first day of which nobody knows.
  const always = rulesOf('周一到周日法定节假日另行通知', '24小时')
  expect(closesAt(always, local('2022-04-28T10:00'), ON)).toEqual(local('2022-04-30T00:00'))
  // A night that would go on into the morning after the holiday is not known either.
  const night = rulesOf('周一到周日法定节假日另行通知', '22:00-2:00')
  expect(isOpen(night, local('2022-05-05T01:59'), ON)).toBeNull()
  expect(isOpen(night, local('2022-05-05T02:00'), ON)).toBe(false)
  // The night before the holiday began on a day that is known.
  expect(isOpen(night, local('2022-04-30T01:30'), ON)).toBe(true)
})

test('a weekend day that is worked for a holiday has the hours of a working day, or what the site says for it', () => {
  const weekdays = rulesOf('周一到周五', '8:00-11:00')
  for (const day of ['2022-04-24', '2022-05-07'])
    expect(isOpen(weekdays, local(`${day}T10:00`), ON), day).toBe(true)
  expect(isOpen(weekdays, local('2022-05-08T10:00'), ON)).toBe(false)
  const worked = (makeUp: OpeningRules['makeUp'], rules = weekdays) =>
    openingAt({ ...rules, makeUp }, local('2022-05-07T10:00'), ON)
  expect([worked('week'), worked([]), worked([[570, 660]]), worked('ask')]).toEqual([
    false,
    false,
    true,
    'make_up',
  ])
  // Which weekday it stands for no calendar says: where they differ it is not guessed.
  const some = rulesOf('周一、三、五', '8:00-11:00')
  expect([worked(undefined, some), worked('week', some)]).toEqual(['make_up', false])
  expect(worked(undefined, { ...weekdays, exceptions: [{ date: '2022-05-07', intervals: [] }] })).toBe(false)
  // An even date is worked, and the site still opens on odd ones only.
  expect(openingAt({ ...weekdays, parity: 'odd' }, local('2022-04-24T10:00'), ON)).toBe(false)
})

test('a time over midnight belongs to the day on which it begins', () => {
  const night = rulesOf('周五', '22:00-02:00')
  expect(night.week[4]).toEqual([[1320, 1560]])
  expect(isOpen(night, local('2022-03-18T21:59'))).toBe(false)
  expect(isOpen(night, local('2022-03-18T23:59:59'))).toBe(true)
  expect(isOpen(night, local('2022-03-19T00:00'))).toBe(true)
  expect(isOpen(night, local('2022-03-19T01:59:59'))).toBe(true)
  expect(isOpen(night, local('2022-03-19T02:00'))).toBe(false)
  expect(isOpen(night, local('2022-03-18T01:00')), 'nor on the morning of Friday').toBe(false)
  expect(closesAt(night, local('2022-03-18T23:00'))).toEqual(local('2022-03-19T02:00'))
  expect(closesAt(night, local('2022-03-19T01:00'))).toEqual(local('2022-03-19T02:00'))
  expect(nextOpening(night, local('2022-03-19T02:00'))).toEqual(local('2022-03-25T22:00'))
  // Closed on Saturday by an exception: Friday's night still ends on its morning. Closed on Friday: it does not begin.
  const shut = (date: string) => ({ ...night, exceptions: [{ date, intervals: [] }] })
  expect(isOpen(shut('2022-03-19'), local('2022-03-19T01:00'))).toBe(true)
  expect(isOpen(shut('2022-03-18'), local('2022-03-19T01:00'))).toBe(false)
  // A holiday with a night of its own lasts into the working day.
  const holiday = { ...rulesOf('周一到周五', '8:00-11:00'), holidays: [[1200, 1500] as const] }
  expect(isOpen(holiday, local('2022-05-05T00:30'), ON)).toBe(true)
  expect(isOpen(holiday, local('2022-05-06T00:30'), ON)).toBe(false)
})

test('on nights of odd dates the morning after belongs to the odd date, at the end of a month too', () => {
  const rules = rulesOf('隔天（逢单）', '22:00-02:00')
  const open = (text: string) => isOpen(rules, local(text))
  expect([open('2022-04-06T00:30'), open('2022-04-07T00:30')]).toEqual([true, false])
  // The 31st and the 1st are both odd: that is what was published.
  expect([open('2022-03-31T23:00'), open('2022-04-01T00:30'), open('2022-04-02T00:30')]).toEqual([
    true,
    true,
    true,
  ])
})

test('one day in so many is counted from its first day, whatever the month, and never before it', () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 10 }), fc.integer({ min: 0, max: 500 }), (days, start) => {
      const dayAt = (n: number) => new Date(Date.UTC(2021, 10, 1 + n)).toISOString().slice(0, 10)
      const rules: OpeningRules = {
        always: false,
        week: weekly(all, [1320, 1560]),
        every: { days, from: dayAt(start) },
        exceptions: [],
      }
      for (let n = start - 3; n < start + 70; n++) {
        const turn = n >= start && (n - start) % days === 0
        expect(isOpen(rules, local(`${dayAt(n)}T23:00`)), dayAt(n)).toBe(turn)
        expect(isOpen(rules, local(`${dayAt(n + 1)}T01:00`)), `after ${dayAt(n)}`).toBe(turn)
      }
    }),
    { numRuns: 40 },
  )
  const both = { always: false, week: weekly(all), exceptions: [], every: { days: 2, from: '2022-03-31' } }
  expect(Hours.safeParse(both).success).toBe(true)
  expect(Hours.safeParse({ ...both, parity: 'odd' }).success).toBe(false)
  expect(isOpen({ ...both, week: weekly(all, [600, 660]) }, local('2022-04-01T10:30'))).toBe(false)
})

test('all day and every day is always open, and a garbled 24 hours says that it was mended', () => {
  expect(parseHours('周一到周日', '24小时')).toMatchObject({ status: 'understood', rules: { always: true } })
  expect(parseHours('周一到周日', '244|\\时')).toMatchObject({
    status: 'repaired',
    rules: { always: true },
    notes: [{ code: 'hours_garbled_24' }],
  })
  expect(rulesOf('周一到周五', '24小时').always).toBe(false)
})

test.each([
  ['周一到周日', '2小时', 'hours_duration'],
  ['周一到周日', Number.NaN, 'hours_missing'],
  [undefined, '24小时', 'hours_missing'],
  ['看情况', '8:00-9:00', 'hours_day_unreadable'],
  ['周五到周一', '8:00-9:00', 'hours_day_unreadable'],
  ['周一到周日', '上午', 'hours_time_unreadable'],
  ['周一到周日', '8:00-11:00-13:00', 'hours_time_unreadable'],
  ['周一到周日', '8:00', 'hours_time_unreadable'],
  ['周一到周日', '25:00-26:00', 'hours_time_unreadable'],
  ['周一到周日', '16:00-9:00', 'hours_order'],
  ['周一到周日', '22:00-2:00,1:00-3:00', 'hours_order'],
  ['周一到周日', '8:00-12:00,11:00-13:00', 'hours_order'],
  ['周一到周五下午', '8:00-16:00', 'hours_afternoon'],
])('%s %s is refused, not guessed', (day, hour, code) => {
  const parsed = parseHours(day, hour)
  expect([parsed.status, parsed.rules]).toEqual(['refused', undefined])
  expect(parsed.notes.map((each) => each.code)).toContain(code)
})

test('a night is read as going over midnight, and says so where nobody wrote it', () => {
  expect(parseHours('周一到周日', '8:00-11:00,22:00-2:00')).toMatchObject({
    status: 'understood',
    rules: { week: weekly(all, [480, 660], [1320, 1560]) },
    notes: [{ code: 'hours_over_midnight' }],
  })
  expect(parseHours('周一到周日', '6:00-次日2:00')).toMatchObject({
    rules: { week: weekly(all, [360, 1560]) },
    notes: [],
  })
  expect(rulesOf('周一到周日', '20:00-0:00').week[0]).toEqual([[1200, 1440]])
})

test('odd dates are odd dates of the month, also from the 31st to the 1st', () => {
  const rules = rulesOf('隔天（逢单）', '13:30-14:30')
  expect(rules.parity).toBe('odd')
  expect(rulesOf('每月单号', '13:00-15:00').parity).toBe('odd')
  expect(isOpen(rules, local('2022-03-31T13:45'))).toBe(true)
  expect(isOpen(rules, local('2022-04-01T13:45'))).toBe(true)
  expect(isOpen(rules, local('2022-04-02T13:45'))).toBe(false)
  expect(nextOpening(rules, local('2022-04-01T14:30'))).toEqual(local('2022-04-03T13:30'))
})

test('a site is open from the first minute and closed at the last', () => {
  const rules = rulesOf('周一到周五', '8:30-11:00,13:00-16:00')
  expect(isOpen(rules, local('2022-03-18T08:29:59'))).toBe(false)
  expect(isOpen(rules, local('2022-03-18T08:30:00'))).toBe(true)
  expect(isOpen(rules, local('2022-03-18T11:00:00'))).toBe(false)
  expect(closesAt(rules, local('2022-03-18T09:15'))).toEqual(local('2022-03-18T11:00'))
  expect(nextOpening(rules, local('2022-03-18T16:00'))).toEqual(local('2022-03-21T08:30'))
  expect(closesAt(rules, local('2022-03-19T09:00'))).toBeUndefined()
})

test('an opening across midnight closes once, and what is always open never closes', () => {
  const night = rulesOf('周一到周日', '00:00-15:0016:00-24:00')
  expect(closesAt(night, local('2022-03-18T17:00'))).toEqual(local('2022-03-19T15:00'))
  const always = rulesOf('周一到周日', '24小时')
  expect(closesAt(always, local('2022-03-18T17:00'))).toBeUndefined()
  expect(nextOpening(always, local('2022-03-18T17:00'))).toEqual(local('2022-03-18T17:00'))
})

test('an exception replaces the week on its date, also for what is always open', () => {
  const rules: OpeningRules = {
    ...rulesOf('周一到周日', '24小时'),
    exceptions: [{ date: '2022-03-20', intervals: [[600, 660]] }],
  }
  expect(isOpen(rules, local('2022-03-20T09:00'))).toBe(false)
  expect(closesAt(rules, local('2022-03-18T09:00'))).toEqual(local('2022-03-20T00:00'))
  expect(nextOpening(rules, local('2022-03-20T09:00'))).toEqual(local('2022-03-20T10:00'))
})

test('what never opens has no next opening', () => {
  expect(
    nextOpening(
      { always: false, week: [[], [], [], [], [], [], []], exceptions: [] },
      local('2022-03-18T09:00'),
    ),
  ).toBeUndefined()
})

/** Quarters of an hour in order; the last may go over midnight. */
const intervals = fc
  .uniqueArray(fc.integer({ min: 0, max: 96 }), { maxLength: 6 })
  .map((marks) => marks.sort((a, b) => a - b))
  .map((marks) =>
    Array.from({ length: Math.floor(marks.length / 2) }, (_, i): Interval => [
      marks[2 * i]! * 15,
      marks[2 * i + 1]! * 15,
    ]),
  )
const withNights = fc
  .tuple(intervals, fc.integer({ min: 0, max: 40 }))
  .map(([list, longer]) =>
    list.map(([from, to], i): Interval =>
      i === list.length - 1 ? [from, Math.min(to + longer * 15, from + 1440)] : [from, to],
    ),
  )
const dates = fc.constantFrom('2022-02-27', '2022-02-28', '2022-03-01', '2022-03-31', '2022-04-01')
const anyRules: fc.Arbitrary<OpeningRules> = fc
  .record(
    {
      always: fc.constant(false),
      week: fc.array(withNights, { minLength: 7, maxLength: 7 }),
      parity: fc.constantFrom('odd' as const, 'even' as const),
      every: fc.record({ days: fc.integer({ min: 2, max: 4 }), from: dates }),
      holidays: withNights,
      makeUp: fc.oneof(withNights, fc.constant('week' as const)),
      exceptions: fc.uniqueArray(fc.record({ date: dates, intervals: withNights }), {
        maxLength: 2,
        selector: (e) => e.date,
      }),
    },
    { requiredKeys: ['always', 'week', 'exceptions'] },
  )
  .map(({ every, ...rules }) => (every && !rules.parity ? { ...rules, every } : rules))
const CALENDAR: HolidayCalendar = {
  isHoliday: (date) => date === '2022-03-01' || date === '2022-04-01',
  isMakeUp: (date) => date === '2022-02-26' || date === '2022-03-05',
}
const FIRST = '2022-02-20'
const QUARTERS = 50 * 96
const anyTime = fc
  .integer({ min: 2 * 1440, max: 45 * 1440 })
  .map((minute) => new Date(local(`${FIRST}T00:00`).getTime() + minute * 60_000))

/** Every quarter of an hour of fifty days that is open, painted day by day. */
function paint(rules: OpeningRules): { open: Uint8Array; unknown: boolean } {
  const open = new Uint8Array(QUARTERS)
  let unknown = false
  for (let n = -1; n < 50; n++) {
    const day = new Date(Date.parse(`${FIRST}T00:00Z`) + n * 86_400_000)
    const date = day.toISOString().slice(0, 10)
    const weekday = (day.getUTCDay() + 6) % 7
    const since = rules.every ? (day.getTime() - Date.parse(rules.every.from)) / 86_400_000 : 0
    const turn =
      (!rules.parity || (day.getUTCDate() % 2 === 0) === (rules.parity === 'even')) &&
      (!rules.every || (since >= 0 && since % rules.every.days === 0))
    let times = turn ? rules.week[weekday]! : []
    if (CALENDAR.isMakeUp(date) && rules.makeUp !== 'week') {
      if (rules.makeUp) times = rules.makeUp as Interval[]
      else if (turn) unknown ||= new Set(rules.week.slice(0, 5).map((d) => JSON.stringify(d))).size > 1
      if (turn && !rules.makeUp) times = rules.week[0]!
    }
    if (CALENDAR.isHoliday(date) && rules.holidays) times = rules.holidays as Interval[]
    times = rules.exceptions.find((e) => e.date === date)?.intervals ?? times
    for (const [from, to] of times)
      for (let q = from / 15; q < to / 15; q++) if (n * 96 + q >= 0) open[n * 96 + q] = 1
  }
  return { open, unknown }
}

test('open, next opening, closing and minutes open are what painting every day onto a calendar says', () => {
  fc.assert(
    fc.property(anyRules, anyTime, (rules, at) => {
      const on = { calendar: CALENDAR }
      const { open, unknown } = paint(rules)
      fc.pre(!unknown)
      expect(Hours.safeParse(rules).success).toBe(true)
      const start = local(`${FIRST}T00:00`).getTime()
      const now = (at.getTime() - start) / 60_000
      const quarter = Math.floor(now / 15)
      const instant = (q: number) => new Date(start + q * 15 * 60_000)
      expect(isOpen(rules, at, on)).toBe(open[quarter] === 1)
      const opens =
        open[quarter] === 1
          ? at
          : open.indexOf(1, quarter) < 0
            ? undefined
            : instant(open.indexOf(1, quarter))
      if (opens) expect(nextOpening(rules, at, on)).toEqual(opens)
      const shuts = open.indexOf(0, quarter)
      if (open[quarter] === 1 && shuts > 0) expect(closesAt(rules, at, on)).toEqual(instant(shuts))
      if (open[quarter] === 0) expect(closesAt(rules, at, on)).toBeUndefined()
      let minutes = 0
      for (let m = now - 60; m < now; m++) minutes += open[Math.floor(m / 15)]!
      expect(openMinutes(rules, at, 60, on)).toBeCloseTo(minutes, 6)
    }),
    { numRuns: 300 },
  )
})

test('the next opening is open and nothing before it is; the closing is closed and everything before it is open', () => {
  const steps = (from: Date, until: Date) => {
    const times: Date[] = []
    for (let t = from.getTime(); t < until.getTime() && times.length < 2000; t += 15 * 60_000)
      times.push(new Date(t))
    return times
  }
  fc.assert(
    fc.property(anyRules, anyTime, (rules, at) => {
      const opens = nextOpening(rules, at)
      if (opens) {
        expect(isOpen(rules, opens)).toBe(true)
        expect(steps(at, opens).some((time) => isOpen(rules, time))).toBe(false)
      } else
        expect(steps(at, new Date(at.getTime() + 20 * 86_400_000)).some((time) => isOpen(rules, time))).toBe(
          false,
        )
      const closes = closesAt(rules, at)
      expect(closes === undefined).toBe(!isOpen(rules, at))
      if (closes) {
        expect(isOpen(rules, closes)).toBe(false)
        expect(steps(at, closes).every((time) => isOpen(rules, time))).toBe(true)
      }
    }),
    { numRuns: 60 },
  )
})

test('hours written in the usual way are read back exactly', () => {
  const clock = (minutes: number): string =>
    `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, '0')}`
  fc.assert(
    fc.property(
      intervals.filter((list) => list.length > 0),
      fc.constantFrom(',', '；', '，', '、', ';'),
      fc.constantFrom('-', '—', '－', '至', '到'),
      (list, comma, dash) => {
        const hour = list.map(([from, to]) => `${clock(from)}${dash}${clock(to)}`).join(comma)
        expect(parseHours('周一到周日', hour)).toMatchObject({
          status: 'understood',
          rules: { week: weekly(all, ...list) },
        })
      },
    ),
  )
})
