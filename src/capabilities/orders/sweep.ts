import type { App } from '#kernel/app.ts'
import { service } from '#kernel/auth.ts'
import type { Trx } from '#kernel/db.ts'
import { idFrom } from '#kernel/ids.ts'
import { policyOf, type Policy } from '#capabilities/policy/index.ts'
import { insertCard } from './card-store.ts'
import { ClockRanOut, type ClockKind } from './contract.ts'
import { move, type Why } from './engine.ts'
import { freeMerged } from './merge.ts'
import { insertNotices } from './notice-store.ts'
import { takeLateParts } from './part-store.ts'
import { clockSpan, nextTold, toldUnit, type ToldLevel } from './rules.ts'
import { endOf } from './span.ts'
import * as store from './store.ts'
import type { OrderRecord } from './store.ts'

/** How many run-out clocks one sweep takes in one transaction, so that a day's backlog does not block the living. */
const SWEEP = 200

export const CLOCK_NAMES: Record<ClockKind, { zh: string; en: string }> = {
  dispatch: { zh: '派单', en: 'dispatch' },
  supply: { zh: '补充材料', en: 'supplying what was asked' },
  sign: { zh: '签收', en: 'signing' },
  review: { zh: '审核', en: 'review' },
  handle: { zh: '办理', en: 'handling' },
  suspension: { zh: '挂起', en: 'suspension' },
  call_back: { zh: '回访', en: 'call-back' },
  archive: { zh: '归档', en: 'archiving' },
  escalate: { zh: '仍未办理', en: 'handling' },
}

const LEVEL_NAMES: Record<ToldLevel, { zh: string; en: string }> = {
  subdistrict: { zh: '街镇', en: 'subdistrict' },
  district: { zh: '区', en: 'district' },
  city: { zh: '市', en: 'city' },
}

type Out = Awaited<ReturnType<typeof store.takeRunOut>>[number]

/**
 * Fires the clocks that have run out: a closed order is archived, a suspension ends, a question without an answer
 * closes the order, every other becomes overdue and is said aloud. Returns how many fired. Exactly once each, also
 * after a day of downtime and with several servers.
 */
export async function sweepClocks(app: App): Promise<number> {
  return app.db.transaction().execute(async (trx) => {
    const policy = await policyOf(app)
    const out = await store.takeRunOut(trx, app.clock.now(), SWEEP)
    for (const clock of out) await fire(app, trx, policy, clock)
    return out.length
  })
}

async function fire(app: App, trx: Trx, policy: Policy, clock: Out): Promise<void> {
  const { order_id, kind, run } = clock
  const order = await store.lockOrder(trx, order_id)
  const by = { id: idFrom(order_id, kind, String(run)), actor: service('clock'), at: app.clock.now() }
  if (kind === 'archive') return void (await move(app, trx, order, 'archived', { ...by, action: 'archive' }))
  if (kind === 'suspension')
    return void (await move(app, trx, order, order.held_state ?? 'handling', {
      ...by,
      action: 'resume',
      note: '挂起期满，恢复办理',
    }))
  if (kind === 'supply') {
    const closed = await move(app, trx, order, 'closed', {
      ...by,
      action: 'expire',
      note: '到期没有收到补充材料，本单先办结；补充后可要求重办',
      why: whyOf(clock, policy, '到期未补充', 'Nothing was supplied in time'),
    })
    return freeMerged(app, trx, closed, by.actor)
  }
  return late(app, trx, policy, order, clock)
}

const whyOf = (
  c: { pack_id: string | null; clause: string | null },
  policy: Policy,
  zh: string,
  en: string,
): Why => ({ pack: c.pack_id ?? policy.pack.id, clause: c.clause ?? '', reasons: [{ zh, en }] })

