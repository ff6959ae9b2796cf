import { sql, type Selectable } from 'kysely'
import type { DB, Trx } from '#kernel/db.ts'

export type NewClaim = {
  id: string
  tube: string
  placeCode: string
  address: string
  people: readonly string[]
  kind: number
  sealedAt: string
  sessionId: string
  actorId: string
}
export type ClaimRecord = Selectable<DB['tube_claim']>

export const claimsOf = (trx: Trx, tube: string): Promise<ClaimRecord[]> =>
  trx.selectFrom('tube_claim').selectAll().where('tube', '=', tube).orderBy('at').orderBy('id').execute()

export type Claimed = { person_id: string; name_sealed: string; place_code: string; in_tube: boolean }

/** Who a claim says was in the tube, as who they are now, in the order of sampling; and whether they are in it. */
export async function peopleOfClaim(trx: Trx, claimId: string): Promise<Claimed[]> {
  const { rows } = await sql<Claimed>`
    select p.id as person_id, p.name_sealed, p.place_code,
      exists (select from sample s join person m on m.id = s.person_id
        where s.tube = c.tube and coalesce(m.merged_into, m.id) = p.id) as in_tube
    from tube_claim c cross join lateral jsonb_array_elements_text(c.claim -> 'people') with ordinality as said (id, n)
      join person o on o.id = said.id::uuid join person p on p.id = coalesce(o.merged_into, o.id) and p.erased_at is null
    where c.id = ${claimId}::uuid
    group by p.id, p.name_sealed, p.place_code, c.tube order by min(said.n)`.execute(trx)
  return rows
}
