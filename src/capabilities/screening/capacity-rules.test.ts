import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  forecastOf,
  hoursOfDay,
  hoursUntilAnswered,
  quantile,
  riskOf,
  spareOf,
  worksAt,
} from './capacity-rules.ts'

const NOW = new Date('2022-06-08T04:00:00Z')
const PROMISE = { pooledHours: 24, singleHours: 6, warnHours: 3 }
const ago = (hours: number) => new Date(NOW.getTime() - hours * 3_600_000)
const tubes = fc.integer({ min: 0, max: 1_000_000 })
const pace = fc.double({ min: 1, max: 100_000, noNaN: true })

test('the slowest stage decides when the tubes are answered', () => {
  // 600 to be collected at 600/h, 300 on the way at 900/h, 100 at a laboratory that does 100/h: 1,000 tubes through it.
  expect(hoursUntilAnswered(600, 0, [600, 300, 100], [600, 900, 100])).toBe(10)
  expect(hoursUntilAnswered(600, 0, [600, 0, 0], [100, 900, 900])).toBe(6)
  expect(hoursUntilAnswered(100, 2, [600, 300, 100], [0, 0, 100])).toBe(1)
})

test('where a stage that has work does not move, nobody says when', () => {
  expect(hoursUntilAnswered(10, 0, [10, 0, 0], [5, 5, 0])).toBeNull()
  expect(hoursUntilAnswered(0, 0, [0, 0, 0], [0, 0, 0])).toBe(0)
  const stands = { mean: [10, 10, 10], low: [10, 10, 0], high: [20, 20, 20] }
  expect(forecastOf(2, [0, 0, 10], stands, NOW)).toEqual({
    at: ago(-1),
    from: ago(-0.5),
    to: null,
  })
})

test('more work or a slower pace never brings an answer nearer, and an earlier stage is never answered sooner', () => {
  fc.assert(
    fc.property(
      fc.tuple(tubes, tubes, tubes),
      fc.tuple(pace, pace, pace),
      tubes,
      pace,
      (waiting, paces, more, slower) => {
        const hours = hoursUntilAnswered(waiting[0], 0, waiting, paces)!
        expect(hoursUntilAnswered(waiting[0] + more, 0, waiting, paces)!).toBeGreaterThanOrEqual(hours)
        const slow = paces.map((p) => Math.min(p, slower))
        expect(hoursUntilAnswered(waiting[0], 0, waiting, slow)!).toBeGreaterThanOrEqual(hours)
        expect(hoursUntilAnswered(waiting[1], 1, waiting, paces)!).toBeLessThanOrEqual(hours)
        expect(hours).toBeGreaterThanOrEqual((waiting[0] + waiting[1] + waiting[2]) / paces[2] - 1e-9)
      },
    ),
  )
})

const group = (hours: number, n: number, single = false, stage = 2) => ({
  stage,
  single,
  sealed_at: ago(hours),
  n,
})

test('a promise is threatened before it breaks: two hours left, three hours of work', () => {
  const risk = riskOf([group(22, 100), group(22, 200)], [0, 0, 300], [0, 0, 100], PROMISE, NOW)
  // The first hundred are answered within an hour; of the rest the last comes too late.
  expect(risk).toEqual({ tubes: 200, late: 0, since: ago(22), dueAt: ago(-2) })
  expect(riskOf([group(22, 100)], [0, 0, 100], [0, 0, 100], PROMISE, NOW)).toBeUndefined()
})

test('what stands still is threatened when the warning begins, not before', () => {
  expect(riskOf([group(20.9, 5)], [0, 0, 5], [0, 0, 0], PROMISE, NOW)).toBeUndefined()
  expect(riskOf([group(21.1, 5)], [0, 0, 5], [0, 0, 0], PROMISE, NOW)?.tubes).toBe(5)
  // A single tube is promised sooner than a pool that was sealed with it.
  expect(riskOf([group(4, 5), group(4, 1, true)], [0, 0, 6], [0, 0, 0], PROMISE, NOW)?.tubes).toBe(1)
})

test('a deadline that is far away raises nothing, however much lies there; what is past is late', () => {
  expect(riskOf([group(1, 10_000)], [0, 0, 10_000], [0, 0, 10], PROMISE, NOW)).toBeUndefined()
  const late = riskOf([group(25, 7), group(1, 3)], [0, 0, 10], [0, 0, 100], PROMISE, NOW)
  expect(late).toMatchObject({ tubes: 7, late: 7 })
})

test('never are more tubes at risk than wait, and a faster laboratory has fewer', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.double({ min: 0, max: 30, noNaN: true }), fc.integer({ min: 1, max: 500 }))),
      pace,
      (given, p) => {
        const groups = given.map(([hours, n]) => group(hours, n))
        const all = groups.reduce((sum, g) => sum + g.n, 0)
        const at = (x: number) => riskOf(groups, [0, 0, all], [0, 0, x], PROMISE, NOW)?.tubes ?? 0
        expect(at(p)).toBeLessThanOrEqual(all)
        expect(at(2 * p)).toBeLessThanOrEqual(at(p))
      },
    ),
  )
})

test('a laboratory works by day, over midnight, or around the clock', () => {
  expect([479, 480, 1199, 1200].map((m) => worksAt(480, 1200, m))).toEqual([false, true, true, false])
  expect([1319, 1320, 0, 359, 360].map((m) => worksAt(1320, 360, m))).toEqual([
    false,
    true,
    true,
    true,
    false,
  ])
  expect(worksAt(0, 0, 777)).toBe(true)
  expect([hoursOfDay(480, 1200), hoursOfDay(1320, 360), hoursOfDay(0, 0)]).toEqual([12, 8, 24])
})

test('a laboratory can spare what is left beside what comes in and what it has promised', () => {
  const lab = { tubesPerHour: 500, works: true, comesIn: 100, waiting: 0, promise: PROMISE }
  expect(spareOf(lab)).toBe(400)
  expect(spareOf({ ...lab, waiting: 24 * 450 })).toBe(50)
  expect(spareOf({ ...lab, waiting: 24 * 600 })).toBe(0)
  expect(spareOf({ ...lab, works: false })).toBe(0)
})

test('the median and the slow end of a turnaround are of tubes, not of boxes', () => {
  const counted = [
    { minutes: 120, n: 90 },
    { minutes: 300, n: 6 },
    { minutes: 900, n: 4 },
  ]
  expect([quantile(counted, 0.5), quantile(counted, 0.95), quantile(counted, 0.99)]).toEqual([120, 300, 900])
  expect(quantile([], 0.5)).toBeNull()
})
