import type { IdKind, Sex } from './contract.ts'
import type { Need } from './needs.contract.ts'
import { plainName, type PersonFacts } from './identity.ts'
import type { Column, ImportNote } from './import-words.contract.ts'
import type { Sheet } from './import-file.ts'
import { isDate, isIdNumber, plainIdNumber, readResidentId } from './rules.ts'

export type CheckedLine =
  | { line: number; status: 'understood' | 'repaired'; notes: ImportNote[]; facts: PersonFacts }
  | { line: number; status: 'refused' | 'unused'; notes: ImportNote[] }

export type Where = { known: ReadonlySet<string>; within: string }

const KINDS: Record<string, IdKind> = {
  居民身份证: 'resident_id',
  身份证: 'resident_id',
  resident_id: 'resident_id',
  护照: 'passport',
  passport: 'passport',
  港澳居民来往内地通行证: 'hk_macao_pass',
  港澳通行证: 'hk_macao_pass',
  hk_macao_pass: 'hk_macao_pass',
  台湾居民来往大陆通行证: 'taiwan_pass',
  台胞证: 'taiwan_pass',
  taiwan_pass: 'taiwan_pass',
  其他: 'other',
  other: 'other',
}
const SEXES: Record<string, Sex> = {
  男: 'male',
  女: 'female',
  male: 'male',
  female: 'female',
  m: 'male',
  f: 'female',
}

const NEEDS: Record<string, Need> = {
  卧床: 'bedridden',
  长期卧床: 'bedridden',
  bedridden: 'bedridden',
  夜班: 'night_shift',
  'night shift': 'night_shift',
  night_shift: 'night_shift',
}

/** Words apart by commas of either writing; what is none of ours is left out and said. */
function readNeeds(text: string): { needs: Need[]; unknown: boolean } {
  if (text === '') return { needs: [], unknown: false }
  const words = text
    .toLowerCase()
    .split(/[,，、;；/]/)
    .map((w) => w.trim())
    .filter((w) => w !== '')
  const needs = words.flatMap((w) => NEEDS[w] ?? [])
  return { needs: [...new Set(needs)].toSorted(), unknown: needs.length < words.length }
}

const MOST = { name: 60, residence: 200, occupation: 40 } as const
/** Division codes end at these lengths; a code is shortened to a known place, never beyond the subdistrict. */
const LENGTHS = [23, 21, 19, 18, 15, 12, 9] as const

