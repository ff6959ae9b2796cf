import type { NormalisedText } from '#kernel/text.ts'
import { originalSpan } from '#kernel/text.ts'

export type AddressParts = {
  road?: string
  lane?: string
  number?: string
  building?: string
  entrance?: string
  floor?: string
  room?: string
}

export type FoundAddress = {
  /** As typed, from the road to the room. */
  text: string
  parts: AddressParts
  /** Span in the original text. */
  from: number
  to: number
  /** Span in the match key. */
  keyFrom: number
  keyTo: number
}

/** Something already recognised in the text: a road cannot begin inside it. */
export type Boundary = { readonly from: number; readonly to: number; readonly isPlaceWithNumbers: boolean }

const HAN = /\p{Script=Han}/u
const ROAD_END = /(?:路|街|大道|公路|道|巷|里|坊|弄)$/
// Characters with which no road of the city begins a sentence and which stand before roads in speech.
const BEFORE_ROAD = new Set('在住是到去从的我你他她们这那了说叫请给让把被送离距区号室幢栋层镇乡址为')
// An estate that the gazetteer does not know still belongs to the address: 大华二村26号.
const ESTATE_END = /(?:村|苑|园|城|庭|邨|宅|坊|府|墅|公寓|小区)$/
const LONGEST_ROAD = 8

const SPACE = '[ ,]?'
const TAIL = new RegExp(
  `^(?<lane>\\d+弄)?(?:${SPACE}(?<branch>\\d+支弄))?` +
    `(?:${SPACE}(?<number>\\d+(?:-\\d+)?[甲乙丙丁]?号(?![楼线码召])(?:-\\d+)?))?` +
    `(?:${SPACE}(?<building>\\d+(?:号楼|幢|栋|座)))?` +
    `(?:${SPACE}(?<entrance>\\d+单元))?` +
    `(?:${SPACE}(?<floor>\\d+[楼层]))?` +
    `(?:[ ,-]?(?<room>\\d{1,5}室|\\d{3,4}(?![\\d弄号元年块人天月点%个例名份.:-])))?`,
  'u',
)
const FIRST_NUMBER = /\d+(?:-\d+)?(?:支弄|弄|[甲乙丙丁]?号(?![线码召])|幢|栋)/gu

/** Where the road before position `end` begins, or `end` where there is none. */
const roadStart = (key: string, end: number, boundaries: readonly Boundary[]): number => {
  let start = end
  while (start > 0 && end - start < LONGEST_ROAD) {
    const char = key.charAt(start - 1)
    // 瑞金2路 and 田林13村 carry their numeral inside; any other digit ends the name.
    const isNumeralInside = /\d/.test(char) && start < end && /[路街村道环]/.test(key.charAt(start))
    if (!isNumeralInside && !HAN.test(char)) break
    if (BEFORE_ROAD.has(char) && !(start === end && key.slice(0, end).endsWith('小区'))) break
    if (char === '于' && key.charAt(start) !== '田') break
    if (boundaries.some(({ to }) => to === start)) break
    start--
  }
  while (start < end && /\d/.test(key.charAt(start))) start++
  return start
}

/** Road, lane, number, building and room in a text, kept as typed. `from` says where to look first, in the key. */
export const findAddresses = (
  original: string,
  key: NormalisedText,
  boundaries: readonly Boundary[],
): FoundAddress[] => {
  const found: FoundAddress[] = []
  let covered = 0
  for (const match of key.text.matchAll(FIRST_NUMBER)) {
    const at = match.index
    if (at < covered || /\d/.test(key.text.charAt(at - 1))) continue
    const tail = TAIL.exec(key.text.slice(at))
    if (!tail?.[0]) continue
    const named = boundaries.find(({ to, isPlaceWithNumbers }) => to === at && isPlaceWithNumbers)
    const nameEnd = key.text.charAt(at - 1) === ' ' ? at - 1 : at
    const start = named ? named.from : roadStart(key.text, nameEnd, boundaries)
    const road = key.text.slice(start, nameEnd)
    const isRoad = ROAD_END.test(road) && road.length >= 2
    const isEstate = ESTATE_END.test(road) && road.length >= 3
    const isLaneOfPlace =
      start === at && tail.groups?.['lane'] !== undefined && boundaries.some(({ to }) => to === at)
    if (!named && !isRoad && !isEstate && !isLaneOfPlace) continue
    const keyTo = at + tail[0].length
    covered = keyTo
    found.push({
      ...keep(original, key, start, keyTo),
      parts: partsOf(original, key, start, at, tail, isRoad),
      keyFrom: start,
      keyTo,
    })
  }
  return found
}

const keep = (original: string, key: NormalisedText, start: number, end: number) => {
  const { from, to } = originalSpan(key, start, end)
  return { text: original.slice(from, to), from, to }
}

const partsOf = (
  original: string,
  key: NormalisedText,
  start: number,
  at: number,
  tail: RegExpExecArray,
  isRoad: boolean,
): AddressParts => {
  const parts: AddressParts = {}
  if (isRoad) parts.road = keep(original, key, start, at).text.trim()
  let searched = 0
  const group = (name: string): string | undefined => {
    const value = tail.groups?.[name]
    if (value === undefined) return undefined
    const position = tail[0].indexOf(value, searched)
    searched = position + value.length
    return keep(original, key, at + position, at + searched).text
  }
  const lane = group('lane')
  const branch = group('branch')
  if (lane ?? branch) parts.lane = `${lane ?? ''}${branch ?? ''}`
  for (const name of ['number', 'building', 'entrance', 'floor', 'room'] as const) {
    const value = group(name)
    if (value !== undefined) parts[name] = value
  }
  return parts
}
