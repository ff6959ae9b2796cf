import { useSyncExternalStore } from 'react'
import type { Problem, Route } from '#kernel/contract.ts'
import { ApiError, call } from './api.ts'

/** A write that this device has not had answered yet. Its body holds the client-made id: sending twice is harmless. */
export type Pending = {
  id: string
  method: Route['method']
  path: string
  params: Record<string, string>
  body: unknown
  /** Shown to the person while it waits. */
  title: string
  madeAt: number
  /** Who wrote it; null when nobody was signed in yet. Nobody else's session may send it. */
  owner: string | null
  /** The server's word when it will not take it; the person corrects or removes it. */
  refused: Problem | null
}

/** Where what waits lies until it is answered; `K` is whether it is kept, or the promise to say so. */
export type Shelf<K> = {
  list: () => readonly Pending[]
  put: (item: Pending) => K
  remove: (id: string) => void
  subscribe: (listener: () => void) => () => void
  /** Looks again at what lies there of this owner, where that is not known at once. */
  load?: (owner: string | null) => Promise<void>
}

export type Outbox<K = boolean> = {
  /** Written down before anything is sent. `kept` is false where the browser refuses storage: it then lives until reload. */
  add: (item: Omit<Pending, 'refused' | 'madeAt'>) => { kept: K }
  remove: (id: string) => void
  list: () => readonly Pending[]
  subscribe: (listener: () => void) => () => void
  /** Sends in order what may be sent as `owner`; answers arrive at `onAnswer`. Never two rounds at once. */
  flush: (owner: string | null) => Promise<void>
  onAnswer: (listener: (id: string, answer: unknown) => void) => () => void
}

/** Refusals that mean "later", not "never": not signed in, too many, server away. */
const laterStatus = (status: number) =>
  status === 401 || status === 408 || status === 425 || status === 429 || status >= 500

const keyOf = (name: string) => `cityloop.outbox.${name}`

/**
 * Keeps one's own writes in localStorage, across reloads and days without network. Texts of one person are a few
 * kilobytes: localStorage is written at once, while IndexedDB may lose the last write of a closed tab.
 */
export function ownShelf(name: string): Shelf<boolean> {
  const key = keyOf(name)
  const listeners = new Set<() => void>()
  let memory: readonly Pending[] = []
  let raw: string | null | undefined

  const read = (): readonly Pending[] => {
    try {
      const now = localStorage.getItem(key)
      if (now === raw) return memory
      raw = now
      memory = now ? (JSON.parse(now) as Pending[]) : []
    } catch {
      // No storage: what is in memory is all there is.
    }
    return memory
  }
  const write = (items: readonly Pending[]): boolean => {
    memory = items
    let kept = true
    try {
      raw = JSON.stringify(items)
      if (items.length === 0) {
        localStorage.removeItem(key)
        raw = null
      } else localStorage.setItem(key, raw)
    } catch {
      raw = undefined
      kept = false
    }
    for (const listener of listeners) listener()
    return kept
  }
  addEventListener('storage', (event) => {
    if (event.key === key) for (const listener of listeners) listener()
  })
  return {
    list: read,
    put: (item) => {
      const isThere = read().some((p) => p.id === item.id && p.madeAt === item.madeAt)
      return write(
        isThere
          ? read().map((p) => (p.id === item.id ? item : p))
          : [...read().filter((p) => p.id !== item.id), item],
      )
    },
    remove: (id) => void write(read().filter((p) => p.id !== id)),
    subscribe: (listener) => (listeners.add(listener), () => listeners.delete(listener)),
  }
}

/** Sends what lies on a shelf until the server has answered. */
export function openOutbox<K>(name: string, shelf: Shelf<K>): Outbox<K> {
  const key = keyOf(name)
  const answers = new Set<(id: string, answer: unknown) => void>()
  let round: Promise<void> | undefined

  const sendAll = async (owner: string | null) => {
    await shelf.load?.(owner)
    for (const item of shelf.list()) {
      if (item.refused || (item.owner !== null && item.owner !== owner)) continue
      // Another tab may have had it answered while this one waited.
      if (!shelf.list().some((p) => p.id === item.id)) continue
      const route = { method: item.method, path: item.path } as Route
      try {
        const answer = await call(route, { params: item.params, body: item.body })
        shelf.remove(item.id)
        for (const listener of answers) listener(item.id, answer)
      } catch (error) {
        if (!(error instanceof ApiError) || laterStatus(error.problem.status)) return
        shelf.put({ ...item, refused: error.problem })
      }
    }
  }

  return {
    add: (item) => ({ kept: shelf.put({ ...item, madeAt: Date.now(), refused: null }) }),
    remove: shelf.remove,
    list: shelf.list,
    subscribe: shelf.subscribe,
    flush(owner) {
      // Two tabs of one phone take turns where the browser can; where it cannot, the id keeps it single.
      round ??= (
        'locks' in navigator ? navigator.locks.request(key, () => sendAll(owner)) : sendAll(owner)
      ).finally(() => (round = undefined))
      return round
    },
    onAnswer: (listener) => (answers.add(listener), () => answers.delete(listener)),
  }
}

export function usePending(outbox: Outbox<unknown>): readonly Pending[] {
  return useSyncExternalStore(outbox.subscribe, outbox.list)
}
