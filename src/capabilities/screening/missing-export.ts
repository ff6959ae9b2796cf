import { Readable } from 'node:stream'
import { setImmediate as turn } from 'node:timers/promises'
import { stringify } from 'csv-stringify/sync'
import type { App } from '#kernel/app.ts'
import { audit } from '#kernel/audit.ts'
import type { Actor } from '#kernel/auth.ts'
import { dayOf } from '#kernel/clock.ts'
import { within } from '#kernel/db.ts'
import { CityError } from '#kernel/errors.ts'
import type { Given } from '#kernel/http.ts'
import { maskName, maskPhone, recordLooks } from '#capabilities/people/index.ts'
import { atlasOf, pathIn, type Atlas } from '#capabilities/places/index.ts'
import { policyOf } from '#capabilities/policy/index.ts'
import { termsOn } from './duties.ts'
import { missingOf, type MissingRow } from './missing-store.ts'
import { bornOf, checkPlace, NAMES } from './missing.ts'
import { HEALTH_GROUPS, MissedGroup, MOST_MISSING_EXPORTED, type ExportMissing } from './missing.contract.ts'

/** Opened and masked at a time: 20,000 at once would hold the event loop for half a second. */
const PART = 500
const SAID = MissedGroup.options.filter((g) => !(HEALTH_GROUPS as readonly string[]).includes(g))

const HEADER = {
  zh: ['姓名（脱敏）', '电话（脱敏）', '区划代码', '住处', '还欠核酸', '须单管', '还欠抗原', '易漏人群'],
  en: [
    'name (masked)',
    'telephone (masked)',
    'place code',
    'home',
    'PCR owed',
    'single tube',
    'antigen owed',
    'easily missed',
  ],
}

function cellsOf(app: App, atlas: Atlas, { language }: Actor, p: MissingRow): string[] {
  const yes = { zh: '是', en: 'yes' }[language]
  return [
    maskName(app.vault.open(p.name_sealed, 'person.name')),
    p.phone_sealed ? maskPhone(app.vault.open(p.phone_sealed, 'person.phone')) : '',
    p.place_code,
    pathIn(atlas, p.place_code, language),
    String(p.pcr),
    p.single ? yes : '',
    String(p.antigen),
    SAID.filter((g) => p[g])
      .map((g) => NAMES[g][language])
      .join(language === 'zh' ? '、' : ', '),
  ]
}

async function* csvOf(app: App, actor: Actor, rows: readonly MissingRow[]): AsyncGenerator<string> {
  const atlas = await atlasOf(app)
  // Excel reads Chinese only behind a byte order mark.
  yield `\uFEFF${stringify([HEADER[actor.language]], { record_delimiter: 'windows' })}`
  for (let from = 0; from < rows.length; from += PART) {
    const cells = rows.slice(from, from + PART).map((p) => cellsOf(app, atlas, actor, p))
    yield stringify(cells, { escape_formulas: true, record_delimiter: 'windows' })
    await turn()
  }
}

/**
 * The list of those missing as a file, with the list's own permission; the export and the look at each person are in the
 * audit before it leaves. Errors: `place_too_wide`, `place_not_found`, `export_too_large`.
 */
export async function exportMissing(app: App, actor: Actor, { body, reply }: Given<typeof ExportMissing>) {
  const { place, group } = body
  checkPlace(actor, 'people.read', place)
  const today = dayOf(app.clock.now())
  const day = body.day ?? today
  const policy = await policyOf(app, place)
  const rows = await within(app.db, { as: 'service' }, async (trx) => {
    const asked = {
      place,
      day,
      isToday: day === today,
      terms: await termsOn(app, trx, day),
      born: bornOf(policy, day),
    }
    const found = await missingOf(trx, asked, { group, limit: MOST_MISSING_EXPORTED + 1 })
    if (found.length > MOST_MISSING_EXPORTED) throw new CityError('export_too_large')
    await audit(trx, actor, 'screening.missing_export', place, {
      placeCode: place,
      data: { exportId: body.id, day, rows: found.length, ...(group && { group }) },
    })
    await recordLooks(
      trx,
      actor,
      'people.list',
      found.map((p) => ({ personId: p.id, placeCode: p.place_code })),
      { more: { exportId: body.id } },
    )
    return found
  })
  void reply
    .header('content-disposition', `attachment; filename="missing-${place}-${day}.csv"`)
    .header('cache-control', 'no-store')
    .header('x-rows', String(rows.length))
  return reply.type('text/csv; charset=utf-8').send(Readable.from(csvOf(app, actor, rows)))
}
