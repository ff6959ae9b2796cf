import { sql } from 'kysely'
import type { App } from '#kernel/app.ts'
import { audit } from '#kernel/audit.ts'
import { requires, scopeOf, type Actor } from '#kernel/auth.ts'
import { decodeCursor, encodeCursor } from '#kernel/cursor.ts'
import { asService, within, type DB, type Trx } from '#kernel/db.ts'
import { CityError } from '#kernel/errors.ts'
import { serve, type Binding, type Given } from '#kernel/http.ts'
import { atlasOf, getKnownPlace, pathIn } from '#capabilities/places/index.ts'
import * as looks from './looks.contract.ts'
import type { GlassBreak } from './looks.contract.ts'
import { READS } from './glass-sight.ts'
import { roleName } from './names.ts'
import { forget } from './authenticate.ts'

/** How long a broken glass lasts, with its clause (policy: privacy.glassMinutes). The policy stands a floor above. */
export type GlassTerm = (app: App) => Promise<{ value: number; clause: string }>

const covers = (actor: Actor, place: string) =>
  READS.every((p) => actor.may.get(p)?.some((own) => place.startsWith(own)) ?? true)

async function toGlass(app: App, trx: Trx, rows: DB['glass_break'][]): Promise<GlassBreak[]> {
  if (rows.length === 0) return []
  const atlas = await atlasOf(app)
  const accounts = await trx
    .selectFrom('account')
    .select(['id', 'name'])
    .where(
      'id',
      'in',
      rows.map((r) => r.account_id),
    )
    .execute()
  const units = await trx
    .selectFrom('unit')
    .selectAll()
    .where('id', 'in', ['', ...rows.flatMap((r) => r.unit_id ?? [])])
    .execute()
  const now = app.clock.now()
  return rows.map((r) => {
    const unit = units.find((u) => u.id === r.unit_id)
    return {
      id: r.id,
      placeCode: r.place_code,
      place: pathIn(atlas, r.place_code),
      account: accounts.find((a) => a.id === r.account_id)?.name ?? '—',
      role: roleName(r.role),
      unit: unit ? { zh: unit.name, en: unit.name_en } : null,
      reason: app.vault.open(r.reason_sealed, 'glass.reason'),
      openedAt: r.opened_at.toISOString(),
      until: r.until_at.toISOString(),
      active: r.until_at > now,
    }
  })
}

/** Breaks the glass of a district or smaller place; the same id again answers what stands. */
async function breakGlass(
  app: App,
  actor: Actor,
  { body }: Given<typeof looks.BreakGlass>,
  term: GlassTerm,
): Promise<GlassBreak> {
  if (actor.kind !== 'staff') throw new CityError('not_allowed')
  const place = await getKnownPlace(app, body.place)
  if (place.code.length < 6)
    throw new CityError('bad_input', { fields: [{ path: 'place', code: 'too_wide' }] })
  const { value: minutes, clause } = await term(app)
  const answer = await within(app.db, { as: 'service' }, async (trx) => {
    const known = await trx.selectFrom('glass_break').selectAll().where('id', '=', body.id).executeTakeFirst()
    if (known) {
      if (known.account_id !== actor.id || known.place_code !== body.place)
        throw new CityError('same_id_other_content')
      return (await toGlass(app, trx, [known]))[0]!
    }
    if (covers(actor, place.code)) throw new CityError('glass_not_needed')
    const post = actor.grants[0]!
    const openedAt = app.clock.now()
    const row = {
      id: body.id,
      account_id: actor.id,
      role: post.role,
      unit_id: post.unit,
      place_code: place.code,
      reason_sealed: app.vault.seal(body.reason, 'glass.reason'),
      opened_at: openedAt,
      until_at: new Date(openedAt.getTime() + minutes * 60_000),
    }
    await trx.insertInto('glass_break').values(row).execute()
    await audit(trx, actor, 'glass.break', row.id, {
      placeCode: place.code,
      data: { role: post.role, unit: post.unit, until: row.until_at.toISOString(), clause },
    })
    await app.bus.emit(app, trx, looks.GlassBroken, {
      glassId: row.id,
      placeCode: place.code,
      role: post.role,
      unitId: post.unit,
      until: row.until_at.toISOString(),
    })
    return (await toGlass(app, trx, [row]))[0]!
  })
  forget(app, { subjectId: actor.id })
  return answer
}

/** Who broke the glass of the places that the actor watches over, newest first. */
async function listGlass(app: App, actor: Actor, { query }: Given<typeof looks.ListGlass>) {
  const after = decodeCursor(query.after)
  return within(app.db, scopeOf(actor, 'glass.review'), async (trx) => {
    let rows = trx
      .selectFrom('glass_break')
      .selectAll()
      .orderBy('opened_at', 'desc')
      .orderBy('id', 'desc')
      .limit(query.limit + 1)
    if (after) rows = rows.where(sql<boolean>`(opened_at, id) < (${after.at}, ${after.id}::uuid)`)
    const found = await rows.execute()
    const shown = found.slice(0, query.limit)
    const last = shown.at(-1)
    await asService(trx)
    return {
      items: await toGlass(app, trx, shown),
      next: found.length > query.limit && last ? encodeCursor(last.opened_at, last.id) : null,
    }
  })
}

/** The routes of the broken glass; `term` comes from above, because the policy does. */
export function glassRoutes(term: GlassTerm): Binding[] {
  return [
    serve(looks.BreakGlass, requires('glass.break'), (app, actor, given) =>
      breakGlass(app, actor, given, term),
    ),
    serve(looks.ListGlass, requires('glass.review'), listGlass),
  ]
}
