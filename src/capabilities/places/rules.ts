/** Places are codes: one string that a jurisdiction is a prefix of. */
export type PlaceKind =
  | 'city'
  | 'district'
  | 'subdistrict'
  | 'neighbourhood'
  | 'compound'
  | 'building'
  | 'entrance'
  | 'floor'
  | 'room'

export type Place = {
  code: string
  kind: PlaceKind
  name: string
  parentCode: string | undefined
  /** WGS84 degrees; absent where nothing public says where it stands. */
  lng?: number | undefined
  lat?: number | undefined
  simulated: boolean
}

const KIND_OF_LENGTH: Readonly<Record<number, PlaceKind>> = {
  2: 'city',
  6: 'district',
  9: 'subdistrict',
  12: 'neighbourhood',
  15: 'compound',
  18: 'building',
  19: 'entrance',
  21: 'floor',
  23: 'room',
}
const LENGTHS = [2, 6, 9, 12, 15, 18, 19, 21, 23] as const

/** The kind that a code's length says, or undefined where no place can have such a code. */
export const kindOf = (code: string): PlaceKind | undefined =>
  /^\d+$/.test(code) ? KIND_OF_LENGTH[code.length] : undefined

/** The code one level up; undefined above the city and for a code of no kind. */
export const parentOf = (code: string): string | undefined => {
  const level = LENGTHS.findIndex((length) => length === code.length)
  return level > 0 ? code.slice(0, LENGTHS[level - 1]) : undefined
}

/** All codes above, from the city down; without the code itself. */
export const ancestorsOf = (code: string): string[] =>
  LENGTHS.filter((length) => length < code.length).map((length) => code.slice(0, length))

/**
 * Half-open range [lo, hi) of the codes under a prefix, for collation "C". An index range scan where
 * `like prefix || '%'` would leave the choice to the planner. Digits only: '9' + 1 is ':', which sorts after it.
 */
export const prefixRange = (prefix: string): { lo: string; hi: string } => {
  if (!/^\d+$/.test(prefix)) throw new RangeError(`not a place prefix: ${JSON.stringify(prefix)}`)
  const last = prefix.charCodeAt(prefix.length - 1)
  return { lo: prefix, hi: prefix.slice(0, -1) + String.fromCharCode(last + 1) }
}

/** The deepest code that all of these lie in; undefined for none or for different cities. */
export const commonPlace = (codes: readonly string[]): string | undefined => {
  const [first, ...others] = codes
  if (first === undefined) return undefined
  return [...ancestorsOf(first), first].findLast((code) => others.every((other) => other.startsWith(code)))
}
