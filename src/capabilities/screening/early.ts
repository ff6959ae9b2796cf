import { sql, type Selectable } from 'kysely'
import type { App } from '#kernel/app.ts'
import type { Actor } from '#kernel/auth.ts'
import type { DB, Db, Trx } from '#kernel/db.ts'
import { SLACK_MS } from './clock-slack.ts'
import { followResult } from './recalls.ts'
import type { Outcome, ResultInput } from './results.contract.ts'
import { putResults, type Source } from './result-store.ts'
import type { TubeRecord } from './tube-store.ts'

declare module '#kernel/db.ts' {
  interface DB {
    early_box: {
      code: string
      id: string
      lab: string
      places: string[]
      note: string | null
      actor_id: string
      actor_name: string
      at: Date
    }
    early_result: {
      tube: string
      id: string
      outcome: Outcome
      lab: string
      places: string[]
      tested_at: Date
      source: Source
      actor_kind: string
      actor_id: string
      at: Date
    }
  }
}

/** A tube tested more than this before it was sealed is another tube: a label that was read wrongly. */
const BEFORE_SEALING = sql`${SLACK_MS} * interval '1 millisecond'`

type EarlyBox = Selectable<DB['early_box']>

const placesOf = (actor: Actor, permission: string): string[] => [...(actor.may.get(permission) ?? [])]

/**
 * A box that the city has not heard of is received all the same: its telephone may be without network for hours. The
 * first laboratory has it; false for another one.
 */
export async function keepEarlyBox(
  trx: Trx,
  actor: Actor,
  at: Date,
  box: { code: string; id: string; lab: string; note: string | undefined },
): Promise<boolean> {
  const { numInsertedOrUpdatedRows: n } = await trx
    .insertInto('early_box')
    .values({
      code: box.code,
      id: box.id,
      lab: box.lab,
      places: placesOf(actor, 'boxes.receive'),
      note: box.note ?? null,
      actor_id: actor.id,
      actor_name: actor.name,
      at,
    })
    .onConflict((c) => c.column('code').doNothing())
    .executeTakeFirst()
  if ((n ?? 0n) > 0n) return true
  const there = await trx
    .selectFrom('early_box')
    .select('lab')
    .where('code', '=', box.code)
    .executeTakeFirst()
  return there?.lab === box.lab
}

/** Who received a box before the city heard of it, if they may at its place; taken once. */
export async function takeEarlyBox(trx: Trx, code: string, place: string): Promise<EarlyBox | undefined> {
  const { rows } = await sql<EarlyBox>`
    delete from early_box where code = ${code} and exists (select from unnest(places) as p (place) where starts_with(${place}, p.place))
    returning *`.execute(trx)
  return rows[0]
}

/**
 * Keeps results of tubes that the city has not heard of, in no order of lines: one outcome for a tube. Said otherwise by the
 * same laboratory before the tube is there, neither is kept.
 */
export async function keepEarlyResults(
  trx: Trx,
  actor: Actor,
  lab: string,
  results: readonly ResultInput[],
  source: Source,
  now: Date,
): Promise<Map<string, 'early' | 'contradicts' | 'elsewhere'>> {
  const became = new Map<string, 'early' | 'contradicts' | 'elsewhere'>()
  if (results.length === 0) return became
  const rows = results.map((r) => ({
    tube: r.tube,
    id: r.id,
    outcome: r.outcome,
    lab,
    places: placesOf(actor, 'results.write'),
    tested_at: new Date(r.testedAt),
    source,
    actor_kind: actor.kind,
    actor_id: actor.id,
    at: now,
  }))
  await trx
    .insertInto('early_result')
    .values(rows)
    .onConflict((c) => c.column('tube').doNothing())
    .execute()
  const codes = results.map((r) => r.tube)
  const there = new Map(
    (await trx.selectFrom('early_result').selectAll().where('tube', 'in', codes).execute()).map((r) => [
      r.tube,
      r,
    ]),
  )
  const gone: string[] = []
  for (const r of results) {
    const is = there.get(r.tube)
    if (is?.lab !== lab) became.set(r.tube, 'elsewhere')
    else if (is.outcome === r.outcome) became.set(r.tube, 'early')
    else {
      became.set(r.tube, 'contradicts')
      gone.push(r.tube)
    }
  }
  if (gone.length > 0) await trx.deleteFrom('early_result').where('tube', 'in', gone).execute()
  return became
}

