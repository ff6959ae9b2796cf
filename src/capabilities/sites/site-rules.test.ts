import fc from 'fast-check'
import { expect, test } from 'vitest'
import { describeHours, readTimes, writeTimes, type OpeningRules } from './hours.contract.ts'
import { desksFor, erlangWait, judgeQueue } from './queue-rules.ts'
import { buildingIn, planSlots } from './slots-rules.ts'

test('plans of buildings follow each other without gap or overlap, whatever their size', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 3_000 }), { minLength: 1, maxLength: 40 }),
      fc.integer({ min: 10, max: 5_000 }),
      fc.integer({ min: 0, max: 10_000_000 }),
      (people, perHour, minute) => {
        const { slots, endsAt } = planSlots(
          new Date(minute * 60_000),
          perHour,
          people.map((n) => ({ building: null, people: n })),
        )
        slots.forEach((s, i) => {
          const lasts = s.to.getTime() - s.from.getTime()
          expect(lasts % 300_000).toBe(0)
          expect(lasts / 3_600_000).toBeGreaterThanOrEqual(s.people / perHour - 1e-9)
          expect(lasts / 3_600_000).toBeLessThan(s.people / perHour + 5 / 60 + 1e-9)
          if (i > 0) expect(s.from).toEqual(slots[i - 1]!.to)
        })
        expect(endsAt).toEqual(slots.at(-1)!.to)
      },
    ),
  )
})

const TERMS = { perDeskHour: 120, paceMinutes: 15, countedMinutes: 30, busyMinutes: 10, crowdedMinutes: 30 }

test('one desk waits as the formula for a single line says, and more desks wait less', () => {
  // M/M/1: a / (s (s - a)).
  fc.assert(
    fc.property(fc.double({ min: 0.01, max: 1.9, noNaN: true }), (a) => {
      expect(erlangWait(a, 2, 1)).toBeCloseTo(a / (2 * (2 - a)), 6)
      expect(erlangWait(a, 2, 2)).toBeLessThan(erlangWait(a, 2, 1))
    }),
  )
  expect(erlangWait(4, 2, 2)).toBe(Infinity)
  // Two hundred desks do not overflow.
  expect(erlangWait(390, 2, 200)).toBeLessThan(1)
})

test('a longer line never waits less, and desks at their limit say that it may be longer', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 0, max: 600 }),
      fc.integer({ min: 0, max: 3_000 }),
      fc.integer({ min: 0, max: 500 }),
      (desks, sampled, people, more) => {
        const wait = (n: number) =>
          judgeQueue({ desks, sampled, counted: { people: n, minutesAgo: 1 } }, TERMS)!
        expect(wait(people + more).waitMinutes).toBeGreaterThanOrEqual(wait(people).waitMinutes)
        expect(wait(people).errorMinutes).toBeGreaterThan(0)
        const pace = judgeQueue({ desks, sampled }, TERMS)!
        expect(Number.isFinite(pace.waitMinutes + pace.errorMinutes)).toBe(true)
        expect(pace.atLeast).toBe(sampled / 15 >= desks * 2 * 0.95)
      },
    ),
  )
  expect(judgeQueue({ desks: 0, sampled: 9 }, TERMS)).toBeNull()
  // A count that is too old is not believed.
  expect(judgeQueue({ desks: 1, sampled: 3, counted: { people: 500, minutesAgo: 31 } }, TERMS)!.basis).toBe(
    'pace',
  )
})

test('just after opening the pace is of the minutes open, and being of few minutes it is less sure', () => {
  // Four desks, open for three minutes, 24 sampled, 40 in line: eight a minute, so five minutes.
  const seen = { desks: 4, sampled: 24, counted: { people: 40, minutesAgo: 0 } }
  const said = judgeQueue({ ...seen, openMinutes: 3 }, TERMS)!
  expect(said).toMatchObject({ perMinute: 8, waitMinutes: 5, busy: 'idle' })
  const long = judgeQueue({ ...seen, sampled: 120, openMinutes: 15 }, TERMS)!
  expect(long.waitMinutes).toBe(5)
  expect(said.errorMinutes).toBeGreaterThan(long.errorMinutes)
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 20 }),
      fc.integer({ min: 0, max: 400 }),
      fc.double({ min: 0, max: 40, noNaN: true }),
      (desks, sampled, openMinutes) => {
        for (const counted of [undefined, { people: 30, minutesAgo: 0 }]) {
          const whole = judgeQueue({ desks, sampled, counted }, TERMS)!
          const part = judgeQueue({ desks, sampled, counted, openMinutes }, TERMS)!
          expect(part.perMinute).toBeGreaterThanOrEqual(whole.perMinute)
          expect(Number.isFinite(part.waitMinutes + part.errorMinutes)).toBe(true)
          if (counted && sampled >= 20) expect(part.waitMinutes).toBeLessThanOrEqual(whole.waitMinutes)
        }
      },
    ),
  )
})

