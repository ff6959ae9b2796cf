import { isDeepStrictEqual } from 'node:util'
import type { App } from '#kernel/app.ts'
import { audit } from '#kernel/audit.ts'
import { may, type Actor } from '#kernel/auth.ts'
import { within, type Trx } from '#kernel/db.ts'
import { CityError } from '#kernel/errors.ts'
import type { Given } from '#kernel/http.ts'
import { newId } from '#kernel/ids.ts'
import { getKnownPlace } from '#capabilities/places/index.ts'
import { bookOf, forgetBook, lookAgain, queueTeller } from './book.ts'
import type { CountQueue, GetSite, ListSiteChanges, PutSite, SiteDetail, SiteFacts } from './contract.ts'
import { shownFor, toSite } from './find.ts'
import { describeHours } from './hours.contract.ts'
import { changesOf, findSiteRow, lockSite, recordChange, writeSite, type SiteRecord } from './store.ts'

const EDIT = 'sites.edit'

const factsOf = (site: SiteRecord): SiteFacts => ({
  name: site.name,
  placeCode: site.place_code,
  address: site.address,
  lng: site.lng,
  lat: site.lat,
  kind: site.kind,
  setting: site.setting,
  pooling: site.pooling,
  desks: site.desks,
  hours: site.rules as SiteFacts['hours'],
  ended: site.ended_at !== null,
})

async function toDetail(app: App, actor: Actor, site: SiteRecord): Promise<SiteDetail> {
  return {
    ...toSite(await shownFor(app, actor.language), site, null),
    version: site.version,
    facts: factsOf(site),
    mayEdit: may(actor, EDIT, site.place_code),
  }
}

export async function getSite(app: App, actor: Actor, { params }: Given<typeof GetSite>) {
  const site = await findSiteRow(app.db, params.id)
  if (!site) throw new CityError('site_not_found')
  return toDetail(app, actor, site)
}

/** A change with what stood before, who made it and why, and its line in the audit; in the transaction of the change. */
export async function putOnRecord(
  trx: Trx,
  actor: Actor,
  change: { before: SiteRecord | null | undefined; after: SiteRecord; reason: string; at: Date },
): Promise<void> {
  const { after: site, reason, at } = change
  const before = change.before ? factsOf(change.before) : null
  const after = factsOf(site)
  await recordChange(trx, {
    id: newId(),
    site_id: site.id,
    place_code: site.place_code,
    version: site.version,
    before,
    after,
    reason,
    actor_id: actor.id,
    actor_name: actor.name,
    at,
  })
  await audit(trx, actor, 'sites.put', site.id, {
    placeCode: site.place_code,
    data: { version: site.version, changed: before ? changedIn(before, after) : [] },
  })
}

/**
 * Sets up a site (version 0) or changes it. Two who change it at once: the second is told (`site_changed`) and sees
 * what the first did. The same sent again is the same. Both places, old and new, must be the actor's.
 */
export async function putSite(app: App, actor: Actor, { params, body }: Given<typeof PutSite>) {
  const { facts } = body
  await getKnownPlace(app, facts.placeCode)
  if (!may(actor, EDIT, facts.placeCode)) throw new CityError('not_allowed')
  const site = await within(app.db, { as: 'service' }, async (trx) => {
    const before = await lockSite(trx, params.id)
    if (before && !may(actor, EDIT, before.place_code)) throw new CityError('site_not_found')
    if (!before && body.version > 0) throw new CityError('site_not_found')
    if (before && isDeepStrictEqual(plain(factsOf(before)), plain(facts))) return before
    if (before && before.version !== body.version) throw new CityError('site_changed')
    const now = app.clock.now()
    const version = (before?.version ?? 0) + 1
    const after = await writeSite(trx, params.id, facts, {
      version,
      // What was published stays readable until somebody sets other hours.
      hoursText:
        before && isDeepStrictEqual(plain(before.rules), plain(facts.hours))
          ? before.hours_text
          : facts.hours
            ? describeHours(facts.hours, 'zh')
            : '',
      at: now,
      source: before?.source ?? '人工设立',
      endedAt: facts.ended ? (before?.ended_at ?? now) : null,
    })
    await putOnRecord(trx, actor, { before, after, reason: body.reason, at: now })
    await app.live.say(trx, { topic: 'sites', id: params.id, placeCode: facts.placeCode })
    return after
  })
  await forgetBook(app)
  return toDetail(app, actor, site)
}

/** Without keys that are not there: what came as JSON equals what was kept as JSON. */
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value ?? null))

const changedIn = (before: SiteFacts, after: SiteFacts): string[] =>
  Object.keys(after)
    .toSorted()
    .filter(
      (key) =>
        !isDeepStrictEqual(plain(before[key as keyof SiteFacts]), plain(after[key as keyof SiteFacts])),
    )

/** Who changed a site, newest first, with what stood before: the record, and what can be put back. */
export async function listChanges(app: App, actor: Actor, { params, query }: Given<typeof ListSiteChanges>) {
  const site = await findSiteRow(app.db, params.id)
  if (!site || !may(actor, EDIT, site.place_code)) throw new CityError('site_not_found')
  const rows = await changesOf(app.db, params.id, query.after ?? 2_147_483_647, query.limit + 1)
  const shown = rows.slice(0, query.limit)
  return {
    items: shown.map((r) => ({
      version: r.version,
      at: r.at.toISOString(),
      by: r.actor_name,
      reason: r.reason,
      changed: r.before ? changedIn(r.before as SiteFacts, r.after as SiteFacts) : [],
      before: r.before as SiteFacts | null,
      after: r.after as SiteFacts,
    })),
    next: rows.length > query.limit ? String(shown.at(-1)!.version) : null,
  }
}

/** How many stand in line, as the table says it; the newest count holds for the pack's minutes. Errors: `same_id_other_content`. */
export async function countQueue(app: App, actor: Actor, { params, body }: Given<typeof CountQueue>) {
  const site = (await bookOf(app)).byId.get(params.id)
  if (!site || site.ended_at) throw new CityError('site_not_found')
  if (!may(actor, 'tubes.seal', site.place_code) && !may(actor, EDIT, site.place_code))
    throw new CityError('site_not_found')
  const now = app.clock.now()
  const said = body.at ? new Date(body.at) : now
  const done = await app.db
    .insertInto('site_queue')
    .values({
      id: body.id,
      site_id: site.id,
      people: body.people,
      desks: body.desks ?? null,
      actor_id: actor.id,
      // A device's clock is never believed beyond the present.
      at: said < now ? said : now,
    })
    .onConflict((c) => c.column('id').doNothing())
    .executeTakeFirst()
  if ((done.numInsertedOrUpdatedRows ?? 0n) === 0n) {
    const known = await app.db
      .selectFrom('site_queue')
      .select(['site_id', 'people', 'desks'])
      .where('id', '=', body.id)
      .executeTakeFirst()
    if (known?.site_id !== site.id || known.people !== body.people || known.desks !== (body.desks ?? null))
      throw new CityError('same_id_other_content')
  }
  await lookAgain(app)
  return { queue: (await queueTeller(app))(site) }
}
