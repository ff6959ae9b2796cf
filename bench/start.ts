import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { round, SEED, table, type Claim } from './harness.ts'

const ROOT = join(import.meta.dirname, '..')
const PORT = 28_080

async function once(varDir: string): Promise<{ page: number; wall: number }> {
  const started = performance.now()
  const child = spawn('npm', ['start', '--', '--no-simulator'], {
    cwd: ROOT,
    env: { ...process.env, PORT: String(PORT), HTTPS_PORT: '0', VAR_DIR: varDir },
    stdio: 'ignore',
    detached: true,
  })
  try {
    const until = started + 60_000
    for (;;) {
      const answer = await fetch(`http://127.0.0.1:${PORT}/`).catch(() => undefined)
      if (answer?.ok) {
        await answer.text()
        const page = performance.now() - started
        // Data is loaded: a place is found and the demonstration accounts are there.
        const places = await fetch(`http://127.0.0.1:${PORT}/api/places?q=huamu`).then(
          (r) => r.json() as Promise<{ items: unknown[] }>,
        )
        if (places.items.length === 0) throw new Error('the page came before the data')
        return { page, wall: performance.now() - started }
      }
      if (performance.now() > until) throw new Error('no page within 60 s')
      await new Promise((done) => setTimeout(done, 50))
    }
  } finally {
    const ended = new Promise((done) => child.once('close', done))
    child.kill('SIGTERM')
    await ended
  }
}

/** Milliseconds from `npm start` to the first page with the city's data loaded: a first start and a second one. */
export async function run(): Promise<Claim> {
  const varDir = mkdtempSync(join(tmpdir(), 'cityloop-start-'))
  try {
    const first = await once(varDir)
    const second = await once(varDir)
    table('npm start, packages installed, pages built, 20,000 simulated people', [
      { start: 'first (makes the database and the city)', ms: round(first.page, 0) },
      { start: 'second', ms: round(second.page, 0) },
    ])
    return {
      claim: 'start',
      value: round(first.page, 0),
      limit: null,
      ratio: null,
      unit: 'ms to the first page',
      second: round(second.page, 0),
      seed: SEED,
    }
  } finally {
    rmSync(varDir, { recursive: true, force: true })
  }
}
