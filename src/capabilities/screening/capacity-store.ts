import { sql, type Selectable } from 'kysely'
import type { DB, Db, Trx } from '#kernel/db.ts'
import type { TubeState } from './custody.contract.ts'

declare module '#kernel/db.ts' {
  interface DB {
    tube_step: {
      id: import('kysely').Generated<string>
      place_code: string
      lab_before: string
      lab_after: string
      single: boolean
      before: number
      after: number
      sealed_at: Date
      at: Date
      n: number
    }
    backlog_mark: { one: boolean; xact: string; counted_at: Date }
    lab_capacity: {
      id: string
      lab: string
      name: string
      place_code: string
      tubes_per_hour: number
      pools: number[]
      opens: number
      closes: number
      valid_from: Date
      actor_id: string
      actor_name: string
      at: Date
    }
    screening_resource: {
      id: string
      place_code: string
      kind: 'tubes' | 'boxes' | 'couriers' | 'samplers'
      n: number
      actor_id: string
      actor_name: string
      at: Date
    }
    backlog_alarm: {
      id: string
      about: string
      lab: string | null
      place_code: string
      tubes: number
      since: Date
      due_at: Date
      help_lab: string | null
      help_spare: number | null
      raised_at: Date
      calm_since: Date | null
      ended_at: Date | null
    }
  }
}

type Any = Db | Trx

/** Where a tube is for the count: what lies in a box still waits for whoever collects it. */
export const STAGE_OF: Record<TubeState, number> = {
  sealed: 0,
  boxed: 0,
  collected: 1,
  received: 2,
  tested: 3,
  rejected: 4,
  destroyed: 4,
}

/** The grain of the counts: an age is right to this, and a city's day is some thousand cells. */
export const GRAIN_MS = 5 * 60_000
const GRAIN = sql.raw(`'5 minutes'`)

export type Moved = { place_code: string; kind: number; state: string; sealed_at: Date }

/** Says in the mover's transaction that these tubes, as they were, are now at another stage or bound for another laboratory. */
export async function sayMoved(
  trx: Trx,
  tubes: readonly Moved[],
  labs: { before: string; after: string },
  after: number | 'same',
  at: Date,
): Promise<void> {
  const cells = new Map<string, { t: Moved; before: number; n: number }>()
  for (const t of tubes) {
    const before = STAGE_OF[t.state as TubeState]
    const key = [
      t.place_code.slice(0, 9),
      t.kind === 1,
      before,
      Math.floor(t.sealed_at.getTime() / GRAIN_MS),
    ].join()
    const cell = cells.get(key)
    if (cell) cell.n++
    // What was answered or has left does not wait: nothing moves.
    else if (before < 3) cells.set(key, { t, before, n: 1 })
  }
  if (cells.size === 0) return
  await trx
    .insertInto('tube_step')
    .values(
      [...cells.values()].map(({ t, before, n }) => ({
        place_code: t.place_code.slice(0, 9),
        lab_before: labs.before,
        lab_after: labs.after,
        single: t.kind === 1,
        before,
        after: after === 'same' ? before : after,
        sealed_at: new Date(Math.floor(t.sealed_at.getTime() / GRAIN_MS) * GRAIN_MS),
        at,
        n,
      })),
    )
    .execute()
}

/** Tubes and lines of steps taken into the counts in one turn. */
const TUBES = 5_000
const STEPS = 5_000
/** What passed longer ago is in nobody's pace or turnaround. */
const KEPT_MS = 48 * 3_600_000

/**
 * Folds what was sealed and moved into the counts, each once. Sealed tubes are taken below the oldest transaction that
 * still runs, as coverage does (coverage-counting.ts); the lines of the movers as they commit. A step may so be folded before
 * the sealing it follows: a cell is then below zero for a turn. Returns how much was taken; call until it is 0.
 */
