import type { z } from 'zod'
import type { App } from '#kernel/app.ts'
import type { Trx } from '#kernel/db.ts'
import { idFrom } from '#kernel/ids.ts'
import type { PromiseThreatened } from '#capabilities/screening/capacity.contract.ts'
import type { TubePositive } from '#capabilities/screening/results.contract.ts'
import type { GlassBroken } from '#capabilities/people/looks.contract.ts'
import { findUnit, roleName } from '#capabilities/people/index.ts'
import { atlasOf, pathIn } from '#capabilities/places/index.ts'
import { CLOCK_NAMES, getOrder } from '#capabilities/orders/index.ts'
import type { ClockRanOut, OrderOpened } from '#capabilities/orders/contract.ts'
import { insertAlarm } from './store.ts'

async function raise(
  app: App,
  trx: Trx,
  said: { orderId: string; placeCode: string },
  kind: 'urgent' | 'overdue' | 'ownerless',
  id: string,
  title: string,
): Promise<void> {
  await insertAlarm(trx, {
    id,
    at: app.clock.now(),
    kind,
    title,
    place_code: said.placeCode,
    order_id: said.orderId,
  })
  await app.live.say(trx, { topic: 'alarm', id, placeCode: said.placeCode, kind, orderId: said.orderId })
}

export async function raiseUrgentAlarm(
  app: App,
  trx: Trx,
  said: z.infer<typeof OrderOpened.data>,
): Promise<void> {
  if (!said.urgent) return
  const order = await getOrder(trx, said.orderId)
  await raise(app, trx, said, 'urgent', idFrom('alarm', said.orderId), order.title)
}

export async function raiseOverdueAlarm(
  app: App,
  trx: Trx,
  said: z.infer<typeof ClockRanOut.data>,
): Promise<void> {
  const order = await getOrder(trx, said.orderId)
  await raise(
    app,
    trx,
    said,
    said.ownerless ? 'ownerless' : 'overdue',
    idFrom('alarm', said.orderId, said.clock, String(said.run)),
    `${said.ownerless ? '无人承接' : `${CLOCK_NAMES[said.clock].zh}超时`} · ${order.title}`,
  )
}

/** Somebody reads in a place that is not theirs: those who watch over it hear of it at once, with post and place. */
export async function raiseGlassAlarm(
  app: App,
  trx: Trx,
  said: z.infer<typeof GlassBroken.data>,
): Promise<void> {
  const unit = said.unitId ? await findUnit(trx, said.unitId) : undefined
  const who = [unit?.name, roleName(said.role).zh].filter(Boolean).join(' ')
  const id = idFrom('alarm', said.glassId)
  await insertAlarm(trx, {
    id,
    at: app.clock.now(),
    kind: 'glass',
    title: `越权查看 · ${pathIn(await atlasOf(app), said.placeCode)} · ${who}`,
    place_code: said.placeCode,
    order_id: null,
  })
  await app.live.say(trx, { topic: 'alarm', id, placeCode: said.placeCode, kind: 'glass' })
}

/** A positive tube: said once, with how many people are called back. No name, no address closer than the neighbourhood. */
export async function raisePositiveAlarm(
  app: App,
  trx: Trx,
  said: z.infer<typeof TubePositive.data>,
): Promise<void> {
  const id = idFrom('alarm', 'positive', said.tube)
  const placeCode = said.placeCode.slice(0, 12)
  await insertAlarm(trx, {
    id,
    at: app.clock.now(),
    kind: 'positive',
    title: `${said.single ? '单管阳性' : `混管异常 ${said.people} 人`} · ${pathIn(await atlasOf(app), placeCode)}`,
    place_code: placeCode,
    order_id: null,
  })
  await app.live.say(trx, { topic: 'alarm', id, placeCode, kind: 'positive' })
}

/** Promises of results will break: where, how many tubes, and who could help. */
export async function raiseBacklogAlarm(
  app: App,
  trx: Trx,
  said: z.infer<typeof PromiseThreatened.data>,
): Promise<void> {
  const help = said.help ? ` · 可改送${said.help.name}（每小时可多检 ${said.help.spare} 管）` : ''
  await insertAlarm(trx, {
    id: said.alarmId,
    at: app.clock.now(),
    kind: 'backlog',
    title: `${said.tubes} 管结果将超时 · ${said.name.zh}${help}`,
    place_code: said.placeCode,
    order_id: null,
  })
  await app.live.say(trx, { topic: 'alarm', id: said.alarmId, placeCode: said.placeCode, kind: 'backlog' })
}
