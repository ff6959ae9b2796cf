import fc from 'fast-check'
import { expect, test } from 'vitest'
import { officialGazetteer, officialPlaces, simulatedCompounds } from './fixture.ts'
import { everydayName, findChild, makeGazetteer, pathOf } from './gazetteer.ts'
import { ancestorsOf, commonPlace, kindOf, parentOf, prefixRange } from './rules.ts'
import { search } from './search.ts'
import { understandPlace } from './understand.ts'

const gazetteer = officialGazetteer
const understand = (text: string, within?: string) => understandPlace(gazetteer, text, { within })
const nameOf = (text: string, within?: string) => {
  const found = understand(text, within)
  return found && pathOf(gazetteer, found.placeCode).join('/')
}

test('the city has 16 districts, 234 towns and 6,509 neighbourhoods', () => {
  const count = (kind: string) => officialPlaces.filter((place) => place.kind === kind).length
  expect([count('city'), count('district'), count('subdistrict'), count('neighbourhood')]).toEqual([
    1, 16, 234, 6509,
  ])
  for (const place of officialPlaces) {
    expect(kindOf(place.code)).toBe(place.kind)
    expect(parentOf(place.code)).toBe(place.parentCode)
  }
})

test('a code has a kind by its length and nothing else is a code', () => {
  expect(
    ['31', '310115', '310115016', '310115016001', '310115016001001', '310115016001001001'].map(kindOf),
  ).toEqual(['city', 'district', 'subdistrict', 'neighbourhood', 'compound', 'building'])
  expect([kindOf('3'), kindOf(''), kindOf('31011x'), kindOf("31' or 1=1")]).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
  ])
  expect(ancestorsOf('310115016001')).toEqual(['31', '310115', '310115016'])
  expect(commonPlace(['310115016001', '310115016002'])).toBe('310115016')
  expect(commonPlace(['310115', '310115016'])).toBe('310115')
})

test('a jurisdiction is exactly the codes with its prefix', () => {
  const digits = fc
    .array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 12 })
    .map((list) => list.join(''))
  fc.assert(
    fc.property(digits, digits, fc.boolean(), (prefix, other, isInside) => {
      const code = isInside ? prefix + other : other
      const { lo, hi } = prefixRange(prefix)
      expect(code >= lo && code < hi).toBe(code.startsWith(prefix))
    }),
  )
  expect(() => prefixRange('')).toThrow(RangeError)
  expect(() => prefixRange('31%')).toThrow(RangeError)
})

test('the mother in 花木街道 is found, with 樱花路801弄 kept as the address', () => {
  const text = '我妈妈在浦东新区花木街道樱花路801弄，每周三次血透，今天出不去'
  const found = understand(text)
  expect(found).toMatchObject({
    placeCode: '310115016',
    path: ['浦东新区', '花木街道'],
    address: '樱花路801弄',
    parts: { road: '樱花路', lane: '801弄' },
  })
  expect(found!.words.map((word) => text.slice(word.from, word.to))).toEqual(['浦东新区', '花木街道'])
  expect(text.slice(found!.addressAt!.from, found!.addressAt!.to)).toBe('樱花路801弄')
  expect(found!.confidence).toBeGreaterThan(0.9)
})

