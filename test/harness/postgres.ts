import { existsSync } from 'node:fs'
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startPostgres, stopLeftover } from '#kernel/postgres.ts'
import { makeTemplate } from './database.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const silent = { info: () => undefined, warn: () => undefined }

/** One real PostgreSQL for the whole run, with the settings of the product, in a folder of its own. */
export default async function setup(): Promise<() => Promise<void>> {
  const home = join(ROOT, 'var')
  await removeAbandoned(home)
  const varDir = join(home, `test-${process.pid}`)
  const postgres = await startPostgres({ varDir, log: silent })
  process.env.CITYLOOP_TEST_PG = postgres.url
  try {
    await makeTemplate(postgres.url)
  } catch (error) {
    await postgres.stop()
    await rm(varDir, { recursive: true, force: true })
    throw error
  }
  return async () => {
    await postgres.stop()
    await rm(varDir, { recursive: true, force: true })
  }
}

/** A run that was killed leaves its database running. */
async function removeAbandoned(home: string): Promise<void> {
  for (const name of await readdir(home).catch(() => [])) {
    const pid = /^test-(\d+)$/.exec(name)?.[1]
    if (!pid || existsSync(`/proc/${pid}`)) continue
    await stopLeftover(join(home, name))
    await rm(join(home, name), { recursive: true, force: true })
  }
}
