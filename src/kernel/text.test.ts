import fc from 'fast-check'
import { expect, test } from 'vitest'
import { chineseNumber, matchKey, normalise, originalSpan } from '#kernel/text.ts'

test('full-width digits, dashes, colons and commas become one form', () => {
  expect(normalise(' ８０１弄—３号，８：３０～11∶00 ').text).toBe('801弄-3号,8:30-11:00')
})

test('an enclosed number is not taken for a house number', () => {
  expect(normalise('①号线').text).toBe('①号线')
})

test.each([
  ['八百零一', 801],
  ['八零一', 801],
  ['十三', 13],
  ['二十', 20],
  ['一百五', 150],
  ['一百零五', 105],
  ['两千三', 2300],
  ['一千零二十', 1020],
  ['十', 10],
  ['二百五十六', 256],
])('%s is read as %i', (numeral, value) => {
  expect(chineseNumber(numeral)).toBe(value)
})

test.each(['', '百百', '十百', '一十百'])('%s is not one number', (numeral) => {
  expect(chineseNumber(numeral)).toBeUndefined()
})

test('平阳一村 and 平阳1村 and 平阳１村 meet in one key', () => {
  expect(new Set(['平阳一村', '平阳1村', '平阳１村'].map((name) => matchKey(name).text))).toEqual(
    new Set(['平阳1村']),
  )
})

test('a numeral inside a name without a unit survives', () => {
  expect(matchKey('五里桥 三林 七宝 四平').text).toBe('五里桥 三林 七宝 四平')
  expect(matchKey('乐山二三村').text).toBe('乐山二三村')
})

test('a spoken lane number is written in digits and still points at what was typed', () => {
  const typed = '樱花路八百零一弄'
  const key = matchKey(typed)
  expect(key.text).toBe('樱花路801弄')
  const span = originalSpan(key, 3, 7)
  expect(typed.slice(span.from, span.to)).toBe('八百零一弄')
})

test('every number below 10,000 written in Chinese is read back', () => {
  const write = (n: number): string => {
    const digits = '零一二三四五六七八九'
    const scales = ['', '十', '百', '千']
    const text = String(n)
    return Array.from(text)
      .map((d, i) => (d === '0' ? '零' : `${digits[Number(d)]}${scales[text.length - 1 - i]}`))
      .join('')
      .replace(/零+/gu, '零')
      .replace(/(?<=.)零$/u, '')
  }
  fc.assert(fc.property(fc.integer({ min: 1, max: 9999 }), (n) => chineseNumber(write(n)) === n))
})

test('normalising twice changes nothing, and spans stay inside the original in order', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (original) => {
      for (const read of [normalise, matchKey]) {
        const once = read(original)
        expect(once.from.length).toBe(once.text.length)
        for (let i = 0; i < once.text.length; i++) {
          expect(once.to[i]!).toBeLessThanOrEqual(original.length)
          expect(once.from[i]!).toBeLessThan(once.to[i]!)
          if (i > 0) expect(once.from[i]!).toBeGreaterThanOrEqual(once.from[i - 1]!)
        }
      }
      expect(normalise(normalise(original).text).text).toBe(normalise(original).text)
    }),
  )
})
