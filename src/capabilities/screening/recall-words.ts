import type { Bilingual } from '#kernel/contract.ts'
import { decidedBy, type Policy, type Verdict } from '#capabilities/policy/index.ts'
import { RuleOutcome } from '#capabilities/policy/contract.ts'
import { singleTubeClause } from './duties.ts'

/** Why a tube calls its people back; a self-test does so without one. */
export type TubeWhy = 'positive' | 'inconclusive' | 'invalid'
export type Why = TubeWhy | 'antigen'

export const TITLES: Record<Why, string> = {
  positive: '混管异常 · 上门单管采样',
  inconclusive: '结果待复检 · 单管采样',
  invalid: '样本无效 · 重新采样',
  antigen: '抗原自测待复核 · 上门单管采样',
}
export const ELEMENTS: Record<Why, string> = {
  positive: 'test.recall',
  inconclusive: 'test.recall',
  invalid: 'test.resample',
  antigen: 'test.antigen_recall',
}

/** For whoever goes to the door. */
export const REASONS: Record<Why, Bilingual> = {
  positive: {
    zh: '所在混管结果异常，须上门单管采样',
    en: 'The pool is positive: a single tube at home is needed',
  },
  inconclusive: {
    zh: '所在管结果不能判定，须单管采样',
    en: 'The tube could not be decided: a single tube is needed',
  },
  invalid: {
    zh: '所在管样本无效，须重新采样',
    en: 'The sample was not valid: it must be taken again',
  },
  antigen: {
    zh: '报告的抗原自测须由单管核酸复核',
    en: 'The self-test that was reported is checked by a single tube',
  },
}

/** For the person themselves, where the pack lets no positive be shown (`results.positiveShown`): true of every pool. */
const UNSAID: Bilingual = {
  zh: '所在管的样本须复核，须上门单管采样',
  en: 'The sample of your tube is checked again: a single tube at home is needed',
}

export const positiveShown = (policy: Policy): boolean =>
  policy.parameters.get('results.positiveShown') === true

/** The decision as the person reads it. */
export const verdictOf = (policy: Policy, why: Why): Verdict => ({
  outcome: 'passed',
  clause: singleTubeClause(policy),
  reasons: [why === 'positive' && !positiveShown(policy) ? UNSAID : REASONS[why]],
})

/** The kind of decision that calling somebody back to a sample is; `failed` after an appeal takes it back. */
export const RECALL = 'screening.recall'

decidedBy(RECALL, {
  name: { zh: '再次采样', en: 'Another sample' },
  decide: ({ secret, policy }) => verdictOf(policy, (secret as { why: Why }).why),
  sentence: ({ reasons }) => ({
    zh: reasons.map((r) => r.zh).join('；'),
    en: reasons.map((r) => r.en).join('; '),
  }),
  changes: RuleOutcome,
})

export const CONFIRMATION = 'screening.confirmation'

export const confirmationOf = (policy: Policy): Verdict => ({
  outcome: 'passed',
  clause: singleTubeClause(policy),
  reasons: [{ zh: '单管结果阳性，由疾控复核', en: 'A single tube is positive: the centre confirms' }],
})

decidedBy(CONFIRMATION, {
  name: { zh: '疾控复核', en: 'Confirmation by the centre' },
  decide: ({ policy }) => confirmationOf(policy),
  sentence: ({ reasons }) => reasons[0]!,
  changes: RuleOutcome,
})
