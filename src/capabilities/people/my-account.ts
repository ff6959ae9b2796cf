import { hash, verify } from '@node-rs/argon2'
import { randomInt } from 'node:crypto'
import type { App } from '#kernel/app.ts'
import type { Actor } from '#kernel/auth.ts'
import { audit } from '#kernel/audit.ts'
import { CityError } from '#kernel/errors.ts'
import type { Given } from '#kernel/http.ts'
import * as accounts from './account-store.ts'
import type * as own from './my-account.contract.ts'
import type { MyAccount } from './my-account.contract.ts'
import { mustDo } from './rules.ts'
import { lockUntil, MOST_FAILURES, ownAccount } from './second-factor.ts'
import { forget } from './authenticate.ts'
import * as store from './store.ts'

// Without letters and digits that look alike: it is read from one screen and typed at another.
const LETTERS = 'abcdefghjkmnpqrstuvwxyz23456789'
const four = () => Array.from({ length: 4 }, () => LETTERS[randomInt(LETTERS.length)]).join('')

/** 16 characters, 79 bits; shown once, kept as a hash, changed at the first sign-in. */
export const newOneTimePassword = () => [four(), four(), four(), four()].join('-')

export async function getMyAccount(
  app: App,
  actor: Actor,
  _given: Given<typeof own.GetMyAccount>,
): Promise<MyAccount> {
  const account = await accounts.findAccountState(app.db, ownAccount(actor))
  if (!account) throw new CityError('account_not_found')
  return {
    username: account.username,
    name: account.name,
    secondFactor: {
      on: account.hasSecondFactor,
      recoveryCodesLeft: await accounts.countRecoveryCodes(app.db, account.id),
    },
    must: mustDo(account, await store.grantsOf(app.db, account.id)),
  }
}

/** Needs the old password, under the same lock as a sign-in; every other session ends. */
export async function changePassword(
  app: App,
  actor: Actor,
  { body }: Given<typeof own.ChangePassword>,
): Promise<{ ok: true }> {
  const id = ownAccount(actor)
  if (!(await accounts.countTry(app.db, id, MOST_FAILURES, lockUntil()))) throw new CityError('locked_out')
  const account = await accounts.findAccountState(app.db, id)
  if (!account || !(await verify(account.password_hash, body.old))) throw new CityError('wrong_password')
  await store.clearFailures(app.db, id)
  if (body.new === body.old)
    throw new CityError('bad_input', { fields: [{ path: 'new', code: 'same_password' }] })
  const passwordHash = await hash(body.new)
  const hashes = await app.db.transaction().execute(async (trx) => {
    await accounts.setPassword(trx, id, passwordHash, false)
    await audit(trx, actor, 'password.change', id)
    return accounts.endSessions(trx, 'staff', id, { except: actor.sessionId })
  })
  forget(app, { hashes, subjectId: id })
  return { ok: true }
}
