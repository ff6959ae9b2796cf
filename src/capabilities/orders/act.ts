import type { App } from '#kernel/app.ts'
import { service, type Actor } from '#kernel/auth.ts'
import type { Trx } from '#kernel/db.ts'
import { CityError } from '#kernel/errors.ts'
import { parameter, policyOf, type Policy } from '#capabilities/policy/index.ts'
import type { Action } from './contract.ts'
import { contentHash } from './content.ts'
import { move, type Move } from './engine.ts'
import { followLead, freeMerged, mergeOrder, unmergeOrder } from './merge.ts'
import { tellMentioned } from './notices.ts'
import { countOpenParts, partsOf } from './part-store.ts'
import { capsOf, hindrance, nextState, type Facts } from './rules.ts'
import { snapshot } from './snapshot.ts'
import { endOf } from './span.ts'
import * as store from './store.ts'
import type { OrderRecord } from './store.ts'

export type Act = {
  id: string
  action: Action
  version?: number | undefined
  unitId?: string | undefined
  /** Where the order is from now on, when it goes to a unit of another or a narrower place. */
  placeCode?: string | undefined
  note?: string | undefined
  solved?: boolean | undefined
  score?: number | undefined
  until?: string | undefined
  clause?: string | undefined
  into?: string | undefined
  public?: boolean | undefined
  /** One of many at once: keeps what it takes to take it back. */
  bulk?: boolean
  /** Whether the actor may decide over an arbiter's word. */
  isArbiter?: boolean
}

/** What units write to each other about whose it is, is no answer to the reporter. */
const INTERNAL: readonly Action[] = [
  'note',
  'nudge',
  'return',
  'approve_return',
  'refuse_return',
  'ask_arbitration',
  'arbitrate',
  'extend',
  'refuse_extension',
  'refuse_answer',
  'supervise',
  'end_supervision',
]

/** What an action says, to tell a repetition from another answer under the same id. */
const contentOf = ({ unitId, note, solved, score, until, clause, into, public: open }: Act): string =>
  contentHash({ unitId, note, solved, score, until, clause, into, open })

export async function factsOf(trx: Trx, o: OrderRecord, now: Date): Promise<Facts> {
  return {
    state: o.state,
    placeCode: o.place_code,
    unitId: o.unit_id,
    returns: o.returns,
    extensions: o.extensions,
    redos: o.redos,
    arbitrated: o.arbitrated,
    supervised: isSupervised(o, now),
    partsOpen: o.state === 'handling' ? await countOpenParts(trx, o.id) : 0,
    mergedAt: o.merged_at,
    heldState: o.held_state,
    heldBy: o.held_by,
  }
}

export const isSupervised = (o: OrderRecord, now: Date): boolean =>
  o.supervised_by !== null && (o.supervised_until === null || o.supervised_until > now)

/** The latest instant that `until` may name, by the pack: an order is never put off for ever. */
export function latestUntil(policy: Policy, action: Action, order: OrderRecord, now: Date): Date | null {
  if (action === 'extend' && order.due_at)
    return endOf(policy, order.due_at > now ? order.due_at : now, {
      workingDays: parameter(policy, 'orders.maxExtensionWorkingDays').value,
    })
  if (action === 'suspend')
    return new Date(now.getTime() + parameter(policy, 'orders.maxSuspendDays').value * 86_400_000)
  return null
}

/** Checks the instant of `until`: in the future, not beyond the cap, an extension later than the deadline that runs. */
function untilOf(policy: Policy, order: OrderRecord, given: Act, now: Date): Date | undefined {
  if (given.until === undefined) return undefined
  const until = new Date(given.until)
  const latest = latestUntil(policy, given.action, order, now)
  const earliest = given.action === 'extend' && order.due_at && order.due_at > now ? order.due_at : now
  const wrong = (code: string) => new CityError('bad_input', { fields: [{ path: 'until', code }] })
  if (until <= earliest) throw wrong('too_early')
  if (latest && until > latest) throw wrong('too_late')
  return until
}

type Effect = Pick<Move, 'change' | 'until' | 'why' | 'note' | 'public' | 'data'>

