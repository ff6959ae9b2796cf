import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { createServer, type AddressInfo } from 'node:net'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'

const ROOT = join(import.meta.dirname, '..')

/** One claim as it is printed: `value` in `unit`, `limit` measured in the same run (null where the goal is absolute). */
export type Claim = {
  claim: string
  value: number
  limit: number | null
  ratio: number | null
  unit: string
  [more: string]: unknown
}

export const SEED = 20220401

export type Bench = {
  base: string
  url: string
  sql: pg.Client
  version: string
  /** MB that the server holds in memory now; 0 where the system does not say it. */
  serverMb: () => number
  /** The server's process: the database descends from it. */
  pid: number
}

function residentMb(pid: number): number {
  try {
    return Math.round(
      Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024,
    )
  } catch {
    return 0
  }
}

export type OwnCity = {
  base: string
  varDir: string
  env: NodeJS.ProcessEnv
  server: ChildProcess
  ended: Promise<unknown>
}

/** Starts the server on a folder and a port as anybody would, and waits until it is ready. */
export async function startOwn(
  varDir: string,
  port: number,
  people: number,
  logLevel = 'error',
): Promise<OwnCity> {
  const env = {
    ...process.env,
    VAR_DIR: varDir,
    PORT: String(port),
    HTTPS_PORT: '0',
    HOST: '127.0.0.1',
    LOG_LEVEL: logLevel,
  }
  const server = spawn(process.execPath, ['src/main.ts', '--no-simulator', '--people', String(people)], {
    cwd: ROOT,
    env,
    stdio: ['ignore', 'ignore', logLevel === 'silent' ? 'ignore' : 'inherit'],
  })
  const ended = new Promise((done) => server.once('exit', done))
  const base = `http://127.0.0.1:${port}`
  const until = Date.now() + 120_000
  while (!(await isReady(base))) {
    if (Date.now() > until || server.exitCode !== null) throw new Error('the city does not start')
    await new Promise((done) => setTimeout(done, 100))
  }
  return { base, varDir, env, server, ended }
}

export const isReady = (base: string): Promise<boolean> =>
  fetch(`${base}/readyz`).then(
    (answer) => answer.ok,
    () => false,
  )

/** A port that nobody has: guessing met outgoing connections of other programs. */
export const freshPort = (): Promise<number> =>
  new Promise((done, failed) => {
    const probe = createServer()
    probe.once('error', failed)
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo
      probe.close(() => done(port))
    })
  })
export const freshFolder = () => mkdtempSync(join(tmpdir(), 'cityloop-bench-'))

/** Starts a city of its own as anybody would, on a database of its own, runs the work, and removes everything. */
export async function withBench<T>(work: (bench: Bench) => Promise<T>, people = 100): Promise<T> {
  const varDir = freshFolder()
  const { base, env, server, ended } = await startOwn(varDir, await freshPort(), people)
  try {
    const url = execFileSync(process.execPath, ['src/cli/main.ts', 'db', 'url'], {
      cwd: ROOT,
      env,
      encoding: 'utf8',
    }).trim()
    const sql = new pg.Client({ connectionString: url })
    await sql.connect()
    const { rows } = await sql.query<{ v: string }>(`select current_setting('server_version') as v`)
    try {
      return await work({
        base,
        url,
        sql,
        version: rows[0]!.v,
        serverMb: () => residentMb(server.pid!),
        pid: server.pid!,
      })
    } finally {
      await sql.end()
    }
  } finally {
    server.kill('SIGTERM')
    await ended
    rmSync(varDir, { recursive: true, force: true })
  }
}

/** Signs in as a demonstration account and gives a function that asks with its cookie. */
export async function signIn(
  base: string,
  username: string,
): Promise<(method: string, path: string, body?: unknown) => Promise<Response>> {
  const answer = await fetch(`${base}/api/session/demo`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username }),
  })
  if (!answer.ok) throw new Error(`cannot sign in as ${username}: ${answer.status}`)
  const cookie = answer.headers.getSetCookie()[0]!.split(';')[0]!
  return (method, path, body) =>
    fetch(base + path, {
      method,
      headers: { cookie, ...(body !== undefined && { 'content-type': 'application/json' }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
}

export function percentile(list: readonly number[], p: number): number {
  const sorted = [...list].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.ceil((p / 100) * sorted.length) - 1)]!
}

export const round = (x: number, digits = 2) => Math.round(x * 10 ** digits) / 10 ** digits

export function commit(): string {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim()
  } catch {
    return 'unknown'
  }
}

/** A table for people. */
export function table(title: string, rows: readonly Record<string, string | number>[]): void {
  process.stdout.write(`\n${title}\n`)
  const keys = Object.keys(rows[0] ?? {})
  const width = Object.fromEntries(
    keys.map((k) => [k, Math.max(k.length, ...rows.map((r) => String(r[k]).length))]),
  )
  const line = (cells: (k: string) => string) =>
    process.stdout.write(`  ${keys.map((k) => cells(k).padEnd(width[k]!)).join('  ')}\n`)
  line((k) => k)
  for (const row of rows) line((k) => String(row[k]))
}
