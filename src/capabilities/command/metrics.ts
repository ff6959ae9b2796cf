import type { Gazetteer } from '#capabilities/places/index.ts'
import { findSoundalike } from '#capabilities/places/index.ts'

/** What the published figures count, with the words they are shown in. Local unless the name says imported. */
export const METRICS = {
  confirmed: { zh: '确诊病例', en: 'confirmed' },
  asymptomatic: { zh: '无症状感染者', en: 'asymptomatic' },
  confirmed_from_asymptomatic: {
    zh: '无症状转确诊（转归）',
    en: 'conversions: confirmed after asymptomatic',
  },
  confirmed_in_isolation: { zh: '隔离管控中发现的确诊', en: 'confirmed, found in isolation' },
  asymptomatic_in_isolation: { zh: '隔离管控中发现的无症状', en: 'asymptomatic, found in isolation' },
  confirmed_in_screening: { zh: '风险人群筛查发现的确诊', en: 'confirmed, found in risk-group screening' },
  asymptomatic_in_screening: {
    zh: '风险人群筛查发现的无症状',
    en: 'asymptomatic, found in risk-group screening',
  },
  confirmed_in_community: { zh: '社会面发现的确诊', en: 'confirmed, found in the community' },
  asymptomatic_in_community: { zh: '社会面发现的无症状', en: 'asymptomatic, found in the community' },
  confirmed_contacts: { zh: '确诊病例的密接', en: 'close contacts of the confirmed' },
  asymptomatic_contacts: { zh: '无症状感染者的密接', en: 'close contacts of the asymptomatic' },
  under_observation: { zh: '医学观察中的本土无症状', en: 'asymptomatic under observation' },
  released: { zh: '解除医学观察', en: 'released from observation' },
  in_treatment: { zh: '在院治疗', en: 'in treatment' },
  discharged: { zh: '治愈出院', en: 'discharged' },
  deaths: { zh: '死亡', en: 'deaths' },
  severe: { zh: '重型', en: 'severe' },
  critical: { zh: '危重型', en: 'critical' },
  severe_or_critical: { zh: '重症', en: 'severe or critical' },
  in_makeshift_hospitals: { zh: '方舱等集中观察', en: 'in makeshift hospitals and observation' },
  in_designated_hospitals: { zh: '定点医院在院', en: 'in designated hospitals' },
  imported_confirmed: { zh: '境外输入确诊', en: 'imported confirmed' },
  imported_asymptomatic: { zh: '境外输入无症状', en: 'imported asymptomatic' },
  imported_contacts_of_confirmed: {
    zh: '境外输入确诊的同航班密接',
    en: 'contacts on the flights of imported confirmed',
  },
  imported_contacts_of_asymptomatic: {
    zh: '境外输入无症状的同航班密接',
    en: 'contacts on the flights of imported asymptomatic',
  },
  imported_discharged: { zh: '境外输入治愈出院', en: 'imported discharged' },
  imported_released: { zh: '境外输入解除医学观察', en: 'imported released from observation' },
  imported_under_observation: {
    zh: '医学观察中的境外输入无症状',
    en: 'imported asymptomatic under observation',
  },
  imported_in_treatment: { zh: '境外输入在院治疗', en: 'imported in treatment' },
  cumulative_confirmed: { zh: '累计确诊', en: 'confirmed, cumulative' },
  cumulative_asymptomatic: { zh: '累计无症状', en: 'asymptomatic, cumulative' },
  cumulative_discharged: { zh: '累计出院', en: 'discharged, cumulative' },
  cumulative_deaths: { zh: '累计死亡', en: 'deaths, cumulative' },
  cumulative_imported_confirmed: { zh: '累计境外输入确诊', en: 'imported confirmed, cumulative' },
  cumulative_imported_discharged: { zh: '累计境外输入出院', en: 'imported discharged, cumulative' },
} as const

export type Metric = keyof typeof METRICS

/** One published figure: what was counted, where, on which day (local date), and which publication says so. */
export type SeriesRow = { date: string; placeCode: string; metric: Metric; count: number; source: string }

export const CASE_SOURCES = ['isolation', 'screening', 'community', 'conversion'] as const
export type CaseSource = (typeof CASE_SOURCES)[number]
export type CaseClass = 'confirmed' | 'asymptomatic'

export const metricOf = (caseClass: CaseClass, source: CaseSource): Metric =>
  source === 'conversion' ? 'confirmed_from_asymptomatic' : `${caseClass}_in_${source}`

/** The local date in a file's name (addresses.2022-03-18.txt) or in 2022-4-1 and 20220401; undefined where there is none that exists. */
export const dateIn = (text: string): string | undefined => {
  const match = /(?<!\d)(\d{4})(?:-(\d{1,2})-(\d{1,2})|(\d{2})(\d{2}))(?!\d)/.exec(text)
  if (!match) return undefined
  const [year, month, day] = [match[1], match[2] ?? match[4], match[3] ?? match[5]].map(Number)
  return realDate(year ?? 0, month ?? 0, day ?? 0)
}

export const realDate = (year: number, month: number, day: number): string | undefined => {
  const date = new Date(Date.UTC(year, month - 1, day))
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day
    ? date.toISOString().slice(0, 10)
    : undefined
}

/** The district behind PudongNew or Xuhui; the city behind Shanghai. */
export const codeOfReading = (gazetteer: Gazetteer, name: string): string | undefined => {
  const reading = name.trim().toLowerCase()
  if (!/^[a-z']+$/.test(reading)) return undefined
  if (reading === 'shanghai') return '31'
  const district = reading.endsWith('new') ? `${reading.slice(0, -3)}xinqu` : `${reading}qu`
  return findSoundalike(gazetteer, '31', district)?.code
}

/** The published tables that are understood. */
export type SeriesKind =
  | 'city-daily'
  | 'cumulative'
  | 'district-daily'
  | 'district-source-daily'
  | 'found-in-screening-daily'
  | 'in-hospital-daily'
