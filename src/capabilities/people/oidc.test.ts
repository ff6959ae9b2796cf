import { createServer, type Server } from 'node:http'
import { generateKeyPairSync, sign } from 'node:crypto'
import { Provider } from 'oidc-provider'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { accountIn } from '#test/harness/accounts.ts'
import { caller, signedIn, startCity, type Caller, type TestCity } from '#test/harness/city.ts'

type Token = Record<string, unknown>
const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const KID = 'provider-key'
const people: Record<string, Token> = {}
/** Changes the ID token on its way out; signed again with the provider's own key, so that only the change is wrong. */
let tamper: ((token: Token) => Token) | undefined
let key = privateKey
let who = 'linked'

const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
function signed(token: Token): string {
  const text = `${part({ alg: 'RS256', kid: KID })}.${part(token)}`
  return `${text}.${sign('RSA-SHA256', Buffer.from(text), key).toString('base64url')}`
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const { port } = server.address() as { port: number }
  await new Promise((done) => server.close(done))
  return port
}

/** A real provider that signs in whoever `who` names, without asking. */
function openProvider(issuer: string, redirectUrl: string): Server {
  const provider = new Provider(issuer, {
    clients: [
      { client_id: 'cityloop', client_secret: 'a secret of this test', redirect_uris: [redirectUrl] },
    ],
    jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), kid: KID, alg: 'RS256', use: 'sig' }] },
    cookies: { keys: ['only for this test'] },
    ttl: { Interaction: 600, Grant: 600, Session: 600, AccessToken: 600, IdToken: 600 },
    claims: { openid: ['sub'], profile: ['preferred_username'], email: ['email', 'email_verified'] },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_ctx: unknown, { uid }: { uid: string }) => `/interaction/${uid}` },
    findAccount: (_ctx: unknown, id: string) => ({
      accountId: id,
      claims: () => ({ sub: id, ...people[id] }),
    }),
    loadExistingGrant: async (ctx: {
      oidc: {
        provider: Provider
        client: { clientId: string }
        session: { accountId: string }
      }
    }) => {
      const grant = new ctx.oidc.provider.Grant({
        clientId: ctx.oidc.client.clientId,
        accountId: ctx.oidc.session.accountId,
      })
      grant.addOIDCScope('openid profile email')
      await grant.save()
      return grant
    },
  })
  provider.use(async (ctx, next) => {
    await next()
    if (ctx.path !== '/token' || !ctx.body?.id_token || !tamper) return
    const token = JSON.parse(Buffer.from(ctx.body.id_token.split('.')[1]!, 'base64url').toString()) as Token
    ctx.body = { ...ctx.body, id_token: signed(tamper(token)) }
  })
  const handle = provider.callback()
  return createServer((request, response) => {
    if (!request.url?.startsWith('/interaction/')) return void handle(request, response)
    void provider.interactionFinished(request, response, { login: { accountId: who } })
  })
}

let city: TestCity
let admin: Caller
let provider: Server
let issuer: string
let linked: { id: string }
beforeAll(async () => {
  const [port, providerPort] = [await freePort(), await freePort()]
  issuer = `http://127.0.0.1:${providerPort}`
  const redirectUrl = `http://127.0.0.1:${port}/api/oidc/callback`
  provider = openProvider(issuer, redirectUrl)
  await new Promise<void>((done) => provider.listen(providerPort, '127.0.0.1', done))
  city = await startCity({
    config: { oidc: { issuer, clientId: 'cityloop', clientSecret: 'a secret of this test', redirectUrl } },
  })
  admin = await signedIn(city.base, 'admin')
  linked = await accountIn(city, admin, { role: 'handler', placeCode: '310115' })
  await admin.post(`/api/accounts/${linked.id}/oidc`, { allowed: true, subject: 'linked' })
})
afterAll(async () => {
  provider?.closeAllConnections()
  provider?.close()
  await city?.stop()
})
beforeEach(() => {
  who = 'linked'
  tamper = undefined
  key = privateKey
})

