import type { App } from '#kernel/app.ts'
import { service, type Actor } from '#kernel/auth.ts'
import { within, type Trx } from '#kernel/db.ts'
import { idFrom } from '#kernel/ids.ts'
import { act, lockOrder } from '#capabilities/orders/index.ts'
import { RECALL } from './recall-words.ts'
import { metRecalls } from './recall-store.ts'

/** Ends an order whose work was done elsewhere: signed for where nobody had, resolved with what was done. */
export async function endOrder(app: App, trx: Trx, actor: Actor, id: string, note: string): Promise<void> {
  let order = await lockOrder(trx, id)
  // Nobody had it yet: it is answered as it is.
  if (order.state === 'received' || order.state === 'accepted')
    return void (await act(app, trx, order, actor, { id: idFrom(id, 'answer'), action: 'answer', note }))
  if (order.state === 'suspended')
    order = await act(app, trx, order, actor, { id: idFrom(id, 'resume'), action: 'resume' })
  if (order.state === 'dispatched' || order.state === 'redo')
    order = await act(app, trx, order, actor, { id: idFrom(id, 'sign'), action: 'sign' })
  if (order.state === 'handling')
    await act(app, trx, order, actor, { id: idFrom(id, 'resolve'), action: 'resolve', note })
}

/** Marks a recall as over; false when it was already. */
async function answer(app: App, trx: Trx, id: string, by: string): Promise<boolean> {
  const done = await trx
    .updateTable('recall')
    .set({ answered_by: by, answered_at: app.clock.now() })
    .where('id', '=', id)
    .where('answered_at', 'is', null)
    .executeTakeFirst()
  return done.numUpdatedRows > 0n
}

/** Recalls ended at once by the routine. */
const SOME = 200

/**
 * A recall ends by itself once its person and everybody they live with have given what it asks for: nobody has to say so a
 * second time, and nobody is forgotten because another one was tested.
 */
export async function answerRecalls(app: App): Promise<void> {
  for (const { id, code } of await metRecalls(app.db, SOME))
    await within(app.db, { as: 'service' }, async (trx) => {
      if (await answer(app, trx, id, code ?? 'nobody'))
        await endOrder(app, trx, service('screening'), id, code ? `已单管采样 ${code}` : '人员资料已删除')
    })
}

/** An appeal was right that no further sample is owed: the recall ends with it. Other decisions are no business of ours. */
export async function withdrawRecall(
  app: App,
  trx: Trx,
  said: { kind: string; subjectId: string; outcome: unknown; reasons: string },
): Promise<void> {
  if (said.kind !== RECALL || said.outcome !== 'failed') return
  if (await answer(app, trx, said.subjectId, 'appeal'))
    await endOrder(app, trx, service('appeal'), said.subjectId, `申诉成立，撤回：${said.reasons}`)
}

/**
 * The order of a recall was closed by people, or not accepted: whoever verified that said why, and nobody owes a sample for
 * it any more. Hears `order.moved`.
 */
export async function endRecallWithOrder(
  app: App,
  trx: Trx,
  said: { orderId: string; kind: string; state: string },
): Promise<void> {
  if (said.kind === 'recall' && (said.state === 'closed' || said.state === 'rejected'))
    await answer(app, trx, said.orderId, 'order')
}

/** Two people of the laboratory replaced what it had said: what followed from that is taken back, what is done stays done. */
export async function withdrawFollowing(app: App, trx: Trx, tube: string, note: string): Promise<void> {
  const open = await trx
    .selectFrom('recall')
    .select('id')
    .where('tube', '=', tube)
    .where('answered_at', 'is', null)
    .execute()
  for (const { id } of open)
    if (await answer(app, trx, id, 'corrected')) await endOrder(app, trx, service('laboratory'), id, note)
  const waiting = await trx
    .selectFrom('finding')
    .select('id')
    .where('tube', '=', tube)
    .where('outcome', 'is', null)
    .execute()
  for (const { id } of waiting) await endOrder(app, trx, service('laboratory'), id, note)
}
