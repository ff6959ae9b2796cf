import type { App } from '#kernel/app.ts'
import type { Actor } from '#kernel/auth.ts'
import { CityError } from '#kernel/errors.ts'
import type { Given } from '#kernel/http.ts'
import { newId } from '#kernel/ids.ts'
import type { PostBundle } from './fhir.contract.ts'
import { entriesOf } from './fhir-map.ts'
import { Bundle, readBundle, REFUSALS, type Read } from './fhir-read.ts'
import { recordResults } from './results.ts'
import type { ResultAnswer } from './results.contract.ts'

const TYPES = new Set(['batch', 'transaction', 'collection', 'searchset'])
/** More than a morning of one machine's runs is sent in parts. */
const MOST = 1_000

/** How an entry is answered, the worst first: what an entry says of several tubes has one status. */
const STATUSES = [
  [405, '405 Method Not Allowed'],
  [422, '422 Unprocessable Entity'],
  [409, '409 Conflict'],
  [202, '202 Accepted'],
  [201, '201 Created'],
  [200, '200 OK'],
] as const
type Status = (typeof STATUSES)[number][0]

/** What became of one thing that a bundle says. `at` is where it says it. */
type Said = {
  status: Status
  severity: 'error' | 'warning' | 'information'
  code: string
  text: string
  zh?: string
  at: string
}

const operationOutcome = (said: readonly Said[]) => ({
  resourceType: 'OperationOutcome',
  issue: said.map(({ severity, code, text, zh, at }) => ({
    severity,
    code,
    details: { text },
    ...(zh && { diagnostics: zh }),
    expression: [at],
  })),
})

function parse(body: Buffer): Bundle {
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(body)
  } catch {
    throw new CityError('bad_encoding')
  }
  let raw: unknown
  try {
    raw = JSON.parse(text)
  } catch {
    throw new CityError('bad_input', { fields: [{ path: '', code: 'not_json' }] })
  }
  const read = Bundle.safeParse(raw)
  if (!read.success || !TYPES.has(read.data.type))
    throw new CityError('bad_input', { fields: [{ path: 'Bundle', code: 'not_a_bundle_of_results' }] })
  return read.data
}

function unread({ at, why }: Extract<Read, { ok: false }>): Said {
  const [status, code, text, zh] = REFUSALS[why]
  return { status, severity: 'error', code, text, zh, at }
}

function became(a: ResultAnswer, at: string): Said {
  switch (a.state) {
    case 'new':
      return { status: 201, severity: 'information', code: 'informational', text: 'Result recorded', at }
    case 'same':
      return {
        status: 200,
        severity: 'information',
        code: 'duplicate',
        text: 'Recorded before; nothing changed',
        at,
      }
    case 'early':
      return {
        status: 202,
        severity: 'information',
        code: 'incomplete',
        text: 'Kept until the sampling site has reported the tube',
        zh: '已收下，等采样点上报这支管',
        at,
      }
    case 'held':
      return {
        status: 409,
        severity: 'warning',
        code: 'conflict',
        text: 'Contradicts what stands; held until two people decide',
        zh: '与现有结果矛盾，留待两人更正',
        at,
      }
    case 'refused':
      return {
        status: 422,
        severity: 'error',
        code: 'business-rule',
        text: a.title ?? '',
        zh: a.titleZh ?? '',
        at,
      }
  }
}

/** A transaction in which something could not be taken: nothing of it was, so nothing of it is held either. */
class Undone extends Error {
  readonly answers: ResultAnswer[]
  constructor(answers: ResultAnswer[]) {
    super('transaction refused')
    this.answers = answers
  }
}

const UNTAKEN = new Set<ResultAnswer['state']>(['refused', 'held'])

const NOT_HELD = {
  text: 'Contradicts what stands; nothing was taken. In a batch it is held for two people',
  zh: '与现有结果矛盾，全部未采用；以 batch 上报则留待两人更正',
}

/** A transaction that failed is answered by an OperationOutcome alone (R4, http.html#trules). */
function undone(said: readonly Said[], given: Given<typeof PostBundle>) {
  given.reply.code(said.every((s) => s.status === 409) ? 409 : 422)
  return operationOutcome(said.map((s) => ({ ...s, severity: 'error' })))
}

/**
 * Takes a Bundle of a laboratory. In a batch every entry answers for itself, with the worst of what became of it; a
 * transaction is taken whole or not at all, and where it contradicts what stands (409) it must be sent as a batch to be
 * held for two people. Sending again is harmless.
 */
export async function postBundle(app: App, actor: Actor, given: Given<typeof PostBundle>) {
  const bundle = parse(given.body as unknown as Buffer)
  const isWhole = bundle.type === 'transaction'
  const read = readBundle(bundle, app.clock.now())
  const good = read.filter((r) => r.ok)
  const bad = read.filter((r) => !r.ok)
  if (good.length > MOST) throw new CityError('too_large')
  if (isWhole && bad.length > 0) return undone(bad.map(unread), given)
  const inputs = good.map((r) => ({
    id: newId(),
    tube: r.tube,
    outcome: r.outcome,
    testedAt: r.testedAt.toISOString(),
  }))
  let answers: ResultAnswer[] = []
  try {
    if (inputs.length > 0)
      answers = await recordResults(
        app,
        actor,
        inputs,
        'fhir',
        isWhole ? (all) => all.some((a) => UNTAKEN.has(a.state)) && new Undone(all) : undefined,
      )
  } catch (error) {
    if (!(error instanceof Undone)) throw error
    const said = error.answers.flatMap((a, i) => (UNTAKEN.has(a.state) ? [became(a, good[i]!.at)] : []))
    return undone(
      said.map((s) => (s.status === 409 ? { ...s, ...NOT_HELD } : s)),
      given,
    )
  }
  const said = new Map<number, Said[]>()
  const say = (entry: number, what: Said) => said.set(entry, [...(said.get(entry) ?? []), what])
  for (const r of bad) say(r.entry, unread(r))
  answers.forEach((a, i) => say(good[i]!.entry, became(a, good[i]!.at)))
  return {
    resourceType: 'Bundle',
    type: isWhole ? 'transaction-response' : 'batch-response',
    ...entriesOf(bundle.entry, (_, n) => [{ response: responseOf(said.get(n)) }]),
  }
}

function responseOf(said: readonly Said[] | undefined) {
  if (!said) return { status: '200 OK' }
  const [, status] = STATUSES.find(([code]) => said.some((s) => s.status === code))!
  return { status, outcome: operationOutcome(said) }
}
