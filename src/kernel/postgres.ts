import type { ChildProcess } from 'node:child_process'
import { closeSync, openSync, statSync } from 'node:fs'
import { copyFile, readFile, truncate } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join, resolve } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import pg from 'pg'
import { launch } from './postgres-binaries.ts'
import {
  dataFolder,
  DATABASE,
  findPassword,
  prepareCluster,
  SUPERUSER,
  type Cluster,
} from './postgres-cluster.ts'
import { endOrphans, findPostmaster, isGone, removeStalePid, stopPostmaster } from './postgres-process.ts'
import { StartError } from './start-error.ts'
import { diskFull, explainFileError, holdVarDir } from './var-dir.ts'

const LOG_LIMIT = 20 * 1024 * 1024
/** Recovery after a crash replays at most max_wal_size; minutes on a slow disk. */
const RECOVERY_MS = 10 * 60_000

/** What this module tells; pino's loggers fit. */
export interface PostgresLog {
  info: (fields: object, message: string) => void
  warn: (fields: object, message: string) => void
}

export interface PostgresOptions {
  varDir: string
  log: PostgresLog
  /** The database died while it should run; a restart is under way. */
  onDown?: () => void
  /** It answers again, at the same address with the same password. */
  onRestart?: () => void
}

export interface Postgres {
  /** Connection string of the owner role; it never changes while the server runs. */
  readonly url: string
  readonly port: number
  /** Of the postmaster; changes with a restart. */
  readonly pid: number
  readonly version: string
  /** True when a database left over by a killed server was taken on as it ran. */
  readonly adopted: boolean
  /** Ends sessions, writes a checkpoint, stops. Safe to call twice. */
  stop: () => Promise<void>
}

interface Running {
  pid: number
  port: number
  child: ChildProcess | undefined
}

/**
 * Starts the embedded PostgreSQL on `varDir`, or takes on the one that a killed server left running there. Keeps it
 * running until `stop()`. Throws StartError for a full disk, a closed folder, a foreign version, a second server.
 */
export async function startPostgres(options: PostgresOptions): Promise<Postgres> {
  const { log } = options
  const varDir = resolve(options.varDir)
  const held = await holdVarDir(varDir)
  let running: Running | undefined
  try {
    const cluster = await prepareCluster(varDir)
    running = await takeOn(cluster, log)
    const adopted = running !== undefined
    running ??= await start(cluster, varDir, log)
    const version = await ensureDatabase(cluster, running.port)
    log.info({ pid: running.pid, port: running.port, version, adopted }, 'database ready')
    return guard({ ...options, varDir, cluster, running, version, adopted, release: held.release })
  } catch (error) {
    if (running) await stopPostmaster(dataFolder(varDir), running.pid).catch(() => undefined)
    await held.release()
    throw explainFileError(error, varDir)
  }
}

/** Address of the database that runs on `varDir` now, for the command line beside a running server. */
export async function findRunningUrl(varDir: string): Promise<string | undefined> {
  const master = findPostmaster(dataFolder(varDir))
  const password = await findPassword(varDir)
  return master && password ? urlOf(password, master.port) : undefined
}

/** Stops whatever PostgreSQL still runs on `varDir`; returns false when there was none. */
export async function stopLeftover(varDir: string): Promise<boolean> {
  const data = dataFolder(varDir)
  const master = findPostmaster(data)
  if (master) await stopPostmaster(data, master.pid)
  else await endOrphans(data)
  return master !== undefined
}

function guard(
  given: PostgresOptions & {
    cluster: Cluster
    running: Running
    version: string
    adopted: boolean
    release: () => Promise<void>
  },
): Postgres {
  const { cluster, varDir, log } = given
  let running = given.running
  const state = {
    stopping: undefined as Promise<void> | undefined,
    restarting: undefined as Promise<void> | undefined,
  }
  const tidy = setInterval(() => void rotateLog(logPath(varDir)), 60_000).unref()

  const watch = () => {
    const pid = running.pid
    if (running.child) {
      running.child.once('exit', () => died(pid))
      // Between the readiness check and this line it may have gone already.
      if (running.child.exitCode !== null || running.child.signalCode !== null) died(pid)
      return
    }
    const poll = setInterval(() => {
      if (!isGone(pid)) return
      clearInterval(poll)
      died(pid)
    }, 300).unref()
  }

  const died = (pid: number) => {
    if (state.stopping || state.restarting || pid !== running.pid) return
    log.warn({ pid }, 'database died; restarting it')
    given.onDown?.()
    state.restarting = restart().finally(() => (state.restarting = undefined))
  }

  const restart = async () => {
    for (let delay = 100; !state.stopping; delay = Math.min(delay * 2, 15_000)) {
      try {
        running = await start(cluster, varDir, log, given.running.port, () => state.stopping !== undefined)
        if (state.stopping) return
        log.info({ pid: running.pid }, 'database answers again')
        watch()
        given.onRestart?.()
        return
      } catch (error) {
        log.warn({ error: error instanceof Error ? error.message : String(error) }, 'database restart failed')
        await wait(delay)
      }
    }
  }

  const stop = async () => {
    clearInterval(tidy)
    await state.restarting?.catch(() => undefined)
    await stopPostmaster(cluster.data, running.pid)
    await given.release()
  }

  watch()
  return {
    url: urlOf(cluster.password, running.port),
    port: running.port,
    get pid() {
      return running.pid
    },
    version: given.version,
    adopted: given.adopted,
    stop: () => (state.stopping ??= Promise.resolve().then(stop)),
  }
}

