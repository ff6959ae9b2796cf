import type pg from 'pg'

/** Sites at compounds of the simulated city, with hours, a line at each and counts at a third of them. */
export async function addSites(sql: pg.Client, sites: number): Promise<void> {
  await sql.query(`select setseed(0.2022)`)
  await sql.query(
    `insert into sampling_site (id, place_code, name, address, lng, lat, rules, hours_text, source, imported_at, kind, pooling, desks)
     select gen_random_uuid(), left(p.code, 12), '模拟站点' || row_number() over (), '模拟路' || (random() * 900)::int || '号', p.lng, p.lat,
       case when random() < 0.05 then '{"always":true,"week":[[[0,1440]],[[0,1440]],[[0,1440]],[[0,1440]],[[0,1440]],[[0,1440]],[[0,1440]]],"exceptions":[]}'::jsonb
         else jsonb_build_object('always', false, 'week', (select jsonb_agg(jsonb_build_array(jsonb_build_array(360, 690), jsonb_build_array(780, 1260))) from generate_series(1, 7)), 'exceptions', '[]'::jsonb) end,
       '每天 6:00-11:30,13:00-21:00', '模拟', now(), 'fixed', case when random() < 0.1 then 'both' else 'pooled' end, 1 + (random() * 8)::int
     from (select code, lng, lat from place where kind = 'compound' and lng is not null order by md5(code) limit $1) p`,
    [sites],
  )
  await sql.query(
    `insert into site_minute (site_id, minute, people)
     select id, date_trunc('minute', now()) - m * interval '1 minute', (random() * 12)::int from sampling_site, generate_series(0, 14) m`,
  )
  await sql.query(
    `insert into site_queue (id, site_id, people, actor_id, at) select gen_random_uuid(), id, (random() * 150)::int, 'bench', now() - interval '3 minutes' from sampling_site where random() < 0.3`,
  )
  await sql.query('analyze sampling_site, site_minute, site_queue')
  await sql.query(`select pg_notify('cityloop_live', '{"topic":"import","id":"sites","placeCode":"31"}')`)
}
