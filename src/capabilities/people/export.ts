import { Readable } from 'node:stream'
import { stringify } from 'csv-stringify/sync'
import { sql } from 'kysely'
import writeXlsx from 'write-excel-file/node'
import type { App } from '#kernel/app.ts'
import { audit } from '#kernel/audit.ts'
import { must, scopeOf, type Actor } from '#kernel/auth.ts'
import { asService, span, within } from '#kernel/db.ts'
import { CityError } from '#kernel/errors.ts'
import type { Given } from '#kernel/http.ts'
import { getKnownPlace } from '#capabilities/places/index.ts'
import type { Need } from './needs.contract.ts'
import { MOST_EXPORTED, type ExportPeople } from './export.contract.ts'
import { COLUMNS, CSV, XLSX } from './import-words.contract.ts'
import { recordLooks } from './looks.ts'
import { opened, type PersonRecord } from './register.ts'
import { maskIdNumber, maskName, maskPhone } from './rules.ts'

/** People read, written into the audit and sent at a time: a city's officer must not hold a transaction for minutes. */
const PAGE = 1_000
const HEADER = [
  COLUMNS.name,
  COLUMNS.idKind,
  COLUMNS.idNumber,
  COLUMNS.phone,
  COLUMNS.sex,
  COLUMNS.placeCode,
  COLUMNS.residence,
  COLUMNS.occupation,
  COLUMNS.needs,
].map(([word]) => word)

/** As the import reads them again. */
const NEED_WORDS: Record<Need, string> = { bedridden: '长期卧床', night_shift: '夜班' }

type Asked = Given<typeof ExportPeople>['body']

function cellsOf(app: App, person: PersonRecord, full: boolean): string[] {
  const name = app.vault.open(person.name_sealed, 'person.name')
  const phone = opened(app, person.phone_sealed, 'person.phone') ?? ''
  const number = opened(app, person.id_number_sealed, 'person.id_number') ?? ''
  return [
    full ? name : maskName(name),
    person.id_kind ?? '',
    full || number === '' ? number : maskIdNumber(number),
    full || phone === '' ? phone : maskPhone(phone),
    person.sex ?? '',
    person.place_code,
    // An address cannot be masked and still say anything: in full or not at all.
    full ? (opened(app, person.residence_sealed, 'person.residence') ?? '') : '',
    person.occupation ?? '',
    // Of somebody's health: in full or not at all.
    full ? (person.needs ?? []).map((need) => NEED_WORDS[need]).join('、') : '',
  ]
}

/** Rows page by page under the actor's own sight; those in full are in the audit before they leave. */
async function* pagesOf(app: App, actor: Actor, asked: Asked): AsyncGenerator<string[][]> {
  const { lo, hi } = span([asked.place])
  let after: PersonRecord | undefined
  do {
    const found = await within(app.db, scopeOf(actor, 'people.read'), async (trx) => {
      let rows = trx
        .selectFrom('person')
        .selectAll()
        .where('erased_at', 'is', null)
        .where('merged_into', 'is', null)
        .where('place_code', '>=', lo)
        .where('place_code', '<', hi)
        .orderBy('place_code')
        .orderBy('id')
        .limit(PAGE)
      const { place_code: place, id } = after ?? {}
      if (place) rows = rows.where(sql<boolean>`(place_code, id) > (${place}, ${id}::uuid)`)
      const page = await rows.execute()
      await asService(trx)
      if (asked.full)
        await recordLooks(
          trx,
          actor,
          'people.export',
          page.map((p) => ({ personId: p.id, placeCode: p.place_code })),
          { ...(asked.purpose && { purpose: asked.purpose }), more: { exportId: asked.id } },
        )
      return page
    })
    yield found.map((person) => cellsOf(app, person, asked.full))
    after = found.length === PAGE ? found.at(-1) : undefined
  } while (after)
}

async function* csvOf(pages: AsyncGenerator<string[][]>): AsyncGenerator<string> {
  // Excel reads Chinese only behind a byte order mark.
  yield `\uFEFF${stringify([HEADER], { record_delimiter: 'windows' })}`
  for await (const rows of pages)
    if (rows.length > 0) yield stringify(rows, { escape_formulas: true, record_delimiter: 'windows' })
}

const guarded = (cell: string) => (/^[=+\-@\t\r\uFF1D\uFF0B\uFF0D\uFF20]/.test(cell) ? `'${cell}` : cell)

/** A workbook is made whole in memory, so it is bounded lower; the same cells as the CSV, apostrophes too. */
async function workbookOf(pages: AsyncGenerator<string[][]>): Promise<Buffer> {
  const rows: string[][] = [[...HEADER]]
  for await (const page of pages) for (const cells of page) rows.push(cells.map(guarded))
  return writeXlsx(rows.map((cells) => cells.map((value) => ({ value, type: String })))).toBuffer()
}

/** Streams the register of a place. Errors: `not_allowed`, `export_too_large`, `place_not_found`. */
export async function exportPeople(app: App, actor: Actor, { body, reply }: Given<typeof ExportPeople>) {
  await getKnownPlace(app, body.place)
  must(actor, 'people.export', body.place)
  if (body.full) must(actor, 'people.export_full', body.place)
  const { lo, hi } = span([body.place])
  const most = MOST_EXPORTED[body.format]
  const rows = await within(app.db, scopeOf(actor, 'people.read'), async (trx) => {
    const { n } = await trx
      .selectFrom((e) =>
        e
          .selectFrom('person')
          .select('id')
          .where('erased_at', 'is', null)
          .where('merged_into', 'is', null)
          .where('place_code', '>=', lo)
          .where('place_code', '<', hi)
          .limit(most + 1)
          .as('some'),
      )
      .select((e) => e.fn.countAll<number>().as('n'))
      .executeTakeFirstOrThrow()
    if (n > most) throw new CityError('export_too_large')
    await asService(trx)
    await audit(trx, actor, body.full ? 'people.export_full' : 'people.export_masked', body.place, {
      placeCode: body.place,
      data: { exportId: body.id, format: body.format, rows: n, ...(body.full && { purpose: body.purpose }) },
    })
    return n
  })
  const pages = pagesOf(app, actor, body)
  void reply
    .header('content-disposition', `attachment; filename="people-${body.place}.${body.format}"`)
    .header('cache-control', 'no-store')
    .header('x-rows', String(rows))
  if (body.format === 'xlsx') return reply.type(XLSX).send(await workbookOf(pages))
  return reply.type(`${CSV}; charset=utf-8`).send(Readable.from(csvOf(pages)))
}
