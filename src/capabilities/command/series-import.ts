import { parse } from 'csv-parse/sync'
import {
  type Line,
  makeReport,
  type Note,
  note,
  refused,
  repaired,
  type Report,
  understood,
  unused,
} from '#kernel/import-report.ts'
import { findDistrict, type Gazetteer } from '#capabilities/places/index.ts'
import {
  type CaseSource,
  codeOfReading,
  dateIn,
  type Metric,
  metricOf,
  type SeriesKind,
  type SeriesRow,
} from './metrics.ts'
import { checkSeries } from './series-checks.ts'

const CITY_COLUMNS: Readonly<Record<string, Metric>> = {
  确诊病例: 'confirmed',
  无症状感染者: 'asymptomatic',
  无症状转确诊: 'confirmed_from_asymptomatic',
  野生确诊: 'confirmed_in_community',
  管控内确诊: 'confirmed_in_isolation',
  管控内无症状: 'asymptomatic_in_isolation',
  例行筛查确诊: 'confirmed_in_screening',
  例行筛查无症状: 'asymptomatic_in_screening',
  确诊密接: 'confirmed_contacts',
  无症状密接: 'asymptomatic_contacts',
  本土医学观察中无症状: 'under_observation',
  解除医学观察: 'released',
  本土在院治疗中: 'in_treatment',
  治愈出院: 'discharged',
  重症: 'severe_or_critical',
  死亡: 'deaths',
  重型: 'severe',
  危重型: 'critical',
  累计无症状: 'cumulative_asymptomatic',
  累计确诊: 'cumulative_confirmed',
  累计出院: 'cumulative_discharged',
  累计死亡: 'cumulative_deaths',
}
const WIDE_METRICS: Readonly<Record<string, Readonly<Record<string, Metric>>>> = {
  'district-daily': { quezhen: 'confirmed', wuzhengzhuang: 'asymptomatic' },
  'found-in-screening-daily': {
    quezhen: 'confirmed_in_screening',
    wuzhengzhuang: 'asymptomatic_in_screening',
  },
  'in-hospital-daily': { fangcang: 'in_makeshift_hospitals', yiyuan: 'in_designated_hospitals' },
}
const SOURCES: Readonly<Record<string, CaseSource>> = {
  闭环隔离管控: 'isolation',
  风险人群筛查: 'screening',
  此前报告的本土无症状感染: 'conversion',
  野生: 'community',
}

/** Which of the six forms this is, by its heading and, where two forms share one, by the file's name. */
export const kindOfSeries = (header: readonly string[], fileName: string): SeriesKind | undefined => {
  const [first = ''] = header
  if (first === '时间') return 'city-daily'
  if (first === 'Date') return 'cumulative'
  if (first === 'date' && header.includes('is_patient')) return 'district-source-daily'
  if (first !== 'address') return undefined
  if (header.some((column) => /_(?:fangcang|yiyuan)$/.test(column))) return 'in-hospital-daily'
  return fileName.includes('found-in-screening') ? 'found-in-screening-daily' : 'district-daily'
}

type Context = { gazetteer: Gazetteer; source: string; header: readonly string[] }

const readCount = (cell: string, notes: Note[], where: string): number | undefined => {
  const text = cell.trim()
  if (text === '') return undefined
  if (/^\d+(?:\.0+)?$/.test(text)) return Number(text)
  notes.push(note('cell_refused', `${where}：“${text}”不是人数`, `${where}: "${text}" is not a count`))
  return undefined
}

const finish = (line: number, raw: string, rows: SeriesRow[], notes: Note[]): Line<SeriesRow[]> => {
  if (rows.length === 0)
    return refused(
      line,
      raw,
      notes.length > 0 ? notes : [note('row_empty', '这一行没有数', 'No figures in this row')],
    )
  return notes.some(({ code }) => code === 'cell_refused')
    ? repaired(line, raw, rows, notes)
    : understood(line, raw, rows, notes)
}

const readDayRow = (
  { source, header }: Context,
  cells: readonly string[],
  line: number,
  raw: string,
): Line<SeriesRow[]> => {
  const date = dateIn(cells[0] ?? '')
  if (!date)
    return refused(line, raw, [
      note('date_unreadable', `没有这一天：${cells[0] ?? ''}`, `No such day: ${cells[0] ?? ''}`),
    ])
  const notes: Note[] = []
  const blanks: string[] = []
  const rows = header.slice(1).flatMap((column, i): SeriesRow[] => {
    const metric = CITY_COLUMNS[column]
    const cell = cells[i + 1] ?? ''
    if (cell.trim() === '') blanks.push(column)
    const count = metric && readCount(cell, notes, column)
    return metric === undefined || count === undefined
      ? []
      : [{ date, placeCode: '31', metric, count, source }]
  })
  if (blanks.length > 0)
    notes.push(note('blank', `没有数：${blanks.join('、')}`, `No figure for: ${blanks.join(', ')}`))
  return finish(line, raw, rows, notes)
}

