import fc from 'fast-check'
import { expect, test } from 'vitest'
import { dayOf, startOfDay } from '#kernel/clock.ts'
import { dueAt, isWorkingDay, nextWorkingDay, previousWorkingDay, warnAt } from './calendar.ts'
import { readPolicy } from './files.ts'

const { calendar } = readPolicy('shanghai-2022-06-07').pack

test('Labour Day 2022 is free, and the Sunday worked for it is not', () => {
  expect(isWorkingDay(calendar, '2022-05-02')).toBe(false)
  expect(isWorkingDay(calendar, '2022-04-24')).toBe(true)
  expect(isWorkingDay(calendar, '2022-05-07')).toBe(true)
  expect(isWorkingDay(calendar, '2022-05-08')).toBe(false)
})

test('five working days over the Dragon Boat holiday end a week and a day later', () => {
  // Thursday 2 June; 3 to 5 June are free, so Monday to Friday count.
  const due = dueAt(calendar, new Date('2022-06-02T15:00:00+08:00'), { workingDays: 5 })
  expect(due).toEqual(startOfDay('2022-06-11'))
  expect(warnAt(calendar, due)).toEqual(startOfDay('2022-06-09'))
})

test('the last working day before a holiday is the day of the warning after it', () => {
  const due = dueAt(calendar, new Date('2022-06-02T15:00:00+08:00'), { workingDays: 1 })
  expect(dayOf(new Date(due.getTime() - 1))).toBe('2022-06-06')
  expect(warnAt(calendar, due)).toEqual(startOfDay('2022-06-02'))
})

test('minutes are minutes, in the night and on a holiday', () => {
  const start = new Date('2022-05-01T03:00:00+08:00')
  expect(dueAt(calendar, start, { minutes: 120 })).toEqual(new Date('2022-05-01T05:00:00+08:00'))
})

const days = fc
  .date({ min: new Date('2022-01-01'), max: new Date('2023-06-30'), noInvalidDate: true })
  .map((d) => dayOf(d))

test('a step forth and back over any day comes to a working day, and there and back again', () => {
  fc.assert(
    fc.property(days, (day) => {
      const next = nextWorkingDay(calendar, day)
      expect(isWorkingDay(calendar, next)).toBe(true)
      expect(next > day).toBe(true)
      expect(nextWorkingDay(calendar, previousWorkingDay(calendar, next))).toBe(next)
    }),
  )
})

test('a longer promise is never due earlier', () => {
  fc.assert(
    fc.property(days, fc.integer({ min: 1, max: 30 }), (day, n) => {
      const start = startOfDay(day)
      const [a, b] = [n, n + 1].map((workingDays) => dueAt(calendar, start, { workingDays }).getTime())
      expect(b!).toBeGreaterThan(a!)
    }),
  )
})
