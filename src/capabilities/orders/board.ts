import { sql, type RawBuilder } from 'kysely'
import { keptFor, type App } from '#kernel/app.ts'
import type { Actor, Language } from '#kernel/auth.ts'
import { within } from '#kernel/db.ts'
import { CityError } from '#kernel/errors.ts'
import type { Given } from '#kernel/http.ts'
import { atlasOf, pathIn } from '#capabilities/places/index.ts'
import { parameter, policyOf } from '#capabilities/policy/index.ts'
import type { Board, GetBoard, GetKpi, Kpi } from './desk.contract.ts'
import { countCards, countTurnRates, countTurnsBy, share } from './kpi.ts'
import { inPlace } from './statistics.ts'
import type { OrderRecord } from './store.ts'
import type { Rates } from './turns.ts'
import { unitsOf } from './units.ts'
import { namingOf, toRow } from './view.ts'

/** The place of a question: the asked one inside what the actor may see figures of. */
function placeOf(actor: Actor, permission: string, asked: string | undefined): string {
  const places = actor.may.get(permission) ?? []
  const place = asked ?? (places.length === 1 ? places[0]! : '31')
  if (!places.some((p) => place.startsWith(p))) throw new CityError('place_not_found')
  return place
}

const ratesOf = (r: Rates) => ({
  ...r,
  onTimeSign: share(r.signedOnTime, r.signDue),
  onTimeResolve: share(r.handledOnTime, r.handleDue),
  returnRate: share(r.returned, r.sent),
  redoRate: share(r.redone, r.resolved),
})

export async function getKpi(app: App, actor: Actor, { query }: Given<typeof GetKpi>) {
  const now = app.clock.now()
  const place = placeOf(actor, 'statistics.read', query.place)
  const period = { place, from: new Date(now.getTime() - query.days * 86_400_000), to: now, now }
  const [atlas, units] = [await atlasOf(app), await unitsOf(app)]
  const rows = await countTurnsBy(app.db, { ...period, by: query.by })
  const cards = await countCards(app.db, { ...period, to: new Date(now.getTime() + 1) })
  const byUnit = new Map(cards.map((c) => [c.unit, c]))
  const none = { yellow: 0, red: 0 }
  const nameOf = (key: string) => {
    if (query.by === 'place') return { zh: pathIn(atlas, key, 'zh'), en: pathIn(atlas, key, 'en') }
    const unit = units.get(key)
    return { zh: unit?.name ?? key, en: unit?.name_en ?? key }
  }
  const total = await countTurnRates(app.db, period)
  const sum = (kind: 'yellow' | 'red') => cards.reduce((n, c) => n + c[kind], 0)
  return {
    from: period.from.toISOString(),
    to: now.toISOString(),
    total: {
      key: place,
      name: { zh: pathIn(atlas, place, 'zh'), en: pathIn(atlas, place, 'en') },
      ...ratesOf(total),
      yellow: sum('yellow'),
      red: sum('red'),
    },
    items: rows.map(({ key, ...rates }): Kpi => {
      const { yellow, red } = (query.by === 'unit' ? byUnit.get(key) : undefined) ?? none
      return { key, name: nameOf(key), ...ratesOf(rates), yellow, red }
    }),
  }
}

const SHELF = 12

/**
 * What a supervisor looks after. Each shelf counts at most a thousand, which a board says as “1000”: an exact number of
 * everything would walk the whole queue for every look.
 */
export async function getBoard(app: App, actor: Actor, { query }: Given<typeof GetBoard>): Promise<Board> {
  const place = placeOf(actor, 'statistics.read', query.place)
  return kept.get(app, `${place} ${actor.language}`, () => makeBoard(app, place, actor.language))
}

/** A place's board is the same for everybody who may see the place, and may be this old. */
const kept = keptFor<Board>(2_000)

async function makeBoard(app: App, place: string, language: Language): Promise<Board> {
  const policy = await policyOf(app, place)
  const naming = await namingOf(app, language)
  const { now, units } = naming
  const here = inPlace(place)
  const maxReturns = parameter(policy, 'orders.maxReturns').value
  const satisfied = parameter(policy, 'orders.solvedScore').value
  // As the service: every query names the place that was checked, and counts need not visit each row for its policy.
  return within(app.db, { as: 'service' }, async (trx) => {
    const shelf = async (is: RawBuilder<unknown>, order = sql`due_at, id`) => {
      const rows = await sql<OrderRecord>`
        select * from work_order where ${here} and ${is} order by ${order} limit ${SHELF}`.execute(trx)
      const { rows: count } = await sql<{ n: number }>`
        select count(*) as n from (select 1 from work_order where ${here} and ${is} limit 1000) x`.execute(
        trx,
      )
      return { n: count[0]!.n, items: rows.rows.map((r) => toRow(naming, r)) }
    }
    const late = await sql<{ unit: string; open: number; overdue: number }>`
      with late as materialized (
        select unit_id, count(*) as n from work_order where open and overdue and unit_id is not null and ${here}
        group by 1 order by 2 desc, 1 limit 20
      )
      select l.unit_id as unit, l.n as overdue,
        (select count(*) from (select 1 from work_order o where o.open and o.unit_id = l.unit_id limit 1000) x) as open
      from late l order by 2 desc, 1`.execute(trx)
    return {
      at: now.toISOString(),
      supervised: await shelf(
        sql`open and supervised_by is not null and (supervised_until is null or supervised_until > ${now})`,
      ),
      red: await shelf(sql`open and card = 'red'`),
      yellow: await shelf(sql`open and card = 'yellow'`),
      ownerless: await shelf(sql`open and unit_id is null and overdue`),
      returned: await shelf(sql`open and returns > 0 and returns >= ${maxReturns}`),
      // Said in the last thirty days; older words stand in the statistics. Who is not satisfied has it done again
      // (`judge`), so `redos` finds them by an index.
      unsatisfied: await shelf(
        sql`redos > 0 and (solved is false or score < ${satisfied}) and opened_at > ${new Date(now.getTime() - 30 * 86_400_000)}`,
        sql`opened_at desc, id desc`,
      ),
      reviews: await shelf(sql`open and state in ('return_review', 'extension_review', 'answer_review')`),
      arbitration: await shelf(sql`open and state = 'arbitration'`),
      overdueByUnit: late.rows.map((r) => ({
        unitId: r.unit,
        unit: { zh: units.get(r.unit)?.name ?? r.unit, en: units.get(r.unit)?.name_en ?? r.unit },
        open: r.open,
        overdue: r.overdue,
      })),
    }
  })
}
