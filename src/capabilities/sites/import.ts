import type { App } from '#kernel/app.ts'
import { service } from '#kernel/auth.ts'
import { within } from '#kernel/db.ts'
import { idFrom } from '#kernel/ids.ts'
import { valuesOf, type Report } from '#kernel/import-report.ts'
import { atlasOf } from '#capabilities/places/index.ts'
import { putOnRecord } from './edit.ts'
import { parseSites, type ImportedSite } from './sites-import.ts'
import { putSites } from './store.ts'

/** Reads a list of sampling sites; with `store` they stand on the map from the next look. The same list twice is one. */
export async function importSites(
  app: App,
  given: { text: string; file: string; store: boolean },
): Promise<Report<ImportedSite>> {
  const atlas = await atlasOf(app)
  const report = parseSites(given.text, atlas.gazetteer, { file: given.file, outlines: atlas.outlines })
  if (!given.store) return report
  const byKey = new Map(valuesOf(report).map((s) => [s.key, s]))
  const rows = [...byKey.values()].map((s) => ({
    id: idFrom('site', s.key),
    place_code: s.placeCode,
    name: s.name,
    address: s.address,
    lng: s.lng,
    lat: s.lat,
    rules: s.rules ?? null,
    hours_text: [s.serveDay, s.serveHour].filter(Boolean).join(' '),
    source: given.file,
  }))
  if (rows.length === 0) return report
  const at = app.clock.now()
  await within(app.db, { as: 'service' }, async (trx) => {
    for (const change of await putSites(trx, rows, at))
      await putOnRecord(trx, service('cityloop import'), {
        ...change,
        reason: `公布的清单 ${given.file}`,
        at,
      })
  })
  return report
}
