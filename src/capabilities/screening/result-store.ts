import { sql, type Selectable } from 'kysely'
import { meaning, type DB, type Db, type Trx } from '#kernel/db.ts'
import type { Outcome } from './results.contract.ts'

export type Source = 'form' | 'csv' | 'xlsx' | 'fhir'

declare module '#kernel/db.ts' {
  interface DB {
    result: {
      tube: string
      id: string
      outcome: Outcome
      lab: string
      place_code: string
      tested_at: Date
      received_at: Date
      source: Source
      actor_id: string
      corrected_at: Date | null
    }
    result_hold: {
      id: string
      tube: string
      place_code: string
      lab: string
      stands: Outcome
      said: Outcome
      tested_at: Date
      source: Source
      actor_id: string
      at: Date
      state: import('kysely').Generated<'open' | 'kept' | 'replaced'>
      proposal: 'kept' | 'replaced' | null
      proposal_reason: string | null
      proposed_by: string | null
      proposed_at: Date | null
      decided_by: string | null
      decided_at: Date | null
    }
    recall: {
      id: string
      tube: string | null
      antigen: string | null
      person_id: string
      place_code: string
      why: 'positive' | 'inconclusive' | 'invalid' | 'antigen'
      household: string[]
      opened_at: Date
      answered_by: string | null
      answered_at: Date | null
    }
    finding: {
      id: string
      tube: string
      person_id: string
      place_code: string
      outcome: 'confirmed' | 'asymptomatic' | 'negative' | null
      note_sealed: string | null
      found_by: string | null
      found_at: Date | null
      told_at: Date | null
      told_by: string | null
      opened_at: Date
    }
  }
}

meaning({ hold_two_people: 'needs_another_person' })

type Any = Db | Trx
export type ResultRecord = Selectable<DB['result']>
export type HoldRecord = Selectable<DB['result_hold']>
export type RecallRecord = Selectable<DB['recall']>
export type FindingRecord = Selectable<DB['finding']>

export type NewResult = {
  tube: string
  id: string
  outcome: Outcome
  lab: string
  placeCode: string
  testedAt: Date
  source: Source
  actorKind: string
  actorId: string
}

/** Writes results of tubes that have none yet, sets the tubes tested, and audits, in one statement. Returns the new ones. */
export async function putResults(db: Any, results: readonly NewResult[], now: Date): Promise<Set<string>> {
  const column = <T>(pick: (r: NewResult) => T) => results.map(pick)
  const { rows } = await sql<{ tube: string }>`
    with incoming as (
      select * from unnest(${column((r) => r.tube)}::text[], ${column((r) => r.id)}::uuid[], ${column((r) => r.outcome)}::text[],
        ${column((r) => r.lab)}::text[], ${column((r) => r.placeCode)}::text[], ${column((r) => r.testedAt.toISOString())}::timestamptz[],
        ${column((r) => r.source)}::text[], ${column((r) => r.actorKind)}::text[], ${column((r) => r.actorId)}::text[])
        as i (tube, id, outcome, lab, place_code, tested_at, source, actor_kind, actor_id)
    ), fresh as (
      insert into result (tube, id, outcome, lab, place_code, tested_at, received_at, source, actor_id)
      select tube, id, outcome, lab, place_code, tested_at, ${now}, source, actor_id from incoming
      on conflict (tube) do nothing returning tube
    ), done as (
      update tube t set state = 'tested' from fresh f join incoming i using (tube) where t.code = f.tube
      returning left(t.place_code, 9) as place_code, i.lab, t.kind = 1 as single, date_bin('5 minutes', t.sealed_at, 'epoch') as sealed_at, old.state as before
    ), steps as (
      insert into tube_step (place_code, lab_before, lab_after, single, before, after, sealed_at, at, n)
      select place_code, lab, lab, single, 2, 3, sealed_at, ${now}, count(*) from done where before = 'received' group by 1, 2, 4, 7
    ), lines as (
      insert into audit (actor_kind, actor_id, action, subject, place_code, data)
      select i.actor_kind, i.actor_id, 'results.post', i.tube, i.place_code, jsonb_build_object('source', i.source)
      from incoming i join fresh using (tube)
    )
    select tube from fresh`.execute(db)
  return new Set(rows.map((r) => r.tube))
}

/** The tubes, locked in one order: a tube is not rejected while its result is written, nor the other way round. */
export const lockTubes = (trx: Trx, codes: readonly string[]): Promise<Selectable<DB['tube']>[]> =>
  trx.selectFrom('tube').selectAll().where('code', 'in', codes).orderBy('code').forUpdate().execute()

export const findResults = (db: Any, tubes: readonly string[]): Promise<ResultRecord[]> =>
  db.selectFrom('result').selectAll().where('tube', 'in', tubes).execute()

/** What the newest tubes of a person say, by way of who was in them; the centre's finding stands above the laboratory. */
export async function resultsOf(db: Any, personId: string, since: string) {
  const { rows } = await sql<{
    tube: string
    kind: number
    members: number
    sealed_at: Date
    outcome: Outcome | null
    tested_at: Date | null
    received_at: Date | null
    lab: string | null
    corrected_at: Date | null
    finding: 'confirmed' | 'asymptomatic' | 'negative' | null
    told_at: Date | null
    state: string
  }>`
    select s.tube, t.kind, t.members, t.sealed_at, t.state, r.outcome, r.tested_at, r.received_at, r.lab, r.corrected_at, f.outcome as finding, f.told_at
    from sample s join tube t on t.code = s.tube
      left join result r on r.tube = s.tube
      -- Asked once more after a correction, the centre may speak twice: its last word counts.
      left join lateral (select outcome, told_at from finding f where f.tube = s.tube and f.person_id = s.person_id
        and f.outcome is not null order by f.found_at desc limit 1) f on true
    where s.person_id = ${personId} and s.day >= ${since}::date
    order by t.sealed_at desc limit 50`.execute(db)
  return rows
}
