import { sql, type Selectable } from 'kysely'
import type { DB, Db, Trx } from '#kernel/db.ts'
import type { Found } from './suggest.ts'

declare module '#kernel/db.ts' {
  interface DB {
    site_run: {
      id: string
      place_code: string
      hour: Date
      openings: number
      teams: number
      state: import('kysely').Generated<'running' | 'done' | 'failed'>
      districts: number
      done: import('kysely').Generated<number>
      people: import('kysely').Generated<number>
      covered: import('kysely').Generated<number>
      would_cover: import('kysely').Generated<number>
      bound: import('kysely').Generated<number>
      greedy: import('kysely').Generated<number>
      actor_id: string
      made_at: Date
      beat_at: import('kysely').Generated<Date>
    }
    site_suggestion: {
      id: string
      run_id: string
      kind: Found['kind']
      place_code: string
      site_id: string | null
      lng: number
      lat: number
      hour: Date
      effect: unknown
      state: import('kysely').Generated<'open' | 'accepted' | 'dismissed'>
      order_id: string | null
      decided_by: string | null
      decided_at: Date | null
      made_at: Date
    }
  }
}

export type RunRow = Selectable<DB['site_run']>
export type SuggestionRow = Selectable<DB['site_suggestion']>
type Any = Db | Trx

export const findRun = (db: Any, id: string): Promise<RunRow | undefined> =>
  db.selectFrom('site_run').selectAll().where('id', '=', id).executeTakeFirst()

export const runsIn = (db: Any, places: readonly string[], limit: number): Promise<RunRow[]> =>
  db
    .selectFrom('site_run')
    .selectAll()
    .where((e) => e.or(places.map((p) => e('place_code', 'like', `${p}%`))))
    .orderBy('made_at', 'desc')
    .limit(limit)
    .execute()

export const suggestionsOf = (db: Any, runId: string): Promise<SuggestionRow[]> =>
  db
    .selectFrom('site_suggestion')
    .selectAll()
    .where('run_id', '=', runId)
    .orderBy(sql`(effect->>'people')::int`, 'desc')
    .orderBy('id')
    .limit(2_000)
    .execute()

/** Says that a search goes on; one that ended stays ended. */
export const beat = (db: Any, runId: string) =>
  db
    .updateTable('site_run')
    .set({ beat_at: sql`now()` })
    .where('id', '=', runId)
    .where('state', '=', 'running')
    .execute()

/** Adds what one more district brought. */
export const addDistrict = (
  trx: Trx,
  runId: string,
  d: { people: number; covered: number; wouldCover: number; bound: number; greedy: boolean },
) =>
  sql`update site_run set done = done + 1, people = people + ${d.people}, covered = covered + ${d.covered},
    would_cover = would_cover + ${d.wouldCover}, bound = bound + ${d.bound}, greedy = greedy + ${d.greedy ? 1 : 0}, beat_at = now(),
    state = case when done + 1 >= districts then 'done' else state end where id = ${runId}`.execute(trx)
