import type { Device } from './device.ts'
import { headerOf, NOTHING, spent, type Day, type Item, type Outcome, type Why } from './records.ts'

export type DayStore = {
  owner: string
  /** Records that this device can no longer open; shown, since they cannot be sent. */
  unreadable: number
  get: () => Day
  subscribe: (listener: () => void) => () => void
  /** Decides on the newest state and writes; what the screen shows next is already on the disk. */
  change: (decide: (day: Day) => Outcome) => Promise<Why | null>
  /** Another tab leads from now on: nothing may be written from here any more. */
  close: () => void
}

const grouped = (items: readonly Item[]): Day => {
  const inOrder = items.toSorted((a, b) => a.madeAt - b.madeAt || (a.id < b.id ? -1 : 1))
  return {
    sessions: inOrder.filter((i) => i.what === 'session'),
    tubes: inOrder.filter((i) => i.what === 'tube'),
    boxes: inOrder.filter((i) => i.what === 'box'),
  }
}

/** A handler's actions lie beside it. */
const isOfDay = (item: Item) => item.what === 'session' || item.what === 'tube' || item.what === 'box'

/** The day of one account on this device. Changes stand in a queue, so that a fast scanner cannot outrun the disk. */
export async function openDay(device: Device, owner: string): Promise<DayStore> {
  const { items, unreadable } = await device.readAll(owner)
  const known = new Map((items as Item[]).filter(isOfDay).map((i) => [i.id, i]))
  const listeners = new Set<() => void>()
  let day = known.size > 0 ? grouped([...known.values()]) : NOTHING
  let open = true
  let turn: Promise<unknown> = Promise.resolve()

  const apply = async (decide: (day: Day) => Outcome): Promise<Why | null> => {
    if (!open) return 'not_kept'
    const outcome = decide(day)
    if ('no' in outcome) return outcome.no
    const { put, drop = [] } = outcome
    if (put.length === 0 && drop.length === 0) return null
    try {
      await device.write(
        put.map((item) => ({ header: headerOf(item), content: item })),
        drop,
      )
    } catch {
      // Full, or taken away by the browser. Nothing of it shows, so that nobody believes it is kept.
      return 'not_kept'
    }
    for (const item of put) known.set(item.id, item)
    for (const id of drop) known.delete(id)
    day = grouped([...known.values()])
    for (const listener of listeners) listener()
    return null
  }
  const change: DayStore['change'] = (decide) => {
    const mine = turn.then(() => apply(decide))
    turn = mine.catch(() => undefined)
    return mine
  }
  // What an earlier day left that the city has closed.
  await change((now) => ({ put: [], drop: spent(now) }))
  return {
    owner,
    unreadable,
    get: () => day,
    subscribe: (listener) => (listeners.add(listener), () => void listeners.delete(listener)),
    change,
    close: () => void (open = false),
  }
}
