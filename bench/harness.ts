import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import pg from 'pg'
import { freshFolder, freshPort, removeOwn, startOwn, urlOf } from '#test/harness/own-city.ts'

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

/** Starts a city of its own as anybody would, on a database of its own, runs the work, and removes everything. */
export async function withBench<T>(work: (bench: Bench) => Promise<T>, people = 100): Promise<T> {
  const city = await startOwn(freshFolder(), await freshPort(), people)
  try {
    const url = urlOf(city)
    const sql = new pg.Client({ connectionString: url })
    await sql.connect()
    const { rows } = await sql.query<{ v: string }>(`select current_setting('server_version') as v`)
    try {
      return await work({
        base: city.base,
        url,
        sql,
        version: rows[0]!.v,
        serverMb: () => residentMb(city.server.pid!),
        pid: city.server.pid!,
      })
    } finally {
      await sql.end()
    }
  } finally {
    await removeOwn(city)
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
