import { type Line, type Note, note } from '#kernel/import-report.ts'
import { type Metric, METRICS, type SeriesKind, type SeriesRow } from './metrics.ts'

const nextDay = (date: string): string => new Date(Date.parse(date) + 86_400_000).toISOString().slice(0, 10)
const CITY = '31'

/** The same figure given twice; a last word is not chosen. */
const twice = (rows: readonly SeriesRow[]): Note[] => {
  const seen = new Map<string, number>()
  const found: Note[] = []
  for (const { date, placeCode, metric, count } of rows) {
    const key = `${date} ${placeCode} ${metric}`
    const before = seen.get(key)
    if (before !== undefined)
      found.push(
        note(
          'figure_twice',
          `${date} ${placeCode} ${METRICS[metric].zh} 给了两次：${before}、${count}`,
          `${date} ${placeCode} ${METRICS[metric].en} is given twice: ${before} and ${count}`,
        ),
      )
    seen.set(key, count)
  }
  return found
}

const missingDays = (rows: readonly SeriesRow[]): Note[] => {
  const dates = [...new Set(rows.map(({ date }) => date))].sort()
  const present = new Set(dates)
  const found: Note[] = []
  for (let date = dates[0]; date !== undefined && date < (dates.at(-1) ?? ''); date = nextDay(date))
    if (!present.has(date)) found.push(note('day_missing', `缺 ${date}`, `${date} is missing`))
  return found
}

/** The city's row against the sum of its districts, day by day, where both are given. */
const sums = (rows: readonly SeriesRow[]): Note[] => {
  const totals = new Map<
    string,
    { city?: number; districts: number; count: number; date: string; metric: Metric }
  >()
  for (const { date, placeCode, metric, count } of rows) {
    const key = `${date} ${metric}`
    const total = totals.get(key) ?? { districts: 0, count: 0, date, metric }
    if (placeCode === CITY) total.city = count
    else {
      total.districts += count
      total.count++
    }
    totals.set(key, total)
  }
  return [...totals.values()].flatMap(({ city, districts, count, date, metric }) =>
    city === undefined || count === 0 || city === districts
      ? []
      : [
          note(
            'sum_differs',
            `${date} ${METRICS[metric].zh}：全市 ${city}，各区合计 ${districts}`,
            `${date} ${METRICS[metric].en}: city ${city}, sum of districts ${districts}`,
          ),
        ],
  )
}

const falling = (rows: readonly SeriesRow[]): Note[] => {
  const last = new Map<Metric, SeriesRow>()
  const found: Note[] = []
  for (const row of [...rows].sort((a, b) => (a.date < b.date ? -1 : 1))) {
    const before = last.get(row.metric)
    if (before && row.count < before.count)
      found.push(
        note(
          'total_falls',
          `${METRICS[row.metric].zh} 从 ${before.date} 的 ${before.count} 降到 ${row.date} 的 ${row.count}`,
          `${METRICS[row.metric].en} falls from ${before.count} on ${before.date} to ${row.count} on ${row.date}`,
        ),
      )
    last.set(row.metric, row)
  }
  return found
}

const PARTS = [
  [
    'confirmed',
    [
      'confirmed_from_asymptomatic',
      'confirmed_in_isolation',
      'confirmed_in_screening',
      'confirmed_in_community',
    ],
  ],
  ['asymptomatic', ['asymptomatic_in_isolation', 'asymptomatic_in_screening']],
] as const satisfies readonly (readonly [Metric, readonly Metric[]])[]

/** Each day's total against how they were found. */
const parts = (rows: readonly SeriesRow[]): Note[] => {
  const days = new Map<string, Map<Metric, number>>()
  for (const { date, metric, count } of rows) {
    const day = days.get(date) ?? new Map<Metric, number>()
    days.set(date, day.set(metric, count))
  }
  const found: Note[] = []
  for (const [date, day] of days)
    for (const [whole, members] of PARTS) {
      const total = day.get(whole)
      const counts = members.map((metric) => day.get(metric))
      if (total === undefined || counts.some((count) => count === undefined)) continue
      const sum = counts.reduce<number>((a, b) => a + (b ?? 0), 0)
      if (sum !== total)
        found.push(
          note(
            'parts_differ',
            `${date} ${METRICS[whole].zh}：${total}，按发现途径合计 ${sum}`,
            `${date} ${METRICS[whole].en}: ${total}, sum by way of finding ${sum}`,
          ),
        )
    }
  return found
}

/** What a table says against itself. */
export const checkSeries = (kind: SeriesKind, lines: readonly Line<SeriesRow[]>[]): Note[] => {
  const rows = lines.flatMap(({ value }) => value ?? [])
  const found = [...twice(rows), ...missingDays(rows)]
  if (kind === 'city-daily') return [...found, ...parts(rows)]
  if (kind === 'cumulative') return [...found, ...falling(rows)]
  return kind === 'district-source-daily' ? found : [...found, ...sums(rows)]
}

/** Figures that two publications give for the same day, place and count, where they differ. */
export const compareRows = (rows: readonly SeriesRow[], others: readonly SeriesRow[]): Note[] => {
  const keyOf = ({ date, placeCode, metric }: SeriesRow): string => `${date} ${placeCode} ${metric}`
  const known = new Map(others.map((row) => [keyOf(row), row]))
  return rows.flatMap((row) => {
    const other = known.get(keyOf(row))
    if (!other || other.count === row.count) return []
    const { date, placeCode, metric, count, source } = row
    return [
      note(
        'publications_differ',
        `${date} ${placeCode} ${METRICS[metric].zh}：${source} 写 ${count}，${other.source} 写 ${other.count}`,
        `${date} ${placeCode} ${METRICS[metric].en}: ${source} says ${count}, ${other.source} says ${other.count}`,
      ),
    ]
  })
}
