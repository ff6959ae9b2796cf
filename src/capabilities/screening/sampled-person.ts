import type { App } from '#kernel/app.ts'
import type { Actor } from '#kernel/auth.ts'
import type { Trx } from '#kernel/db.ts'
import { CityError } from '#kernel/errors.ts'
import {
  findPerson,
  findPersonByIdNumber,
  findPersonByPhone,
  lockPhone,
  registerPerson,
} from '#capabilities/people/index.ts'
import type { Member } from './custody.contract.ts'
import { codeTimes, personOfCode } from './resident-code.ts'
import type { SessionRecord } from './tube-store.ts'

/** Whoever was met by a telephone or a number alone, until somebody writes down their name. */
export const UNNAMED = '未登记姓名'

/**
 * The person that a member is, by code, identity number (with its checksum) or telephone. Somebody unknown is registered
 * at the session's compound; nobody goes home untested because a register lacks them. Throws `code_not_valid`,
 * `id_number_wrong`, `person_not_found` (a code of somebody who was erased meanwhile).
 */
export async function personOf(
  app: App,
  trx: Trx,
  _actor: Actor,
  session: Pick<SessionRecord, 'place_code' | 'address'>,
  member: Member,
  id: string,
): Promise<{ id: string; isNew: boolean }> {
  if ('code' in member) {
    const person = await findPerson(trx, personOfCode(app, member.code, (await codeTimes(app)).offline))
    if (!person || person.erased_at) throw new CityError('person_not_found')
    return { id: person.merged_into ?? person.id, isNew: false }
  }
  const known =
    'idNumber' in member
      ? await findPersonByIdNumber(app, member, trx)
      : await findPersonByPhone(app, member.phone, trx)
  if (known) return { id: known.id, isNew: false }
  if (!('idNumber' in member)) {
    // Almost everybody is known: only who is not is looked for once more, with the number locked.
    await lockPhone(app, member.phone, trx)
    const meanwhile = await findPersonByPhone(app, member.phone, trx)
    if (meanwhile) return { id: meanwhile.id, isNew: false }
  }
  return registerPerson(app, trx, {
    id,
    met: true,
    name: member.name ?? UNNAMED,
    placeCode: session.place_code,
    ...(member.phone !== undefined && { phone: member.phone }),
    ...('idNumber' in member && { idKind: member.idKind, idNumber: member.idNumber }),
  })
}