/** A browser that keeps the cookies of two sites apart. */
function browser() {
  const jars = new Map<string, Map<string, string>>()
  return async (url: string): Promise<Response> => {
    const { origin } = new URL(url)
    const jar = jars.get(origin) ?? new Map<string, string>()
    jars.set(origin, jar)
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
    const answer = await fetch(url, { redirect: 'manual', headers: { cookie } })
    for (const set of answer.headers.getSetCookie()) {
      const [name, value] = set.split(';')[0]!.split(/=(.*)/s) as [string, string]
      if (value === '') jar.delete(name)
      else jar.set(name, value)
    }
    return answer
  }
}
type Browser = ReturnType<typeof browser>

/** Walks to the provider and back, up to the address of the callback, which is not opened yet. */
async function walk(open: Browser): Promise<string> {
  let url = `${city.base}/api/oidc/start`
  for (let i = 0; i < 10; i++) {
    const answer = await open(url)
    url = new URL(answer.headers.get('location') ?? '', url).href
    if (url.includes('/api/oidc/callback')) return city.base + url.slice(url.indexOf('/api/'))
  }
  throw new Error(`no way back from the provider: ${url}`)
}

const goal = (answer: Response) => answer.headers.get('location')
const session = (answer: Response) => answer.headers.getSetCookie().find((c) => c.startsWith('cityloop='))

test('staff whose identity an administrator linked come in through the provider', async () => {
  const open = browser()
  const start = await open(`${city.base}/api/oidc/start`)
  const asked = new URL(goal(start)!).searchParams
  expect([asked.get('response_type'), asked.get('code_challenge_method')]).toEqual(['code', 'S256'])
  const answer = await open(await walk(open))
  expect([answer.status, goal(answer)]).toEqual([302, '/console'])
  const someone = caller(city.base)
  someone.cookie = session(answer)!.split(';')[0]!
  expect((await someone.get('/api/me')).body).toMatchObject({ kind: 'staff', roles: ['handler'] })
  expect((await someone.get('/api/sign-in-options')).body).toEqual({ oidc: true })
})

test('the way back can be gone once', async () => {
  const open = browser()
  const back = await walk(open)
  expect(goal(await open(back))).toBe('/console')
  const replayed = await open(back)
  expect([goal(replayed), session(replayed)]).toEqual(['/console?error=oidc_refused', undefined])
})

test('a state that is wrong, missing, or of another browser is refused', async () => {
  const open = browser()
  const back = new URL(await walk(open))
  const wrong = new URL(back)
  wrong.searchParams.set('state', 'x'.repeat(43))
  expect(goal(await open(wrong.href))).toBe('/console?error=oidc_refused')
  wrong.searchParams.delete('state')
  expect(goal(await open(wrong.href))).toBe('/console?error=oidc_refused')
  const thief = await browser()(back.href)
  expect([goal(thief), session(thief)]).toEqual(['/console?error=oidc_refused', undefined])
})

test('an ID token for somebody else, from somebody else, too old, of another attempt or badly signed is refused', async () => {
  const cases: [string, (token: Token) => Token][] = [
    ['audience', (t) => ({ ...t, aud: 'another-client' })],
    ['issuer', (t) => ({ ...t, iss: 'https://evil.example' })],
    ['expired', (t) => ({ ...t, iat: 1_600_000_000, exp: 1_600_003_600 })],
    ['nonce', (t) => ({ ...t, nonce: 'of another attempt' })],
    ['no nonce', ({ nonce: _nonce, ...t }) => t],
  ]
  for (const [name, change] of cases) {
    tamper = change
    const open = browser()
    const answer = await open(await walk(open))
    expect([goal(answer), session(answer)], name).toEqual(['/console?error=oidc_refused', undefined])
  }
  tamper = (t) => t
  const same = browser()
  expect(goal(await same(await walk(same))), 'signed again without a change').toBe('/console')
  key = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
  const open = browser()
  expect(goal(await open(await walk(open))), 'signature').toBe('/console?error=oidc_refused')
})

