import type { z } from 'zod'
import type { App } from '#kernel/app.ts'
import { audit } from '#kernel/audit.ts'
import { may, type Actor, type Language } from '#kernel/auth.ts'
import { dayOf, startOfDay } from '#kernel/clock.ts'
import { within, type Db, type Trx } from '#kernel/db.ts'
import { CityError } from '#kernel/errors.ts'
import type { Given } from '#kernel/http.ts'
import { idFrom } from '#kernel/ids.ts'
import { findPerson } from '#capabilities/people/index.ts'
import { atlasOf, getKnownPlace, pathIn, type Atlas } from '#capabilities/places/index.ts'
import { parameter, policyOf } from '#capabilities/policy/index.ts'
import { bookOf, onOf, type Book } from './book.ts'
import { closesAt, isOpen } from './opening.ts'
import type { DropSlots, ListMySlots, ListSlots, PlanSlots, Slot } from './slots.contract.ts'
import { buildingIn, planSlots, type BuildingAsked } from './slots-rules.ts'
import type { SiteRecord, SlotRow } from './store.ts'

type SlotPlan = z.infer<(typeof PlanSlots)['response']>

const PERMISSION = 'slots.plan'
const DAY_MS = 86_400_000

type Row = Omit<SlotRow, 'actor_id' | 'made_at'>

const toSlot = (atlas: Atlas, book: Book, language: Language, r: Row): Slot => ({
  id: r.id,
  planId: r.plan_id,
  siteId: r.site_id,
  site: book.byId.get(r.site_id)?.name ?? '',
  address: book.byId.get(r.site_id)?.address ?? '',
  placeCode: r.place_code,
  place: pathIn(atlas, r.place_code, language),
  building: r.building,
  people: r.people,
  from: r.from_at.toISOString(),
  to: r.to_at.toISOString(),
})

async function getSite(app: App, id: string): Promise<SiteRecord> {
  const site = (await bookOf(app)).byId.get(id)
  if (!site || site.ended_at) throw new CityError('site_not_found')
  return site
}

/**
 * Whoever plans answers for the line there: they may plan at the site's place too, or the site is of a place around
 * theirs (a subdistrict's site serves its neighbourhoods). A site of another district is not theirs to fill.
 */
const mayFill = (actor: Actor, site: SiteRecord, placeCode: string): boolean =>
  may(actor, PERMISSION, placeCode) &&
  (placeCode.startsWith(site.place_code) || may(actor, PERMISSION, site.place_code))

const rowsOf = (trx: Trx | Db, planId: string) =>
  trx.selectFrom('site_slot').selectAll().where('plan_id', '=', planId).orderBy('from_at').execute()

/**
 * Gives each building its time at a site, by the site's desks and the pack's pace (clause 采样点 1.1). Whoever plans is
 * told when the site would close too early, and it is planned all the same: they may extend its hours.
 * Throws `site_not_found`, `not_allowed`, `site_closed_then`, `same_id_other_content`.
 */
export async function planSiteSlots(
  app: App,
  actor: Actor,
  { params, body }: Given<typeof PlanSlots>,
): Promise<SlotPlan> {
  const site = await getSite(app, params.id)
  await getKnownPlace(app, body.placeCode)
  if (!mayFill(actor, site, body.placeCode)) throw new CityError('not_allowed')
  const from = new Date(body.from)
  const on = await onOf(app)
  const known = body.preview ? [] : await rowsOf(app.db, body.planId)
  if (known.length > 0) return sameAgain(app, actor, site, known, body)
  if (from < app.clock.now()) throw new CityError('bad_input', { fields: [{ path: 'from', code: 'past' }] })
  if (site.rules && isOpen(site.rules, from, on) === false) throw new CityError('site_closed_then')
  const desks = Math.max(1, site.desks)
  const perHour = desks * parameter(await policyOf(app, site.place_code), 'sites.perDeskHour').value
  const { slots, endsAt } = planSlots(from, perHour, body.buildings)
  const closes = site.rules && closesAt(site.rules, from, on)
  const now = app.clock.now()
  const rows = slots.map((s, i) => ({
    id: idFrom('slot', body.planId, String(i)),
    plan_id: body.planId,
    site_id: site.id,
    place_code: body.placeCode,
    building: s.building,
    people: s.people,
    from_at: s.from,
    to_at: s.to,
    actor_id: actor.id,
    made_at: now,
  }))
  if (!body.preview)
    await within(app.db, { as: 'service' }, async (trx) => {
      const done = await trx
        .insertInto('site_slot')
        .values(rows)
        .onConflict((c) => c.column('id').doNothing())
        .executeTakeFirst()
      const kept = await rowsOf(trx, body.planId)
      const text = (list: readonly Row[]) =>
        JSON.stringify(list.map((r) => [r.site_id, r.place_code, r.building, r.people, r.from_at]))
      if (text(kept) !== text(rows)) throw new CityError('same_id_other_content')
      if ((done.numInsertedOrUpdatedRows ?? 0n) > 0n)
        await audit(trx, actor, 'slots.plan', body.planId, {
          placeCode: body.placeCode,
          data: { site: site.id, slots: rows.length },
        })
    })
  const [atlas, book, alsoExpected] = await Promise.all([
    atlasOf(app),
    bookOf(app),
    expectedBeside(app, rows),
  ])
  return {
    items: rows.map((r) => toSlot(atlas, book, actor.language, r)),
    alsoExpected,
    desks,
    perHour,
    closesAt: closes?.toISOString() ?? null,
    overruns: closes !== null && closes !== undefined && endsAt > closes,
  }
}

