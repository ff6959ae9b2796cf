import { sql } from 'kysely'
import type { App } from '#kernel/app.ts'
import { audit } from '#kernel/audit.ts'
import { may, scopeOf, type Actor } from '#kernel/auth.ts'
import { asService, within, type Trx } from '#kernel/db.ts'
import { CityError } from '#kernel/errors.ts'
import type { Given } from '#kernel/http.ts'
import { idFrom } from '#kernel/ids.ts'
import { openOrder, unitsOf } from '#capabilities/orders/index.ts'
import { atlasOf, getKnownPlace, pathIn } from '#capabilities/places/index.ts'
import { parameter, policyOf } from '#capabilities/policy/index.ts'
import { bookOf } from './book.ts'
import type { DecideSuggestion, GetRun, ListRuns, Run, Suggestion, SuggestSites } from './circle.contract.ts'
import {
  addDistrict,
  beat,
  findRun,
  runsIn,
  suggestionsOf,
  type RunRow,
  type SuggestionRow,
} from './run-store.ts'
import { suggestIn, type Found } from './suggest.ts'

const READ = 'screening.read'
const EDIT = 'sites.edit'
/** A run whose server went away says so after this long; it is asked for again. */
const DEAD_MS = 120_000
/** While it goes on or waits its turn it says so this often: behind ten others its next district may take minutes. */
const BEAT_MS = 20_000

async function toSuggestion(app: App, actor: Actor, row: SuggestionRow): Promise<Suggestion> {
  const effect = row.effect as Found['effect']
  const site = row.site_id === null ? undefined : (await bookOf(app)).byId.get(row.site_id)
  return {
    id: row.id,
    kind: row.kind,
    placeCode: row.place_code,
    place: pathIn(await atlasOf(app), row.place_code, actor.language),
    site: site ? { id: site.id, name: site.name } : null,
    lng: row.lng,
    lat: row.lat,
    people: effect.people,
    desks: effect.desks ?? null,
    waitBefore: effect.waitBefore ?? null,
    waitAfter: effect.waitAfter ?? null,
    state: row.state,
    orderId: row.order_id,
  }
}

async function toRun(app: App, actor: Actor, row: RunRow): Promise<Omit<Run, 'items'>> {
  const isDead = row.state === 'running' && row.beat_at.getTime() < Date.now() - DEAD_MS
  return {
    id: row.id,
    placeCode: row.place_code,
    place: pathIn(await atlasOf(app), row.place_code, actor.language),
    hour: row.hour.toISOString(),
    openings: row.openings,
    teams: row.teams,
    state: isDead ? 'failed' : row.state,
    done: row.done,
    districts: row.districts,
    people: row.people,
    covered: row.covered,
    wouldCover: row.would_cover,
    bound: row.bound,
    greedy: row.greedy,
    madeAt: row.made_at.toISOString(),
  }
}

async function whole(app: App, actor: Actor, row: RunRow): Promise<Run> {
  const items = await suggestionsOf(app.db, row.id)
  return {
    ...(await toRun(app, actor, row)),
    items: await Promise.all(items.map((s) => toSuggestion(app, actor, s))),
  }
}

/** Whether somebody has a search that still goes on: of each person one at a time, or ten clicks hold up everybody. */
const isSearching = (trx: Trx, actorId: string): Promise<boolean> =>
  trx
    .selectFrom('site_run')
    .select('id')
    .where('actor_id', '=', actorId)
    .where('state', '=', 'running')
    .where('beat_at', '>=', new Date(Date.now() - DEAD_MS))
    .executeTakeFirst()
    .then((row) => row !== undefined)

/**
 * Begins a search and answers at once; district after district is added to it. The same id again is the same search.
 * Errors: `not_allowed`, `run_running`, `same_id_other_content`.
 */
