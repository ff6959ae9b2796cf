import { sql } from 'kysely'
import pg from 'pg'
import type { Db, Trx } from './db.ts'
import type { Log } from './log.ts'

/** A short word to the screens that something changed: ids and codes only, never text or names. */
export type LiveNote = {
  topic: string
  id: string
  placeCode: string
  personId?: string
  [key: string]: unknown
}

export type Live = {
  /** Told to all servers when the transaction commits. */
  say(trx: Db | Trx, note: LiveNote): Promise<void>
  hear(listener: (note: LiveNote) => void): () => void
  /** False while the listening connection is away: screens say that they may be behind. */
  connected(): boolean
  stop(): Promise<void>
}

/** Listens on one connection and tells everybody in this process; reconnects by itself. */
export async function openLive(url: string, log: Log): Promise<Live> {
  const listeners = new Set<(note: LiveNote) => void>()
  let client: pg.Client | undefined
  let stopped = false
  let retry: NodeJS.Timeout | undefined

  const connect = async (): Promise<void> => {
    const next = new pg.Client({
      connectionString: url,
      connectionTimeoutMillis: 2_000,
      application_name: 'cityloop live',
      keepAlive: true,
    })
    const lost = () => {
      if (client === next) client = undefined
      if (stopped || retry) return
      retry = setTimeout(() => {
        retry = undefined
        void connect()
      }, 500)
    }
    next.on('error', lost)
    next.on('end', lost)
    next.on('notification', (n) => {
      const note = JSON.parse(n.payload ?? '{}') as LiveNote
      for (const listener of listeners) listener(note)
    })
    try {
      await next.connect()
      await next.query('listen cityloop_live')
      client = next
    } catch (error) {
      log.warn({ err: String(error) }, 'live connection failed')
      lost()
    }
  }
  await connect()
  return {
    async say(trx, note) {
      await sql`select pg_notify('cityloop_live', ${JSON.stringify(note)})`.execute(trx)
    },
    hear(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    connected: () => client !== undefined,
    async stop() {
      stopped = true
      clearTimeout(retry)
      await client?.end().catch(() => undefined)
    },
  }
}
