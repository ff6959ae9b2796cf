import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import { StartError } from '#kernel/start-error.ts'

/** A person signed in to a running city from the command line: the same door, rights and audit as a browser's. */
export type Session = {
  get<T>(path: string): Promise<T>
  post<T>(path: string, body: unknown): Promise<T>
  end(): Promise<void>
}

/** From CITYLOOP_PASSWORD, else asked for without showing it. */
export async function askPassword(username: string): Promise<string> {
  if (process.env.CITYLOOP_PASSWORD) return process.env.CITYLOOP_PASSWORD
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() })
  process.stderr.write(`${username} 的密码 / password of ${username}: `)
  const asking = createInterface({ input: process.stdin, output: silent, terminal: process.stdin.isTTY })
  const password = await asking.question('')
  asking.close()
  process.stderr.write('\n')
  return password
}

/** Signs in with password and, where the account has one, the code of the second factor. */
export async function signInOver(
  server: string,
  username: string,
  password: string,
  code?: string,
): Promise<Session> {
  let cookies = ''
  async function send<T>(method: string, path: string, body?: unknown): Promise<T> {
    let answer: Response
    try {
      answer = await fetch(server + path, {
        method,
        ...(body !== undefined && { body: JSON.stringify(body) }),
        headers: {
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...(cookies && { cookie: cookies }),
        },
      })
    } catch {
      throw new StartError({ zh: `连不上 ${server}`, en: `Cannot reach ${server}` })
    }
    const set = answer.headers.getSetCookie().map((c) => c.split(';')[0])
    if (set.length > 0) cookies = set.join('; ')
    const said = (await answer.json().catch(() => ({}))) as T & {
      code?: string
      title?: string
      titleZh?: string
      fields?: { code: string }[]
    }
    if (answer.ok) return said
    const why = (said.fields ?? []).map((f) => `\n  ${f.code}`).join('')
    if (said.code === 'second_factor_needed')
      throw new StartError({
        zh: '请用 --code 给出动态码',
        en: 'Give the code of your second factor with --code',
      })
    throw new StartError({
      zh: `${said.titleZh ?? answer.status}`,
      en: `${said.title ?? answer.status}${why}`,
    })
  }
  try {
    await send('POST', '/api/session', { username, password })
  } catch (error) {
    if (code === undefined || !(error instanceof StartError) || !error.en.includes('--code')) throw error
    await send('POST', '/api/session/second', { code })
  }
  return {
    get: (path) => send('GET', path),
    post: (path, body) => send('POST', path, body),
    end: () =>
      send('DELETE', '/api/session').then(
        () => undefined,
        () => undefined,
      ),
  }
}