/** How many people other plans send to the same site while these times last. */
async function expectedBeside(app: App, rows: readonly Row[]): Promise<number> {
  const [first, last] = [rows[0]!, rows.at(-1)!]
  const { n } = await app.db
    .selectFrom('site_slot')
    .select((e) => e.fn.coalesce(e.fn.sum<number>('people'), e.lit(0)).as('n'))
    .where('site_id', '=', first.site_id)
    .where('plan_id', '<>', first.plan_id)
    .where('from_at', '<', last.to_at)
    .where('to_at', '>', first.from_at)
    .executeTakeFirstOrThrow()
  return n
}

/**
 * The plan that is there already, for whoever lost the answer: its beginning may have passed since, the site may have other
 * desks or hours, and it stands all the same. Throws `same_id_other_content` where something else is asked for.
 */
async function sameAgain(
  app: App,
  actor: Actor,
  site: SiteRecord,
  known: readonly Row[],
  asked: Given<typeof PlanSlots>['body'],
): Promise<SlotPlan> {
  const said = (placeCode: string, from: Date, buildings: readonly BuildingAsked[]) =>
    JSON.stringify([placeCode, from, buildings.map((b) => [b.building, b.people])])
  const [first] = planSlots(new Date(asked.from), 1, asked.buildings).slots
  const is = known[0]!
  if (
    known.some((r) => r.site_id !== site.id) ||
    said(is.place_code, is.from_at, known) !== said(asked.placeCode, first!.from, asked.buildings)
  )
    throw new CityError('same_id_other_content')
  const [atlas, book, on, policy] = await Promise.all([
    atlasOf(app),
    bookOf(app),
    onOf(app),
    policyOf(app, site.place_code),
  ])
  const desks = Math.max(1, site.desks)
  const closes = site.rules && closesAt(site.rules, is.from_at, on)
  return {
    items: known.map((r) => toSlot(atlas, book, actor.language, r)),
    alsoExpected: await expectedBeside(app, known),
    desks,
    perHour: desks * parameter(policy, 'sites.perDeskHour').value,
    closesAt: closes?.toISOString() ?? null,
    overruns: closes !== null && closes !== undefined && known.at(-1)!.to_at > closes,
  }
}

/**
 * The times of a day at a site: all of them for whoever plans at its place and has to take in those who come, else those of
 * their own places. Counts, never names; whoever sees a plan may take it back.
 */
export async function listSlots(app: App, actor: Actor, { params, query }: Given<typeof ListSlots>) {
  const site = await getSite(app, params.id)
  const from = startOfDay(query.day ?? dayOf(app.clock.now()))
  const rows = await app.db
    .selectFrom('site_slot')
    .selectAll()
    .where('site_id', '=', params.id)
    .where('from_at', '>=', from)
    .where('from_at', '<', new Date(from.getTime() + DAY_MS))
    .orderBy('from_at')
    .execute()
  const [atlas, book] = await Promise.all([atlasOf(app), bookOf(app)])
  const keeps = may(actor, PERMISSION, site.place_code)
  return {
    items: rows
      .filter((r) => keeps || may(actor, PERMISSION, r.place_code))
      .map((r) => toSlot(atlas, book, actor.language, r)),
  }
}

/**
 * Takes back what was planned at once, by whoever planned for the place or has to take in those who come; the same again
 * finds nothing and says so.
 */
export async function dropSlots(app: App, actor: Actor, { params }: Given<typeof DropSlots>) {
  const book = await bookOf(app)
  return within(app.db, { as: 'service' }, async (trx) => {
    const rows = await rowsOf(trx, params.planId)
    const first = rows[0]
    const site = first && book.byId.get(first.site_id)
    const isTheirs =
      first && (may(actor, PERMISSION, first.place_code) || (site && may(actor, PERMISSION, site.place_code)))
    if (!isTheirs) throw new CityError('slots_not_found')
    const done = await trx.deleteFrom('site_slot').where('plan_id', '=', params.planId).executeTakeFirst()
    await audit(trx, actor, 'slots.drop', params.planId, {
      placeCode: first.place_code,
      data: { site: first.site_id, slots: rows.length },
    })
    return { dropped: Number(done.numDeletedRows) }
  })
}

/** The times of the compound where the resident lives, today and later; theirs by the building in their address. */
export async function listMySlots(app: App, actor: Actor, _given: Given<typeof ListMySlots>) {
  return within(app.db, { as: 'service' }, async (trx) => {
    const me = await findPerson(trx, actor.id)
    if (!me) throw new CityError('person_not_found')
    const now = app.clock.now()
    // A plan is for a neighbourhood, a compound or a building: any beginning of the code where they live.
    const around = [12, 15, 18].map((n) => me.place_code.slice(0, n)).filter((c) => c.length >= 12)
    if (around.length === 0) return { items: [] }
    const rows = await trx
      .selectFrom('site_slot')
      .selectAll()
      .where('place_code', 'in', [...new Set(around)])
      .where('to_at', '>', now)
      .orderBy('from_at')
      .limit(200)
      .execute()
    const home = me.residence_sealed && app.vault.open(me.residence_sealed, 'person.residence')
    const building = home ? buildingIn(home) : undefined
    const [atlas, book] = await Promise.all([atlasOf(app), bookOf(app)])
    return {
      items: rows.map((r) => ({
        ...toSlot(atlas, book, actor.language, r),
        mine:
          r.building === null
            ? true
            : building === undefined
              ? null
              : (buildingIn(r.building) ?? r.building.toUpperCase()) === building,
      })),
    }
  })
}
