import { createHash } from 'node:crypto'
import type { App } from '#kernel/app.ts'
import { audit } from '#kernel/audit.ts'
import { scopeOf, type Actor } from '#kernel/auth.ts'
import { dayOf, startOfDay } from '#kernel/clock.ts'
import { asService, within, type Trx } from '#kernel/db.ts'
import { CityError } from '#kernel/errors.ts'
import type { Given } from '#kernel/http.ts'
import { cleanFile, openBody, sealBody } from '#capabilities/orders/index.ts'
import { findPerson, maskName, recordLook } from '#capabilities/people/index.ts'
import { atlasOf, pathIn } from '#capabilities/places/index.ts'
import { parameter, policyOf } from '#capabilities/policy/index.ts'
import { countReports, countValid, findTest, lockReports, type AntigenRecord } from './antigen-store.ts'
import {
  AntigenPositive,
  type Antigen,
  type AntigenOutcome,
  type GetAntigen,
  type GetAntigenPhoto,
  type MyAntigen,
  type ReportAntigen,
  type ReportMyAntigen,
} from './antigen.contract.ts'
import { antigenWords } from './my-results.ts'
import { recallAfterAntigen } from './recalls.ts'

type Said = { id: string; outcome: AntigenOutcome; at: string }
type Person = NonNullable<Awaited<ReturnType<typeof findPerson>>>

/** The picture alone, without what tells where and with what it was taken. Errors: `antigen_photo`, `too_large`. */
async function pictureOf(app: App, file: unknown) {
  const policy = await policyOf(app)
  if (!Buffer.isBuffer(file) || file.length === 0) throw new CityError('antigen_photo')
  if (file.length > parameter(policy, 'orders.attachmentKilobytes').value * 1024)
    throw new CityError('too_large')
  const { type, body } = await cleanFile(file).catch((error: unknown) => {
    if (error instanceof CityError && error.code === 'attachment_type') throw new CityError('antigen_photo')
    throw error
  })
  if (!type.startsWith('image/')) throw new CityError('antigen_photo')
  return { type, body, hash: createHash('sha256').update(body).digest('hex') }
}

/**
 * Keeps a report once. A positive one calls the person and whoever they live with back to single tubes, in this
 * transaction; a negative one after it takes nothing back, for the single tube decides. Must run as the service.
 * Errors: `antigen_ahead`, `antigen_too_old` (policy: antigen.reportHours), `antigen_too_many` (policy: antigen.reportsPerDay), `same_id_other_content`.
 */
async function keep(
  app: App,
  trx: Trx,
  person: Person,
  said: Said,
  photo: Awaited<ReturnType<typeof pictureOf>>,
  staff: Actor | null,
): Promise<AntigenRecord> {
  await lockReports(trx, person.id)
  const at = new Date(said.at)
  const known = await findTest(trx, person.id, said.id)
  if (known) {
    const isSame =
      known.outcome === said.outcome &&
      known.at.getTime() === at.getTime() &&
      known.photo_hash === photo.hash &&
      known.staff_id === (staff?.id ?? null)
    if (!isSame) throw new CityError('same_id_other_content')
    return known
  }
  const now = app.clock.now()
  const policy = await policyOf(app, person.place_code)
  if (at > now) throw new CityError('antigen_ahead')
  const hours = parameter(policy, 'antigen.reportHours').value
  if (now.getTime() - at.getTime() > hours * 3_600_000) throw new CityError('antigen_too_old')
  // Each brings a picture that is kept: a broken telephone, or an idle one, must not fill the city's disk. Of each
  // outcome, so that a first positive one is never turned away.
  const most = parameter(policy, 'antigen.reportsPerDay').value
  if ((await countReports(trx, person.id, said.outcome, startOfDay(dayOf(now)))) >= most)
    throw new CityError('antigen_too_many')
  const day = dayOf(at)
  const row: AntigenRecord = {
    person_id: person.id,
    id: said.id,
    // As close as the counts are; the door is on the order and the register.
    place_code: person.place_code.slice(0, 15),
    day,
    at,
    received_at: now,
    outcome: said.outcome,
    nth: said.outcome === 'invalid' ? null : (await countValid(trx, person.id, day)) + 1,
    photo_hash: photo.hash,
    staff_id: staff?.id ?? null,
  }
  await trx.insertInto('antigen_test').values(row).execute()
  const { key, sealed } = sealBody(photo.body)
  await trx
    .insertInto('antigen_photo')
    .values({
      person_id: person.id,
      id: said.id,
      at: now,
      key_sealed: app.vault.seal(key, 'antigen.key'),
      body: sealed,
      type: photo.type,
    })
    .execute()
  if (said.outcome !== 'positive') return row
  const recallId = await recallAfterAntigen(app, trx, person, said.id)
  await app.bus.emit(app, trx, AntigenPositive, {
    testId: said.id,
    recallId,
    placeCode: person.place_code.slice(0, 12),
    at: now.toISOString(),
  })
  return row
}

