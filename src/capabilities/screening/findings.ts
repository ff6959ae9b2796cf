import type { App } from '#kernel/app.ts'
import { scopeOf, type Actor } from '#kernel/auth.ts'
import { asService, within } from '#kernel/db.ts'
import { CityError } from '#kernel/errors.ts'
import type { Given } from '#kernel/http.ts'
import { findPerson, maskName, recordLook } from '#capabilities/people/index.ts'
import type { GetFinding } from './results.contract.ts'

/** What the centre is asked to confirm, with the person masked, who is told of the look. Errors: `finding_not_found`. */
export async function getFinding(app: App, actor: Actor, { params }: Given<typeof GetFinding>) {
  return within(app.db, scopeOf(actor, 'findings.record'), async (trx) => {
    const row = await trx.selectFrom('finding').selectAll().where('id', '=', params.id).executeTakeFirst()
    if (!row) throw new CityError('finding_not_found')
    await asService(trx)
    const person = await findPerson(trx, row.person_id)
    await recordLook(trx, actor, 'findings.get', {
      personId: row.person_id,
      placeCode: row.place_code,
      subject: row.id,
    })
    return {
      id: row.id,
      tube: row.tube,
      placeCode: row.place_code,
      outcome: row.outcome,
      foundAt: row.found_at?.toISOString() ?? null,
      openedAt: row.opened_at.toISOString(),
      person: {
        personId: row.person_id,
        nameMasked: person ? maskName(app.vault.open(person.name_sealed, 'person.name')) : '',
      },
    }
  })
}
