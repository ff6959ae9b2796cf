import { z } from 'zod'
import type { App } from '#kernel/app.ts'
import { audit } from '#kernel/audit.ts'
import { service } from '#kernel/auth.ts'
import type { Bilingual } from '#kernel/contract.ts'
import type { Db, Trx } from '#kernel/db.ts'
import { CityError } from '#kernel/errors.ts'
import { newId } from '#kernel/ids.ts'
import { RuleOutcome } from './contract.ts'
import { policyAt, policyKept } from './in-force.ts'
import { judgeRule, say, type Context, type Judged, type Rule } from './rule.ts'
import type { Policy } from './rules.ts'
import type { DecisionRecord } from './store.ts'

/** What a rule of the house says of some evidence. */
export type Verdict = { outcome: unknown; clause: string; reasons: Bilingual[] }

/**
 * How a kind of decision is made: pure, from evidence, policy and instant. `secret` is the part of the evidence that is
 * kept sealed; `name` and `sentence` are what the person reads.
 */
export type Decider = {
  name: Bilingual
  decide: (given: { evidence: unknown; secret: unknown; policy: Policy; at: Date }) => Verdict
  sentence: (verdict: { outcome: unknown; reasons: Bilingual[] }) => Bilingual
  /** What of an outcome a person may set after an appeal; laid over what was decided. */
  changes: z.ZodType
}

const DECIDERS = new Map<string, Decider>()

/** Makes a kind of decision known, so that every one of it can be made again; called beside its rules. */
export function decidedBy(kind: string, decider: Decider): void {
  DECIDERS.set(kind, decider)
}

export const deciderOf = (kind: string): Decider | undefined =>
  DECIDERS.get(kind) ?? (kind.startsWith('rules.') ? ruleDecider(kind.slice('rules.'.length)) : undefined)

/** A decision as it is recorded: what came out, why, from what, by which clause of which policy, by whom. */
export type Decided = {
  id: string
  kind: string
  subjectId: string
  personId?: string | null
  placeCode: string
  outcome: unknown
  reasons: Bilingual[]
  /** Codes and ids; what a person said goes into `secret`, which is kept sealed. */
  evidence: unknown
  secret?: unknown
  policy: Policy
  clause: string
  issuer: string
  at: Date
  /** What limits somebody: the database refuses it without basis, end and person. */
  restricts?: { legalBasis: string; validUntil: Date }
  insteadOf?: string
}

/** Keeps a decision, with the transaction of what it decides. The same id again changes nothing. */
export async function recordDecision(app: App, db: Db | Trx, d: Decided): Promise<void> {
  await db
    .insertInto('decision')
    .values({
      id: d.id,
      kind: d.kind,
      subject_id: d.subjectId,
      person_id: d.personId ?? null,
      place_code: d.placeCode,
      outcome: JSON.stringify(d.outcome),
      reasons: JSON.stringify(d.reasons) as never,
      evidence: JSON.stringify(d.evidence),
      evidence_sealed:
        d.secret === undefined ? null : app.vault.seal(JSON.stringify(d.secret), 'decision.evidence'),
      pack_id: d.policy.pack.id,
      pack_version: d.policy.pack.version,
      pack_hash: d.policy.hash,
      overlay_hashes: d.policy.overlays.map((o) => o.hash),
      clause: d.clause,
      issuer: d.issuer,
      decided_at: d.at,
      restricts: d.restricts !== undefined,
      legal_basis: d.restricts?.legalBasis ?? null,
      valid_until: d.restricts?.validUntil ?? null,
      instead_of: d.insteadOf ?? null,
    })
    .onConflict((c) => c.column('id').doNothing())
    .execute()
  await audit(db, service(d.issuer), 'decisions.record', d.subjectId, {
    placeCode: d.placeCode,
    data: { decisionId: d.id, kind: d.kind, pack: d.policy.hash, clause: d.clause },
  })
}

export type RuleVerdict = Judged & { rule: Rule; said: Bilingual }

const WITHOUT: Bilingual = { zh: '材料不足，无法判断', en: 'The evidence does not suffice to say' }

/** Judges one rule and says its sentence, filled with the pack's numbers. */
export function judge(policy: Policy, rule: Rule, context: Context): RuleVerdict {
  const judged = judgeRule(rule, policy.parameters, context)
  const said = judged.outcome === 'open' ? WITHOUT : judged.outcome === 'passed' ? rule.yes : rule.no
  const missing = judged.missing.length > 0 && judged.outcome === 'open' ? judged.missing.join(', ') : ''
  return {
    ...judged,
    rule,
    said: {
      zh: say(said.zh, policy.parameters) + (missing && `（缺 ${missing}）`),
      en: say(said.en, policy.parameters) + (missing && ` (missing ${missing})`),
    },
  }
}

/** A set passes when each of its rules passes and fails when one fails; else it is open. Undefined for a set that is not there. */
export function judgeSet(
  policy: Policy,
  set: string,
  context: Context,
): { outcome: RuleOutcome; rules: RuleVerdict[] } | undefined {
  const rules = policy.pack.rules.filter((r) => r.set === set).map((rule) => judge(policy, rule, context))
  if (rules.length === 0) return undefined
  const outcome = rules.some((r) => r.outcome === 'failed')
    ? 'failed'
    : rules.every((r) => r.outcome === 'passed')
      ? 'passed'
      : 'open'
  return { outcome, rules }
}

