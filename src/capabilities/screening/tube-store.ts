import { sql, type Selectable } from 'kysely'
import { dayOf } from '#kernel/clock.ts'
import { KEPT, meaning, plainArray, type DB, type Db, type Trx } from '#kernel/db.ts'
import type { TubeKind, TubeState } from './custody.contract.ts'

declare module '#kernel/db.ts' {
  interface DB {
    sampling_session: {
      id: string
      site_id: string | null
      place_code: string
      address: string
      actor_id: string
      opened_at: Date
      closed_at: Date | null
    }
    tube: {
      code: string
      client_id: string
      content_hash: string
      kind: TubeKind
      members: number
      session_id: string
      place_code: string
      box: string | null
      state: TubeState
      sealed_at: Date
      received_at: Date
      clock_doubted: boolean
      actor_id: string
    }
    sample: { person_id: string; tube: string; n: number; day: Date }
    tube_claim: {
      id: string
      tube: string
      place_code: string
      claim: unknown
      actor_id: string
      at: Date
      order_id: string | null
      settlement_id: import('kysely').Generated<string | null>
      outcome: import('kysely').Generated<'same_people' | 'sample_again' | null>
      reason_sealed: import('kysely').Generated<string | null>
      settled_by: import('kysely').Generated<string | null>
      settled_by_name: import('kysely').Generated<string | null>
      settled_at: import('kysely').Generated<Date | null>
    }
    sample_box: {
      code: string
      client_id: string
      content_hash: string
      session_id: string
      place_code: string
      lab: string | null
      /** Where somebody sent it; whoever receives it has it all the same. */
      bound_for: string | null
      state: 'packed' | 'collected' | 'received'
      packed_at: Date
      actor_id: string
    }
    custody_event: {
      id: string
      tube: string | null
      box: string | null
      kind:
        | 'boxed'
        | 'collected'
        | 'redirected'
        | 'received'
        | 'contested'
        | 'released'
        | 'rejected'
        | 'tested'
        | 'destroyed'
      lab: string | null
      note: string | null
      actor_id: string
      actor_name: string
      at: Date
    }
  }
}

meaning({ custody_event_pkey: 'same_id_other_content' })

type Any = Db | Trx
export type SessionRecord = Selectable<DB['sampling_session']>
export type TubeRecord = Selectable<DB['tube']>
export type BoxRecord = Selectable<DB['sample_box']>

/** A tube as it is written: everything is decided, members are people. */
export type NewTube = {
  code: string
  clientId: string
  hash: string
  kind: TubeKind
  people: readonly string[]
  sessionId: string
  placeCode: string
  sealedAt: Date
  doubted: boolean
  actorKind: string
  actorId: string
}

const DAY_MS = 86_400_000

/**
 * The day that a sample counts for: that of its sealing, though its device had no network until after midnight. Further
 * back than yesterday there may be no partition; a tube that comes so late counts for yesterday.
 */
export function dayOfSample(now: Date): (sealedAt: Date) => string {
  const [yesterday, today] = [dayOf(new Date(now.getTime() - DAY_MS)), dayOf(now)]
  return (sealedAt) => {
    const day = dayOf(sealedAt)
    return day < yesterday ? yesterday : day > today ? today : day
  }
}

/** Why a tube was not written: two of its codes lead to one person, or one to nobody any more. */
export type Unfit = 'twice_in_tube' | 'person_not_found'

/**
 * Writes tubes, their samples and their audit lines in one statement and one commit; a label that is known is left
 * alone. Returns the labels that are new, and those that stand for people who cannot be in one tube: these are not
 * written. Runs as the service: the caller was authorised for each tube.
 *
 * Arrays and `unnest`: 90 % of the time is PostgreSQL's own (rows and indexes). A CTE per table keeps it one round trip.
 * Members come as one text a tube: label, place and day beside each of them were four fifths of what was written out here.
 * Records that became part of another or were erased are few and have an index; only tubes that name one are looked into.
 * Samples are written without asking whether they are there: they lie under a label that is new in this statement, and nobody
 * is in it twice. Asking (`on conflict`) took a fifth of the time.
 */
