import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import type { App } from '#kernel/app.ts'
import { service } from '#kernel/auth.ts'
import { readConfig } from '#kernel/config.ts'
import { CityError } from '#kernel/errors.ts'
import { newId } from '#kernel/ids.ts'
import { StartError } from '#kernel/start-error.ts'
import { checkPack, diffVersions, evaluateUnder, readGiven } from '#capabilities/policy/index.ts'
import { askPassword, signInOver, type Session } from './session.ts'
import { calledFrom, withCity } from './tools.ts'

export const POLICY_USAGE = `policy check FILE [--last 200]
      reads a pack or an overlay: every fault, its own cases, what changes, which past decisions would come out otherwise
  policy diff FROM TO
      what differs between two versions; each is a file, id@version, id or hash
  policy try FILE|VERSION --rule ID | --set ID --payload FILE [--external FILE] [--at INSTANT]
      evaluates a rule or a set of it against a payload (JSON)
  policy enact FILE --as USER --reason TEXT [--from INSTANT] [--server URL]
  policy enact --sign ENACTMENT --as OTHER-USER [--server URL]
      proposes to a running city, and signs as a second person; the password is asked for or read from CITYLOOP_PASSWORD`

const wrong = (zh: string, en: string) => new StartError({ zh, en }, { exitCode: 2 })
const print = (text: string) => process.stdout.write(`${text}\n`)

function textOf(path: string): string {
  try {
    return readFileSync(resolve(calledFrom(), path), 'utf8')
  } catch {
    throw wrong(`读不到文件 ${path}`, `Cannot read the file ${path}`)
  }
}

const isFile = (name: string) => /\.(ya?ml|json)$/i.test(name)

function jsonOf(path: string): unknown {
  try {
    return JSON.parse(textOf(path))
  } catch (error) {
    if (error instanceof StartError) throw error
    throw wrong(`${path} 不是 JSON`, `${path} is not JSON`)
  }
}

const short = (value: unknown): string => {
  const text = JSON.stringify(value)
  return text.length > 100 ? `${text.slice(0, 99)}…` : text
}

function printChanges(changes: { path: string[]; from: unknown; to: unknown }[]): void {
  for (const c of changes) print(`  ${c.path.join(' › ')}: ${short(c.from)} → ${short(c.to)}`)
  if (changes.length === 0) print('  没有差异 / no difference')
}

async function check(app: App, file: string, last: number): Promise<number> {
  const body = { text: textOf(file), previewLast: last }
  const done = await checkPack(app, service('cityloop policy check'), { body } as never)
  for (const fault of done.faults) print(`✗ ${fault}`)
  if (done.hash === null || done.faults.length > 0) return 1
  print(`✓ ${done.cases} 个自带用例通过 / cases passed  ${done.hash}`)
  print('与现行的差异 / against what is in force:')
  printChanges(done.changes)
  if (done.preview) {
    const { looked, changed, notRecomputable } = done.preview
    print(`回看 ${looked} 项决定，${changed} 项结果会不同，${notRecomputable} 项不能重算`)
    print(`${looked} past decisions: ${changed} would differ, ${notRecomputable} cannot be made again`)
  }
  return 0
}

/** A version by file: kept nowhere, only compared. */
async function bodyOf(app: App, name: string) {
  if (!isFile(name)) return name
  const read = await readGiven(app, textOf(name))
  if (!read.body) throw wrong(`${name}：${read.faults.join('；')}`, `${name}: ${read.faults.join('; ')}`)
  return read.body
}

async function diff(app: App, from: string, to: string): Promise<number> {
  const changes = await diffVersions(app, await bodyOf(app, from), await bodyOf(app, to))
  printChanges(changes)
  return changes.length === 0 ? 0 : 1
}

type TryOptions = { rule?: string; set?: string; payload?: string; external?: string; at?: string }

