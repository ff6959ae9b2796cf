import { existsSync, readFileSync, readdirSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { valuesOf } from '#kernel/import-report.ts'
import { makeGazetteer, placesFromDivisions } from '#capabilities/places/index.ts'
import { parseAddresses } from './addresses-import.ts'
import { bulletinRows, parseDaily } from './daily-import.ts'
import { codeOfReading, dateIn } from './metrics.ts'
import { compareRows } from './series-checks.ts'
import { parseSeries } from './series-import.ts'

const root = new URL('../../../', import.meta.url)
const read = (path: string) => readFileSync(new URL(path, root), 'utf8')
const gazetteer = makeGazetteer(placesFromDivisions(JSON.parse(read('data/shanghai/divisions.json'))))
const published = new URL('../shared/data/real/', root)
const isPublished = existsSync(published)
const readPublished = (path: string) => readFileSync(new URL(path, published), 'utf8')
const codesOf = (notes: readonly { code: string }[]) => {
  const counts: Record<string, number> = {}
  for (const { code } of notes) counts[code] = (counts[code] ?? 0) + 1
  return counts
}
const statuses = ({
  counts,
}: {
  counts: { understood: number; repaired: number; refused: number; unused: number }
}) => [counts.understood, counts.repaired, counts.refused, counts.unused]

test('the day of a list is read from its file name, and a day that does not exist is none', () => {
  expect(
    [
      'addresses.2022-03-18.simulated.txt',
      '2022-4-1_quezhen',
      '20220415',
      '2022-02-30.txt',
      'a.txt',
      '20221301',
    ].map(dateIn),
  ).toEqual(['2022-03-18', '2022-04-01', '2022-04-15', undefined, undefined, undefined])
})

test('the simulated address list keeps every address as published and reports what does not fit', () => {
  const report = parseAddresses(
    read('data/examples/addresses.2022-03-18.simulated.txt'),
    '2022-03-18',
    gazetteer,
  )
  expect(statuses(report)).toEqual([10, 2, 1, 4])
  expect(codesOf(report.inconsistencies)).toEqual({
    road_of_other_district: 1,
    heading_missing: 1,
    address_under_two_districts: 1,
    duplicate_address: 1,
  })
  const values = valuesOf(report)
  expect(values.find(({ address }) => address === '田林十三村')?.placeCode).toBe('310104011028')
  expect(values.find(({ address }) => address === '花木街道模拟三路30号')?.placeCode).toBe('310115016')
  expect(values.find(({ address }) => address === '模拟六路6弄')).toMatchObject({
    district: '普陀区',
    placeCode: '310107',
    date: '2022-03-18',
  })
  expect(values.find(({ address }) => address === '长宁路9001弄')).toMatchObject({ district: '静安区' })
  expect(values.filter(({ occurrence }) => occurrence === 2).map(({ address }) => address)).toEqual([
    '模拟二路22弄3号',
  ])
})

test('an address before any heading, too long or without a word is refused', () => {
  const report = parseAddresses(
    `模拟路1弄\n静安区\n${'长'.repeat(80)}\n123\n\n普陀区模拟路2弄`,
    '2022-03-18',
    gazetteer,
  )
  expect(report.lines.map(({ status, notes }) => [status, notes[0]?.code])).toEqual([
    ['refused', 'no_district'],
    ['unused', 'heading'],
    ['refused', 'too_long'],
    ['refused', 'not_an_address'],
    ['unused', undefined],
    ['repaired', 'district_in_line'],
  ])
})

test('the simulated bulletin is read whole, and the number left out is named', () => {
  const report = parseDaily(read('data/examples/daily.simulated.txt'), gazetteer)
  expect(statuses(report)).toEqual([10, 0, 0, 11])
  expect(report.bulletin).toMatchObject({
    date: '2022-03-18',
    facts: {
      confirmed: 10,
      asymptomatic: 12,
      confirmed_from_asymptomatic: 2,
      confirmed_in_isolation: 3,
      asymptomatic_in_isolation: 8,
      imported_confirmed: 1,
      imported_asymptomatic: 0,
      discharged: 4,
    },
  })
  expect(report.inconsistencies.map(({ zh }) => zh)).toEqual(['无症状感染者9—9 没有写'])
  const rows = bulletinRows(report.bulletin!)
  expect(rows).toContainEqual({
    date: '2022-03-18',
    placeCode: '310115',
    metric: 'confirmed',
    count: 3,
    source: 'daily-report',
  })
  expect(rows).toContainEqual({
    date: '2022-03-18',
    placeCode: '310115',
    metric: 'confirmed_from_asymptomatic',
    count: 1,
    source: 'daily-report',
  })
})

const districts = ['浦东新区', '黄浦区', '徐汇区', '静安区', '崇明区']
const causes = { isolation: '均为本市闭环隔离管控人员', screening: '在风险人群筛查中发现异常，即被隔离管控' }
const bulletin = (counts: readonly number[], total: number, cause: keyof typeof causes) => {
  let next = 1
  const list = counts.map((count, i) => {
    const first = next
    next += count
    const range =
      count === 1
        ? `病例${first}`
        : count === 2
          ? `病例${first}、病例${first + 1}`
          : `病例${first}—病例${next - 1}`
    return `${range}，居住于${districts[i % districts.length]}`
  })
  return `2022年3月18日0—24时，新增本土新冠肺炎确诊病例${total}例。\n${list.join('，')}，${causes[cause]}。`
}

test('ranges that run from 1 to the total close, and any other total is reported', () => {
  const counts = fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 5 })
  fc.assert(
    fc.property(
      counts,
      fc.constantFrom('isolation' as const, 'screening' as const),
      fc.integer({ min: -3, max: 3 }),
      (list, cause, slip) => {
        const sum = list.reduce((a, b) => a + b, 0)
        const report = parseDaily(bulletin(list, sum + Math.max(slip, 1 - sum), cause), gazetteer)
        expect(codesOf(report.inconsistencies)).toEqual(
          slip === 0 || (sum + slip < 1 && sum === 1) ? {} : { range_end: 1 },
        )
        expect(report.bulletin?.byDistrict.map(({ count, source }) => [count, source])).toEqual(
          list.map((count) => [count, cause]),
        )
      },
    ),
  )
})

