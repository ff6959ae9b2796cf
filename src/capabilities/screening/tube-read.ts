import { sql } from 'kysely'
import type { App } from '#kernel/app.ts'
import { may, scopeOf, type Actor } from '#kernel/auth.ts'
import { asService, within, type Trx } from '#kernel/db.ts'
import { CityError } from '#kernel/errors.ts'
import type { Given } from '#kernel/http.ts'
import { maskName, recordLook } from '#capabilities/people/index.ts'
import { atlasOf, pathIn } from '#capabilities/places/index.ts'
import { claimsOf, peopleOfClaim, type ClaimRecord } from './claim-store.ts'
import type { Custody, GetTube } from './custody.contract.ts'
import { findResults } from './result-store.ts'
import { findSession, findTube, membersOf } from './tube-store.ts'

/** Who is in a tube, where it was sealed, and through whose hands it went; each member is told that it was looked at. */
export async function getTube(app: App, actor: Actor, { params }: Given<typeof GetTube>): Promise<Custody> {
  return within(app.db, scopeOf(actor, 'tubes.read'), async (trx) => {
    const tube = await findTube(trx, params.code)
    if (!tube) throw new CityError('tube_not_found')
    await asService(trx)
    const session = (await findSession(trx, tube.session_id))!
    const members = await membersOf(trx, tube.code)
    for (const m of members)
      await recordLook(trx, actor, 'tubes.get', {
        personId: m.person_id,
        placeCode: m.place_code,
        subject: tube.code,
      })
    const events = await trx
      .selectFrom('custody_event')
      .selectAll()
      .where((e) =>
        e.or([e('tube', '=', tube.code), ...(tube.box !== null ? [e('box', '=', tube.box)] : [])]),
      )
      .orderBy('at')
      .execute()
    const [result] = await findResults(trx, [tube.code])
    const later = events.map((e): Custody['events'][number] => ({
      kind: e.kind,
      at: e.at.toISOString(),
      by: e.actor_name,
      lab: e.lab,
      note: e.note,
    }))
    // Said by the result itself, as the sealing is by the tube. When the laboratory reported: its own clock may differ.
    if (result) {
      const by = await trx
        .selectFrom('account')
        .select('name')
        .where(sql<boolean>`id::text = ${result.actor_id}`)
        .executeTakeFirst()
      later.push({
        kind: 'tested',
        at: result.received_at.toISOString(),
        // A machine has no name but its laboratory's.
        by: by?.name ?? result.lab,
        lab: result.lab,
        note: null,
      })
      later.sort((a, b) => Date.parse(a.at) - Date.parse(b.at))
    }
    const claims: Custody['claims'] = []
    for (const c of await claimsOf(trx, tube.code)) claims.push(await toClaim(app, trx, actor, c))
    return {
      code: tube.code,
      kind: tube.kind,
      state: tube.state,
      placeCode: tube.place_code,
      place: pathIn(await atlasOf(app), tube.place_code, actor.language),
      address: session.address,
      box: tube.box,
      sealedAt: tube.sealed_at.toISOString(),
      receivedAt: tube.received_at.toISOString(),
      clockDoubted: tube.clock_doubted,
      members: members.map((m) => ({
        n: m.n,
        personId: m.person_id,
        nameMasked: maskName(app.vault.open(m.name_sealed, 'person.name')),
        alsoIn: m.also,
      })),
      events: [
        {
          kind: 'sealed' as const,
          at: tube.sealed_at.toISOString(),
          by: tube.actor_id,
          lab: null,
          note: null,
        },
        ...later,
      ],
      result: result
        ? {
            outcome: result.outcome,
            lab: result.lab,
            testedAt: result.tested_at.toISOString(),
            receivedAt: result.received_at.toISOString(),
            correctedAt: result.corrected_at?.toISOString() ?? null,
          }
        : null,
      claims,
    }
  })
}

/** What else was said of a tube, with its people: each of them is told of the look, as those in the tube are. */
async function toClaim(
  app: App,
  trx: Trx,
  actor: Actor,
  claim: ClaimRecord,
): Promise<Custody['claims'][number]> {
  const people = await peopleOfClaim(trx, claim.id)
  for (const p of people)
    await recordLook(trx, actor, 'tubes.get', {
      personId: p.person_id,
      placeCode: p.place_code,
      subject: claim.tube,
    })
  return {
    id: claim.id,
    at: claim.at.toISOString(),
    by: claim.actor_id,
    members: (claim.claim as { people: string[] }).people.length,
    people: people.map((p) => ({
      personId: p.person_id,
      nameMasked: maskName(app.vault.open(p.name_sealed, 'person.name')),
      inTube: p.in_tube,
    })),
    orderId: claim.order_id,
    maySettle: claim.settled_at === null && may(actor, 'claims.settle', claim.place_code),
    settled:
      claim.outcome === null
        ? null
        : {
            outcome: claim.outcome,
            reason: app.vault.open(claim.reason_sealed!, 'claim.reason'),
            at: claim.settled_at!.toISOString(),
            by: claim.settled_by_name!,
          },
  }
}
