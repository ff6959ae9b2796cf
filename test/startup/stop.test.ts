import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import pg from 'pg'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { findRunningUrl, stopLeftover } from '#kernel/postgres.ts'
import {
  directStart,
  end,
  eventually,
  npmStart,
  processesOn,
  ROOT,
  status,
  type RunningServer,
} from './server.ts'

let varDir: string
let server: RunningServer | undefined

beforeEach(async () => {
  varDir = await mkdtemp(join(tmpdir(), 'cityloop-start-'))
})

afterEach(async () => {
  if (server) end(server)
  server = undefined
  await stopLeftover(varDir)
  await rm(varDir, { recursive: true, force: true })
})

async function sql(text: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: await findRunningUrl(varDir) })
  client.on('error', () => undefined)
  await client.connect()
  try {
    return (await client.query(text)).rows
  } finally {
    await client.end()
  }
}

async function postmaster(): Promise<number> {
  return Number((await readFile(join(varDir, 'postgres/data/postmaster.pid'), 'utf8')).split('\n')[0])
}

/** Server ended well, database shut down in order after it, nothing left. */
async function expectOrderlyEnd(ended: RunningServer): Promise<void> {
  const { code, signal } = await ended.exit
  expect({ code, signal }, ended.complained()).toEqual({ code: 0, signal: null })
  expect(await eventually(() => processesOn(varDir).length === 0)).toBe(true)
  const log = await readFile(join(varDir, 'postgres.log'), 'utf8')
  expect(log.trimEnd()).toMatch(/database system is shut down$/)
  expect(await status(`${ended.url}/healthz`)).toBe(0)
}

test('npm start serves the city, and Ctrl-C at the terminal stops server, then database', async () => {
  server = await npmStart({ varDir })
  expect(await status(`${server.url}/healthz`)).toBe(200)
  expect(await eventually(async () => (await status(`${server!.url}/readyz`)) === 200)).toBe(true)
  // A terminal sends Ctrl-C to the whole group: to npm and to the server, which hears of it twice.
  process.kill(-server.child.pid!, 'SIGINT')
  await expectOrderlyEnd(server)
})

test('SIGTERM to npm stops server, then database', async () => {
  server = await npmStart({ varDir })
  process.kill(server.child.pid!, 'SIGTERM')
  expect(await eventually(() => processesOn(varDir).length === 0)).toBe(true)
  await server.exit
  const log = await readFile(join(varDir, 'postgres.log'), 'utf8')
  expect(log.trimEnd()).toMatch(/database system is shut down$/)
})

test('SIGTERM to the server stops server, then database, and a second start keeps the data', async () => {
  server = await directStart({ varDir })
  await sql('create table kept_by_test as select 1 as one')
  process.kill(server.pid, 'SIGTERM')
  await expectOrderlyEnd(server)

  server = await directStart({ varDir })
  expect(await sql('select one from kept_by_test')).toEqual([{ one: 1 }])
  process.kill(server.pid, 'SIGTERM')
  await expectOrderlyEnd(server)
})

test('after kill -9 of the server the next start takes over its database and keeps the data', async () => {
  server = await directStart({ varDir })
  await sql('create table kept_by_test as select 1 as one')
  process.kill(server.pid, 'SIGKILL')
  await server.exit
  expect(await postmaster()).toBeGreaterThan(1)

  server = await directStart({ varDir })
  expect(await sql('select one from kept_by_test')).toEqual([{ one: 1 }])
  process.kill(server.pid, 'SIGTERM')
  await expectOrderlyEnd(server)
})

test('after kill -9 of the server and the database the next start keeps the data', async () => {
  server = await directStart({ varDir })
  await sql('create table kept_by_test as select 1 as one')
  process.kill(server.pid, 'SIGKILL')
  process.kill(await postmaster(), 'SIGKILL')
  await server.exit

  server = await directStart({ varDir })
  expect(await sql('select one from kept_by_test')).toEqual([{ one: 1 }])
  process.kill(server.pid, 'SIGTERM')
  await expectOrderlyEnd(server)
})

test('kill -9 of the server in the middle of its first start does not spoil the second', async () => {
  for (const milliseconds of [150, 400, 700, 1_000, 1_500]) {
    const early = spawn('sh', ['scripts/start.sh', '--no-simulator', '--people', '200'], {
      cwd: ROOT,
      stdio: 'ignore',
      env: { ...process.env, VAR_DIR: varDir, PORT: '0', HTTPS_PORT: '0' },
    })
    const closed = new Promise((resolve) => early.once('close', resolve))
    await wait(milliseconds)
    early.kill('SIGKILL')
    await closed
  }
  server = await directStart({ varDir })
  expect(await eventually(async () => (await status(`${server!.url}/readyz`)) === 200)).toBe(true)
  process.kill(server.pid, 'SIGTERM')
  await expectOrderlyEnd(server)
})

test('kill -9 of the database under a running server: it says 503 at most, and recovers by itself', async () => {
  server = await directStart({ varDir })
  await sql('create table kept_by_test as select 1 as one')
  const before = await postmaster()
  process.kill(before, 'SIGKILL')
  const seen = new Set<number>()
  const recovered = await eventually(async () => {
    const code = await status(`${server!.url}/readyz`)
    seen.add(code)
    return code === 200 && (await postmaster().catch(() => before)) !== before
  })
  expect(recovered).toBe(true)
  expect([...seen].filter((code) => code !== 200 && code !== 503)).toEqual([])
  expect(await status(`${server.url}/healthz`)).toBe(200)
  expect(await sql('select one from kept_by_test')).toEqual([{ one: 1 }])
  process.kill(server.pid, 'SIGTERM')
  await expectOrderlyEnd(server)
})
