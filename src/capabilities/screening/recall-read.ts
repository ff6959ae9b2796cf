import type { App } from '#kernel/app.ts'
import { may, scopeOf, type Actor } from '#kernel/auth.ts'
import { asService, within, type Trx } from '#kernel/db.ts'
import { CityError } from '#kernel/errors.ts'
import type { Given } from '#kernel/http.ts'
import { findPerson, maskName, recordLook } from '#capabilities/people/index.ts'
import { atlasOf, pathIn } from '#capabilities/places/index.ts'
import type { GetRecall, Recall } from './results.contract.ts'
import { whoGave } from './recall-store.ts'
import { codeFor, codeTimes } from './resident-code.ts'
import { findSession } from './tube-store.ts'

/** The person who is called back and those they live with, masked; each of them is told that it was looked at. */
export async function getRecall(
  app: App,
  actor: Actor,
  { params }: Given<typeof GetRecall>,
): Promise<Recall> {
  return within(app.db, scopeOf(actor, 'recalls.read'), async (trx) => {
    const row = await trx.selectFrom('recall').selectAll().where('id', '=', params.id).executeTakeFirst()
    if (!row) throw new CityError('recall_not_found')
    await asService(trx)
    const { screen } = await codeTimes(app)
    const maySample = row.answered_at === null && may(actor, 'tubes.seal', row.place_code)
    const done = await whoGave(trx, row.id)
    const seen = async (personId: string) => {
      const person = await findPerson(trx, personId)
      await recordLook(trx, actor, 'recalls.get', { personId, placeCode: row.place_code, subject: row.id })
      return {
        personId,
        nameMasked: person ? maskName(app.vault.open(person.name_sealed, 'person.name')) : '',
        code: person && maySample ? codeFor(app, personId, screen) : null,
        given: done.has(personId),
      }
    }
    const place = pathIn(await atlasOf(app), row.place_code, actor.language)
    const household = []
    for (const id of row.household) household.push(await seen(id))
    return {
      id: row.id,
      tube: row.tube,
      antigenId: row.antigen,
      why: row.why,
      placeCode: row.place_code,
      place,
      // A self-test was taken at home: where that is stands in the register, and is asked for with a purpose.
      address: row.tube === null ? place : await addressOf(trx, row.tube),
      openedAt: row.opened_at.toISOString(),
      person: await seen(row.person_id),
      household,
      answeredBy: row.answered_by,
      answeredAt: row.answered_at?.toISOString() ?? null,
    }
  })
}

/** Where the tube was sealed, in the words of its session. */
async function addressOf(trx: Trx, code: string): Promise<string> {
  const { session_id: id } = await trx
    .selectFrom('tube')
    .select('session_id')
    .where('code', '=', code)
    .executeTakeFirstOrThrow()
  return (await findSession(trx, id))!.address
}
