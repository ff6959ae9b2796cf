import { randomUUID } from 'node:crypto'
import type { Api, Person } from './api.ts'
import { chanceOf, type Chance } from './chance.ts'
import { COMPLAINTS, makeText, THANKS, type SaidPlace } from './texts.ts'

export type Town = SaidPlace & { code: string }

type PlaceAnswer = { name: string; children: { code: string; name: string }[] }

/** The towns that people can be in, with a neighbourhood name of each; 17 look-ups at the start. */
export async function loadTowns(api: Api): Promise<Town[]> {
  const city = await api<PlaceAnswer>('GET', '/api/places/31')
  const towns: Town[] = []
  for (const district of city.body.children) {
    const { body } = await api<PlaceAnswer>('GET', `/api/places/${district.code}`)
    for (const child of body.children)
      towns.push({
        code: child.code,
        district: district.name,
        subdistrict: child.name,
        neighbourhood: undefined,
      })
  }
  return towns
}

/** Names a neighbourhood of the town, once it is needed. */
async function withNeighbourhood(api: Api, town: Town, c: Chance): Promise<Town> {
  if (town.neighbourhood === undefined) {
    const { body } = await api<PlaceAnswer>('GET', `/api/places/${town.code}`)
    if (body.children.length > 0) town.neighbourhood = c.pick(body.children).name
  }
  return town
}

export type Crowd = {
  /** Requests that simulated people sent: the offices work on these at once, on a visitor's only after a while. */
  ours: ReadonlySet<string>

  /** Somebody asks on the web or the app. */
  ask(urgentShare: number): Promise<void>
  /** Somebody rings; the agent takes it down. Some rings are no request, some are not answered. */
  ring(urgentShare: number): Promise<void>
  /** Some of those who asked look in and say how it was. */
  answer(): Promise<void>
}

const SIGNED_IN = 300

export function makeCrowd(
  api: Api,
  given: { seed: number; people: number; towns: Town[]; agent: Person; chance: Chance },
): Crowd {
  const { chance: c } = given
  const sessions = new Map<number, Person>()
  const waiting: { person: Person; id: string }[] = []
  const ours = new Set<string>()
  const numberOf = (i: number) => `1990${String(i).padStart(7, '0')}`

  async function somebody(): Promise<Person> {
    // Number 1 is the visitor's own demonstration resident.
    const i =
      sessions.size >= SIGNED_IN
        ? c.pick([...sessions.keys()])
        : 2 + Math.floor(c.next() * Math.max(1, given.people - 2))
    const known = sessions.get(i)
    if (known) return known
    const person = { cookie: '' }
    const sent = await api<{ demoCode?: string }>('POST', '/api/session/code', {
      body: { phone: numberOf(i) },
    })
    await api('POST', '/api/session/verify', {
      as: person,
      body: { phone: numberOf(i), code: sent.body.demoCode ?? '' },
    })
    sessions.set(i, person)
    return person
  }

  return {
    ours,
    async ask(urgentShare) {
      const person = await somebody()
      const text = makeText(await withNeighbourhood(api, c.pick(given.towns), c), c, urgentShare)
      const id = randomUUID()
      ours.add(id)
      const { ok } = await api('POST', '/api/my/requests', {
        as: person,
        body: { id, text, channel: c.happens(0.5) ? 'web' : 'app' },
      })
      if (ok && waiting.length < 2_000) waiting.push({ person, id })
    },
    async ring(urgentShare) {
      const callId = randomUUID()
      const answered = !c.happens(0.06)
      await api('POST', '/api/calls', {
        as: given.agent,
        body: { id: callId, line: c.pick(['12345', '12345', '12345', '96989', 'district']), answered },
      })
      if (!answered || c.happens(0.4)) return
      const text = makeText(await withNeighbourhood(api, c.pick(given.towns), c), c, urgentShare)
      const caller = {
        name: '模拟来电',
        phone: numberOf(2 + Math.floor(c.next() * Math.max(1, given.people - 2))),
      }
      const id = randomUUID()
      ours.add(id)
      await api('POST', '/api/requests', {
        as: given.agent,
        body: { id, text, channel: 'phone', callId, caller },
      })
    },
    async answer() {
      const asked = waiting.shift()
      if (!asked) return
      const { body, ok } = await api<{ order?: { mayRate: boolean; state: string } }>(
        'GET',
        `/api/my/requests/${asked.id}`,
        { as: asked.person },
      )
      if (!ok) return
      if (!body.order?.mayRate) {
        if (body.order?.state !== 'archived' && body.order?.state !== 'closed') waiting.push(asked)
        return
      }
      const own = chanceOf(given.seed, asked.id)
      // Some never answer: the agent has to call them back.
      if (own.happens(0.35)) return
      const solved = own.happens(0.88)
      const body2 = {
        id: randomUUID(),
        solved,
        score: solved ? own.pick([3, 4, 4, 5, 5, 5]) : own.pick([1, 1, 2]),
        note: solved ? own.pick(THANKS) : own.pick(COMPLAINTS),
      }
      await api('POST', `/api/my/requests/${asked.id}/rating`, { as: asked.person, body: body2 })
    },
  }
}
