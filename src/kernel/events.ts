import { sql } from 'kysely'
import type { z } from 'zod'
import type { App, Bus } from './app.ts'
import type { EventType } from './contract.ts'
import type { Trx } from './db.ts'

/** Runs in the transaction of what happened: both are there, or neither. */
export type Within<T> = (app: App, trx: Trx, data: T) => Promise<void>
/** Runs soon after the commit, again until it succeeds; so it must be harmless twice. */
export type After<T> = (app: App, data: T) => Promise<void>

type Hearer = {
  type: string
  name: string
  mode: 'within' | 'after'
  run: (...given: never[]) => Promise<void>
}

/** One line of src/loop.ts: an event, and in order what follows from it. */
export function when<T extends z.ZodType>(
  event: EventType<T>,
  follows: { within?: Record<string, Within<z.infer<T>>>; after?: Record<string, After<z.infer<T>>> },
): Hearer[] {
  const list = (mode: 'within' | 'after', given: Record<string, Hearer['run']> = {}) =>
    Object.entries(given).map(([name, run]) => ({ type: event.type, name, mode, run }))
  return [...list('within', follows.within), ...list('after', follows.after)]
}

export const FOLLOW_TASK = 'follow'

export function makeBus(loop: Hearer[]): Bus {
  const names = loop.map((h) => `${h.type} ${h.name}`)
  const twice = names.find((n, i) => names.indexOf(n) !== i)
  if (twice) throw new Error(`src/loop.ts says "${twice}" twice`)
  return {
    hearers: loop,
    async emit(app, trx, event, data) {
      const said = event.data.parse(data)
      for (const h of loop) {
        if (h.type !== event.type) continue
        if (h.mode === 'within') {
          await (h.run as Within<unknown>)(app, trx, said)
          continue
        }
        // The job commits with what caused it; graphile-worker hears of it by NOTIFY within milliseconds.
        const payload = JSON.stringify({ type: h.type, follower: h.name, data: said })
        await sql`select cityloop_follow(${FOLLOW_TASK}, ${payload}::json)`.execute(trx)
      }
    },
    async deliver(app, job) {
      const h = loop.find((x) => x.mode === 'after' && x.type === job.type && x.name === job.follower)
      if (h) await (h.run as After<unknown>)(app, job.data)
      // A follower that a newer version dropped is not an error: nobody wants to hear it any more.
      else app.log.warn({ type: job.type, follower: job.follower }, 'nobody follows this event any more')
    },
  }
}
