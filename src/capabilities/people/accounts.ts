import { hash } from '@node-rs/argon2'
import type { App } from '#kernel/app.ts'
import { may, must, scopeOf, type Actor } from '#kernel/auth.ts'
import { audit } from '#kernel/audit.ts'
import { within, type Trx } from '#kernel/db.ts'
import { CityError } from '#kernel/errors.ts'
import type { Given } from '#kernel/http.ts'
import { getKnownPlace } from '#capabilities/places/index.ts'
import * as accounts from './account-store.ts'
import type * as admin from './accounts.contract.ts'
import type { AccountView, GivenGrant } from './accounts.contract.ts'
import type { Role } from './contract.ts'
import { newOneTimePassword } from './my-account.ts'
import { forget } from './authenticate.ts'
import { listSessionsOf, toSessionView } from './sessions.ts'
import { findUnit } from './store.ts'

const WRITE = 'accounts.write'
const PAGE = 50

/** A person administers, never a key: what a key made would outlive it. */
function administrator(actor: Actor): readonly string[] {
  const places = actor.may.get(WRITE)
  if (actor.kind !== 'staff' || !places) throw new CityError('not_allowed')
  return places
}

async function toViews(app: App, rows: accounts.ShownAccount[]): Promise<AccountView[]> {
  if (rows.length === 0) return []
  const ids = rows.map((r) => r.id)
  const [grants, second] = await Promise.all([
    accounts.openGrants(app.db, ids),
    accounts.withSecondFactor(app.db, ids),
  ])
  return rows.map((row) => ({
    id: row.id,
    username: row.username,
    name: row.name,
    placeCode: row.place_code,
    disabled: row.disabled_at !== null,
    locked: row.locked_until !== null && row.locked_until > new Date(),
    simulated: row.simulated,
    passwordOnce: row.password_once,
    oidcAllowed: row.oidc_allowed,
    secondFactor: second.has(row.id),
    grants: grants
      .filter((g) => g.account_id === row.id)
      .map((g) => ({
        id: g.id,
        role: g.role as Role,
        placeCode: g.place_code,
        unitId: g.unit_id,
        from: g.valid_from.toISOString(),
        until: g.valid_to?.toISOString() ?? null,
      })),
  }))
}

const findShown = (app: App, actor: Actor, id: string) =>
  within(app.db, scopeOf(actor, WRITE), (trx) => accounts.findShownAccount(trx, id))

/**
 * The account, when this administrator may change it: of their place, not their own, and holding nothing outside
 * their place (else a district could take over an account of the city by giving it a new password).
 */
async function getManaged(app: App, actor: Actor, id: string): Promise<accounts.ShownAccount> {
  administrator(actor)
  const row = await findShown(app, actor, id)
  if (!row) throw new CityError('account_not_found')
  if (id === actor.id) throw new CityError('not_yourself')
  for (const grant of await accounts.openGrants(app.db, [id])) must(actor, WRITE, grant.place_code)
  return row
}

async function viewOf(app: App, actor: Actor, id: string): Promise<AccountView> {
  const row = await findShown(app, actor, id)
  if (!row) throw new CityError('account_not_found')
  return (await toViews(app, [row]))[0]!
}

/** One change of one account with its line in the audit; what was remembered of it is forgotten at once. */
async function change(
  app: App,
  actor: Actor,
  row: { id: string; place_code: string },
  action: string,
  work: (trx: Trx) => Promise<object | void>,
): Promise<void> {
  await app.db.transaction().execute(async (trx) => {
    const data = await work(trx)
    await audit(trx, actor, action, row.id, { placeCode: row.place_code, data: data ?? {} })
  })
  forget(app, { subjectId: row.id })
}

async function checkGrant(app: App, actor: Actor, grant: GivenGrant): Promise<void> {
  await getKnownPlace(app, grant.placeCode)
  must(actor, WRITE, grant.placeCode)
  const unit = grant.unitId === null ? undefined : await findUnit(app.db, grant.unitId)
  if (grant.unitId !== null && (!unit || !may(actor, WRITE, unit.place_code)))
    throw new CityError('unit_not_found')
  if (grant.until !== null && new Date(grant.until) <= new Date(grant.from ?? Date.now()))
    throw new CityError('bad_input', { fields: [{ path: 'until', code: 'ends_before_it_starts' }] })
}

const putGrant = (trx: Trx, accountId: string, grant: GivenGrant) =>
  accounts.putGrant(trx, {
    account_id: accountId,
    role: grant.role,
    place_code: grant.placeCode,
    unit_id: grant.unitId,
    valid_from: grant.from ? new Date(grant.from) : new Date(),
    valid_to: grant.until === null ? null : new Date(grant.until),
  })

export async function listAccounts(app: App, actor: Actor, { query }: Given<typeof admin.ListAccounts>) {
  const places = administrator(actor)
  const rows = await within(app.db, scopeOf(actor, WRITE), (trx) =>
    accounts.listAccounts(trx, places, query.after ?? '', PAGE + 1),
  )
  const shown = rows.slice(0, PAGE)
  return {
    items: await toViews(app, shown),
    next: rows.length > PAGE ? shown.at(-1)!.username : null,
  }
}

/**
 * Makes an account and returns its one-time password, which is kept nowhere else. Checks no right: the command line
 * makes the first administrator of a city with it, as the service. Error: `username_taken`.
 */