export async function countBacklog(db: Db, now: Date): Promise<number> {
  return db.transaction().execute(async (trx) => {
    // Two servers take turns here.
    const { rows } = await sql<{ mark: string; upto: string; tubes: number; till: Date | null }>`
      with m as (select xact from backlog_mark for update),
      part as (select t.xact, t.received_at from tube t, m where t.xact >= m.xact and t.xact < pg_snapshot_xmin(pg_current_snapshot()) order by t.xact limit ${TUBES})
      select m.xact::text as mark, (select count(*) from part) as tubes, (select max(received_at) from part) as till,
        coalesce((select case when count(*) < ${TUBES} then pg_snapshot_xmin(pg_current_snapshot())::text else (max(xact)::text::bigint + 1)::text end from part), m.xact::text) as upto
      from m`.execute(trx)
    const { mark, upto, tubes, till } = rows[0]!
    const sealed = sql`
      select left(place_code, 9) as place_code, ''::text collate "C" as lab_before, ''::text collate "C" as lab_after, kind = 1 as single, -1::smallint as before, 0::smallint as after,
        date_bin(${GRAIN}, sealed_at, 'epoch') as sealed_at, received_at as at, 1 as n
      from tube where xact >= ${mark}::xid8 and xact < ${upto}::xid8`
    const { rows: taken } = await sql<{ steps: number; till: Date | null }>`
      with gone as (
        delete from tube_step where id in (select id from tube_step order by id limit ${STEPS})
        returning place_code, lab_before, lab_after, single, before, after, sealed_at, at, n
      ), step as (select * from gone union all ${tubes > 0 ? sealed : sql`select * from gone where false`}),
      cells as (
        insert into tube_waiting as w (place_code, lab, stage, single, sealed_at, n)
        select place_code, lab, stage, single, sealed_at, sum(n) from (
          select place_code, lab_before as lab, before as stage, single, sealed_at, -n as n from step where before >= 0
          union all select place_code, lab_after, after, single, sealed_at, n from step where after <= 2
        ) d group by 1, 2, 3, 4, 5 having sum(n) <> 0
        on conflict (place_code, lab, stage, single, sealed_at) do update set n = w.n + excluded.n
      ), flow as (
        insert into tube_passed as p (at, place_code, lab, before, after, single, sealed_at, n)
        select date_bin(${GRAIN}, at, 'epoch'), place_code, lab_after, before, after, single, sealed_at, sum(n)
        from step where before <> after group by 1, 2, 3, 4, 5, 6, 7
        on conflict (at, place_code, lab, before, after, single, sealed_at) do update set n = p.n + excluded.n
      )
      select count(*) as steps, max(at) as till from gone`.execute(trx)
    await sql`delete from tube_waiting where n = 0`.execute(trx)
    await sql`delete from tube_passed where at < ${new Date(now.getTime() - KEPT_MS)}`.execute(trx)
    const moved = taken[0]!
    // Behind the sealing or the moving, it is as old as the last that it has (coverage-counting.ts).
    const ends = [now, tubes < TUBES ? null : till, moved.steps < STEPS ? null : moved.till]
    const asOf = new Date(Math.min(...ends.flatMap((at) => (at ? [at.getTime()] : []))))
    await sql`update backlog_mark set xact = ${upto}::xid8, counted_at = ${asOf}`.execute(trx)
    return tubes + moved.steps
  })
}

/** Tubes of one place, laboratory, stage and kind that were sealed in the same five minutes. */
export type Waiting = {
  place: string
  lab: string
  stage: number
  single: boolean
  sealed_at: Date
  n: number
}
export type Passed = {
  place: string
  lab: string
  before: number
  after: number
  /** The older and the newer half of the window. */
  newer: boolean
  n: number
}
export type Answered = { minutes: number; n: number }

const inside = (place: string) =>
  sql`place_code >= ${place.slice(0, 9)} and place_code < ${`${place.slice(0, 9)}~`}`