const readWideRow = (
  context: Context,
  kind: SeriesKind,
  cells: readonly string[],
  line: number,
  raw: string,
): Line<SeriesRow[]> => {
  const name = cells[0] ?? ''
  const placeCode = codeOfReading(context.gazetteer, name) ?? findDistrict(context.gazetteer, name)?.code
  if (!placeCode)
    return refused(line, raw, [note('district_unknown', `没有这个区：${name}`, `No such district: ${name}`)])
  const notes: Note[] = []
  let blanks = 0
  const rows = context.header.slice(1).flatMap((column, i): SeriesRow[] => {
    const metric = WIDE_METRICS[kind]?.[column.split('_').at(-1) ?? '']
    const date = dateIn(column)
    const cell = cells[i + 1] ?? ''
    if (cell.trim() === '') blanks++
    const count = metric && date ? readCount(cell, notes, column) : undefined
    return metric === undefined || date === undefined || count === undefined
      ? []
      : [{ date, placeCode, metric, count, source: context.source }]
  })
  if (blanks > 0) notes.push(note('blank', `${blanks} 格没有数`, `${blanks} cells without a figure`))
  if (cells.length !== context.header.length)
    notes.push(
      note(
        'columns_differ',
        `标题 ${context.header.length} 列，本行 ${cells.length} 列`,
        `${context.header.length} columns in the heading, ${cells.length} here`,
      ),
    )
  return finish(line, raw, rows, notes)
}

const readSourceRow = (
  context: Context,
  cells: readonly string[],
  line: number,
  raw: string,
): Line<SeriesRow[]> => {
  const cell = (column: string): string => cells[context.header.indexOf(column)] ?? ''
  const notes: Note[] = []
  const date = dateIn(cell('date'))
  const place = findDistrict(context.gazetteer, cell('district'))
  const source = SOURCES[cell('source')]
  const caseClass = { 确诊病例: 'confirmed', 无症状感染者: 'asymptomatic' }[cell('is_patient')] as
    | 'confirmed'
    | 'asymptomatic'
    | undefined
  if (!date)
    notes.push(note('date_unreadable', `没有这一天：${cell('date')}`, `No such day: ${cell('date')}`))
  if (!place)
    notes.push(
      note('district_unknown', `没有这个区：${cell('district')}`, `No such district: ${cell('district')}`),
    )
  if (!source)
    notes.push(
      note(
        'source_unknown',
        `发现途径看不懂：${cell('source')}`,
        `Unknown way of finding: ${cell('source')}`,
      ),
    )
  if (!caseClass)
    notes.push(
      note('class_unknown', `类别看不懂：${cell('is_patient')}`, `Unknown class: ${cell('is_patient')}`),
    )
  if (source === 'conversion' && caseClass === 'asymptomatic')
    notes.push(
      note('conversion_of_asymptomatic', '转归只能是确诊病例', 'A conversion can only be a confirmed case'),
    )
  const count = readCount(cell('count'), notes, cell('district'))
  if (!date || !place || !source || !caseClass || count === undefined || notes.length > 0)
    return refused(line, raw, notes)
  return understood(line, raw, [
    { date, placeCode: place.code, metric: metricOf(caseClass, source), count, source: context.source },
  ])
}

/** Columns whose heading says nothing that is known, reported once. */
const unknownColumns = (kind: SeriesKind, header: readonly string[]): Note[] => {
  if (kind === 'district-source-daily') return []
  const isKnown = (column: string): boolean =>
    kind === 'city-daily' || kind === 'cumulative'
      ? column in CITY_COLUMNS
      : dateIn(column) !== undefined && WIDE_METRICS[kind]?.[column.split('_').at(-1) ?? ''] !== undefined
  const unknown = header.slice(1).filter((column) => !isKnown(column))
  const twice = header.filter((column, i) => header.indexOf(column) !== i)
  return [
    ...unknown.map((column) => note('column_unknown', `列看不懂：${column}`, `Unknown column: ${column}`)),
    ...twice.map((column) => note('column_twice', `列重复：${column}`, `Column stands twice: ${column}`)),
  ]
}

/**
 * A published table of figures as long rows, whatever its form. The value of a line is its rows; blanks make no
 * row and are noted. Sums that do not agree, totals that fall and missing days are reported and left as they are.
 */
export const parseSeries = (csv: string, fileName: string, gazetteer: Gazetteer): Report<SeriesRow[]> => {
  const raws = csv.replace(/^\ufeff/, '').split(/\r?\n/)
  if (raws.at(-1) === '') raws.pop()
  // Published tables hold one record a line; parsing line by line keeps a broken quote from swallowing the rest.
  const records = raws.map((raw) => {
    try {
      return parse(raw, { relax_column_count: true })[0] ?? []
    } catch {
      return undefined
    }
  })
  const header = (records[0] ?? []).map((column) => column.trim())
  const kind = kindOfSeries(header, fileName)
  if (!kind) {
    const reason = note('form_unknown', '不是已知的数据表，请看标题行', 'Not a known table: see its heading')
    return makeReport(
      fileName,
      'series',
      raws.map((raw, i) => refused(i + 1, raw, [reason])),
    )
  }
  const context: Context = { gazetteer, source: kind, header }
  const lines: Line<SeriesRow[]>[] = records.map((cells, i) => {
    const raw = raws[i] ?? ''
    if (i === 0) return unused(1, raw, [note('heading', '标题行', 'Heading')])
    if (!cells) return refused(i + 1, raw, [note('csv_broken', '不是有效的 CSV', 'Not valid CSV')])
    if (cells.every((cell) => cell.trim() === '')) return unused(i + 1, raw)
    if (kind === 'city-daily' || kind === 'cumulative') return readDayRow(context, cells, i + 1, raw)
    if (kind === 'district-source-daily') return readSourceRow(context, cells, i + 1, raw)
    return readWideRow(context, kind, cells, i + 1, raw)
  })
  return makeReport(fileName, `series:${kind}`, lines, [
    ...unknownColumns(kind, header),
    ...checkSeries(kind, lines),
  ])
}
