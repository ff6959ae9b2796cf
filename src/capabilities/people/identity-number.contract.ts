import type { IdKind } from './contract.ts'

// In a contract file because a sampler's telephone checks a number while it is typed, without a network and without Zod.

const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
const CHECKS = '10X98765432'

/** The eighteenth character of a resident identity number (GB 11643-1999, ISO 7064 MOD 11-2). */
export const checkCharacter = (first17: string): string =>
  CHECKS[WEIGHTS.reduce((sum, weight, i) => sum + weight * Number(first17[i]), 0) % 11]!

/** What a resident identity number says of its holder; undefined where it is none (shape, date or check character). */
export function readResidentId(
  number: string,
): { birthDate: string; sex: 'male' | 'female'; simulated: boolean } | undefined {
  if (!/^\d{17}[\dX]$/.test(number) || checkCharacter(number) !== number[17]) return undefined
  const birthDate = `${number.slice(6, 10)}-${number.slice(10, 12)}-${number.slice(12, 14)}`
  if (!isDate(birthDate)) return undefined
  return {
    birthDate,
    sex: Number(number[16]) % 2 === 1 ? 'male' : 'female',
    simulated: number.startsWith(SIMULATED_AREA),
  }
}

/** A calendar date `YYYY-MM-DD` of somebody who may be alive. Counted: a Date for each cost a tenth of an import. */
export function isDate(text: string): boolean {
  if (!/^(18[89]|19\d|20\d)\d-\d\d-\d\d$/.test(text)) return false
  const [year, month, day] = [Number(text.slice(0, 4)), Number(text.slice(5, 7)), Number(text.slice(8))]
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
  const last = month === 2 ? (leap ? 29 : 28) : [4, 6, 9, 11].includes(month) ? 30 : 31
  return month >= 1 && month <= 12 && day >= 1 && day <= last
}

const ID_SHAPES = {
  resident_id: /^\d{17}[\dX]$/,
  passport: /^[A-Z0-9]{5,17}$/,
  hk_macao_pass: /^[HMC]\d{8,10}$/,
  taiwan_pass: /^(\d{8}|\d{10}|\d{10}[A-Z])$/,
  other: /^[A-Z0-9-]{4,30}$/,
} as const satisfies Record<IdKind, RegExp>

/** One form per number: half width, capitals, without spaces. */
export const plainIdNumber = (text: string): string => text.normalize('NFKC').replace(/\s/g, '').toUpperCase()

export const isIdNumber = (kind: IdKind, number: string): boolean =>
  kind === 'resident_id' ? readResidentId(number) !== undefined : ID_SHAPES[kind].test(number)

/** Identity numbers of simulated people begin with an area code that no place has (areas begin with 11). */
export const SIMULATED_AREA = '000000'
