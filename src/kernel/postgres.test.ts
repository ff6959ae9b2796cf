import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { findRunningUrl, startPostgres, stopLeftover } from './postgres.ts'
import { isGone } from './postgres-process.ts'
import { StartError } from './start-error.ts'

const silent = { info: () => undefined, warn: () => undefined }
let varDir: string

beforeEach(async () => {
  varDir = await mkdtemp(join(tmpdir(), 'cityloop-pg-'))
})

afterEach(async () => {
  await stopLeftover(varDir)
  await rm(varDir, { recursive: true, force: true })
})

async function query<T extends pg.QueryResultRow>(
  url: string,
  sql: string,
  values: unknown[] = [],
): Promise<T[]> {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => undefined)
  await client.connect()
  try {
    return (await client.query<T>(sql, values)).rows
  } finally {
    await client.end()
  }
}

async function kill(pid: number): Promise<void> {
  process.kill(pid, 'SIGKILL')
  while (!isGone(pid)) await new Promise((resolve) => setTimeout(resolve, 10))
}

async function soon(check: () => Promise<boolean>): Promise<boolean> {
  for (let round = 0; round < 200; round++) {
    if (await check().catch(() => false)) return true
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  return false
}

/** What a server leaves that was killed with -9: a running database and a lock of a process that is gone. */
async function abandon(): Promise<{ url: string; pid: number }> {
  const program = `
    const { startPostgres } = await import(${JSON.stringify(new URL('postgres.ts', import.meta.url).href)})
    const log = { info() {}, warn() {} }
    const { url, pid } = await startPostgres({ varDir: ${JSON.stringify(varDir)}, log })
    console.log(JSON.stringify({ url, pid }))
    setInterval(() => {}, 1000)`
  const server = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const said = await new Promise<string>((resolve, reject) => {
    server.stdout.once('data', (chunk: Buffer) => resolve(chunk.toString()))
    server.once('exit', () => reject(new Error('the server ended early')))
  })
  await kill(server.pid!)
  const left = z.object({ url: z.string(), pid: z.number() }).parse(JSON.parse(said))
  expect(isGone(left.pid)).toBe(false)
  return left
}

describe('the embedded database', () => {
  test('finds Chinese names by similarity and through a trigram index, and sorts by code point', async () => {
    const postgres = await startPostgres({ varDir, log: silent })
    await query(postgres.url, 'create extension pg_trgm')
    const [row] = await query<{ like: number; encoding: string; ordered: boolean }>(
      postgres.url,
      `select similarity('花木街道', '花木')::float8 as like, current_setting('server_encoding') as encoding,
              'Z' < 'a' and '一' < '花' as ordered`,
    )
    expect(row?.like).toBeGreaterThan(0)
    expect(row).toMatchObject({ encoding: 'UTF8', ordered: true })

    await query(postgres.url, 'create table street (name text)')
    await query(postgres.url, `insert into street select '道路' || n from generate_series(1, 20000) n`)
    await query(postgres.url, `insert into street values ('花木街道'), ('花木路'), ('北蔡镇')`)
    await query(postgres.url, 'create index street_name on street using gin (name gin_trgm_ops)')
    await query(postgres.url, 'analyze street')
    const plan = await query(postgres.url, `explain select name from street where name like '%花木街%'`)
    expect(JSON.stringify(plan)).toContain('street_name')
    const close = await query(postgres.url, `select name from street where name % '花木街' order by name`)
    expect(close).toEqual([{ name: '花木街道' }, { name: '花木路' }])
    await postgres.stop()
  })

  test('is durable, checks its pages, asks for a password and speaks Shanghai time', async () => {
    const postgres = await startPostgres({ varDir, log: silent })
    const [row] = await query(
      postgres.url,
      `select current_setting('fsync') as fsync, current_setting('synchronous_commit') as commit,
              current_setting('full_page_writes') as pages, current_setting('data_checksums') as checksums,
              current_setting('TimeZone') as zone, current_setting('listen_addresses') as address,
              current_database() as database`,
    )
    expect(row).toEqual({
      fsync: 'on',
      commit: 'on',
      pages: 'on',
      checksums: 'on',
      zone: 'Asia/Shanghai',
      address: '127.0.0.1',
      database: 'cityloop',
    })
    const stranger = new URL(postgres.url)
    stranger.password = 'guess'
    await expect(query(stranger.href, 'select 1')).rejects.toMatchObject({ code: '28P01' })
    expect((await stat(join(varDir, 'postgres'))).mode & 0o777).toBe(0o700)
    expect((await stat(join(varDir, 'postgres.log'))).mode & 0o077).toBe(0)
    await postgres.stop()
  })

  test('does not take its language from the surroundings', async () => {
    const before = { LANG: process.env.LANG, LC_ALL: process.env.LC_ALL }
    process.env.LC_ALL = 'xx_YY.nonsense'
    delete process.env.LANG
    try {
      const postgres = await startPostgres({ varDir, log: silent })
      const [row] = await query(
        postgres.url,
        `select pg_encoding_to_char(encoding) as e, datctype from pg_database where datname = 'cityloop'`,
      )
      expect(row).toEqual({ e: 'UTF8', datctype: 'C.UTF-8' })
      await postgres.stop()
    } finally {
      Object.assign(process.env, before)
      for (const name of ['LANG', 'LC_ALL'] as const) if (before[name] === undefined) delete process.env[name]
    }
  })

  test('keeps what was committed over a stop and a second start', async () => {
    const first = await startPostgres({ varDir, log: silent })
    await query(first.url, 'create table kept as select 1 as one')
    await Promise.all([first.stop(), first.stop()])
    expect(isGone(first.pid)).toBe(true)
    const second = await startPostgres({ varDir, log: silent })
    expect(await query(second.url, 'select one from kept')).toEqual([{ one: 1 }])
    expect(await findRunningUrl(varDir)).toBe(second.url)
    await second.stop()
    expect(await findRunningUrl(varDir)).toBeUndefined()
  })

  test('runs in a process group of its own, so that Ctrl-C at the terminal does not reach it', async () => {
    const postgres = await startPostgres({ varDir, log: silent })
    const text = await readFile(`/proc/${postgres.pid}/stat`, 'utf8')
    const [, , group, session] = text.slice(text.lastIndexOf(')') + 2).split(' ')
    expect([group, session]).toEqual([`${postgres.pid}`, `${postgres.pid}`])
    await postgres.stop()
  })

  test('comes back at the same address after it was killed, with every committed row', async () => {
    const heard: string[] = []
    const postgres = await startPostgres({
      varDir,
      log: silent,
      onDown: () => heard.push('down'),
      onRestart: () => heard.push('restart'),
    })
    await query(postgres.url, 'create table kept as select 1 as one')
    const before = postgres.pid
    await kill(before)
    expect(await soon(async () => (await query(postgres.url, 'select one from kept')).length === 1)).toBe(
      true,
    )
    expect(await soon(async () => heard.length === 2)).toBe(true)
    expect(heard).toEqual(['down', 'restart'])
    expect(postgres.pid).not.toBe(before)
    await postgres.stop()
    expect(isGone(postgres.pid)).toBe(true)
  })

  test('comes back although a busy backend of the killed one still holds its memory', async () => {
    const postgres = await startPostgres({ varDir, log: silent })
    const busy = query(postgres.url, 'select count(*) from generate_series(1, 4000000000)').catch(
      () => 'ended',
    )
    await soon(
      async () =>
        (
          await query(
            postgres.url,
            `select 1 from pg_stat_activity where query like '%4000000000%' and pid <> pg_backend_pid()`,
          )
        ).length === 1,
    )
    await kill(postgres.pid)
    expect(await soon(async () => (await query(postgres.url, 'select 1')).length === 1)).toBe(true)
    expect(await busy).toBe('ended')
    await postgres.stop()
  })

  test('left running by a killed server is taken on by the next one', async () => {
    const first = await abandon()
    const second = await startPostgres({ varDir, log: silent })
    expect(second).toMatchObject({ adopted: true, pid: first.pid, url: first.url })
    await second.stop()
    expect(isGone(first.pid)).toBe(true)
  })

  test('taken on and then killed is noticed and restarted too', async () => {
    await abandon()
    const second = await startPostgres({ varDir, log: silent })
    await kill(second.pid)
    expect(await soon(async () => (await query(second.url, 'select 1')).length === 1)).toBe(true)
    await second.stop()
  })

  test('left running with other settings is stopped first', async () => {
    const first = await abandon()
    await writeFile(join(varDir, 'postgres/data/postgresql.conf'), 'max_connections = 20\n')
    const second = await startPostgres({ varDir, log: silent })
    expect(second.adopted).toBe(false)
    expect(isGone(first.pid)).toBe(true)
    await second.stop()
  })

  test('killed together with its server starts again over the stale pid file', async () => {
    const first = await startPostgres({ varDir, log: silent })
    await query(first.url, 'create table kept as select 1 as one')
    const stale = await readFile(join(varDir, 'postgres/data/postmaster.pid'), 'utf8')
    await first.stop()
    // The pid in the file now belongs to somebody else: this very test.
    await writeFile(join(varDir, 'postgres/data/postmaster.pid'), stale.replace(/^\d+/, `${process.pid}`))
    const second = await startPostgres({ varDir, log: silent })
    expect(await query(second.url, 'select one from kept')).toEqual([{ one: 1 }])
    await second.stop()
  })

  test('half made by a killed first start is made anew', async () => {
    await mkdir(join(varDir, 'postgres/data.0badcafe.tmp/base'), { recursive: true })
    await writeFile(join(varDir, 'postgres/data.0badcafe.tmp/PG_VERSION'), '18\n')
    const postgres = await startPostgres({ varDir, log: silent })
    expect(await query(postgres.url, 'select 1 as one')).toEqual([{ one: 1 }])
    expect(await readdir(join(varDir, 'postgres'))).toEqual(['data'])
    await postgres.stop()
  })
})

describe('one clear sentence, in both languages', () => {
  const refusal = async (folder = varDir): Promise<StartError> => {
    const outcome = await startPostgres({ varDir: folder, log: silent }).catch((error: unknown) => error)
    if (!(outcome instanceof StartError))
      throw new Error('it started, or failed in another way', { cause: outcome })
    expect(outcome.zh).toMatch(/[\u4e00-\u9fff]/)
    expect(`${outcome.zh}${outcome.en}`).not.toContain('\n')
    return outcome
  }

  test('when a second server wants the same folder', async () => {
    const first = await startPostgres({ varDir, log: silent })
    expect((await refusal()).en).toContain(`Another CityLoop (process ${process.pid})`)
    expect(await query(first.url, 'select 1 as one')).toEqual([{ one: 1 }])
    await first.stop()
  })

  test('when the folder holds another major version', async () => {
    const first = await startPostgres({ varDir, log: silent })
    await first.stop()
    await writeFile(join(varDir, 'postgres/data/PG_VERSION'), '16\n')
    expect((await refusal()).en).toContain('was made by PostgreSQL 16')
    expect(existsSync(join(varDir, 'server.lock'))).toBe(false)
  })

  test('when the folder is a file', async () => {
    const file = join(varDir, randomUUID())
    await writeFile(file, '')
    expect((await refusal(file)).en).toContain('Cannot write to')
  })

  test.skipIf(process.getuid?.() === 0)(
    'when the folder may not be written (said to an ordinary user)',
    async () => {
      await chmod(varDir, 0o500)
      expect((await refusal()).en).toContain('Cannot write to')
      await chmod(varDir, 0o700)
    },
  )
})