/** A deadline passed: overdue, a red card for handling, and the next level above is told. */
async function late(app: App, trx: Trx, policy: Policy, order: OrderRecord, clock: Out): Promise<void> {
  const { kind, run } = clock
  const now = app.clock.now()
  const actor = service('clock')
  const told = nextTold({ placeCode: order.place_code, unitId: order.unit_id }, order.told_level) ?? 'city'
  const first = kind !== 'escalate'
  const { clause } = clockSpan(policy, kind, order)
  const level = LEVEL_NAMES[told]
  const why = whyOf(
    { ...clock, clause: clock.clause ?? clause },
    policy,
    first ? `${CLOCK_NAMES[kind].zh}时限已过，已报${level.zh}级` : `仍未办理，再报${level.zh}级`,
    first
      ? `The ${CLOCK_NAMES[kind].en} deadline has passed; the ${level.en} is told`
      : `Still not done; the ${level.en} is told`,
  )
  let after = await move(app, trx, order, order.state, {
    id: idFrom(order.id, kind, String(run)),
    action: 'escalate',
    actor,
    at: now,
    why,
    data: { told, toldUnit: toldUnit(told, order.place_code), clock: kind },
    change: { overdue: true, told_level: told },
  })
  await insertNotices(trx, [
    {
      order_id: order.id,
      id: idFrom('told', order.id, kind, String(run)),
      to_kind: 'unit',
      to_id: toldUnit(told, order.place_code),
      kind: 'escalate',
      at: now,
      by_name: '',
    },
  ])
  if (kind === 'handle') after = await giveCard(app, trx, policy, after, clock, 'red')
  await app.bus.emit(app, trx, ClockRanOut, {
    orderId: after.id,
    kind: after.kind,
    placeCode: after.place_code,
    urgent: after.urgent,
    at: now.toISOString(),
    reporterId: after.reporter_id,
    clock: kind,
    run,
    told,
    ownerless: after.unit_id === null && (after.state === 'received' || after.state === 'accepted'),
  })
  // Somebody waits for dialysis: said again until the order moves (its next clock stops this one). A calm one has
  // been said to everybody once the city knows.
  if (!order.urgent && told === 'city') return
  const next = clockSpan(policy, 'escalate', order)
  await store.addClock(trx, order.id, {
    kind: 'escalate',
    startedAt: now,
    dueAt: endOf(policy, now, next.span),
    packId: policy.pack.id,
    clause: next.clause,
  })
}

/** A card is a row of its own: to whom, why, by which clause. One a run of the clock. */
async function giveCard(
  app: App,
  trx: Trx,
  policy: Policy,
  order: OrderRecord,
  clock: Out,
  kind: 'yellow' | 'red',
): Promise<OrderRecord> {
  const now = app.clock.now()
  const red = kind === 'red'
  const zh = red ? '办理逾期首日，发红牌' : '距办理时限不足一个工作日，发黄牌'
  const en = red
    ? 'First late day of handling: red card'
    : 'Less than a working day to the deadline: yellow card'
  const why = whyOf(clock, policy, zh, en)
  const isNew = await insertCard(trx, {
    order_id: order.id,
    kind,
    clock: clock.kind,
    run: clock.run,
    unit_id: order.unit_id,
    place_code: order.place_code.slice(0, 9),
    at: now,
    due_at: clock.due_at,
    pack_id: why.pack,
    clause: why.clause,
    reason_zh: zh,
    reason_en: en,
  })
  if (!isNew) return order
  if (order.unit_id)
    await insertNotices(trx, [
      {
        order_id: order.id,
        id: idFrom(kind, order.id, clock.kind, String(clock.run)),
        to_kind: 'unit',
        to_id: order.unit_id,
        kind: `card.${kind}`,
        at: now,
        by_name: '',
      },
    ])
  return move(app, trx, order, order.state, {
    id: idFrom(order.id, kind, clock.kind, String(clock.run)),
    action: 'card',
    actor: service('clock'),
    at: now,
    public: false,
    why,
    data: { card: kind },
    change: { card: kind },
  })
}

/** Yellow cards, a working day before the deadline. After downtime one that is late by now gets its red card only. */
export async function sweepWarnings(app: App): Promise<number> {
  return app.db.transaction().execute(async (trx) => {
    const now = app.clock.now()
    const policy = await policyOf(app)
    const out = await store.takeWarnings(trx, now, SWEEP)
    for (const clock of out) {
      const order = await store.lockOrder(trx, clock.order_id)
      if (clock.due_at > now && order.card === null) await giveCard(app, trx, policy, order, clock, 'yellow')
    }
    return out.length
  })
}

/** Helpers that are late: said in the log and to both units, once each. */
export async function sweepParts(app: App): Promise<number> {
  return app.db.transaction().execute(async (trx) => {
    const now = app.clock.now()
    const out = await takeLateParts(trx, now, SWEEP)
    for (const part of out) {
      const order = await store.lockOrder(trx, part.order_id)
      await move(app, trx, order, order.state, {
        id: idFrom('late part', order.id, part.id),
        action: 'part',
        actor: service('clock'),
        at: now,
        note: `协办超时：${part.task_zh}`,
        public: false,
        data: { part: part.id, late: true },
      })
      const units = [part.unit_id, ...(order.unit_id ? [order.unit_id] : [])]
      await insertNotices(
        trx,
        units.map((unit) => ({
          order_id: order.id,
          id: idFrom('late part', part.id, unit),
          to_kind: 'unit' as const,
          to_id: unit,
          kind: 'part.late',
          at: now,
          by_name: '',
        })),
      )
    }
    return out.length
  })
}
