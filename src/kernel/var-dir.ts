import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import {
  access,
  constants,
  link,
  mkdir,
  readFile,
  rename,
  rm,
  stat,
  statfs,
  writeFile,
} from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { StartError } from './start-error.ts'

const MB = 1024 * 1024
/** ENOENT: making a folder with its parents only says so where nothing can be made at all, as under /proc. */
const REFUSALS = new Set(['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EEXIST', 'ENOENT', 'ENAMETOOLONG', 'ELOOP'])

/** Turns what a file system refuses while starting into one sentence; anything else comes back as it was. */
export function explainFileError(error: unknown, folder: string): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'ENOSPC' || code === 'EDQUOT') return diskFull(folder, error)
  if (typeof code === 'string' && REFUSALS.has(code)) {
    return new StartError(
      {
        zh: `不能写入 ${folder}：请检查权限，或用 VAR_DIR 指定另一个文件夹。`,
        en: `Cannot write to ${folder}: check its permissions, or name another folder with VAR_DIR.`,
      },
      { cause: error },
    )
  }
  return error
}

/** The sentence for a disk without room for the database. */
export function diskFull(folder: string, cause?: unknown): StartError {
  return new StartError(
    {
      zh: `磁盘已满：${folder} 没有足够的空间给数据库。请腾出空间，或用 VAR_DIR 指定另一个文件夹。`,
      en: `The disk is full: ${folder} has no room for the database. Free some space, or name another folder with VAR_DIR.`,
    },
    { cause },
  )
}

/** Makes `varDir` and makes sure that this process may write there; else StartError. */
export async function makeVarDir(varDir: string): Promise<void> {
  try {
    await makeFolder(varDir)
    await access(varDir, constants.W_OK | constants.X_OK)
  } catch (error) {
    throw explainFileError(error, varDir)
  }
}

/**
 * Makes a folder and its parents. Not mkdir's own `recursive`: under /proc, where nothing can be made, Node 24 then
 * tries for ever.
 */
export async function makeFolder(path: string): Promise<void> {
  const folder = resolve(path)
  const made = await mkdir(folder).catch((error: unknown) => error)
  if (!(made instanceof Error) || !('code' in made)) return
  if (made.code === 'EEXIST') {
    if ((await stat(folder)).isDirectory()) return
    throw made
  }
  if (made.code !== 'ENOENT' || dirname(folder) === folder) throw made
  await makeFolder(dirname(folder))
  await mkdir(folder)
}

/** Throws the disk-full sentence when less than `megabytes` are free under `folder`. */
export async function needSpace(folder: string, megabytes: number): Promise<void> {
  const disk = await statfs(folder)
  if (disk.bavail * disk.bsize < megabytes * MB) throw diskFull(folder)
}

/**
 * Makes `varDir` and holds it for this process until `release()`. A holder that no longer lives is displaced, one
 * that lives is a StartError: two servers on one folder would stop each other's database.
 */
export async function holdVarDir(varDir: string): Promise<{ release: () => Promise<void> }> {
  const path = join(varDir, 'server.lock')
  const draft = `${path}.${randomUUID()}`
  try {
    await makeFolder(varDir)
    await writeFile(draft, `${process.pid} ${startOf(process.pid) ?? ''}\n`, { mode: 0o644 })
    await takeLock(path, draft)
  } catch (error) {
    throw explainFileError(error, varDir)
  } finally {
    await rm(draft, { force: true }).catch(() => undefined)
  }
  return { release: () => rm(path, { force: true }) }
}

async function takeLock(path: string, draft: string): Promise<void> {
  for (let attempt = 0; attempt < 5; attempt++) {
    try {
      return await link(draft, path)
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
    }
    const holder = await readFile(path, 'utf8').catch(() => '')
    if (isAlive(holder)) throw inUse(holder)
    // Moved aside before it is removed: should another starter have replaced the stale lock meanwhile, we hold
    // its lock in our hands and can put it back.
    const aside = `${draft}.stale`
    await rename(path, aside).catch(() => undefined)
    const moved = await readFile(aside, 'utf8').catch(() => '')
    if (isAlive(moved)) await link(aside, path).catch(() => undefined)
    await rm(aside, { force: true })
  }
  throw inUse(await readFile(path, 'utf8').catch(() => ''))
}

function inUse(holder: string): StartError {
  const pid = holder.split(' ')[0] || '?'
  return new StartError({
    zh: `另一个 CityLoop（进程 ${pid}）正在使用这个 VAR_DIR：请先停止它，或指定另一个 VAR_DIR。`,
    en: `Another CityLoop (process ${pid}) is using this VAR_DIR: stop it first, or name another VAR_DIR.`,
  })
}

function isAlive(holder: string): boolean {
  const [pid, start] = holder.trim().split(' ')
  return pid !== undefined && pid !== '' && start !== undefined && startOf(Number(pid)) === start
}

/**
 * When a process began, in ticks since boot, or undefined when it is gone or a zombie. With the pid it names one
 * process for ever: pids are used again.
 */
export function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19]
  } catch {
    return undefined
  }
}
