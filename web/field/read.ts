import { isIdNumber, plainIdNumber, readResidentId } from '#capabilities/people/identity-number.contract.ts'
import { isLabel } from '#capabilities/screening/label.contract.ts'
import { RESIDENT_CODE } from '#capabilities/screening/resident-code.contract.ts'
import type { Member } from '#web/shared/routes.ts'

export type DocumentKind = 'resident_id' | 'passport' | 'hk_macao_pass' | 'taiwan_pass' | 'other'

/** Somebody as this device knows them before the city has answered: `key` tells two apart, `shown` gives nothing away. */
export type Somebody = { member: Member; key: string; shown: string }

export type Read =
  | { is: 'tube'; code: string }
  | { is: 'box'; code: string }
  | { is: 'person'; person: Somebody }
  | { is: 'nothing'; why: 'label_mistyped' | 'id_number_wrong' | 'not_readable' }

const ends = (text: string, head: number, tail: number) => `${text.slice(0, head)}***${text.slice(-tail)}`

/** A typed identity number in its one form; undefined where it cannot be one of its kind (GB 11643 for residents). */
export function readIdNumber(idKind: DocumentKind, typed: string): Somebody | undefined {
  const idNumber = plainIdNumber(typed)
  if (!isIdNumber(idKind, idNumber)) return undefined
  return {
    member: { idKind, idNumber },
    key: `${idKind} ${idNumber}`,
    shown: idNumber.length >= 15 ? ends(idNumber, 3, 4) : ends(idNumber, 1, 2),
  }
}

export function readPhone(typed: string): Somebody | undefined {
  const phone = plainIdNumber(typed).replace(/^\+?86(?=1\d{10}$)/, '')
  if (!/^\d{5,15}$/.test(phone)) return undefined
  return { member: { phone }, key: `phone ${phone}`, shown: ends(phone, 3, 4) }
}

/** Mobile numbers of the mainland are whole at eleven digits; others end when the person says so. */
export const isWholePhone = (typed: string): boolean => /^1[3-9]\d{9}$/.test(typed)

/** Whether what is typed can still become a resident identity number; a wrong month is said before the last digit. */
export function mayBecomeResidentId(typed: string): boolean {
  if (!/^\d{0,17}[\dX]?$/.test(typed) || typed.length > 18) return false
  if (typed.length === 18) return readResidentId(typed) !== undefined
  if (typed.length >= 8 && !/^(18[89]|19\d|20\d)/.test(typed.slice(6, 9).padEnd(3, '0'))) return false
  if (typed.length >= 12 && !/^(0[1-9]|1[0-2])$/.test(typed.slice(10, 12))) return false
  return typed.length < 14 || /^(0[1-9]|[12]\d|3[01])$/.test(typed.slice(12, 14))
}

/** What a scanned or pasted text is, by its shape alone: label of a tube or box, number, telephone, or somebody's code. */
export function readScan(text: string): Read {
  const plain = plainIdNumber(text)
  if (/^[TB]\d{6,}$/.test(plain)) {
    if (isLabel('T', plain)) return { is: 'tube', code: plain }
    return isLabel('B', plain) ? { is: 'box', code: plain } : { is: 'nothing', why: 'label_mistyped' }
  }
  if (/^\d{17}[\dX]$/.test(plain)) {
    const person = readIdNumber('resident_id', plain)
    return person ? { is: 'person', person } : { is: 'nothing', why: 'id_number_wrong' }
  }
  if (isWholePhone(plain)) return { is: 'person', person: readPhone(plain)! }
  // In capitals: a scanner that types with the caps lock on gives small letters.
  const code = text.trim().toUpperCase()
  if (RESIDENT_CODE.test(code))
    return { is: 'person', person: { member: { code }, key: `code ${code}`, shown: `…${code.slice(-4)}` } }
  return { is: 'nothing', why: 'not_readable' }
}
