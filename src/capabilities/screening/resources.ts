import { sql, type Selectable } from 'kysely'
import { type App } from '#kernel/app.ts'
import { audit } from '#kernel/audit.ts'
import { may, type Actor } from '#kernel/auth.ts'
import { dayOf, startOfDay } from '#kernel/clock.ts'
import { within, type DB } from '#kernel/db.ts'
import { CityError } from '#kernel/errors.ts'
import type { Given } from '#kernel/http.ts'
import { atlasOf, getKnownPlace, pathIn } from '#capabilities/places/index.ts'
import type {
  DeclareCapacity,
  DeclareResource,
  GetMyCapacity,
  LabCapacity,
  ListResources,
  Resource,
  ResourceKind,
} from './capacity.contract.ts'
import { desksIn } from '#capabilities/sites/index.ts'
import { worksAt } from './capacity-rules.ts'
import { labOf } from './custody.ts'

export type CapacityRow = Selectable<DB['lab_capacity']>

/** What each laboratory can do now, by its name: the newest declaration that holds. */
export async function capacities(app: App): Promise<Map<string, CapacityRow>> {
  const { rows } = await sql<CapacityRow>`
    select distinct on (lab) * from lab_capacity where valid_from <= ${app.clock.now()} order by lab, valid_from desc, at desc`.execute(
    app.db,
  )
  return new Map(rows.map((r) => [r.lab, r]))
}

const minuteOf = (now: Date): number => {
  const local = new Date(now.getTime() + 8 * 3_600_000)
  return local.getUTCHours() * 60 + local.getUTCMinutes()
}

/** Whether a laboratory works at this instant of city time. */
export const worksNow = (c: CapacityRow, now: Date): boolean => worksAt(c.opens, c.closes, minuteOf(now))

export async function toCapacity(app: App, actor: Actor, r: CapacityRow): Promise<LabCapacity> {
  return {
    lab: r.lab,
    name: r.name,
    placeCode: r.place_code,
    place: pathIn(await atlasOf(app), r.place_code, actor.language),
    tubesPerHour: r.tubes_per_hour,
    pools: r.pools,
    opens: r.opens,
    closes: r.closes,
    works: worksNow(r, app.clock.now()),
    validFrom: r.valid_from.toISOString(),
    by: r.actor_name,
    at: r.at.toISOString(),
  }
}

/**
 * A laboratory says what it can do, or the supervisor of its place does. Nothing is overwritten: who said what from when
 * stays. A laboratory that stands elsewhere already is not the supervisor's to move here.
 */
export async function declareCapacity(app: App, actor: Actor, { body }: Given<typeof DeclareCapacity>) {
  await getKnownPlace(app, body.placeCode)
  if (!may(actor, 'capacity.lab', body.placeCode)) throw new CityError('not_allowed')
  const own = actor.grants.some((g) => g.role === 'lab') ? labOf(actor) : undefined
  const lab = body.lab ?? own
  if (lab === undefined) throw new CityError('bad_input', { fields: [{ path: 'lab', code: 'required' }] })
  const known = (await capacities(app)).get(lab)
  const isTheirs = (place: string) => may(actor, 'capacity.place', place)
  if (lab !== own && !(isTheirs(body.placeCode) && (!known || isTheirs(known.place_code))))
    throw new CityError('not_allowed')
  const now = app.clock.now()
  const pools = [...new Set(body.pools)].sort((a, b) => a - b)
  return within(app.db, { as: 'service' }, async (trx) => {
    await trx
      .insertInto('lab_capacity')
      .values({
        id: body.id,
        lab,
        name: body.name.trim(),
        place_code: body.placeCode,
        tubes_per_hour: body.tubesPerHour,
        pools,
        opens: body.opens,
        closes: body.closes,
        valid_from: body.validFrom === undefined ? now : new Date(body.validFrom),
        actor_id: actor.id,
        actor_name: actor.name,
        at: now,
      })
      .onConflict((c) => c.column('id').doNothing())
      .execute()
    const row = await trx
      .selectFrom('lab_capacity')
      .selectAll()
      .where('id', '=', body.id)
      .executeTakeFirstOrThrow()
    const isSame =
      row.lab === lab &&
      row.name === body.name.trim() &&
      row.tubes_per_hour === body.tubesPerHour &&
      row.place_code === body.placeCode &&
      row.opens === body.opens &&
      row.closes === body.closes &&
      row.pools.join() === pools.join()
    if (!isSame) throw new CityError('same_id_other_content')
    await audit(trx, actor, 'labs.declare', lab, {
      placeCode: body.placeCode,
      data: { tubesPerHour: body.tubesPerHour },
    })
    return toCapacity(app, actor, row)
  })
}

