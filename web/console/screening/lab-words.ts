import type { Outcome } from '#capabilities/screening/results.contract.ts'

/** In the order of the keys 1 to 4; a shape and a word with every colour. */
export const OUTCOMES = ['negative', 'positive', 'inconclusive', 'invalid'] as const satisfies Outcome[]
export const OUTCOME_WORDS: Record<Outcome, { mark: string; level: string; zh: string; en: string }> = {
  negative: { mark: '●', level: 'green', zh: '阴性', en: 'Negative' },
  positive: { mark: '▲', level: 'red', zh: '阳性', en: 'Positive' },
  inconclusive: { mark: '◆', level: 'amber', zh: '可疑', en: 'Inconclusive' },
  invalid: { mark: '○', level: 'closed', zh: '无效', en: 'Invalid' },
}
export const TUBE_STATE_WORDS = {
  sealed: { zh: '已封管', en: 'Sealed' },
  boxed: { zh: '已装箱', en: 'In a box' },
  collected: { zh: '运送中', en: 'On the way' },
  received: { zh: '已签收，待检测', en: 'Received, to be tested' },
  rejected: { zh: '已拒收', en: 'Rejected' },
  tested: { zh: '已出结果', en: 'Has a result' },
  destroyed: { zh: '已销毁', en: 'Destroyed' },
} as const
export const CUSTODY_WORDS = {
  sealed: { zh: '封管', en: 'Sealed' },
  boxed: { zh: '装箱', en: 'Packed into a box' },
  collected: { zh: '取走', en: 'Collected' },
  redirected: { zh: '改送', en: 'Sent to another laboratory' },
  received: { zh: '实验室签收', en: 'Received by a laboratory' },
  contested: { zh: '另一实验室也出示了此箱', en: 'Shown at another laboratory too' },
  released: { zh: '实验室退回', en: 'Let go of by the laboratory' },
  rejected: { zh: '拒收', en: 'Rejected' },
  tested: { zh: '检测', en: 'Tested' },
  destroyed: { zh: '销毁', en: 'Destroyed' },
} as const

/** A label as a scanner or a hand gives it: no spaces or dashes, capital letter. */
export const cleanLabel = (typed: string): string =>
  typed.normalize('NFKC').replace(/[\s-]/g, '').toUpperCase()
