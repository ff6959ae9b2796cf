import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Interval, OpeningRules } from './hours.contract.ts'
import { parseHours } from './hours.ts'
import { closesAt, isOpen, nextOpening } from './opening.ts'

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
  ['周一到周日', '8:00-12:00,11:00-13:00', 'hours_order'],
  ['周一到周五下午', '8:00-16:00', 'hours_afternoon'],
])('%s %s is refused, not guessed', (day, hour, code) => {
  const parsed = parseHours(day, hour)
  expect([parsed.status, parsed.rules]).toEqual(['refused', undefined])
  expect(parsed.notes.map((each) => each.code)).toContain(code)
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

const intervals = fc
  .uniqueArray(fc.integer({ min: 0, max: 96 }), { maxLength: 6 })
  .map((marks) => marks.sort((a, b) => a - b))
  .map((marks) =>
    Array.from({ length: Math.floor(marks.length / 2) }, (_, i): Interval => [
      marks[2 * i]! * 15,
      marks[2 * i + 1]! * 15,
    ]),
  )
const anyRules = fc.record(
  {
    always: fc.constant(false),
    week: fc.array(intervals, { minLength: 7, maxLength: 7 }),
    parity: fc.constantFrom('odd' as const, 'even' as const),
    exceptions: fc.array(
      fc.record({ date: fc.constantFrom('2022-03-05', '2022-03-06', '2022-03-07'), intervals }),
      { maxLength: 2 },
    ),
  },
  { requiredKeys: ['always', 'week', 'exceptions'] },
)
const anyTime = fc
  .integer({ min: 0, max: 14 * 1440 })
  .map((minute) => new Date(Date.parse('2022-03-01T00:00+08:00') + minute * 60_000))

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