test('times as people type them are read, and written times are read back the same', () => {
  expect(readTimes('8:30-11:30，13:00—16:00')).toEqual([
    [510, 690],
    [780, 960],
  ])
  expect(readTimes('')).toEqual([])
  for (const bad of [
    '8-11',
    '11:30-8:30',
    '8:00-12:00,11:00-13:00',
    '25:00-26:00',
    '8:70-9:00',
    '22:00-2:00,6:00-7:00',
    '8:00-次日9:00',
    'abc',
  ])
    expect(readTimes(bad), bad).toBeUndefined()
  expect(readTimes('22:00-02:00')).toEqual([[1320, 1560]])
  expect(readTimes('8:00-11:00, 18:00-次日6:30')).toEqual([
    [480, 660],
    [1080, 1830],
  ])
  expect(writeTimes([[1320, 1560]])).toBe('22:00-次日02:00')
  expect(writeTimes([[1320, 1560]], 'en')).toBe('22:00-next day 02:00')
  const times = fc
    .uniqueArray(fc.integer({ min: 0, max: 1440 }), { minLength: 2, maxLength: 12 })
    .map((list) => list.toSorted((a, b) => a - b))
    .map((list) =>
      list.flatMap((from, i) =>
        i % 2 === 0 && list[i + 1] !== undefined ? [[from, list[i + 1]!] as const] : [],
      ),
    )
  fc.assert(
    fc.property(
      times,
      fc.nat(1440),
      fc.constantFrom('zh' as const, 'en' as const),
      (list, longer, language) => {
        const last = list.at(-1)
        const night = last
          ? list.with(list.length - 1, [last[0], Math.min(last[1] + longer, last[0] + 1440)] as const)
          : list
        expect(readTimes(writeTimes(night, language))).toEqual(night)
      },
    ),
  )
})

test('days with the same hours are said together', () => {
  const rules: OpeningRules = {
    always: false,
    week: [...Array.from({ length: 5 }, () => [[480, 720] as const]), [], []],
    holidays: [],
    exceptions: [],
  }
  expect(describeHours(rules, 'zh')).toBe('周一至周五 08:00-12:00；周六至周日 不开；法定节假日 不开')
  expect(describeHours(rules, 'en')).toBe('Mon–Fri 08:00-12:00; Sat–Sun closed; public holidays closed')
  const night = Array.from({ length: 7 }, () => [[1320, 1560] as const])
  const turns: OpeningRules = {
    ...rules,
    week: night,
    every: { days: 3, from: '2022-05-01' },
    holidays: 'ask',
    makeUp: 'week',
  }
  expect(describeHours(turns, 'zh')).toBe(
    '每天 22:00-次日02:00；自 2022-05-01 起每 3 天开一天；法定节假日另行通知；调休上班日按星期',
  )
  expect(describeHours(turns, 'en')).toBe(
    'every day 22:00-next day 02:00; one day in 3 from 2022-05-01; public holidays announced separately; worked weekend days as their day of the week',
  )
})

test.each([
  ['模拟12号楼101室', '12'],
  ['３栋２０２', '3'],
  ['7a幢', '7A'],
  ['花木路', undefined],
  ['浦东南路100号3号楼202室', '3'],
  ['樱花路801弄5号101室', '5'],
  ['花木路100号12栋', '12'],
])('the building in %s', (text, building) => expect(buildingIn(text)).toBe(building))

test('as few desks as bring the wait to what is not busy, and never more', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 30 }),
      fc.option(fc.integer({ min: 0, max: 2_000 }), { nil: null }),
      fc.double({ min: 0.1, max: 60, noNaN: true }),
      (desks, counted, perMinute) => {
        const better = desksFor({ desks, counted, perMinute }, TERMS)
        const wait = (n: number) => (counted === null ? erlangWait(perMinute, 2, n) : counted / (n * 2))
        expect(better.desks).toBeGreaterThan(desks)
        expect(better.waitMinutes).toBeLessThanOrEqual(TERMS.busyMinutes)
        if (better.desks > desks + 1) expect(wait(better.desks - 1)).toBeGreaterThan(TERMS.busyMinutes)
      },
    ),
  )
})
