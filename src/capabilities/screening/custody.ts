import { createHash } from 'node:crypto'
import { sql } from 'kysely'
import type { App } from '#kernel/app.ts'
import { audit } from '#kernel/audit.ts'
import { may, type Actor } from '#kernel/auth.ts'
import { within, type Trx } from '#kernel/db.ts'
import { CityError } from '#kernel/errors.ts'
import type { Given } from '#kernel/http.ts'
import { idFrom } from '#kernel/ids.ts'
import { sayMoved, STAGE_OF, type Moved } from './capacity-store.ts'
import type { MoveBox, MoveTube, PackBox, ReleaseBox } from './custody.contract.ts'
import { addCustody, lockBox, moveTubes, receivedEarly, saidAt } from './box-moves.ts'
import { keepEarlyBox, takeEarlyResults } from './early.ts'
import { isLabel } from './label.contract.ts'
import { followResult } from './recalls.ts'
import { findBox, findSession, findTubes, type BoxRecord } from './tube-store.ts'

/** The laboratory that an actor works for: the unit of the grant. */
export const labOf = (actor: Actor): string =>
  actor.grants.find((g) => g.role === 'lab' && g.unit)?.unit ?? actor.id

const hashOf = (tubes: readonly string[]) =>
  createHash('sha256')
    .update([...tubes].sort().join(' '))
    .digest('base64url')
    .slice(0, 22)

/**
 * Packs sealed tubes into a box. Tubes that are unknown (their device has not reached us, or they are of a place that is
 * not the packer's) or lie in another box are named and left out; sending again later adds what has arrived since.
 */
export async function packBox(app: App, actor: Actor, { body }: Given<typeof PackBox>) {
  if (!isLabel('B', body.code)) throw new CityError('label_mistyped')
  return within(app.db, { as: 'service' }, async (trx) => {
    const session = await findSession(trx, body.sessionId)
    if (!session || !may(actor, 'tubes.seal', session.place_code)) throw new CityError('session_unknown')
    const now = app.clock.now()
    const packedAt = await saidAt(app, body.at, now)
    const hash = hashOf(body.tubes)
    await trx
      .insertInto('sample_box')
      .values({
        code: body.code,
        client_id: body.id,
        content_hash: hash,
        session_id: session.id,
        place_code: session.place_code,
        lab: null,
        bound_for: null,
        state: 'packed',
        packed_at: packedAt,
        actor_id: actor.id,
      })
      .onConflict((c) => c.column('code').doNothing())
      .execute()
    let box = (await lockBox(trx, body.code))!
    // Another device's box under this label: two boxes cannot share one.
    if (box.client_id !== body.id || !may(actor, 'tubes.seal', box.place_code))
      throw new CityError('box_taken')
    if (box.state !== 'packed' && box.content_hash !== hash) throw new CityError('box_gone')
    // It may have grown since it was first sent: what it left with is what counts as the same again.
    if (box.content_hash !== hash)
      await trx.updateTable('sample_box').set({ content_hash: hash }).where('code', '=', body.code).execute()
    box = (await receivedEarly(trx, box, now)) ?? box
    // A tube of a place that is not the packer's cannot be told from one that does not exist.
    const known = new Map(
      (await findTubes(trx, body.tubes))
        .filter((t) => may(actor, 'tubes.seal', t.place_code))
        .map((t) => [t.code, t]),
    )
    const refused: { code: string; why: 'unknown' | 'other_box' | 'not_sealed' }[] = []
    const taken: string[] = []
    for (const code of new Set(body.tubes)) {
      const tube = known.get(code)
      if (!tube) refused.push({ code, why: 'unknown' })
      else if (tube.box !== null && tube.box !== body.code) refused.push({ code, why: 'other_box' })
      else if (tube.box === null && tube.state !== 'sealed') refused.push({ code, why: 'not_sealed' })
      else taken.push(code)
    }
    // What its device sent only after the box had gone lay in it all the same: it is where the box is.
    const state = box.state === 'packed' ? 'boxed' : box.state
    const { rows: added } = await sql<Moved & { code: string }>`
      update tube set box = ${body.code}, state = ${state} where code = any(${taken}::text[]) and box is null and state = 'sealed'
      returning code, place_code, kind, old.state, sealed_at`.execute(trx)
    const before = new Set(taken.filter((code) => known.get(code)!.box === body.code))
    const inside = new Set([...before, ...added.map((t) => t.code)])
    // Taken by another box between our look and our word.
    for (const code of taken) if (!inside.has(code)) refused.push({ code, why: 'other_box' })
    const lab = box.lab ?? box.bound_for ?? ''
    if (lab !== '' || state !== 'boxed')
      await sayMoved(trx, added, { before: '', after: lab }, STAGE_OF[state], now)
    if (box.state === 'received' && box.lab !== null) await takeEarlyResults(app, trx, box.lab, [...inside])
    await addCustody(trx, actor, packedAt, { id: body.id, box: body.code, kind: 'boxed' })
    await audit(trx, actor, 'boxes.pack', body.code, {
      placeCode: session.place_code,
      data: { tubes: inside.size },
    })
    return { code: body.code, packed: inside.size, refused }
  })
}

/**
 * A box is collected, or received by a laboratory. The first laboratory that receives it has it; another one is told so
 * (`box_elsewhere`) and that it was shown there too stands in the custody. One that we have not heard of is received all
 * the same (`early`) and joins what its device reports.
 */
