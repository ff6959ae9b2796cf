import QRCode from 'qrcode'
import type { App } from '#kernel/app.ts'
import { audit } from '#kernel/audit.ts'
import { may, scopeOf, type Actor } from '#kernel/auth.ts'
import { asService, within, type Trx } from '#kernel/db.ts'
import { CityError } from '#kernel/errors.ts'
import type { Given } from '#kernel/http.ts'
import { maskName, recordLook, recordLooks } from '#capabilities/people/index.ts'
import { atlasOf, getKnownPlace, pathIn } from '#capabilities/places/index.ts'
import { findSiteRow } from '#capabilities/sites/index.ts'
import type {
  CloseSession,
  GetMyCode,
  GetSession,
  Identify,
  OpenSession,
  PrintCodes,
  Session,
} from './custody.contract.ts'
import { codeFor, codeTimes } from './resident-code.ts'
import { findMember } from './sampled-person.ts'
import { countSession, findSession, type SessionRecord } from './tube-store.ts'

async function toSession(app: App, trx: Trx, row: SessionRecord, actor: Actor): Promise<Session> {
  return {
    id: row.id,
    siteId: row.site_id,
    placeCode: row.place_code,
    place: pathIn(await atlasOf(app), row.place_code, actor.language),
    address: row.address,
    openedAt: row.opened_at.toISOString(),
    closedAt: row.closed_at?.toISOString() ?? null,
    ...(await countSession(trx, row.id)),
  }
}

async function sessionFor(app: App, trx: Trx, actor: Actor, id: string): Promise<SessionRecord> {
  const row = await findSession(trx, id)
  if (!row || !may(actor, 'tubes.seal', row.place_code)) throw new CityError('session_unknown')
  return row
}

/** A neighbourhood: where a tube was sealed decides who is told, asked and sent, and wider than that nobody is. */
const NEIGHBOURHOOD = 12

/** Near enough, and where its site lies: as closely as the site's own place is known. */
async function checkPlace(trx: Trx, placeCode: string, siteId: string | undefined): Promise<void> {
  if (placeCode.length < NEIGHBOURHOOD) throw new CityError('session_too_wide')
  if (siteId === undefined) return
  const site = await findSiteRow(trx, siteId)
  if (!site) throw new CityError('site_not_found')
  if (!placeCode.startsWith(site.place_code.slice(0, NEIGHBOURHOOD))) throw new CityError('site_elsewhere')
}

/**
 * Begins sampling at a compound, or a neighbourhood. It is set here and stands on every tube; the same id again is the
 * same session. Errors: `session_too_wide`, `site_not_found`, `site_elsewhere`, `same_id_other_content`.
 */
export async function openSession(
  app: App,
  actor: Actor,
  { body }: Given<typeof OpenSession>,
): Promise<Session> {
  await getKnownPlace(app, body.placeCode)
  if (!may(actor, 'tubes.seal', body.placeCode)) throw new CityError('not_allowed')
  return within(app.db, { as: 'service' }, async (trx) => {
    const now = app.clock.now()
    // One that is open stays so, though its site has moved since.
    if (!(await findSession(trx, body.id))) await checkPlace(trx, body.placeCode, body.siteId)
    const said = body.openedAt ? new Date(body.openedAt) : now
    const done = await trx
      .insertInto('sampling_session')
      .values({
        id: body.id,
        site_id: body.siteId ?? null,
        place_code: body.placeCode,
        address: body.address,
        actor_id: actor.id,
        opened_at: said < now ? said : now,
        closed_at: null,
      })
      .onConflict((c) => c.column('id').doNothing())
      .executeTakeFirst()
    const row = await sessionFor(app, trx, actor, body.id)
    if ((done.numInsertedOrUpdatedRows ?? 0n) > 0n)
      await audit(trx, actor, 'sampling.open', body.id, { placeCode: body.placeCode })
    else if (row.place_code !== body.placeCode || row.address !== body.address || row.actor_id !== actor.id)
      throw new CityError('same_id_other_content')
    return toSession(app, trx, row, actor)
  })
}

