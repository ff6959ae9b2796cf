import type { App } from '#kernel/app.ts'
import type { Trx } from '#kernel/db.ts'
import { CityError } from '#kernel/errors.ts'
import {
  findPerson,
  findPersonByIdNumber,
  findPersonByPhone,
  lockPhone,
  registerPerson,
} from '#capabilities/people/index.ts'
import { isIdNumber, plainIdNumber } from '#capabilities/people/identity-number.contract.ts'
import type { Member } from './custody.contract.ts'
import { codeTimes, personOfCode } from './resident-code.ts'
import type { SessionRecord } from './tube-store.ts'

/** Whoever was met by a telephone or a number alone, until somebody writes down their name. */
export const UNNAMED = '未登记姓名'

/** Whom the register has for a member, if anybody. Throws `code_not_valid`, `person_not_found`, `id_number_wrong`. */
export async function findMember(app: App, trx: Trx, member: Member) {
  if ('code' in member) {
    const person = await findPerson(trx, personOfCode(app, member.code, (await codeTimes(app)).offline))
    if (!person || person.erased_at) throw new CityError('person_not_found')
    return person.merged_into ? findPerson(trx, person.merged_into) : person
  }
  if (!('idNumber' in member)) return findPersonByPhone(app, member.phone, trx)
  if (!isIdNumber(member.idKind, plainIdNumber(member.idNumber))) throw new CityError('id_number_wrong')
  return findPersonByIdNumber(app, member, trx)
}

/**
 * The person that a member is, by identity number (with its checksum) or telephone. Somebody unknown is registered at the
 * session's compound; nobody goes home untested because a register lacks them. Throws `id_number_wrong`.
 */
export async function personOf(
  app: App,
  trx: Trx,
  session: Pick<SessionRecord, 'place_code' | 'address'>,
  member: Exclude<Member, { code: string }>,
  id: string,
): Promise<string> {
  const known = await findMember(app, trx, member)
  if (known) return known.id
  if (!('idNumber' in member)) {
    // Almost everybody is known: only who is not is looked for once more, with the number locked.
    await lockPhone(app, member.phone, trx)
    const meanwhile = await findPersonByPhone(app, member.phone, trx)
    if (meanwhile) return meanwhile.id
  }
  const { id: registered } = await registerPerson(app, trx, {
    id,
    met: true,
    name: member.name ?? UNNAMED,
    placeCode: session.place_code,
    ...(member.phone !== undefined && { phone: member.phone }),
    ...('idNumber' in member && { idKind: member.idKind, idNumber: member.idNumber }),
  })
  return registered
}