export async function putTubes(
  db: Db,
  tubes: readonly NewTube[],
  now: Date,
): Promise<{ fresh: Set<string>; unfit: Map<string, Unfit> }> {
  const column = (pick: (t: NewTube) => string | number | boolean) => plainArray(tubes.map(pick))
  const dayOfEach = dayOfSample(now)
  const { rows } = await sql<{ code: string; unfit: Unfit | null }>`with ${KEPT} incoming as (
      select * from unnest(${column((t) => t.code)}::text[], ${column((t) => t.clientId)}::uuid[], ${column((t) => t.hash)}::text[],
        ${column((t) => t.kind)}::smallint[], ${column((t) => t.people.length)}::smallint[], ${column((t) => t.people.join('|'))}::text[],
        ${column((t) => dayOfEach(t.sealedAt))}::date[], ${column((t) => t.sessionId)}::uuid[],
        ${column((t) => t.placeCode)}::text[], ${column((t) => t.sealedAt.toISOString())}::timestamptz[], ${column((t) => t.doubted)}::bool[],
        ${column((t) => t.actorKind)}::text[], ${column((t) => t.actorId)}::text[])
        as i (code, client_id, hash, kind, members, people, day, session_id, place_code, sealed_at, doubted, actor_kind, actor_id)
    ), member as materialized (
      -- A code printed for a record that has since become part of another leads to the person all the same.
      select coalesce(p.merged_into, m.person) as person, i.code as tube, m.n::smallint as n, i.day, p.id is not null as moved, p.erased_at is not null as erased
      from incoming i cross join lateral unnest(string_to_array(i.people, '|')::uuid[]) with ordinality as m (person, n)
        left join person p on p.id = m.person and (p.merged_into is not null or p.erased_at is not null)
    ), unfit as (
      select tube, case when bool_or(erased) then 'person_not_found' else 'twice_in_tube' end as why
      from member where tube in (select tube from member where moved)
      group by tube having bool_or(erased) or count(*) > count(distinct person)
    ), fresh as (
      insert into tube (code, client_id, content_hash, kind, members, session_id, place_code, sealed_at, received_at, clock_doubted, actor_id)
      select code, client_id, hash, kind, members, session_id, place_code, sealed_at, ${now}, doubted, actor_id from incoming
      where code not in (select tube from unfit)
      on conflict (code) do nothing returning code
    ), samples as (
      insert into sample (person_id, tube, n, day)
      select person, tube, n, day from member where tube in (select code from fresh)
    ), lines as (
      insert into audit (actor_kind, actor_id, action, subject, place_code, data)
      select i.actor_kind, i.actor_id, 'tubes.seal', i.code, i.place_code, jsonb_build_object('members', i.members)
      from incoming i join fresh using (code)
    )
    select code, null as unfit from fresh union all select tube, why from unfit`.execute(db)
  return {
    fresh: new Set(rows.flatMap((r) => (r.unfit ? [] : [r.code]))),
    unfit: new Map(rows.flatMap((r) => (r.unfit ? [[r.code, r.unfit]] : []))),
  }
}

/**
 * Whether a tube that is known is the same one, though people in it were known by other records when it was sealed:
 * both sides are read by the person that each record leads to now, in the order of sampling.
 */
export async function isSameTube(
  db: Any,
  code: string,
  given: { clientId: string; kind: number; sealedAt: Date; people: readonly string[] },
): Promise<boolean> {
  const { rows } = await sql<{ same: boolean }>`
    select t.client_id = ${given.clientId}::uuid and t.kind = ${given.kind} and (t.clock_doubted or t.sealed_at = ${given.sealedAt})
      and (select array_agg(coalesce(p.merged_into, s.person_id) order by s.n) from sample s join person p on p.id = s.person_id where s.tube = t.code)
        = (select array_agg(coalesce(p.merged_into, p.id) order by i.n)
          from unnest(${[...given.people]}::uuid[]) with ordinality as i (id, n) join person p on p.id = i.id) as same
    from tube t where t.code = ${code}`.execute(db)
  return rows[0]?.same === true
}

export const findTube = (db: Any, code: string): Promise<TubeRecord | undefined> =>
  db.selectFrom('tube').selectAll().where('code', '=', code).executeTakeFirst()

export const findTubes = (db: Any, codes: readonly string[]): Promise<TubeRecord[]> =>
  db.selectFrom('tube').selectAll().where('code', 'in', codes).execute()

export const findSession = (db: Any, id: string): Promise<SessionRecord | undefined> =>
  db.selectFrom('sampling_session').selectAll().where('id', '=', id).executeTakeFirst()

export async function countSession(db: Any, id: string): Promise<{ tubes: number; people: number }> {
  const { rows } = await sql<{ tubes: number; people: number }>`
    select count(*) as tubes, coalesce(sum(members), 0)::bigint as people from tube where session_id = ${id}`.execute(
    db,
  )
  return rows[0]!
}

/** Members in their order, with the other tubes of each on the same or a neighbouring day. */
export async function membersOf(
  db: Any,
  code: string,
): Promise<{ n: number; person_id: string; name_sealed: string; place_code: string; also: string[] }[]> {
  const { rows } = await sql<{
    n: number
    person_id: string
    name_sealed: string
    place_code: string
    also: string[]
  }>`
    select s.n, s.person_id, p.name_sealed, p.place_code,
      array(select o.tube from sample o where o.person_id = s.person_id and o.tube <> s.tube
        and o.day between s.day - 1 and s.day + 1 order by o.tube) as also
    from sample s join person p on p.id = s.person_id where s.tube = ${code} order by s.n`.execute(db)
  return rows
}

export const findBox = (db: Any, code: string): Promise<BoxRecord | undefined> =>
  db.selectFrom('sample_box').selectAll().where('code', '=', code).executeTakeFirst()

/** Partitions of `sample` from yesterday until a week ahead; made by a routine long before they are needed. */
export async function makePartitions(db: Db, today: string): Promise<void> {
  const first = Date.parse(`${today}T00:00:00Z`)
  for (let i = -1; i <= 7; i++) {
    const day = (n: number) => new Date(first + n * 86_400_000).toISOString().slice(0, 10)
    const name = `sample_${day(i).replaceAll('-', '')}`
    await sql`select cityloop_sample_day(${name}, ${day(i)}::date, ${day(i + 1)}::date)`.execute(db)
  }
}
