import type { CaseClass, CaseSource, Metric } from './metrics.ts'

/** Numbers from–to of one class that live in one district. */
export type CaseRange = { from: number; to: number; count: number; placeCode: string; district: string }
export type DailyPart =
  | { kind: 'facts'; facts: Partial<Record<Metric, number>> }
  | { kind: 'cases'; class: CaseClass; source: CaseSource; ranges: CaseRange[] }
  | {
      kind: 'in_treatment'
      byDistrict: { placeCode: string; count: number }[]
      imported: number
      total: number
    }

export type Bulletin = {
  date: string
  /** City-wide figures as the text states them. */
  facts: Partial<Record<Metric, number>>
  byDistrict: { placeCode: string; class: CaseClass; source: CaseSource; count: number }[]
  inTreatment: { placeCode: string; count: number }[]
}

type Rule = readonly [RegExp, ...Metric[]]

// On normalised text: full stops are '.', commas ','. Local and imported sentences use the same words, so
// they are told apart first.
const LOCAL: readonly Rule[] = [
  [/新增本土新冠肺炎确诊病例(\d+)/, 'confirmed'],
  [/新增本土新冠肺炎确诊病例\d+例?和无症状感染者(\d+)例/, 'asymptomatic'],
  [/新增本土无症状感染者(\d+)例/, 'asymptomatic'],
  [/(\d+)例确诊病例为(?:此前|既往)无症状感染者转归/, 'confirmed_from_asymptomatic'],
  [/含(\d+)例由(?:此前|既往)?无症状感染者转为确诊病例/, 'confirmed_from_asymptomatic'],
  [
    /(\d+)例确诊病例和(\d+)例无症状感染者在隔离管控中发现/,
    'confirmed_in_isolation',
    'asymptomatic_in_isolation',
  ],
  [
    /(\d+)例确诊病例和(\d+)例无症状感染者在(?:相关)?风险人群(?:筛查|排查)中发现/,
    'confirmed_in_screening',
    'asymptomatic_in_screening',
  ],
  [/^(?:新增)?治愈出院(\d+)例/, 'discharged'],
  [/新增本土死亡(?:病例)?(\d+)例/, 'deaths'],
  [/以上病例.*?密切接触者(\d+)人/, 'confirmed_contacts'],
  [/以上无症状感染者.*?密切接触者(\d+)人/, 'asymptomatic_contacts'],
  [
    /累计本土确诊(?:病例)?(\d+)例,治愈出院(\d+)例,在院治疗(\d+)例(?:\(其中重型(\d+)例,危重型(\d+)例\))?,死亡(\d+)例/,
    'cumulative_confirmed',
    'cumulative_discharged',
    'in_treatment',
    'severe',
    'critical',
    'cumulative_deaths',
  ],
]
const MIXED: readonly Rule[] = [
  [/解除医学观察.*?其中本土无症状感染者(\d+)例/, 'released'],
  [/解除医学观察.*?境外输入性无症状感染者?(\d+)例/, 'imported_released'],
  [
    /尚在医学观察中.*?其中本土无症状感染者(\d+)例,境外输入性无症状感染者?(\d+)例/,
    'under_observation',
    'imported_under_observation',
  ],
]
const IMPORTED: readonly Rule[] = [
  [/新增境外输入性新冠肺炎确诊病例(\d+)例/, 'imported_confirmed'],
  [/报告(\d+)例新增境外输入性新冠肺炎确诊病例/, 'imported_confirmed'],
  [/新增境外输入性新冠肺炎确诊病例\d+例和无症状感染者(\d+)例/, 'imported_asymptomatic'],
  [/新增境外输入性无症状感染者(\d+)例/, 'imported_asymptomatic'],
  [/^(?:新增)?治愈出院(\d+)例/, 'imported_discharged'],
  [
    /累计境外输入性确诊病例(\d+)例,出院(\d+)例,在院治疗(\d+)例/,
    'cumulative_imported_confirmed',
    'cumulative_imported_discharged',
    'imported_in_treatment',
  ],
]

const NONE = /无新增境外输入性(新冠肺炎确诊病例|无症状感染者)/

const apply = (rules: readonly Rule[], sentence: string, facts: Partial<Record<Metric, number>>): void => {
  for (const [pattern, ...metrics] of rules) {
    const match = pattern.exec(sentence)
    if (!match) continue
    for (const [i, metric] of metrics.entries()) {
      const count = match[i + 1]
      if (count !== undefined) facts[metric] ??= Number(count)
    }
  }
}

/** City-wide figures stated in one paragraph of normalised text; imported cases kept apart from local ones. */
export const readFacts = (text: string): Partial<Record<Metric, number>> => {
  const facts: Partial<Record<Metric, number>> = {}
  // A decimal point is not the end of a sentence: 平均年龄80.9岁.
  const sentences = text.split(/(?<!\d)\.|\.(?!\d)/)
  let isImported = false
  for (const sentence of sentences) {
    if (/境外输入/.test(sentence)) isImported = !/其中本土/.test(sentence)
    else if (/本土/.test(sentence)) isImported = false
    apply(/其中本土/.test(sentence) ? MIXED : isImported ? IMPORTED : LOCAL, sentence, facts)
    if (isImported) {
      const contacts = /同航班密切接触者(\d+)人/.exec(sentence)?.[1]
      if (contacts !== undefined)
        facts[
          /无症状感染者/.test(text) ? 'imported_contacts_of_asymptomatic' : 'imported_contacts_of_confirmed'
        ] = Number(contacts)
    }
    const none = NONE.exec(sentence)?.[1]
    if (none) facts[none === '无症状感染者' ? 'imported_asymptomatic' : 'imported_confirmed'] ??= 0
  }
  return facts
}
