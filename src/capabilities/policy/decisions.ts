import type { App } from '#kernel/app.ts'
import { audit } from '#kernel/audit.ts'
import { scopeOf, type Actor } from '#kernel/auth.ts'
import { decodeCursor, encodeCursor } from '#kernel/cursor.ts'
import { asService, within } from '#kernel/db.ts'
import { CityError } from '#kernel/errors.ts'
import type { Given } from '#kernel/http.ts'
import { recordLook } from '#capabilities/people/index.ts'
import { atlasOf, pathIn } from '#capabilities/places/index.ts'
import { deciderOf, judge, judgeSet, recompute, type RuleVerdict } from './decide.ts'
import type { Body } from './files.ts'
import { policyAt, policyKept } from './in-force.ts'
import * as contract from './packs.contract.ts'
import { policyUnder } from './preview.ts'
import { judgeLogic, type Context } from './rule.ts'
import type { Policy } from './rules.ts'
import * as store from './store.ts'
import type { DecisionRecord } from './store.ts'

/** A decision with its sentence; used for staff, for the person, and by appeals. */
export async function toDecision(
  app: App,
  row: DecisionRecord,
  language: Actor['language'],
): Promise<contract.Decision> {
  const decider = deciderOf(row.kind)
  const plain = {
    zh: row.reasons.map((r) => r.zh).join('；'),
    en: row.reasons.map((r) => r.en).join('; '),
  }
  return {
    id: row.id,
    kind: row.kind,
    name: decider?.name ?? { zh: '人工决定', en: 'Decided by a person' },
    subjectId: row.subject_id,
    placeCode: row.place_code,
    place: pathIn(await atlasOf(app), row.place_code, language),
    at: row.decided_at.toISOString(),
    outcome: row.outcome as never,
    sentence: decider?.sentence(row) ?? plain,
    reasons: row.reasons,
    evidence: row.evidence as never,
    pack: { id: row.pack_id, version: row.pack_version, hash: row.pack_hash },
    clause: row.clause,
    issuer: row.issuer,
    restricts: row.restricts,
    legalBasis: row.legal_basis,
    validUntil: row.valid_until?.toISOString() ?? null,
    insteadOf: row.instead_of,
  }
}

async function paged(app: App, actor: Actor, rows: DecisionRecord[], limit: number) {
  const shown = rows.slice(0, limit)
  const last = shown.at(-1)
  return {
    items: await Promise.all(shown.map((r) => toDecision(app, r, actor.language))),
    next: rows.length > limit && last ? encodeCursor(last.decided_at, last.id) : null,
  }
}

export async function listDecisions(app: App, actor: Actor, { query }: Given<typeof contract.ListDecisions>) {
  const rows = await within(app.db, scopeOf(actor, 'decisions.read'), async (trx) => {
    const found = await store.lastDecisions(trx, {
      subject: query.subject,
      kind: query.kind,
      after: decodeCursor(query.after),
      limit: query.limit + 1,
    })
    await asService(trx)
    // Looking at the decisions about one subject is looking at whom they are about.
    const people = new Set(found.flatMap((d) => (query.subject && d.person_id ? [d.person_id] : [])))
    for (const personId of people)
      await recordLook(trx, actor, 'decisions.list', { personId, placeCode: found[0]!.place_code })
    return found
  })
  return paged(app, actor, rows, query.limit)
}

const MINE = 50

export async function listMyDecisions(
  app: App,
  actor: Actor,
  { query }: Given<typeof contract.ListMyDecisions>,
) {
  const rows = await within(app.db, { as: 'resident', personId: actor.id }, (trx) =>
    store.lastDecisions(trx, { after: decodeCursor(query.after), limit: MINE + 1 }),
  )
  return paged(app, actor, rows, MINE)
}

export async function recomputeDecision(
  app: App,
  actor: Actor,
  { params, body }: Given<typeof contract.RecomputeDecision>,
) {
  const row = await within(app.db, scopeOf(actor, 'decisions.read'), async (trx) => {
    const found = await store.findDecision(trx, params.id)
    if (!found) throw new CityError('decision_not_found')
    await asService(trx)
    if (found.person_id)
      await recordLook(trx, actor, 'decisions.recompute', {
        personId: found.person_id,
        placeCode: found.place_code,
      })
    else await audit(trx, actor, 'decisions.recompute', found.id, { placeCode: found.place_code })
    return found
  })
  const under = body.under === undefined ? undefined : await underVersion(app, body.under)
  const again = await recompute(app, row, under)
  const decision = await toDecision(app, row, actor.language)
  if (again.impossible !== null)
    return { decision, impossible: again.impossible, same: null, outcome: null, clause: null, reasons: [] }
  const { outcome, clause, reasons } = again.verdict
  return { decision, impossible: null, same: again.same, outcome: outcome as never, clause, reasons }
}

async function underVersion(app: App, name: string) {
  const version = await store.resolveVersion(app.db, name)
  if (!version || 'before' in version.body) throw new CityError('version_not_found')
  return 'overlay' in version.body ? policyUnder(app, version.body) : policyKept(app, version.hash, [])
}

const toJudgement = ({ rule, outcome, result, said, missing, fault }: RuleVerdict) => ({
  rule: rule.id,
  outcome,
  result: plain(result),
  clause: rule.clause,
  said,
  missing,
  fault,
})

/** Dates that CertLogic made are no JSON. */
const plain = (value: unknown): never => JSON.parse(JSON.stringify(value ?? null)) as never

const pick = (policy: Policy, given: { rule: string } | { set: string }, context: Context) => {
  if ('set' in given) {
    const judged = judgeSet(policy, given.set, context)
    if (!judged) throw new CityError('rule_not_found')
    return judged
  }
  const rule = policy.pack.rules.find((r) => r.id === given.rule)
  if (!rule) throw new CityError('rule_not_found')
  const judged = judge(policy, rule, context)
  return { outcome: judged.outcome, rules: [judged] }
}

/** A rule or a set of a content that need not be in force (`cityloop policy try`). */
export async function evaluateUnder(
  app: App,
  version: string | Body,
  given: Context & ({ rule: string } | { set: string }),
) {
  const policy =
    typeof version === 'string' ? await underVersion(app, version) : await policyUnder(app, version)
  if (!policy) throw new CityError('version_not_found')
  const { outcome, rules } = pick(policy, given, given)
  return { outcome, rules: rules.map(toJudgement) }
}

export async function evaluateRules(app: App, _actor: Actor, { body }: Given<typeof contract.Evaluate>) {
  const at = body.at ? new Date(body.at) : app.clock.now()
  const context: Context = { payload: body.payload, external: body.external, at }
  if ('logic' in body) {
    const { outcome, result, missing, fault } = judgeLogic(body.logic, context)
    const said = { zh: '随请求给出的规则', en: 'The logic that was sent along' }
    const rules = [{ rule: '', outcome, result: plain(result), clause: '', said, missing, fault }]
    return { outcome, at: at.toISOString(), pack: null, version: null, hash: null, rules }
  }
  const policy = await policyAt(app, { at, ...(body.place && { place: body.place }) })
  const { outcome, rules } = pick(policy, body, context)
  return {
    outcome,
    at: at.toISOString(),
    pack: policy.pack.id,
    version: policy.pack.version,
    hash: policy.hash,
    rules: rules.map(toJudgement),
  }
}
