import type { Bilingual } from './contract.ts'

/** What became of one piece of published input. `unused` is read and accounted for, but carries nothing asked for. */
export type LineStatus = 'understood' | 'repaired' | 'refused' | 'unused'
export type Note = { code: string; zh: string; en: string }
export type Line<T> = { line: number; raw: string; status: LineStatus; value?: T; notes: Note[] }
export type Counts = Record<LineStatus, number> & { total: number }
export type Report<T> = {
  file: string
  kind: string
  lines: Line<T>[]
  counts: Counts
  /** Contradictions between lines or inside the file: reported, never smoothed. */
  inconsistencies: Note[]
}

export const note = (code: string, zh: string, en: string): Note => ({ code, zh, en })

export const understood = <T>(line: number, raw: string, value: T, notes: Note[] = []): Line<T> => ({
  line,
  raw,
  status: 'understood',
  value,
  notes,
})
export const repaired = <T>(line: number, raw: string, value: T, notes: Note[]): Line<T> => ({
  line,
  raw,
  status: 'repaired',
  value,
  notes,
})
export const refused = (line: number, raw: string, notes: Note[]): Line<never> => ({
  line,
  raw,
  status: 'refused',
  notes,
})
export const unused = (line: number, raw: string, notes: Note[] = []): Line<never> => ({
  line,
  raw,
  status: 'unused',
  notes,
})

export const countLines = (lines: readonly { status: LineStatus }[]): Counts => {
  const counts: Counts = { understood: 0, repaired: 0, refused: 0, unused: 0, total: lines.length }
  for (const { status } of lines) counts[status]++
  return counts
}

export const makeReport = <T>(
  file: string,
  kind: string,
  lines: Line<T>[],
  inconsistencies: Note[] = [],
): Report<T> => ({ file, kind, lines, counts: countLines(lines), inconsistencies })

/** The values that an import would store. */
export const valuesOf = <T>(report: Pick<Report<T>, 'lines'>): T[] =>
  report.lines.flatMap((line) => (line.value === undefined ? [] : [line.value]))

export type DecodedText =
  | { ok: true; text: string; encoding: 'utf-8' | 'gb18030'; notes: Note[] }
  | { ok: false; byteOffset: number; notes: Note[] }

/** Position of the first byte that is not UTF-8 (RFC 3629), or -1. */
export const firstInvalidUtf8 = (bytes: Uint8Array): number => {
  let at = 0
  while (at < bytes.length) {
    const lead = bytes[at] ?? 0
    if (lead < 0x80) {
      at++
      continue
    }
    const length =
      lead >= 0xc2 && lead <= 0xdf
        ? 2
        : lead >= 0xe0 && lead <= 0xef
          ? 3
          : lead >= 0xf0 && lead <= 0xf4
            ? 4
            : 0
    if (length === 0 || at + length > bytes.length) return at
    const second = bytes[at + 1] ?? 0
    const low = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80
    const high = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf
    if (second < low || second > high) return at
    for (let i = 2; i < length; i++) if (((bytes[at + i] ?? 0) & 0xc0) !== 0x80) return at
    at += length
  }
  return -1
}

const looksLikeProse = (text: string): boolean => {
  // Damaged UTF-8 decodes as GB18030 too, into rare characters and private-use signs. Text of this field
  // is made of the 3,755 everyday characters of GB2312's first level and ASCII.
  let odd = 0
  let chars = 0
  for (const char of text) {
    if (/\s/.test(char)) continue
    chars++
    if (!/[\u0020-\u007e\u3000-\u303f\uff00-\uffef\u2010-\u2027]/.test(char) && !isFirstLevel(char)) odd++
  }
  return chars > 0 && odd / chars < 0.1
}

let firstLevel: Set<string> | undefined
const isFirstLevel = (char: string): boolean => {
  if (!firstLevel) {
    const bytes: number[] = []
    for (let row = 0xb0; row <= 0xd7; row++) for (let cell = 0xa1; cell <= 0xfe; cell++) bytes.push(row, cell)
    firstLevel = new Set(new TextDecoder('gb18030').decode(Uint8Array.from(bytes)))
  }
  return firstLevel.has(char)
}

/**
 * Bytes of a published file as text: UTF-8 with or without BOM; else GB18030, noted as repaired; else refused
 * with the offset of the first broken byte. CRLF and CR become LF.
 */
export const decodeText = (bytes: Uint8Array): DecodedText => {
  const broken = firstInvalidUtf8(bytes)
  const lines = (text: string): string => text.replace(/^\ufeff/, '').replace(/\r\n?/g, '\n')
  if (broken < 0)
    return { ok: true, text: lines(new TextDecoder('utf-8').decode(bytes)), encoding: 'utf-8', notes: [] }
  const at = note('encoding_broken', `第 ${broken} 字节不是有效的 UTF-8`, `Byte ${broken} is not valid UTF-8`)
  try {
    const text = new TextDecoder('gb18030', { fatal: true }).decode(bytes)
    if (looksLikeProse(text))
      return {
        ok: true,
        text: lines(text),
        encoding: 'gb18030',
        notes: [note('encoding_gb18030', '不是 UTF-8，已按 GB18030 读取', 'Not UTF-8; read as GB18030')],
      }
  } catch {
    // Not GB18030 either: refused below, with the place where the UTF-8 breaks.
  }
  return { ok: false, byteOffset: broken, notes: [at] }
}

