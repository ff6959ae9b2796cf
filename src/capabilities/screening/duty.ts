import type { Bilingual } from '#kernel/contract.ts'

/** As much of a test plan of the pack as the duty needs (policy/pack.ts). */
export type Plan = {
  id: string
  zh: string
  en: string
  for: { zone?: string | undefined; occupation?: string | undefined }
  cycle: readonly { pcr: number; antigen: number }[]
  clause: string
}
/** A round that was not ended early; days of the city, `YYYY-MM-DD`, both included. */
export type RoundInForce = {
  placeCode: string
  planId: string
  startsOn: string
  endsOn: string
  title?: string
  /** The post that opened it. */
  openedBy?: Bilingual | null
}
/** `again`: the last sample gave no result, any tube answers it; `single`: the person or whoever they live with is called back. */
export type OpenRecall = 'single' | 'again'

export type Reason = Bilingual & { plan: string | null; clause: string }
export type Duty = { pcr: number; antigen: number; single: boolean; reasons: Reason[] }

/** What a plan asks for on a day at a place ('' is the whole city), of an occupation or of everybody (null). */
export type Term = {
  placeCode: string
  occupation: string | null
  pcr: number
  antigen: number
  plan: Plan
  nth: number
  /** The round that holds the plan here; none where it holds everywhere. */
  round?: RoundInForce
}

export type InForce = {
  rounds: readonly RoundInForce[]
  plans: readonly Plan[]
  /** The first day of the pack: the cycle of a plan that needs no round begins there. */
  since: string
  /** The clause by which somebody who was called back owes a single tube. */
  singleClause: string
}

const DAY_MS = 86_400_000
const daysBetween = (from: string, to: string): number =>
  Math.round((Date.parse(to.slice(0, 10)) - Date.parse(from.slice(0, 10))) / DAY_MS)

const termOf = (plan: Plan, placeCode: string, start: string, day: string): Term => {
  const { length } = plan.cycle
  // Before the pack's own first day (a round of an earlier pack, a preview) the cycle goes on backwards.
  const nth = ((daysBetween(start, day) % length) + length) % length
  const { pcr, antigen } = plan.cycle[nth]!
  return { placeCode, occupation: plan.for.occupation ?? null, pcr, antigen, plan, nth: nth + 1 }
}

/**
 * Everything that is asked for on a day: plans of an occupation hold everywhere without a round, the others where a round
 * holds them, by the day of their cycle counted from its first day. A round by a plan that the pack lacks asks for nothing.
 */
export function termsOf({ rounds, plans, since }: InForce, day: string): Term[] {
  const ofAreas = roundPlans(plans)
  const everywhere = plans.filter((p) => !ofAreas.includes(p)).map((p) => termOf(p, '', since, day))
  const here = rounds
    .filter((r) => r.startsOn <= day && day <= r.endsOn)
    .flatMap((r) => {
      const plan = ofAreas.find((p) => p.id === r.planId)
      return plan ? [{ ...termOf(plan, r.placeCode, r.startsOn, day), round: r }] : []
    })
  return [...everywhere, ...here]
}

/** What one round asks for on a day; undefined where it does not hold, or asks for no test on that day of its cycle. */
export const termOfRound = (round: RoundInForce, plans: readonly Plan[], day: string): Term | undefined =>
  termsOf({ rounds: [round], plans: roundPlans(plans), since: round.startsOn, singleClause: '' }, day)[0]

const dayWords = (day: string) => {
  const [, month, date] = day.split('-').map(Number)
  return { zh: `${month}月${date}日`, en: day.slice(5) }
}

/**
 * Which round asks, who opened it and for which days. A round holds the pack's plan for a kind of area; it is no decision
 * that this place is such an area, and must not read like one.
 */
function roundWords({ title, openedBy, startsOn, endsOn }: RoundInForce): Bilingual {
  const [from, to] = [dayWords(startsOn), dayWords(endsOn)]
  const days = {
    zh: from.zh === to.zh ? from.zh : `${from.zh}至${to.zh}`,
    en: from.en === to.en ? from.en : `${from.en} to ${to.en}`,
  }
  return {
    zh: `筛查轮次“${title ?? ''}”（${openedBy ? `${openedBy.zh}开启，` : ''}${days.zh}），按政策包里“`,
    en: `Screening round “${title ?? ''}” (${openedBy ? `opened by ${openedBy.en}, ` : ''}${days.en}), by the pack's test plan “`,
  }
}

const wordsOf = ({ plan, pcr, antigen, nth, round }: Term): Bilingual => {
  const day = plan.cycle.length > 1 ? nth : 0
  const zh = [pcr > 0 && `核酸 ${pcr} 次`, antigen > 0 && `抗原 ${antigen} 次`].filter(Boolean).join('、')
  const en = [pcr > 0 && `${pcr} PCR`, antigen > 0 && `${antigen} antigen`].filter(Boolean).join(', ')
  return {
    zh: `${round ? `${roundWords(round).zh}${plan.zh}”的检测安排` : plan.zh}${day > 0 ? ` 第 ${day} 天` : ''}：${zh}`,
    en: `${round ? `${roundWords(round).en}${plan.en}”` : plan.en}${day > 0 ? `, day ${day} of the cycle` : ''}: ${en}`,
  }
}

/** Plans that hold where a round holds them: those of an occupation hold everywhere, and a round by one would ask for nothing. */
export const roundPlans = <P extends Pick<Plan, 'for'>>(plans: readonly P[]): P[] =>
  plans.filter((p) => p.for.occupation === undefined)

/** The occupations that plans of the pack name: what counts are kept by. */
export const occupationsOf = (plans: readonly Plan[]): string[] => [
  ...new Set(plans.flatMap((p) => p.for.occupation ?? [])),
]

const RECALLED: Record<OpenRecall, Bilingual> = {
  single: {
    zh: '您或同住人须复检：单管采样，由社区上门',
    en: 'You or somebody you live with is tested again: a single tube, taken at home',
  },
  again: {
    zh: '上次样本不能出结果：重新采样',
    en: 'Your last sample gave no result: please give another one',
  },
}

/**
 * What one person owes on a day, in tests: of several plans the largest, never the sum. Somebody called back owes a single
 * tube whatever else holds. Sources: `testPlans` of the pack and its rule `single.tube`.
 */
export function dutyOf(given: {
  placeCode: string
  occupation: string | null
  recall: OpenRecall | null
  day: string
  inForce: InForce
}): Duty {
  const { placeCode, occupation, recall, day, inForce } = given
  const asked = termsOf(inForce, day).filter(
    (t) =>
      (t.pcr > 0 || t.antigen > 0) &&
      placeCode.startsWith(t.placeCode) &&
      (t.occupation === null || t.occupation === occupation),
  )
  const most = (key: 'pcr' | 'antigen') => Math.max(0, ...asked.map((t) => t[key]))
  const reasons: Reason[] = []
  if (recall) reasons.push({ ...RECALLED[recall], plan: null, clause: inForce.singleClause })
  for (const t of asked) {
    // One round said twice is one reason.
    const said = wordsOf(t)
    if (!reasons.some((r) => r.plan === t.plan.id && r.zh === said.zh))
      reasons.push({ ...said, plan: t.plan.id, clause: t.plan.clause })
  }
  return {
    pcr: Math.max(recall ? 1 : 0, most('pcr')),
    antigen: most('antigen'),
    single: recall === 'single',
    reasons,
  }
}
