import { sql } from 'kysely'
import type { App } from '#kernel/app.ts'
import type { Actor } from '#kernel/auth.ts'
import { within, type DB, type Trx } from '#kernel/db.ts'
import { CityError } from '#kernel/errors.ts'
import { sayMoved, STAGE_OF, type Moved } from './capacity-store.ts'
import { lateJoiners, takeEarlyBox, takeEarlyResults } from './early.ts'
import { codeTimes } from './resident-code.ts'
import type { BoxRecord } from './tube-store.ts'

type NewEvent = {
  id: string
  tube?: string
  box?: string
  kind: DB['custody_event']['kind']
  lab?: string | undefined
  note?: string | undefined
}

/** One line of the custody; false when the same one is there already. Errors: `same_id_other_content`. */
export async function addCustody(
  trx: Trx,
  actor: Pick<Actor, 'id' | 'name'>,
  at: Date,
  e: NewEvent,
): Promise<boolean> {
  const done = await trx
    .insertInto('custody_event')
    .values({
      id: e.id,
      tube: e.tube ?? null,
      box: e.box ?? null,
      kind: e.kind,
      lab: e.lab ?? null,
      note: e.note ?? null,
      actor_id: actor.id,
      actor_name: actor.name,
      at,
    })
    .onConflict((c) => c.column('id').doNothing())
    .executeTakeFirst()
  if ((done.numInsertedOrUpdatedRows ?? 0n) > 0n) return true
  const there = await trx
    .selectFrom('custody_event')
    .selectAll()
    .where('id', '=', e.id)
    .executeTakeFirstOrThrow()
  const same =
    there.kind === e.kind &&
    there.tube === (e.tube ?? null) &&
    there.box === (e.box ?? null) &&
    there.lab === (e.lab ?? null)
  if (!same) throw new CityError('same_id_other_content')
  return false
}

/** When a device says that it happened; a time that cannot be true is the time of its coming. */
export async function saidAt(app: App, said: string | undefined, now: Date): Promise<Date> {
  if (said === undefined) return now
  const at = Date.parse(said)
  const { offline } = await codeTimes(app)
  return at > now.getTime() || at < now.getTime() - offline * 60_000 ? now : new Date(at)
}

/** The box and its tubes are with a laboratory, or on the way; what waits at each stage is counted. */
export async function moveTubes(
  trx: Trx,
  box: BoxRecord,
  to: 'collected' | 'received',
  lab: string | null,
  now: Date,
): Promise<string[]> {
  await trx
    .updateTable('sample_box')
    .set({ state: to, ...(lab && { lab }) })
    .where('code', '=', box.code)
    .execute()
  const { rows: moved } = await sql<Moved & { code: string }>`
    update tube set state = ${to} where box = ${box.code} and state in ('boxed', 'collected')
    returning code, place_code, kind, old.state, sealed_at`.execute(trx)
  const before = box.lab ?? box.bound_for ?? ''
  await sayMoved(trx, moved, { before, after: lab ?? before }, STAGE_OF[to], now)
  return moved.map((t) => t.code)
}

/** The laboratory had the box in its hands before we heard of it; the custody says when. */
export async function receivedEarly(trx: Trx, box: BoxRecord, now: Date): Promise<BoxRecord | undefined> {
  const early = box.lab === null ? await takeEarlyBox(trx, box.code, box.place_code) : undefined
  if (!early) return undefined
  await moveTubes(trx, box, 'received', early.lab, now)
  const by = { id: early.actor_id, name: early.actor_name }
  await addCustody(trx, by, early.at, {
    id: early.id,
    box: box.code,
    kind: 'received',
    lab: early.lab,
    note: early.note ?? undefined,
  })
  return { ...box, state: 'received', lab: early.lab }
}

export const lockBox = (trx: Trx, code: string): Promise<BoxRecord | undefined> =>
  trx.selectFrom('sample_box').selectAll().where('code', '=', code).forUpdate().executeTakeFirst()

/**
 * What crossed its box on the way: a laboratory's word that was written in the same instant as the device's. Within seconds
 * they find each other; what is in order has joined in its own commit.
 */
export async function joinEarly(app: App): Promise<void> {
  const { boxes, results } = await lateJoiners(app.db)
  for (const code of boxes)
    await within(app.db, { as: 'service' }, async (trx) => {
      const box = await lockBox(trx, code)
      if (box) await receivedEarly(trx, box, app.clock.now())
    })
  for (const [lab, codes] of Map.groupBy(results, (r) => r.lab))
    await within(app.db, { as: 'service' }, (trx) =>
      takeEarlyResults(
        app,
        trx,
        lab,
        codes.map((c) => c.tube),
      ),
    )
}
