import { keptFor, type App } from '#kernel/app.ts'
import { scopeOf, type Actor, type Language } from '#kernel/auth.ts'
import { dayOf, startOfDay } from '#kernel/clock.ts'
import { within } from '#kernel/db.ts'
import { CityError } from '#kernel/errors.ts'
import type { Given } from '#kernel/http.ts'
import { namingOf, queryOrders, statistics, toRow } from '#capabilities/orders/index.ts'
import { atlasOf, pathIn, pinyinName, positionOf } from '#capabilities/places/index.ts'
import { policyOf } from '#capabilities/policy/index.ts'
import { screeningFigures } from '#capabilities/screening/index.ts'
import type { Figure, GetClock, GetHistoryDay, GetWall, ListHistory, Wall } from './contract.ts'
import { METRICS, type Metric } from './metrics.ts'
import { makeTrend, onTimeLevel, overdueLevel, urgentLevel } from './rules.ts'
import { screeningSaid } from './screening-part.ts'
import * as store from './store.ts'

/** Walls ask often and many at once; what they see may be this old. The live stream tells them when to ask again. */
const walls = keptFor<Wall>(1_500)
/** A figure older than this (wall time) is greyed. */
const STALE_SECONDS = 30
const URGENT_SHOWN = 12
const trend = makeTrend(20_000)

export async function getWall(app: App, actor: Actor, { query }: Given<typeof GetWall>): Promise<Wall> {
  const places = actor.may.get('wall.read') ?? []
  const place = query.place ?? places[0] ?? '31'
  if (!places.some((p) => place.startsWith(p))) throw new CityError('place_not_found')
  return walls.get(app, `${place} ${actor.language}`, () => makeWall(app, place, actor.language))
}

async function makeWall(app: App, place: string, language: Language): Promise<Wall> {
  const now = app.clock.now()
  const today = startOfDay(dayOf(now))
  const [policy, atlas, naming, s, sampling] = await Promise.all([
    policyOf(app),
    atlasOf(app),
    namingOf(app, language),
    statistics(app, place, today, language),
    screeningFigures(app, place),
  ])
  if (!atlas.facts.has(place)) throw new CityError('place_not_found')
  return within(app.db, { as: 'staff', places: [place] }, async (trx) => {
    const list = async (q: Partial<Parameters<typeof queryOrders>[1]>) =>
      (await queryOrders(trx, { place, open: true, limit: URGENT_SHOWN, ...q })).map((r) => toRow(naming, r))
    const recent = await list({ open: false })
    const urgent = await list({ urgent: true })
    const overdue = await list({ overdue: true })
    const alarms = await store.lastAlarms(trx, 5)
    const times = await store.sourceTimes(app.db)
    const calls = await store.countCalls(app.db, today)
    const requests = await store.countRequests(app.db, place, today)
    const at = now.toISOString()
    const figure = (
      id: string,
      zh: string,
      en: string,
      value: number | null,
      unit: string,
      level: Figure['level'],
    ): Figure => ({
      id,
      name: { zh, en },
      value,
      unit,
      at,
      staleAfterSeconds: STALE_SECONDS,
      trend: trend(`${place} ${id}`, value),
      level,
      note: null,
    })
    const below = new Map(sampling.below.map((b) => [b.placeCode, b]))
    const percent = (x: number | null) => (x === null ? null : Math.round(x * 1000) / 10)
    const urgentOverdue = urgent.filter((o) => o.overdue).length
    const source = (id: string, zh: string, en: string, last: Date | null, freshMinutes: number) => ({
      id,
      name: { zh, en },
      lastAt: last?.toISOString() ?? null,
      fresh: last !== null && now.getTime() - last.getTime() < freshMinutes * 60_000,
    })
    const byPlace = new Map(s.byPlace.map((p) => [p.placeCode, p]))
    const children = (atlas.gazetteer.children.get(place) ?? []).slice(0, 60)
    return {
      cityTime: at,
      speed: app.clock.speed(),
      simulated: app.config.demo,
      responseLevel: policy.pack.responseLevel,
      place: { code: place, path: pathIn(atlas, place, language) },
      figures: [
        figure('requests', '今日诉求', 'Requests today', requests, '件', 'none'),
        figure('calls', '今日来电', 'Calls today', place === '31' ? calls : null, '个', 'none'),
        figure('open', '在办工单', 'Open orders', s.open, '件', 'none'),
        figure('urgent', '急难在办', 'Urgent open', s.urgent, '件', urgentLevel(s.urgent, urgentOverdue)),
        figure('overdue', '超时未办', 'Overdue', s.overdue, '件', overdueLevel(policy, s.overdue, s.open)),
        figure('closed', '今日办结', 'Closed today', s.closed, '件', 'none'),
        figure(
          'onTimeSign',
          '按时签收率',
          'Signed on time',
          percent(s.onTimeSign),
          '%',
          onTimeLevel(policy, s.onTimeSign),
        ),
        figure(
          'onTimeResolve',
          '按时办结率',
          'Handled on time',
          percent(s.onTimeResolve),
          '%',
          onTimeLevel(policy, s.onTimeResolve),
        ),
        figure(
          'satisfaction',
          '满意率（市民评价）',
          'Satisfied (citizens)',
          percent(s.satisfaction),
          '%',
          'none',
        ),
        figure('solved', '解决率（市民评价）', 'Solved (citizens)', percent(s.solvedRate), '%', 'none'),
        ...screeningSaid(policy, sampling, now).map((x) => ({
          ...figure(x.id, x.name.zh, x.name.en, x.value, x.unit, x.level),
          note: x.note ?? null,
          // A counter that stopped is seen to be old, however fresh the wall's own answer is.
          ...(x.at && { at: x.at.toISOString() }),
        })),
      ],
      recalls: {
        open: sampling.recalls.open,
        late: sampling.recalls.late,
        nearest: sampling.recalls.nearest.map((r) => ({
          orderId: r.id,
          placeCode: r.placeCode,
          place: pathIn(atlas, r.placeCode, language),
          dueAt: r.dueAt.toISOString(),
        })),
      },
      districts: children.map((c) => {
        const n = byPlace.get(c.code)
        const spot =
          atlas.facts.get(c.code)?.lng === undefined ? centreOf(atlas, c.code) : atlas.facts.get(c.code)!
        return {
          code: c.code,
          name: language === 'zh' ? c.name : pinyinName(c),
          today: n?.opened ?? 0,
          open: n?.open ?? 0,
          urgent: n?.urgent ?? 0,
          overdue: n?.overdue ?? 0,
          owing: below.get(c.code)?.owing ?? 0,
          missing: below.get(c.code)?.missing ?? 0,
          tested: below.get(c.code)?.tested ?? 0,
          lng: spot?.lng ?? null,
          lat: spot?.lat ?? null,
        }
      }),
      recent,
      urgent,
      overdue,
      alarms: alarms.map((a) => ({
        at: a.at.toISOString(),
        title:
          language === 'zh'
            ? a.title
            : a.kind === 'backlog'
              ? `Results will be late · ${pathIn(atlas, a.place_code, 'en')}`
              : a.kind === 'positive'
                ? `Positive tube · ${pathIn(atlas, a.place_code, 'en')}`
                : a.kind === 'glass'
                  ? `Glass broken · ${pathIn(atlas, a.place_code, 'en')}`
                  : `${{ overdue: 'Overdue · ', ownerless: 'Nobody has it · ', urgent: '' }[a.kind]}${policy.element.get(a.element ?? '')?.en ?? 'Not yet classified'} · ${pathIn(atlas, a.place_code, 'en')}`,
        placeCode: a.place_code,
        place: pathIn(atlas, a.place_code, language),
        orderId: a.order_id,
      })),
      elements: s.byElement.slice(0, 10).map((e) => ({
        element: e.element,
        name: {
          zh: policy.element.get(e.element)?.zh ?? '待分类',
          en: policy.element.get(e.element)?.en ?? 'Not yet classified',
        },
        n: e.n,
      })),
      hours: s.byHour,
      sources: [
        source('requests', '12345 诉求', '12345 requests', times.requests, 15),
        source('calls', '12345 来电', '12345 calls', times.calls, 15),
        source('sampling', '采样', 'Sampling', sampling.lastSealedAt, 60),
        source('labs', '实验室结果', 'Laboratory results', sampling.lastResultAt, 60),
        source('sites', '采样点', 'Sampling sites', times.sites, 1440),
        source('hospitals', '医院', 'Hospitals', times.hospitals, 1440),
        source('history', '公布数据', 'Published figures', times.history, 1440),
      ],
    }
  })
}