/** One's own test, with what to do next. Errors: as `keep`, and `antigen_photo`, `too_large`. */
export async function reportMyAntigen(
  app: App,
  actor: Actor,
  { query, body }: Given<typeof ReportMyAntigen>,
): Promise<MyAntigen> {
  const photo = await pictureOf(app, body)
  const row = await within(app.db, { as: 'service' }, async (trx) => {
    const person = await findPerson(trx, actor.id)
    if (!person || person.erased_at) throw new CityError('person_not_found')
    const kept = await keep(app, trx, person, query, photo, null)
    await audit(trx, actor, 'antigen.mine', query.id, {
      placeCode: person.place_code.slice(0, 12),
      data: { outcome: query.outcome },
    })
    return kept
  })
  const words = await antigenWords(app)
  return words({ ...row, waiting: row.outcome === 'positive' })
}

/** Somebody's test that staff saw: for whoever has no telephone. The person is told. Errors: as above, `person_not_found`. */
export async function reportAntigen(
  app: App,
  actor: Actor,
  { query, body }: Given<typeof ReportAntigen>,
): Promise<Antigen> {
  const photo = await pictureOf(app, body)
  return within(app.db, scopeOf(actor, 'antigen.report'), async (trx) => {
    const person = await findPerson(trx, query.personId)
    if (!person || person.erased_at || person.merged_into) throw new CityError('person_not_found')
    await asService(trx)
    const row = await keep(app, trx, person, query, photo, actor)
    await recordLook(trx, actor, 'antigen.report', {
      personId: person.id,
      placeCode: person.place_code,
      subject: row.id,
      more: { outcome: row.outcome },
    })
    return toAntigen(app, trx, actor, row)
  })
}

async function toAntigen(app: App, trx: Trx, actor: Actor, row: AntigenRecord): Promise<Antigen> {
  const person = await findPerson(trx, row.person_id)
  const photo = await trx
    .selectFrom('antigen_photo')
    .select('id')
    .where('person_id', '=', row.person_id)
    .where('id', '=', row.id)
    .executeTakeFirst()
  return {
    id: row.id,
    personId: row.person_id,
    nameMasked: person ? maskName(app.vault.open(person.name_sealed, 'person.name')) : '',
    placeCode: row.place_code,
    place: pathIn(await atlasOf(app), row.place_code, actor.language),
    at: row.at.toISOString(),
    receivedAt: row.received_at.toISOString(),
    outcome: row.outcome,
    byStaff: row.staff_id !== null,
    hasPhoto: photo !== undefined,
  }
}

/** The test under the actor's own sight; goes on as the service. */
async function lookAt(trx: Trx, actor: Actor, id: string, action: 'antigen.get' | 'antigen.photo') {
  const row = await trx.selectFrom('antigen_test').selectAll().where('id', '=', id).executeTakeFirst()
  if (!row) throw new CityError('antigen_not_found')
  await asService(trx)
  await recordLook(trx, actor, action, {
    personId: row.person_id,
    placeCode: row.place_code,
    subject: row.id,
  })
  return row
}

/** One test, masked; its person is told of the look. Errors: `antigen_not_found`. */
export async function getAntigen(app: App, actor: Actor, { params }: Given<typeof GetAntigen>) {
  return within(app.db, scopeOf(actor, 'antigen.read'), async (trx) =>
    toAntigen(app, trx, actor, await lookAt(trx, actor, params.id, 'antigen.get')),
  )
}

/** Its picture; the person is told of the look. Errors: `antigen_not_found`, `attachment_not_found` once its time is over. */
export async function getAntigenPhoto(
  app: App,
  actor: Actor,
  { params, reply }: Given<typeof GetAntigenPhoto>,
): Promise<Buffer> {
  return within(app.db, scopeOf(actor, 'antigen.read'), async (trx) => {
    const row = await lookAt(trx, actor, params.id, 'antigen.photo')
    const photo = await trx
      .selectFrom('antigen_photo')
      .selectAll()
      .where('person_id', '=', row.person_id)
      .where('id', '=', row.id)
      .executeTakeFirst()
    if (!photo) throw new CityError('attachment_not_found')
    reply.header('content-disposition', `attachment; filename="self-test.${photo.type.slice(6)}"`)
    reply.header('x-content-type-options', 'nosniff')
    reply.header('cache-control', 'private, no-store')
    reply.type(photo.type)
    return openBody(app.vault.open(photo.key_sealed, 'antigen.key'), photo.body)
  })
}
