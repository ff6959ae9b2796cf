import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { chmod, chown, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { findLauncher, runTool, type Launcher } from './postgres-binaries.ts'
import { ACCESS_FILE, settingsFile } from './postgres-settings.ts'
import { StartError } from './start-error.ts'
import { diskFull, explainFileError, needSpace } from './var-dir.ts'

const MAJOR = '18'
export const SUPERUSER = 'cityloop'
export const DATABASE = 'cityloop'
const PASSWORD_FILE = 'cityloop.password'

/** A database cluster on disk, ready to be started. */
export interface Cluster {
  data: string
  password: string
  launcher: Launcher
  /** True when the settings on disk differ from those a running left-over was started with. */
  settingsChanged: boolean
}

/** Folder of the cluster inside VAR_DIR. */
export const clusterFolder = (varDir: string) => resolve(varDir, 'postgres')
export const dataFolder = (varDir: string) => join(clusterFolder(varDir), 'data')

/** Finds the cluster in `varDir` or makes it. Throws StartError for what a person must put right. */
export async function prepareCluster(varDir: string): Promise<Cluster> {
  try {
    return await prepare(varDir)
  } catch (error) {
    throw explainFileError(error, varDir)
  }
}

/** The password of the cluster's owner role; undefined before the first start. */
export async function findPassword(varDir: string): Promise<string | undefined> {
  const text = await readFile(join(dataFolder(varDir), PASSWORD_FILE), 'utf8').catch(() => undefined)
  return text?.trim()
}

async function prepare(varDir: string): Promise<Cluster> {
  const folder = clusterFolder(varDir)
  const data = dataFolder(varDir)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const existing = existsSync(data) ? await stat(data) : undefined
  // A new cluster is about 40 MB and its first write-ahead segments 32 MB; below this it would stop half-way.
  await needSpace(varDir, existing ? 48 : 200)
  refuseForeignOwner(data, existing?.uid)

  const launcher = await findLauncher(folder, existing && { uid: existing.uid, gid: existing.gid })
  await give(folder, launcher, 0o700)
  await removeHalfMade(folder)
  if (existsSync(data)) await checkVersion(data)
  else await initialise(folder, data, launcher)

  const password = await findPassword(varDir)
  if (!password) {
    throw new StartError({
      zh: `数据库密码文件 ${join(data, PASSWORD_FILE)} 不见了：请从备份恢复它。`,
      en: `The database password file ${join(data, PASSWORD_FILE)} is missing: restore it from a backup.`,
    })
  }
  const settingsChanged = await writeWhenDifferent(join(data, 'postgresql.conf'), settingsFile(), launcher)
  const accessChanged = await writeWhenDifferent(join(data, 'pg_hba.conf'), ACCESS_FILE, launcher)
  return { data, password, launcher, settingsChanged: settingsChanged || accessChanged }
}

/** Made beside its place and renamed into it: a folder called `data` is always whole. */
async function initialise(folder: string, data: string, launcher: Launcher): Promise<void> {
  const fresh = `${data}.${randomBytes(4).toString('hex')}.tmp`
  const passwordFile = `${fresh}.password`
  const password = randomBytes(24).toString('base64url')
  await writeFile(passwordFile, `${password}\n`, { mode: 0o600 })
  await give(passwordFile, launcher, 0o600)
  const identity = ['--username', SUPERUSER, '--pwfile', passwordFile, '--auth', 'scram-sha-256']
  // Collation by code point from PostgreSQL itself: fast, and the same on every machine for ever. The character
  // class comes from libc's C.UTF-8, because pg_trgm asks libc what a letter is: with LC_CTYPE C, and so with
  // ICU or the builtin provider alone, it sees no letter in Chinese and similarity() is 0.
  const collation = ['--locale-provider', 'builtin', '--builtin-locale', 'C.UTF-8', '--locale', 'C']
  const characters = ['--encoding', 'UTF8', '--lc-ctype', 'C.UTF-8']
  const args = ['-D', fresh, '--data-checksums', ...identity, ...collation, ...characters]
  const made = await runTool(launcher, 'initdb', args)
  if (made.code !== 0) {
    await rm(fresh, { recursive: true, force: true }).catch(() => undefined)
    await rm(passwordFile, { force: true }).catch(() => undefined)
    throw initFailure(folder, made.said)
  }
  await rename(passwordFile, join(fresh, PASSWORD_FILE))
  await rename(fresh, data)
}

function initFailure(folder: string, said: string): StartError {
  if (said.includes('No space left on device') || said.includes('Disk quota exceeded'))
    return diskFull(folder, new Error(said))
  const line = said.match(/^(?:initdb: error|.*FATAL): .*$/m)?.[0] ?? said.trim().split('\n').at(-1) ?? ''
  return new StartError(
    {
      zh: `数据库无法初始化（${folder}）：${line}`,
      en: `The database could not be created in ${folder}: ${line}`,
    },
    { cause: new Error(said) },
  )
}

function refuseForeignOwner(data: string, uid: number | undefined): void {
  const me = process.getuid?.()
  if (uid === undefined || me === 0 || me === uid) return
  throw new StartError({
    zh: `数据库文件夹 ${data} 属于另一个用户：请用那个用户运行，或用 VAR_DIR 指定另一个文件夹。`,
    en: `The database folder ${data} belongs to another user: run as that user, or name another folder with VAR_DIR.`,
  })
}

async function checkVersion(data: string): Promise<void> {
  const found = (await readFile(join(data, 'PG_VERSION'), 'utf8').catch(() => '')).trim()
  if (found === MAJOR) return
  throw new StartError({
    zh: `${data} 来自 PostgreSQL ${found || '（未知版本）'}，本程序使用 ${MAJOR}：请先用 pg_upgrade 升级，或指定另一个 VAR_DIR。`,
    en: `${data} was made by PostgreSQL ${found || '(unknown version)'}, CityLoop runs ${MAJOR}: upgrade it with pg_upgrade first, or name another VAR_DIR.`,
  })
}

async function removeHalfMade(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!/^data\.[0-9a-f]{8}\.tmp(\.password)?$/.test(name)) continue
    await rm(join(folder, name), { recursive: true, force: true }).catch(() => undefined)
  }
}

async function writeWhenDifferent(path: string, text: string, launcher: Launcher): Promise<boolean> {
  if ((await readFile(path, 'utf8').catch(() => undefined)) === text) return false
  const draft = `${path}.new`
  await writeFile(draft, text, { mode: 0o600 })
  await give(draft, launcher, 0o600)
  await rename(draft, path)
  return true
}

async function give(path: string, launcher: Launcher, mode: number): Promise<void> {
  await chmod(path, mode)
  if (launcher.owner) await chown(path, launcher.owner.uid, launcher.owner.gid)
}
