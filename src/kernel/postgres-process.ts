import { existsSync, readdirSync, readFileSync, readlinkSync, realpathSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { startOf } from './var-dir.ts'

export interface Postmaster {
  pid: number
  port: number
}

/** The postmaster that runs on `data` now, whoever started it; a stale pid file does not count. */
export function findPostmaster(data: string): Postmaster | undefined {
  const path = join(data, 'postmaster.pid')
  if (!existsSync(path)) return undefined
  const lines = readFileSync(path, 'utf8').split('\n')
  const pid = Number(lines[0])
  return isOurs(pid, data) ? { pid, port: Number(lines[3]) } : undefined
}

export const isGone = (pid: number) => startOf(pid) === undefined

/**
 * Stops a postmaster: fast (sessions are ended, a checkpoint is written), after `patience` milliseconds at once,
 * then by force. Returns when nothing of it runs and its pid file is gone.
 */
export async function stopPostmaster(data: string, pid: number, patience = 60_000): Promise<void> {
  const steps: [NodeJS.Signals, number][] = [
    ['SIGINT', patience],
    ['SIGQUIT', 10_000],
    ['SIGKILL', 5_000],
  ]
  for (const [signal, milliseconds] of steps) {
    if (isGone(pid)) break
    signalQuietly(pid, signal)
    const until = Date.now() + milliseconds
    while (!isGone(pid) && Date.now() < until) await wait(15)
  }
  await endOrphans(data)
  await removeStalePid(data)
}

/** Ends the backends that a killed postmaster left behind: while one holds the shared memory no new one starts. */
export async function endOrphans(data: string): Promise<void> {
  const master = findPostmaster(data)
  if (master) return
  for (let round = 0; round < 100; round++) {
    const orphans = processesOn(data)
    if (orphans.length === 0) return
    // Idle backends notice by themselves within milliseconds; busy ones are told to quit, then ended.
    for (const pid of orphans) if (round > 5) signalQuietly(pid, round > 40 ? 'SIGKILL' : 'SIGQUIT')
    await wait(50)
  }
}

/** Removes a pid file whose process does not run, so that PostgreSQL need not guess about a pid used again. */
export async function removeStalePid(data: string): Promise<void> {
  if (findPostmaster(data) === undefined) await rm(join(data, 'postmaster.pid'), { force: true })
}

function processesOn(data: string): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => Number.isInteger(pid) && pid > 1 && isOurs(pid, data))
}

/** A PostgreSQL program whose working folder is this data folder; nothing else is ever signalled. */
function isOurs(pid: number, data: string): boolean {
  if (!Number.isInteger(pid) || pid <= 1 || isGone(pid)) return false
  try {
    const program = basename(readlinkSync(`/proc/${pid}/exe`).replace(/ \(deleted\)$/, ''))
    return program === 'postgres' && readlinkSync(`/proc/${pid}/cwd`) === realpathSync(data)
  } catch {
    return false
  }
}

function signalQuietly(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch {
    // already gone
  }
}
