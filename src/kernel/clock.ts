import { sql, type Kysely } from 'kysely'
import type { DB } from './db.ts'

/**
 * City time: wall time plus an offset times a speed. Deadlines, policies, measures and simulations use nothing
 * else; sign-in, tokens, rate limits and the audit's own timestamps use wall time.
 */
export type Clock = {
  now(): Date
  speed(): number
  /** Wall-clock milliseconds until a city instant (negative when past). */
  wallUntil(at: Date): number
  setSpeed(speed: number): Promise<void>
  /** Remembers where city time stands, so that at a speed other than 1 it stops with the server. */
  save(): Promise<void>
}

type Anchor = { wall: number; city: number; speed: number }

const at = (a: Anchor, wall: number) => a.city + (wall - a.wall) * a.speed

/** The clock of a stored anchor; pure, for tests and the web. */
export function clockOf(anchor: Anchor, wallNow: () => number = Date.now) {
  return {
    now: () => new Date(at(anchor, wallNow())),
    wallUntil: (city: Date) => (city.getTime() - at(anchor, wallNow())) / anchor.speed,
  }
}

/**
 * Reads the city clock. At speed 1 city time has gone on while the server was down; at any other speed it goes
 * on from the last saved instant.
 */
export async function openClock(db: Kysely<DB>, speed?: number): Promise<Clock> {
  const row = await db.selectFrom('city_clock').selectAll().executeTakeFirst()
  const wall = Date.now()
  let anchor: Anchor = { wall, city: wall, speed: 1 }
  if (row) {
    const stored = { wall: row.wall_at.getTime(), city: row.city_at.getTime(), speed: row.speed }
    anchor = stored.speed === 1 ? { ...stored } : { wall, city: stored.city, speed: stored.speed }
  }
  const store = async () => {
    const wallNow = Date.now()
    anchor = { wall: wallNow, city: at(anchor, wallNow), speed: anchor.speed }
    const values = {
      one: true,
      wall_at: new Date(anchor.wall),
      city_at: new Date(anchor.city),
      speed: anchor.speed,
    }
    await db
      .insertInto('city_clock')
      .values(values)
      .onConflict((c) => c.column('one').doUpdateSet(values))
      .execute()
  }
  const clock: Clock = {
    now: () => new Date(at(anchor, Date.now())),
    speed: () => anchor.speed,
    wallUntil: (city) => clockOf(anchor).wallUntil(city),
    async setSpeed(next) {
      const wallNow = Date.now()
      anchor = { wall: wallNow, city: at(anchor, wallNow), speed: next }
      await store()
      await sql`select pg_notify('cityloop_clock', '')`.execute(db)
    },
    save: store,
  }
  if (speed !== undefined && speed !== anchor.speed) await clock.setSpeed(speed)
  else await store()
  return clock
}

/** Calendar day in Shanghai, YYYY-MM-DD. China has kept UTC+8 without summer time since 1992. */
export function dayOf(at: Date): string {
  return new Date(at.getTime() + 8 * 3_600_000).toISOString().slice(0, 10)
}

/** The instant at which a Shanghai calendar day begins. */
export function startOfDay(day: string): Date {
  return new Date(`${day}T00:00:00+08:00`)
}
