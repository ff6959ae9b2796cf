import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readConfig, type Config } from '#kernel/config.ts'
import type { App } from '#kernel/app.ts'
import { openLog } from '#kernel/log.ts'
import { addPages } from '#kernel/pages.ts'
import { openCity } from '#src/city.ts'
import { buildPagesIfChanged } from '#scripts/prepare.ts'
import { freshDatabase } from './database.ts'

export type TestCity = {
  base: string
  /** Of the database, as its owner. */
  url: string
  app: App
  stop: () => Promise<void>
  /** Stops the server and opens it again on the same database. */
  restart: () => Promise<void>
}

/** A whole city in this process: its own database, its own folder, a free port, no simulator. */
export async function startCity(
  given: { people?: number; pages?: boolean; config?: Partial<Config> } = {},
): Promise<TestCity> {
  const database = await freshDatabase()
  const varDir = mkdtempSync(join(tmpdir(), 'cityloop-test-'))
  const config: Config = {
    ...readConfig({ VAR_DIR: varDir, PORT: '0', HTTPS_PORT: '0', LOG_LEVEL: 'silent' }, [
      '--no-simulator',
      '--people',
      String(given.people ?? 20),
    ]),
    host: '127.0.0.1',
    ...given.config,
  }
  const folder = given.pages ? (await buildPagesIfChanged()).folder : undefined
  let port = 0
  const open = async () => {
    const city = await openCity(config, database.url, openLog(process.env.TEST_LOG ?? 'silent'))
    if (folder) await addPages(city.server.fastify, folder)
    const base = await city.server.fastify.listen({ port, host: '127.0.0.1' })
    port = Number(new URL(base).port)
    return { city, base }
  }
  let running = await open()
  const test: TestCity = {
    base: running.base,
    url: database.url,
    app: running.city.app,
    async restart() {
      await running.city.stop()
      running = await open()
      test.app = running.city.app
    },
    async stop() {
      await running.city.stop()
      await database.drop()
      rmSync(varDir, { recursive: true, force: true })
    },
  }
  return test
}

export type Answer = { status: number; body: any; headers: Headers } // oxlint-disable-line typescript/no-explicit-any -- answers are looked into freely by tests

/** Somebody with a browser or a key: keeps the cookie, sends JSON. */
export type Caller = {
  get(path: string): Promise<Answer>
  post(path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>
  delete(path: string): Promise<Answer>
  send(
    method: string,
    path: string,
    body: string | Uint8Array | undefined,
    headers: Record<string, string>,
  ): Promise<Answer>
  cookie: string
  /** Asks again when the house is full, as pages do; a test of the overload says false. */
  patient: boolean
}

/** A machine busy with other tests starves a city of its processor, and a city that is full says so and when to come again. */
async function patiently(self: Caller, ask: () => Promise<Response>): Promise<Response> {
  for (let left = 20; ; left--) {
    const answer = await ask()
    if (!self.patient || answer.status !== 429 || left === 0) return answer
    // Under /fhir it is said in the words of FHIR; what was asked too often is another matter.
    if (!(await answer.clone().text()).includes('"overloaded"')) return answer
    await new Promise((done) => setTimeout(done, 500))
  }
}

export function caller(base: string, headers: Record<string, string> = {}): Caller {
  const self: Caller = {
    cookie: '',
    patient: true,
    async send(method, path, body, more) {
      const answer = await patiently(self, () =>
        fetch(base + path, {
          method,
          body: body as BodyInit | undefined,
          headers: { ...headers, ...(self.cookie && { cookie: self.cookie }), ...more },
        }),
      )
      const set = answer.headers.getSetCookie().find((c) => c.startsWith('cityloop='))
      if (set) self.cookie = set.split(';')[0]!
      const text = await answer.text()
      const isJson = (answer.headers.get('content-type') ?? '').includes('json')
      return { status: answer.status, body: isJson ? JSON.parse(text) : text, headers: answer.headers }
    },
    get: (path) => self.send('GET', path, undefined, {}),
    post: (path, body = {}, more = {}) =>
      self.send('POST', path, JSON.stringify(body), { 'content-type': 'application/json', ...more }),
    delete: (path) => self.send('DELETE', path, undefined, {}),
  }
  return self
}

/** Signs in as a demonstration account, or as `resident`. */
export async function signedIn(base: string, username: string): Promise<Caller> {
  const someone = caller(base)
  const answer = await someone.post('/api/session/demo', { username })
  if (answer.status !== 200) throw new Error(`cannot sign in as ${username}: ${JSON.stringify(answer.body)}`)
  return someone
}

/** Signs in a simulated resident by one-time code, as a telephone would. */
export async function residentWith(
  base: string,
  phone: string,
  headers: Record<string, string> = {},
): Promise<Caller> {
  const someone = caller(base, headers)
  const sent = await someone.post('/api/session/code', { phone })
  const answer = await someone.post('/api/session/verify', { phone, code: sent.body.demoCode })
  if (answer.status !== 200) throw new Error(`cannot sign in ${phone}: ${JSON.stringify(answer.body)}`)
  return someone
}

export const newId = () => randomUUID()

export const DIALYSIS = '我妈妈在浦东新区花木街道樱花路801弄，每周三次血透，今天出不去'
