import { z } from 'zod'
import { Bilingual, ClientId, Instant, PlaceCode, event, page, route, typed } from '#kernel/contract.ts'
import { Pack, RuleOutcome } from './contract.ts'

/** A kept content: `id@version`, or the SHA-256 of what was signed. */
export const VersionName = z
  .string()
  .min(1)
  .max(120)
  .regex(/^[A-Za-z0-9][\w.@-]*$/, 'version_malformed')

export const EnactmentState = z.enum([
  'proposed',
  'coming',
  'in_force',
  'replaced',
  'ended',
  'retracted',
  'withdrawn',
])
export type EnactmentState = z.infer<typeof EnactmentState>

const Signature = z.object({ by: z.string(), at: Instant })

export const Enactment = z.object({
  id: z.uuid(),
  hash: z.string(),
  packId: z.string(),
  version: z.string(),
  title: Bilingual,
  /** The pack that an overlay lies over; null for the city's pack. */
  over: z.string().nullable(),
  placeCode: PlaceCode,
  place: z.string(),
  inForceFrom: Instant,
  until: Instant.nullable(),
  reason: z.string(),
  state: EnactmentState,
  proposed: Signature,
  signed: Signature.nullable(),
  withdrawnAt: Instant.nullable(),
  retraction: z.object({ reason: z.string(), proposed: Signature, signed: Signature.nullable() }).nullable(),
  /** What this person may do with it now. */
  may: z.array(z.enum(['sign', 'withdraw', 'retract', 'sign_retraction'])),
})
export type Enactment = z.infer<typeof Enactment>

/** One thing that differs: where, and both values (null where it is not there). */
export const Change = z.object({ path: z.array(z.string()), from: z.json(), to: z.json() })
export type Change = z.infer<typeof Change>

/** How many of the last decisions would have come out otherwise under a content, and some of them. */
export const Preview = z.object({
  looked: z.int(),
  notRecomputable: z.int(),
  changed: z.int(),
  byKind: z.array(z.object({ kind: z.string(), looked: z.int(), changed: z.int() })),
  examples: z.array(
    z.object({
      decisionId: z.uuid(),
      kind: z.string(),
      from: z.json(),
      to: z.json(),
      reasons: z.array(Bilingual),
    }),
  ),
})
export type Preview = z.infer<typeof Preview>

const Text = z.string().min(1).max(400_000)

export const ListEnactments = route({
  id: 'policy.enactments',
  method: 'GET',
  path: '/api/policies',
  summary: {
    zh: '政策包：现行、将行、待签、已撤回',
    en: 'Policy packs: in force, coming, awaiting a signature, retracted',
  },
  response: z.object({ items: z.array(Enactment) }),
})

export const GetVersion = route({
  id: 'policy.version',
  method: 'GET',
  path: '/api/policies/:name',
  summary: { zh: '一份政策包的全文', en: 'The whole content of one version, by id@version or hash' },
  params: z.strictObject({ name: VersionName }),
  response: z.object({ hash: z.string(), packId: z.string(), version: z.string(), body: z.json() }),
})

export const GetInForce = route({
  id: 'policy.inForce',
  method: 'GET',
  path: '/api/policies/in-force',
  summary: { zh: '某时某地有效的政策', en: 'What holds at an instant and a place' },
  query: z.strictObject({ at: Instant.optional(), place: PlaceCode.optional() }),
  response: Pack.extend({
    hash: z.string(),
    overlays: z.array(z.object({ id: z.string(), version: z.string(), hash: z.string(), place: z.string() })),
    testPlans: z.array(z.json()),
    rules: z.array(
      z.object({ id: z.string(), set: z.string(), title: Bilingual, clause: z.string(), logic: z.json() }),
    ),
  }),
})

export const DiffVersions = route({
  id: 'policy.diff',
  method: 'GET',
  path: '/api/policies/diff',
  summary: { zh: '两份政策包的差异', en: 'What differs between two versions' },
  query: z.strictObject({ from: VersionName, to: VersionName }),
  response: z.object({ from: z.string(), to: z.string(), changes: z.array(Change) }),
})

export const CheckPack = route({
  id: 'policy.check',
  method: 'POST',
  path: '/api/policies/check',
  summary: {
    zh: '检查一份政策包：格式、引用、自带用例，与现行的差异，以及会改变哪些已作的决定',
    en: 'Check a pack: form, names, its own cases, difference from what holds, and which past decisions it would change',
  },
  body: z.strictObject({ text: Text, previewLast: z.int().min(0).max(2000).default(200) }),
  response: z.object({
    hash: z.string().nullable(),
    faults: z.array(z.string()),
    cases: z.int(),
    changes: z.array(Change),
    preview: Preview.nullable(),
  }),
})

const Given = {
  payload: z.json(),
  external: z.record(z.string(), z.json()).default({}),
  at: Instant.optional(),
  place: PlaceCode.optional(),
}

export const Judgement = z.object({
  rule: z.string(),
  outcome: RuleOutcome,
  /** What the logic itself gave. */
  result: z.json(),
  clause: z.string(),
  said: Bilingual,
  missing: z.array(z.string()),
  fault: z.string().nullable(),
})

