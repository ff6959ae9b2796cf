import { sql } from 'kysely'
import type { App } from '#kernel/app.ts'
import { dayOf, startOfDay } from '#kernel/clock.ts'
import { policyOf } from '#capabilities/policy/index.ts'
import { dueOf, type ResultPromise } from './capacity-rules.ts'
import { promiseOf } from './capacity.ts'
import { coverageBelow } from './coverage-store.ts'
import { termsOn } from './duties.ts'

/** Clocks of recalls that are shown by name. */
const NEAREST = 5

export type ScreeningFigures = {
  tested: number
  owing: number
  missing: number
  /** The counts of people are as of then; null before the first. */
  testedAt: Date | null
  waiting: number
  /** Waiting longer than promised. */
  late: number
  oldestAt: Date | null
  /** When the first promise breaks. */
  dueAt: Date | null
  waitingAt: Date | null
  promise: ResultPromise
  positives: number
  /** Called back today because of a self-test that they reported. */
  selfTests: number
  confirmed: number
  recalls: { open: number; late: number; nearest: { id: string; placeCode: string; dueAt: Date }[] }
  /** The places right below. */
  below: { placeCode: string; owing: number; tested: number; missing: number }[]
  lastSealedAt: Date | null
  lastResultAt: Date | null
}

/**
 * Sampling, backlog, positives and recalls of a place today, for whoever may see figures: counts of people and tubes, no
 * person. From counters and the rare rows (partial indexes): what is negative is not walked through.
 */
export async function screeningFigures(app: App, place: string): Promise<ScreeningFigures> {
  const now = app.clock.now()
  const day = dayOf(now)
  const today = startOfDay(day)
  const to = `${place}~`
  const promise = promiseOf(await policyOf(app, place))
  const cut = (hours: number) => new Date(now.getTime() - hours * 3_600_000)
  const [below, waits, rest] = await Promise.all([
    coverageBelow(
      app.db,
      place.slice(0, 15),
      day,
      place.length < 6 ? 6 : place.length < 9 ? 9 : place.length < 12 ? 12 : 15,
      await termsOn(app, app.db, day),
    ),
    sql<{ n: number; late: number; pooled: Date | null; single: Date | null }>`
      select coalesce(sum(n), 0)::int as n,
        coalesce(sum(n) filter (where sealed_at < case when single then ${cut(promise.singleHours)}::timestamptz else ${cut(promise.pooledHours)}::timestamptz end), 0)::int as late,
        min(sealed_at) filter (where not single) as pooled, min(sealed_at) filter (where single) as single
      from tube_waiting where n > 0 and place_code >= ${place.slice(0, 9)} and place_code < ${`${place.slice(0, 9)}~`}`.execute(
      app.db,
    ),
    sql<{
      positives: number
      self_tests: number
      confirmed: number
      open: number
      overdue: number
      nearest: { id: string; place: string; due: string }[]
      tested_at: Date | null
      counted_at: Date | null
      sealed: Date | null
      answered: Date | null
    }>`
      with recalls as (
        -- A recall is over when its single tube was taken; its order may still wait for somebody's word.
          select r.id, r.place_code, w.due_at, w.overdue from recall r join work_order w on w.id = r.id
          where r.answered_at is null and r.place_code >= ${place} and r.place_code < ${to}
      )
      select
        (select count(*) from result where outcome = 'positive' and received_at >= ${today} and place_code >= ${place} and place_code < ${to})::int as positives,
        (select count(*) from recall where why = 'antigen' and opened_at >= ${today} and place_code >= ${place} and place_code < ${to})::int as self_tests,
        (select count(*) from finding where found_at >= ${today} and outcome in ('confirmed', 'asymptomatic') and place_code >= ${place} and place_code < ${to})::int as confirmed,
        (select count(*) from recalls)::int as open,
        (select count(*) from recalls where due_at < ${now} or overdue)::int as overdue,
        (select coalesce(json_agg(json_build_object('id', id, 'place', place_code, 'due', due_at) order by due_at, id), '[]')
          from (select * from recalls order by due_at, id limit ${NEAREST}) r) as nearest,
        (select counted_at from coverage_mark) as tested_at,
        (select counted_at from backlog_mark) as counted_at,
        (select max(at) from tube_passed where before = -1 and at >= ${cut(48)}) as sealed,
        (select max(received_at) from result) as answered`.execute(app.db),
  ])
  const w = waits.rows[0]!
  const r = rest.rows[0]!
  const sum = (pick: (b: (typeof below)[number]) => number) => below.reduce((all, b) => all + pick(b), 0)
  const dues = [
    ...(w.pooled ? [dueOf(w.pooled, false, promise)] : []),
    ...(w.single ? [dueOf(w.single, true, promise)] : []),
  ].map((d) => d.getTime())
  const sealed = [w.pooled, w.single].flatMap((d) => (d ? [d.getTime()] : []))
  return {
    tested: sum((b) => b.tested),
    owing: sum((b) => b.owing),
    missing: sum((b) => b.missing),
    testedAt: r.tested_at,
    waiting: w.n,
    late: w.late,
    oldestAt: sealed.length > 0 ? new Date(Math.min(...sealed)) : null,
    dueAt: dues.length > 0 ? new Date(Math.min(...dues)) : null,
    waitingAt: r.counted_at,
    promise,
    positives: r.positives,
    selfTests: r.self_tests,
    confirmed: r.confirmed,
    recalls: {
      open: r.open,
      late: r.overdue,
      nearest: r.nearest.map((c) => ({ id: c.id, placeCode: c.place, dueAt: new Date(c.due) })),
    },
    below: below.map((b) => ({ placeCode: b.place, owing: b.owing, tested: b.tested, missing: b.missing })),
    lastSealedAt: r.sealed,
    lastResultAt: r.answered,
  }
}