/** Adopts a healthy left-over; stops one that is sick or was started with other settings. */
async function takeOn(cluster: Cluster, log: PostgresLog): Promise<Running | undefined> {
  const master = findPostmaster(cluster.data)
  if (!master) {
    await endOrphans(cluster.data)
    await removeStalePid(cluster.data)
    return undefined
  }
  const healthy = !cluster.settingsChanged && (await answersWithin(cluster, master.port, 15_000))
  if (healthy) return { ...master, child: undefined }
  log.warn({ pid: master.pid }, 'stopping a left-over database')
  await stopPostmaster(cluster.data, master.pid, 15_000)
  return undefined
}

async function answersWithin(cluster: Cluster, port: number, milliseconds: number): Promise<boolean> {
  const until = Date.now() + milliseconds
  while (Date.now() < until) {
    const state = await ask(cluster, port)
    if (state === 'ready') return true
    if (state === 'refused') return false
    await wait(50)
  }
  return false
}

async function start(
  cluster: Cluster,
  varDir: string,
  log: PostgresLog,
  fixedPort?: number,
  givenUp: () => boolean = () => false,
): Promise<Running> {
  let failure: unknown
  for (let attempt = 0; attempt < 4 && !givenUp(); attempt++) {
    await endOrphans(cluster.data)
    await removeStalePid(cluster.data)
    const port = fixedPort ?? (await freePort())
    try {
      return await startOnce(cluster, varDir, log, port)
    } catch (error) {
      failure = error
      if (error instanceof StartError) throw error
      // Another program took the port, or a backend of a killed postmaster still holds the shared memory.
      await wait(200 * (attempt + 1))
    }
  }
  const reason = failure instanceof Error ? failure.message : String(failure)
  throw new StartError(
    {
      zh: `数据库启动失败：${reason}（详见 ${logPath(varDir)}）`,
      en: `The database did not start: ${reason} (see ${logPath(varDir)})`,
    },
    { cause: failure },
  )
}

async function startOnce(cluster: Cluster, varDir: string, log: PostgresLog, port: number): Promise<Running> {
  const path = logPath(varDir)
  await rotateLog(path)
  const output = openSync(path, 'a', 0o600)
  const from = statSync(path).size
  const child = launch(
    cluster.launcher,
    'postgres',
    ['-D', cluster.data, '-p', `${port}`, '-h', '127.0.0.1'],
    output,
  )
  closeSync(output)
  child.unref()
  const end: { how?: string } = {}
  child.once('error', (error) => (end.how = error.message))
  child.once('exit', (code, signal) => (end.how = `exit ${code ?? signal}`))

  const begun = Date.now()
  let told = begun
  while (end.how === undefined) {
    if (child.pid !== undefined && (await ask(cluster, port)) === 'ready')
      return { pid: child.pid, port, child }
    if (Date.now() - begun > RECOVERY_MS) {
      if (child.pid !== undefined) await stopPostmaster(cluster.data, child.pid, 5_000)
      throw new Error(`no answer within ${RECOVERY_MS / 60_000} minutes`)
    }
    if (Date.now() - told > 5_000) {
      told = Date.now()
      log.info({ seconds: Math.round((told - begun) / 1_000) }, 'database is recovering')
    }
    await wait(Date.now() - begun < 2_000 ? 15 : 100)
  }
  throw await startFailure(varDir, from, end.how)
}

/** Reads why it ended from what it wrote since `from` bytes. */
async function startFailure(varDir: string, from: number, ended: string): Promise<Error> {
  const text = await readFile(logPath(varDir)).catch(() => Buffer.alloc(0))
  const said = text.subarray(from).toString()
  if (said.includes('No space left on device') || said.includes('Disk quota exceeded'))
    return diskFull(varDir, new Error(said))
  const line = said.match(/(?:FATAL|PANIC): {2}(.*)$/m)?.[1]
  return new Error(line ?? ended)
}

/** One SELECT 1: ready, still starting, or refused (a wrong password: not our database). */
async function ask(cluster: Cluster, port: number): Promise<'ready' | 'starting' | 'refused'> {
  const client = new pg.Client({
    connectionString: urlOf(cluster.password, port, 'postgres'),
    connectionTimeoutMillis: 3_000,
    query_timeout: 3_000,
  })
  client.on('error', () => undefined)
  try {
    await client.connect()
    await client.query('select 1')
    return 'ready'
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    return code.startsWith('28') ? 'refused' : 'starting'
  } finally {
    await client.end().catch(() => undefined)
  }
}

async function ensureDatabase(cluster: Cluster, port: number): Promise<string> {
  const client = new pg.Client({ connectionString: urlOf(cluster.password, port, 'postgres') })
  client.on('error', () => undefined)
  await client.connect()
  try {
    const found = await client.query('select 1 from pg_database where datname = $1', [DATABASE])
    if (found.rowCount === 0) await client.query(`create database ${DATABASE}`)
    const version = await client.query<{ server_version: string }>('show server_version')
    return version.rows[0]?.server_version ?? ''
  } finally {
    await client.end()
  }
}

/** Copied aside and emptied in place: the database holds the file open for appending. */
async function rotateLog(path: string): Promise<void> {
  try {
    if (statSync(path).size < LOG_LIMIT) return
    await copyFile(path, `${path}.1`)
    await truncate(path)
  } catch {
    // not there yet, or no room for the copy: the log waits for better times
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('no free port')
  return address.port
}

const logPath = (varDir: string) => join(varDir, 'postgres.log')
const urlOf = (password: string, port: number, database = DATABASE) =>
  `postgres://${SUPERUSER}:${password}@127.0.0.1:${port}/${database}`