export async function suggestSites(
  app: App,
  actor: Actor,
  { body }: Given<typeof SuggestSites>,
): Promise<Run> {
  const place = await getKnownPlace(app, body.placeCode)
  if (!may(actor, EDIT, body.placeCode)) throw new CityError('not_allowed')
  const atlas = await atlasOf(app)
  const parts =
    place.kind === 'city'
      ? [...atlas.facts.values()].filter((p) => p.kind === 'district').map((p) => p.code)
      : [body.placeCode]
  const now = app.clock.now()
  const hour = body.hour ? new Date(body.hour) : now
  const isNew = await within(app.db, { as: 'service' }, async (trx) => {
    await sql`select pg_advisory_xact_lock(hashtext(${`circle ${actor.id}`}))`.execute(trx)
    if (!(await findRun(trx, body.id)) && (await isSearching(trx, actor.id)))
      throw new CityError('run_running')
    const done = await trx
      .insertInto('site_run')
      .values({
        id: body.id,
        place_code: body.placeCode,
        hour,
        openings: body.openings,
        teams: body.teams,
        districts: parts.length,
        actor_id: actor.id,
        made_at: now,
      })
      .onConflict((c) => c.column('id').doNothing())
      .executeTakeFirst()
    if ((done.numInsertedOrUpdatedRows ?? 0n) === 0n) return false
    await audit(trx, actor, 'circle.suggest', body.id, { placeCode: body.placeCode })
    return true
  })
  const row = (await findRun(app.db, body.id))!
  if (
    row.place_code !== body.placeCode ||
    row.actor_id !== actor.id ||
    row.openings !== body.openings ||
    row.teams !== body.teams ||
    (body.hour && row.hour.getTime() !== hour.getTime())
  )
    throw new CityError('same_id_other_content')
  if (isNew)
    void whileBeating(app, row.id, () =>
      search(app, row, parts, Math.abs(hour.getTime() - now.getTime()) < 1_800_000),
    ).catch(async (error: unknown) => {
      app.log.error({ err: String(error) }, 'suggestions')
      await app.db.updateTable('site_run').set({ state: 'failed' }).where('id', '=', row.id).execute()
    })
  return whole(app, actor, row)
}

/** Does what takes its time, and says meanwhile that it goes on. */
export async function whileBeating<T>(
  app: App,
  runId: string,
  work: () => Promise<T>,
  everyMs = BEAT_MS,
): Promise<T> {
  const timer = setInterval(() => {
    beat(app.db, runId).catch((error: unknown) =>
      app.log.warn({ err: String(error) }, 'a search could not say that it goes on'),
    )
  }, everyMs)
  try {
    return await work()
  } finally {
    clearInterval(timer)
  }
}

async function search(app: App, run: RunRow, parts: readonly string[], isNow: boolean): Promise<void> {
  for (const place of parts) {
    const d = await suggestIn(app, {
      place,
      hour: run.hour,
      openings: run.openings,
      teams: run.teams,
      isNow,
    })
    await within(app.db, { as: 'service' }, async (trx) => {
      if (d.found.length > 0)
        await trx
          .insertInto('site_suggestion')
          .values(
            d.found.map((f, i) => ({
              id: idFrom('suggestion', run.id, place, String(i)),
              run_id: run.id,
              kind: f.kind,
              place_code: f.placeCode,
              site_id: f.siteId,
              lng: f.lng,
              lat: f.lat,
              hour: run.hour,
              effect: JSON.stringify(f.effect),
              order_id: null,
              decided_by: null,
              decided_at: null,
              made_at: app.clock.now(),
            })),
          )
          .onConflict((c) => c.column('id').doNothing())
          .execute()
      await addDistrict(trx, run.id, { ...d, greedy: d.method === 'greedy' })
    })
  }
}

export async function getRun(app: App, actor: Actor, { params }: Given<typeof GetRun>): Promise<Run> {
  const row = await findRun(app.db, params.id)
  if (!row || !may(actor, READ, row.place_code)) throw new CityError('run_not_found')
  return whole(app, actor, row)
}

