import { spawnSync } from 'node:child_process'
import { chmodSync, chownSync, mkdirSync, readFileSync, statSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { stopLeftover } from '#kernel/postgres.ts'
import {
  copyRepository,
  end,
  eventually,
  IS_ROOT,
  npmStart,
  processesOn,
  status,
  type RunningServer,
} from './server.ts'

let home: string
let varDir: string
let server: RunningServer | undefined
let remove: (() => void) | undefined

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'cityloop-users-'))
  varDir = join(home, 'city/var')
})

afterEach(async () => {
  if (server) end(server)
  server = undefined
  await stopLeftover(varDir)
  remove?.()
  remove = undefined
  await rm(home, { recursive: true, force: true })
})

function userOf(pid: number): number {
  return Number(/^Uid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1])
}

function capabilitiesOf(pid: number): bigint {
  return BigInt(`0x${/^CapEff:\s+([0-9a-f]+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]}`)
}

const postmaster = () =>
  Number(readFileSync(join(varDir, 'postgres/data/postmaster.pid'), 'utf8').split('\n')[0])

async function stopInOrder(running: RunningServer): Promise<void> {
  process.kill(running.child.pid!, 'SIGTERM')
  await running.exit
  expect(await eventually(() => processesOn(varDir).length === 0)).toBe(true)
}

test.skipIf(!IS_ROOT)(
  'root under a closed home: the database runs as an ordinary user with no power but to read',
  async () => {
    chmodSync(home, 0o700)
    remove = copyRepository(join(home, 'city'))
    // No VAR_DIR given: ./var inside the closed home.
    server = await npmStart({ varDir: './var', root: join(home, 'city'), env: { HOME: home } })
    expect(await eventually(async () => (await status(`${server!.url}/readyz`)) === 200)).toBe(true)
    expect(userOf(server.pid)).toBe(0)
    expect(userOf(postmaster())).not.toBe(0)
    const readPastClosedFolders = 1n << 2n
    const writeToo = 1n << 1n
    expect([readPastClosedFolders, writeToo]).toContain(capabilitiesOf(postmaster()))
    expect(statSync(home).mode & 0o777).toBe(0o700)
    await stopInOrder(server)
  },
)

test.skipIf(!IS_ROOT)(
  'root in an open folder: the database runs as an ordinary user with no power at all',
  async () => {
    chmodSync(home, 0o755)
    remove = copyRepository(join(home, 'city'))
    server = await npmStart({ varDir: './var', root: join(home, 'city') })
    expect(userOf(postmaster())).not.toBe(0)
    expect(capabilitiesOf(postmaster())).toBe(0n)
    await stopInOrder(server)
  },
)

test.skipIf(!IS_ROOT)('another user with a copy of the repository', async () => {
  const user = ordinaryUser()
  chmodSync(home, 0o755)
  const root = join(home, 'city')
  remove = copyRepository(root)
  mkdirSync(join(home, 'their-home'))
  chownSync(join(home, 'their-home'), user.uid, user.gid)
  // The packages stay root's: mounted ones are shared, and the user need not write to them.
  spawnSync('find', [
    root,
    '-xdev',
    '-path',
    `${root}/node_modules`,
    '-prune',
    '-o',
    '-exec',
    'chown',
    `${user.uid}:${user.gid}`,
    '{}',
    '+',
  ])
  server = await npmStart({ varDir: './var', root, user, env: { HOME: join(home, 'their-home') } })
  expect(await eventually(async () => (await status(`${server!.url}/readyz`)) === 200)).toBe(true)
  expect(userOf(server.pid)).toBe(user.uid)
  expect(userOf(postmaster())).toBe(user.uid)
  await stopInOrder(server)
})

test.skipIf(IS_ROOT)('an ordinary user in a closed home', async () => {
  chmodSync(home, 0o700)
  remove = copyRepository(join(home, 'city'))
  server = await npmStart({ varDir: './var', root: join(home, 'city'), env: { HOME: home } })
  expect(userOf(postmaster())).toBe(process.getuid?.())
  await stopInOrder(server)
})

function ordinaryUser(): { uid: number; gid: number } {
  const [, uid, gid] = /^nobody:[^:]*:(\d+):(\d+):/m.exec(readFileSync('/etc/passwd', 'utf8')) ?? []
  return { uid: Number(uid ?? 65_534), gid: Number(gid ?? 65_534) }
}
