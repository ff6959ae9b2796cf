import { expect, test } from 'vitest'
import { readPolicy, type Policy } from '#capabilities/policy/index.ts'
import type { ScreeningFigures } from '#capabilities/screening/index.ts'
import { backlogLevel, coverageLevel, positiveLevel, recallLevel, screeningSaid } from './screening-part.ts'

const policy: Policy = readPolicy('shanghai-2022-06-07')
const NOW = new Date('2022-06-08T11:00:00Z')
const inHours = (h: number) => new Date(NOW.getTime() + h * 3_600_000)
const CALM: ScreeningFigures = {
  tested: 0,
  owing: 0,
  missing: 0,
  testedAt: NOW,
  waiting: 0,
  late: 0,
  oldestAt: null,
  dueAt: null,
  waitingAt: NOW,
  promise: { pooledHours: 24, singleHours: 6, warnHours: 3 },
  positives: 0,
  selfTests: 0,
  confirmed: 0,
  recalls: { open: 0, late: 0, nearest: [] },
  below: [],
  lastSealedAt: null,
  lastResultAt: null,
}
const recalls = (hours: number, late = 0) => ({
  ...CALM,
  recalls: { open: 1, late, nearest: [{ id: 'x', placeCode: '310115016001', dueAt: inHours(hours) }] },
})

test('coverage is judged in the evening, not while the queue still stands', () => {
  const at = (share: number | null, hour: number) => coverageLevel(policy, share, hour)
  expect([at(null, 20), at(0.3, 9), at(0.96, 9)]).toEqual(['none', 'none', 'green'])
  expect([at(0.79, 18), at(0.9, 18), at(0.95, 18)]).toEqual(['red', 'amber', 'green'])
})

test('what waits is amber when a promise is about to break and red when one has broken', () => {
  expect(backlogLevel(CALM, NOW)).toBe('green')
  expect(backlogLevel({ ...CALM, waiting: 9, dueAt: inHours(5) }, NOW)).toBe('green')
  expect(backlogLevel({ ...CALM, waiting: 9, dueAt: inHours(2) }, NOW)).toBe('amber')
  expect(backlogLevel({ ...CALM, waiting: 9, dueAt: inHours(-1), late: 1 }, NOW)).toBe('red')
})

test('a recall about to be late is amber, a late one red; ten positive tubes are red', () => {
  expect(recallLevel(policy, recalls(2), NOW)).toBe('green')
  expect(recallLevel(policy, recalls(0.5), NOW)).toBe('amber')
  expect(recallLevel(policy, recalls(-0.5, 1), NOW)).toBe('red')
  expect([0, 1, 10].map((n) => positiveLevel(policy, n))).toEqual(['green', 'amber', 'red'])
})

test('a place where nobody owes a test has no coverage, and one that lacks a person is never said to be whole', () => {
  const of = (s: ScreeningFigures) => screeningSaid(policy, s, NOW).find((f) => f.id === 'coverage')!
  expect(of(CALM)).toMatchObject({ value: null, level: 'none' })
  expect(of({ ...CALM, owing: 1_000_000, missing: 1 })).toMatchObject({ value: 99.9, level: 'green' })
  expect(of({ ...CALM, owing: 3, missing: 0 }).value).toBe(100)
})

test('self-tests to be checked are said beside the positive tubes and colour nothing: the single tube decides', () => {
  const of = (selfTests: number) =>
    screeningSaid(policy, { ...CALM, selfTests }, NOW).find((f) => f.id === 'positives')!
  expect(of(0).note).toBeUndefined()
  expect(of(3)).toMatchObject({ value: 0, level: 'green', note: { zh: '自测待复核 3 人' } })
})
