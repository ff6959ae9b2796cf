import { randomUUID } from 'node:crypto'
import type { Api, Person } from './api.ts'
import { chanceOf } from './chance.ts'
import { ANSWERS, RETURNS } from './texts.ts'

type Row = {
  id: string
  placeCode: string
  state: string
  kind: string
  urgent: boolean
  version: number
  openedAt: string
  dueAt: string | null
  redos?: number
}

/** City minutes after which somebody acts; the urgent come first, and some things are forgotten altogether. */
const SIGN = { urgent: [0.3, 4], calm: [1, 70] } as const
const HANDLE = { urgent: [2, 60], calm: [5, 400] } as const
const FORGOTTEN = 0.03
const RETURNED = 0.04

/** City minutes that an order which is none of ours is left to the visitor who plays the office. */
const VISITORS = 45

const PASSWORD = 'cityloop-demo'

export async function signIn(api: Api, username: string): Promise<Person> {
  const person = { cookie: '' }
  const { ok, status } = await api('POST', '/api/session', {
    as: person,
    body: { username, password: PASSWORD },
  })
  if (!ok) throw new Error(`${username} cannot sign in: ${status}`)
  return person
}

/** The handlers of one district (or the city): look at the queue, sign, return, forget, solve. */
export function makeOffice(
  api: Api,
  given: { seed: number; handler: Person; now: () => number; ours: ReadonlySet<string> },
) {
  const since = new Map<string, number>()

  /** The helpers of an order are other desks of the same simulated office; a step later the lead tries again. */
  async function help(orderId: string, c: ReturnType<typeof chanceOf>): Promise<void> {
    const path = `/api/orders/${orderId}/parts`
    const { body, ok } = await api<{ items: { id: string; state: string }[] }>('GET', path, {
      as: given.handler,
    })
    if (!ok) return
    for (const part of body.items) {
      const say = (action: string, note?: string) =>
        api('POST', `${path}/${part.id}`, {
          as: given.handler,
          body: { id: randomUUID(), action, ...(note && { note }) },
        })
      if (part.state === 'sent') await say('sign')
      if (part.state === 'sent' || part.state === 'handling') await say('answer', c.pick(ANSWERS))
    }
  }

  async function look(state: 'dispatched' | 'redo' | 'handling'): Promise<void> {
    const { body, ok } = await api<{ items: Row[] }>('GET', `/api/orders?state=${state}&limit=100`, {
      as: given.handler,
    })
    if (!ok) return
    for (const order of body.items) {
      // Recalls, confirmations and the like are done by whoever does them (round.ts); an office has the hotline's.
      if (order.kind !== 'hotline') continue
      const c = chanceOf(given.seed, `${order.id} ${state}`)
      if (state === 'dispatched' && c.happens(FORGOTTEN) && !order.urgent) continue
      const [min, max] = (state === 'handling' ? HANDLE : SIGN)[order.urgent ? 'urgent' : 'calm']
      const key = `${order.id} ${state}`
      const first = since.get(key) ?? given.now()
      since.set(key, first)
      // Most are quick: the cube puts the middle of the range far below its half.
      if (!given.ours.has(order.id) && given.now() < first + VISITORS * 60_000) continue
      if (given.now() < first + (min + c.next() ** 3 * (max - min)) * 60_000) continue
      const body2 =
        state === 'handling'
          ? { id: randomUUID(), action: 'resolve', note: c.pick(ANSWERS) }
          : state === 'dispatched' && c.happens(RETURNED)
            ? { id: randomUUID(), action: 'return', note: c.pick(RETURNS) }
            : { id: randomUUID(), action: 'sign' }
      const done = await api<{ code?: string }>('POST', `/api/orders/${order.id}/actions`, {
        as: given.handler,
        body: body2,
      })
      if (done.body.code === 'parts_open') await help(order.id, c)
      since.delete(key)
    }
    if (since.size > 20_000) since.clear()
  }

  return async () => {
    await look('dispatched')
    await look('redo')
    await look('handling')
  }
}

/** The hotline's desk: sends on what no rule could place, and calls back those who did not answer by themselves. */
export function makeDesk(
  api: Api,
  given: { seed: number; agent: Person; now: () => number; ours: ReadonlySet<string> },
) {
  const since = new Map<string, number>()
  return async () => {
    const { body } = await api<{ items: Row[] }>('GET', '/api/orders?view=mine&limit=100', {
      as: given.agent,
    })
    const review = await api<{ items: Row[] }>('GET', '/api/orders?view=review&limit=100', {
      as: given.agent,
    })
    const waiting = (review.body.items ?? []).filter((o) => o.state === 'return_review')
    for (const order of [...(body.items ?? []), ...waiting]) {
      const isNew = order.state === 'received' || order.state === 'accepted'
      const c = chanceOf(given.seed, `${order.id} ${order.state}`)
      const key = `${order.id} ${order.state}`
      const first = since.get(key) ?? given.now()
      since.set(key, first)
      const wait = isNew || order.state === 'return_review' ? c.between(0.5, 12) : c.between(20, 240)
      if (!given.ours.has(order.id) && given.now() < first + VISITORS * 60_000) continue
      if (given.now() < first + wait * 60_000) continue
      const unit =
        order.placeCode.length >= 9
          ? `street.${order.placeCode.slice(0, 9)}`
          : `street.${order.placeCode.slice(0, 6)}`
      const solved = c.happens(0.9)
      const action =
        order.state === 'return_review'
          ? { id: randomUUID(), action: 'approve_return' }
          : isNew
            ? { id: randomUUID(), action: 'dispatch', unitId: unit }
            : {
                id: randomUUID(),
                action: 'call_back',
                solved,
                ...(solved && { score: c.pick([3, 4, 4, 5]) }),
              }
      await api('POST', `/api/orders/${order.id}/actions`, { as: given.agent, body: action })
      since.delete(key)
    }
  }
}
