import { sql } from 'kysely'
import type { App } from '#kernel/app.ts'
import { audit } from '#kernel/audit.ts'
import { service } from '#kernel/auth.ts'
import { within, type Db, type Trx } from '#kernel/db.ts'
import { PersonErased } from './looks.contract.ts'
import { forget } from './authenticate.ts'

const ERASER = service('retention')
/** Stands where the name stood. */
const NOBODYS = '已删除'

// Who asked for nothing since, has nothing open and no session that was used since. The two tables above this floor are
// only looked at: asking their owners person by person would read everybody who is kept again at every run.
const past = (before: Date) => sql`
  from person p where p.erased_at is null and p.merged_into is null and p.created_at < ${before}
    and not exists (select from request r where r.person_id = p.id and r.received_at >= ${before})
    and not exists (select from work_order w where w.reporter_id = p.id and (w.open or w.opened_at >= ${before}))
    and not exists (select from session s where s.kind = 'resident' and s.subject_id = p.id and s.revoked_at is null and s.expires_at > now())`

async function eraseOne(
  app: App,
  trx: Trx,
  person: { id: string; place_code: string; phone_hash: string | null },
) {
  await sql`
    update person set erased_at = ${app.clock.now()}, name_sealed = ${app.vault.seal(NOBODYS, 'person.name')}, phone_sealed = null, phone_hash = null,
      id_kind = null, id_number_sealed = null, id_number_hash = null, birth_year = null, birth_month = null, met_at = null, sex = null, residence_sealed = null, residence_hash = null,
      alike_hash = null, occupation = null, needs = null, place_code = left(place_code, 12) where id = ${person.id}::uuid`.execute(
    trx,
  )
  await sql`update person_reveal set note_sealed = null, place_code = left(place_code, 12) where person_id = ${person.id}::uuid`.execute(
    trx,
  )
  await sql`delete from session where kind = 'resident' and subject_id = ${person.id}::uuid`.execute(trx)
  if (person.phone_hash)
    await sql`delete from sign_in_code where phone_hash = ${person.phone_hash}`.execute(trx)
  await app.bus.emit(app, trx, PersonErased, { personId: person.id })
  await audit(trx, ERASER, 'person.erase', person.id, {
    placeCode: person.place_code.slice(0, 12),
    data: { personId: person.id },
  })
}

/** People with whom nothing happened since an instant (policies/retention.yaml, erase-person). The audit stays whole. */
export const silentPeople = {
  async count(db: Db, before: Date): Promise<number> {
    const { rows } = await sql<{ n: number }>`select count(*) as n ${past(before)}`.execute(db)
    return rows[0]!.n
  },
  async erase(app: App, before: Date, limit: number): Promise<number> {
    const erased = await within(app.db, { as: 'service' }, async (trx) => {
      const { rows } = await sql<{ id: string; place_code: string; phone_hash: string | null }>`
        select p.id, p.place_code, p.phone_hash ${past(before)} order by p.created_at limit ${limit} for update skip locked`.execute(
        trx,
      )
      // Records that were merged into theirs hold the same person's name and go with them.
      const { rows: merged } = await sql<{ id: string; place_code: string; phone_hash: string | null }>`
        select id, place_code, phone_hash from person where merged_into = any(${rows.map((r) => r.id)}::uuid[]) and erased_at is null`.execute(
        trx,
      )
      for (const person of [...rows, ...merged]) await eraseOne(app, trx, person)
      const gone = [...rows, ...merged].map((p) => p.id)
      await sql`delete from person_duplicate where person_a = any(${gone}::uuid[]) or person_b = any(${gone}::uuid[])`.execute(
        trx,
      )
      await sql`delete from person_merge where keeper_id = any(${gone}::uuid[]) or duplicate_id = any(${gone}::uuid[])`.execute(
        trx,
      )
      return rows
    })
    for (const { id } of erased) forget(app, { subjectId: id })
    return erased.length
  },
}
