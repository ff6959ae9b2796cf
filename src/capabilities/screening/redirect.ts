import { sql } from 'kysely'
import type { App } from '#kernel/app.ts'
import { audit } from '#kernel/audit.ts'
import { may, type Actor } from '#kernel/auth.ts'
import { within, type Trx } from '#kernel/db.ts'
import { CityError } from '#kernel/errors.ts'
import type { Given } from '#kernel/http.ts'
import { idFrom } from '#kernel/ids.ts'
import { atlasOf, getKnownPlace, pathIn } from '#capabilities/places/index.ts'
import { policyOf } from '#capabilities/policy/index.ts'
import type { ListWaitingBoxes, RedirectBoxes } from './capacity.contract.ts'
import { dueOf } from './capacity-rules.ts'
import { sayMoved, type Moved } from './capacity-store.ts'
import { promiseOf } from './capacity.ts'
import { addCustody } from './box-moves.ts'
import { capacities } from './resources.ts'

/** Boxes of a place that no laboratory has received, oldest first, with their nearest deadline. */
export async function listWaitingBoxes(app: App, actor: Actor, { query }: Given<typeof ListWaitingBoxes>) {
  if (!may(actor, 'screening.read', query.place)) throw new CityError('place_not_found')
  await getKnownPlace(app, query.place)
  const { rows } = await sql<{
    code: string
    place_code: string
    state: 'packed' | 'collected'
    packed_at: Date
    bound_for: string | null
    tubes: number
    oldest: Date | null
    oldest_single: Date | null
  }>`
    select b.code, b.place_code, b.state, b.packed_at, b.bound_for, n.*
    from sample_box b cross join lateral (
      select count(*)::int as tubes, min(sealed_at) filter (where kind > 1) as oldest, min(sealed_at) filter (where kind = 1) as oldest_single
      from tube t where t.box = b.code) n
    where b.state <> 'received' and b.place_code >= ${query.place} and b.place_code < ${`${query.place}~`}
      and (${query.lab ?? null}::text is null or b.bound_for = ${query.lab ?? null})
    order by b.packed_at limit ${query.limit}`.execute(app.db)
  const atlas = await atlasOf(app)
  const promise = promiseOf(await policyOf(app, query.place))
  return {
    items: rows.map((r) => {
      const times = [
        ...(r.oldest ? [{ at: r.oldest, due: dueOf(r.oldest, false, promise) }] : []),
        ...(r.oldest_single ? [{ at: r.oldest_single, due: dueOf(r.oldest_single, true, promise) }] : []),
      ]
      const first = (pick: (t: { at: Date; due: Date }) => Date) =>
        times.length === 0 ? null : new Date(Math.min(...times.map((t) => pick(t).getTime()))).toISOString()
      return {
        code: r.code,
        placeCode: r.place_code,
        place: pathIn(atlas, r.place_code, actor.language),
        state: r.state,
        packedAt: r.packed_at.toISOString(),
        tubes: r.tubes,
        oldestAt: first((t) => t.at),
        dueAt: first((t) => t.due),
        boundFor: r.bound_for,
      }
    }),
  }
}

const redirectId = (id: string, code: string) => idFrom('redirect', id, code)

/** Where a word that was said already sent a box; undefined where the id was something else. */
async function boundBy(trx: Trx, id: string, code: string): Promise<string | null | undefined> {
  const said = await trx
    .selectFrom('custody_event')
    .select('lab')
    .where('id', '=', redirectId(id, code))
    .executeTakeFirst()
  return said?.lab
}

/**
 * Says where boxes that nobody received are to go. The custody keeps each word; what a laboratory received already stays
 * there. A laboratory that declared nothing is not a place to send to. Errors: `lab_not_found`, `same_id_other_content`.
 */
export async function redirectBoxes(app: App, actor: Actor, { body }: Given<typeof RedirectBoxes>) {
  const labs = await capacities(app)
  for (const { lab } of body.boxes) if (lab !== null && !labs.has(lab)) throw new CityError('lab_not_found')
  const now = app.clock.now()
  const wanted = new Map(body.boxes.map((b) => [b.code, b.lab]))
  return within(app.db, { as: 'service' }, async (trx) => {
    const rows = await trx
      .selectFrom('sample_box')
      .selectAll()
      .where('code', 'in', [...wanted.keys()])
      .orderBy('code')
      .forUpdate()
      .execute()
    const boxes = new Map(
      rows.filter((b) => may(actor, 'boxes.redirect', b.place_code)).map((b) => [b.code, b]),
    )
    const moved: { code: string; before: string | null }[] = []
    const refused: { code: string; why: 'not_found' | 'received' }[] = []
    for (const [code, lab] of wanted) {
      const box = boxes.get(code)
      if (!box) refused.push({ code, why: 'not_found' })
      else if (box.state === 'received') refused.push({ code, why: 'received' })
      else {
        const isNew = await addCustody(trx, actor, now, {
          id: redirectId(body.id, code),
          box: code,
          kind: 'redirected',
          lab: lab ?? undefined,
          note: body.note,
        })
        if (!isNew && (await boundBy(trx, body.id, code)) !== lab)
          throw new CityError('same_id_other_content')
        moved.push({ code, before: box.bound_for })
        if (!isNew || box.bound_for === lab) continue
        await trx.updateTable('sample_box').set({ bound_for: lab }).where('code', '=', code).execute()
        const { rows: tubes } = await sql<Moved>`
          select place_code, kind, state, sealed_at from tube where box = ${code}`.execute(trx)
        await sayMoved(trx, tubes, { before: box.bound_for ?? '', after: lab ?? '' }, 'same', now)
        await audit(trx, actor, 'boxes.redirect', code, { placeCode: box.place_code, data: { lab } })
      }
    }
    return { moved, refused }
  })
}
