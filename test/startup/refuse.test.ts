import { chmodSync, statfsSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { stopLeftover } from '#kernel/postgres.ts'
import {
  directStart,
  end,
  eventually,
  IS_ROOT,
  processesOn,
  refusedStart,
  smallDisk,
  takenPort,
  type RunningServer,
  type ServerOptions,
} from './server.ts'

let home: string
let varDir: string
let server: RunningServer | undefined

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'cityloop-refuse-'))
  varDir = join(home, 'var')
})

afterEach(async () => {
  if (server) end(server)
  server = undefined
  await stopLeftover(varDir)
  await rm(home, { recursive: true, force: true })
})

/** One sentence, said in Chinese and in English, without a stack; a non-zero exit; nothing left running. */
async function expectSentence(options: ServerOptions, words: RegExp, within = 30_000): Promise<void> {
  const outcome = await refusedStart(options)
  const lines = outcome.complained.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('{'))
  expect(outcome.complained).toMatch(words)
  expect(outcome.complained).toMatch(/[\u4e00-\u9fff]/)
  expect(outcome.complained).not.toMatch(/^\s+at /m)
  expect(lines.length, outcome.complained).toBeLessThanOrEqual(2)
  expect(outcome.code).toBeGreaterThan(0)
  expect(outcome.milliseconds).toBeLessThan(within)
  if (!server) expect(await eventually(() => processesOn(options.varDir).length === 0, 5_000)).toBe(true)
}

test('a port that somebody else has', async () => {
  const { port, holder } = await takenPort()
  try {
    await expectSentence({ varDir, port }, new RegExp(`${port}`))
  } finally {
    holder.close()
  }
})

test('a database address where nobody answers', async () => {
  const env = { DATABASE_URL: 'postgres://nobody:nothing@127.0.0.1:1/none' }
  await expectSentence({ varDir, env }, /DATABASE_URL/, 15_000)
})

test('a database address that is none', async () => {
  await expectSentence({ varDir, env: { DATABASE_URL: 'mysql:/what' } }, /DATABASE_URL/, 15_000)
})

test('a second server on the same folder', async () => {
  server = await directStart({ varDir })
  await expectSentence({ varDir }, /VAR_DIR/)
  expect(server.child.exitCode).toBeNull()
})

test('a folder that is a file', async () => {
  await writeFile(varDir, '')
  await expectSentence({ varDir }, /VAR_DIR/)
})

test('a folder where nothing can be made', async () => {
  await expectSentence({ varDir: '/proc/cityloop' }, /VAR_DIR/)
})

test.skipIf(IS_ROOT)('a folder that may not be written (root may write everywhere)', async () => {
  chmodSync(home, 0o500)
  await expectSentence({ varDir }, /VAR_DIR/)
  chmodSync(home, 0o700)
})

test('an unknown argument', async () => {
  await expectSentence({ varDir, args: ['--no-such-thing'] }, /no-such-thing/)
})

test('a disk without room for a first start', async (context) => {
  const unmount = smallDisk(varDir, 24)
  if (!unmount) return context.skip('only root may mount a small disk')
  try {
    await expectSentence({ varDir }, /disk is full/)
  } finally {
    unmount()
  }
})

test('a disk that has filled up since the last start', async (context) => {
  const unmount = smallDisk(varDir, 600)
  if (!unmount) return context.skip('only root may mount a small disk')
  try {
    server = await directStart({ varDir })
    process.kill(server.pid, 'SIGTERM')
    await server.exit
    server = undefined
    const { bavail, bsize } = statfsSync(varDir)
    writeFileSync(join(varDir, 'filler'), Buffer.alloc(bavail * bsize - 4096))
    await expectSentence({ varDir }, /disk is full/)
  } finally {
    unmount()
  }
})