test.each([
  ['浦东花木樱花路八百零一弄', '浦东新区/花木街道', '樱花路八百零一弄'],
  ['浦东花木街道樱花路８０１弄３号', '浦东新区/花木街道', '樱花路８０１弄３号'],
  ['上海市徐汇区田林街道田林十三村12号301室', '徐汇区/田林街道/田林十三村居委会', '田林十三村12号301室'],
  ['平阳一村12号', '闵行区/古美街道/平阳一村居委会', '平阳一村12号'],
  ['平阳1村12号', '闵行区/古美街道/平阳一村居委会', '平阳1村12号'],
  ['黄浦区南京东路街道云南中路居委会', '黄浦区/南京东路街道/云南中路居委会', undefined],
  ['南京东路街道有人断药', '黄浦区/南京东路街道', undefined],
  ['宝山友谊街道缺菜', '宝山区/友谊路街道', undefined],
  ['周浦镇', '浦东新区/周浦镇', undefined],
  ['浦东周浦没菜了', '浦东新区/周浦镇', undefined],
  ['长宁区长宁路209弄', '长宁区', '长宁路209弄'],
  ['嘉定区南翔镇新丰村', '嘉定区/南翔镇/新丰村村委会', undefined],
  ['崇明建设镇', '崇明区/建设镇', undefined],
  ['临沂八村12号没有菜', '浦东新区/南码头路街道', '临沂八村12号'],
  ['临沂八村没有菜', '浦东新区/南码头路街道', undefined],
  ['宝山大华二村26号102室', '宝山区/大场镇', '大华二村26号102室'],
  ['徐汇 田林 田林路 65弄', '徐汇区/田林街道', '田林路 65弄'],
  ['普陀区真光路798弄52支弄3号', '普陀区', '真光路798弄52支弄3号'],
])('%s is %s', (text, path, address) => {
  expect(nameOf(text)).toBe(path)
  expect(understand(text)?.address).toBe(address)
})

test('a road that bears the name of a town is a road', () => {
  for (const road of [
    '花木路100号',
    '南京东路100号',
    '浦东大道501弄',
    '新华路329弄',
    '宝山路12号',
    '瑞金二路410弄11号',
  ])
    expect([understand(road)?.placeCode, understand(road)?.address]).toEqual(['31', road])
  expect(understand('花木路100号')?.alternatives.map((each) => each.placeCode)).toEqual(['310115016'])
})

test('everyday words that are names of neighbourhoods too are not places', () => {
  for (const text of [
    '我们很幸福',
    '要团结，要胜利',
    '和平与光明',
    '北京来的人民',
    '18号下午出不去',
    '龙华医院看病',
    '阳光很好',
  ])
    expect(understand(text)).toBeUndefined()
})

test('a name that several neighbourhoods bear is settled by a parent, then by the jurisdiction, else left open', () => {
  expect(nameOf('黄浦区阳光居委会')).toBe('黄浦区/小东门街道/阳光居委会')
  expect(nameOf('徐汇阳光居委')).toBe('徐汇区/凌云路街道/阳光居委会')
  expect(nameOf('阳光居委没有菜', '310104')).toBe('徐汇区/凌云路街道/阳光居委会')
  const open = understand('阳光居委没有菜')!
  expect(open.placeCode).toBe('31')
  expect(open.confidence).toBeLessThan(0.5)
  expect(open.alternatives.map((each) => each.path.join('/'))).toEqual([
    '黄浦区/小东门街道/阳光居委会',
    '徐汇区/凌云路街道/阳光居委会',
  ])
})

test('a place whose district is named wrongly is doubted, and the other reading is offered', () => {
  const found = understand('浦东花木牡丹居委')!
  expect(found.path).toEqual(['浦东新区', '花木街道'])
  expect(found.alternatives.map((each) => each.path[0])).toContain('闵行区')
})

test('of two places named, the deeper one with its parents is chosen and the other offered', () => {
  const found = understand('我住浦东新区，母亲在徐汇区田林街道')!
  expect(found.path).toEqual(['徐汇区', '田林街道'])
  expect(found.alternatives[0]?.path).toEqual(['浦东新区'])
})

test('every place of the city is understood from its full path with any address after it', () => {
  const road = fc.constantFrom('樱花路', '中山南一路', '花园街', '滨江大道', '沪青平公路')
  const address = fc
    .tuple(road, fc.integer({ min: 1, max: 3000 }), fc.option(fc.integer({ min: 1, max: 300 })))
    .map(([name, lane, number]) => `${name}${lane}弄${number === null ? '' : `${number}号`}`)
  const check = (code: string, tail: string): void => {
    const found = understand(`${pathOf(gazetteer, code).join('')}${tail}`)
    expect([found?.placeCode, found?.address]).toEqual([code, tail])
  }
  for (const place of officialPlaces) check(place.code, '樱花路801弄3号')
  fc.assert(
    fc.property(fc.constantFrom(...officialPlaces), address, (place, tail) => check(place.code, tail)),
  )
})