/**
 * Results that came before their tubes become theirs now that the laboratory has received them, with all that follows, in
 * one commit. One that was tested before its tube was sealed stays apart: it is of another tube.
 */
export async function takeEarlyResults(
  app: App,
  trx: Trx,
  lab: string,
  codes: readonly string[],
): Promise<void> {
  if (codes.length === 0) return
  const { rows } = await sql<Selectable<DB['early_result']>>`
    delete from early_result e using tube t
    where e.tube = any(${codes}::text[]) and t.code = e.tube and t.state = 'received' and e.lab = ${lab}
      and e.tested_at > t.sealed_at - ${BEFORE_SEALING}
      and exists (select from unnest(e.places) as p (place) where starts_with(t.place_code, p.place))
    returning e.*`.execute(trx)
  if (rows.length === 0) return
  const tubes = new Map<string, TubeRecord>(
    (
      await trx
        .selectFrom('tube')
        .selectAll()
        .where(
          'code',
          'in',
          rows.map((r) => r.tube),
        )
        .execute()
    ).map((t) => [t.code, t]),
  )
  const fresh = await putResults(
    trx,
    rows.map((r) => ({
      tube: r.tube,
      id: r.id,
      outcome: r.outcome,
      lab: r.lab,
      placeCode: tubes.get(r.tube)!.place_code,
      testedAt: r.tested_at,
      source: r.source,
      actorKind: r.actor_kind,
      actorId: r.actor_id,
    })),
    app.clock.now(),
  )
  for (const r of rows)
    if (fresh.has(r.tube) && r.outcome !== 'negative')
      await followResult(app, trx, tubes.get(r.tube)!, r.outcome)
}

/** Boxes and tubes that were reported while the laboratory's word about them was being written. */
export async function lateJoiners(
  db: Db,
): Promise<{ boxes: string[]; results: { tube: string; lab: string }[] }> {
  const boxes = await sql<{ code: string }>`
    select e.code from early_box e join sample_box b on b.code = e.code where b.lab is null
      and exists (select from unnest(e.places) as p (place) where starts_with(b.place_code, p.place)) limit ${SHOWN}`.execute(
    db,
  )
  const results = await sql<{ tube: string; lab: string }>`
    select e.tube, e.lab from early_result e join tube t on t.code = e.tube join sample_box b on b.code = t.box
    where t.state = 'received' and b.lab = e.lab and e.tested_at > t.sealed_at - ${BEFORE_SEALING}
      and exists (select from unnest(e.places) as p (place) where starts_with(t.place_code, p.place)) limit ${SHOWN}`.execute(
    db,
  )
  return { boxes: boxes.rows.map((r) => r.code), results: results.rows }
}

/** Shown at once; what waits longest stands first. */
const SHOWN = 200

/** What a laboratory holds that the city has not heard of, so that it can ask the site: oldest first. */
export const earlyOf = async (db: Db, lab: string) => ({
  boxes: (
    await db
      .selectFrom('early_box')
      .select(['code', 'at'])
      .where('lab', '=', lab)
      .orderBy('at')
      .limit(SHOWN)
      .execute()
  ).map((b) => ({ code: b.code, at: b.at.toISOString() })),
  results: (
    await db
      .selectFrom('early_result')
      .select(['tube', 'outcome', 'at'])
      .where('lab', '=', lab)
      .orderBy('at')
      .limit(SHOWN)
      .execute()
  ).map((r) => ({ tube: r.tube, outcome: r.outcome, at: r.at.toISOString() })),
})