export const Evaluate = route({
  id: 'policy.evaluate',
  method: 'POST',
  path: '/api/policies/evaluate',
  load: 'read',
  summary: {
    zh: '按某时某地有效的规则（或给出的 CertLogic）判断一份材料',
    en: 'Evaluate a rule, a rule set, or CertLogic that is sent along, against a payload, as of an instant and a place',
  },
  body: z.union([
    z.strictObject({ rule: z.string().max(80), ...Given }),
    z.strictObject({ set: z.string().max(80), ...Given }),
    z.strictObject({ logic: z.json(), ...Given }),
  ]),
  response: z.object({
    outcome: RuleOutcome,
    at: Instant,
    pack: z.string().nullable(),
    version: z.string().nullable(),
    hash: z.string().nullable(),
    rules: z.array(Judgement),
  }),
})

export const ProposePack = route({
  id: 'policy.propose',
  method: 'POST',
  path: '/api/policies',
  summary: { zh: '提出启用一份政策包（第一签）', en: 'Propose a pack: the first of two signatures' },
  body: z.strictObject({
    id: ClientId,
    text: Text,
    /** From the later of this instant and the second signature; without it from the pack's own instant. */
    inForceFrom: Instant.optional(),
    reason: typed(2, 1000),
  }),
  response: Enactment,
})

const One = { params: z.strictObject({ id: z.uuid() }), response: Enactment }

export const SignPack = route({
  id: 'policy.sign',
  method: 'POST',
  path: '/api/policies/enactments/:id/sign',
  summary: { zh: '第二签：启用', en: 'The second signature: enact' },
  ...One,
  /** What the signer read: another content is refused. */
  body: z.strictObject({ hash: z.string().length(64) }),
})

export const WithdrawPack = route({
  id: 'policy.withdraw',
  method: 'POST',
  path: '/api/policies/enactments/:id/withdraw',
  summary: { zh: '撤下未签的提议', en: 'Withdraw a proposal that is not signed' },
  ...One,
})

export const RetractPack = route({
  id: 'policy.retract',
  method: 'POST',
  path: '/api/policies/enactments/:id/retract',
  summary: { zh: '提出撤回（第一签）', en: 'Propose to retract: the first of two signatures' },
  ...One,
  body: z.strictObject({ reason: typed(2, 1000) }),
})

export const SignRetraction = route({
  id: 'policy.signRetraction',
  method: 'POST',
  path: '/api/policies/enactments/:id/retract/sign',
  summary: { zh: '第二签：撤回', en: 'The second signature: retract' },
  ...One,
})

/** A decision as staff and the person concerned see it. */
export const Decision = z.object({
  id: z.uuid(),
  kind: z.string(),
  name: Bilingual,
  subjectId: z.uuid(),
  placeCode: PlaceCode,
  place: z.string(),
  at: Instant,
  outcome: z.json(),
  /** What was decided and why, in one sentence for the person. */
  sentence: Bilingual,
  reasons: z.array(Bilingual),
  evidence: z.json(),
  pack: z.object({ id: z.string(), version: z.string(), hash: z.string() }),
  clause: z.string(),
  issuer: z.string(),
  restricts: z.boolean(),
  legalBasis: z.string().nullable(),
  validUntil: Instant.nullable(),
  insteadOf: z.uuid().nullable(),
})
export type Decision = z.infer<typeof Decision>

export const ListDecisions = route({
  id: 'decisions.list',
  method: 'GET',
  path: '/api/decisions',
  summary: { zh: '某事项的决定', en: 'Decisions about one subject (an order, a request, a place)' },
  query: z.strictObject({
    subject: z.uuid().optional(),
    kind: z.string().max(80).optional(),
    after: z.string().max(300).optional(),
    limit: z.coerce.number().int().min(1).max(100).default(20),
  }),
  response: page(Decision),
})

export const RecomputeDecision = route({
  id: 'decisions.recompute',
  method: 'POST',
  path: '/api/decisions/:id/recompute',
  summary: {
    zh: '按当时的证据和政策（或另一份政策）重新计算一项决定',
    en: 'Make a decision again from its evidence and the policy that it names, or another version',
  },
  params: z.strictObject({ id: z.uuid() }),
  body: z.strictObject({ under: VersionName.optional() }),
  response: z.object({
    decision: Decision,
    /** Why it cannot be made again: the evidence was forgotten with the person, or nothing was kept then. */
    impossible: z.enum(['evidence_forgotten', 'policy_not_kept', 'decided_by_a_person']).nullable(),
    same: z.boolean().nullable(),
    outcome: z.json(),
    clause: z.string().nullable(),
    reasons: z.array(Bilingual),
  }),
})

export const ListMyDecisions = route({
  id: 'decisions.mine',
  method: 'GET',
  path: '/api/my/decisions',
  summary: { zh: '关于我的决定', en: 'Decisions about me' },
  query: z.strictObject({ after: z.string().max(300).optional() }),
  response: page(Decision),
})

export const PolicyEnacted = event(
  'policy.enacted',
  z.object({ enactmentId: z.uuid(), packId: z.string(), placeCode: z.string(), inForceFrom: z.string() }),
)
export const PolicyRetracted = event(
  'policy.retracted',
  z.object({ enactmentId: z.uuid(), packId: z.string(), placeCode: z.string(), at: z.string() }),
)
