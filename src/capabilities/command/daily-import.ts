import {
  type Line,
  makeReport,
  type Note,
  note,
  refused,
  type Report,
  understood,
  unused,
} from '#kernel/import-report.ts'
import { normalise } from '#kernel/text.ts'
import { findDistrict, type Gazetteer } from '#capabilities/places/index.ts'
import { checkBulletin } from './daily-checks.ts'
import { type Bulletin, type CaseRange, type DailyPart, readFacts } from './daily-facts.ts'
import {
  type CaseClass,
  type CaseSource,
  type Metric,
  metricOf,
  realDate,
  type SeriesRow,
} from './metrics.ts'

export type DailyReport = Report<DailyPart> & { bulletin: Bulletin | undefined }
export type DailyImportOptions = { file?: string }

const TOKEN = /(病例|无症状感染者)(\d+)(?:-(?:病例|无症状感染者)?(\d+))?|居住(?:于|在)([^,.;]+)/g

const sourceOf = (cause: string): CaseSource | undefined => {
  // Screening comes first: those found in it are "at once isolated" in the same sentence.
  if (/风险人群(?:筛查|排查)/.test(cause)) return 'screening'
  if (/(?:此前|既往)报告的本土无症状感染者/.test(cause)) return 'conversion'
  if (/社会面/.test(cause)) return 'community'
  return /隔离管控/.test(cause) ? 'isolation' : undefined
}

const isCaseList = (text: string): boolean =>
  /^(?:病例|无症状感染者)\d/.test(text) && /居住(?:于|在)/.test(text)

const readCases = (gazetteer: Gazetteer, text: string, line: number, raw: string): Line<DailyPart> => {
  const ranges: CaseRange[] = []
  const notes: Note[] = []
  const classes = new Set<string>()
  let pending: { from: number; to: number }[] = []
  let end = 0
  for (const match of text.matchAll(TOKEN)) {
    const [whole, word, from, to, home] = match
    end = match.index + whole.length
    if (home === undefined) {
      classes.add(word ?? '')
      pending.push({ from: Number(from), to: Number(to ?? from) })
      continue
    }
    const district = findDistrict(gazetteer, home)
    if (!district) notes.push(note('district_unknown', `没有这个区：${home}`, `No such district: ${home}`))
    for (const range of pending)
      ranges.push({
        ...range,
        count: range.to - range.from + 1,
        placeCode: district?.code ?? '31',
        district: home,
      })
    pending = []
  }
  const source = sourceOf(text.slice(end))
  const backwards = ranges.find(({ count }) => count < 1)
  if (!source)
    return refused(line, raw, [
      note('cause_unknown', '没有写明如何发现', 'How they were found is not stated'),
    ])
  if (classes.size !== 1)
    return refused(line, raw, [
      note('class_mixed', '确诊和无症状混在一段', 'Confirmed and asymptomatic in one list'),
    ])
  if (backwards)
    return refused(line, raw, [
      note(
        'range_backwards',
        `编号倒了：${backwards.from}—${backwards.to}`,
        `Numbers run backwards: ${backwards.from}–${backwards.to}`,
      ),
    ])
  if (pending.length > 0)
    return refused(line, raw, [
      note('range_without_home', '有编号没有居住地', 'Numbers without a place of living'),
    ])
  const caseClass: CaseClass = classes.has('病例') ? 'confirmed' : 'asymptomatic'
  return understood(line, raw, { kind: 'cases', class: caseClass, source, ranges }, notes)
}

/** The closing table as it comes out of a page: words and numbers in one line. */
const readTable = (gazetteer: Gazetteer, text: string, line: number, raw: string): Line<DailyPart> => {
  const [abroad = '', home = ''] = text.split('本市居住或工作地')
  const pairs = (part: string): [string, number][] =>
    [...part.matchAll(/([^\s\d()]+) (\d+)/g)].map(([, name = '', count]) => [name, Number(count)])
  const homePairs = pairs(home)
  const total = homePairs.find(([name]) => name === '合计')?.[1]
  const byDistrict = homePairs.flatMap(([name, count]) => {
    const district = name === '合计' ? undefined : findDistrict(gazetteer, name)
    return district ? [{ placeCode: district.code, count }] : []
  })
  if (total === undefined || byDistrict.length !== homePairs.length - 1)
    return refused(line, raw, [
      note('table_unreadable', '在院治疗表看不懂', 'The table of those in treatment cannot be read'),
    ])
  const imported = pairs(abroad).reduce((sum, [, count]) => sum + count, 0)
  return understood(line, raw, { kind: 'in_treatment', byDistrict, imported, total })
}

