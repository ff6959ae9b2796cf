import { oncePerApp, type App } from '#kernel/app.ts'
import type { Actor, Language } from '#kernel/auth.ts'
import type { Trx } from '#kernel/db.ts'
import { allUnits, PERMISSIONS } from '#capabilities/people/index.ts'
import { atlasOf, pathIn, type Atlas } from '#capabilities/places/index.ts'
import { parameter, policyOf, type Policy } from '#capabilities/policy/index.ts'
import type { Order, OrderEvent, OrderRow } from './contract.ts'
import { allowedActions } from './rules.ts'
import * as store from './store.ts'
import type { OrderRecord } from './store.ts'
import type { Why } from './engine.ts'

type UnitRow = Awaited<ReturnType<typeof allUnits>>[number]

const units = oncePerApp(async (app) => new Map((await allUnits(app.db)).map((u) => [u.id, u])))

/** Units by id, in memory: 591 in the demonstration, read once. */
export const unitsOf = (app: App): Promise<Map<string, UnitRow>> => units.get(app)

/** What a row needs to be shown: names of places and units, without a join. */
export type Naming = { atlas: Atlas; units: Map<string, UnitRow>; policy: Policy; language: Language }

export const namingOf = async (app: App, language: Language = 'zh'): Promise<Naming> => ({
  atlas: await atlasOf(app),
  units: await unitsOf(app),
  policy: await policyOf(app),
  language,
})

/** The title as it was given, or for English readers made anew from element and place. */
function titleOf({ atlas, policy, language }: Naming, o: OrderRecord): string {
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
  const [events, clocks, related] = [
    await store.eventsOf(trx, o.id),
    await store.clocksOf(trx, o.id),
    await store.relatedOrders(trx, o),
  ]
  const maxReturns = parameter(await policyOf(app), 'orders.maxReturns').value
  return {
    ...toRow(naming, o),
    returns: o.returns,
    redos: o.redos,
    resolvedAt: o.resolved_at?.toISOString() ?? null,
    closedAt: o.closed_at?.toISOString() ?? null,
    score: o.score,
    solved: o.solved,
    timeline: events.map((e) => toEvent(naming, e)),
    clocks: clocks.map((c) => ({
      kind: c.kind,
      startedAt: c.started_at.toISOString(),
      dueAt: c.due_at.toISOString(),
      stoppedAt: c.stopped_at?.toISOString() ?? null,
      firedAt: c.fired_at?.toISOString() ?? null,
    })),
    allowed: allowedActions(
      has,
      actor.grants,
      { state: o.state, placeCode: o.place_code, unitId: o.unit_id, returns: o.returns },
      maxReturns,
    ),
    related: related.map((r) => toRow(naming, r)),
  }
}

export { has as roleHas }