export async function moveBox(app: App, actor: Actor, { params, body }: Given<typeof MoveBox>) {
  const needed = body.kind === 'received' ? 'boxes.receive' : 'tubes.seal'
  const outcome = await within(app.db, { as: 'service' }, async (trx) => {
    const box = await lockBox(trx, params.code)
    const now = app.clock.now()
    const lab = body.kind === 'received' ? labOf(actor) : null
    if (!box || !may(actor, needed, box.place_code)) {
      if (lab === null || !isLabel('B', params.code) || !actor.may.has(needed))
        throw new CityError('box_not_found')
      const early = { code: params.code, id: body.id, lab, note: body.note }
      if (!(await keepEarlyBox(trx, actor, now, early))) return 'elsewhere' as const
      await audit(trx, actor, 'boxes.received_early', params.code)
      return { code: params.code, state: 'early', lab, tubes: 0 }
    }
    if (body.kind === 'received' && box.lab !== null && box.lab !== lab) {
      // Under an id of its own: the same scan, sent again once the box is free, is a receipt.
      await addCustody(trx, actor, now, {
        id: idFrom('contested', body.id),
        box: box.code,
        kind: 'contested',
        lab: lab ?? undefined,
        note: body.note,
      })
      return 'elsewhere' as const
    }
    const isNew = await addCustody(trx, actor, await saidAt(app, body.at, now), {
      id: body.id,
      box: box.code,
      kind: body.kind,
      lab: lab ?? undefined,
      note: body.note,
    })
    const moves = body.kind === 'received' || box.state === 'received' ? 'received' : 'collected'
    const state = isNew ? moves : box.state
    if (isNew) {
      const moved = await moveTubes(trx, box, moves, lab, now)
      if (moves === 'received' && lab !== null) await takeEarlyResults(app, trx, lab, moved)
      await audit(trx, actor, `boxes.${body.kind}`, box.code, { placeCode: box.place_code })
    }
    return toMoved(trx, { code: box.code, state, lab: isNew && lab ? lab : box.lab })
  })
  if (outcome === 'elsewhere') throw new CityError('box_elsewhere')
  return outcome
}

async function toMoved(trx: Trx, box: Pick<BoxRecord, 'code' | 'state' | 'lab'>) {
  const { n } = await trx
    .selectFrom('tube')
    .select((e) => e.fn.countAll<number>().as('n'))
    .where('box', '=', box.code)
    .executeTakeFirstOrThrow()
  return { code: box.code, state: box.state, lab: box.lab, tubes: n }
}

/**
 * The laboratory that has a box lets go of it: it was scanned by mistake, and the right one would be told `box_elsewhere`
 * for ever. It is on its way again, to where it was sent if somebody said. Errors: `box_not_found`, `box_tested`.
 */
export async function releaseBox(app: App, actor: Actor, { params, body }: Given<typeof ReleaseBox>) {
  return within(app.db, { as: 'service' }, async (trx) => {
    const box = await lockBox(trx, params.code)
    if (!box || !may(actor, 'boxes.receive', box.place_code)) throw new CityError('box_not_found')
    const lab = labOf(actor)
    const now = app.clock.now()
    const said = { id: body.id, box: box.code, kind: 'released' as const, lab, note: body.note }
    if (!(await addCustody(trx, actor, now, said))) return toMoved(trx, box)
    if (box.lab !== lab) throw new CityError('box_not_found')
    const { rows: moved } = await sql<Moved>`
      update tube set state = 'collected' where box = ${box.code} and state = 'received'
      returning place_code, kind, old.state, sealed_at`.execute(trx)
    // After the tubes are locked: a result that comes at this instant is either seen here or finds the box gone.
    const { rows: tested } =
      await sql`select from tube t join result r on r.tube = t.code where t.box = ${box.code} limit 1`.execute(
        trx,
      )
    if (tested.length > 0) throw new CityError('box_tested')
    await trx
      .updateTable('sample_box')
      .set({ state: 'collected', lab: null })
      .where('code', '=', box.code)
      .execute()
    await sayMoved(trx, moved, { before: lab, after: box.bound_for ?? '' }, STAGE_OF.collected, now)
    await audit(trx, actor, 'boxes.released', box.code, { placeCode: box.place_code })
    return toMoved(trx, { code: box.code, state: 'collected', lab: null })
  })
}

/**
 * A laboratory rejects a tube that cannot be tested, or destroys one; both with a reason. Where it had no result yet its
 * people are called back in the same commit.
 */
export async function moveTube(app: App, actor: Actor, { params, body }: Given<typeof MoveTube>) {
  return within(app.db, { as: 'service' }, async (trx) => {
    const tube = await trx
      .selectFrom('tube')
      .selectAll()
      .where('code', '=', params.code)
      .forUpdate()
      .executeTakeFirst()
    if (!tube || !may(actor, 'boxes.receive', tube.place_code)) throw new CityError('tube_not_found')
    const box = tube.box === null ? undefined : await findBox(trx, tube.box)
    if (box?.lab !== labOf(actor)) throw new CityError('tube_not_here')
    const may_be = body.kind === 'rejected' ? ['received'] : ['received', 'tested', 'rejected']
    const now = app.clock.now()
    const isNew = await addCustody(trx, actor, now, {
      id: body.id,
      tube: tube.code,
      kind: body.kind,
      note: body.note,
      lab: box.lab,
    })
    if (!isNew) return { code: tube.code, state: tube.state }
    if (!may_be.includes(tube.state)) throw new CityError('tube_cannot')
    await trx.updateTable('tube').set({ state: body.kind }).where('code', '=', tube.code).execute()
    await sayMoved(trx, [tube], { before: box.lab, after: box.lab }, STAGE_OF[body.kind], now)
    // Nobody will answer it any more: its people are asked for another sample, as after an invalid one.
    if (tube.state === 'received') await followResult(app, trx, tube, 'invalid')
    await audit(trx, actor, `tubes.${body.kind}`, tube.code, { placeCode: tube.place_code })
    return { code: tube.code, state: body.kind }
  })
}
