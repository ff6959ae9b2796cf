import type { App } from '#kernel/app.ts'
import { idFrom } from '#kernel/ids.ts'
import { valuesOf, type Report } from '#kernel/import-report.ts'
import { atlasOf } from '#capabilities/places/index.ts'
import { parseHospitals, type ImportedCampus, type Phone } from './hospitals-import.ts'
import { putHospitals } from './store.ts'

const numbers = (kind: string, phones: readonly Phone[]) =>
  phones.map((p) => ({
    kind: p.label ? `${kind}（${p.label}）` : kind,
    number: p.extension ? `${p.number} 转 ${p.extension}` : p.number,
  }))

/** Reads a list of hospitals, one row a campus; with `store` they are there from the next look. The same list twice is one. */
export async function importHospitals(
  app: App,
  given: { text: string; file: string; store: boolean },
): Promise<Report<ImportedCampus>> {
  const atlas = await atlasOf(app)
  const report = parseHospitals(given.text, atlas.gazetteer, { file: given.file, outlines: atlas.outlines })
  if (!given.store) return report
  const byKey = new Map(valuesOf(report).map((c) => [c.key, c]))
  const rows = [...byKey.values()].map((c) => ({
    id: idFrom('hospital', c.key),
    placeCode: c.placeCode,
    name: c.hospital,
    address: c.address,
    lng: c.lng,
    lat: c.lat,
    emergency: c.emergencyRoom,
    detail: {
      suspended: c.suspended,
      open: c.open ? [c.open] : [],
      phones: [
        ...numbers('门诊', c.phones.outpatient),
        ...numbers('急诊', c.phones.emergency),
        ...numbers('总机', c.phones.switchboard),
      ],
    },
    source: given.file,
  }))
  if (rows.length > 0) await putHospitals(app.db, rows, app.clock.now())
  return report
}
