import { z } from 'zod'
import { Bilingual, Instant, PlaceCode, route } from '#kernel/contract.ts'
import { OrderRow, State, View } from './contract.ts'

/** Shares of 1, null where nothing was due; the counts behind them stand beside. */
export const Kpi = z.object({
  key: z.string(),
  name: Bilingual,
  sent: z.int(),
  signDue: z.int(),
  signedOnTime: z.int(),
  handleDue: z.int(),
  handledOnTime: z.int(),
  resolved: z.int(),
  returned: z.int(),
  redone: z.int(),
  yellow: z.int(),
  red: z.int(),
  onTimeSign: z.number().nullable(),
  onTimeResolve: z.number().nullable(),
  returnRate: z.number().nullable(),
  redoRate: z.number().nullable(),
})
export type Kpi = z.infer<typeof Kpi>

export const GetKpi = route({
  id: 'orders.kpi',
  method: 'GET',
  path: '/api/kpi',
  summary: {
    zh: '按时签收率、按时办结率、退单率、重办率，按单位或地点',
    en: 'Signed and handled on time, returned and redone, by unit or place',
  },
  load: 'statistics',
  query: z.strictObject({
    place: PlaceCode.optional(),
    days: z.coerce.number().int().min(1).max(92).default(30),
    by: z.enum(['unit', 'place']).default('unit'),
  }),
  response: z.object({ from: Instant, to: Instant, total: Kpi, items: z.array(Kpi) }),
})

const Shelf = z.object({ n: z.int(), items: z.array(OrderRow) })

/** 督办: what a supervisor looks after; each shelf with its number and the most pressing. */
export const Board = z.object({
  at: Instant,
  supervised: Shelf,
  red: Shelf,
  yellow: Shelf,
  ownerless: Shelf,
  returned: Shelf,
  unsatisfied: Shelf,
  reviews: Shelf,
  arbitration: Shelf,
  overdueByUnit: z.array(z.object({ unitId: z.string(), unit: Bilingual, open: z.int(), overdue: z.int() })),
})
export type Board = z.infer<typeof Board>

export const GetBoard = route({
  id: 'orders.board',
  method: 'GET',
  path: '/api/supervision',
  summary: { zh: '督办台', en: 'The supervision board' },
  load: 'statistics',
  query: z.strictObject({ place: PlaceCode.optional() }),
  response: Board,
})

export const ExportOrders = route({
  id: 'orders.export',
  method: 'GET',
  path: '/api/orders/export',
  summary: { zh: '导出工单列表', en: 'The list as CSV or XLSX; who takes it is audited' },
  load: 'statistics',
  query: z.strictObject({
    format: z.enum(['csv', 'xlsx']).default('csv'),
    /** For a link, which cannot say what it accepts. */
    language: z.enum(['zh', 'en']).optional(),
    view: View.default('open'),
    place: PlaceCode.optional(),
    state: State.optional(),
    element: z.string().max(80).optional(),
    unit: z.string().max(80).optional(),
    number: z.string().max(30).optional(),
  }),
  response: z.any(),
})
