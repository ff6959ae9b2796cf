import { stringify } from 'csv-stringify/sync'
import writeXlsx, { type SheetData } from 'write-excel-file/node'
import type { App } from '#kernel/app.ts'
import { audit } from '#kernel/audit.ts'
import type { Actor } from '#kernel/auth.ts'
import { within } from '#kernel/db.ts'
import type { Given } from '#kernel/http.ts'
import { parameter, policyOf } from '#capabilities/policy/index.ts'
import { listOrders } from './actions.ts'
import type { OrderRow } from './contract.ts'
import type { ExportOrders } from './desk.contract.ts'

/** A cell that a spreadsheet would run as a formula gets an apostrophe before it. */
export const plainCell = (value: string): string => (/^[=+\-@\t\r]/.test(value) ? `'${value}` : value)

const COLUMNS: readonly [zh: string, en: string, of: (o: OrderRow) => string][] = [
  ['编号', 'Number', (o) => o.number],
  ['标题', 'Title', (o) => o.title],
  ['状态', 'State', (o) => o.state],
  ['急难', 'Urgent', (o) => (o.urgent ? '1' : '0')],
  ['事项', 'Matter', (o) => o.element ?? ''],
  ['地点', 'Place', (o) => o.place],
  ['地址', 'Address', (o) => o.address ?? ''],
  ['承办单位', 'Unit', (o) => o.unit?.name ?? ''],
  ['来源', 'Source', (o) => o.source],
  ['到达', 'Opened', (o) => o.openedAt],
  ['时限', 'Due', (o) => o.dueAt ?? ''],
  ['超时', 'Overdue', (o) => (o.overdue ? '1' : '0')],
  ['牌', 'Card', (o) => o.card ?? ''],
  ['催办', 'Nudges', (o) => String(o.nudges)],
  ['模拟', 'Simulated', (o) => (o.simulated ? '1' : '0')],
]

/** The list as its asker sees it, at most `orders.exportRows`; that it was taken stands in the audit. */
export async function exportOrders(
  app: App,
  actor: Actor,
  given: Given<typeof ExportOrders>,
): Promise<Buffer> {
  const { format, ...query } = given.query
  const most = parameter(await policyOf(app), 'orders.exportRows').value
  const rows: OrderRow[] = []
  let after: string | undefined
  do {
    const page = await listOrders(app, actor, {
      ...given,
      params: {},
      body: {},
      query: { ...query, limit: Math.min(200, most - rows.length), ...(after && { after }) },
    })
    rows.push(...page.items)
    after = page.next ?? undefined
  } while (after && rows.length < most)
  await within(app.db, { as: 'service' }, (trx) =>
    audit(trx, actor, 'orders.export', query.place ?? '*', {
      data: { format, view: query.view, state: query.state ?? null, rows: rows.length },
    }),
  )
  const i = actor.language === 'zh' ? 0 : 1
  const cells = [
    COLUMNS.map((c) => c[i]),
    ...rows.map((row) => COLUMNS.map(([, , of]) => plainCell(of(row)))),
  ]
  const name = `orders-${app.clock.now().toISOString().slice(0, 10)}.${format}`
  given.reply.header('content-disposition', `attachment; filename="${name}"`)
  given.reply.header('cache-control', 'private, no-store')
  if (format === 'xlsx') {
    given.reply.type('application/vnd.openxmlformats-officedocument.spreadsheetml.sheet')
    return writeXlsx(cells as SheetData).toBuffer()
  }
  given.reply.type('text/csv; charset=utf-8')
  // The byte order mark tells Excel that this is Chinese in UTF-8.
  return Buffer.from(`\uFEFF${stringify(cells, { record_delimiter: 'windows' })}`)
}
