import { z } from 'zod'
import { Bilingual, Instant, PlaceCode, route } from '#kernel/contract.ts'
import { OrderRow } from '#capabilities/orders/contract.ts'

/** A figure that says how old it is; `staleAfterSeconds` tells a screen when to grey it. */
export const Figure = z.object({
  id: z.string(),
  name: Bilingual,
  value: z.number().nullable(),
  unit: z.string(),
  at: Instant,
  staleAfterSeconds: z.int(),
  trend: z.array(z.number()),
  level: z.enum(['green', 'amber', 'red', 'none']),
  /** What the number needs to be judged: the nearest deadline, how many are missing. */
  note: Bilingual.nullable(),
})
export type Figure = z.infer<typeof Figure>

export const Wall = z.object({
  cityTime: Instant,
  speed: z.number(),
  simulated: z.boolean(),
  responseLevel: Bilingual,
  place: z.object({ code: PlaceCode, path: z.string() }),
  /** requests today, open, urgent open, overdue, closed today, on-time rate, calls … */
  figures: z.array(Figure),
  districts: z.array(
    z.object({
      code: PlaceCode,
      name: z.string(),
      today: z.int(),
      open: z.int(),
      urgent: z.int(),
      overdue: z.int(),
      /** People who owe a test today, and of them those without one; everybody tested. */
      owing: z.int(),
      missing: z.int(),
      tested: z.int(),
      lng: z.number().nullable(),
      lat: z.number().nullable(),
    }),
  ),
  /** Recalls by remaining time: who was in a positive tube waits for a sample at home. */
  recalls: z.object({
    open: z.int(),
    late: z.int(),
    nearest: z.array(
      z.object({ orderId: z.uuid(), placeCode: PlaceCode, place: z.string(), dueAt: Instant }),
    ),
  }),
  /** Newest first; titles only, never what people wrote. */
  recent: z.array(OrderRow),
  urgent: z.array(OrderRow),
  overdue: z.array(OrderRow),
  alarms: z.array(
    z.object({
      at: Instant,
      title: z.string(),
      placeCode: PlaceCode,
      place: z.string(),
      /** Null where no order stands behind the alarm. */
      orderId: z.uuid().nullable(),
    }),
  ),
  elements: z.array(z.object({ element: z.string(), name: Bilingual, n: z.int() })),
  hours: z.array(z.object({ hour: Instant, n: z.int() })),
  sources: z.array(
    z.object({ id: z.string(), name: Bilingual, lastAt: Instant.nullable(), fresh: z.boolean() }),
  ),
})
export type Wall = z.infer<typeof Wall>

export const GetWall = route({
  id: 'command.wall',
  method: 'GET',
  path: '/api/wall',
  summary: { zh: '一屏：城市此刻', en: 'The city now, on one screen' },
  query: z.strictObject({ place: PlaceCode.optional() }),
  response: Wall,
})

export const HistoryDay = z.object({
  day: z.iso.date(),
  /** Figures as published, with source; two sources that differ are both here. */
  figures: z.array(
    z.object({
      placeCode: PlaceCode,
      place: z.string(),
      metric: z.string(),
      name: Bilingual,
      count: z.int(),
      source: z.string(),
    }),
  ),
  addresses: z.array(
    z.object({
      placeCode: PlaceCode,
      district: z.string(),
      address: z.string(),
      lng: z.number().nullable(),
      lat: z.number().nullable(),
    }),
  ),
})
export type HistoryDay = z.infer<typeof HistoryDay>

export const ListHistory = route({
  id: 'command.history',
  method: 'GET',
  path: '/api/history',
  summary: { zh: '已导入的历史日期', en: 'Days that were imported, with city totals' },
  response: z.object({
    days: z.array(
      z.object({
        day: z.iso.date(),
        figures: z.int(),
        addresses: z.int(),
        confirmed: z.int().nullable(),
        asymptomatic: z.int().nullable(),
      }),
    ),
  }),
})
export const GetHistoryDay = route({
  id: 'command.historyDay',
  method: 'GET',
  path: '/api/history/:day',
  summary: { zh: '某一天的公布数据', en: 'What was published of one day' },
  params: z.strictObject({ day: z.iso.date() }),
  response: HistoryDay,
})

export const ImportKind = z.enum(['sites', 'hospitals', 'addresses', 'daily', 'series'])
export type ImportKind = z.infer<typeof ImportKind>

export const GetClock = route({
  id: 'command.clock',
  method: 'GET',
  path: '/api/clock',
  summary: { zh: '城市时间', en: 'City time and its speed' },
  load: 'emergency',
  response: z.object({ now: Instant, speed: z.number(), demo: z.boolean() }),
})