test('a gap, an overlap, an unknown district and a list without a cause are each named', () => {
  const daily = (list: string) =>
    parseDaily(`2022年3月18日0—24时，新增本土新冠肺炎确诊病例6例。\n${list}`, gazetteer)
  const isolated = '，均为本市闭环隔离管控人员。'
  expect(codesOf(daily(`病例1，居住于静安区，病例3—病例6，居住于黄浦区${isolated}`).inconsistencies)).toEqual(
    { range_gap: 1 },
  )
  expect(
    codesOf(daily(`病例1—病例4，居住于静安区，病例4—病例6，居住于黄浦区${isolated}`).inconsistencies),
  ).toEqual({ range_overlap: 1 })
  expect(codesOf(daily(`病例1—病例6，居住于模拟区${isolated}`).inconsistencies)).toEqual({
    district_unknown: 1,
  })
  expect(daily('病例1—病例6，居住于静安区。').lines[1]).toMatchObject({
    status: 'refused',
    notes: [{ code: 'cause_unknown' }],
  })
  expect(daily(`病例6—病例1，居住于静安区${isolated}`).lines[1]).toMatchObject({
    status: 'refused',
    notes: [{ code: 'range_backwards' }],
  })
  expect(parseDaily('没有日期的一段话', gazetteer)).toMatchObject({
    bulletin: undefined,
    inconsistencies: [{ code: 'date_missing' }],
  })
})

test('districts are known by their reading', () => {
  const readings = [
    'PudongNew',
    'Huangpu',
    'Jingan',
    'Xuhui',
    'Changning',
    'Putuo',
    'Hongkou',
    'Yangpu',
    'Baoshan',
    'Minhang',
    'Jiading',
    'Jinshan',
    'Songjiang',
    'Qingpu',
    'Fengxian',
    'Chongming',
    'Shanghai',
  ]
  const codes = readings.map((name) => codeOfReading(gazetteer, name))
  expect(new Set(codes).size).toBe(17)
  expect([codes[0], codes[4], codes[9], codes[16]]).toEqual(['310115', '310105', '310112', '31'])
  expect([
    codeOfReading(gazetteer, 'Nowhere'),
    codeOfReading(gazetteer, ''),
    codeOfReading(gazetteer, 'h'),
  ]).toEqual([undefined, undefined, undefined])
})

test.each([
  ['city-daily', [3, 0, 0, 1], { day_missing: 1, parts_differ: 1 }],
  ['cumulative', [3, 0, 0, 1], { total_falls: 1 }],
  ['district-daily', [4, 0, 1, 1], { sum_differs: 2 }],
  ['district-source-daily', [3, 0, 2, 1], {}],
  ['found-in-screening-daily', [2, 1, 0, 1], { sum_differs: 1 }],
  ['in-hospital-daily', [3, 0, 0, 1], { sum_differs: 1 }],
])('the simulated series %s is read and its contradictions reported', (kind, counts, codes) => {
  const name = `series.${kind}.simulated.csv`
  const report = parseSeries(read(`data/examples/${name}`), name, gazetteer)
  expect([report.kind, statuses(report), codesOf(report.inconsistencies)]).toEqual([
    `series:${kind}`,
    counts,
    codes,
  ])
})

