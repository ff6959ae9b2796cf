import type { Vault } from '#kernel/crypto.ts'
import { matchKey } from '#kernel/text.ts'
import type { IdKind, Sex } from './contract.ts'
import type { Need } from './needs.contract.ts'
import { readResidentId, SIMULATED_PHONE } from './rules.ts'

/** What may be known of somebody; dates as `YYYY-MM-DD`, the number in its one form (`plainIdNumber`). */
export type PersonFacts = {
  name: string
  placeCode: string
  phone?: string | undefined
  idKind?: IdKind | undefined
  idNumber?: string | undefined
  birthDate?: string | undefined
  sex?: Sex | undefined
  residence?: string | undefined
  occupation?: string | undefined
  needs?: readonly Need[] | undefined
}

/** The columns of `person` that come from the facts. */
export type PersonColumns = {
  place_code: string
  name_sealed: string
  phone_sealed: string | null
  phone_hash: string | null
  id_kind: IdKind | null
  id_number_sealed: string | null
  id_number_hash: string | null
  birth_year: number | null
  birth_month: number | null
  sex: Sex | null
  residence_sealed: string | null
  residence_hash: string | null
  alike_hash: string | null
  occupation: string | null
  needs: Need[] | null
  simulated: boolean
}

export const phoneHash = (vault: Vault, phone: string): string => vault.fingerprint(phone, 'phone')

export const idNumberHash = (vault: Vault, kind: IdKind, number: string): string =>
  vault.fingerprint(`${kind} ${number}`, 'person.id_number')

/** 张 三 and 张三 are one name; so are Ｌｉ and li. */
export const plainName = (name: string): string => name.normalize('NFKC').replace(/\s+/g, '').toLowerCase()

/** Whoever has the same lives together: the place and the address in the form that texts are compared in. */
const residenceKey = (placeCode: string, residence: string): string =>
  `${placeCode} ${matchKey(residence).text.replaceAll(' ', '')}`

type Home = { key: string; residence_sealed: string; residence_hash: string }

/**
 * One seal for a home that several lines of a register name with the same words. It says nothing that residence_hash does
 * not say already, and saves an import a tenth of its time. Bounded: neighbours stand together in a register.
 */
export type Homes = Map<string, Home>
const MOST_HOMES = 5_000

function homeOf(vault: Vault, placeCode: string, residence: string, homes: Homes): Home {
  const said = `${placeCode} ${residence}`
  const known = homes.get(said)
  if (known) return known
  const key = residenceKey(placeCode, residence)
  const home = {
    key,
    residence_sealed: vault.seal(residence, 'person.residence'),
    residence_hash: vault.fingerprint(key, 'person.residence'),
  }
  if (homes.size >= MOST_HOMES) homes.clear()
  homes.set(said, home)
  return home
}

/** Seals and hashes what is known of a person. Name, birth date and address together make `alike_hash`. */
export function sealPerson(vault: Vault, facts: PersonFacts, homes: Homes = new Map()): PersonColumns {
  const { name, phone, idKind, idNumber, residence } = facts
  const said = idKind === 'resident_id' && idNumber ? readResidentId(idNumber) : undefined
  const birthDate = said?.birthDate ?? facts.birthDate
  const home = residence ? homeOf(vault, facts.placeCode, residence, homes) : undefined
  return {
    place_code: facts.placeCode,
    name_sealed: vault.seal(name, 'person.name'),
    phone_sealed: phone ? vault.seal(phone, 'person.phone') : null,
    phone_hash: phone ? phoneHash(vault, phone) : null,
    id_kind: idNumber ? (idKind ?? 'other') : null,
    id_number_sealed: idNumber ? vault.seal(idNumber, 'person.id_number') : null,
    id_number_hash: idNumber ? idNumberHash(vault, idKind ?? 'other', idNumber) : null,
    birth_year: birthDate ? Number(birthDate.slice(0, 4)) : null,
    // Without the day: an age in months needs no more.
    birth_month: birthDate ? Number(birthDate.slice(5, 7)) : null,
    sex: said?.sex ?? facts.sex ?? null,
    residence_sealed: home?.residence_sealed ?? null,
    residence_hash: home?.residence_hash ?? null,
    alike_hash:
      home && birthDate
        ? vault.fingerprint(`${plainName(name)} ${birthDate} ${home.key}`, 'person.alike')
        : null,
    occupation: facts.occupation ?? null,
    needs: facts.needs?.length ? [...facts.needs] : null,
    simulated: said?.simulated === true || (phone !== undefined && SIMULATED_PHONE.test(phone)),
  }
}
