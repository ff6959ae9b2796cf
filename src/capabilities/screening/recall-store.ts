import { sql, type RawBuilder } from 'kysely'
import type { Db, Trx } from '#kernel/db.ts'
import { SLACK_MS } from './clock-slack.ts'
import type { RecallRecord } from './result-store.ts'
import type { TubeRecord } from './tube-store.ts'

type Any = Db | Trx

/**
 * A tube sealed this little before the recall counts for it: a device's clock may be some minutes behind. The tube that
 * called back never does.
 */
const BEHIND = sql`${SLACK_MS} * interval '1 millisecond'`

/**
 * The tubes by which somebody has given what a recall `r` asks for: their single tube (after an invalid sample any tube),
 * sealed since, which was not found unfit. By sealing, not by arrival: what a device without network took before the
 * recall answers nothing. One without a result counts until it has one.
 */
const given = (person: RawBuilder<unknown>) => sql`
  from sample s join tube t on t.code = s.tube left join result x on x.tube = t.code
  where s.person_id = ${person} and s.day >= ((r.opened_at - ${BEHIND}) at time zone 'Asia/Shanghai')::date
    and t.sealed_at > r.opened_at - ${BEHIND} and t.code is distinct from r.tube
    and (t.members = 1 or r.why = 'invalid')
    and coalesce(x.outcome in ('negative', 'positive'), t.state not in ('rejected', 'destroyed'))`

/** Whether somebody gave what the recall `r` asks of them; the same for their duty, the list of those missing and its end. */
export const gave = (person: RawBuilder<unknown>): RawBuilder<boolean> =>
  sql<boolean>`exists (select ${given(person)})`

/** Recalls that wait for nobody any more, oldest first, with the tube that was taken last. */
export async function metRecalls(db: Any, limit: number): Promise<{ id: string; code: string | null }[]> {
  const { rows } = await sql<{ id: string; code: string | null }>`
    select r.id, (select t.code ${given(sql`any(array(
        select coalesce(p.merged_into, p.id) from person p where p.id = any(r.person_id || r.household)))`)}
      order by t.received_at desc limit 1) as code
    from recall r
    where r.answered_at is null and not exists (
      -- Somebody merged since is waited for as who they are now; nobody waits for who was erased.
      select from unnest(r.person_id || r.household) as called (id)
        join person p on p.id = called.id and p.erased_at is null
      where not ${gave(sql`coalesce(p.merged_into, p.id)`)})
    order by r.opened_at limit ${limit}`.execute(db)
  return rows
}

/**
 * Recalls for a single tube that this tube was taken for, by its person or for whom they live with: open ones, and such as
 * ended after it had come in.
 */
export async function recallsMetBy(
  trx: Trx,
  tube: TubeRecord,
  personId: string,
  household: readonly string[],
): Promise<Pick<RecallRecord, 'id' | 'answered_at'>[]> {
  const { rows } = await sql<Pick<RecallRecord, 'id' | 'answered_at'>>`
    select r.id, r.answered_at from recall r
    where r.person_id = any(${[personId, ...household]}::uuid[]) and (r.person_id = ${personId}::uuid or ${personId}::uuid = any(r.household))
      and r.why <> 'invalid' and r.tube is distinct from ${tube.code} and r.opened_at - ${BEHIND} < ${tube.sealed_at}
      and (r.answered_at is null or r.answered_at >= ${tube.received_at})`.execute(trx)
  return rows
}

/** Who of those a recall calls back has given what it asks for. */
export async function whoGave(trx: Trx, recallId: string): Promise<Set<string>> {
  const { rows } = await sql<{ id: string }>`
    select called.id from recall r cross join lateral unnest(r.person_id || r.household) as called (id)
      left join person p on p.id = called.id
    where r.id = ${recallId}::uuid and ${gave(sql`coalesce(p.merged_into, called.id)`)}`.execute(trx)
  return new Set(rows.map((r) => r.id))
}

/** Whom a second claim on the label says was in the tube (seal.ts, `keepClaim`), as who they are now. */
export async function claimedPeople(
  trx: Trx,
  tube: string,
): Promise<{ person_id: string; place_code: string }[]> {
  const { rows } = await sql<{ person_id: string; place_code: string }>`
    select distinct p.id as person_id, p.place_code from tube_claim c
      cross join lateral jsonb_array_elements_text(c.claim -> 'people') as said (id)
      join person m on m.id = said.id::uuid join person p on p.id = coalesce(m.merged_into, m.id) and p.erased_at is null
    where c.tube = ${tube}`.execute(trx)
  return rows
}
