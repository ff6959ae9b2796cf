import { readFileSync } from 'node:fs'
import { basename, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import type { App } from '#kernel/app.ts'
import { service } from '#kernel/auth.ts'
import { audit } from '#kernel/audit.ts'
import { decodeText, previewText, type Report } from '#kernel/import-report.ts'
import { StartError } from '#kernel/start-error.ts'
import { importHospitals } from '#capabilities/care/index.ts'
import { importAddresses, importDaily, importSeries, recordImport } from '#capabilities/command/index.ts'
import { ImportKind } from '#capabilities/command/contract.ts'
import { importSites } from '#capabilities/sites/index.ts'
import { calledFrom, withCity } from './tools.ts'

export const IMPORT_USAGE = `import sites|hospitals|addresses|daily|series FILE… [--preview] [--lang zh|en] [--all]
      reads published input and says of every line whether it was understood, repaired or refused
      --preview stores nothing; --all lists every remark (the first 40 otherwise); safe to run twice`

/** Reads one decoded file and, with `store`, puts what was understood into the city. */
export type Importer = (
  app: App,
  given: { text: string; file: string; store: boolean },
) => Promise<Report<unknown>>

const IMPORTERS: Record<ImportKind, Importer> = {
  sites: importSites,
  hospitals: importHospitals,
  addresses: importAddresses,
  daily: importDaily,
  series: importSeries,
}

const REMARKS = 40

/** `cityloop import`: 0 when everything was stored, 1 when a file could not be read at all, 2 for a wrong call. */
export async function importFiles(args: string[]): Promise<number> {
  let parsed: { values: { preview?: boolean; lang?: string; all?: boolean }; positionals: string[] }
  try {
    parsed = parseArgs({
      args,
      allowPositionals: true,
      options: { preview: { type: 'boolean' }, lang: { type: 'string' }, all: { type: 'boolean' } },
    })
  } catch (error) {
    throw new StartError(
      { zh: `参数无效：${(error as Error).message}`, en: (error as Error).message },
      { exitCode: 2 },
    )
  }
  const [first, ...files] = parsed.positionals
  const kind = ImportKind.safeParse(first)
  if (!kind.success || files.length === 0)
    throw new StartError(
      { zh: `用法：cityloop ${IMPORT_USAGE}`, en: `Usage: cityloop ${IMPORT_USAGE}` },
      { exitCode: 2 },
    )
  const language = parsed.values.lang === 'en' ? 'en' : 'zh'
  const store = parsed.values.preview !== true
  return withCity(async (app) => {
    let unreadable = 0
    for (const given of files) {
      const path = resolve(calledFrom(), given)
      const read = readOrSay(path)
      if (!read) {
        unreadable++
        continue
      }
      const report = await IMPORTERS[kind.data](app, { text: read.text, file: basename(path), store })
      // A file that gave nothing is no import: a script must notice.
      if (report.counts.understood + report.counts.repaired === 0) unreadable++
      const said = { ...report, inconsistencies: [...read.notes, ...report.inconsistencies] }
      process.stdout.write(`${previewText(said, language, parsed.values.all ? Infinity : REMARKS)}\n`)
      if (!store) {
        process.stdout.write(language === 'zh' ? '（预览，未入库）\n' : '(preview; nothing was stored)\n')
        continue
      }
      await recordImport(app, kind.data, said, read.text)
      await audit(app.db, service('cityloop import'), 'import', said.file, { data: said.counts })
      await app.live.say(app.db, { topic: 'import', id: kind.data, placeCode: '31' })
    }
    return unreadable > 0 ? 1 : 0
  })
}

function readOrSay(
  path: string,
): { text: string; notes: { code: string; zh: string; en: string }[] } | undefined {
  let bytes: Buffer
  try {
    bytes = readFileSync(path)
  } catch (error) {
    const missing = (error as { code?: string }).code === 'ENOENT'
    process.stderr.write(
      missing
        ? `没有文件 ${path}\nThere is no file ${path}\n`
        : `读不了 ${path}\nCannot read ${path}: ${(error as Error).message}\n`,
    )
    return undefined
  }
  const decoded = decodeText(bytes)
  if (decoded.ok) return { text: decoded.text, notes: decoded.notes }
  for (const each of decoded.notes)
    process.stderr.write(`${basename(path)}: ${each.zh}\n${basename(path)}: ${each.en}\n`)
  return undefined
}
