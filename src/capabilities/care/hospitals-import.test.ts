import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { Note } from '#kernel/import-report.ts'
import { decodeOutlines, makeGazetteer, placesFromDivisions } from '#capabilities/places/index.ts'
import {
  emergencyRoomOf,
  groupHospitals,
  parseHospitals,
  readDepartments,
  readPhones,
} from './hospitals-import.ts'

const root = new URL('../../../', import.meta.url)
const read = (path: string) => readFileSync(new URL(path, root), 'utf8')
const gazetteer = makeGazetteer(placesFromDivisions(JSON.parse(read('data/shanghai/divisions.json'))))
const outlines = decodeOutlines(JSON.parse(read('data/shanghai/districts.wgs84.topo.json')))
const published = new URL('../shared/data/real/hospitals.geojson', root)

const phones = (field: string) => {
  const notes: Note[] = []
  const numbers = readPhones(field, notes).map(({ number, extension, label }) =>
    [number, extension, label].filter((part) => part !== undefined).join(' '),
  )
  return [numbers, notes.map(({ code }) => code)]
}

test.each([
  ['021-20000001-8001（内科）/8002（外科）', ['021-20000001 8001 内科', '021-20000001 8002 外科'], []],
  ['20000001*8100/8101\n', ['20000001 8100', '20000001 8101'], []],
  ['18900000000、20000001', ['18900000000', '20000001'], []],
  ['021-2000 0001、20000002', ['021-20000001', '20000002'], []],
  ['20000001 20000002', ['20000001', '20000002'], []],
  ['021-20000001/95169/021-20000002', ['021-20000001', '95169', '021-20000002'], []],
  ['021-20000001 4000000000', ['021-20000001', '4000000000'], []],
  ['021－20000001', ['021-20000001'], []],
  ['(021)20000001\n', ['021-20000001'], []],
  ['021-20000001转3206（发热门', ['021-20000001 3206 发热门'], ['phone_label_cut']],
  ['021-20000001,021-20000001', ['021-20000001'], ['phone_twice']],
  ['021-00000000', [], ['phone_placeholder']],
  ['(021)968864008203137', [], ['phone_unreadable']],
  ['', [], []],
])('the telephone field %j gives its numbers', (field, numbers, codes) => {
  expect(phones(field)).toEqual([numbers, codes])
})

test('suspended departments are a list, and the emergency room has its own state', () => {
  expect(readDepartments('门急诊、发热门诊、住院（急救绿色通道保留）')).toEqual([
    '门诊',
    '急诊',
    '发热门诊',
    '住院',
  ])
  expect(readDepartments(undefined)).toEqual([])
  expect(emergencyRoomOf(undefined, '全部')).toBe('open')
  expect(emergencyRoomOf('门急诊', '除停诊外')).toBe('suspended')
  expect(emergencyRoomOf('门诊、住院', '除停诊外')).toBe('open')
  expect(emergencyRoomOf('门急诊、住院（急救绿色通道保留）', '除停诊外')).toBe('green_channel')
  expect(emergencyRoomOf('部分门诊', '除停诊外（急诊开诊、发热门诊开诊）')).toBe('open')
})

test('the simulated example is read, and one hospital at two addresses is one hospital with two campuses', () => {
  const report = parseHospitals(read('data/examples/hospitals.simulated.geojson'), gazetteer, { outlines })
  expect(report.counts).toEqual({ understood: 2, repaired: 3, refused: 0, unused: 0, total: 5 })
  expect(groupHospitals(report).map(({ name, campuses }) => [name, campuses.length])).toEqual([
    ['模拟第一医院', 2],
    ['模拟肿瘤医院', 1],
    ['模拟江边医院', 1],
    ['模拟牙病防治所', 1],
  ])
  expect(report.lines.map(({ value }) => value?.emergencyRoom)).toEqual([
    'open',
    'green_channel',
    'suspended',
    'open',
    'open',
  ])
  expect(report.lines.map(({ notes }) => notes.map(({ code }) => code))).toEqual([
    [],
    [],
    ['stray_newline', 'phone_placeholder'],
    ['phone_label_cut'],
    ['phone_unreadable'],
  ])
})

test('a hospital that says all is open and yet suspends something is reported', () => {
  const text = JSON.stringify({
    features: [
      {
        geometry: { type: 'Point', coordinates: [121.5, 31.2] },
        properties: {
          区县: '浦东新区',
          医院: '模拟医院',
          地址: '模拟路1号',
          停诊科室: '住院',
          开诊科室: '全部',
        },
      },
    ],
  })
  expect(parseHospitals(text, gazetteer).inconsistencies.map(({ code }) => code)).toEqual([
    'open_and_suspended',
  ])
})

test.skipIf(!existsSync(published))('all 148 published entries are accounted for, as 125 hospitals', () => {
  const report = parseHospitals(readFileSync(published, 'utf8'), gazetteer, { outlines })
  expect(report.counts).toEqual({ understood: 120, repaired: 28, refused: 0, unused: 0, total: 148 })
  expect(groupHospitals(report)).toHaveLength(125)
  const states = report.lines.map(({ value }) => value?.emergencyRoom)
  expect([
    states.filter((state) => state === 'suspended').length,
    states.filter((state) => state === 'green_channel').length,
  ]).toEqual([12, 1])
  const codes = report.lines
    .flatMap(({ notes }) => notes.map(({ code }) => code))
    .filter((code) => code !== 'stray_newline')
  expect(codes.sort()).toEqual([
    'address_doubled',
    'phone_label_cut',
    'phone_label_cut',
    'phone_placeholder',
    'phone_twice',
    'phone_unreadable',
  ])
})
