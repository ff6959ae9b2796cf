import type { z } from 'zod'
import type { Clock } from './clock.ts'
import type { Config } from './config.ts'
import type { Vault } from './crypto.ts'
import type { EventType } from './contract.ts'
import type { Db, Trx } from './db.ts'
import type { Live } from './live.ts'
import type { Log } from './log.ts'

/** Carries events to those who hear them. */
export type Bus = {
  /** Says what happened, inside its transaction. */
  emit<T extends z.ZodType>(app: App, trx: Trx, event: EventType<T>, data: z.infer<T>): Promise<void>
  /** Runs one `after` follower; called by the job worker. */
  deliver(app: App, job: { type: string; follower: string; data: unknown }): Promise<void>
  hearers: readonly { type: string; name: string; mode: 'within' | 'after' }[]
}

/** What every action is given: the running city without any of its domain. */
export type App = {
  config: Config
  db: Db
  clock: Clock
  vault: Vault
  bus: Bus
  live: Live
  log: Log
}

/** Something costly made once for an app (a gazetteer, the pack in force) and forgotten with it. */
export function oncePerApp<T>(make: (app: App) => Promise<T>): {
  get(app: App): Promise<T>
  forget(app: App): void
} {
  const made = new WeakMap<App, Promise<T>>()
  return {
    get(app) {
      let value = made.get(app)
      if (!value) {
        value = make(app)
        made.set(app, value)
        value.catch(() => made.delete(app))
      }
      return value
    },
    forget: (app) => void made.delete(app),
  }
}

/**
 * What many ask for at once and may be this old (ms of wall time). Whoever asks while it is being made waits for the same
 * answer: when a row that a thousand tables need was forgotten, each of them read it again, 650 statements in one breath.
 * A failure is not kept.
 */
export function keptFor<T>(
  ms: number,
  most = 20_000,
): { get(app: App, key: string, make: () => Promise<T>): Promise<T> } {
  const kept = new WeakMap<App, Map<string, { at: number; value: Promise<T> }>>()
  return {
    get(app, key, make) {
      let map = kept.get(app)
      if (!map) kept.set(app, (map = new Map()))
      const hit = map.get(key)
      if (hit && hit.at > Date.now() - ms) return hit.value
      if (map.size >= most) map.clear()
      const entry = { at: Date.now(), value: make() }
      map.set(key, entry)
      entry.value.catch(() => map.get(key) === entry && map.delete(key))
      return entry.value
    },
  }
}