async function tryRule(app: App, name: string, given: TryOptions): Promise<number> {
  if ((given.rule === undefined) === (given.set === undefined) || given.payload === undefined)
    throw wrong('需要 --rule 或 --set，以及 --payload', '--rule or --set is needed, and --payload')
  const at = given.at === undefined ? app.clock.now() : new Date(given.at)
  if (Number.isNaN(at.getTime())) throw wrong(`--at 无效：${given.at}`, `--at is no instant: ${given.at}`)
  const external = given.external === undefined ? {} : (jsonOf(given.external) as Record<string, unknown>)
  const judged = await evaluateUnder(app, await bodyOf(app, name), {
    ...(given.rule !== undefined ? { rule: given.rule } : { set: given.set! }),
    payload: jsonOf(given.payload),
    external,
    at,
  })
  for (const r of judged.rules) print(`${r.outcome.padEnd(6)} ${r.rule}  ${r.said.zh} / ${r.said.en}`)
  print(judged.outcome)
  return judged.outcome === 'passed' ? 0 : 1
}

type EnactOptions = {
  as?: string
  reason?: string
  from?: string
  server?: string
  sign?: string
  code?: string
}

async function enact(file: string | undefined, given: EnactOptions): Promise<number> {
  if (!given.as || (given.sign === undefined) === (file === undefined))
    throw wrong('需要 --as，以及一个文件或 --sign', '--as is needed, and a file or --sign')
  const server = given.server ?? `http://localhost:${readConfig(process.env, []).port}`
  const session = await signInOver(server, given.as, await askPassword(given.as), given.code)
  try {
    return file === undefined ? await sign(session, given.sign!) : await propose(session, file, given)
  } finally {
    await session.end()
  }
}

type Enacted = {
  id: string
  hash: string
  packId: string
  version: string
  state: string
  inForceFrom: string
}
const line = (e: Enacted) => `${e.packId}@${e.version}  ${e.state}  ${e.inForceFrom}  ${e.hash}`

async function propose(session: Session, file: string, given: EnactOptions): Promise<number> {
  if (!given.reason) throw wrong('需要 --reason', '--reason is needed')
  const e = await session.post<Enacted>('/api/policies', {
    id: newId(),
    text: textOf(file),
    reason: given.reason,
    ...(given.from && { inForceFrom: given.from }),
  })
  print(line(e))
  process.stderr.write(
    `由另一人签署 / another person signs: cityloop policy enact --sign ${e.id} --as USER\n`,
  )
  print(e.id)
  return 0
}

async function sign(session: Session, id: string): Promise<number> {
  const { items } = await session.get<{ items: Enacted[] }>('/api/policies')
  const found = items.find((e) => e.id === id)
  if (!found) throw new CityError('enactment_not_found')
  const { changes } = await session
    .get<{ changes: { path: string[]; from: unknown; to: unknown }[] }>(
      `/api/policies/diff?from=${encodeURIComponent((await session.get<{ hash: string }>('/api/policies/in-force')).hash)}&to=${found.hash}`,
    )
    .catch(() => ({ changes: [] }))
  printChanges(changes)
  print(line(await session.post<Enacted>(`/api/policies/enactments/${id}/sign`, { hash: found.hash })))
  return 0
}

/** `cityloop policy`: 0 when all is well, 1 where there are faults, differences or a refusal, 2 for a wrong call. */
export async function policyCommand(args: string[]): Promise<number> {
  const text = { type: 'string' } as const
  let parsed
  try {
    parsed = parseArgs({
      args,
      allowPositionals: true,
      options: {
        last: text,
        rule: text,
        set: text,
        payload: text,
        external: text,
        at: text,
        as: text,
        reason: text,
        from: text,
        server: text,
        sign: text,
        code: text,
      },
    })
  } catch (error) {
    throw wrong(`参数无效：${(error as Error).message}`, (error as Error).message)
  }
  const { values, positionals } = parsed
  const [verb, a, b] = positionals
  if (verb === 'enact') return enact(a, values)
  if (verb === 'check' && a) return withCity((app) => check(app, a, Number(values.last ?? 200)))
  if (verb === 'diff' && a && b) return withCity((app) => diff(app, a, b))
  if (verb === 'try' && a) return withCity((app) => tryRule(app, a, values))
  throw wrong(`用法：cityloop ${POLICY_USAGE}`, `Usage: cityloop ${POLICY_USAGE}`)
}
