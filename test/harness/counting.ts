import { openDb } from '#kernel/db.ts'
import { openLog } from '#kernel/log.ts'
import { countPeople } from '#capabilities/people/index.ts'

/** The counting of people as the routine does it, on any database, with how long it took. */
export async function countingOf(url: string, occupations: readonly string[]) {
  const { db } = openDb(url, { role: 'cityloop_service', log: openLog('silent'), max: 1 })
  return {
    async count(): Promise<{ how: 'walked' | 'followed'; ms: number }> {
      const started = performance.now()
      const how = await countPeople(db, occupations)
      return { how, ms: performance.now() - started }
    },
    close: () => db.destroy(),
  }
}