test('no text breaks the understanding, and the words found are where it says', () => {
  const piece = fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 8 }),
    fc.constantFrom('浦东', '花木', '居委', '路', '弄', '一村', '12号', '八百', '３', '新华', '街道'),
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 10 }), (pieces) => {
      const text = pieces.join('')
      const found = understand(text)
      for (const word of found?.words ?? []) expect(text.slice(word.from, word.to)).toBe(word.text)
      if (found?.addressAt) expect(text.slice(found.addressAt.from, found.addressAt.to)).toBe(found.address)
      if (found) expect(gazetteer.byCode.has(found.placeCode)).toBe(true)
    }),
  )
})

test.each([
  ['莘庄', '310112101'],
  ['xinzhuang', '310112101'],
  ['xz', '310112101'],
  ['花木', '310115016'],
  ['huamu', '310115016'],
  ['minhang', '310112'],
  ['changning', '310105'],
  ['dachang', '310113102'],
  ['fengjing', '310116102'],
  ['chonggu', '310118109'],
  ['maogang', '310117109'],
  ['浦东 花木', '310115016'],
  ['浦东，花木', '310115016'],
  ['田林一、二村', '310104011002'],
  ['pudong huamu', '310115016'],
  ['310115016', '310115016'],
  ['平阳1村', '310112006008'],
  ['南京东路', '310101002'],
  ['caohejing', '310104017'],
  ['miaohang', '310113112'],
  ['徐汇', '310104'],
])('typing %s finds %s first', (query, code) => {
  expect(search(gazetteer, query, { limit: 5 })[0]?.place.code).toBe(code)
})

test('search keeps to a jurisdiction, to its limit and to one order', () => {
  const found = search(gazetteer, '新', { limit: 50, within: '310115' })
  expect(found).toHaveLength(50)
  expect(found.every(({ place }) => place.code.startsWith('310115'))).toBe(true)
  expect(search(gazetteer, '新', { limit: 50, within: '310115' })).toEqual(found)
  expect(search(gazetteer, '', {})).toEqual([])
  expect(search(gazetteer, '没有这个地方', {})).toEqual([])
})

test('every place is found by its name, by its code and by its reading', () => {
  fc.assert(
    fc.property(fc.constantFrom(...officialPlaces), (place) => {
      expect(search(gazetteer, place.code, { limit: 1 })[0]?.place.code).toBe(place.code)
      const sameName = officialPlaces.filter((other) => everydayName(other) === everydayName(place)).length
      const names = search(gazetteer, place.name, { limit: sameName + 20 }).map((result) => result.place.code)
      expect(names).toContain(place.code)
    }),
  )
})

test('a town is known under its district by the name people write', () => {
  expect(findChild(gazetteer, '310113', '友谊街道')?.name).toBe('友谊路街道')
  expect(findChild(gazetteer, '310107', '曹杨街道')?.name).toBe('曹杨新村街道')
  expect(findChild(gazetteer, '310151', '向华镇')).toBeUndefined()
})

test('a gazetteer of 37,000 places finds and understands the last of them', () => {
  const places = [...officialPlaces, ...simulatedCompounds(30_000)]
  const large = makeGazetteer(places)
  for (const query of ['h', 'hm', 'huam', '花', '花木', 'xin', '3101', '模拟', '苑', 'an', 'zhong', '第一'])
    expect(search(large, query).length, query).toBeGreaterThan(0)
  const compound = places.at(-1)!
  const found = understandPlace(large, `${pathOf(large, compound.code).join('')}12号`)
  expect(found?.placeCode).toBe(compound.code)
})
