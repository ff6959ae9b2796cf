import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stopLeftover } from '#kernel/postgres.ts'

const ROOT = join(import.meta.dirname, '../..')

/** A city as anybody starts it: a process of its own, which can be killed. */
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
  given: { logLevel?: string; env?: Record<string, string> } = {},
): Promise<OwnCity> {
  const { logLevel = 'error' } = given
  const env = {
    ...process.env,
    VAR_DIR: varDir,
    PORT: String(port),
    HTTPS_PORT: '0',
    HOST: '127.0.0.1',
    LOG_LEVEL: logLevel,
    ...given.env,
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
    if (Date.now() > until || server.exitCode !== null) {
      server.kill('SIGKILL')
      throw new Error(`the city does not start (${server.exitCode})`)
    }
    await new Promise((done) => setTimeout(done, 100))
  }
  return { base, varDir, env, server, ended }
}

export const isReady = (base: string): Promise<boolean> =>
  fetch(`${base}/readyz`).then(
    (answer) => answer.ok,
    () => false,
  )

/** As a machine that loses its power: the server has no time for anything. */
export async function killServer(city: OwnCity): Promise<void> {
  city.server.kill('SIGKILL')
  await city.ended
}

/** Kills (-9) the database that this city started in its own folder, and waits until the city answers again. */
export async function killDatabase(city: OwnCity): Promise<void> {
  const file = join(city.varDir, 'postgres', 'data', 'postmaster.pid')
  process.kill(Number(readFileSync(file, 'utf8').split('\n')[0]), 'SIGKILL')
  await new Promise((done) => setTimeout(done, 50))
  const until = Date.now() + 120_000
  while (!(await isReady(city.base))) {
    if (Date.now() > until) throw new Error('the city does not come back after its database was killed')
    await new Promise((done) => setTimeout(done, 50))
  }
}

/** Where the database of this city is, as its owner. */
export const urlOf = (city: OwnCity): string =>
  execFileSync(process.execPath, ['src/cli/main.ts', 'db', 'url'], {
    cwd: ROOT,
    env: city.env,
    encoding: 'utf8',
  }).trim()

/** Stops the city and removes its folder, with a database that a killed server left running there. */
export async function removeOwn(city: OwnCity): Promise<void> {
  city.server.kill('SIGTERM')
  await city.ended
  await stopLeftover(city.varDir)
  rmSync(city.varDir, { recursive: true, force: true })
}

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
export const freshFolder = () => mkdtempSync(join(tmpdir(), 'cityloop-own-'))