test('an answer that names another issuer is refused', async () => {
  const open = browser()
  const back = new URL(await walk(open))
  expect(back.searchParams.get('iss')).toBe(issuer)
  back.searchParams.set('iss', 'https://evil.example')
  expect(goal(await open(back.href))).toBe('/console?error=oidc_refused')
})

test('somebody whom the provider knows and we do not is told so', async () => {
  who = 'stranger'
  people.stranger = {
    preferred_username: 'stranger@city.example',
    email: 'stranger@city.example',
    email_verified: true,
  }
  const open = browser()
  const answer = await open(await walk(open))
  expect([goal(answer), session(answer)]).toEqual(['/console?error=oidc_unknown', undefined])
})

test('a vouched-for address that is the user name links itself only where an administrator allowed it', async () => {
  const id = crypto.randomUUID()
  const username = `worker.${id.slice(0, 8)}@city.example`
  await admin.post('/api/accounts', {
    id,
    username,
    name: '模拟·统一身份',
    placeCode: '31',
    grants: [{ role: 'agent', placeCode: '31' }],
  })
  who = `subject of ${id}`
  const enter = async () => {
    const open = browser()
    return open(await walk(open))
  }
  people[who] = { preferred_username: username, email: username, email_verified: true }
  expect(goal(await enter()), 'not allowed').toBe('/console?error=oidc_unknown')
  await admin.post(`/api/accounts/${id}/oidc`, { allowed: true })
  people[who] = { preferred_username: username, email: username, email_verified: false }
  expect(goal(await enter()), 'not verified').toBe('/console?error=oidc_unknown')
  people[who] = { preferred_username: username, email: 'other@city.example', email_verified: true }
  expect(goal(await enter()), 'another address').toBe('/console?error=oidc_unknown')
  people[who] = { preferred_username: username, email: username, email_verified: true }
  expect(goal(await enter())).toBe('/console')
  people[who] = {}
  expect(goal(await enter()), 'linked from now on').toBe('/console')
  await admin.post(`/api/accounts/${id}/oidc`, { allowed: false })
  expect(goal(await enter()), 'no longer allowed').toBe('/console?error=oidc_unknown')
})

test('an account with a second factor is asked for it after the provider too, and a disabled one stays out', async () => {
  const { app } = city
  await app.db
    .insertInto('second_factor')
    .values({
      id: linked.id,
      secret_sealed: app.vault.seal('JBSWY3DPEHPK3PXP', 'second_factor.secret'),
      confirmed_at: new Date(),
    })
    .execute()
  const open = browser()
  const answer = await open(await walk(open))
  expect([goal(answer), session(answer)]).toEqual(['/console?second=1', undefined])
  expect(answer.headers.getSetCookie().some((c) => c.startsWith('cityloop_half='))).toBe(true)
  await admin.post(`/api/accounts/${linked.id}/disable`)
  const other = browser()
  expect(goal(await other(await walk(other)))).toBe('/console?error=oidc_unknown')
})

test('one identity belongs to one account', async () => {
  const other = await accountIn(city, admin, { role: 'handler', placeCode: '310115' })
  const answer = await admin.post(`/api/accounts/${other.id}/oidc`, { allowed: true, subject: 'linked' })
  expect(answer.body.code).toBe('identity_taken')
})

test('where no provider is configured there is nothing to find', async () => {
  const plain = await startCity()
  const someone = caller(plain.base)
  expect((await someone.get('/api/oidc/start')).body.code).toBe('not_found')
  expect((await someone.get('/api/oidc/callback?state=x')).body.code).toBe('not_found')
  expect((await someone.get('/api/sign-in-options')).body).toEqual({ oidc: false })
  await plain.stop()
})
