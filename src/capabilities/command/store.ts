import { sql } from 'kysely'
import type { Db, Trx } from '#kernel/db.ts'

declare module '#kernel/db.ts' {
  interface DB {
    alarm: {
      id: string
      at: Date
      kind: 'urgent' | 'overdue' | 'ownerless' | 'glass' | 'positive' | 'backlog'
      title: string
      place_code: string
      /** Null for a broken glass: nobody's order. */
      order_id: string | null
    }
    history_figure: { source: string; day: string; place_code: string; metric: string; count: number }
    history_address: {
      id: string
      day: string
      district_code: string
      place_code: string
      address: string
      source: string
    }
    import_run: {
      id: string
      kind: string
      file: string
      content_hash: string
      counts: unknown
      inconsistencies: unknown
      at: Date
      actor_id: string
    }
  }
}

type Any = Db | Trx

export const insertAlarm = (
  trx: Trx,
  row: {
    id: string
    at: Date
    kind: 'urgent' | 'overdue' | 'ownerless' | 'glass' | 'positive' | 'backlog'
    title: string
    place_code: string
    order_id: string | null
  },
) =>
  trx
    .insertInto('alarm')
    .values(row)
    .onConflict((c) => c.column('id').doNothing())
    .execute()

/** The newest alarms with the matter of their order, which says them in any language. */
export const lastAlarms = (db: Any, limit: number) =>
  db
    .selectFrom('alarm')
    .leftJoin('work_order', 'work_order.id', 'alarm.order_id')
    .select([
      'alarm.at',
      'alarm.kind',
      'alarm.title',
      'alarm.place_code',
      'alarm.order_id',
      'work_order.element',
    ])
    .orderBy('alarm.at', 'desc')
    .limit(limit)
    .execute()

export type FigureRow = { day: string; placeCode: string; metric: string; count: number }

/** Puts published figures in; the same source's figure of the same day is replaced, another source's stays beside it. */
export async function putFigures(db: Any, source: string, rows: readonly FigureRow[]): Promise<void> {
  await sql`
    insert into history_figure (source, day, place_code, metric, count)
    select ${source}, * from unnest(${rows.map((r) => r.day)}::date[], ${rows.map((r) => r.placeCode)}::text[], ${rows.map((r) => r.metric)}::text[], ${rows.map((r) => r.count)}::int[])
    on conflict (source, day, place_code, metric) do update set count = excluded.count`.execute(db)
}

export type AddressRow = { id: string; day: string; districtCode: string; placeCode: string; address: string }

export async function putAddresses(db: Any, source: string, rows: readonly AddressRow[]): Promise<void> {
  await sql`
    insert into history_address (id, day, district_code, place_code, address, source)
    select *, ${source} from unnest(${rows.map((r) => r.id)}::uuid[], ${rows.map((r) => r.day)}::date[], ${rows.map((r) => r.districtCode)}::text[], ${rows.map((r) => r.placeCode)}::text[], ${rows.map((r) => r.address)}::text[])
    on conflict (id) do update set place_code = excluded.place_code, source = excluded.source`.execute(db)
}

export const historyDays = async (db: Any) =>
  (
    await sql<{
      day: string
      figures: number
      addresses: number
      confirmed: number | null
      asymptomatic: number | null
    }>`
      select to_char(day, 'YYYY-MM-DD') as day, sum(figures)::int as figures, sum(addresses)::int as addresses, max(confirmed) as confirmed, max(asymptomatic) as asymptomatic from (
        select day, count(*) as figures, 0 as addresses, max(count) filter (where place_code = '31' and metric = 'confirmed') as confirmed,
          max(count) filter (where place_code = '31' and metric = 'asymptomatic') as asymptomatic from history_figure group by day
        union all select day, 0, count(*), null, null from history_address group by day) t
      group by day order by day`.execute(db)
  ).rows

export const figuresOf = (db: Any, day: string) =>
  db
    .selectFrom('history_figure')
    .select(['place_code', 'metric', 'count', 'source'])
    .where('day', '=', day)
    .orderBy('metric')
    .orderBy('place_code')
    .execute()

export const addressesOf = (db: Any, day: string) =>
  db
    .selectFrom('history_address')
    .select(['id', 'place_code', 'district_code', 'address'])
    .where('day', '=', day)
    .orderBy('district_code')
    .orderBy('address')
    .execute()

export const insertRun = (
  db: Any,
  row: {
    id: string
    kind: string
    file: string
    content_hash: string
    counts: string
    inconsistencies: string
    at: Date
    actor_id: string
  },
) =>
  db
    .insertInto('import_run')
    .values(row)
    .onConflict((c) => c.column('id').doUpdateSet({ at: row.at }))
    .execute()

/** When each source last brought something; one indexed look each. */
export const sourceTimes = async (db: Any) =>
  (
    await sql<{
      requests: Date | null
      calls: Date | null
      sites: Date | null
      hospitals: Date | null
      history: Date | null
    }>`
      select (select max(received_at) from request) as requests, (select max(at) from call) as calls, (select max(imported_at) from sampling_site) as sites,
        (select max(imported_at) from hospital) as hospitals, (select max(at) from import_run where kind in ('daily', 'series', 'addresses')) as history`.execute(
      db,
    )
  ).rows[0]!

/** Requests of a place and what lies in it since an instant; orders of other kinds are no request. */
export const countRequests = async (db: Any, place: string, from: Date): Promise<number> =>
  (
    await db
      .selectFrom('request')
      .select(sql<number>`count(*)`.as('n'))
      .where('received_at', '>=', from)
      .where('place_code', '>=', place)
      .where('place_code', '<', `${place}~`)
      .executeTakeFirstOrThrow()
  ).n

export const countCalls = async (db: Any, from: Date) =>
  (
    await db
      .selectFrom('call')
      .select(sql<number>`count(*)`.as('n'))
      .where('at', '>=', from)
      .executeTakeFirstOrThrow()
  ).n