/** One line of text without control characters; the apostrophe that guards a formula in our own exports is taken off. */
const clean = (cell: string): string =>
  // Most cells need nothing: one look instead of three replacements, a third of the checking of a register.
  CLEAN.test(cell)
    ? cell
    : cell
        .replace(/[\s\p{Cc}]+/gu, ' ')
        .trim()
        .replace(/^'(?=[=+\-@])/, '')
const CLEAN = /^(?:[^\s\p{Cc}'][^\s\p{Cc}]*)?$/u

/** A number that a sheet kept as a number: fifteen digits survive. */
const lostDigits = (cell: string): boolean => /^\d+(\.\d+)?[eE]\+?\d+$/.test(cell)

/** The place and what there is to say of it; no place where it cannot be one of this import. */
function readPlace(given: string, where: Where): { place?: string; note?: ImportNote } {
  if (given === '') return { note: 'place_missing' }
  if (lostDigits(given)) return { note: 'number_lost_digits' }
  const code = given.replace(/\D/g, '')
  const whole = where.known.has(code)
  const place = whole ? code : LENGTHS.map((n) => code.slice(0, n)).find((c) => where.known.has(c))
  if (!place || !/^\d{6,23}$/.test(code)) return { note: 'place_unknown' }
  if (!place.startsWith(where.within)) return { note: 'place_elsewhere' }
  return whole ? { place } : { place, note: 'place_shortened' }
}

function readDate(text: string): string | undefined {
  const parts = /^(\d{4})[-/.年]?(\d{1,2})[-/.月]?(\d{1,2})日?$/.exec(text)
  if (!parts) return undefined
  const date = `${parts[1]}-${parts[2]!.padStart(2, '0')}-${parts[3]!.padStart(2, '0')}`
  return isDate(date) ? date : undefined
}

const REFUSES: ReadonlySet<ImportNote> = new Set<ImportNote>([
  'name_missing',
  'name_too_long',
  'phone_malformed',
  'id_kind_unknown',
  'id_number_wrong',
  'number_lost_digits',
  'birth_date_wrong',
  'place_missing',
  'place_unknown',
  'place_elsewhere',
  'address_too_long',
])

/** One line: understood, repaired or refused, with what there is to say about it. */
export function checkLine(
  cells: readonly string[],
  columns: Sheet['columns'],
  line: number,
  where: Where,
): CheckedLine {
  const notes: ImportNote[] = []
  const say = (note: ImportNote) => void notes.push(note)
  const at = (column: Column) => clean(cells[columns.get(column) ?? -1] ?? '')
  if (cells.every((cell) => cell.trim() === '')) return { line, status: 'unused', notes: ['blank'] }

  const name = at('name').normalize('NFC')
  if (name === '') say('name_missing')
  if (name.length > MOST.name) say('name_too_long')

  const saidPhone = at('phone')
  const givenPhone = saidPhone.normalize('NFKC')
  const phone = givenPhone.replace(/[\s-]/g, '').replace(/^(\+|00)86(?=1)/, '')
  if (phone !== '' && !/^1\d{10}$/.test(phone))
    say(lostDigits(phone) ? 'number_lost_digits' : 'phone_malformed')
  else if (phone !== saidPhone) say('phone_cleaned')

  const idNumber = plainIdNumber(at('idNumber'))
  const givenKind = at('idKind').toLowerCase()
  const idKind = givenKind === '' ? 'resident_id' : KINDS[givenKind]
  if (idNumber !== '') {
    if (!idKind) say('id_kind_unknown')
    else if (lostDigits(idNumber)) say('number_lost_digits')
    else if (!isIdNumber(idKind, idNumber)) say('id_number_wrong')
    else if (givenKind === '') say('id_kind_assumed')
  }
  const said = idKind === 'resident_id' ? readResidentId(idNumber) : undefined

  const givenBirth = at('birthDate').normalize('NFKC')
  const birthDate = readDate(givenBirth)
  if (givenBirth !== '' && !birthDate && !said) say('birth_date_wrong')
  if (said && givenBirth !== '' && birthDate !== said.birthDate) say('birth_differs')

  const givenSex = at('sex').toLowerCase()
  const sex = SEXES[givenSex]
  if (givenSex !== '' && !sex && !said) say('sex_unknown')
  if (said && sex && sex !== said.sex) say('sex_differs')

  const { place, note } = readPlace(at('placeCode'), where)
  if (note) say(note)
  const residence = at('residence')
  if (residence.length > MOST.residence) say('address_too_long')
  const occupation = at('occupation')
  if (occupation.length > MOST.occupation) say('occupation_cut')
  const { needs, unknown } = readNeeds(at('needs'))
  if (unknown) say('needs_unknown')

  if (place === undefined || notes.some((each) => REFUSES.has(each)))
    return { line, status: 'refused', notes }
  return {
    line,
    // A card without its kind is the common case and loses nothing: said, not counted as a repair.
    status: notes.some((each) => each !== 'id_kind_assumed') ? 'repaired' : 'understood',
    notes,
    facts: {
      name,
      placeCode: place,
      phone: phone || undefined,
      idKind: idNumber ? idKind : undefined,
      idNumber: idNumber || undefined,
      birthDate: said?.birthDate ?? birthDate,
      sex: said?.sex ?? sex,
      residence: residence || undefined,
      occupation: occupation.slice(0, MOST.occupation) || undefined,
      needs,
    },
  }
}

/** What a line without an identity number is known by when it comes again: everything that was said. */
export const lineKey = (facts: PersonFacts): string =>
  [plainName(facts.name), facts.phone, facts.birthDate, facts.sex, facts.placeCode, facts.residence].join(
    '\u0001',
  )
