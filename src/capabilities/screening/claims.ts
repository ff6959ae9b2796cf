import type { App } from '#kernel/app.ts'
import { audit } from '#kernel/audit.ts'
import { may, type Actor } from '#kernel/auth.ts'
import { within, type Trx } from '#kernel/db.ts'
import { CityError } from '#kernel/errors.ts'
import type { Given } from '#kernel/http.ts'
import { idFrom } from '#kernel/ids.ts'
import { openOrder, unitsOf } from '#capabilities/orders/index.ts'
import { findPerson, recordLook } from '#capabilities/people/index.ts'
import { atlasOf, pathIn, positionOf } from '#capabilities/places/index.ts'
import { policyOf } from '#capabilities/policy/index.ts'
import { claimsOf, peopleOfClaim, type NewClaim } from './claim-store.ts'
import type { SettleClaim } from './custody.contract.ts'
import { singleTubeClause } from './duties.ts'
import { callBack } from './recalls.ts'
import { endOrder } from './recall-ends.ts'

/** Both see one state of the claims of a tube: a claim that comes while another is settled has its own order. */
const lockTube = (trx: Trx, code: string) =>
  trx.selectFrom('tube').selectAll().where('code', '=', code).forUpdate().executeTakeFirst()

/**
 * Keeps the second truth about a tube, once, and opens one order where the second sampling was: somebody finds out who
 * gave a sample and whose was lost. Further claims of the tube join an order that is still open.
 */
export async function keepClaim(app: App, claim: NewClaim): Promise<void> {
  await within(app.db, { as: 'service' }, async (trx) => {
    await lockTube(trx, claim.tube)
    const claims = await claimsOf(trx, claim.tube)
    if (claims.some((c) => c.id === claim.id)) return
    const open = claims.find((c) => c.settled_at === null && c.order_id !== null)
    const orderId = open?.order_id ?? idFrom('claim order', claim.id)
    const { people, kind, sealedAt, sessionId } = claim
    await trx
      .insertInto('tube_claim')
      .values({
        id: claim.id,
        tube: claim.tube,
        place_code: claim.placeCode,
        claim: JSON.stringify({ people, kind, sealedAt, sessionId }),
        actor_id: claim.actorId,
        at: app.clock.now(),
        order_id: orderId,
      })
      .execute()
    if (!open) await openClaimOrder(app, trx, orderId, claim)
  })
}

async function openClaimOrder(app: App, trx: Trx, id: string, claim: NewClaim): Promise<void> {
  const placeCode = claim.placeCode.slice(0, 12)
  const atlas = await atlasOf(app)
  const policy = await policyOf(app, placeCode)
  const at = positionOf(atlas, placeCode, id)
  const unitId = `street.${placeCode.slice(0, 9)}`
  const people = await Promise.all(claim.people.map((p) => findPerson(trx, p)))
  await openOrder(app, trx, {
    id,
    kind: 'claim',
    title: `管码 ${claim.tube} 有两份记录 · ${pathIn(atlas, placeCode)}`,
    placeCode,
    address: claim.address,
    lng: at?.lng ?? null,
    lat: at?.lat ?? null,
    element: 'test.claim',
    urgent: false,
    urgencyKind: null,
    unitId: (await unitsOf(app)).has(unitId) ? unitId : null,
    reporterId: null,
    source: 'screening',
    simulated: people.every((p) => p?.simulated === true),
    why: {
      pack: policy.pack.id,
      clause: singleTubeClause(policy),
      reasons: [
        {
          zh: `同一管码由两份记录封管，后一份 ${claim.people.length} 人的样本没有着落，须核实是否重采`,
          en: `Two records sealed one label: whether the ${claim.people.length} people of the later one must give a sample again is to be found out`,
        },
      ],
    },
  })
}

/**
 * Whoever handles such orders there says, once, what a second claim was: the same people, or others, whose sample nobody
 * has; these are called back to another one in the same commit. The order ends with its last claim. Errors:
 * `tube_not_found`, `claim_not_found`, `claim_settled`, `same_id_other_content`.
 */
export async function settleClaim(app: App, actor: Actor, { params, body }: Given<typeof SettleClaim>) {
  return within(app.db, { as: 'service' }, async (trx) => {
    const tube = await lockTube(trx, params.code)
    const claims = tube ? await claimsOf(trx, tube.code) : []
    const claim = claims.find((c) => c.id === params.id)
    if (!tube || !claim || !may(actor, 'claims.settle', claim.place_code))
      throw new CityError('claim_not_found')
    const answer = { id: claim.id, outcome: body.outcome }
    if (claim.settled_at !== null) {
      if (claim.settlement_id !== body.id) throw new CityError('claim_settled')
      if (claim.outcome !== body.outcome) throw new CityError('same_id_other_content')
      return answer
    }
    await trx
      .updateTable('tube_claim')
      .set({
        settlement_id: body.id,
        outcome: body.outcome,
        reason_sealed: app.vault.seal(body.reason, 'claim.reason'),
        settled_by: actor.id,
        settled_by_name: actor.name,
        settled_at: app.clock.now(),
      })
      .where('id', '=', claim.id)
      .execute()
    const people = await peopleOfClaim(trx, claim.id)
    for (const p of people)
      await recordLook(trx, actor, 'claims.settle', {
        personId: p.person_id,
        placeCode: p.place_code,
        subject: tube.code,
      })
    if (body.outcome === 'sample_again')
      await callBack(
        app,
        trx,
        tube,
        people.filter((p) => !p.in_tube),
        'invalid',
      )
    await audit(trx, actor, 'claims.settle', claim.id, {
      placeCode: claim.place_code,
      data: { tube: tube.code, outcome: body.outcome, people: people.length },
    })
    const isLast = !claims.some((c) => c.id !== claim.id && c.order_id === claim.order_id && !c.settled_at)
    if (claim.order_id !== null && isLast)
      await endOrder(app, trx, actor, claim.order_id, SETTLED[body.outcome])
    return answer
  })
}

const SETTLED = {
  same_people: '核实为同一批人，不必重采',
  sample_again: '核实为另一批人，已通知重新采样',
} as const
