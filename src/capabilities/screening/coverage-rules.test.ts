import fc from 'fast-check'
import { expect, test } from 'vitest'
import { afterAt, datesProblem, lookBack, targetSaid } from './coverage-rules.ts'

const at = (time: string) => new Date(`2022-06-08T${time}+08:00`)

test('the pace is that of half an hour in steps of five minutes, and begins with the day', () => {
  expect(lookBack(at('10:03:20'))).toEqual(at('09:30:00'))
  expect(lookBack(at('00:12:00'))).toEqual(at('00:00:00'))
})

test('what is left goes on at the pace of those who came; nobody came, nothing is promised', () => {
  const given = { now: at('10:00:00'), since: at('09:30:00') }
  expect(afterAt({ ...given, left: 120, lately: 60 })).toEqual(at('11:00:00'))
  expect(afterAt({ ...given, left: 10, lately: 0 })).toBeNull()
  expect(afterAt({ ...given, left: 0, lately: 60 })).toBeNull()
  // Ten seconds after midnight one tube promises nothing wild.
  expect(afterAt({ now: at('00:00:10'), since: at('00:00:00'), left: 100, lately: 1 })).toEqual(
    new Date(at('00:00:10').getTime() + 100 * 5 * 60_000),
  )
})

test('a round says when its target will be reached, or that it will be missed', () => {
  const given = {
    owing: 1000,
    done: 500,
    lately: 100,
    since: at('09:30:00'),
    now: at('10:00:00'),
    day: '2022-06-08',
    target: { percent: 95, hour: 18 },
  }
  // 450 to go at 200 an hour: a quarter past twelve; all 500 by half past.
  expect(targetSaid(given)).toEqual({
    percent: 50,
    targetAt: at('18:00:00'),
    targetBy: at('12:15:00'),
    doneBy: at('12:30:00'),
    state: 'on_course',
  })
  const state = (more: object) => targetSaid({ ...given, ...more }).state
  expect(state({ target: { percent: 95, hour: 12 } })).toBe('will_miss')
  expect(state({ lately: 0 })).toBe('unknown')
  expect(state({ done: 949 })).toBe('on_course')
  expect(state({ done: 950 })).toBe('reached')
  expect(state({ owing: 0, done: 0 })).toBe('nothing')
  expect(state({ now: at('18:00:00'), since: at('17:30:00') })).toBe('missed')
  expect(state({ target: { percent: 95, hour: 24 }, now: at('23:59:59') })).not.toBe('missed')
  expect(state({ day: '2022-06-09' })).toBe('open')
  expect(state({ day: '2022-06-07' })).toBe('missed')
  expect(state({ day: '2022-06-07', done: 960 })).toBe('reached')
  // 9,999 of 10,000 is not all of them.
  expect(targetSaid({ ...given, owing: 10_000, done: 9_999 }).percent).toBe(99.9)
})

test('whatever dates are let through, nobody is missing a test of a day before, and each round ends', () => {
  const day = fc
    .integer({ min: -40, max: 60 })
    .map((n) => new Date(Date.parse('2022-06-08') + n * 86_400_000).toISOString().slice(0, 10))
  fc.assert(
    fc.property(
      day,
      day,
      fc.nat(20),
      fc.integer({ min: 1, max: 30 }),
      (startsOn, endsOn, aheadDays, mostDays) => {
        const today = '2022-06-08'
        if (datesProblem({ startsOn, endsOn, today, aheadDays, mostDays })) return
        const days = (Date.parse(endsOn) - Date.parse(startsOn)) / 86_400_000 + 1
        expect(startsOn >= today).toBe(true)
        expect(days >= 1 && days <= mostDays).toBe(true)
      },
    ),
  )
})
