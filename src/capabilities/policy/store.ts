import { sql, type Insertable, type Selectable } from 'kysely'
import { meaning, span, type DB, type Db, type Trx } from '#kernel/db.ts'
import { CityError } from '#kernel/errors.ts'
import type { Body } from './files.ts'

declare module '#kernel/db.ts' {
  interface DB {
    policy_version: {
      hash: string
      pack_id: string
      version: string
      over_id: string | null
      place_code: string
      title: { zh: string; en: string }
      body: Body | { before: unknown }
      kept_at: Date
    }
    policy_enactment: {
      id: string
      hash: string
      pack_id: string
      over_id: string | null
      place_code: string
      in_force_from: Date
      until: Date | null
      reason: string
      proposed_by: string
      proposed_name: string
      proposed_at: Date
      signed_by: string | null
      signed_name: string | null
      signed_at: Date | null
      withdrawn_at: Date | null
      retraction_reason: string | null
      retraction_by: string | null
      retraction_name: string | null
      retraction_at: Date | null
      retracted_by: string | null
      retracted_name: string | null
      retracted_at: Date | null
    }
    decision: {
      id: string
      kind: string
      subject_id: string
      person_id: string | null
      place_code: string
      outcome: unknown
      reasons: { zh: string; en: string }[]
      evidence: unknown
      evidence_sealed: string | null
      pack_id: string
      pack_version: string
      pack_hash: string
      overlay_hashes: string[]
      clause: string
      issuer: string
      decided_at: Date
      restricts: import('kysely').Generated<boolean>
      legal_basis: string | null
      valid_until: Date | null
      instead_of: string | null
    }
  }
}

meaning({
  enactment_two_people: 'needs_another_person',
  retraction_two_people: 'needs_another_person',
})

type Any = Db | Trx
export type EnactmentRecord = Selectable<DB['policy_enactment']>
export type VersionRecord = Selectable<DB['policy_version']>
export type DecisionRecord = Selectable<DB['decision']>

/** Keeps a content by its hash; the same again changes nothing. */
export async function keepVersion(
  db: Any,
  row: Omit<Insertable<DB['policy_version']>, 'body' | 'title'> & { body: Body; title: unknown },
): Promise<void> {
  await db
    .insertInto('policy_version')
    .values({ ...row, title: JSON.stringify(row.title) as never, body: JSON.stringify(row.body) as never })
    .onConflict((c) => c.column('hash').doNothing())
    .execute()
}

export const findVersion = (db: Any, hash: string): Promise<VersionRecord | undefined> =>
  db.selectFrom('policy_version').selectAll().where('hash', '=', hash).executeTakeFirst()

/** By hash, `id@version`, or `id`: the newest of it that was signed and stands, else the newest that is kept. */
export function resolveVersion(db: Any, name: string): Promise<VersionRecord | undefined> {
  if (/^[0-9a-f]{64}$/.test(name)) return findVersion(db, name)
  const [id = '', version] = name.split('@')
  let query = db.selectFrom('policy_version').selectAll().where('pack_id', '=', id)
  if (version !== undefined) query = query.where('version', '=', version)
  return query
    .orderBy(
      sql`exists (select from policy_enactment e where e.hash = policy_version.hash and e.signed_at is not null and e.retracted_at is null)`,
      'desc',
    )
    .orderBy('kept_at', 'desc')
    .limit(1)
    .executeTakeFirst()
}

/** Every enactment that was ever signed: a few a year, read whole. */
export const signedEnactments = (db: Any): Promise<EnactmentRecord[]> =>
  db
    .selectFrom('policy_enactment')
    .selectAll()
    .where('signed_at', 'is not', null)
    .orderBy('in_force_from')
    .orderBy('signed_at')
    .execute()

/** Newest first, without the bodies. */
export const listEnactments = (db: Any, limit: number) =>
  db
    .selectFrom('policy_enactment as e')
    .innerJoin('policy_version as v', 'v.hash', 'e.hash')
    .selectAll('e')
    .select(['v.version', 'v.title'])
    .orderBy('e.proposed_at', 'desc')
    .orderBy('e.in_force_from', 'desc')
    .limit(limit)
    .execute()

export async function lockEnactment(trx: Trx, id: string): Promise<EnactmentRecord> {
  const row = await trx
    .selectFrom('policy_enactment')
    .selectAll()
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst()
  if (!row) throw new CityError('enactment_not_found')
  return row
}

type Proposal = Pick<
  EnactmentRecord,
  | 'id'
  | 'hash'
  | 'pack_id'
  | 'over_id'
  | 'place_code'
  | 'in_force_from'
  | 'until'
  | 'reason'
  | 'proposed_by'
  | 'proposed_name'
  | 'proposed_at'
>

/** The same id again with the same content changes nothing; with another it is refused. */
export async function insertProposal(trx: Trx, row: Proposal): Promise<void> {
  const done = await trx
    .insertInto('policy_enactment')
    .values(row)
    .onConflict((c) => c.column('id').doNothing())
    .executeTakeFirst()
  if ((done.numInsertedOrUpdatedRows ?? 0n) > 0n) return
  const before = await lockEnactment(trx, row.id)
  if (before.hash !== row.hash || before.proposed_by !== row.proposed_by || before.reason !== row.reason)
    throw new CityError('same_id_other_content')
}

export const insertFounding = (
  trx: Trx,
  row: Proposal & Pick<EnactmentRecord, 'signed_by' | 'signed_name' | 'signed_at'>,
) => trx.insertInto('policy_enactment').values(row).execute()

export const updateEnactment = (trx: Trx, id: string, values: Partial<EnactmentRecord>) =>
  trx.updateTable('policy_enactment').set(values).where('id', '=', id).execute()

export const findDecision = (db: Any, id: string): Promise<DecisionRecord | undefined> =>
  db.selectFrom('decision').selectAll().where('id', '=', id).executeTakeFirst()

/** The newest decisions that the running scope may see. */
export async function lastDecisions(
  db: Any,
  q: {
    place?: string | undefined
    subject?: string | undefined
    kind?: string | undefined
    after?: { at: Date; id: string } | undefined
    limit: number
  },
): Promise<DecisionRecord[]> {
  let query = db.selectFrom('decision').selectAll().orderBy('decided_at', 'desc').orderBy('id', 'desc')
  if (q.place) {
    const { lo, hi } = span([q.place])
    query = query.where('place_code', '>=', lo).where('place_code', '<', hi)
  }
  if (q.subject) query = query.where('subject_id', '=', q.subject)
  if (q.kind) query = query.where('kind', '=', q.kind)
  if (q.after) query = query.where(sql<boolean>`(decided_at, id) < (${q.after.at}, ${q.after.id}::uuid)`)
  return query.limit(q.limit).execute()
}