function verdictOf(policy: Policy, set: string, context: Context): Verdict {
  const judged = judgeSet(policy, set, context)
  if (!judged)
    return {
      outcome: 'open',
      clause: policy.pack.id,
      reasons: [{ zh: `没有规则“${set}”`, en: `There is no rule set "${set}"` }],
    }
  // The clause that stands in the way, or the first that allows.
  const telling = judged.rules.filter((r) => r.outcome === judged.outcome)
  return {
    outcome: judged.outcome,
    clause: telling.map((r) => r.rule.clause).join('、'),
    reasons: telling.map((r) => r.said),
  }
}

const SAYS: Record<string, Bilingual> = {
  passed: { zh: '符合', en: 'allowed' },
  failed: { zh: '不符合', en: 'not allowed' },
  open: { zh: '暂不能判断', en: 'cannot be said yet' },
}

function ruleDecider(set: string): Decider {
  return {
    name: { zh: `规则：${set}`, en: `Rule: ${set}` },
    decide: ({ secret, policy, at }) => {
      const { payload, external } = secret as { payload: unknown; external: Record<string, unknown> }
      return verdictOf(policy, set, { payload, external, at })
    },
    sentence: ({ outcome, reasons }) => {
      const says = SAYS[String(outcome)] ?? SAYS.open!
      return {
        zh: `${says.zh}：${reasons.map((r) => r.zh).join('；')}`,
        en: `${says.en}: ${reasons.map((r) => r.en).join('; ')}`,
      }
    },
    changes: RuleOutcome,
  }
}

/** Decides by a rule set of the policy in force at the place, and keeps the decision with what it was made from. */
export async function decideByRules(
  app: App,
  trx: Trx,
  given: Pick<Decided, 'subjectId' | 'personId' | 'placeCode' | 'issuer' | 'restricts'> & {
    id?: string
    set: string
    payload: unknown
    external?: Record<string, unknown>
  },
): Promise<Verdict & { id: string }> {
  const at = app.clock.now()
  const policy = await policyAt(app, { at, place: given.placeCode })
  const external = given.external ?? {}
  const verdict = verdictOf(policy, given.set, { payload: given.payload, external, at })
  const id = given.id ?? newId()
  await recordDecision(app, trx, {
    ...given,
    id,
    kind: `rules.${given.set}`,
    ...verdict,
    evidence: { set: given.set },
    secret: { payload: given.payload, external },
    policy,
    at,
  })
  return { ...verdict, id }
}

export type Recomputed =
  | { impossible: 'evidence_forgotten' | 'policy_not_kept' | 'decided_by_a_person' }
  | { impossible: null; same: boolean; verdict: Verdict }

const sorted = (value: unknown): string =>
  JSON.stringify(value, (_k, v: unknown) =>
    typeof v === 'object' && v !== null && !Array.isArray(v)
      ? Object.fromEntries(Object.entries(v).sort(([a], [b]) => (a < b ? -1 : 1)))
      : v,
  )

/** Makes a decision again from its kept evidence and the policy that it names, or under another one. */
export async function recompute(app: App, row: DecisionRecord, under?: Policy): Promise<Recomputed> {
  const decider = deciderOf(row.kind)
  if (!decider || row.issuer.startsWith('person ')) return { impossible: 'decided_by_a_person' }
  if (row.evidence_sealed === null) return { impossible: 'evidence_forgotten' }
  const policy = under ?? (await policyKept(app, row.pack_hash, row.overlay_hashes))
  if (!policy) return { impossible: 'policy_not_kept' }
  const secret: unknown = JSON.parse(app.vault.open(row.evidence_sealed, 'decision.evidence'))
  const verdict = decider.decide({ evidence: row.evidence, secret, policy, at: row.decided_at })
  const same =
    sorted(verdict.outcome) === sorted(row.outcome) && (under !== undefined || verdict.clause === row.clause)
  return { impossible: null, same, verdict }
}

const FORGOTTEN = JSON.stringify([{ zh: '（已按保存期限删除）', en: '(deleted at the end of its time)' }])

/**
 * What decisions were made from goes with the person or the words; what was decided, when, by which clause and by whom
 * stays, and says from then on that it cannot be made again.
 */
export async function forgetEvidence(
  trx: Trx,
  of: { subjectIds: readonly string[] } | { personId: string },
): Promise<void> {
  let query = trx.updateTable('decision').set({ evidence_sealed: null, reasons: FORGOTTEN as never })
  if ('personId' in of) query = query.where('person_id', '=', of.personId)
  else if (of.subjectIds.length === 0) return
  else query = query.where('subject_id', 'in', of.subjectIds)
  await query.where('evidence_sealed', 'is not', null).execute()
}

/** The outcome that a person sets after an appeal; `bad_input` where this kind of decision cannot come out so. */
export function changeOf(row: DecisionRecord, given: unknown): unknown {
  const read = deciderOf(row.kind)?.changes.safeParse(given)
  if (!read?.success)
    throw new CityError('bad_input', {
      fields: [{ path: 'outcome', code: read ? 'not_for_this_kind' : 'kind' }],
    })
  const isParts = (x: unknown): x is object => typeof x === 'object' && x !== null && !Array.isArray(x)
  return isParts(read.data) && isParts(row.outcome) ? { ...row.outcome, ...read.data } : read.data
}
