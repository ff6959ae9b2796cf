import { sql } from 'kysely'
import type { App } from '#kernel/app.ts'
import { audit } from '#kernel/audit.ts'
import { scopeOf, type Actor } from '#kernel/auth.ts'
import { decodeCursor, encodeCursor } from '#kernel/cursor.ts'
import { asService, span, within, type Trx } from '#kernel/db.ts'
import { CityError } from '#kernel/errors.ts'
import type { Given } from '#kernel/http.ts'
import { atlasOf } from '#capabilities/places/index.ts'
import type { DuplicatePair, Merge } from './merge.contract.ts'
import type { Need } from './needs.contract.ts'
import * as contract from './merge.contract.ts'
import { giveBack, moveReferences, type Moved } from './merge-move.ts'
import { recordLook, recordLooks } from './looks.ts'
import { pairId } from './register-person.ts'
import { toRow, type PersonRecord } from './register.ts'
import { forget } from './authenticate.ts'
import { findPerson } from './store.ts'

declare module '#kernel/db.ts' {
  interface DB {
    person_merge: {
      id: string
      keeper_id: string
      duplicate_id: string
      place_code: string
      actor_id: string
      reason_sealed: string
      moved: unknown
      filled: unknown
      at: Date
      undone_at: Date | null
      undone_by: string | null
    }
  }
}

const MERGE = 'people.merge'

/** What the kept record takes over where it has nothing: the columns of one thing, the first telling whether it is there. */
const FILLS = [
  ['phone_hash', 'phone_sealed'],
  ['id_number_hash', 'id_number_sealed', 'id_kind'],
  ['residence_hash', 'residence_sealed', 'alike_hash'],
  ['birth_year', 'birth_month'],
  ['sex'],
  ['occupation'],
  ['needs'],
] as const
type Filled = Partial<Record<(typeof FILLS)[number][0], string | number | Need[]>>

/** Both records under the actor's own sight, locked, the lower id first so that two merges cannot wait for each other. */
async function bothOf(
  trx: Trx,
  actor: Actor,
  ids: readonly [string, string],
): Promise<[PersonRecord, PersonRecord]> {
  const [first, second] = await Promise.all(ids.map((id) => findPerson(trx, id)))
  if (!first || !second || first.erased_at || second.erased_at) throw new CityError('person_not_found')
  await asService(trx)
  await sql`select id from person where id = any(${[...ids]}::uuid[]) order by id for update`.execute(trx)
  const [one, two] = await Promise.all(ids.map((id) => findPerson(trx, id)))
  return [one!, two!]
}

async function fill(trx: Trx, keeper: PersonRecord, duplicate: PersonRecord): Promise<Filled> {
  const filled: Filled = {}
  const set: Record<string, string | number | Need[] | null> = {}
  for (const columns of FILLS) {
    const [tells] = columns
    const value = duplicate[tells]
    if (keeper[tells] !== null || value === null) continue
    // An address counts with its place: that of another place would put the person where they are not.
    if (tells === 'residence_hash' && keeper.place_code !== duplicate.place_code) continue
    filled[tells] = value
    for (const column of columns) set[column] = duplicate[column]
  }
  if (Object.keys(set).length > 0)
    await trx.updateTable('person').set(set).where('id', '=', keeper.id).execute()
  return filled
}

async function empty(trx: Trx, keeperId: string, filled: Filled): Promise<void> {
  for (const columns of FILLS) {
    const value = filled[columns[0]]
    if (value === undefined) continue
    await trx
      .updateTable('person')
      .set(Object.fromEntries(columns.map((column) => [column, null])))
      .where('id', '=', keeperId)
      // Corrected meanwhile: what somebody wrote since is the keeper's own.
      .where(sql<boolean>`${sql.ref(columns[0])} = ${value}`)
      .execute()
  }
}

type MergeRow = import('#kernel/db.ts').DB['person_merge']

async function toMerges(app: App, trx: Trx, rows: readonly MergeRow[]): Promise<Merge[]> {
  if (rows.length === 0) return []
  const atlas = await atlasOf(app)
  const ids = rows.flatMap((r) => [r.keeper_id, r.duplicate_id])
  const people = await trx.selectFrom('person').selectAll().where('id', 'in', ids).execute()
  const accounts = await trx
    .selectFrom('account')
    .select(['id', 'name'])
    .where(sql<boolean>`id::text = any(${rows.map((r) => r.actor_id)}::text[])`)
    .execute()
  return rows.flatMap((r) => {
    const keeper = people.find((p) => p.id === r.keeper_id)
    const duplicate = people.find((p) => p.id === r.duplicate_id)
    if (!keeper || !duplicate || keeper.erased_at) return []
    return {
      id: r.id,
      keeper: toRow(app, atlas, keeper),
      duplicate: toRow(app, atlas, duplicate),
      reason: app.vault.open(r.reason_sealed, 'merge.reason'),
      moved: (r.moved as Moved[]).reduce((n, m) => n + m.keys.length, 0),
      at: r.at.toISOString(),
      by: accounts.find((a) => a.id === r.actor_id)?.name ?? '—',
      undoneAt: r.undone_at?.toISOString() ?? null,
    }
  })
}

