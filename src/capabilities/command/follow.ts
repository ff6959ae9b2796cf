import type { z } from 'zod'
import type { App } from '#kernel/app.ts'
import type { Trx } from '#kernel/db.ts'
import { idFrom } from '#kernel/ids.ts'
import { CLOCK_NAMES, getOrder } from '#capabilities/orders/index.ts'
import type { ClockRanOut, OrderOpened } from '#capabilities/orders/contract.ts'
import { insertAlarm } from './store.ts'

async function raise(
  app: App,
  trx: Trx,
  said: { orderId: string; placeCode: string },
  kind: 'urgent' | 'overdue',
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
    'overdue',
    idFrom('alarm', said.orderId, said.clock, String(said.run)),
    `${CLOCK_NAMES[said.clock].zh}超时 · ${order.title}`,
  )
}
