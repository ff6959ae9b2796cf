import { resolve } from 'node:path'
import type { App } from '#kernel/app.ts'
import { openClock } from '#kernel/clock.ts'
import { readConfig } from '#kernel/config.ts'
import { openVault } from '#kernel/crypto.ts'
import { openDb } from '#kernel/db.ts'
import { makeBus } from '#kernel/events.ts'
import { openLive } from '#kernel/live.ts'
import { openLog } from '#kernel/log.ts'
import { migrate } from '#kernel/migrate.ts'
import { findRunningUrl, startPostgres } from '#kernel/postgres.ts'
import { StartError } from '#kernel/start-error.ts'
import { seedPlaces } from '#capabilities/places/index.ts'
import { loop } from '#src/loop.ts'

/** Folder from which the command was called; paths that a person types are meant from there. */
export const calledFrom = (): string => process.env.CITYLOOP_CALLED_FROM ?? process.cwd()

/** Runs `work` on the city of VAR_DIR or DATABASE_URL, beside its server or alone, and leaves things as they were. */
export async function withCity<T>(work: (app: App) => Promise<T>): Promise<T> {
  const config = readConfig(process.env, [])
  config.varDir = resolve(import.meta.dirname, '../..', config.varDir)
  config.keyFile = resolve(import.meta.dirname, '../..', config.keyFile)
  const log = openLog('warn')
  const running = config.databaseUrl ?? (await findRunningUrl(config.varDir))
  const own = running ? undefined : await startPostgres({ varDir: config.varDir, log: openLog('silent') })
  const url = running ?? own!.url
  try {
    await migrate(url)
    const { db } = openDb(url, { role: 'cityloop_service', max: 4, log, name: 'cityloop cli' })
    const live = await openLive(url, log)
    try {
      const app: App = {
        config,
        db,
        live,
        log,
        bus: makeBus(loop),
        vault: openVault(config),
        clock: await openClock(db),
      }
      await seedPlaces(db, config.demo)
      return await work(app)
    } finally {
      await live.stop()
      await db.destroy()
    }
  } catch (error) {
    if ((error as { code?: string }).code === 'ECONNREFUSED')
      throw new StartError({ zh: '连不上数据库', en: 'Cannot reach the database' })
    throw error
  } finally {
    await own?.stop()
  }
}