const look = (
  trx: Trx,
  actor: Actor,
  action: 'people.merge' | 'people.unmerge',
  person: PersonRecord,
  mergeId: string,
) => recordLook(trx, actor, action, { personId: person.id, placeCode: person.place_code, more: { mergeId } })

/**
 * Makes one record of two. Everything that names the duplicate names the keeper (kernel/person-references.ts); the
 * duplicate's own row stays, so that its numbers still lead to the person. Errors: `person_not_found`, `already_merged`.
 */
export async function mergePeople(
  app: App,
  actor: Actor,
  { body }: Given<typeof contract.MergePeople>,
): Promise<Merge> {
  if (body.keeperId === body.duplicateId)
    throw new CityError('bad_input', { fields: [{ path: 'duplicateId', code: 'same_person' }] })
  const merge = await within(app.db, scopeOf(actor, MERGE), async (trx) => {
    const [keeper, duplicate] = await bothOf(trx, actor, [body.keeperId, body.duplicateId])
    const known = await trx
      .selectFrom('person_merge')
      .selectAll()
      .where('id', '=', body.id)
      .executeTakeFirst()
    if (known) {
      if (known.keeper_id !== keeper.id || known.duplicate_id !== duplicate.id)
        throw new CityError('same_id_other_content')
      return (await toMerges(app, trx, [known]))[0]!
    }
    if (keeper.merged_into || duplicate.merged_into) throw new CityError('already_merged')
    const moved = await moveReferences(trx, duplicate.id, keeper.id)
    await trx.updateTable('person').set({ merged_into: keeper.id }).where('id', '=', duplicate.id).execute()
    const row = {
      id: body.id,
      keeper_id: keeper.id,
      duplicate_id: duplicate.id,
      place_code: keeper.place_code,
      actor_id: actor.id,
      reason_sealed: app.vault.seal(body.reason, 'merge.reason'),
      moved: JSON.stringify(moved),
      filled: JSON.stringify(await fill(trx, keeper, duplicate)),
      at: app.clock.now(),
      undone_at: null,
      undone_by: null,
    }
    await trx.insertInto('person_merge').values(row).execute()
    await decidePair(app, trx, actor, pairId(keeper.id, duplicate.id), 'merged')
    await look(trx, actor, 'people.merge', keeper, row.id)
    await look(trx, actor, 'people.merge', duplicate, row.id)
    const said = { mergeId: row.id, keeperId: keeper.id, duplicateId: duplicate.id }
    await app.bus.emit(app, trx, contract.PeopleMerged, said)
    return (await toMerges(app, trx, [{ ...row, moved }]))[0]!
  })
  // Whoever was signed in as the duplicate is the keeper from the next request on.
  forget(app, { subjectId: body.duplicateId })
  return merge
}

/** Gives back what was moved and is still there; what came to the keeper since stays. Errors: `merge_not_found`, `merge_undone`. */
export async function undoMerge(
  app: App,
  actor: Actor,
  { params, body }: Given<typeof contract.UndoMerge>,
): Promise<Merge> {
  const merge = await within(app.db, scopeOf(actor, MERGE), async (trx) => {
    const row = await trx
      .selectFrom('person_merge')
      .selectAll()
      .where('id', '=', params.id)
      .executeTakeFirst()
    if (!row) throw new CityError('merge_not_found')
    const [keeper, duplicate] = await bothOf(trx, actor, [row.keeper_id, row.duplicate_id])
    const { rows } = await sql<{ undone: boolean }>`
      select undone_at is not null as undone from person_merge where id = ${row.id}::uuid for update`.execute(
      trx,
    )
    if (rows[0]!.undone) throw new CityError('merge_undone')
    // The keeper was merged on since: that is undone first.
    if (duplicate.merged_into !== keeper.id) throw new CityError('already_merged')
    await trx.updateTable('person').set({ merged_into: null }).where('id', '=', duplicate.id).execute()
    await giveBack(trx, row.moved as Moved[], keeper.id, duplicate.id)
    await empty(trx, keeper.id, row.filled as Filled)
    const undone = { undone_at: app.clock.now(), undone_by: actor.id }
    await trx.updateTable('person_merge').set(undone).where('id', '=', row.id).execute()
    await decidePair(app, trx, actor, pairId(keeper.id, duplicate.id), 'open')
    for (const person of [keeper, duplicate]) await look(trx, actor, 'people.unmerge', person, row.id)
    await audit(trx, actor, 'people.undo_merge', row.id, {
      placeCode: row.place_code,
      data: { letters: body.reason.length },
    })
    const said = { mergeId: row.id, keeperId: keeper.id, duplicateId: duplicate.id }
    await app.bus.emit(app, trx, contract.MergeUndone, said)
    return { keeperId: keeper.id, answer: (await toMerges(app, trx, [{ ...row, ...undone }]))[0]! }
  })
  forget(app, { subjectId: merge.keeperId })
  return merge.answer
}

