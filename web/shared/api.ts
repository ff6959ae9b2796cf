import type { z } from 'zod'
import type { Problem, Route } from '#kernel/contract.ts'

/** An answer of the API that is an error, with the words it has for the person. */
export class ApiError extends Error {
  override name = 'ApiError'
  readonly problem: Problem
  /** Seconds after which the server asks to be tried again (Retry-After). */
  readonly retryAfter: number | null
  constructor(problem: Problem, retryAfter: number | null = null) {
    super(problem.titleZh)
    this.problem = problem
    this.retryAfter = retryAfter
  }
}

/** No answer at all: no network, or the server is away. The caller may try again with the same id. */
export class NoAnswer extends Error {
  override name = 'NoAnswer'
}

type Given<R extends Route> = {
  params?: z.input<R['params']>
  query?: z.input<R['query']>
  body?: z.input<R['body']>
  /** For routes that take a file: its bytes, whatever it is called. */
  file?: Blob
  signal?: AbortSignal
}

/** A full house names the time after which it may be asked again; longer than this nobody waits at an empty page. */
const WAITS_S = 5
const ASKS_AGAIN = 2

/**
 * Calls a route of a contract; types come from it, checks are the server's. A look that a full house turned away is asked
 * for again after the time it named, and not by everybody at once; a write is its sender's to repeat. Throws ApiError or
 * NoAnswer.
 */
export async function call<R extends Route>(route: R, given: Given<R> = {}): Promise<z.infer<R['response']>> {
  for (let asked = 0; ; asked++) {
    try {
      return await ask(route, given)
    } catch (error) {
      const wait = error instanceof ApiError ? error.retryAfter : null
      const mayAgain = route.method === 'GET' && wait !== null && wait <= WAITS_S && asked < ASKS_AGAIN
      if (!mayAgain) throw error
      await new Promise((go) => setTimeout(go, wait * 1000 * (1 + Math.random())))
      given.signal?.throwIfAborted()
    }
  }
}

async function ask<R extends Route>(route: R, given: Given<R>): Promise<z.infer<R['response']>> {
  const params = (given.params ?? {}) as Record<string, string>
  const path = route.path.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(params[name] ?? ''))
  const query = new URLSearchParams()
  for (const [key, value] of Object.entries<string | number | boolean | undefined>(given.query ?? {})) {
    if (value !== undefined && value !== '') query.set(key, `${value}`)
  }
  const search = query.size > 0 ? `?${query}` : ''
  let answer: Response
  try {
    answer = await fetch(path + search, {
      method: route.method,
      ...(given.signal && { signal: given.signal }),
      headers: {
        // Names of places, units and titles come in the language of the page.
        'accept-language': document.documentElement.lang || 'zh-CN',
        ...(given.body !== undefined && { 'content-type': 'application/json' }),
        ...(given.file && { 'content-type': 'application/octet-stream' }),
      },
      ...(given.file && { body: given.file }),
      ...(given.body !== undefined && {
        body: JSON.stringify(given.body),
      }),
    })
  } catch (error) {
    if ((error as Error).name === 'AbortError') throw error
    throw new NoAnswer('no answer')
  }
  const type = answer.headers.get('content-type') ?? ''
  const body: unknown = type.includes('json') ? await answer.json() : undefined
  if (answer.ok) return body as z.infer<R['response']>
  throw new ApiError(
    (body as Problem | undefined) ?? {
      type: 'about:blank',
      title: answer.statusText,
      titleZh: '系统没有正常回答',
      status: answer.status,
      code: 'internal',
    },
    Number(answer.headers.get('retry-after')) || null,
  )
}

/** A fresh client-made id: sending the same write twice with it is harmless. Works without a secure context too. */
export function clientId(): string {
  if ('randomUUID' in crypto) return crypto.randomUUID()
  const b = (crypto as Crypto).getRandomValues(new Uint8Array(16))
  b[6] = (b[6]! & 0x0f) | 0x40
  b[8] = (b[8]! & 0x3f) | 0x80
  const h = [...b].map((x) => x.toString(16).padStart(2, '0')).join('')
  return `${h.slice(0, 8)}-${h.slice(8, 12)}-${h.slice(12, 16)}-${h.slice(16, 20)}-${h.slice(20)}`
}