const ofLab = (lab: string | undefined) => (lab === undefined ? sql`true` : sql`lab = ${lab}`)

/** What waits at a place (all laboratories, or one), by the places `depth` digits long. */
export async function waitingAt(
  db: Any,
  place: string,
  depth: number,
  lab: string | undefined,
): Promise<Waiting[]> {
  const { rows } = await sql<Waiting>`
    select left(place_code, ${depth}) as place, lab, stage, single, sealed_at, sum(n)::int as n
    from tube_waiting where ${inside(place)} and ${ofLab(lab)} group by 1, 2, 3, 4, 5 having sum(n) > 0 order by sealed_at`.execute(
    db,
  )
  return rows
}

/** The tubes of a place, laboratory, stage and kind together: how many, since when, and how many sealed before a limit. */
export type Summary = {
  place: string
  lab: string
  stage: number
  single: boolean
  n: number
  oldest: Date
  late: number
}

/**
 * The same in sums. A day of a million tubes is 54,000 cells: handed over one by one and added up here, the city's answer
 * took 0.37 s.
 */
export async function waitingSums(
  db: Any,
  place: string,
  depth: number,
  lab: string | undefined,
  lateBefore: { pooled: Date; single: Date },
): Promise<Summary[]> {
  const { rows } = await sql<Summary>`
    select left(place_code, ${depth}) as place, lab, stage, single, sum(n)::int as n, min(sealed_at) filter (where n > 0) as oldest,
      coalesce(sum(n) filter (where sealed_at < case when single then ${lateBefore.single}::timestamptz else ${lateBefore.pooled}::timestamptz end), 0)::int as late
    from tube_waiting where ${inside(place)} and ${ofLab(lab)} group by 1, 2, 3, 4 having sum(n) > 0`.execute(
    db,
  )
  return rows
}

/** What lies at laboratories, by the five minutes of its sealing. */
export async function waitingAtLabs(db: Any, lab: string | undefined): Promise<Waiting[]> {
  const { rows } = await sql<Waiting>`
    select '31' as place, lab, stage, single, sealed_at, sum(n)::int as n
    from tube_waiting where stage = 2 and ${ofLab(lab)} group by 2, 3, 4, 5 having sum(n) > 0`.execute(db)
  return rows
}

/** What passed from one stage to another since an instant, in two halves. */
export async function passedSince(
  db: Any,
  place: string,
  depth: number,
  lab: string | undefined,
  since: Date,
  middle: Date,
): Promise<Passed[]> {
  const { rows } = await sql<Passed>`
    select left(place_code, ${depth}) as place, lab, before, after, at >= ${middle} as newer, sum(n)::int as n
    from tube_passed where at >= ${since} and ${inside(place)} and ${ofLab(lab)} group by 1, 2, 3, 4, 5`.execute(
    db,
  )
  return rows
}

/** How long the tubes answered since an instant took from sealing, in minutes. */
export async function answeredSince(
  db: Any,
  place: string,
  lab: string | undefined,
  since: Date,
): Promise<Answered[]> {
  const { rows } = await sql<Answered>`
    select (extract(epoch from at - sealed_at) / 60)::int as minutes, sum(n)::int as n
    from tube_passed where at >= ${since} and after = 3 and ${inside(place)} and ${ofLab(lab)} group by 1 order by 1`.execute(
    db,
  )
  return rows
}

type AlarmRow = Selectable<DB['backlog_alarm']>

/** Alarms that are not over, of a place, what lies in it, and what it lies in: a laboratory of the city tests for all of it. */
export const openAlarms = (db: Any, place: string): Promise<AlarmRow[]> =>
  db
    .selectFrom('backlog_alarm')
    .selectAll()
    .where('ended_at', 'is', null)
    .where(sql<boolean>`(starts_with(place_code, ${place}) or starts_with(${place}, place_code))`)
    .orderBy('due_at')
    .execute()