export async function makeAccount(
  app: App,
  actor: Actor,
  given: { id: string; username: string; name: string; placeCode: string; grants: GivenGrant[] },
): Promise<{ oneTimePassword: string }> {
  const oneTimePassword = newOneTimePassword()
  const passwordHash = await hash(oneTimePassword)
  await change(app, actor, { id: given.id, place_code: given.placeCode }, 'account.create', async (trx) => {
    await accounts.addAccount(trx, {
      id: given.id,
      username: given.username,
      name: given.name,
      password_hash: passwordHash,
      password_once: true,
      locked_until: null,
      disabled_at: null,
      simulated: false,
      place_code: given.placeCode,
    })
    for (const grant of given.grants) await putGrant(trx, given.id, grant)
    return { grants: given.grants }
  })
  return { oneTimePassword }
}

/** Creates an account in the administrator's place. Errors: `username_taken`, `place_not_found`, `not_allowed`. */
export async function createAccount(app: App, actor: Actor, { body }: Given<typeof admin.CreateAccount>) {
  administrator(actor)
  await getKnownPlace(app, body.placeCode)
  must(actor, WRITE, body.placeCode)
  for (const grant of body.grants) await checkGrant(app, actor, grant)
  const made = await makeAccount(app, actor, body)
  return { account: await viewOf(app, actor, body.id), ...made }
}

export async function addGrant(app: App, actor: Actor, { params, body }: Given<typeof admin.AddGrant>) {
  const row = await getManaged(app, actor, params.id)
  await checkGrant(app, actor, body)
  await change(app, actor, row, 'grant.add', async (trx) => ({
    grant: await putGrant(trx, row.id, body),
    ...body,
  }))
  return viewOf(app, actor, row.id)
}

export async function endGrant(app: App, actor: Actor, { params, body }: Given<typeof admin.EndGrant>) {
  const row = await getManaged(app, actor, params.id)
  await change(app, actor, row, 'grant.end', async (trx) => {
    if (!(await accounts.endGrant(trx, row.id, body.grantId))) throw new CityError('grant_not_found')
    return { grant: body.grantId }
  })
  return viewOf(app, actor, row.id)
}

export async function disableAccount(app: App, actor: Actor, { params }: Given<typeof admin.DisableAccount>) {
  const row = await getManaged(app, actor, params.id)
  await change(app, actor, row, 'account.disable', async (trx) => {
    await accounts.setDisabled(trx, row.id, true)
    await accounts.endSessions(trx, 'staff', row.id)
  })
  return viewOf(app, actor, row.id)
}

export async function enableAccount(app: App, actor: Actor, { params }: Given<typeof admin.EnableAccount>) {
  const row = await getManaged(app, actor, params.id)
  await change(app, actor, row, 'account.enable', (trx) => accounts.setDisabled(trx, row.id, false))
  return viewOf(app, actor, row.id)
}

export async function resetPassword(app: App, actor: Actor, { params }: Given<typeof admin.ResetPassword>) {
  const row = await getManaged(app, actor, params.id)
  const oneTimePassword = newOneTimePassword()
  const passwordHash = await hash(oneTimePassword)
  await change(app, actor, row, 'password.reset', async (trx) => {
    await accounts.setPassword(trx, row.id, passwordHash, true)
    await accounts.endSessions(trx, 'staff', row.id)
  })
  return { oneTimePassword }
}

export async function resetSecondFactor(
  app: App,
  actor: Actor,
  { params }: Given<typeof admin.ResetSecondFactor>,
) {
  const row = await getManaged(app, actor, params.id)
  await change(app, actor, row, 'second_factor.reset', async (trx) => {
    await accounts.dropSecondFactor(trx, row.id)
    await accounts.endSessions(trx, 'staff', row.id)
  })
  return viewOf(app, actor, row.id)
}

export async function setOidc(app: App, actor: Actor, { params, body }: Given<typeof admin.SetOidc>) {
  const { oidc } = app.config
  if (!oidc) throw new CityError('not_found')
  const row = await getManaged(app, actor, params.id)
  await change(app, actor, row, 'account.oidc', async (trx) => {
    await accounts.setOidcAllowed(trx, row.id, body.allowed)
    if (!body.allowed) await accounts.dropIdentities(trx, row.id)
    if (body.allowed && body.subject !== undefined)
      await accounts.addIdentity(trx, { issuer: oidc.issuer, subject: body.subject, account_id: row.id })
    return { allowed: body.allowed, linked: body.subject !== undefined }
  })
  return viewOf(app, actor, row.id)
}

export async function listAccountSessions(
  app: App,
  actor: Actor,
  { params }: Given<typeof admin.ListAccountSessions>,
) {
  const row = await getManaged(app, actor, params.id)
  return { items: (await listSessionsOf(app, 'staff', row.id)).map(toSessionView(undefined)) }
}

export async function revokeAccountSession(
  app: App,
  actor: Actor,
  { params, body }: Given<typeof admin.RevokeAccountSession>,
) {
  const row = await getManaged(app, actor, params.id)
  let ended = 0
  await change(app, actor, row, 'session.revoke', async (trx) => {
    ended = (await accounts.endSessions(trx, 'staff', row.id, { id: body.sessionId })).length
    if (ended === 0 && body.sessionId) throw new CityError('session_not_found')
    return { ended }
  })
  return { ended }
}
