import type { App } from '#kernel/app.ts'
import type { Language } from '#kernel/auth.ts'
import type { Trx } from '#kernel/db.ts'
import {
  CLOCK_OF,
  clockMinutes,
  eventsOf,
  getOrder,
  NEXT,
  unitsOf,
  type OrderRecord,
} from '#capabilities/orders/index.ts'
import type { State } from '#capabilities/orders/contract.ts'
import { atlasOf, pathIn } from '#capabilities/places/index.ts'
import { policyOf } from '#capabilities/policy/index.ts'
import type { MyRequest, Step } from './contract.ts'
import type { RequestRecord } from './store.ts'

/** The line of steps that a resident sees; a redo goes back to handling on the same line. */
const STEPS = [
  ['received', { zh: '已受理', en: 'Received' }],
  ['dispatched', { zh: '已派单', en: 'Sent to the unit' }],
  ['handling', { zh: '办理中', en: 'Being handled' }],
  ['resolved', { zh: '已办理，等您评价', en: 'Done; your word counts' }],
  ['closed', { zh: '已办结', en: 'Closed' }],
] as const satisfies readonly (readonly [State, { zh: string; en: string }])[]

/** Which step of the line the order stands on. */
const STANDS_ON: Record<State, number> = {
  received: 0,
  dispatched: 1,
  redo: 1,
  handling: 2,
  resolved: 3,
  closed: 4,
  archived: 4,
  rejected: 4,
  merged: 4,
}

async function stepsOf(
  app: App,
  trx: Trx,
  order: OrderRecord,
  language: Language,
): Promise<{ steps: Step[]; messages: MyRequest['messages'] }> {
  const policy = await policyOf(app)
  const units = await unitsOf(app)
  const events = await eventsOf(trx, order.id)
  const now = STANDS_ON[order.state]
  // Only what happened since the last time the order went back counts as reached.
  let from = 0
  events.forEach((e, i) => {
    if (e.action === 'return' || e.to_state === 'redo') from = i
  })
  let promised = order.due_at
  const steps = STEPS.map(([state, name], i): Step => {
    const reached =
      i <= now
        ? (events.find((e, k) => (k >= from || i === 0) && STANDS_ON[e.to_state] === i) ??
          events.findLast((e) => STANDS_ON[e.to_state] === i))
        : undefined
    if (reached) return { state, name, at: reached.at.toISOString(), promisedAt: null }
    // The running clock promises the next step; the clocks after it add up from there.
    if (i > now + 1 && promised) {
      const clock = CLOCK_OF[STEPS[i - 1]![0]]
      promised = new Date(promised.getTime() + clockMinutes(policy, clock, order).minutes * 60_000)
    }
    return { state, name, at: null, promisedAt: promised?.toISOString() ?? null }
  })
  const messages = events
    .filter((e) => e.public && e.note !== null && e.actor_kind !== 'service')
    .map((e) => ({
      at: e.at.toISOString(),
      from:
        e.actor_kind === 'resident'
          ? { zh: '我', en: 'Me' }[language]
          : (e.unit_id && units.get(e.unit_id)?.[language === 'zh' ? 'name' : 'name_en']) || '12345',
      text: e.note!,
    }))
  return { steps, messages }
}

/** A request as the person who sent it sees it. */
export async function toMyRequest(
  app: App,
  trx: Trx,
  row: RequestRecord,
  language: Language = 'zh',
): Promise<MyRequest> {
  const order = await getOrder(trx, row.id)
  const atlas = await atlasOf(app)
  const u = row.understanding
  const unit = order.unit_id ? (await unitsOf(app)).get(order.unit_id) : undefined
  return {
    id: row.id,
    text: app.vault.open(row.text_sealed, 'request.text'),
    receivedAt: row.received_at.toISOString(),
    place: pathIn(atlas, row.place_code, language),
    address: row.address_sealed ? app.vault.open(row.address_sealed, 'request.address') : null,
    understanding: u.place ? { ...u, place: { ...u.place, path: pathIn(atlas, u.place.code, language) } } : u,
    order: {
      id: order.id,
      number: order.number,
      state: order.state,
      urgent: order.urgent,
      unit: unit ? { zh: unit.name, en: unit.name_en } : null,
      dueAt: order.due_at?.toISOString() ?? null,
      dueKind: order.due_kind,
      overdue: order.overdue,
      score: order.score,
      mayRate: 'rate' in NEXT[order.state],
      mayReopen: 'reopen' in NEXT[order.state],
    },
    ...(await stepsOf(app, trx, order, language)),
  }
}
