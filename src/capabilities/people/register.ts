import { sql } from 'kysely'
import type { App } from '#kernel/app.ts'
import { audit } from '#kernel/audit.ts'
import { may, scopeOf, type Actor } from '#kernel/auth.ts'
import { asService, span, within, type DB, type Trx } from '#kernel/db.ts'
import { CityError } from '#kernel/errors.ts'
import type { Given } from '#kernel/http.ts'
import { atlasOf, pathIn, type Atlas } from '#capabilities/places/index.ts'
import type { FindPerson, GetMyRecord, GetPerson, ListPeople, PersonRow, RevealPerson } from './contract.ts'
import type { SetNeeds } from './needs.contract.ts'
import { idNumberHash, phoneHash } from './identity.ts'
import { recordLook, recordLooks } from './looks.ts'
import { maskIdNumber, maskName, maskPhone, plainIdNumber } from './rules.ts'
import * as store from './store.ts'

declare module '#kernel/db.ts' {
  interface DB {
    person_reveal: {
      id: string
      person_id: string
      place_code: string
      actor_id: string
      purpose: string
      note_sealed: string | null
      at: Date
    }
  }
}

export type PersonRecord = Awaited<ReturnType<typeof store.findPerson>> & object

export function toRow(app: App, atlas: Atlas, person: PersonRecord): PersonRow {
  return {
    id: person.id,
    nameMasked: maskName(app.vault.open(person.name_sealed, 'person.name')),
    phoneMasked: person.phone_sealed ? maskPhone(app.vault.open(person.phone_sealed, 'person.phone')) : null,
    idKind: person.id_kind,
    idNumberMasked: person.id_number_sealed
      ? maskIdNumber(app.vault.open(person.id_number_sealed, 'person.id_number'))
      : null,
    birthYear: person.birth_year,
    sex: person.sex,
    placeCode: person.place_code,
    place: pathIn(atlas, person.place_code),
    simulated: person.simulated,
  }
}

const encodeMark = (p: PersonRecord) =>
  Buffer.from(JSON.stringify([p.place_code, p.id])).toString('base64url')

function decodeMark(text: string | undefined): [place: string, id: string] | undefined {
  if (text === undefined) return undefined
  try {
    const [place, id] = JSON.parse(Buffer.from(text, 'base64url').toString()) as [string, string]
    if (/^\d{2,23}$/.test(place) && /^[0-9a-f-]{36}$/.test(id)) return [place, id]
  } catch {
    // Falls through to the one answer for every kind of broken mark.
  }
  throw new CityError('bad_cursor')
}

/** People of a place, by address, masked. Each of them is told that somebody saw them there: one line a person. */
export async function listPeople(app: App, actor: Actor, { query }: Given<typeof ListPeople>) {
  const after = decodeMark(query.after)
  const place = query.place ?? actor.may.get('people.read')?.[0] ?? '31'
  const { lo, hi } = span([place])
  const atlas = await atlasOf(app)
  return within(app.db, scopeOf(actor, 'people.read'), async (trx) => {
    let rows = trx
      .selectFrom('person')
      .selectAll()
      .where('erased_at', 'is', null)
      .where('merged_into', 'is', null)
      .where('place_code', '>=', lo)
      .where('place_code', '<', hi)
      .orderBy('place_code')
      .orderBy('id')
      .limit(query.limit + 1)
    if (after) rows = rows.where(sql<boolean>`(place_code, id) > (${after[0]}, ${after[1]}::uuid)`)
    const found = await rows.execute()
    const shown = found.slice(0, query.limit)
    await asService(trx)
    await audit(trx, actor, 'people.list', place, { placeCode: place, data: { rows: shown.length } })
    await recordLooks(trx, actor, 'people.list', shown.map(looked))
    return {
      items: shown.map((p) => toRow(app, atlas, p)),
      next: found.length > query.limit ? encodeMark(shown.at(-1)!) : null,
    }
  })
}

/** Finds by the keyed hash of the whole telephone or identity number; parts of a number find nothing. */
export async function findByNumber(app: App, actor: Actor, { body }: Given<typeof FindPerson>) {
  const atlas = await atlasOf(app)
  return within(app.db, scopeOf(actor, 'people.read'), async (trx) => {
    const byPhone = 'phone' in body
    const person = byPhone
      ? await store.findPersonByPhone(trx, phoneHash(app.vault, body.phone))
      : await store.findPersonByIdNumber(
          trx,
          idNumberHash(app.vault, body.idKind, plainIdNumber(body.idNumber)),
        )
    await asService(trx)
    const action = byPhone ? 'people.find' : 'people.find_by_id'
    if (person) await recordLook(trx, actor, action, looked(person))
    else await audit(trx, actor, action, 'nobody')
    return { items: person ? [toRow(app, atlas, person)] : [] }
  })
}

const looked = (person: PersonRecord) => ({ personId: person.id, placeCode: person.place_code })

