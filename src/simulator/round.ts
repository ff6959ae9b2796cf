import { randomUUID } from 'node:crypto'
import { labelOf } from '#capabilities/screening/label.contract.ts'
import type { Api, Person } from './api.ts'
import { chanceOf } from './chance.ts'
import { makeCarriers, neighbourhoodsOf, type Epidemic, type Somebody } from './epidemic.ts'
import type { Town } from './people.ts'
import { signIn } from './staff.ts'

type Seen = { code: string | null; personId: string; given: boolean }
type Codes = { items: (Somebody & { code: string })[]; next: string | null }
type Row = { id: string; kind: string; state: string; placeCode: string }
type RecallSaid = { placeCode: string; answeredAt: string | null; person: Seen; household: Seen[] }
type SiteRow = { id: string; placeCode: string; name: string }
/** `tubes` is null for a box of an earlier start. */
type Tested = { code: string; positive: boolean }
type Box = { code: string; dueAt: number; tubes: Tested[] | null }
type LabBox = { code: string; waiting: number }

const POOL = 10
const MOST_AT_ONCE = 20
const TUBES_AN_HOUR = 900
/** City minutes from the box's arrival to its results, and until somebody stands at the door of a recall. */
const LAB_MINUTES = [3, 20] as const
const DOOR_MINUTES = [2, 15] as const
/** Our labels are made from the time and above any printed one; what others sampled is theirs to test. */
const isOurs = (code: string): boolean => Number(code.slice(1, 12)) > 15_000_000_000
/** People sampled in one step; a step takes a few real seconds, so that one small machine is not filled by its own city. */
const STEP = 50

/**
 * A round of the simulated city through the API of the sampling table: sessions, tubes of ten, boxes to the laboratory,
 * results; then the single tubes at home of those called back, and the centre's word. Returns the steps of its day.
 */