/** The middle of the subdistricts' points: districts have no point of their own. */
function centreOf(
  atlas: Awaited<ReturnType<typeof atlasOf>>,
  code: string,
): { lng: number; lat: number } | undefined {
  const points = (atlas.gazetteer.children.get(code) ?? []).flatMap((c) => {
    const p = atlas.facts.get(c.code)
    return p?.lng !== undefined && p.lat !== undefined ? [{ lng: p.lng, lat: p.lat }] : []
  })
  if (points.length === 0) return undefined
  const mean = (pick: (p: { lng: number; lat: number }) => number) =>
    points.reduce((sum, p) => sum + pick(p), 0) / points.length
  return { lng: mean((p) => p.lng), lat: mean((p) => p.lat) }
}

export async function listHistory(app: App, actor: Actor, _given: Given<typeof ListHistory>) {
  return { days: await within(app.db, scopeOf(actor, 'wall.read'), (trx) => store.historyDays(trx)) }
}

export async function getHistoryDay(app: App, actor: Actor, { params }: Given<typeof GetHistoryDay>) {
  const atlas = await atlasOf(app)
  return within(app.db, scopeOf(actor, 'wall.read'), async (trx) => {
    const figures = await store.figuresOf(trx, params.day)
    const addresses = await store.addressesOf(trx, params.day)
    return {
      day: params.day,
      figures: figures.map((f) => ({
        placeCode: f.place_code,
        place: pathIn(atlas, f.place_code, actor.language),
        metric: f.metric,
        name: METRICS[f.metric as Metric] ?? { zh: f.metric, en: f.metric },
        count: f.count,
        source: f.source,
      })),
      addresses: addresses.map((a) => {
        const spot = positionOf(atlas, a.place_code, a.address) ?? centreOf(atlas, a.district_code)
        return {
          placeCode: a.place_code,
          district: pathIn(atlas, a.district_code, actor.language),
          address: a.address,
          lng: spot?.lng ?? null,
          lat: spot?.lat ?? null,
        }
      }),
    }
  })
}

export async function getClock(app: App, _actor: Actor, _given: Given<typeof GetClock>) {
  return { now: app.clock.now().toISOString(), speed: app.clock.speed(), demo: app.config.demo }
}