export async function getSession(app: App, actor: Actor, { params }: Given<typeof GetSession>) {
  return within(app.db, { as: 'service' }, async (trx) =>
    toSession(app, trx, await sessionFor(app, trx, actor, params.id), actor),
  )
}

export async function closeSession(app: App, actor: Actor, { params }: Given<typeof CloseSession>) {
  return within(app.db, { as: 'service' }, async (trx) => {
    await sessionFor(app, trx, actor, params.id)
    const row = await trx
      .updateTable('sampling_session')
      .set((e) => ({ closed_at: e.fn.coalesce('closed_at', e.val(app.clock.now())) }))
      .where('id', '=', params.id)
      .returningAll()
      .executeTakeFirstOrThrow()
    return toSession(app, trx, row, actor)
  })
}

/**
 * Who stands before the table, by code, number or telephone; audited as a look, since a mask is shown. Nothing is
 * registered before a sample is taken: a mistyped telephone would leave somebody who does not exist and owes tests.
 */
export async function identify(app: App, actor: Actor, { body }: Given<typeof Identify>) {
  return within(app.db, { as: 'service' }, async (trx) => {
    const session = await sessionFor(app, trx, actor, body.sessionId)
    const person = await findMember(app, trx, body.member)
    if (!person) return { nameMasked: null, isNew: true }
    await recordLook(trx, actor, 'sampling.identify', { personId: person.id, placeCode: session.place_code })
    return { nameMasked: maskName(app.vault.open(person.name_sealed, 'person.name')), isNew: false }
  })
}

export async function getMyCode(app: App, actor: Actor, _given: Given<typeof GetMyCode>) {
  const { screen } = await codeTimes(app)
  const code = codeFor(app, actor.id, screen)
  return {
    code,
    nameMasked: maskName(actor.name),
    validUntil: new Date(Date.now() + screen * 60_000).toISOString(),
    validForSeconds: screen * 60,
    // Drawn here: what draws it would weigh on the first view, and loaded apart it would not be there without a network.
    svg: await QRCode.toString(code, { type: 'svg', errorCorrectionLevel: 'M', margin: 4 }),
  }
}

/** Paper codes of a place, to be printed for people without a telephone; each one is a look at that person. */
export async function printCodes(app: App, actor: Actor, { body }: Given<typeof PrintCodes>) {
  return within(app.db, scopeOf(actor, 'sampling.codes'), async (trx) => {
    let query = trx
      .selectFrom('person')
      .select(['id', 'name_sealed', 'place_code'])
      .where('erased_at', 'is', null)
      .where('merged_into', 'is', null)
      .where('place_code', '>=', body.placeCode)
      .where('place_code', '<', `${body.placeCode}~`)
      .orderBy('id')
      .limit(body.limit + 1)
    if (body.after) query = query.where('id', '>', body.after)
    if (body.phone) query = query.where('phone_sealed', body.phone === 'none' ? 'is' : 'is not', null)
    const found = await query.execute()
    const shown = found.slice(0, body.limit)
    await asService(trx)
    const { paper } = await codeTimes(app)
    const atlas = await atlasOf(app)
    await audit(trx, actor, 'sampling.codes', body.placeCode, {
      placeCode: body.placeCode,
      data: { rows: shown.length },
    })
    await recordLooks(
      trx,
      actor,
      'sampling.codes',
      shown.map((p) => ({ personId: p.id, placeCode: p.place_code })),
    )
    return {
      items: shown.map((p) => ({
        personId: p.id,
        nameMasked: maskName(app.vault.open(p.name_sealed, 'person.name')),
        code: codeFor(app, p.id, paper),
        placeCode: p.place_code,
        place: pathIn(atlas, p.place_code, actor.language),
      })),
      next: found.length > body.limit ? shown.at(-1)!.id : null,
      validUntil: new Date(Date.now() + paper * 60_000).toISOString(),
    }
  })
}