export async function makeRound(
  api: Api,
  given: { seed: number; now: () => number; towns: readonly Town[]; epidemic: Epidemic; planner: Person },
) {
  const { seed, now, epidemic } = given
  const lab = await signIn(api, 'sim.lab')
  const table = await signIn(api, 'sim.table')
  const centre = await signIn(api, 'sim.centre')
  await api('POST', '/api/labs/capacity', {
    as: lab,
    body: {
      id: randomUUID(),
      name: '模拟·第二检测实验室',
      placeCode: '31',
      tubesPerHour: TUBES_AN_HOUR,
      pools: [1, POOL],
      opens: 0,
      closes: 0,
    },
  })
  const carriers = makeCarriers(epidemic, seed, await neighbourhoodsOf(api, given.towns))
  const boxes: Box[] = []
  const since = new Map<string, number>()
  // Later than any label of an earlier start: ten labels for each second since 1970.
  let label = Math.floor(Date.now() / 1_000) * 10
  // From all over the city, not district by district.
  const towns = given.towns.toSorted(
    (a, b) => chanceOf(seed, `turn ${a.code}`).next() - chanceOf(seed, `turn ${b.code}`).next(),
  )
  let at = { town: 0, after: undefined as string | undefined }

  const parts = new Map<string, { code: string }[]>()
  /** A neighbourhood of a place that is wider than one: sampling begins no wider than that. */
  async function neighbourhoodOf(code: string): Promise<string> {
    if (code.length >= 12) return code
    if (!parts.has(code)) {
      const { body, ok } = await api<{ children: { code: string }[] }>('GET', `/api/places/${code}`)
      if (!ok || body.children.length === 0) return code
      parts.set(code, body.children)
    }
    return chanceOf(seed, `neighbourhood ${code} ${label}`).pick(parts.get(code)!).code
  }

  /** Seals tubes of a session, packs and sends them; the laboratory answers when its time has come. */
  async function send(
    place: { placeCode: string; siteId?: string; address: string },
    tubes: readonly { people: readonly { code: string; personId: string }[]; kind: number }[],
  ): Promise<void> {
    const session = randomUUID()
    const opened = await api('POST', '/api/sampling/sessions', {
      as: table,
      body: { id: session, ...place, placeCode: await neighbourhoodOf(place.placeCode) },
    })
    if (!opened.ok) return
    const sealed = tubes.map((t) => ({
      id: randomUUID(),
      code: labelOf('T', ++label),
      kind: t.kind,
      members: t.people.map((p) => ({ code: p.code })),
      sealedAt: new Date(now()).toISOString(),
    }))
    const kept: Tested[] = []
    for (let i = 0; i < sealed.length; i += MOST_AT_ONCE) {
      const { body, ok } = await api<{ tubes: { code: string; refused: string | null }[] }>(
        'POST',
        '/api/tubes',
        {
          as: table,
          body: { sessionId: session, tubes: sealed.slice(i, i + MOST_AT_ONCE) },
        },
      )
      if (ok)
        for (const [j, answer] of body.tubes.entries())
          if (!answer.refused)
            kept.push({
              code: answer.code,
              positive: tubes[i + j]!.people.some((p) => carriers.isInfected(p.personId)),
            })
    }
    await api('POST', `/api/sampling/sessions/${session}/close`, { as: table, body: {} })
    if (kept.length === 0) return
    const box = labelOf('B', ++label)
    const c = chanceOf(seed, box)
    await api('POST', '/api/boxes', {
      as: table,
      body: { id: randomUUID(), code: box, sessionId: session, tubes: kept.map((t) => t.code) },
    })
    await api('POST', `/api/boxes/${box}/events`, {
      as: table,
      body: { id: randomUUID(), kind: 'collected' },
    })
    boxes.push({ code: box, dueAt: now() + c.between(...LAB_MINUTES) * 60_000, tubes: kept })
  }

  /** Boxes that an earlier start left on the way or untested: who is in them is not known any more, so chance answers. */
  async function leftBehind(): Promise<void> {
    const waiting = await api<{ items: { code: string }[] }>('GET', '/api/boxes?place=31&limit=200', {
      as: given.planner,
    })
    const received = await api<{ items: LabBox[] }>('GET', '/api/labs/boxes?limit=200', { as: lab })
    const codes = [
      ...(waiting.ok ? waiting.body.items : []),
      ...(received.ok ? received.body.items.filter((b) => b.waiting > 0) : []),
    ].map((b) => b.code)
    for (const code of codes.filter(isOurs)) boxes.push({ code, dueAt: now(), tubes: null })
  }

  /** What is in a box that an earlier start sent, as the laboratory that received it sees it. */
  async function inside(code: string): Promise<Tested[]> {
    const { body, ok } = await api<{ items: { code: string; kind: number; outcome: string | null }[] }>(
      'GET',
      `/api/labs/boxes/${code}`,
      { as: lab },
    )
    return (ok ? body.items : [])
      .filter((t) => t.outcome === null)
      .map((t) => ({
        code: t.code,
        positive: chanceOf(seed, t.code).happens(1 - (1 - epidemic.prevalence / 1_000) ** t.kind),
      }))
  }

  return {
    leftBehind,

    /** Opens a round over the city where none stands today. */
    async open(): Promise<void> {
      const today = new Date(now() + 8 * 3_600_000).toISOString().slice(0, 10)
      const { body } = await api<{
        items: { endsOn: string; endedAt: string | null }[]
        plans: { id: string }[]
      }>('GET', '/api/rounds?place=31', { as: given.planner })
      if (body.items.some((r) => !r.endedAt && r.endsOn >= today)) return
      const plan = body.plans.find((p) => p.id.startsWith('zone.')) ?? body.plans[0]
      if (!plan) return
      await api('POST', '/api/rounds', {
        as: given.planner,
        body: {
          id: randomUUID(),
          placeCode: '31',
          planId: plan.id,
          title: `模拟轮次 ${today}`,
          startsOn: today,
          endsOn: today,
        },
      })
    },

    /** Samples the next few dozen people, town after town. */
    async sample(): Promise<void> {
      const town = towns[at.town % towns.length]!
      const { body, ok } = await api<Codes>('POST', '/api/sampling/codes', {
        as: table,
        body: { placeCode: town.code, limit: STEP, ...(at.after && { after: at.after }) },
      })
      at = ok && body.next ? { ...at, after: body.next } : { town: at.town + 1, after: undefined }
      if (!ok || body.items.length === 0) return
      carriers.learn(body.items)
      const sites = await api<{ items: SiteRow[] }>('GET', `/api/sites?place=${town.code}&limit=5`)
      const site = chanceOf(seed, `${town.code} ${at.after}`).pick(sites.body.items)
      const tubes = []
      for (let i = 0; i < body.items.length; i += POOL)
        tubes.push({ people: body.items.slice(i, i + POOL), kind: POOL })
      await send(
        {
          placeCode: town.code,
          address: `${town.subdistrict}（模拟采样）`,
          ...(site && { siteId: site.id }),
        },
        tubes,
      )
      if (site)
        await api('POST', `/api/sites/${site.id}/queue`, {
          as: table,
          body: { id: randomUUID(), people: Math.floor(chanceOf(seed, `line ${label}`).next() ** 2 * 90) },
        })
    },

    /** The laboratory receives a box and says, when its time has come, what was in the tubes. */
    async test(): Promise<void> {
      for (const box of boxes.filter((b) => b.dueAt <= now()).slice(0, 5)) {
        boxes.splice(boxes.indexOf(box), 1)
        await api('POST', `/api/boxes/${box.code}/events`, {
          as: lab,
          body: { id: randomUUID(), kind: 'received' },
        })
        const tubes = box.tubes ?? (await inside(box.code))
        if (tubes.length > 0)
          await api('POST', '/api/results', {
            as: lab,
            body: {
              results: tubes.map((t) => ({
                id: randomUUID(),
                tube: t.code,
                outcome: t.positive ? 'positive' : 'negative',
                testedAt: new Date(now()).toISOString(),
              })),
            },
          })
      }
    },

    /** Stands at the doors of those who were called back, with a tube for each who lives there. */
    async visit(): Promise<void> {
      const { body, ok } = await api<{ items: Row[] }>(
        'GET',
        '/api/orders?view=open&element=test.recall&limit=50',
        {
          as: table,
        },
      )
      if (!ok) return
      for (const order of body.items.filter((o) => o.kind === 'recall')) {
        const first = since.get(order.id) ?? now()
        since.set(order.id, first)
        const c = chanceOf(seed, order.id)
        if (now() < first + c.between(...DOOR_MINUTES) * 60_000) continue
        since.delete(order.id)
        const recall = await api<RecallSaid>('GET', `/api/recalls/${order.id}`, { as: table })
        if (!recall.ok || recall.body.answeredAt) continue
        const there = [recall.body.person, ...recall.body.household].flatMap((p) =>
          p.code && !p.given ? [{ code: p.code, personId: p.personId }] : [],
        )
        carriers.learn(there.map((p) => ({ ...p, placeCode: recall.body.placeCode })))
        await send(
          { placeCode: recall.body.placeCode, address: '上门单管（模拟）' },
          there.map((p) => ({ people: [p], kind: 1 })),
        )
      }
    },

    /** The centre looks at each positive single tube once more. */
    async confirm(): Promise<void> {
      const { body, ok } = await api<{ items: Row[] }>(
        'GET',
        '/api/orders?view=open&element=test.confirm&limit=50',
        {
          as: centre,
        },
      )
      if (!ok) return
      for (const order of body.items.filter((o) => o.kind === 'confirmation')) {
        const first = since.get(order.id) ?? now()
        since.set(order.id, first)
        const c = chanceOf(seed, order.id)
        if (now() < first + c.between(2, 20) * 60_000) continue
        since.delete(order.id)
        await api('POST', `/api/findings/${order.id}`, {
          as: centre,
          body: {
            id: randomUUID(),
            outcome: c.happens(0.1) ? 'confirmed' : 'asymptomatic',
            note: '模拟复核',
          },
        })
        await api('POST', `/api/findings/${order.id}/told`, { as: centre, body: { id: randomUUID() } })
      }
    },
  }
}