/** What the actor's laboratory declared, newest first. */
export async function getMyCapacity(app: App, actor: Actor, _given: Given<typeof GetMyCapacity>) {
  const lab = labOf(actor)
  const rows = await app.db
    .selectFrom('lab_capacity')
    .selectAll()
    .where('lab', '=', lab)
    .orderBy('valid_from', 'desc')
    .orderBy('at', 'desc')
    .limit(20)
    .execute()
  return { lab, items: await Promise.all(rows.map((r) => toCapacity(app, actor, r))) }
}

async function toResource(
  app: App,
  actor: Actor,
  r: { place_code: string; kind: ResourceKind; n: number; actor_name: string; at: Date },
): Promise<Resource> {
  return {
    placeCode: r.place_code,
    place: pathIn(await atlasOf(app), r.place_code, actor.language),
    kind: r.kind,
    n: r.n,
    by: r.actor_name,
    at: r.at.toISOString(),
  }
}

/** Tables at work in a place: the desks of its open sites, and who has a session open that began today. */
async function tablesIn(app: App, place: string) {
  const now = app.clock.now()
  const [desks, { rows }] = await Promise.all([
    desksIn(app, place),
    sql<{ samplers: number; people: number }>`
      with working as (
        select id, actor_id from sampling_session
        where place_code >= ${place} and place_code < ${`${place}~`} and closed_at is null and opened_at >= ${startOfDay(dayOf(now))}
      )
      select (select count(distinct actor_id)::int from working) as samplers,
        (select coalesce(sum(n), 0)::int from done_pace where place_code >= ${place} and place_code < ${`${place}~`} and nth = 0
          and slot > ${new Date(now.getTime() - 3_600_000)}) as people`.execute(app.db),
  ])
  return { ...desks, samplers: rows[0]!.samplers, sampledLastHour: rows[0]!.people }
}

/** Stock and people of a place and the places in it, the newest count of each, and the tables that are at work. */
export async function listResources(app: App, actor: Actor, { query }: Given<typeof ListResources>) {
  if (!may(actor, 'screening.read', query.place)) throw new CityError('place_not_found')
  const { rows } = await sql<Selectable<DB['screening_resource']>>`
    select distinct on (place_code, kind) * from screening_resource
    where place_code >= ${query.place} and place_code < ${`${query.place}~`} order by place_code, kind, at desc limit 1000`.execute(
    app.db,
  )
  const labs = [...(await capacities(app)).values()]
  return {
    items: await Promise.all(rows.map((r) => toResource(app, actor, r))),
    tables: await tablesIn(app, query.place),
    labs: await Promise.all(labs.map((r) => toCapacity(app, actor, r))),
  }
}

/** The count of one thing at one place, by the supervisor there; each count stays with who made it and when. */
export async function declareResource(app: App, actor: Actor, { body }: Given<typeof DeclareResource>) {
  await getKnownPlace(app, body.placeCode)
  if (!may(actor, 'capacity.place', body.placeCode)) throw new CityError('not_allowed')
  return within(app.db, { as: 'service' }, async (trx) => {
    await trx
      .insertInto('screening_resource')
      .values({
        id: body.id,
        place_code: body.placeCode,
        kind: body.kind,
        n: body.n,
        actor_id: actor.id,
        actor_name: actor.name,
        at: app.clock.now(),
      })
      .onConflict((c) => c.column('id').doNothing())
      .execute()
    const row = await trx
      .selectFrom('screening_resource')
      .selectAll()
      .where('id', '=', body.id)
      .executeTakeFirstOrThrow()
    if (row.place_code !== body.placeCode || row.kind !== body.kind || row.n !== body.n)
      throw new CityError('same_id_other_content')
    await audit(trx, actor, 'resources.declare', body.placeCode, {
      placeCode: body.placeCode,
      data: { kind: body.kind, n: body.n },
    })
    return toResource(app, actor, row)
  })
}
