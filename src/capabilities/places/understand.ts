import { matchKey, originalSpan } from '#kernel/text.ts'
import type { AddressParts, FoundAddress } from './address.ts'
import { findAddresses } from './address.ts'
import type { Gazetteer } from './gazetteer.ts'
import { pathOf } from './gazetteer.ts'
import type { Mention } from './mentions.ts'
import { findMentions } from './mentions.ts'
import type { Place } from './rules.ts'
import { ancestorsOf, commonPlace } from './rules.ts'

export type UnderstoodWord = { from: number; to: number; text: string; placeCode: string }
export type PlaceGuess = { placeCode: string; path: string[]; confidence: number }
export type UnderstoodPlace = {
  placeCode: string
  path: string[]
  /** 路 弄 号 室 as typed; a place's own name before a bare number (田林十三村12号) belongs to it. */
  address: string | undefined
  addressAt: { from: number; to: number } | undefined
  parts: AddressParts
  words: UnderstoodWord[]
  /** 0..1; under 0.5 a person should look. */
  confidence: number
  alternatives: PlaceGuess[]
}

type Candidate = Mention & {
  supports: Mention[]
  score: number
  contradicted: boolean
  isWithin: boolean
  isInsideWord: boolean
}

const DEPTH: Readonly<Record<Place['kind'], number>> = {
  city: 0,
  district: 1,
  subdistrict: 2,
  neighbourhood: 3,
  compound: 3.5,
  building: 4,
  entrance: 4,
  floor: 4,
  room: 4,
}

// 顾村居委会 and 顾村村委会 are two: the name as it is written comes before the name with a suffix put on.
const FORM_SCORE = { full: 1.2, suffixed: 1, estate: 0.1, short: 0, road: 0 } as const

// A name that follows one of these begins a word; after another character it may be the tail of a longer,
// unknown name (龙南三村 holds the village 南三村).
const SPEECH = new Set(
  '在住是到去从的我你他她们这那了说叫请给让把被送离区市镇县道村号弄室路街家人和与及于为有又就都来也还',
)

const overlap = (a: Mention, b: Mention): boolean => a.from < b.to && b.from < a.to

const weigh = (key: string, mentions: readonly Mention[], within: string | undefined): Candidate[] => {
  const counted = mentions.filter(({ counts }) => counts)
  const districts = counted.filter(({ place }) => place.kind === 'district')
  const towns = counted.filter(({ place, form }) => place.kind === 'subdistrict' && form === 'full')
  // 江宁路 alone is a road; before 永乐居委 it also hints which of two 永乐 is meant.
  const hints = mentions.filter(({ place, form }) => form === 'road' && place.kind === 'subdistrict')
  return counted.map((mention) => {
    const above = ancestorsOf(mention.place.code).filter((code) => code.length > 2)
    const supports = above.flatMap((code) => {
      const named = counted.find((other) => other.place.code === code && !overlap(other, mention))
      return named ? [named] : []
    })
    const district = mention.place.code.slice(0, 6)
    const isBelowTown = DEPTH[mention.place.kind] > DEPTH.subdistrict
    const contradicted =
      (mention.place.kind !== 'city' &&
        districts.length > 0 &&
        !districts.some(({ place }) => place.code === district)) ||
      (isBelowTown &&
        towns.length > 0 &&
        !towns.some(({ place }) => mention.place.code.startsWith(place.code)))
    const isInsideWord =
      /[\p{Script=Han}\d]/u.test(key.charAt(mention.from - 1)) &&
      !SPEECH.has(key.charAt(mention.from - 1)) &&
      !counted.some(({ to }) => to === mention.from)
    const isWithin = within !== undefined && mention.place.code.startsWith(within)
    const score =
      DEPTH[mention.place.kind] +
      2 * supports.length +
      0.15 * (mention.to - mention.from) +
      FORM_SCORE[mention.form] +
      (isWithin ? 1.5 : 0) -
      (contradicted ? 4 : 0) +
      (isInsideWord ? -0.5 : 0) +
      (hints.some((hint) => above.includes(hint.place.code) && !overlap(hint, mention)) ? 0.5 : 0)
    return { ...mention, supports, score, contradicted, isWithin, isInsideWord }
  })
}

const confidenceOf = ({ place, form, supports, contradicted, isWithin, isInsideWord }: Candidate): number => {
  const base =
    supports.length > 0
      ? form === 'short'
        ? 0.88
        : 0.97
      : form === 'short'
        ? ({ city: 0.3, district: 0.75, subdistrict: 0.6, neighbourhood: 0.5 }[place.kind as 'city'] ?? 0.6)
        : place.kind === 'city'
          ? 0.3
          : 0.85
  const sure = isWithin ? base + (1 - base) / 2 : base
  return (
    Math.round((contradicted ? sure / 2 : isInsideWord && supports.length === 0 ? sure * 0.6 : sure) * 100) /
    100
  )
}

