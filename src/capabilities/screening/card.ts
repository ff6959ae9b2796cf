import { createHash } from 'node:crypto'
import { deflateRawSync } from 'node:zlib'
import { calculateJwkThumbprint, CompactSign, exportJWK, generateKeyPair, importJWK, type JWK } from 'jose'
import QRCode from 'qrcode'
import { sql } from 'kysely'
import { oncePerApp, type App } from '#kernel/app.ts'
import { audit } from '#kernel/audit.ts'
import type { Actor } from '#kernel/auth.ts'
import { dayOf } from '#kernel/clock.ts'
import { within, type Trx } from '#kernel/db.ts'
import { CityError } from '#kernel/errors.ts'
import type { Given } from '#kernel/http.ts'
import { idFrom, newId } from '#kernel/ids.ts'
import { unitsOf } from '#capabilities/orders/index.ts'
import { findPerson } from '#capabilities/people/index.ts'
import { policyOf } from '#capabilities/policy/index.ts'
import type { Card, GetCrl, GetJwks, GetMyCard } from './card.contract.ts'
import { CODES, PCR } from './fhir-map.ts'
import { stateOf } from './my-results.ts'
import { positiveShown } from './recall-words.ts'
import { resultsOf } from './result-store.ts'
import { UNNAMED } from './sampled-person.ts'

declare module '#kernel/db.ts' {
  interface DB {
    card_key: {
      id: string
      kid: string
      public_jwk: JWK
      private_sealed: string
      created_at: Date
      crl_version: import('kysely').Generated<number>
    }
    card: {
      id: string
      kid: string
      rid: string
      tube: string
      person_id: string
      issued_at: Date
      revoked_at: Date | null
    }
  }
}

const PURPOSE = 'card.key'
/** A version 22 code at the lowest error correction takes this many characters of a JWS; longer ones would need several. */
const MOST_CHARACTERS = 1_195

type Key = { kid: string; sign: CryptoKey | Uint8Array }

/** The key that signs; made once for a city, by whichever server asks first. */
const keys = oncePerApp<Key>(async (app) =>
  within(app.db, { as: 'service' }, async (trx) => {
    await sql`select pg_advisory_xact_lock(94500)`.execute(trx)
    const known = await trx
      .selectFrom('card_key')
      .selectAll()
      .orderBy('created_at', 'desc')
      .limit(1)
      .executeTakeFirst()
    if (known) {
      const jwk = JSON.parse(app.vault.open(known.private_sealed, PURPOSE)) as JWK
      return { kid: known.kid, sign: await importJWK(jwk, 'ES256') }
    }
    const pair = await generateKeyPair('ES256', { extractable: true })
    const [secret, open] = [await exportJWK(pair.privateKey), await exportJWK(pair.publicKey)]
    const kid = await calculateJwkThumbprint(open)
    await trx
      .insertInto('card_key')
      .values({
        id: newId(),
        kid,
        public_jwk: JSON.stringify(open) as never,
        private_sealed: app.vault.seal(JSON.stringify(secret), PURPOSE),
        created_at: new Date(),
      })
      .execute()
    return { kid, sign: await importJWK(secret, 'ES256') }
  }),
)

/** A JWS as digits: each character is its code less 45, in two digits (SMART Health Cards 1.4.0, "Health cards as QR"). */
export const toNumeric = (jws: string): string =>
  `shc:/${[...jws].map((c) => String(c.charCodeAt(0) - 45).padStart(2, '0')).join('')}`

/** What a card says: the name as registered, the day of the test, and what was found. Nothing else travels. */
function claims(given: {
  iss: string
  at: Date
  name: string
  birthYear: number | null
  testedAt: Date
  lab: string
  detected: boolean
  rid: string
}) {
  const coded = (system: string, code: string) => ({ coding: [{ system, code }] })
  return {
    iss: given.iss,
    nbf: Math.floor(given.at.getTime() / 1000),
    vc: {
      type: [
        'https://smarthealth.cards#health-card',
        'https://smarthealth.cards#laboratory',
        'https://smarthealth.cards#covid19',
      ],
      credentialSubject: {
        fhirVersion: '4.0.1',
        fhirBundle: {
          resourceType: 'Bundle',
          type: 'collection',
          entry: [
            {
              fullUrl: 'resource:0',
              resource: {
                resourceType: 'Patient',
                name: [{ text: given.name }],
                ...(given.birthYear !== null && { birthDate: String(given.birthYear) }),
              },
            },
            {
              fullUrl: 'resource:1',
              resource: {
                resourceType: 'Observation',
                status: 'final',
                code: coded(PCR.system, PCR.code),
                subject: { reference: 'resource:0' },
                effectiveDateTime: dayOf(given.testedAt),
                performer: [{ display: given.lab }],
                valueCodeableConcept: coded(
                  'http://snomed.info/sct',
                  CODES[given.detected ? 'positive' : 'negative'].code,
                ),
              },
            },
          ],
        },
      },
      rid: given.rid,
    },
  }
}

/**
 * A resident's own result as a card: a negative one, or what the centre has found and told them. Never a positive of which
 * their own page does not say so (`no_card`), and never one without a name, which anybody could show (`card_needs_name`).
 */
