import fc from 'fast-check'
import { expect, test } from 'vitest'
import { officialOutlines, officialPlaces } from './fixture.ts'
import {
  decodeOutlines,
  districtAt,
  gcj02ToWgs84,
  makePointIndex,
  metresBetween,
  nearest,
  wgs84ToGcj02,
} from './geo.ts'

const lng = fc.double({ min: 120.9, max: 122, noNaN: true })
const lat = fc.double({ min: 30.7, max: 31.8, noNaN: true })

test('a position goes to GCJ-02 and back within half a metre, and the shift is the few hundred metres it should be', () => {
  fc.assert(
    fc.property(lng, lat, (x, y) => {
      const shifted = wgs84ToGcj02([x, y])
      const shift = metresBetween([x, y], shifted)
      expect(shift).toBeGreaterThan(100)
      expect(shift).toBeLessThan(1000)
      expect(metresBetween([x, y], gcj02ToWgs84(shifted))).toBeLessThan(0.5)
    }),
  )
})

test('the nearest places are the nearest, with metres', () => {
  const index = makePointIndex(officialPlaces)
  expect(index.items).toHaveLength(215)
  fc.assert(
    fc.property(lng, lat, fc.integer({ min: 1, max: 5 }), (x, y, n) => {
      const found = nearest(index, x, y, n).map(({ metres }) => Math.round(metres))
      const all = index.items
        .map((item) => Math.round(metresBetween([x, y], [item.lng, item.lat])))
        .sort((a, b) => a - b)
      expect(found).toEqual(all.slice(0, n))
    }),
  )
  expect(nearest(makePointIndex([]), 121, 31, 3)).toEqual([])
})

test('a town stands in the district of its code', () => {
  expect(officialOutlines.features.map(({ properties }) => properties.code)).toHaveLength(16)
  const points = officialPlaces.filter((place) => place.lng !== undefined)
  const wrong = points.filter(
    (place) => districtAt(officialOutlines, place.lng!, place.lat!) !== place.code.slice(0, 6),
  )
  expect(wrong.map((place) => place.name)).toEqual([])
  expect(districtAt(officialOutlines, 116.4, 39.9)).toBeUndefined()
})

test('outlines that are not TopoJSON are refused', () => {
  expect(() => decodeOutlines({})).toThrow(TypeError)
  expect(() => decodeOutlines({ type: 'FeatureCollection', features: [] })).toThrow(TypeError)
})
