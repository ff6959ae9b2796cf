import { evaluate, isCertLogicExpression, type CertLogicExpression } from 'certlogic-js'
import { dataAccesses, validateFormat } from 'certlogic-js/dist/validation/index.js'
import { z } from 'zod'
import { dayOf } from '#kernel/clock.ts'
import { Parameter, RuleOutcome } from './contract.ts'

const Said = z.strictObject({ zh: z.string().min(1), en: z.string().min(1) })
const Json = z.json()

/** One case that a rule must answer as it says; run whenever the pack is checked, at the start and before a signature. */
const RuleTest = z.strictObject({
  name: z.string().min(1),
  at: z.iso.datetime({ offset: true }).optional(),
  payload: Json,
  external: z.record(z.string(), Json).default({}),
  expect: RuleOutcome,
})

/**
 * A rule of a pack in CertLogic 1.3.2. `{ "$": "id" }` stands for the value of a parameter and is put in before the
 * logic is read, since a CertLogic duration must be a literal. `yes` and `no` are what the person is told;
 * `{id}` in them is the parameter's value.
 */
export const Rule = z.strictObject({
  id: z.string().regex(/^[A-Za-z0-9][\w.-]{0,79}$/),
  set: z.string().regex(/^[A-Za-z0-9][\w.-]{0,79}$/),
  title: Said,
  clause: z.string().min(1),
  source: z.string().min(1),
  mark: z.enum(['published', 'other-source', 'set-by-us']),
  logic: Json,
  yes: Said,
  no: Said,
  tests: z.array(RuleTest).min(2),
})
export type Rule = z.infer<typeof Rule>

type Value = Parameter['value']
type Parameters = ReadonlyMap<string, Value>
export type Context = { payload: unknown; external: Record<string, unknown>; at: Date }

/** What a rule answers: `result` is what the logic gave, before it is read as passed or failed. */
export type Judged = {
  outcome: RuleOutcome
  result: unknown
  /** What the logic looks at and the payload does not hold: why it is open. */
  missing: string[]
  fault: string | null
}

/** Puts the parameters' values into the logic. Throws for a parameter that the pack does not have. */
export function withParameters(logic: unknown, parameters: Parameters): unknown {
  if (Array.isArray(logic)) return logic.map((part) => withParameters(part, parameters))
  if (typeof logic !== 'object' || logic === null) return logic
  const entries = Object.entries(logic)
  if (entries.length === 1 && entries[0]![0] === '$') {
    const value = parameters.get(String(entries[0]![1]))
    if (value === undefined) throw new Error(`no parameter ${String(entries[0]![1])}`)
    return value
  }
  return Object.fromEntries(entries.map(([key, part]) => [key, withParameters(part, parameters)]))
}

/** Fills `{id}` with the parameters' values. */
export const say = (text: string, parameters: Parameters): string =>
  text.replace(/\{([\w.-]+)\}/g, (whole, id: string) => String(parameters.get(id) ?? whole))

/** The data that a rule looks at: what was given, and the instant as `external.validationClock` and `external.today`. */
const dataOf = ({ payload, external, at }: Context) => ({
  payload,
  external: { validationClock: at.toISOString(), today: dayOf(at), ...external },
})

function has(data: unknown, path: string): boolean {
  let here: unknown = data
  for (const part of path.split('.')) {
    if (typeof here !== 'object' || here === null) return false
    here = (here as Record<string, unknown>)[part]
  }
  return here !== undefined && here !== null
}

/**
 * Evaluates CertLogic. Passed when it gives true, failed when it gives false or null, open when it cannot be said: the
 * logic gave something else, or could not be worked out from what was given.
 */
export function judgeLogic(logic: unknown, context: Context): Judged {
  const data = dataOf(context)
  const missing = () =>
    isCertLogicExpression(logic)
      ? [...new Set(dataAccesses(logic))].filter((p) => /^(payload|external)\./.test(p) && !has(data, p))
      : []
  try {
    const result = evaluate(logic as CertLogicExpression, data) as unknown
    if (result === true) return { outcome: 'passed', result, missing: [], fault: null }
    if (result === false || result === null)
      return { outcome: 'failed', result, missing: missing(), fault: null }
    return { outcome: 'open', result, missing: missing(), fault: null }
  } catch (error) {
    return { outcome: 'open', result: null, missing: missing(), fault: (error as Error).message }
  }
}

/** Evaluates one rule of a pack with the pack's numbers. */
export const judgeRule = (rule: Rule, parameters: Parameters, context: Context): Judged =>
  judgeLogic(withParameters(rule.logic, parameters), context)

/** Everything that is wrong with a rule, one sentence each; its own test cases included. */
export function faultsOfRule(rule: Rule, parameters: Parameters, inForceFrom: Date): string[] {
  let logic: unknown
  try {
    logic = withParameters(rule.logic, parameters)
  } catch (error) {
    return [`rule ${rule.id}: ${(error as Error).message}`]
  }
  const faults = validateFormat(logic).map((f) => `rule ${rule.id}: ${f.message}`)
  for (const text of [rule.yes.zh, rule.yes.en, rule.no.zh, rule.no.en]) {
    const open = /\{([\w.-]+)\}/.exec(say(text, parameters))
    if (open) faults.push(`rule ${rule.id}: no parameter ${open[1]} for its sentence`)
  }
  if (faults.length > 0) return faults
  for (const test of rule.tests) {
    const at = test.at ? new Date(test.at) : inForceFrom
    const { outcome, fault } = judgeLogic(logic, { payload: test.payload, external: test.external, at })
    if (outcome !== test.expect)
      faults.push(
        `rule ${rule.id}, case "${test.name}": ${outcome} instead of ${test.expect}${fault ? ` (${fault})` : ''}`,
      )
  }
  return faults
}