test('a table of another form is refused line by line, and so are counts that are none', () => {
  expect(parseSeries('a,b\n1,2\n', 'x.csv', gazetteer).counts).toMatchObject({ refused: 2, total: 2 })
  const cells = parseSeries(
    'Date,累计确诊\n2022-04-01,-5\n2022-04-02,=1+1\n2022-02-30,7\n2022-04-04,7.0\n',
    'cumulative.csv',
    gazetteer,
  )
  expect(cells.lines.map(({ status }) => status)).toEqual([
    'unused',
    'refused',
    'refused',
    'refused',
    'understood',
  ])
  expect(
    parseSeries('Date,累计确诊\n2022-04-01,5\n2022-04-01,6\n', 'c.csv', gazetteer).inconsistencies.map(
      ({ code }) => code,
    ),
  ).toEqual(['figure_twice'])
})

test('two publications that differ about the same figure are set side by side', () => {
  const row = { date: '2022-03-18', placeCode: '31', metric: 'confirmed' as const, count: 8, source: 'a' }
  expect(compareRows([row], [{ ...row, source: 'b' }])).toEqual([])
  expect(compareRows([row], [{ ...row, count: 9, source: 'b' }]).map(({ code }) => code)).toEqual([
    'publications_differ',
  ])
})

const PUBLISHED_LISTS: Record<string, readonly number[]> = {
  '2022-03-18': [251, 13, 0, 14],
  '2022-03-19': [297, 1, 0, 15],
  '2022-03-20': [428, 2, 0, 15],
  '2022-03-21': [485, 0, 0, 16],
  '2022-03-22': [485, 0, 0, 16],
  '2022-03-23': [496, 0, 0, 16],
  '2022-03-24': [646, 0, 0, 16],
  '2022-03-25': [831, 0, 0, 16],
  '2022-03-26': [987, 0, 0, 16],
  '2022-03-27': [1380, 0, 0, 16],
  '2022-03-28': [1949, 0, 0, 16],
  '2022-03-29': [2063, 0, 0, 16],
  '2022-03-30': [2176, 0, 0, 16],
  '2022-03-31': [1869, 0, 0, 16],
}

test.skipIf(!isPublished)('every line of the 14 published address lists is accounted for', () => {
  const found: Record<string, readonly number[]> = {}
  for (const file of readdirSync(new URL('address-lists', published))) {
    const text = readPublished(`address-lists/${file}`)
    const date = dateIn(file)!
    const report = parseAddresses(text, date, gazetteer, { file })
    found[date] = statuses(report)
    expect(report.lines.map(({ raw }) => raw).join('\n')).toBe(text.replace(/\n$/, ''))
    if (date !== '2022-03-18') continue
    expect(report.inconsistencies.map(({ zh }) => zh)).toContain(
      '第 83 行 长宁路209弄 在静安区标题下，路名与长宁区相同，请核对',
    )
    expect(codesOf(report.inconsistencies)).toEqual({
      road_of_other_district: 1,
      heading_missing: 1,
      duplicate_address: 4,
    })
  }
  expect(found).toEqual(PUBLISHED_LISTS)
})

test.skipIf(!isPublished).each([
  ['2022-03-30', [18, 0, 0, 28], 355, 5298],
  ['2022-04-10', [17, 0, 0, 31], 914, 25173],
  ['2022-04-30', [13, 0, 0, 25], 788, 7084],
])('the published report of %s closes without a gap', (date, counts, confirmed, asymptomatic) => {
  const report = parseDaily(readPublished(`daily-reports/${date}.txt`), gazetteer)
  expect([statuses(report), report.inconsistencies]).toEqual([counts, []])
  expect(report.bulletin).toMatchObject({ date, facts: { confirmed, asymptomatic } })
  const sum = (caseClass: string) =>
    report
      .bulletin!.byDistrict.filter((each) => each.class === caseClass)
      .reduce((all, { count }) => all + count, 0)
  expect([sum('confirmed'), sum('asymptomatic')]).toEqual([confirmed, asymptomatic])
})

test.skipIf(!isPublished).each([
  ['city-daily', [46, 0, 0, 1], 577, { day_missing: 1 }],
  ['cumulative', [95, 0, 0, 1], 380, { total_falls: 2 }],
  ['district-daily', [17, 0, 0, 1], 4012, { sum_differs: 4 }],
  ['district-source-daily', [1778, 0, 4, 1], 1778, { day_missing: 2 }],
  ['found-in-screening-daily', [17, 0, 0, 1], 4182, { sum_differs: 1 }],
  ['in-hospital-daily', [17, 0, 0, 1], 4624, { sum_differs: 101 }],
])('the published series %s gives its rows and its contradictions', (kind, counts, rows, codes) => {
  const report = parseSeries(readPublished(`${kind}.csv`), `${kind}.csv`, gazetteer)
  expect([statuses(report), valuesOf(report).flat().length, codesOf(report.inconsistencies)]).toEqual([
    counts,
    rows,
    codes,
  ])
})
