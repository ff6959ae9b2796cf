import { dueAt, handlingSpan, type Policy } from '#capabilities/policy/index.ts'

/** The element whose handling clock an appeal has (policies/elements.shanghai.yaml). */
export const ELEMENT = 'law.appeal'

/** An appeal goes to the operations centre of the district, or of the city where the decision is about no district. */
export const unitFor = (placeCode: string): string =>
  `street.${placeCode.length >= 6 ? placeCode.slice(0, 6) : '31'}`

/** What the person is promised: the handling time of the element, from the moment of filing, whoever signs for it when. */
export function answerBy(policy: Policy, filedAt: Date): Date {
  const span = handlingSpan(policy, ELEMENT)
  if (!span) throw new Error(`the element dictionary has no ${ELEMENT}`)
  return dueAt(policy.pack.calendar, filedAt, span)
}
