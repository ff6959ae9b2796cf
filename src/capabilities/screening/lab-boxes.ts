import { sql } from 'kysely'
import type { App } from '#kernel/app.ts'
import { may, type Actor } from '#kernel/auth.ts'
import { CityError } from '#kernel/errors.ts'
import type { Given } from '#kernel/http.ts'
import { atlasOf, pathIn } from '#capabilities/places/index.ts'
import { labOf } from './custody.ts'
import { earlyOf } from './early.ts'
import type { TubeKind, TubeState } from './custody.contract.ts'
import type { GetLabBox, LabBox, ListEarly, ListLabBoxes } from './lab.contract.ts'
import type { Outcome } from './results.contract.ts'

type Row = {
  code: string
  place_code: string
  received_at: Date
  tubes: number
  waiting: number
  contested: { lab: string; at: string }[]
}

async function boxesOf(app: App, lab: string, code: string | null, limit: number): Promise<Row[]> {
  const { rows } = await sql<Row>`
    select b.code, b.place_code, coalesce(e.at, b.packed_at) as received_at, n.tubes, n.waiting, o.contested
    from sample_box b
      -- It may have been let go of and come back: what counts is since then.
      left join lateral (select max(at) as at from custody_event c where c.box = b.code and c.kind = 'released') l on true
      left join lateral (select min(at) as at from custody_event c
        where c.box = b.code and c.kind = 'received' and c.lab = b.lab and c.at >= coalesce(l.at, '-infinity')) e on true
      cross join lateral (select coalesce(jsonb_agg(jsonb_build_object('lab', x.lab, 'at', x.at) order by x.at), '[]') as contested
        from (select c.lab, max(c.at) as at from custody_event c
          where c.box = b.code and c.kind = 'contested' and c.at >= coalesce(e.at, b.packed_at) group by c.lab) x) o
      cross join lateral (select count(*)::int as tubes, (count(*) filter (where t.state = 'received'))::int as waiting
        from tube t where t.box = b.code) n
    where b.lab = ${lab} and b.state = 'received' and (${code}::text is null or b.code = ${code})
    order by b.packed_at desc limit ${limit}`.execute(app.db)
  return rows
}

async function toBox(app: App, actor: Actor, row: Row): Promise<LabBox> {
  return {
    code: row.code,
    placeCode: row.place_code,
    place: pathIn(await atlasOf(app), row.place_code, actor.language),
    receivedAt: row.received_at.toISOString(),
    tubes: row.tubes,
    waiting: row.waiting,
    contested: row.contested.map((c) => ({ lab: c.lab, at: new Date(c.at).toISOString() })),
  }
}

/** The newest boxes of the actor's laboratory, with how many tubes still wait for a result. */
export async function listLabBoxes(app: App, actor: Actor, { query }: Given<typeof ListLabBoxes>) {
  const rows = await boxesOf(app, labOf(actor), null, query.limit)
  const seen = rows.filter((r) => may(actor, 'boxes.receive', r.place_code))
  return { items: await Promise.all(seen.map((r) => toBox(app, actor, r))) }
}

/** One box of the actor's laboratory, tube by tube. Errors: `box_not_found` (another laboratory's is not there). */
export async function getLabBox(app: App, actor: Actor, { params }: Given<typeof GetLabBox>) {
  const [row] = await boxesOf(app, labOf(actor), params.code, 1)
  if (!row || !may(actor, 'boxes.receive', row.place_code)) throw new CityError('box_not_found')
  const { rows } = await sql<{ code: string; kind: TubeKind; state: TubeState; outcome: Outcome | null }>`
    select t.code, t.kind, t.state, r.outcome from tube t left join result r on r.tube = t.code
    where t.box = ${row.code} order by t.code`.execute(app.db)
  return { ...(await toBox(app, actor, row)), items: rows }
}

/** What the actor's laboratory received or reported before the city heard of it. */
export const listEarly = (app: App, actor: Actor, _given: Given<typeof ListEarly>) =>
  earlyOf(app.db, labOf(actor))