export type ParsedJson = { ok: true; value: unknown; notes: Note[] } | { ok: false; notes: Note[] }

/** JSON as published: bare NaN and Infinity outside strings become null, and are noted. */
export const parseTolerantJson = (text: string): ParsedJson => {
  const clean = text.replace(/^\ufeff/, '')
  const notes: Note[] = []
  let replaced = 0
  const strict = clean.replace(/"(?:[^"\\]|\\.)*"|-?\b(?:NaN|Infinity)\b/g, (token) => {
    if (token.startsWith('"')) return token
    replaced++
    return 'null'
  })
  try {
    const value: unknown = JSON.parse(strict)
    if (replaced > 0)
      notes.push(
        note(
          'json_nan',
          `JSON 中有 ${replaced} 处 NaN，按空值读取`,
          `${replaced} NaN in the JSON read as empty`,
        ),
      )
    return { ok: true, value, notes }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return {
      ok: false,
      notes: [note('json_broken', `不是有效的 JSON：${reason}`, `Not valid JSON: ${reason}`)],
    }
  }
}

const LABELS: Readonly<Record<LineStatus, Bilingual>> = {
  understood: { zh: '看懂', en: 'understood' },
  repaired: { zh: '修正', en: 'repaired' },
  refused: { zh: '不收', en: 'refused' },
  unused: { zh: '未用', en: 'not used' },
}

/** The preview that a person reads before an import: counts, contradictions, then every line with a remark. */
export const previewText = (report: Report<unknown>, language: 'zh' | 'en', limit = Infinity): string => {
  const order = ['understood', 'repaired', 'refused', 'unused'] as const
  const counts = order.map((status) => `${LABELS[status][language]} ${report.counts[status]}`)
  const total = language === 'zh' ? `共 ${report.counts.total} 行` : `${report.counts.total} lines`
  const out = [`${report.file} (${report.kind}): ${total}: ${counts.join(', ')}`]
  const cut = <T>(items: readonly T[], show: (item: T) => string): void => {
    for (const item of items.slice(0, limit)) out.push(show(item))
    const rest = items.length - limit
    if (rest > 0) out.push(language === 'zh' ? `  … 另有 ${rest} 条` : `  … and ${rest} more`)
  }
  if (report.inconsistencies.length > 0)
    out.push(
      language === 'zh'
        ? `前后不一致 ${report.inconsistencies.length} 处：`
        : `${report.inconsistencies.length} inconsistencies:`,
    )
  cut(report.inconsistencies, (each) => `  ! ${each[language]} [${each.code}]`)
  const remarked = report.lines.filter(
    (line) => line.status !== 'unused' && (line.status !== 'understood' || line.notes.length > 0),
  )
  cut(remarked, (line) => {
    const raw = line.raw.replace(/\s+/g, ' ').slice(0, 80)
    return `  ${line.line}: ${LABELS[line.status][language]}: ${raw}: ${line.notes.map((each) => each[language]).join('; ')}`
  })
  return out.join('\n')
}

export type PointFeature = {
  ordinal: number
  raw: string
  properties: Record<string, unknown>
  lng: number
  lat: number
}
export type ReadFeatures = { points: PointFeature[]; refusals: Line<never>[]; notes: Note[] }

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const pointOf = (feature: unknown): { lng: number; lat: number } | undefined => {
  const geometry = isRecord(feature) ? feature['geometry'] : undefined
  const coordinates = isRecord(geometry) && geometry['type'] === 'Point' ? geometry['coordinates'] : undefined
  if (!Array.isArray(coordinates)) return undefined
  const [lng, lat] = coordinates as unknown[]
  if (typeof lng !== 'number' || typeof lat !== 'number') return undefined
  return Math.abs(lng) <= 180 && Math.abs(lat) <= 90 ? { lng, lat } : undefined
}

/** Points of a GeoJSON collection. `line` of a refusal is the feature's number, counted from 1. */
export const readPoints = (text: string): ReadFeatures => {
  const parsed = parseTolerantJson(text)
  if (!parsed.ok) return { points: [], refusals: [refused(1, text.slice(0, 80), parsed.notes)], notes: [] }
  const features = isRecord(parsed.value) ? parsed.value['features'] : undefined
  if (!Array.isArray(features)) {
    const reason = note('geojson_expected', '不是 GeoJSON 要素集合', 'Not a GeoJSON feature collection')
    return { points: [], refusals: [refused(1, text.slice(0, 80), [reason])], notes: parsed.notes }
  }
  const points: PointFeature[] = []
  const refusals: Line<never>[] = []
  for (const [index, feature] of (features as unknown[]).entries()) {
    const properties = isRecord(feature) ? feature['properties'] : undefined
    const point = pointOf(feature)
    const raw = JSON.stringify(properties ?? feature)
    if (point && isRecord(properties)) points.push({ ordinal: index + 1, raw, properties, ...point })
    else
      refusals.push(
        refused(index + 1, raw, [note('feature_broken', '没有位置或属性', 'No position or no properties')]),
      )
  }
  return { points, refusals, notes: parsed.notes }
}

/** A text property with stray line ends and spaces removed; undefined where there is none. */
export const textOf = (value: unknown): string | undefined => {
  if (typeof value !== 'string') return undefined
  // Control characters come from broken exports; the database cannot hold a NUL at all.
  const text = value.replace(/[\s\p{Cc}]+/gu, ' ').trim()
  return text === '' ? undefined : text
}
