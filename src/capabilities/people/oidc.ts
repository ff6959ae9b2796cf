import type { FastifyRequest } from 'fastify'
import * as client from 'openid-client'
import { oncePerApp, type App } from '#kernel/app.ts'
import type { Actor } from '#kernel/auth.ts'
import { audit } from '#kernel/audit.ts'
import type { OidcConfig } from '#kernel/config.ts'
import { CityError } from '#kernel/errors.ts'
import type { Given } from '#kernel/http.ts'
import { hashSecret } from '#kernel/ids.ts'
import * as accounts from './account-store.ts'
import type * as own from './my-account.contract.ts'
import { startSecond } from './second-factor.ts'
import { openSession } from './sessions.ts'
import { findAccount } from './store.ts'

const ATTEMPT_MINUTES = 10
/** Ties the way back to the browser that set out: without it a stranger could sign somebody in as themselves. */
const STATE_COOKIE = 'cityloop_oidc'
const COOKIE_PATH = '/api/oidc'
const DONE = '/console'

function needOidc(app: App): OidcConfig {
  if (!app.config.oidc) throw new CityError('not_found')
  return app.config.oidc
}

const provider = oncePerApp(async (app) => {
  const given = needOidc(app)
  const issuer = new URL(given.issuer)
  // Plain HTTP only to this machine itself, for a provider behind the same proxy or a trial.
  const local = ['localhost', '127.0.0.1', '[::1]'].includes(issuer.hostname)
  return client.discovery(
    issuer,
    given.clientId,
    { redirect_uris: [given.redirectUrl] },
    given.clientSecret ? client.ClientSecretBasic(given.clientSecret) : client.None(),
    {
      timeout: 10,
      execute: [
        ...(local ? [client.allowInsecureRequests] : []),
        // The signature is checked though the token comes straight from the provider: a proxy may stand between.
        client.enableNonRepudiationChecks,
      ],
    },
  )
})

export async function getSignInOptions(app: App, _actor: Actor, _given: Given<typeof own.GetSignInOptions>) {
  return { oidc: app.config.oidc !== undefined }
}

const back = (error: string) => `${DONE}?error=${error}`

export async function startOidc(
  app: App,
  _actor: Actor,
  { request, reply }: Given<typeof own.StartOidc>,
): Promise<unknown> {
  const { redirectUrl } = needOidc(app)
  let known: client.Configuration
  try {
    known = await provider.get(app)
  } catch (error) {
    app.log.warn({ err: (error as Error).message }, 'identity provider does not answer')
    return reply.redirect(back('oidc_unavailable'))
  }
  const [state, nonce, verifier] = [
    client.randomState(),
    client.randomNonce(),
    client.randomPKCECodeVerifier(),
  ]
  await accounts.addOidcAttempt(app.db, {
    state_hash: hashSecret(state),
    nonce,
    verifier,
    expires_at: new Date(Date.now() + ATTEMPT_MINUTES * 60_000),
  })
  reply.setCookie(STATE_COOKIE, state, {
    httpOnly: true,
    // `lax`: the way back comes from the provider's site.
    sameSite: 'lax',
    secure: request.protocol === 'https',
    path: COOKIE_PATH,
    maxAge: ATTEMPT_MINUTES * 60,
  })
  const url = client.buildAuthorizationUrl(known, {
    redirect_uri: redirectUrl,
    scope: 'openid profile email',
    response_type: 'code',
    state,
    nonce,
    code_challenge: await client.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
  })
  return reply.redirect(url.href)
}

type Claims = {
  iss: string
  sub: string
  preferred_username?: unknown
  email?: unknown
  email_verified?: unknown
}

/** Exchanges the code; every check of state, nonce, issuer, audience, time and signature is inside. */
async function claimsOf(app: App, request: FastifyRequest, state: string): Promise<Claims | undefined> {
  const attempt = await accounts.takeOidcAttempt(app.db, hashSecret(state))
  if (!attempt?.fresh || request.cookies[STATE_COOKIE] !== state) return undefined
  const url = new URL(needOidc(app).redirectUrl)
  url.search = new URL(request.url, url).search
  try {
    const known = await provider.get(app)
    const tokens = await client.authorizationCodeGrant(known, url, {
      expectedState: state,
      expectedNonce: attempt.nonce,
      pkceCodeVerifier: attempt.verifier,
      idTokenExpected: true,
    })
    const token = tokens.claims()
    if (!token) return undefined
    if (token.preferred_username !== undefined || !known.serverMetadata().userinfo_endpoint) return token
    const info = await client.fetchUserInfo(known, tokens.access_token, token.sub)
    return { ...info, iss: token.iss, sub: token.sub }
  } catch (error) {
    // The code of the library says which check failed; the message could hold parts of a token.
    app.log.warn(
      { err: (error as { code?: string }).code ?? 'unknown' },
      'identity provider: sign-in refused',
    )
    return undefined
  }
}

/**
 * The account of an identity: linked by an administrator, or linked now because the provider vouches for an address
 * that is the user name of an account for which an administrator has allowed it.
 */
async function accountOf(app: App, claims: Claims): Promise<string | undefined> {
  const linked = await accounts.findIdentity(app.db, claims.iss, claims.sub)
  if (linked) return linked.account_id
  const name = claims.preferred_username
  if (typeof name !== 'string' || !name.includes('@')) return undefined
  if (claims.email_verified !== true || claims.email !== name) return undefined
  const account = await findAccount(app.db, name)
  if (!account?.oidc_allowed) return undefined
  await accounts.addIdentity(app.db, { issuer: claims.iss, subject: claims.sub, account_id: account.id })
  return account.id
}

/** Back from the provider. Whatever happens is a redirect to the console, with `error` when it was refused. */
export async function finishOidc(
  app: App,
  _actor: Actor,
  { query, request, reply }: Given<typeof own.FinishOidc>,
): Promise<unknown> {
  needOidc(app)
  reply.clearCookie(STATE_COOKIE, { path: COOKIE_PATH })
  const claims = query.state === undefined ? undefined : await claimsOf(app, request, query.state)
  if (!claims) return reply.redirect(back('oidc_refused'))
  const id = await accountOf(app, claims)
  const account = id === undefined ? undefined : await accounts.findAccountState(app.db, id)
  if (!account || account.disabled_at || !account.oidc_allowed) return reply.redirect(back('oidc_unknown'))
  if (account.locked) return reply.redirect(back('locked_out'))
  await audit(app.db, { ...request.actor, kind: 'staff', id: account.id }, 'session.oidc', account.id)
  if (account.hasSecondFactor) {
    try {
      await startSecond(app, account.id, request, reply)
    } catch (error) {
      if (!(error instanceof CityError) || error.code !== 'second_factor_needed') throw error
      return reply.redirect(`${DONE}?second=1`)
    }
  }
  await openSession(app, 'staff', account.id, request, reply)
  return reply.redirect(DONE)
}
