import type pg from 'pg'
import { SEED } from './harness.ts'

/**
 * A history of `count` orders by SQL, seeded: a third still open, spread over the city's neighbourhoods as the
 * districts' people are (Pudong has the most), the last 92 days, one in twenty urgent, the open ones due around now.
 */
export async function makeOrders(sql: pg.Client, count: number, openShare = 0.3): Promise<number> {
  const started = performance.now()
  await sql.query(`select setseed(${(SEED % 1000) / 1000})`)
  await sql.query(
    "create temp table spot as select row_number() over (order by code) as n, code from place where kind = 'neighbourhood'",
  )
  await sql.query('create index on spot (n)')
  const { rows } = await sql.query<{ n: number }>('select count(*)::int as n from spot')
  const spots = rows[0]!.n
  await sql.query(
    `insert into work_order (id, number, kind, title, place_code, element, urgent, state, unit_id, source, opened_at, due_at, due_kind, overdue, closed_at, resolved_at, score, solved, simulated)
     select gen_random_uuid(), '20220401-' || lpad(g::text, 7, '0'), 'hotline', '模拟工单 ' || g, s.code,
       (array['care.dialysis','food.none','zone.why','test.result_late','med.collect','price.high','del.parcel','util.water'])[1 + g % 8],
       g % 20 = 0, case when r.open then (array['received','dispatched','handling','resolved'])[1 + g % 4] else 'archived' end,
       (array['health','street','market','water'])[1 + g % 4] || '.' || left(s.code, 6), 'phone',
       now() - r.age, case when r.open then now() - interval '2 hours' + random() * interval '3 days' end, case when r.open then 'handle' end,
       r.open and random() < 0.05, case when not r.open then now() - r.age + interval '1 day' end, null, case when not r.open then 4 end, case when not r.open then true end, true
     from generate_series(1, $1::int) g
     cross join lateral (select random() < $2 and g > 0 as open, random() * interval '92 days' as age, 1 + floor(random() * $3)::int as n where g > 0) r
     join spot s on s.n = r.n`,
    [count, openShare, spots],
  )
  await sql.query('vacuum analyze work_order')
  return performance.now() - started
}
