import type { App } from '#kernel/app.ts'
import { audit } from '#kernel/audit.ts'
import type { Actor } from '#kernel/auth.ts'
import { within, type Trx } from '#kernel/db.ts'
import { CityError } from '#kernel/errors.ts'
import type { Given } from '#kernel/http.ts'
import { revokeCards } from './card.ts'
import { labOf } from './custody.ts'
import { withdrawFollowing } from './recall-ends.ts'
import { followResult } from './recalls.ts'
import type { DecideHold, Hold, ListHolds, ProposeHold } from './results.contract.ts'
import { lockTubes, type HoldRecord } from './result-store.ts'

const NAMES = { negative: '阴性', positive: '阳性', inconclusive: '可疑', invalid: '无效' } as const

const toHold = (h: HoldRecord, actor: Actor): Hold => ({
  id: h.id,
  tube: h.tube,
  stands: h.stands,
  said: h.said,
  at: h.at.toISOString(),
  state: h.state,
  proposal: h.proposal,
  proposalReason: h.proposal_reason,
  proposedAt: h.proposed_at?.toISOString() ?? null,
  decidedAt: h.decided_at?.toISOString() ?? null,
  mayDecide: h.state === 'open' && h.proposed_by !== null && h.proposed_by !== actor.id,
})

/** A hold of the actor's own laboratory; another's is not there. Two people settle it: an instrument with a key is none. */
async function lockHold(trx: Trx, actor: Actor, id: string): Promise<HoldRecord> {
  if (actor.kind !== 'staff') throw new CityError('not_allowed')
  const row = await trx
    .selectFrom('result_hold')
    .selectAll()
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst()
  if (row?.lab !== labOf(actor)) throw new CityError('hold_not_found')
  return row
}

export async function listHolds(app: App, actor: Actor, _given: Given<typeof ListHolds>) {
  const rows = await app.db
    .selectFrom('result_hold')
    .selectAll()
    .where('lab', '=', labOf(actor))
    .where('state', '=', 'open')
    .orderBy('at')
    .limit(200)
    .execute()
  return { items: rows.map((h) => toHold(h, actor)) }
}

/** The first of two people says which result stands, and why. Until it is decided either may propose otherwise; the last who did is the first of the two. */
export async function proposeHold(app: App, actor: Actor, { params, body }: Given<typeof ProposeHold>) {
  return within(app.db, { as: 'service' }, async (trx) => {
    const h = await lockHold(trx, actor, params.id)
    if (h.state !== 'open') throw new CityError('hold_decided')
    const after = await trx
      .updateTable('result_hold')
      .set({
        proposal: body.proposal,
        proposal_reason: body.reason,
        proposed_by: actor.id,
        proposed_at: app.clock.now(),
      })
      .where('id', '=', h.id)
      .returningAll()
      .executeTakeFirstOrThrow()
    await audit(trx, actor, 'results.propose', h.tube, {
      placeCode: h.place_code,
      data: { proposal: body.proposal },
    })
    return toHold(after, actor)
  })
}

/**
 * The second person agrees to what was proposed; only then does a result change. What followed from the replaced one is
 * taken back and what follows from the new one follows now, unless the centre has spoken: theirs is the answer.
 */
export async function decideHold(app: App, actor: Actor, { params, body }: Given<typeof DecideHold>) {
  return within(app.db, { as: 'service' }, async (trx) => {
    const seen = await trx
      .selectFrom('result_hold')
      .select('tube')
      .where('id', '=', params.id)
      .executeTakeFirst()
    // The tube first, as whoever reports on it does.
    const [tube] = seen ? await lockTubes(trx, [seen.tube]) : []
    const h = await lockHold(trx, actor, params.id)
    if (h.state !== 'open') {
      if (h.state === body.proposal && h.decided_by === actor.id) return toHold(h, actor)
      throw new CityError('hold_decided')
    }
    if (h.proposed_by === actor.id) throw new CityError('needs_another_person')
    if (h.proposal !== body.proposal) throw new CityError('not_what_was_proposed')
    const now = app.clock.now()
    const after = await trx
      .updateTable('result_hold')
      .set({ state: body.proposal, decided_by: actor.id, decided_at: now })
      .where('id', '=', h.id)
      .returningAll()
      .executeTakeFirstOrThrow()
    await audit(trx, actor, 'results.correct', h.tube, {
      placeCode: h.place_code,
      data: { decided: body.proposal },
    })
    if (body.proposal === 'replaced') {
      await trx
        .updateTable('result')
        .set({ outcome: h.said, tested_at: h.tested_at, corrected_at: now })
        .where('tube', '=', h.tube)
        .execute()
      await rebase(trx, h)
      if (tube && !(await centreSpoke(trx, h.tube))) {
        await revokeCards(app, trx, h.tube)
        await withdrawFollowing(app, trx, h.tube, `实验室两人更正：${NAMES[h.stands]} → ${NAMES[h.said]}`)
        if (h.said !== 'negative') await followResult(app, trx, tube, h.said, now)
      }
    }
    return toHold(after, actor)
  })
}

/** What else contradicted the replaced result contradicts the new one; a proposal about the old one means nothing now. */
const rebase = (trx: Trx, done: HoldRecord) =>
  trx
    .updateTable('result_hold')
    .set({ stands: done.said, proposal: null, proposal_reason: null, proposed_by: null, proposed_at: null })
    .where('tube', '=', done.tube)
    .where('state', '=', 'open')
    .execute()

const centreSpoke = async (trx: Trx, tube: string): Promise<boolean> =>
  (await trx
    .selectFrom('finding')
    .select('id')
    .where('tube', '=', tube)
    .where('outcome', 'is not', null)
    .executeTakeFirst()) !== undefined
