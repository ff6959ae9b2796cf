import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { createServer, type AddressInfo, type Server } from 'node:net'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

export const ROOT =
  process.env.CITYLOOP_STARTUP_ROOT ?? fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '')
export const IS_ROOT = process.getuid?.() === 0
/** The first page is promised within 15 s; a machine under test does other things too. */
const READY_MS = 60_000

export interface ServerOptions {
  varDir: string
  root?: string
  env?: Record<string, string>
  port?: number
  args?: string[]
  user?: { uid: number; gid: number }
}

export interface RunningServer {
  url: string
  port: number
  /** What was started: npm, or the server when started directly. */
  child: ChildProcess
  /** The server itself. */
  pid: number
  said: () => string
  complained: () => string
  exit: Promise<{ code: number | null; signal: NodeJS.Signals | null }>
}

/** Starts what a newcomer starts: `npm start`, in a process group of its own as a terminal would give it. */
export async function npmStart(options: ServerOptions): Promise<RunningServer> {
  const server = await launch('npm', ['start', '--', ...argumentsOf(options)], options)
  await untilReady(server)
  return { ...server, pid: serverOf(server.child.pid!) }
}

/** Starts the server without npm around it. */
export async function directStart(options: ServerOptions): Promise<RunningServer> {
  const server = await launch('sh', ['scripts/start.sh', ...argumentsOf(options)], options)
  await untilReady(server)
  return server
}

/** Starts a server that should refuse, and returns how it ended. */
export async function refusedStart(
  options: ServerOptions,
): Promise<{ code: number | null; complained: string; milliseconds: number }> {
  const begun = performance.now()
  const server = await launch('sh', ['scripts/start.sh', ...argumentsOf(options)], options)
  const late = setTimeout(() => server.child.kill('SIGKILL'), READY_MS)
  const { code } = await server.exit
  clearTimeout(late)
  return { code, complained: server.complained(), milliseconds: performance.now() - begun }
}

async function launch(command: string, args: string[], options: ServerOptions): Promise<RunningServer> {
  const port = options.port ?? (await freePort())
  const child = spawn(command, args, {
    cwd: options.root ?? ROOT,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    ...options.user,
    env: {
      ...ordinaryEnvironment(),
      PORT: `${port}`,
      HTTPS_PORT: '0',
      VAR_DIR: options.varDir,
      ...options.env,
    },
  })
  let said = ''
  let complained = ''
  child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (complained += chunk.toString()))
  const exit = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.once('error', (error) => {
      complained += error.message
      resolve({ code: 127, signal: null })
    })
    child.once('close', (code, signal) => resolve({ code, signal }))
  })
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    child,
    pid: child.pid ?? -1,
    said: () => said,
    complained: () => complained,
    exit,
  }
}

/** What a newcomer's shell has: nothing of the test run's npm, vitest or database. */
function ordinaryEnvironment(): NodeJS.ProcessEnv {
  const path = (process.env.PATH ?? '').split(':').filter((folder) => !folder.includes('node_modules'))
  return {
    PATH: path.join(':'),
    HOME: process.env.HOME,
    LANG: process.env.LANG,
    npm_config_update_notifier: 'false',
  }
}

const argumentsOf = (options: ServerOptions) => options.args ?? ['--no-simulator', '--people', '200']

async function untilReady(server: RunningServer): Promise<void> {
  const until = Date.now() + READY_MS
  while (Date.now() < until) {
    if (server.child.exitCode !== null || server.child.signalCode !== null) break
    if (/ready https?:\/\//.test(server.said()) && (await status(`${server.url}/healthz`)) === 200) return
    await wait(50)
  }
  const story = `${server.said()}\n${server.complained()}`
  end(server)
  throw new Error(`the server was not ready:\n${story}`)
}

/** HTTP status, or 0 when nobody answered. */
export async function status(url: string): Promise<number> {
  const response = await fetch(url, { signal: AbortSignal.timeout(5_000) }).catch(() => undefined)
  await response?.body?.cancel()
  return response?.status ?? 0
}

/** npm's only child: every shell between has become the server. */
function serverOf(npm: number): number {
  const children = readFileSync(`/proc/${npm}/task/${npm}/children`, 'utf8').trim().split(' ').map(Number)
  const server = children.find((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('src/main.ts'))
  if (server === undefined) throw new Error('the server is not the direct child of npm')
  return server
}

/** Ends a server and all of its group, for tests that failed half-way. */
export function end(server: RunningServer): void {
  if (server.child.pid === undefined || server.child.exitCode !== null) return
  try {
    process.kill(-server.child.pid, 'SIGKILL')
  } catch {
    // it ended by itself
  }
}

/** Waits for a check to hold; false when it did not within `milliseconds`. */
export async function eventually(
  check: () => boolean | Promise<boolean>,
  milliseconds = 30_000,
): Promise<boolean> {
  const until = Date.now() + milliseconds
  while (Date.now() < until) {
    if (await check()) return true
    await wait(50)
  }
  return false
}

/** Processes that work on a folder (the database's own folder is its working folder) or name it. */
export function processesOn(folder: string): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 1 && pid !== process.pid && worksOn(pid, folder))
}

function worksOn(pid: number, folder: string): boolean {
  try {
    if (readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ')) return false
    if (readlinkSync(`/proc/${pid}/cwd`).startsWith(folder)) return true
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(folder)
  } catch {
    return false
  }
}

/** A port that is taken until the returned server is closed. */
export async function takenPort(): Promise<{ port: number; holder: Server }> {
  const holder = createServer()
  await new Promise<void>((resolve) => holder.listen(0, '0.0.0.0', resolve))
  return { port: (holder.address() as AddressInfo).port, holder }
}

async function freePort(): Promise<number> {
  const { port, holder } = await takenPort()
  await new Promise((resolve) => holder.close(resolve))
  return port
}

/**
 * A copy of the repository for another home or another user, with the same packages: mounted where the system
 * allows it, else copied. Returns how to take it away again.
 */
export function copyRepository(to: string): () => void {
  mkdirSync(to, { recursive: true })
  for (const name of readdirSync(ROOT)) {
    if (['node_modules', 'var', '.git'].includes(name) || name.startsWith('dist.')) continue
    cpSync(join(ROOT, name), join(to, name), { recursive: true, verbatimSymlinks: true })
  }
  const packages = join(to, 'node_modules')
  const source = join(ROOT, 'node_modules')
  mkdirSync(packages)
  if (spawnSync('mount', ['--bind', source, packages]).status === 0) {
    return () => void spawnSync('umount', ['--lazy', packages])
  }
  const copied = spawnSync('cp', ['-a', '--reflink=auto', `${source}/.`, packages])
  if (copied.status !== 0) throw new Error(`the packages could not be copied: ${copied.stderr.toString()}`)
  return () => undefined
}

/** A small disk of its own; undefined where this process may not mount. */
export function smallDisk(folder: string, megabytes: number): (() => void) | undefined {
  mkdirSync(folder, { recursive: true })
  if (!IS_ROOT || !existsSync('/proc/mounts')) return undefined
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=755`, 'tmpfs', folder])
  return mounted.status === 0 ? () => void spawnSync('umount', ['--lazy', folder]) : undefined
}
