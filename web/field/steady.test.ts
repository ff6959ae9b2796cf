import fc from 'fast-check'
import { expect, test } from 'vitest'
import { carry, resume, type Mark } from './steady.ts'

const HOUR = 3_600_000
const start: Mark = { city: 1_000 * HOUR, wall: 5_000 * HOUR, perf: 0, speed: 1, isSure: true }

test('a clock that is set while the page is seen changes nothing; only one set ahead leaves a doubt', () => {
  const back = carry(start, start.wall - 24 * HOUR, 5_000, false)
  expect(back).toMatchObject({ city: start.city + 5_000, isSure: true })
  const ahead = carry(start, start.wall + 24 * HOUR, 5_000, false)
  expect(ahead).toMatchObject({ city: start.city + 5_000, isSure: false })
})

test('a device that slept is caught up by its wall clock, and one set back in its sleep is doubted', () => {
  expect(carry(start, start.wall + HOUR, 5_000, true)).toMatchObject({
    city: start.city + HOUR,
    isSure: true,
  })
  expect(carry(start, start.wall - 24 * HOUR, 5_000, true)).toMatchObject({
    city: start.city + 5_000,
    isSure: false,
  })
})

test('a page that is opened again goes on from what was written last, and doubts a clock that was set back', () => {
  const kept = { city: start.city, wall: start.wall, speed: 1, isSure: true }
  expect(resume(kept, start.city, start.wall + HOUR, 7)).toMatchObject({
    city: start.city + HOUR,
    isSure: true,
  })
  const lastTube = start.city + HOUR
  expect(resume(kept, lastTube, start.wall - 23 * HOUR, 7)).toMatchObject({ city: lastTube, isSure: false })
  expect(resume(kept, lastTube, start.wall + HOUR / 2, 7)).toMatchObject({ city: lastTube, isSure: false })
  expect(resume(undefined, lastTube, 0, 7)).toMatchObject({ city: lastTube, isSure: false })
})

test('whatever is done to the clock of the device, city time never goes back', () => {
  const step = fc.record({
    wall: fc.integer({ min: -48 * HOUR, max: 48 * HOUR }),
    perf: fc.nat(HOUR),
    wasHidden: fc.boolean(),
    isReload: fc.boolean(),
  })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      let mark = start
      for (const s of steps) {
        const wall = mark.wall + s.wall
        const next = s.isReload
          ? resume(mark, mark.city, wall, 0)
          : carry(mark, wall, mark.perf + s.perf, s.wasHidden)
        expect(next.city).toBeGreaterThanOrEqual(mark.city)
        mark = next
      }
    }),
  )
})
