import type { z } from 'zod'
import type { App } from '#kernel/app.ts'
import { service } from '#kernel/auth.ts'
import type { Trx } from '#kernel/db.ts'
import { openOrder, reclassify } from '#capabilities/orders/index.ts'
import { atlasOf, pathIn, positionOf } from '#capabilities/places/index.ts'
import { policyOf } from '#capabilities/policy/index.ts'
import type { OrderPlaceChanged } from '#capabilities/orders/contract.ts'
import type { RequestReceived } from './contract.ts'
import { outcomeOf, sendAtOnce, UNDERSTANDING } from './rules.ts'

/** A request becomes one work order with the same id, sent to its unit at once where the rule is sure enough. */
export async function openHotlineOrder(
  app: App,
  trx: Trx,
  said: z.infer<typeof RequestReceived.data>,
): Promise<void> {
  const { understanding: u } = said
  const atlas = await atlasOf(app)
  const policy = await policyOf(app)
  const at = positionOf(atlas, said.placeCode, said.address ?? said.requestId)
  await openOrder(app, trx, {
    id: said.requestId,
    kind: 'hotline',
    title: `${u.element?.name.zh ?? '待分类诉求'} · ${pathIn(atlas, said.placeCode)}`,
    placeCode: said.placeCode,
    address: said.address,
    lng: at?.lng ?? null,
    lat: at?.lat ?? null,
    element: u.element?.id ?? null,
    urgent: u.urgent,
    urgencyKind: u.urgency?.kind ?? null,
    unitId: sendAtOnce(policy, u) ? u.route!.unitId : null,
    reporterId: said.personId,
    source: said.channel,
    simulated: said.simulated,
    why: { pack: u.pack, clause: u.urgent ? '诉求 2.2' : '诉求 1.1', reasons: u.reasons },
  })
}

/** A request is read where its order is handled. */
export async function moveRequest(
  _app: App,
  trx: Trx,
  said: z.infer<typeof OrderPlaceChanged.data>,
): Promise<void> {
  await trx
    .updateTable('request')
    .set({ place_code: said.placeCode })
    .where('id', '=', said.orderId)
    .execute()
}

/** What a text is was decided anew: the order is classed by it. Other kinds of decision are no business of requests. */
export async function reclassifyOrder(
  app: App,
  trx: Trx,
  said: { decisionId: string; kind: string; subjectId: string; outcome: unknown; reasons: string },
): Promise<void> {
  if (said.kind !== UNDERSTANDING) return
  const { urgent, element } = said.outcome as ReturnType<typeof outcomeOf>
  await reclassify(app, trx, said.subjectId, {
    id: said.decisionId,
    urgent,
    element,
    note: said.reasons,
    actor: service('appeal'),
  })
}
