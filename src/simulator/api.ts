/** A simulated person's way to the city: the public API and nothing else. */
export type Person = { cookie: string }

const pause = (ms: number) => new Promise<void>((done) => setTimeout(done, ms))

export type Answer<T> = { ok: boolean; status: number; body: T }

/**
 * Calls the API; waits as told when turned away. The machine key travels along so that one address may sign in many
 * people; who acts is said by the cookie. Throws only when the server is gone for good.
 */
export function makeApi(base: string, key: string) {
  return async function api<T>(
    method: string,
    path: string,
    given: { as?: Person; body?: unknown } = {},
  ): Promise<Answer<T>> {
    for (let attempt = 0; ; attempt++) {
      let answer: Response
      try {
        answer = await fetch(base + path, {
          method,
          headers: {
            authorization: `Bearer ${key}`,
            ...(given.as?.cookie && { cookie: given.as.cookie }),
            ...(given.body !== undefined && { 'content-type': 'application/json' }),
          },
          ...(given.body !== undefined && { body: JSON.stringify(given.body) }),
          signal: AbortSignal.timeout(20_000),
        })
      } catch (error) {
        if (attempt >= 30) throw error
        await pause(1_000)
        continue
      }
      const body = (await answer.json().catch(() => ({}))) as T
      if ((answer.status === 429 || answer.status === 503) && attempt < 8) {
        await pause(1_000 * Number(answer.headers.get('retry-after') ?? 2))
        continue
      }
      if (given.as) {
        const set = answer.headers.getSetCookie().find((c) => c.startsWith('cityloop='))
        if (set) given.as.cookie = set.split(';')[0]!
      }
      return { ok: answer.ok, status: answer.status, body }
    }
  }
}

export type Api = ReturnType<typeof makeApi>
