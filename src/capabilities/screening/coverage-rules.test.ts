import fc from 'fast-check'
import { expect, test } from 'vitest'
import { afterAt, datesProblem, lookBack } from './coverage-rules.ts'

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
