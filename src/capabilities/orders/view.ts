import type { App } from '#kernel/app.ts'
import type { Actor, Language } from '#kernel/auth.ts'
import type { Trx } from '#kernel/db.ts'
import { PERMISSIONS } from '#capabilities/people/index.ts'
import { atlasOf, pathIn, type Atlas } from '#capabilities/places/index.ts'
import { policyOf, type Policy } from '#capabilities/policy/index.ts'
import type { Order, OrderEvent, OrderRow } from './contract.ts'
import { factsOf, isSupervised, latestUntil } from './act.ts'
import { cardsOf } from './card-store.ts'
import type { Why } from './engine.ts'
import { mergedInto } from './merge.ts'
import { allowedActions, capsOf } from './rules.ts'
import * as store from './store.ts'
import type { OrderRecord } from './store.ts'
import { unitsOf, type UnitRow } from './units.ts'

/** What a row needs to be shown: names of places and units, without a join. */
export type Naming = {
  atlas: Atlas
  units: Map<string, UnitRow>
  policy: Policy
  language: Language
  now: Date
}

export const namingOf = async (app: App, language: Language = 'zh'): Promise<Naming> => ({
  atlas: await atlasOf(app),
  units: await unitsOf(app),
  policy: await policyOf(app),
  language,
  now: app.clock.now(),
})

/** The title as it was given, or for English readers made anew from element and place. */
export function titleOf(
  { atlas, policy, language }: Naming,
  o: Pick<OrderRecord, 'title' | 'kind' | 'element' | 'place_code'>,
): string {
  if (language === 'zh' || o.kind !== 'hotline') return o.title
  return `${policy.element.get(o.element ?? '')?.en ?? 'Not yet classified'} · ${pathIn(atlas, o.place_code, 'en')}`
}

export function toRow(naming: Naming, o: OrderRecord): OrderRow {
  const { atlas, units: known, language } = naming
  const unit = o.unit_id ? known.get(o.unit_id) : undefined
  return {
    id: o.id,
    number: o.number,
    kind: o.kind,
    title: titleOf(naming, o),
    placeCode: o.place_code,
    place: pathIn(atlas, o.place_code, language),
    address: o.address,
    lng: o.lng,
    lat: o.lat,
    element: o.element,
    urgent: o.urgent,
    urgencyKind: o.urgency_kind,
    state: o.state,
    unit: unit ? { id: unit.id, name: unit.name, nameEn: unit.name_en } : null,
    source: o.source,
    openedAt: o.opened_at.toISOString(),
    dueAt: o.due_at?.toISOString() ?? null,
    dueKind: o.due_kind,
    overdue: o.overdue,
    card: o.card,
    nudges: o.nudges,
    supervised: isSupervised(o, naming.now),
    version: o.version,
    simulated: o.simulated,
  }
}

export function toEvent({ units: known, language }: Naming, e: store.EventRecord): OrderEvent {
  const { why } = e.data as { why?: Why }
  return {
    seq: e.seq,
    action: e.action,
    fromState: e.from_state,
    toState: e.to_state,
    actorKind: e.actor_kind,
    actorName: e.actor_name,
    unit: e.unit_id ? (known.get(e.unit_id)?.[language === 'zh' ? 'name' : 'name_en'] ?? e.unit_id) : null,
    at: e.at.toISOString(),
    note: e.note,
    public: e.public,
    why: why ?? null,
  }
}

const has = (grant: { role: string }, permission: string) =>
  (PERMISSIONS as Record<string, readonly string[]>)[grant.role]?.includes(permission) ?? false

/** Everything about an order as this actor may see it, with the actor's own buttons. */
export async function toOrder(app: App, trx: Trx, actor: Actor, o: OrderRecord): Promise<Order> {
  const naming = await namingOf(app, actor.language)
  const { now } = naming
  const policy = await policyOf(app, o.place_code)
  const [events, clocks, related, cards, merged, facts, lead] = [
    await store.eventsOf(trx, o.id),
    await store.clocksOf(trx, o.id),
    await store.relatedOrders(trx, o),
    await cardsOf(trx, o.id),
    await mergedInto(trx, o.id),
    await factsOf(trx, o, now),
    o.merged_into ? await store.findOrder(trx, o.merged_into) : undefined,
  ]
  const unitName = (id: string | null) => {
    const unit = id ? naming.units.get(id) : undefined
    return unit?.[actor.language === 'zh' ? 'name' : 'name_en'] ?? id
  }
  return {
    ...toRow(naming, o),
    returns: o.returns,
    extensions: o.extensions,
    redos: o.redos,
    direct: o.direct,
    arbitrated: o.arbitrated,
    process: o.process,
    resolvedAt: o.resolved_at?.toISOString() ?? null,
    closedAt: o.closed_at?.toISOString() ?? null,
    score: o.score,
    solved: o.solved,
    nudgedAt: o.nudged_at?.toISOString() ?? null,
    supervision:
      isSupervised(o, now) && o.supervised_since
        ? {
            by: o.supervised_by!,
            since: o.supervised_since.toISOString(),
            until: o.supervised_until?.toISOString() ?? null,
          }
        : null,
    held:
      o.held_state && o.state !== 'merged'
        ? {
            state: o.held_state,
            clock: o.held_kind,
            leftMinutes: o.held_left === null ? null : Math.round(o.held_left / 60_000),
            askedUntil: o.asked_until?.toISOString() ?? null,
          }
        : null,
    toldLevel: o.told_level,
    // A lead that lies outside the asker's sight is not named.
    mergedInto: lead ? { id: lead.id, number: lead.number } : null,
    merged: merged.map((m) => ({ id: m.id, number: m.number, title: titleOf(naming, m), state: m.state })),
    cards: cards.map((c) => ({
      kind: c.kind,
      unit: unitName(c.unit_id),
      at: c.at.toISOString(),
      dueAt: c.due_at.toISOString(),
      clause: c.clause,
      pack: c.pack_id,
      reason: { zh: c.reason_zh, en: c.reason_en },
    })),
    timeline: events.map((e) => toEvent(naming, e)),
    clocks: clocks.map((c) => ({
      kind: c.kind,
      startedAt: c.started_at.toISOString(),
      dueAt: c.due_at.toISOString(),
      stoppedAt: c.stopped_at?.toISOString() ?? null,
      firedAt: c.fired_at?.toISOString() ?? null,
      pack: c.pack_id,
      clause: c.clause,
    })),
    allowed: allowedActions(has, actor, facts, capsOf(policy), now).map((a) => ({
      ...a,
      latest: latestUntil(policy, a.action, o, now)?.toISOString() ?? null,
    })),
    related: related.map((r) => toRow(naming, r)),
  }
}

export { has as roleHas }
