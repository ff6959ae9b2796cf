import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { buildPagesIfChanged, ROOT } from './prepare.ts'

interface Count {
  passed: number
  failed: number
}

const BIN = join(ROOT, 'node_modules/.bin')
const FOLDERS = ['src', 'web', 'test', 'bench', 'scripts']

const Cruise = z.object({
  summary: z.object({
    totalCruised: z.number(),
    violations: z.array(z.object({ from: z.string(), to: z.string(), rule: z.object({ name: z.string() }) })),
  }),
  modules: z.array(z.object({ source: z.string() })),
})

const Report = z.object({
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  numPendingTests: z.number(),
  testResults: z.array(
    z.object({
      status: z.string(),
      assertionResults: z.array(
        z.object({ status: z.string(), fullName: z.string(), failureMessages: z.array(z.string()) }),
      ),
    }),
  ),
})

/** What the canary must set off. Without it a checker that reads no modules would report success. */
const CANARY_RULES = [
  'down-only-from-places',
  'not-sideways-from-requests',
  'kernel-knows-no-domain',
  'through-the-front-door',
  'contracts-are-portable',
  'rules-are-pure',
  'pages-know-contracts-only',
  'pages-keep-apart',
  'phone-pages-stay-small',
  'outside-means-public-api',
  'product-does-not-know-its-tests',
  'no-cycles',
  'everything-resolves',
]

async function run(program: string, args: string[]): Promise<{ code: number; said: string }> {
  const child = spawn(join(BIN, program), args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()))
  const code = await new Promise<number>((resolve) => {
    child.once('error', () => resolve(127))
    child.once('close', (given) => resolve(given ?? 1))
  })
  return { code, said }
}

async function need(program: string, args: string[]): Promise<void> {
  const { code, said } = await run(program, args)
  if (code !== 0) throw new Error(said.trim())
}

async function cruise(folders: string[]): Promise<z.infer<typeof Cruise>> {
  const { said } = await run('depcruise', [
    '--config',
    '.dependency-cruiser.cjs',
    '--output-type',
    'json',
    ...folders,
  ])
  return Cruise.parse(JSON.parse(said))
}

async function boundaries(): Promise<void> {
  const house = await cruise(FOLDERS.filter((folder) => existsSync(join(ROOT, folder))))
  const broken = house.summary.violations.filter((violation) => !violation.from.startsWith('test/canary/'))
  if (broken.length > 0) {
    throw new Error(broken.map(({ rule, from, to }) => `${rule.name}: ${from} → ${to}`).join('\n'))
  }
  const sources = (await readdir(join(ROOT, 'src'), { recursive: true })).filter((name) =>
    name.endsWith('.ts'),
  )
  const read = house.modules.filter((module) => module.source.startsWith('src/')).length
  if (read * 2 < sources.length) throw new Error(`only ${read} of ${sources.length} modules of src were read`)

  const canary = await cruise(['test/canary'])
  const set = new Set(canary.summary.violations.map((violation) => violation.rule.name))
  const silent = CANARY_RULES.filter((rule) => !set.has(rule))
  if (silent.length > 0) throw new Error(`the canary did not set off: ${silent.join(', ')}`)
}

async function pages(): Promise<void> {
  const { folder } = await buildPagesIfChanged()
  if (!existsSync(join(folder, '.stamp'))) throw new Error('no page was found under web/')
}

async function browser(): Promise<void> {
  if (process.env.CHROMIUM) return
  throw new Error(
    '没有找到 Chromium：请安装 chromium（apt-get install chromium），或用环境变量 CHROMIUM 指明它的位置。\n' +
      'No Chromium was found: install it (apt-get install chromium) or name it in the environment variable CHROMIUM.',
  )
}

async function step(name: string, work: () => Promise<void>): Promise<Count> {
  const begun = performance.now()
  const seconds = () => `${((performance.now() - begun) / 1_000).toFixed(1)} s`
  try {
    await work()
    console.log(`✓ ${name} (${seconds()})`)
    return { passed: 1, failed: 0 }
  } catch (error) {
    console.log(`✗ ${name} (${seconds()})\n${error instanceof Error ? error.message : String(error)}\n`)
    return { passed: 0, failed: 1 }
  }
}

async function vitest(args: string[]): Promise<Count> {
  const folder = await mkdtemp(join(tmpdir(), 'cityloop-test-'))
  const file = join(folder, 'report.json')
  try {
    const child = spawn(
      join(BIN, 'vitest'),
      ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${file}`, ...args],
      { cwd: ROOT, stdio: 'inherit' },
    )
    const forward = (signal: NodeJS.Signals) => child.kill(signal)
    process.on('SIGINT', forward).on('SIGTERM', forward)
    const code = await new Promise<number>((resolve) => {
      child.once('error', () => resolve(127))
      child.once('close', (given) => resolve(given ?? 1))
    })
    const text = await readFile(file, 'utf8').catch(() => undefined)
    if (text === undefined) {
      console.log('✗ the tests ended without a report')
      return { passed: 0, failed: 1 }
    }
    return count(Report.parse(JSON.parse(text)), code)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function count(report: z.infer<typeof Report>, code: number): Count {
  // A file that cannot be loaded, and an error outside every test, are failures too.
  const unloaded = report.testResults.filter(
    (file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
  ).length
  const failed = report.numFailedTests + unloaded
  // Passed, but not at once: something may be slow, or come only by luck. Nobody should have to scroll for it.
  for (const test of report.testResults.flatMap((file) => file.assertionResults))
    if (test.status === 'passed' && test.failureMessages.length > 0)
      console.log(`! needed a second try: ${test.fullName}\n  ${test.failureMessages[0]!.split('\n')[0]}`)
  if (report.numPendingTests > 0) console.log(`${report.numPendingTests} skipped`)
  return { passed: report.numPassedTests, failed: failed === 0 && code !== 0 ? 1 : failed }
}

const paths = process.argv.slice(2)
const counts: Count[] = []
if (paths.length === 0) {
  counts.push(
    await step('types', () => need('tsc', ['--noEmit'])),
    await step('lint', () => need('oxlint', ['--type-aware'])),
    await step('format', () => need('oxfmt', ['--check', '.'])),
    await step('boundaries', boundaries),
    await step('browser', browser),
    await step('pages', pages),
  )
}
counts.push(await vitest(paths))
const passed = counts.reduce((sum, each) => sum + each.passed, 0)
const failed = counts.reduce((sum, each) => sum + each.failed, 0)
process.stdout.write(`${passed} passed, ${failed} failed\n`)
process.exitCode = failed > 0 ? 1 : 0
