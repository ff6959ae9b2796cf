import { resolve } from 'node:path'
import { readConfig } from '#kernel/config.ts'
import { findRunningUrl } from '#kernel/postgres.ts'
import { StartError } from '#kernel/start-error.ts'

export const DB_USAGE = `db url
      prints the address of the running database, for psql and backups; it holds the password`

/** `cityloop db url`: only while the city runs. */
export async function dbCommand(args: string[]): Promise<number> {
  if (args[0] !== 'url')
    throw new StartError(
      { zh: `用法：cityloop ${DB_USAGE}`, en: `Usage: cityloop ${DB_USAGE}` },
      { exitCode: 2 },
    )
  const config = readConfig(process.env, [])
  const url =
    config.databaseUrl ?? (await findRunningUrl(resolve(import.meta.dirname, '../..', config.varDir)))
  if (!url)
    throw new StartError({
      zh: '数据库没有运行，请先 npm start',
      en: 'The database does not run; npm start first',
    })
  process.stdout.write(`${url}\n`)
  return 0
}
