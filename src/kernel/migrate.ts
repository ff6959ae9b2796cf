import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Logger, runMigrations } from 'graphile-worker'
import pg from 'pg'
import { StartError } from './start-error.ts'

const FOLDER = join(import.meta.dirname, '../../migrations')

/**
 * Brings the database forward: each file of migrations/ once, in order, each in its own transaction, under an
 * advisory lock so that two servers starting together do it once. A file changed after it ran is refused.
 */
export async function migrate(url: string): Promise<string[]> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 })
  await client.connect()
  const done: string[] = []
  try {
    await client.query('select pg_advisory_lock(20220301)')
    await client.query(
      'create table if not exists migration (name text primary key, hash text not null, at timestamptz not null default now())',
    )
    const ran = new Map(
      (await client.query<{ name: string; hash: string }>('select name, hash from migration')).rows.map(
        (r) => [r.name, r.hash],
      ),
    )
    const files = readdirSync(FOLDER)
      .filter((f) => /^\d{6}_.+\.sql$/.test(f))
      .sort()
    for (const file of files) {
      const text = readFileSync(join(FOLDER, file), 'utf8')
      const hash = createHash('sha256').update(text).digest('hex')
      if (ran.get(file) === hash) continue
      if (ran.has(file))
        throw new StartError({
          zh: `迁移文件 ${file} 在执行后被改动`,
          en: `The migration ${file} was changed after it had run`,
        })
      await client.query('begin')
      try {
        await client.query(text)
        await client.query('insert into migration (name, hash) values ($1, $2)', [file, hash])
        await client.query('commit')
      } catch (error) {
        await client.query('rollback')
        throw new Error(`${file}: ${(error as Error).message}`, { cause: error })
      }
      done.push(file)
    }
    // The queue's own tables, by its own migrations; silent, it would speak to the console.
    await runMigrations({ connectionString: url, logger: new Logger(() => () => undefined) })
    const unknown = [...ran.keys()].filter((name) => !files.includes(name))
    if (unknown.length > 0)
      throw new StartError({
        zh: '数据库来自更新的版本',
        en: `The database was made by a newer version (${unknown.join(', ')})`,
      })
    return done
  } finally {
    await client.end()
  }
}