export async function listRuns(app: App, actor: Actor, { query }: Given<typeof ListRuns>) {
  const own = actor.may.get(READ) ?? []
  const places = query.place ? own.filter((p) => query.place!.startsWith(p)).map(() => query.place!) : own
  const rows = places.length === 0 ? [] : await runsIn(app.db, places, 20)
  return { items: await Promise.all(rows.map((r) => toRun(app, actor, r))) }
}

const WORDS = {
  open: { zh: '加开采样点', en: 'Open a sampling site' },
  extend: { zh: '延长采样点开放', en: 'Extend a site’s hours' },
  move: { zh: '移动采样点', en: 'Move a mobile site' },
  desks: { zh: '采样点加台', en: 'Add desks at a site' },
  mobile: { zh: '派流动采样队', en: 'Send a mobile team' },
} as const

/** What the order is about, in one line: what to do, where, and whom it helps. */
const titleOf = (row: SuggestionRow, where: string): string => {
  const { people, desks } = row.effect as Found['effect']
  return row.kind === 'desks'
    ? `${WORDS.desks.zh} ${desks} 台 · ${where}（在排 ${people} 人）`
    : `${WORDS[row.kind].zh} · ${where}（${people} 人步行可达）`
}

/**
 * Accepts a suggestion, which opens an order of the subdistrict in the same commit, or dismisses it; a dismissed one can
 * be taken up again, an accepted one is ended through its order.
 */
export async function decideSuggestion(app: App, actor: Actor, given: Given<typeof DecideSuggestion>) {
  const { params, body } = given
  return within(app.db, scopeOf(actor, EDIT), async (trx) => {
    const seen = await trx
      .selectFrom('site_suggestion')
      .select('id')
      .where('id', '=', params.id)
      .executeTakeFirst()
    if (!seen) throw new CityError('suggestion_not_found')
    await asService(trx)
    const row = await trx
      .selectFrom('site_suggestion')
      .selectAll()
      .where('id', '=', params.id)
      .forUpdate()
      .executeTakeFirstOrThrow()
    const wanted = { accept: 'accepted', dismiss: 'dismissed', reopen: 'open' } as const
    if (row.state === wanted[body.decision]) return toSuggestion(app, actor, row)
    if (row.state === 'accepted') throw new CityError('suggestion_decided')
    const now = app.clock.now()
    const orderId = body.decision === 'accept' ? idFrom('suggestion order', row.id) : null
    if (orderId) {
      const site = row.site_id === null ? undefined : (await bookOf(app)).byId.get(row.site_id)
      const where = site?.name ?? pathIn(await atlasOf(app), row.place_code)
      const policy = await policyOf(app, row.place_code)
      const unitId = `street.${row.place_code.slice(0, 9)}`
      await openOrder(app, trx, {
        id: orderId,
        kind: 'site',
        title: titleOf(row, where),
        placeCode: row.place_code,
        address: site?.address ?? null,
        lng: row.lng,
        lat: row.lat,
        element: 'test.site',
        urgent: false,
        urgencyKind: null,
        unitId: (await unitsOf(app)).has(unitId) ? unitId : null,
        reporterId: null,
        source: 'circle',
        simulated: app.config.demo,
        why: {
          pack: policy.pack.id,
          clause: parameter(policy, row.kind === 'desks' ? 'sites.busyMinutes' : 'circle.walkMinutes').clause,
          reasons: [WORDS[row.kind]],
        },
      })
    }
    const after = await trx
      .updateTable('site_suggestion')
      .set({
        state: wanted[body.decision],
        order_id: orderId,
        decided_by: body.decision === 'reopen' ? null : actor.id,
        decided_at: body.decision === 'reopen' ? null : now,
      })
      .where('id', '=', row.id)
      .returningAll()
      .executeTakeFirstOrThrow()
    await audit(trx, actor, `circle.${body.decision}`, row.id, { placeCode: row.place_code })
    return toSuggestion(app, actor, after)
  })
}
