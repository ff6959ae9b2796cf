import { sql } from 'kysely'
import { keptFor, type App } from '#kernel/app.ts'
import { may, scopeOf, type Actor, type Language } from '#kernel/auth.ts'
import { asService, enter, within, type Trx } from '#kernel/db.ts'
import { CityError } from '#kernel/errors.ts'
import type { Given } from '#kernel/http.ts'
import { decodeCursor, encodeCursor } from '#kernel/cursor.ts'
import { policyOf, parameter } from '#capabilities/policy/index.ts'
import { findPlacePath, getKnownPlace } from '#capabilities/places/index.ts'
import {
  Field,
  type ActOnOrder,
  type GetOrder,
  type GetStatistics,
  type ListOrders,
  type ListUnits,
  type Order,
  type State,
  type Statistics,
  type View,
} from './contract.ts'
import { act, type Act } from './act.ts'
import { countTurnRates, share } from './kpi.ts'
import { isTaken, mayAct, NEEDS, type StaffAction } from './rules.ts'
import { countOrders } from './statistics.ts'
import * as store from './store.ts'
import { unitsOf } from './units.ts'
import { namingOf, roleHas, toOrder, toRow } from './view.ts'

/** The widest place that the actor's list can be about: the one place of the permission, else the whole city. */
function homeOf(actor: Actor, permission: string): string {
  const places = actor.may.get(permission) ?? []
  return places.length === 1 ? places[0]! : '31'
}

const DESK: readonly State[] = ['received', 'accepted', 'resolved']

/** The states that a view is about; none where it is about something else. */
function statesOf(view: View, atDesk: boolean): readonly State[] | undefined {
  if (view === 'unassigned') return ['received', 'accepted']
  if (view === 'review') return ['return_review', 'extension_review', 'answer_review']
  if (view === 'arbitration') return ['arbitration']
  return view === 'mine' && atDesk ? DESK : undefined
}

/** Orders that the asker helps with or watches. */
function amongOf(view: View, actor: Actor, units: readonly string[]) {
  if (view === 'helping')
    return sql<string>`(select order_id from order_part where unit_id = any(${[...units]}::text[]) and state in ('sent', 'handling'))`
  if (view === 'watched')
    return sql<string>`(select order_id from order_watch where account_id = ${actor.id})`
  return undefined
}

export async function listOrders(app: App, actor: Actor, { query }: Given<typeof ListOrders>) {
  if (query.place) await getKnownPlace(app, query.place)
  const open =
    query.view !== 'all' &&
    !query.number &&
    !['closed', 'archived', 'rejected', 'merged'].includes(query.state ?? '')
  const myUnits = actor.grants.flatMap((g) => (g.unit ? [g.unit] : []))
  const atDesk = actor.grants.some((g) => g.role === 'agent')
  const mine = query.view === 'mine'
  const units = query.unit ? [query.unit] : mine && myUnits.length > 0 ? myUnits : undefined
  const states = query.state ? [query.state] : statesOf(query.view, atDesk)
  const among = amongOf(query.view, actor, myUnits)
  const rows = await within(app.db, scopeOf(actor, 'orders.read'), (trx) =>
    store.listOrders(trx, {
      place: query.place ?? homeOf(actor, 'orders.read'),
      open,
      urgent: query.view === 'urgent',
      overdue: query.view === 'overdue',
      ...(states && { states }),
      ...(among && { among }),
      card: query.view === 'cards',
      ...(query.view === 'supervised' && { supervisedAt: app.clock.now() }),
      element: query.element,
      units,
      number: query.number,
      after: decodeCursor(query.after),
      limit: query.limit + 1,
    }),
  )
  const naming = await namingOf(app, actor.language)
  const shown = rows.slice(0, query.limit)
  const last = shown.at(-1)
  return {
    items: shown.map((r) => toRow(naming, r)),
    next:
      rows.length > query.limit && last ? encodeCursor(open ? last.due_at! : last.opened_at, last.id) : null,
  }
}

export async function getOrder(app: App, actor: Actor, { params }: Given<typeof GetOrder>): Promise<Order> {
  return within(app.db, scopeOf(actor, 'orders.read'), async (trx) => {
    const order = await store.getOrder(trx, params.id)
    return toOrder(app, trx, actor, order)
  })
}

const FIELDS = Field.options

/**
 * Loads under the actor's own sight, then checks the action against the loaded row; deny by default. What it leads to
 * is checked by the engine against the same table that the buttons come from.
 */
export async function actAs(app: App, trx: Trx, actor: Actor, orderId: string, given: Act) {
  if (!(await store.findOrder(trx, orderId))) throw new CityError('order_not_found')
  const into = given.into === undefined ? undefined : await store.findOrder(trx, given.into)
  if (given.into !== undefined && !into) throw new CityError('cannot_merge_into')
  await asService(trx)
  // Two who merge at once take the two orders in one sequence, so that neither waits for the other.
  for (const id of into ? [orderId, into.id].sort() : []) await store.lockOrder(trx, id)
  const order = await store.lockOrder(trx, orderId)
  const action = given.action as StaffAction
  const here = { placeCode: order.place_code, unitId: order.unit_id }
  if (!mayAct(roleHas, actor.grants, action, here)) throw new CityError('not_allowed')
  if (into && !may(actor, NEEDS.merge.permission, into.place_code)) throw new CityError('not_allowed')
  const missing = NEEDS[action].fields.filter((f) => given[f] === undefined)
  if (missing.length > 0)
    throw new CityError('bad_input', { fields: missing.map((path) => ({ path, code: 'required' })) })
  const odd = FIELDS.filter((f) => given[f] !== undefined && !isTaken(action, f))
  if (odd.length > 0)
    throw new CityError('bad_input', { fields: odd.map((path) => ({ path, code: 'not_for_this_action' })) })
  return act(app, trx, order, actor, {
    ...given,
    isArbiter: mayAct(roleHas, actor.grants, 'arbitrate', here),
    placeCode: await placeFor(app, actor, order, given.unitId),
  })
}

