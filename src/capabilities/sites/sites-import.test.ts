import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { valuesOf } from '#kernel/import-report.ts'
import { decodeOutlines, makeGazetteer, placesFromDivisions } from '#capabilities/places/index.ts'
import { parseSites } from './sites-import.ts'

const root = new URL('../../../', import.meta.url)
const read = (path: string) => readFileSync(new URL(path, root), 'utf8')
const gazetteer = makeGazetteer(placesFromDivisions(JSON.parse(read('data/shanghai/divisions.json'))))
const outlines = decodeOutlines(JSON.parse(read('data/shanghai/districts.wgs84.topo.json')))
const published = new URL('../shared/data/real/sampling-sites.geojson', root)

test('the simulated example is read with every slip named', () => {
  const report = parseSites(read('data/examples/sites.simulated.geojson'), gazetteer, { outlines })
  expect(report.counts).toEqual({ understood: 3, repaired: 6, refused: 0, unused: 0, total: 9 })
  expect(report.inconsistencies.map(({ code }) => code)).toEqual(['json_nan'])
  const [first, , , , fifth, , seventh, eighth, ninth] = report.lines
  expect(first?.value).toMatchObject({
    placeCode: '310115016',
    address: '模拟一路1号',
    rules: { always: true },
  })
  expect([fifth?.value?.placeCode, fifth?.notes[0]?.code]).toEqual(['310104008', 'town_read_as'])
  expect([seventh?.value?.placeCode, seventh?.notes[0]?.code]).toEqual(['310151', 'town_missing'])
  expect([eighth?.value?.rules, eighth?.notes.at(-1)?.code]).toEqual([undefined, 'site_hours_unknown'])
  expect([ninth?.value?.placeCode, ninth?.notes[0]?.code]).toEqual(['310114', 'town_unknown'])
})

const feature = (properties: object, coordinates: unknown = [121.546, 31.212]) =>
  JSON.stringify({
    type: 'FeatureCollection',
    features: [{ type: 'Feature', geometry: { type: 'Point', coordinates }, properties }],
  })
const good = {
  district: '浦东新区',
  town: '花木街道',
  name: '模拟点',
  address: '模拟路1号',
  serveDay: '周三',
  serveHour: '8:00-9:00',
}

test.each([
  ['no name', feature({ ...good, name: ' ' }), 'name_missing'],
  ['no address', feature({ ...good, address: null }), 'address_missing'],
  ['a district that does not exist', feature({ ...good, district: '模拟区' }), 'district_unknown'],
  ['no position', feature(good, ['x', 1]), 'feature_broken'],
  ['a latitude beyond the pole', feature(good, [31.2, 121.5]), 'feature_broken'],
  ['no features', '{"type":"FeatureCollection"}', 'geojson_expected'],
  ['broken JSON', '{"features": [', 'json_broken'],
  ['HTML', '<html></html>', 'json_broken'],
])('a site with %s is refused', (_, text, code) => {
  const report = parseSites(text, gazetteer)
  expect(report.counts).toMatchObject({ refused: 1, total: 1 })
  expect(report.lines[0]?.notes[0]?.code).toBe(code)
})

test('a site that stands twice, or in another district than it says, is reported and kept', () => {
  const one = JSON.parse(feature(good)) as { features: unknown[] }
  const elsewhere = JSON.parse(feature({ ...good, name: '另一模拟点' }, [121.45, 31.2])) as {
    features: unknown[]
  }
  const report = parseSites(
    JSON.stringify({ features: [...one.features, ...one.features, ...elsewhere.features] }),
    gazetteer,
    { outlines },
  )
  expect(valuesOf(report)).toHaveLength(3)
  expect(report.inconsistencies.map(({ code }) => code)).toEqual([
    'site_twice',
    'address_shared',
    'position_elsewhere',
  ])
})

test.skipIf(!existsSync(published))('all 267 published sites are accounted for', () => {
  const report = parseSites(readFileSync(published, 'utf8'), gazetteer, { outlines })
  expect(report.counts).toEqual({ understood: 213, repaired: 54, refused: 0, unused: 0, total: 267 })
  expect(report.lines.map(({ line }) => line)).toEqual(Array.from({ length: 267 }, (_, i) => i + 1))
  expect(
    valuesOf(report)
      .filter(({ rules }) => rules === undefined)
      .map(({ serveHour }) => serveHour),
  ).toEqual(['2小时'])
  expect(new Set(valuesOf(report).map(({ key }) => key)).size).toBe(267)
  expect(report.inconsistencies.map(({ code }) => code)).toEqual([
    'json_nan',
    'position_elsewhere',
    'address_shared',
    'position_elsewhere',
    'position_elsewhere',
  ])
  const towns = report.lines
    .filter(({ notes }) => notes.some(({ code }) => code === 'town_unknown'))
    .map(({ value }) => value?.town)
  expect(towns).toEqual(['高新区社区', '头桥集团'])
})