/** What an action does to the row beyond its state. */
async function effectOf(
  trx: Trx,
  policy: Policy,
  order: OrderRecord,
  actor: Actor,
  given: Act,
  now: Date,
): Promise<Effect> {
  const until = untilOf(policy, order, given, now)
  switch (given.action) {
    case 'return':
      return { change: { returns: order.returns + 1 } }
    case 'approve_return':
      return { change: { unit_id: null } }
    case 'arbitrate':
      return { change: { arbitrated: true } }
    case 'answer':
      return { change: { direct: true } }
    case 'extend':
      return { change: { extensions: order.extensions + 1, asked_until: until! }, data: { until } }
    case 'approve_extension':
      return { until: order.asked_until ?? undefined, change: { asked_until: null } }
    case 'refuse_extension':
      return { change: { asked_until: null } }
    case 'suspend':
      return { until, data: { until } }
    case 'resolve': {
      const parts = (await partsOf(trx, order.id)).filter((p) => p.answer !== null)
      return parts.length > 0
        ? { data: { parts: parts.map((p) => ({ unitId: p.unit_id, answer: p.answer })) } }
        : {}
    }
    case 'approve_answer': {
      // The reporter is given the unit's answer, not the reviewer's remark.
      const answer = (await store.eventsOf(trx, order.id)).findLast((e) => e.action === 'resolve')
      return { note: answer?.note ?? undefined, data: { remark: given.note ?? null } }
    }
    case 'reject':
      return {
        why: {
          pack: policy.pack.id,
          clause: given.clause!,
          reasons: [{ zh: `依据${given.clause!}不予受理`, en: `Not accepted under ${given.clause!}` }],
        },
      }
    case 'nudge':
      return { change: { nudges: order.nudges + 1, nudged_at: now } }
    case 'supervise':
      return {
        change: { supervised_by: actor.name, supervised_since: now, supervised_until: until ?? null },
      }
    case 'end_supervision':
      return { change: { supervised_by: null, supervised_since: null, supervised_until: null } }
    default:
      return {}
  }
}

/**
 * Does one action on a locked order that the caller has authorised. The action's id makes it idempotent: the same
 * again answers the order as it stands; the same id with another action is `same_id_other_content`.
 */
export async function act(
  app: App,
  trx: Trx,
  order: OrderRecord,
  actor: Actor,
  given: Act,
): Promise<OrderRecord> {
  const before = await store.findEvent(trx, order.id, given.id)
  if (before) {
    const { given: said } = before.data as { given?: string }
    if (before.action !== given.action || said !== contentOf(given))
      throw new CityError('same_id_other_content')
    return order
  }
  if (given.version !== undefined && given.version !== order.version) throw new CityError('order_changed')
  const policy = await policyOf(app)
  const now = app.clock.now()
  const facts = await factsOf(trx, order, now)
  const to = nextState(policy, facts, given.action, given)
  if (!to) throw new CityError('action_not_allowed')
  const who = { id: actor.id, isArbiter: given.isArbiter ?? false }
  const stop = hindrance(given.action, facts, capsOf(policy), who, now)
  if (stop) throw new CityError(stop)
  const effect = await effectOf(trx, policy, order, actor, given, now)
  const full: Move = {
    id: given.id,
    action: given.action,
    actor,
    at: now,
    note: given.note,
    unitId: given.unitId,
    placeCode: given.placeCode,
    // An answer that is still to be reviewed has not been given.
    public: given.public ?? (!INTERNAL.includes(given.action) && to !== 'answer_review'),
    ...effect,
    change: {
      ...effect.change,
      ...(given.solved !== undefined && { solved: given.solved }),
      ...(given.score !== undefined && { score: given.score }),
    },
    data: {
      given: contentOf(given),
      ...(given.solved !== undefined && { solved: given.solved }),
      ...(given.score !== undefined && { score: given.score }),
      ...(given.bulk && { before: snapshot(order), version: order.version + 1 }),
      ...effect.data,
    },
  }
  if (given.action === 'merge') return mergeOrder(app, trx, order, given.into!, full)
  if (given.action === 'unmerge') return unmergeOrder(app, trx, order, full)
  const after = await move(app, trx, order, to, full)
  if (given.note) await tellMentioned(app, trx, after, actor, given.id, given.note)
  if (after.state === 'resolved' && order.state !== 'resolved') await followLead(app, trx, after, full)
  if (after.direct && after.state === 'closed') await followLead(app, trx, after, full)
  if (after.state === 'rejected') await freeMerged(app, trx, after, service('merging'))
  return after
}