/**
 * Where an order is once it goes to the unit. A unit that covers its place leaves it there; a unit inside it, or one
 * elsewhere, takes it along (the place was read too widely or wrongly), or nobody there could see it. Elsewhere only by
 * somebody who may dispatch there too.
 */
async function placeFor(app: App, actor: Actor, order: store.OrderRecord, unitId: string | undefined) {
  if (unitId === undefined) return undefined
  const unit = (await unitsOf(app)).get(unitId)
  if (!unit) throw new CityError('unit_not_found')
  if (order.place_code.startsWith(unit.place_code)) return undefined
  if (!may(actor, NEEDS.dispatch.permission, unit.place_code)) throw new CityError('unit_elsewhere')
  return unit.place_code
}

export async function actOnOrder(
  app: App,
  actor: Actor,
  { params, body }: Given<typeof ActOnOrder>,
): Promise<Order> {
  const scope = scopeOf(actor, 'orders.read')
  return within(app.db, scope, async (trx) => {
    const order = await actAs(app, trx, actor, params.id, body)
    // What is shown with it (related orders) is again only what this actor may see.
    await enter(trx, scope)
    return toOrder(app, trx, actor, order)
  })
}

/** Statistics are asked for by many screens at once and may be this old. */
const kept = keptFor<Statistics>(5_000)

export async function getStatistics(
  app: App,
  actor: Actor,
  { query }: Given<typeof GetStatistics>,
): Promise<Statistics> {
  const home = homeOf(actor, 'statistics.read')
  const place = query.place ?? home
  const places = actor.may.get('statistics.read') ?? []
  if (!places.some((p) => place.startsWith(p))) throw new CityError('place_not_found')
  const from = new Date(app.clock.now().getTime() - query.days * 86_400_000)
  return kept.get(app, `${place} ${query.days} ${actor.language}`, () =>
    statistics(app, place, from, actor.language),
  )
}

/** The figures of a place since an instant of city time, without regard to who asks. */
export async function statistics(
  app: App,
  place: string,
  from: Date,
  language: Language = 'zh',
): Promise<Statistics> {
  const now = app.clock.now()
  const satisfiedFrom = parameter(await policyOf(app), 'orders.solvedScore').value
  const c = await countOrders(app.db, { place, from, to: now, satisfiedFrom })
  const known = await unitsOf(app)
  const rates = await countTurnRates(app.db, { place, from, to: now, now })
  return {
    at: now.toISOString(),
    from: from.toISOString(),
    to: now.toISOString(),
    opened: c.totals.opened,
    closed: c.totals.closed,
    ...c.now,
    onTimeSign: share(rates.signedOnTime, rates.signDue),
    onTimeResolve: share(rates.handledOnTime, rates.handleDue),
    returnRate: share(rates.returned, rates.sent),
    redoRate: share(rates.redone, rates.resolved),
    satisfaction: share(c.totals.satisfied, c.totals.rated),
    solvedRate: share(c.totals.solved, c.totals.answered),
    byState: c.byState,
    byPlace: await Promise.all(
      c.byPlace.map(async ({ place: placeCode, ...n }) => ({
        placeCode,
        place: await findPlacePath(app, placeCode, language),
        ...n,
      })),
    ),
    byElement: c.byElement,
    byUnit: c.byUnit.map((u) => ({
      unitId: u.unit,
      unit: known.get(u.unit)?.[language === 'zh' ? 'name' : 'name_en'] ?? u.unit,
      open: u.open,
      overdue: u.overdue,
    })),
    byHour: c.byHour.map((h) => ({ hour: h.hour.toISOString(), n: h.n })),
  }
}

export async function listUnits(app: App, _actor: Actor, { query }: Given<typeof ListUnits>) {
  const place = query.place ?? '31'
  const items = [...(await unitsOf(app)).values()]
    .filter((u) => place.startsWith(u.place_code) || u.place_code.startsWith(place))
    .filter(
      (u) =>
        query.q === '' || u.name.includes(query.q) || u.name_en.toLowerCase().includes(query.q.toLowerCase()),
    )
    // Nearest to the ground first, among those above the place.
    .sort(
      (a, b) =>
        Number(place.startsWith(b.place_code)) - Number(place.startsWith(a.place_code)) ||
        b.place_code.length - a.place_code.length ||
        (a.id < b.id ? -1 : 1),
    )
    .slice(0, 60)
  return {
    items: items.map((u) => ({
      id: u.id,
      name: u.name,
      nameEn: u.name_en,
      level: u.level,
      placeCode: u.place_code,
    })),
  }
}
