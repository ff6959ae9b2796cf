import { stringify } from 'csv-stringify/sync'
import writeXlsx, { type SheetData } from 'write-excel-file/node'
import type { App } from '#kernel/app.ts'
import { audit } from '#kernel/audit.ts'
import type { Actor, Language } from '#kernel/auth.ts'
import { within } from '#kernel/db.ts'
import type { Given } from '#kernel/http.ts'
import { parameter, policyOf, type Policy } from '#capabilities/policy/index.ts'
import { listOrders } from './actions.ts'
import type { OrderRow } from './contract.ts'
import type { ExportOrders } from './desk.contract.ts'
import { STATE_WORDS } from './words.contract.ts'

/** A cell that a spreadsheet would run as a formula gets an apostrophe before it. */
export const plainCell = (value: string): string => (/^[=+\-@\t\r]/.test(value) ? `'${value}` : value)

type Shown = { row: OrderRow; policy: Policy; language: Language }

/** Shanghai time, as a person in the city reads it. */
const stamp = (iso: string | null): string =>
  iso === null ? '' : new Date(Date.parse(iso) + 8 * 3_600_000).toISOString().slice(0, 19).replace('T', ' ')
const yes = (is: boolean, language: Language) =>
  (is ? { zh: '是', en: 'yes' } : { zh: '否', en: 'no' })[language]

const COLUMNS: readonly [zh: string, en: string, of: (s: Shown) => string][] = [
  ['单号', 'Number', ({ row }) => row.number],
  ['标题', 'Title', ({ row }) => row.title],
  ['事项', 'Matter', ({ row, policy, language }) => policy.element.get(row.element ?? '')?.[language] ?? ''],
  ['地点', 'Place', ({ row }) => row.place],
  ['地点代码', 'Place code', ({ row }) => row.placeCode],
  ['地址', 'Address', ({ row }) => row.address ?? ''],
  ['状态', 'State', ({ row, language }) => STATE_WORDS[row.state][language]],
  ['急难', 'Urgent', ({ row, language }) => yes(row.urgent, language)],
  ['承办单位', 'Unit', ({ row, language }) => row.unit?.[language === 'zh' ? 'name' : 'nameEn'] ?? ''],
  ['受理时间', 'Opened', ({ row }) => stamp(row.openedAt)],
  ['时限', 'Deadline', ({ row }) => stamp(row.dueAt)],
  ['超时', 'Overdue', ({ row, language }) => yes(row.overdue, language)],
  ['牌', 'Card', ({ row }) => row.card ?? ''],
  ['督办', 'Supervised', ({ row, language }) => yes(row.supervised, language)],
  ['催办', 'Nudges', ({ row }) => String(row.nudges)],
  ['模拟', 'Simulated', ({ row, language }) => yes(row.simulated, language)],
]

/** The list as its asker sees it, at most `orders.exportRows`; that it was taken stands in the audit. */
export async function exportOrders(
  app: App,
  asker: Actor,
  given: Given<typeof ExportOrders>,
): Promise<Buffer> {
  const { format, language = asker.language, ...query } = given.query
  const actor = { ...asker, language }
  const policy = await policyOf(app)
  const most = parameter(policy, 'orders.exportRows').value
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
  const i = language === 'zh' ? 0 : 1
  const cells = [
    COLUMNS.map((c) => c[i]),
    ...rows.map((row) => COLUMNS.map(([, , of]) => plainCell(of({ row, policy, language })))),
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
