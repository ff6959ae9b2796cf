import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  decodeText,
  firstInvalidUtf8,
  makeReport,
  note,
  parseTolerantJson,
  previewText,
  refused,
  repaired,
  understood,
  unused,
  valuesOf,
} from './import-report.ts'

const bytes = (text: string) => new TextEncoder().encode(text)

test('a file with a mark of its order and with Windows line ends reads as any other', () => {
  expect(decodeText(bytes('\ufeff浦东新区\r\n樱花路1弄\r\n'))).toEqual({
    ok: true,
    text: '浦东新区\n樱花路1弄\n',
    encoding: 'utf-8',
    notes: [],
  })
})

test('a file in GB18030 is read and noted as repaired', () => {
  // 浦东新区\n樱花路 in GB18030
  const gb = Uint8Array.from([
    0xc6, 0xd6, 0xb6, 0xab, 0xd0, 0xc2, 0xc7, 0xf8, 0x0a, 0xd3, 0xa3, 0xbb, 0xa8, 0xc2, 0xb7,
  ])
  expect(decodeText(gb)).toMatchObject({
    ok: true,
    text: '浦东新区\n樱花路',
    encoding: 'gb18030',
    notes: [{ code: 'encoding_gb18030' }],
  })
})

test('broken UTF-8 is refused with the offset of the first broken byte', () => {
  const broken = Uint8Array.from([
    ...bytes('浦东新区花木街道樱花路'),
    0xe6,
    0xb5,
    ...bytes('，第二行还有一些字'),
  ])
  expect(decodeText(broken)).toMatchObject({
    ok: false,
    byteOffset: 33,
    notes: [{ code: 'encoding_broken' }],
  })
  expect(decodeText(Uint8Array.from([0x61, 0xff, 0xff]))).toMatchObject({ ok: false, byteOffset: 1 })
})

test('the first broken byte is found exactly where a strict decoder fails', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 24 }), (data) => {
      const at = firstInvalidUtf8(data)
      const strict = new TextDecoder('utf-8', { fatal: true })
      if (at < 0) expect(() => strict.decode(data)).not.toThrow()
      else {
        expect(() => strict.decode(data)).toThrow()
        expect(() => strict.decode(data.slice(0, at))).not.toThrow()
      }
    }),
  )
  fc.assert(fc.property(fc.string({ unit: 'grapheme' }), (text) => firstInvalidUtf8(bytes(text)) === -1))
})

test('a bare NaN is read as empty and noted, a NaN inside words stays', () => {
  expect(parseTolerantJson('{"town": NaN, "name": "NaN \\" NaN", "x": [-Infinity]}')).toMatchObject({
    ok: true,
    value: { town: null, name: 'NaN " NaN', x: [null] },
    notes: [{ code: 'json_nan' }],
  })
  expect(parseTolerantJson('{"a":1}')).toEqual({ ok: true, value: { a: 1 }, notes: [] })
  expect(parseTolerantJson('{"a":')).toMatchObject({ ok: false, notes: [{ code: 'json_broken' }] })
})

test('a report counts every line once and its preview shows every remark in both languages', () => {
  const doubt = note('doubt', '有疑问', 'doubtful')
  const report = makeReport(
    'sites.geojson',
    'sites',
    [understood(1, '一', 1), repaired(2, '二', 2, [doubt]), refused(3, '三', [doubt]), unused(4, '')],
    [note('twice', '重复', 'twice')],
  )
  expect(report.counts).toEqual({ understood: 1, repaired: 1, refused: 1, unused: 1, total: 4 })
  expect(valuesOf(report)).toEqual([1, 2])
  expect(previewText(report, 'zh').split('\n')).toEqual([
    'sites.geojson (sites): 共 4 行: 看懂 1, 修正 1, 不收 1, 未用 1',
    '前后不一致 1 处：',
    '  ! 重复 [twice]',
    '  2: 修正: 二: 有疑问',
    '  3: 不收: 三: 有疑问',
  ])
  expect(previewText(report, 'en', 1)).toContain('… and 1 more')
})
