import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { commit, type Claim } from './harness.ts'

const NOT_BENCHES = new Set(['run.ts', 'harness.ts', 'data.ts', 'cpu.ts', 'wire.ts'])
const all = readdirSync(import.meta.dirname)
  .filter((f) => f.endsWith('.ts') && !NOT_BENCHES.has(f))
  .map((f) => f.slice(0, -3))
const asked = process.argv.slice(2)

for (const name of asked.length > 0 ? asked : all) {
  const file = join(import.meta.dirname, `${name}.ts`)
  if (!all.includes(name) || !existsSync(file)) {
    process.stderr.write(`There is no bench "${name}". Benches: ${all.join(', ')}\n`)
    process.exit(2)
  }
  const { run } = (await import(file)) as { run: () => Promise<Claim> }
  const claim = await run()
  process.stdout.write(`${JSON.stringify({ ...claim, commit: commit(), node: process.version })}\n`)
}