/** The person under the actor's own sight; outside of it nobody can tell whether there is one. */
export async function getVisible(trx: Trx, id: string): Promise<PersonRecord> {
  let person = await store.findPerson(trx, id)
  // An address kept from before two records were made one still leads to the person.
  if (person?.merged_into) person = await store.findPerson(trx, person.merged_into)
  if (!person || person.erased_at) throw new CityError('person_not_found')
  return person
}

export async function getPerson(app: App, actor: Actor, { params }: Given<typeof GetPerson>) {
  const atlas = await atlasOf(app)
  return within(app.db, scopeOf(actor, 'people.read'), async (trx) => {
    const person = await getVisible(trx, params.id)
    const household = await store.householdOf(trx, person.id)
    await asService(trx)
    await recordLook(trx, actor, 'people.get', looked(person))
    return {
      ...toRow(app, atlas, person),
      registeredAt: person.created_at.toISOString(),
      occupation: person.occupation,
      needs: person.needs ?? [],
      maySetNeeds: may(actor, 'people.needs', person.place_code),
      hasResidence: person.residence_sealed !== null,
      household: household.length,
      mayReveal: may(actor, 'people.reveal', person.place_code),
    }
  })
}

/** Says why a round easily misses somebody; the same again changes nothing. Errors: `person_not_found`. */
export async function setNeeds(app: App, actor: Actor, { params, body }: Given<typeof SetNeeds>) {
  return within(app.db, scopeOf(actor, 'people.needs'), async (trx) => {
    const person = await getVisible(trx, params.id)
    const needs = [...new Set(body.needs)].toSorted()
    await asService(trx)
    await trx
      .updateTable('person')
      .set({ needs: needs.length > 0 ? needs : null })
      .where('id', '=', person.id)
      .execute()
    await recordLook(trx, actor, 'people.needs', { ...looked(person), more: { needs } })
    return { id: person.id, needs }
  })
}

/**
 * The full name and telephone. Every answer that carries them is a line of the audit, a repeated one too: the client's
 * id makes the reason stand once, it never makes a look silent.
 */
export async function revealPerson(app: App, actor: Actor, { params, body }: Given<typeof RevealPerson>) {
  return within(app.db, scopeOf(actor, 'people.reveal'), async (trx) => {
    const person = await getVisible(trx, params.id)
    await asService(trx)
    const isNew = await putReveal(trx, {
      id: body.id,
      person_id: person.id,
      place_code: person.place_code,
      actor_id: actor.id,
      purpose: body.purpose,
      note_sealed: body.note ? app.vault.seal(body.note, 'reveal.note') : null,
      at: app.clock.now(),
    })
    const also = body.also ?? []
    await recordLook(trx, actor, also.length > 0 ? 'people.reveal_more' : 'people.reveal', {
      ...looked(person),
      purpose: body.purpose,
      more: { revealId: body.id, ...(also.length > 0 && { also }), ...(!isNew && { again: true }) },
    })
    return {
      id: person.id,
      name: app.vault.open(person.name_sealed, 'person.name'),
      phone: opened(app, person.phone_sealed, 'person.phone'),
      ...(also.includes('idNumber') && {
        idNumber: opened(app, person.id_number_sealed, 'person.id_number'),
      }),
      ...(also.includes('residence') && {
        residence: opened(app, person.residence_sealed, 'person.residence'),
      }),
    }
  })
}

export const opened = (app: App, sealed: string | null, purpose: string): string | null =>
  sealed === null ? null : app.vault.open(sealed, purpose)

/** What is registered of the person who asks. Their own name and address in full; numbers masked: others see the screen. */
export async function getMyRecord(app: App, actor: Actor, _given: Given<typeof GetMyRecord>) {
  const atlas = await atlasOf(app)
  return within(app.db, scopeOf(actor, 'people.read'), async (trx) => {
    const person = await store.findPerson(trx, actor.id)
    if (!person || person.erased_at) throw new CityError('person_not_found')
    const { nameMasked: _masked, ...row } = toRow(app, atlas, person)
    return {
      ...row,
      name: app.vault.open(person.name_sealed, 'person.name'),
      birthMonth: person.birth_month,
      residence: opened(app, person.residence_sealed, 'person.residence'),
      occupation: person.occupation,
      needs: person.needs ?? [],
      registeredAt: person.created_at.toISOString(),
    }
  })
}

/** False when it stood there already; an id that was used for something else is refused. */
async function putReveal(trx: Trx, row: DB['person_reveal']): Promise<boolean> {
  const done = await trx
    .insertInto('person_reveal')
    .values(row)
    .onConflict((c) => c.column('id').doNothing())
    .executeTakeFirst()
  if ((done.numInsertedOrUpdatedRows ?? 0n) > 0n) return true
  const known = await trx
    .selectFrom('person_reveal')
    .selectAll()
    .where('id', '=', row.id)
    .executeTakeFirstOrThrow()
  if (known.person_id !== row.person_id || known.actor_id !== row.actor_id || known.purpose !== row.purpose)
    throw new CityError('same_id_other_content')
  return false
}
