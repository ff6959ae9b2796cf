import { type Line, type Note, note } from '#kernel/import-report.ts'
import type { Bulletin, CaseRange, DailyPart } from './daily-facts.ts'
import { type CaseClass, type CaseSource, type Metric, metricOf, METRICS } from './metrics.ts'

const WORD: Readonly<Record<CaseClass, { zh: string; en: string }>> = {
  confirmed: { zh: '病例', en: 'case' },
  asymptomatic: { zh: '无症状感染者', en: 'asymptomatic' },
}

/** Numbers must follow one another from 1 to the total: a gap or an overlap says where. */
const closing = (caseClass: CaseClass, ranges: readonly CaseRange[], total: number | undefined): Note[] => {
  const found: Note[] = []
  const { zh, en } = WORD[caseClass]
  let next = 1
  for (const { from, to, district } of [...ranges].sort((a, b) => a.from - b.from)) {
    if (from > next)
      found.push(note('range_gap', `${zh}${next}—${from - 1} 没有写`, `${en} ${next}–${from - 1} missing`))
    if (from < next)
      found.push(
        note(
          'range_overlap',
          `${zh}${from}—${Math.min(to, next - 1)}（${district}）写了两次`,
          `${en} ${from}–${Math.min(to, next - 1)} (${district}) stand twice`,
        ),
      )
    next = Math.max(next, to + 1)
  }
  if (total !== undefined && ranges.length > 0 && next - 1 !== total)
    found.push(
      note(
        'range_end',
        `${zh}编号到 ${next - 1}，总数写 ${total}`,
        `${en} numbers end at ${next - 1}, the total says ${total}`,
      ),
    )
  if (total !== undefined && total > 0 && ranges.length === 0)
    found.push(note('ranges_missing', `${zh}总数 ${total}，没有分区编号`, `${en}: total ${total}, no ranges`))
  return found
}

/** What a bulletin says against itself: ranges, sums by way of finding, the closing table. */
export const checkBulletin = (lines: readonly Line<DailyPart>[], bulletin: Bulletin | undefined): Note[] => {
  const found: Note[] = []
  const facts = bulletin?.facts ?? {}
  const groups = lines.flatMap(({ value }) => (value?.kind === 'cases' ? [value] : []))
  for (const caseClass of ['confirmed', 'asymptomatic'] as const) {
    const mine = groups.filter((group) => group.class === caseClass)
    found.push(
      ...closing(
        caseClass,
        mine.flatMap(({ ranges }) => ranges),
        facts[caseClass],
      ),
    )
    const sumOf = (source: CaseSource): number =>
      mine
        .filter((group) => group.source === source)
        .flatMap(({ ranges }) => ranges)
        .reduce((sum, { count }) => sum + count, 0)
    for (const source of ['isolation', 'screening', 'conversion', 'community'] as const) {
      if (source === 'conversion' && caseClass === 'asymptomatic') continue
      const metric: Metric = metricOf(caseClass, source)
      const stated = facts[metric]
      if (stated !== undefined && mine.length > 0 && stated !== sumOf(source))
        found.push(
          note(
            'source_differs',
            `${METRICS[metric].zh}：写 ${stated}，按编号合计 ${sumOf(source)}`,
            `${METRICS[metric].en}: stated ${stated}, by ranges ${sumOf(source)}`,
          ),
        )
    }
  }
  for (const { value } of lines) {
    if (value?.kind !== 'in_treatment') continue
    const sum = value.imported + value.byDistrict.reduce((all, { count }) => all + count, 0)
    if (sum !== value.total)
      found.push(
        note(
          'table_sum',
          `在院治疗表合计 ${value.total}，各行相加 ${sum}`,
          `In treatment: total ${value.total}, sum of rows ${sum}`,
        ),
      )
    const { in_treatment: local, imported_in_treatment: imported } = facts
    if (local !== undefined && imported !== undefined && local + imported !== value.total)
      found.push(
        note(
          'treatment_differs',
          `在院治疗：正文 ${local}+${imported}，表 ${value.total}`,
          `In treatment: text ${local}+${imported}, table ${value.total}`,
        ),
      )
  }
  const {
    cumulative_confirmed: all,
    cumulative_discharged: out,
    in_treatment: now,
    cumulative_deaths: dead,
  } = facts
  if (
    all !== undefined &&
    out !== undefined &&
    now !== undefined &&
    dead !== undefined &&
    all !== out + now + dead
  )
    found.push(
      note(
        'cumulative_differs',
        `累计确诊 ${all}，出院、在院、死亡相加 ${out + now + dead}`,
        `Confirmed ${all}; discharged, in treatment and dead make ${out + now + dead}`,
      ),
    )
  return found
}