const dateOf = (text: string): string | undefined => {
  const match = /(\d{4})年(\d{1,2})月(\d{1,2})日0(?:时)?-24时/.exec(text)
  return match ? realDate(Number(match[1]), Number(match[2]), Number(match[3])) : undefined
}

/**
 * The official daily report in prose: totals, numbered ranges by district and way of finding, imported, in
 * treatment. Every paragraph is accounted for; ranges must follow without gap or overlap and end at the total.
 */
export const parseDaily = (
  text: string,
  gazetteer: Gazetteer,
  options: DailyImportOptions = {},
): DailyReport => {
  const raws = text.split('\n')
  if (raws.at(-1) === '') raws.pop()
  const date = raws.map((raw) => dateOf(normalise(raw).text)).find((found) => found !== undefined)
  const lines = raws.map((raw, i): Line<DailyPart> => {
    const clean = normalise(raw).text
    if (clean === '') return unused(i + 1, raw)
    if (isCaseList(clean)) return readCases(gazetteer, clean, i + 1, raw)
    if (clean.startsWith('区域 在院治疗')) return readTable(gazetteer, clean, i + 1, raw)
    const facts = readFacts(clean)
    if (Object.keys(facts).length > 0) return understood(i + 1, raw, { kind: 'facts', facts })
    return unused(i + 1, raw, [note('not_used', '没有要取的数', 'Carries no figure that is taken')])
  })
  const inconsistencies: Note[] = []
  if (!date) inconsistencies.push(note('date_missing', '没有写明是哪一天', 'The day is not stated'))
  const bulletin = date === undefined ? undefined : bulletinOf(date, lines, inconsistencies)
  inconsistencies.push(...checkBulletin(lines, bulletin))
  return {
    ...makeReport(options.file ?? `daily ${date ?? ''}`.trim(), 'daily', lines, inconsistencies),
    bulletin,
  }
}

const bulletinOf = (date: string, lines: readonly Line<DailyPart>[], inconsistencies: Note[]): Bulletin => {
  const bulletin: Bulletin = { date, facts: {}, byDistrict: [], inTreatment: [] }
  const counts = new Map<string, Bulletin['byDistrict'][number]>()
  for (const { line, value, notes } of lines) {
    inconsistencies.push(...notes.filter(({ code }) => code === 'district_unknown'))
    if (value?.kind === 'facts')
      for (const [metric, count] of Object.entries(value.facts) as [Metric, number][]) {
        const before = bulletin.facts[metric]
        if (before !== undefined && before !== count)
          inconsistencies.push(
            note(
              'fact_differs',
              `第 ${line} 段：${metric} 写 ${count}，前面写 ${before}`,
              `Paragraph ${line}: ${metric} is ${count}, before it was ${before}`,
            ),
          )
        bulletin.facts[metric] ??= count
      }
    if (value?.kind === 'in_treatment') bulletin.inTreatment = value.byDistrict
    if (value?.kind !== 'cases') continue
    for (const range of value.ranges) {
      const key = `${value.class} ${value.source} ${range.placeCode}`
      const known = counts.get(key)
      if (known) known.count += range.count
      else
        counts.set(key, {
          placeCode: range.placeCode,
          class: value.class,
          source: value.source,
          count: range.count,
        })
    }
  }
  bulletin.byDistrict = [...counts.values()]
  return bulletin
}

/** A bulletin as long rows: the city's stated figures; each district's by way of finding, and their sum. */
export const bulletinRows = (bulletin: Bulletin, source = 'daily-report'): SeriesRow[] => {
  const { date } = bulletin
  const counts = new Map<string, SeriesRow>()
  const add = (placeCode: string, metric: Metric, count: number): void => {
    const key = `${placeCode} ${metric}`
    const known = counts.get(key)
    if (known) known.count += count
    else counts.set(key, { date, placeCode, metric, count, source })
  }
  for (const [metric, count] of Object.entries(bulletin.facts) as [Metric, number][]) add('31', metric, count)
  for (const { placeCode, class: caseClass, source: found, count } of bulletin.byDistrict) {
    if (placeCode === '31') continue
    add(placeCode, metricOf(caseClass, found), count)
    add(placeCode, caseClass, count)
  }
  for (const { placeCode, count } of bulletin.inTreatment) add(placeCode, 'in_treatment', count)
  return [...counts.values()]
}
