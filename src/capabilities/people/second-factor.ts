import { randomBytes } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Secret, TOTP } from 'otpauth'
import type { App } from '#kernel/app.ts'
import type { Actor } from '#kernel/auth.ts'
import { audit } from '#kernel/audit.ts'
import type { Trx } from '#kernel/db.ts'
import { CityError } from '#kernel/errors.ts'
import type { Given } from '#kernel/http.ts'
import { hashSecret, newSecret } from '#kernel/ids.ts'
import * as accounts from './account-store.ts'
import type * as own from './my-account.contract.ts'
import type { Me } from './contract.ts'
import { forget } from './authenticate.ts'
import { openSession } from './sessions.ts'
import * as store from './store.ts'

export const MOST_FAILURES = 8
const LOCKED_MINUTES = 15
const HALF_COOKIE = 'cityloop_half'
const HALF_PATH = '/api/session'
const HALF_MINUTES = 5
const HALF_TRIES = 5
const STEP_SECONDS = 30
/** One step before and after: a telephone's clock may be off by half a minute (RFC 6238, 5.2). */
const WINDOW = 1
const RECOVERY_CODES = 10
const PURPOSE = 'second_factor.secret'

export const lockUntil = () => new Date(Date.now() + LOCKED_MINUTES * 60_000)

/** The password (or the identity provider) was right, the code is still to come: throws `second_factor_needed`. */
export async function startSecond(
  app: App,
  accountId: string,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<never> {
  const secret = newSecret()
  await accounts.addHalfSession(app.db, {
    secret_hash: hashSecret(secret),
    account_id: accountId,
    expires_at: new Date(Date.now() + HALF_MINUTES * 60_000),
  })
  reply.setCookie(HALF_COOKIE, secret, {
    httpOnly: true,
    sameSite: 'strict',
    secure: request.protocol === 'https',
    path: HALF_PATH,
    maxAge: HALF_MINUTES * 60,
  })
  throw new CityError('second_factor_needed')
}

const totpOf = (secret: string, label = '') =>
  new TOTP({ issuer: 'CityLoop', label, secret: Secret.fromBase32(secret), period: STEP_SECONDS, digits: 6 })

const recoveryHash = (app: App, accountId: string, code: string) =>
  app.vault.fingerprint(code, `recovery ${accountId}`)

/** Whether the code is right; it is then used up. `waiting`: the factor is not confirmed yet. */
async function takeCode(app: App, accountId: string, code: string, waiting: boolean): Promise<boolean> {
  const factor = await accounts.findSecondFactor(app.db, accountId)
  if (!factor || (factor.confirmed_at === null) !== waiting) throw new CityError('second_factor_missing')
  if (code.length > 6) return accounts.takeRecoveryCode(app.db, accountId, recoveryHash(app, accountId, code))
  const now = Date.now()
  const delta = totpOf(app.vault.open(factor.secret_sealed, PURPOSE)).validate({
    token: code,
    timestamp: now,
    window: WINDOW,
  })
  if (delta === null) return false
  return accounts.takeStep(app.db, accountId, Math.floor(now / 1000 / STEP_SECONDS) + delta)
}

/** Checks a code under the same lock as the password: `wrong_second_code`, or `locked_out` at the eighth failure. */
async function proveSecond(app: App, accountId: string, code: string, waiting = false): Promise<void> {
  if (!(await accounts.countTry(app.db, accountId, MOST_FAILURES, lockUntil())))
    throw new CityError('locked_out', { retryAfter: LOCKED_MINUTES * 60 })
  if (!(await takeCode(app, accountId, code, waiting))) throw new CityError('wrong_second_code')
  await store.clearFailures(app.db, accountId)
}

export async function signInSecond(
  app: App,
  _actor: Actor,
  { body, request, reply }: Given<typeof own.SignInSecond>,
): Promise<Me> {
  const secret = request.cookies[HALF_COOKIE]
  const half = secret ? await accounts.tryHalfSession(app.db, hashSecret(secret), HALF_TRIES) : undefined
  if (!secret || !half) throw new CityError('second_factor_expired')
  await proveSecond(app, half.account_id, body.code)
  if (!(await accounts.takeHalfSession(app.db, hashSecret(secret))))
    throw new CityError('second_factor_expired')
  reply.clearCookie(HALF_COOKIE, { path: HALF_PATH })
  return openSession(app, 'staff', half.account_id, request, reply)
}

/** Only an account with a session has a second factor and a password; machine keys and residents have neither. */
export function ownAccount(actor: Actor): string {
  if (actor.kind !== 'staff' || !actor.sessionId) throw new CityError('not_allowed')
  return actor.id
}

export async function setUpSecondFactor(app: App, actor: Actor, _given: Given<typeof own.SetUpSecondFactor>) {
  const id = ownAccount(actor)
  const account = await accounts.findAccountState(app.db, id)
  if (!account) throw new CityError('account_not_found')
  const secret = new Secret({ size: 20 }).base32
  if (!(await accounts.putSecondFactor(app.db, id, app.vault.seal(secret, PURPOSE))))
    throw new CityError('second_factor_set')
  return { secret, uri: totpOf(secret, account.username).toString() }
}

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567'

/** 50 bits each: under the lock of eight failures nobody guesses one. */
function newRecoveryCode(): string {
  const letters = [...randomBytes(10)].map((byte) => ALPHABET[byte % 32]).join('')
  return `${letters.slice(0, 5)}-${letters.slice(5)}`
}

async function giveRecoveryCodes(app: App, trx: Trx, id: string) {
  const recoveryCodes = Array.from({ length: RECOVERY_CODES }, newRecoveryCode)
  await accounts.putRecoveryCodes(
    trx,
    id,
    recoveryCodes.map((code) => recoveryHash(app, id, code)),
  )
  return { recoveryCodes }
}

export async function confirmSecondFactor(
  app: App,
  actor: Actor,
  { body }: Given<typeof own.ConfirmSecondFactor>,
) {
  const id = ownAccount(actor)
  await proveSecond(app, id, body.code, true)
  const { codes, hashes } = await app.db.transaction().execute(async (trx) => {
    if (!(await accounts.confirmSecondFactor(trx, id))) throw new CityError('second_factor_set')
    await audit(trx, actor, 'second_factor.on', id)
    return {
      codes: await giveRecoveryCodes(app, trx, id),
      // The others were opened with one factor only.
      hashes: await accounts.endSessions(trx, 'staff', id, { except: actor.sessionId }),
    }
  })
  forget(app, { hashes, subjectId: id })
  return codes
}

export async function renewRecoveryCodes(
  app: App,
  actor: Actor,
  { body }: Given<typeof own.RenewRecoveryCodes>,
) {
  const id = ownAccount(actor)
  await proveSecond(app, id, body.code)
  return app.db.transaction().execute(async (trx) => {
    await audit(trx, actor, 'second_factor.recovery_codes', id)
    return giveRecoveryCodes(app, trx, id)
  })
}

export async function disableSecondFactor(
  app: App,
  actor: Actor,
  { body }: Given<typeof own.DisableSecondFactor>,
): Promise<{ ok: true }> {
  const id = ownAccount(actor)
  await proveSecond(app, id, body.code)
  await app.db.transaction().execute(async (trx) => {
    await accounts.dropSecondFactor(trx, id)
    await audit(trx, actor, 'second_factor.off', id)
  })
  forget(app, { subjectId: id })
  return { ok: true }
}
