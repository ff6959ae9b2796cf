import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { brotliCompress } from 'node:zlib'

export const ROOT = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '')
const PAGES = ['resident', 'field', 'console', 'wall']

export interface PagesReport {
  /** False when the pages on disk were already those of the sources, or when there is no page to build. */
  built: boolean
  /** Folder that the server serves; it may not exist while no page has been written. */
  folder: string
  milliseconds: number
}

/**
 * Builds the pages into `dist` when a source changed since the last build. Throws with the builder's last lines
 * when the build fails; the pages of the last good build then stay.
 */
export async function buildPagesIfChanged(
  options: { log?: (line: string) => void } = {},
): Promise<PagesReport> {
  const started = performance.now()
  const folder = join(ROOT, 'dist')
  const done = (built: boolean): PagesReport => ({
    built,
    folder,
    milliseconds: Math.round(performance.now() - started),
  })
  if (!PAGES.some((page) => existsSync(join(ROOT, 'web', page, 'index.html')))) return done(false)

  const wanted = await sourcesHash()
  const present = await readFile(join(folder, '.stamp'), 'utf8').catch(() => '')
  if (present === wanted) return done(false)

  options.log?.('正在生成页面… / Building the pages …')
  const fresh = join(ROOT, `dist.${process.pid}.tmp`)
  const old = join(ROOT, `dist.${process.pid}.old`)
  await removeLeftovers()
  try {
    await runVite(fresh)
    await compressAssets(fresh)
    await writeFile(join(fresh, '.stamp'), wanted)
    // A folder cannot be renamed over another one that has files, so there is an instant without pages; a kill in
    // it costs one more build at the next start and never leaves half of them.
    if (existsSync(folder)) await rename(folder, old)
    await rename(fresh, folder)
  } finally {
    await rm(fresh, { recursive: true, force: true })
    await rm(old, { recursive: true, force: true })
  }
  return done(true)
}

async function runVite(outDir: string): Promise<void> {
  const vite = join(ROOT, 'node_modules/vite/bin/vite.js')
  const child = spawn(
    process.execPath,
    [vite, 'build', '--outDir', outDir, '--emptyOutDir', '--logLevel', 'warn'],
    { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, NODE_ENV: 'production' } },
  )
  let said = ''
  const keep = (chunk: Buffer) => (said = (said + chunk.toString()).slice(-4_000))
  child.stdout.on('data', keep)
  child.stderr.on('data', keep)
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  if (code !== 0) throw new Error(`The pages could not be built:\n${said.trim()}`)
}

/** Small enough to go as it is; a compressed copy would save nothing. */
const WORTH_COMPRESSING = 1024

/**
 * Puts a brotli copy (quality 11) beside every asset: a fifth smaller than what a server can afford to make on the way,
 * and made once. The console's 1 MB takes about two seconds.
 */
async function compressAssets(folder: string): Promise<void> {
  const brotli = promisify(brotliCompress)
  const texts = await filesUnder(join(folder, 'assets'), (path) => /\.(?:js|css|svg|json)$/.test(path))
  for (const path of texts) {
    const body = await readFile(path)
    if (body.length >= WORTH_COMPRESSING) await writeFile(`${path}.br`, await brotli(body))
  }
}

async function removeLeftovers(): Promise<void> {
  for (const name of await readdir(ROOT)) {
    const pid = /^dist\.(\d+)\.(tmp|old)$/.exec(name)?.[1]
    if (pid && !existsSync(`/proc/${pid}`)) await rm(join(ROOT, name), { recursive: true, force: true })
  }
}

/** One hash over everything that ends up in a page. */
async function sourcesHash(): Promise<string> {
  const hash = createHash('sha256')
  const files = [
    ...(await filesUnder(join(ROOT, 'web'), () => true)),
    ...(await filesUnder(join(ROOT, 'src'), (path) => path.endsWith('contract.ts'))),
    ...['vite.config.ts', 'package.json', 'package-lock.json', 'tsconfig.json'].map((name) =>
      join(ROOT, name),
    ),
  ]
  for (const file of files.filter((path) => !/\.test\.tsx?$/.test(path)).sort()) {
    hash.update(relative(ROOT, file)).update('\0')
    hash.update(await readFile(file).catch(() => '')).update('\0')
  }
  return hash.digest('hex')
}

async function filesUnder(folder: string, wanted: (path: string) => boolean): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter(wanted)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const report = await buildPagesIfChanged({ log: (line) => process.stderr.write(`${line}\n`) })
  process.stderr.write(`${report.built ? 'built' : 'unchanged'} in ${report.milliseconds} ms\n`)
}