export async function getMyCard(app: App, actor: Actor, { params }: Given<typeof GetMyCard>): Promise<Card> {
  const rows = await resultsOf(app.db, actor.id, '2000-01-01')
  const row = rows.find((r) => r.tube === params.tube)
  if (!row) throw new CityError('result_not_found')
  const state = stateOf(row, positiveShown(await policyOf(app)))
  const detected = (state === 'told' || state === 'positive') && row.finding !== null
  if ((!detected && state !== 'negative') || !row.tested_at || !row.lab) throw new CityError('no_card')
  const person = await findPerson(app.db, actor.id)
  if (!person) throw new CityError('person_not_found')
  const name = app.vault.open(person.name_sealed, 'person.name')
  if (name === UNNAMED) throw new CityError('card_needs_name')
  const key = await keys.get(app)
  const iss = app.config.publicUrl
  // Corrected and corrected back, it is another card: what was revoked stays revoked.
  const correction = row.corrected_at ? [row.corrected_at.toISOString()] : []
  const id = idFrom('card', key.kid, row.tube, person.id, String(detected), ...correction)
  const rid = createHash('sha256').update(id).digest('base64url').slice(0, 24)
  const issuedAt = await issue(app, actor, { id, kid: key.kid, rid, tube: row.tube, personId: person.id })
  const payload = claims({
    iss,
    at: issuedAt,
    name,
    birthYear: person.birth_year,
    testedAt: row.tested_at,
    lab: (await unitsOf(app)).get(row.lab)?.name ?? row.lab,
    detected,
    rid,
  })
  const jws = await new CompactSign(deflateRawSync(JSON.stringify(payload), { level: 9 }))
    .setProtectedHeader({ alg: 'ES256', zip: 'DEF', kid: key.kid })
    .sign(key.sign)
  if (jws.length > MOST_CHARACTERS) throw new CityError('no_card')
  const numeric = toNumeric(jws)
  const svg = await QRCode.toString(
    [
      { data: Buffer.from('shc:/') as never, mode: 'byte' },
      { data: numeric.slice(5), mode: 'numeric' },
    ],
    { type: 'svg', errorCorrectionLevel: 'L', margin: 2 },
  )
  return { jws, numeric, svg, issuer: iss, issuedAt: issuedAt.toISOString() }
}

/** Writes the card down once; the same result asked for again is the same card. */
async function issue(
  app: App,
  actor: Actor,
  c: { id: string; kid: string; rid: string; tube: string; personId: string },
): Promise<Date> {
  return within(app.db, { as: 'service' }, async (trx) => {
    // Of the wall: a stranger's verifier knows no city time, and refuses what begins tomorrow.
    const now = new Date()
    const done = await trx
      .insertInto('card')
      .values({
        id: c.id,
        kid: c.kid,
        rid: c.rid,
        tube: c.tube,
        person_id: c.personId,
        issued_at: now,
        revoked_at: null,
      })
      .onConflict((o) => o.column('id').doNothing())
      .executeTakeFirst()
    if ((done.numInsertedOrUpdatedRows ?? 0n) > 0n) {
      await audit(trx, actor, 'cards.issue', c.tube, { data: { personId: c.personId } })
      return now
    }
    const row = await trx.selectFrom('card').selectAll().where('id', '=', c.id).executeTakeFirstOrThrow()
    if (row.revoked_at) throw new CityError('no_card')
    return row.issued_at
  })
}

/** Takes back every card of a tube, in the transaction that changed its result; verifiers read it in the list. */
export async function revokeCards(app: App, trx: Trx, tube: string): Promise<void> {
  const rows = await trx
    .updateTable('card')
    .set({ revoked_at: app.clock.now() })
    .where('tube', '=', tube)
    .where('revoked_at', 'is', null)
    .returning('kid')
    .execute()
  const kids = [...new Set(rows.map((r) => r.kid))]
  if (kids.length > 0)
    await trx
      .updateTable('card_key')
      .set((e) => ({ crl_version: e('crl_version', '+', 1) }))
      .where('kid', 'in', kids)
      .execute()
}

/** Anybody's verifier in a browser may read keys and list. */
const openToAll = (reply: Given<typeof GetJwks>['reply']) => reply.header('access-control-allow-origin', '*')

export async function getJwks(app: App, _actor: Actor, { reply }: Given<typeof GetJwks>) {
  await keys.get(app)
  openToAll(reply)
  const rows = await app.db.selectFrom('card_key').selectAll().orderBy('created_at').execute()
  return {
    keys: rows.map((k) => ({
      kty: 'EC' as const,
      kid: k.kid,
      use: 'sig' as const,
      alg: 'ES256' as const,
      crv: 'P-256' as const,
      x: k.public_jwk.x!,
      y: k.public_jwk.y!,
      crlVersion: k.crl_version,
    })),
  }
}

export async function getCrl(app: App, _actor: Actor, { params, reply }: Given<typeof GetCrl>) {
  openToAll(reply)
  const kid = params.file.slice(0, -'.json'.length)
  const key = await app.db.selectFrom('card_key').selectAll().where('kid', '=', kid).executeTakeFirst()
  if (!key) throw new CityError('not_found')
  const rows = await app.db
    .selectFrom('card')
    .select('rid')
    .where('kid', '=', kid)
    .where('revoked_at', 'is not', null)
    .orderBy('revoked_at')
    .execute()
  return { kid, method: 'rid' as const, ctr: key.crl_version, rids: rows.map((r) => r.rid) }
}
