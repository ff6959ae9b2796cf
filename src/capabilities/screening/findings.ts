import type { App } from '#kernel/app.ts'
import { scopeOf, type Actor } from '#kernel/auth.ts'
import { asService, within, type Trx } from '#kernel/db.ts'
import { CityError } from '#kernel/errors.ts'
import type { Given } from '#kernel/http.ts'
import { idFrom } from '#kernel/ids.ts'
import { findPerson, maskName, recordLook } from '#capabilities/people/index.ts'
import { policyOf, recordDecision } from '#capabilities/policy/index.ts'
import { InfectionFound, type GetFinding, type RecordFinding, type TellFinding } from './results.contract.ts'
import { singleTubeClause } from './duties.ts'
import { endOrder } from './recall-ends.ts'
import { positiveShown } from './recall-words.ts'
import type { FindingRecord } from './result-store.ts'

/** What the centre is asked to confirm, with the person masked, who is told of the look. Errors: `finding_not_found`. */
export async function getFinding(app: App, actor: Actor, { params }: Given<typeof GetFinding>) {
  return within(app.db, scopeOf(actor, 'findings.record'), async (trx) => {
    const row = await trx.selectFrom('finding').selectAll().where('id', '=', params.id).executeTakeFirst()
    if (!row) throw new CityError('finding_not_found')
    await asService(trx)
    const person = await findPerson(trx, row.person_id)
    await recordLook(trx, actor, 'findings.get', {
      personId: row.person_id,
      placeCode: row.place_code,
      subject: row.id,
    })
    return {
      ...toFinding(row),
      openedAt: row.opened_at.toISOString(),
      person: {
        personId: row.person_id,
        nameMasked: person ? maskName(app.vault.open(person.name_sealed, 'person.name')) : '',
      },
    }
  })
}

/** Seen under the actor's own sight, then locked as the service. Errors: `finding_not_found`. */
async function lockFinding(trx: Trx, id: string): Promise<FindingRecord> {
  const visible = await trx.selectFrom('finding').select('id').where('id', '=', id).executeTakeFirst()
  if (!visible) throw new CityError('finding_not_found')
  await asService(trx)
  return trx.selectFrom('finding').selectAll().where('id', '=', id).forUpdate().executeTakeFirstOrThrow()
}

const toFinding = (row: FindingRecord) => ({
  id: row.id,
  tube: row.tube,
  placeCode: row.place_code,
  outcome: row.outcome,
  foundAt: row.found_at?.toISOString() ?? null,
  toldAt: row.told_at?.toISOString() ?? null,
})

const FOUND = {
  confirmed: { zh: '复核：确诊', en: 'Confirmed by the centre' },
  asymptomatic: { zh: '复核：无症状感染者', en: 'Asymptomatic infection, by the centre' },
  negative: { zh: '复核：排除', en: 'Ruled out by the centre' },
  told: { zh: '疾控已电话告知您复核结论', en: 'The centre told you by telephone what it found' },
} as const

/** What the centre found of a positive single tube; theirs is the answer, recorded once. */
export async function recordFinding(app: App, actor: Actor, { params, body }: Given<typeof RecordFinding>) {
  return within(app.db, scopeOf(actor, 'findings.record'), async (trx) => {
    const row = await lockFinding(trx, params.id)
    const now = app.clock.now()
    if (row.outcome !== null) {
      if (row.outcome !== body.outcome || row.found_by !== actor.id) throw new CityError('finding_recorded')
    } else {
      await trx
        .updateTable('finding')
        .set({
          outcome: body.outcome,
          note_sealed: app.vault.seal(body.note, 'finding.note'),
          found_by: actor.id,
          found_at: now,
        })
        .where('id', '=', row.id)
        .execute()
      await recordLook(trx, actor, 'findings.record', {
        personId: row.person_id,
        placeCode: row.place_code,
        subject: row.id,
      })
      const policy = await policyOf(app, row.place_code)
      const shown = body.outcome === 'negative' || positiveShown(policy)
      await decide(app, trx, actor, row, body.outcome, shown ? row.person_id : null)
      await endOrder(app, trx, actor, row.id, FOUND[body.outcome].zh)
      if (body.outcome !== 'negative')
        await app.bus.emit(app, trx, InfectionFound, {
          findingId: row.id,
          personId: row.person_id,
          tube: row.tube,
          placeCode: row.place_code,
          outcome: body.outcome,
          at: now.toISOString(),
        })
    }
    return { ...toFinding(row), outcome: body.outcome, foundAt: (row.found_at ?? now).toISOString() }
  })
}

/** `told`: in the person's own list, where no positive stands: that the centre has told them what it found. */
async function decide(
  app: App,
  trx: Trx,
  actor: Actor,
  row: Pick<FindingRecord, 'id' | 'tube' | 'place_code'>,
  outcome: keyof typeof FOUND,
  personId: string | null,
) {
  const policy = await policyOf(app, row.place_code)
  await recordDecision(app, trx, {
    id: outcome === 'told' ? idFrom('finding told', row.id) : idFrom('finding decision', row.id),
    kind: 'screening.finding',
    subjectId: row.id,
    personId,
    placeCode: row.place_code,
    outcome,
    reasons: [FOUND[outcome]],
    evidence: { tube: row.tube },
    policy,
    clause: singleTubeClause(policy),
    issuer: `person ${actor.id}`,
    at: app.clock.now(),
  })
}

/**
 * The centre told the person by telephone what it found. Only then does the person's page say that there is a finding, with
 * the decision to appeal against and a card to carry: the app never says a positive first. Errors: `finding_not_found`,
 * `finding_not_recorded`.
 */
export async function tellFinding(app: App, actor: Actor, { params }: Given<typeof TellFinding>) {
  return within(app.db, scopeOf(actor, 'findings.record'), async (trx) => {
    const row = await lockFinding(trx, params.id)
    if (row.outcome === null) throw new CityError('finding_not_recorded')
    if (row.told_at !== null) return toFinding(row)
    const told = await trx
      .updateTable('finding')
      .set({ told_at: app.clock.now(), told_by: actor.id })
      .where('id', '=', row.id)
      .returningAll()
      .executeTakeFirstOrThrow()
    await recordLook(trx, actor, 'findings.tell', {
      personId: row.person_id,
      placeCode: row.place_code,
      subject: row.id,
    })
    const policy = await policyOf(app, row.place_code)
    // Already there where it was shown at once.
    if (row.outcome !== 'negative' && !positiveShown(policy))
      await decide(app, trx, actor, row, 'told', row.person_id)
    return toFinding(told)
  })
}
