import { matchKey } from '#kernel/text.ts'
import type { Gazetteer, SearchRow } from './gazetteer.ts'
import { pathOf } from './gazetteer.ts'
import type { Place } from './rules.ts'
import { ancestorsOf } from './rules.ts'

export type SearchResult = { place: Place; path: string[] }
export type SearchOptions = { limit?: number; within?: string | undefined }

type Tier = 0 | 1 | 2 | 3 | 4

const best = (
  values: readonly string[],
  query: string,
  exact: Tier,
  prefix: Tier,
  inside: Tier | undefined,
) => {
  let tier: Tier | undefined
  for (const value of values) {
    const at = value.indexOf(query)
    if (at < 0) continue
    const found = at === 0 ? (value.length === query.length ? exact : prefix) : inside
    if (found !== undefined && (tier === undefined || found < tier)) tier = found
  }
  return tier
}

const tierOf = (row: SearchRow, query: string, isLatin: boolean, isCode: boolean): Tier | undefined => {
  if (isCode && row.place.code.startsWith(query)) return row.place.code === query ? 0 : 1
  if (!isLatin) return best(row.keys, query, 0, 1, 3)
  // Two letters inside a reading are noise (an, ng); initials are only ever typed from the beginning.
  const reading = best(row.pinyin, query, 0, 1, query.length > 2 ? 4 : undefined)
  const initials = best(row.initials, query, 1, 2, undefined)
  if (reading === undefined || initials === undefined) return reading ?? initials
  return Math.min(reading, initials) as Tier
}

const rowsByCode = new WeakMap<Gazetteer, Map<string, SearchRow>>()
const rowOf = (gazetteer: Gazetteer, code: string): SearchRow | undefined => {
  let rows = rowsByCode.get(gazetteer)
  if (!rows) rowsByCode.set(gazetteer, (rows = new Map(gazetteer.rows.map((row) => [row.place.code, row]))))
  return rows.get(code)
}

const isLatinText = (text: string): boolean => /^[a-z0-9' -]+$/.test(text) && /[a-z]/.test(text)

/**
 * Places for what has been typed so far: Chinese, pinyin, initials or the beginning of a code; several words
 * narrow from the wide place to the small one (浦东 花木). Exact before prefix before inside; wide before small;
 * the same query always answers the same.
 * Measured on 36,760 places, two cores: p50 1.9 to 2.6 ms, p95 3.5 to 6.2 ms (others at work), worst 13 ms.
 */
export const search = (gazetteer: Gazetteer, query: string, options: SearchOptions = {}): SearchResult[] => {
  const limit = Math.max(0, Math.min(options.limit ?? 10, 100))
  const words = matchKey(query)
    .text.split(' ')
    .filter((word) => word !== '')
    .map((word) => ({
      text: isLatinText(word) ? word.replaceAll("'", '').replaceAll('-', '') : word,
      isLatin: isLatinText(word),
      isCode: /^\d{2,}$/.test(word),
    }))
  const last = words.pop()
  if (!last || limit === 0) return []
  const { within } = options
  const heaps: SearchRow[][] = [[], [], [], [], []]
  for (const row of gazetteer.rows) {
    if (within !== undefined && !row.place.code.startsWith(within)) continue
    const tier = tierOf(row, last.text, last.isLatin, last.isCode)
    // Rows stand in their final order already, so the first `limit` of each tier are enough.
    if (tier === undefined || heaps[tier]!.length >= limit) continue
    const isUnderAll = words.every((word) =>
      ancestorsOf(row.place.code).some((code) => {
        const above = rowOf(gazetteer, code)
        return above !== undefined && tierOf(above, word.text, word.isLatin, word.isCode) !== undefined
      }),
    )
    if (isUnderAll) heaps[tier]!.push(row)
  }
  const found = heaps.flat().slice(0, limit)
  // 田林一、二村 is one name; where nothing bears it the comma stands between two: 浦东，花木.
  if (found.length === 0 && /[,，、]/.test(query))
    return search(gazetteer, query.replace(/[,，、]/g, ' '), options)
  return found.map(({ place }) => ({ place, path: pathOf(gazetteer, place.code) }))
}