async function decidePair(
  app: App,
  trx: Trx,
  actor: Actor,
  id: string,
  state: 'merged' | 'different' | 'open',
) {
  const done = { decided_by: actor.id, decided_at: app.clock.now() }
  await trx
    .updateTable('person_duplicate')
    .set({ state, ...(state === 'open' ? { decided_by: null, decided_at: null } : done) })
    .where('id', '=', id)
    .execute()
}

export async function listMerges(app: App, actor: Actor, { query }: Given<typeof contract.ListMerges>) {
  return within(app.db, scopeOf(actor, MERGE), async (trx) => {
    let rows = trx
      .selectFrom('person_merge')
      .selectAll()
      .orderBy('at', 'desc')
      .orderBy('id', 'desc')
      .limit(query.limit)
    if (query.place) {
      const { lo, hi } = span([query.place])
      rows = rows.where('place_code', '>=', lo).where('place_code', '<', hi)
    }
    const found = await rows.execute()
    await asService(trx)
    await audit(trx, actor, 'people.merges', query.place ?? '*', { data: { rows: found.length } })
    return { items: await toMerges(app, trx, found) }
  })
}

/** Undecided pairs, both of whose records the actor may see. */
export async function listDuplicates(
  app: App,
  actor: Actor,
  { query }: Given<typeof contract.ListDuplicates>,
) {
  const after = decodeCursor(query.after)
  const { lo, hi } = span([query.place ?? actor.may.get(MERGE)![0]!])
  const atlas = await atlasOf(app)
  return within(app.db, scopeOf(actor, MERGE), async (trx) => {
    let pairs = trx
      .selectFrom('person_duplicate as d')
      .innerJoin('person as a', 'a.id', 'd.person_a')
      .innerJoin('person as b', 'b.id', 'd.person_b')
      .select(['d.id', 'd.why', 'd.found_at', 'd.person_a', 'd.person_b'])
      .where('d.state', '=', 'open')
      .where('d.place_code', '>=', lo)
      .where('d.place_code', '<', hi)
      .where((e) => e.and([e('a.merged_into', 'is', null), e('b.merged_into', 'is', null)]))
      .where((e) => e.and([e('a.erased_at', 'is', null), e('b.erased_at', 'is', null)]))
      .orderBy('d.found_at')
      .orderBy('d.id')
      .limit(query.limit + 1)
    if (after) pairs = pairs.where(sql<boolean>`(d.found_at, d.id) > (${after.at}, ${after.id}::uuid)`)
    const found = await pairs.execute()
    const shown = found.slice(0, query.limit)
    const ids = shown.flatMap((p) => [p.person_a, p.person_b])
    const people =
      ids.length === 0 ? [] : await trx.selectFrom('person').selectAll().where('id', 'in', ids).execute()
    await asService(trx)
    await audit(trx, actor, 'people.duplicates', query.place ?? '*', { data: { rows: shown.length } })
    await recordLooks(
      trx,
      actor,
      'people.list',
      people.map((p) => ({ personId: p.id, placeCode: p.place_code })),
    )
    const older = (a: PersonRecord, b: PersonRecord) => a.created_at.getTime() - b.created_at.getTime()
    return {
      items: shown.map((pair) => ({
        id: pair.id,
        why: pair.why as DuplicatePair['why'],
        foundAt: pair.found_at.toISOString(),
        people: people
          .filter((p) => p.id === pair.person_a || p.id === pair.person_b)
          .sort(older)
          .map((p) => toRow(app, atlas, p)),
      })),
      next: found.length > query.limit ? encodeCursor(shown.at(-1)!.found_at, shown.at(-1)!.id) : null,
    }
  })
}

export async function dismissDuplicate(
  app: App,
  actor: Actor,
  { params }: Given<typeof contract.DismissDuplicate>,
) {
  return within(app.db, scopeOf(actor, MERGE), async (trx) => {
    const pair = await trx
      .selectFrom('person_duplicate')
      .selectAll()
      .where('id', '=', params.id)
      .executeTakeFirst()
    if (!pair || pair.state === 'merged') throw new CityError('duplicate_not_found')
    const both = await Promise.all([findPerson(trx, pair.person_a), findPerson(trx, pair.person_b)])
    if (both.includes(undefined)) throw new CityError('duplicate_not_found')
    await asService(trx)
    await decidePair(app, trx, actor, pair.id, 'different')
    await audit(trx, actor, 'people.different', pair.id, {
      placeCode: pair.place_code,
      data: { people: [pair.person_a, pair.person_b] },
    })
    return { ok: true as const }
  })
}