// Which of several places is meant stays open; that it lies in the place they share does not.
const sharedConfidence = (shared: Place | undefined): number =>
  shared?.kind === 'subdistrict' ? 0.75 : shared?.kind === 'district' ? 0.5 : 0.3

/** A short name between a place and its address, such as 12号 under a compound, names the place below. */
const descend = (gazetteer: Gazetteer, start: Place, address: FoundAddress | undefined): Place => {
  let place = start
  if (!address) return place
  const { road = '', lane = '', number, building, entrance, floor, room } = address.parts
  const steps = [`${road}${lane}`, building ?? number, entrance, floor, room]
  for (const step of steps) {
    if (!step) continue
    const key = matchKey(step).text
    const child = gazetteer.children.get(place.code)?.find((each) => matchKey(each.name).text === key)
    if (child) place = child
  }
  return place
}

const chooseAddress = (
  addresses: readonly FoundAddress[],
  chosen: Mention | undefined,
): FoundAddress | undefined =>
  addresses.find(({ keyFrom, keyTo }) => chosen && keyTo >= chosen.to && keyFrom >= chosen.from) ??
  addresses[0]

const guess = (gazetteer: Gazetteer, placeCode: string, confidence: number): PlaceGuess => ({
  placeCode,
  path: pathOf(gazetteer, placeCode),
  confidence,
})

const alternativesOf = (
  gazetteer: Gazetteer,
  chosenCode: string,
  candidates: readonly Candidate[],
  mentions: readonly Mention[],
) => {
  const guesses = new Map<string, PlaceGuess>()
  const add = (code: string, confidence: number): void => {
    if (code === '31' || chosenCode.startsWith(code) || guesses.has(code) || guesses.size >= 5) return
    guesses.set(code, guess(gazetteer, code, confidence))
  }
  for (const candidate of candidates) add(candidate.place.code, Math.min(0.5, confidenceOf(candidate)))
  for (const { place, counts, form } of mentions)
    if (!counts && form === 'road' && DEPTH[place.kind] <= DEPTH.subdistrict) add(place.code, 0.15)
  return [...guesses.values()]
}

/**
 * The place that a text speaks of: the deepest name that agrees with the names above it, with the address kept
 * as typed. A name that several places bear is settled by a parent named anywhere in the text, then by `within`
 * (the prefix of whoever took the text in); else the place that holds them all is given, with the candidates as
 * alternatives. A name before 路, 街 or 弄 is a road. Undefined where the text speaks of no place.
 */
export const understandPlace = (
  gazetteer: Gazetteer,
  text: string,
  options: { within?: string | undefined } = {},
): UnderstoodPlace | undefined => {
  const key = matchKey(text)
  const mentions = findMentions(gazetteer, key.text)
  const candidates = weigh(key.text, mentions, options.within).sort(
    (a, b) => b.score - a.score || a.from - b.from || (a.place.code < b.place.code ? -1 : 1),
  )
  const boundaries = mentions
    .filter(({ counts }) => counts)
    .map(({ from, to, place, form }) => ({
      from,
      to,
      isPlaceWithNumbers: DEPTH[place.kind] >= 3 || form === 'estate',
    }))
  const addresses = findAddresses(text, key, boundaries)
  const [top] = candidates
  const address = chooseAddress(addresses, top)
  if (!top && !address) return undefined
  const rivals = top
    ? candidates.filter(({ from, to, score }) => from === top.from && to === top.to && score === top.score)
    : []
  const rivalCodes = [...new Set(rivals.map(({ place }) => place.code))]
  const isAmbiguous = rivalCodes.length > 1
  const named = isAmbiguous ? commonPlace(rivalCodes) : top?.place.code
  const placeCode = named ?? (options.within && gazetteer.byCode.has(options.within) ? options.within : '31')
  const start = gazetteer.byCode.get(placeCode)
  const place = start && !isAmbiguous ? descend(gazetteer, start, address) : start
  const code = place?.code ?? placeCode
  return {
    placeCode: code,
    path: pathOf(gazetteer, code),
    address: address?.text,
    addressAt: address && { from: address.from, to: address.to },
    parts: address?.parts ?? {},
    words: top ? wordsOf(text, key, top, code) : [],
    confidence: isAmbiguous ? sharedConfidence(place) : top ? confidenceOf(top) : 0.2,
    alternatives: alternativesOf(gazetteer, code, candidates, mentions),
  }
}

const wordsOf = (
  text: string,
  key: ReturnType<typeof matchKey>,
  top: Candidate,
  code: string,
): UnderstoodWord[] =>
  [...top.supports, top]
    .map((mention) => {
      const span = originalSpan(key, mention.from, mention.to)
      const placeCode = mention === top && !code.startsWith(top.place.code) ? code : mention.place.code
      return { ...span, text: text.slice(span.from, span.to), placeCode }
    })
    .sort((a, b) => a.from - b.from)
