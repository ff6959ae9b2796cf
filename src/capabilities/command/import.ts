import { createHash } from 'node:crypto'
import type { App } from '#kernel/app.ts'
import { idFrom } from '#kernel/ids.ts'
import { makeReport, note, valuesOf, type Report } from '#kernel/import-report.ts'
import { atlasOf, findDistrict } from '#capabilities/places/index.ts'
import { parseAddresses } from './addresses-import.ts'
import { bulletinRows, parseDaily } from './daily-import.ts'
import { dateIn, type SeriesRow } from './metrics.ts'
import { parseSeries } from './series-import.ts'
import { insertRun, putAddresses, putFigures } from './store.ts'

type Given = { text: string; file: string; store: boolean }

async function storeFigures(app: App, rows: readonly SeriesRow[]): Promise<void> {
  const bySource = Map.groupBy(rows, (r) => r.source)
  for (const [source, list] of bySource) {
    // One row per key: a file that says the same figure twice would stop the whole insert.
    const unique = new Map(
      list.map((r) => [
        `${r.date} ${r.placeCode} ${r.metric}`,
        { day: r.date, placeCode: r.placeCode, metric: r.metric, count: r.count },
      ]),
    )
    await putFigures(app.db, source, [...unique.values()])
  }
}

/** The daily report in prose: figures by class, district and how found, as published. */
export async function importDaily(app: App, given: Given): Promise<Report<unknown>> {
  const { gazetteer } = await atlasOf(app)
  const report = parseDaily(given.text, gazetteer, { file: given.file })
  if (given.store && report.bulletin) await storeFigures(app, bulletinRows(report.bulletin))
  return report
}

/** A published table by day; each source keeps its own figure beside the others'. */
export async function importSeries(app: App, given: Given): Promise<Report<unknown>> {
  const { gazetteer } = await atlasOf(app)
  const report = parseSeries(given.text, given.file, gazetteer)
  if (given.store) await storeFigures(app, valuesOf(report).flat())
  return report
}

/** The addresses published for one day; the day stands in the file's name. */
export async function importAddresses(app: App, given: Given): Promise<Report<unknown>> {
  const { gazetteer } = await atlasOf(app)
  const day = dateIn(given.file)
  if (!day)
    return makeReport(
      given.file,
      'addresses',
      [],
      [
        note(
          'day_missing',
          '文件名里没有日期（如 2022-03-18），未读取',
          'The file name holds no day (such as 2022-03-18); nothing was read',
        ),
      ],
    )
  const report = parseAddresses(given.text, day, gazetteer, { file: given.file })
  if (!given.store) return report
  const rows = valuesOf(report).map((a) => ({
    id: idFrom('history address', a.date, a.key, String(a.occurrence)),
    day: a.date,
    districtCode: findDistrict(gazetteer, a.district)?.code ?? '31',
    placeCode: a.placeCode,
    address: a.address,
  }))
  if (rows.length > 0)
    await putAddresses(app.db, given.file, [...new Map(rows.map((r) => [r.id, r])).values()])
  return report
}

/** Notes that a file was imported: what it held and what did not agree. The same content again is the same run. */
export async function recordImport(
  app: App,
  kind: string,
  report: Report<unknown>,
  text: string,
): Promise<void> {
  const contentHash = createHash('sha256').update(text).digest('hex')
  await insertRun(app.db, {
    id: idFrom('import', kind, report.file, contentHash),
    kind,
    file: report.file,
    content_hash: contentHash,
    counts: JSON.stringify(report.counts),
    inconsistencies: JSON.stringify(report.inconsistencies),
    at: app.clock.now(),
    actor_id: 'cityloop import',
  })
}
