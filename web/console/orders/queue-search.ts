import { State, View } from '#capabilities/orders/contract.ts'
import { PLACE_CODE, textOf } from '../shell/address.ts'

export type QueueView = (typeof View.options)[number]
export type QueueSearch = {
  view?: QueueView
  place?: string
  state?: State
  element?: string
  unit?: string
  number?: string
}

/** What the queue shows, from the address; what cannot be read is left out. */
export function readQueueSearch(search: Record<string, unknown>): QueueSearch {
  const read = {
    view: View.options.find((v) => v === search.view),
    place: textOf(search, 'place', PLACE_CODE),
    state: State.options.find((s) => s === search.state),
    element: textOf(search, 'element', /^[\w.-]{1,80}$/),
    unit: textOf(search, 'unit', /^[\w.-]{1,80}$/),
    number: textOf(search, 'number', /^[\w-]{1,30}$/),
  }
  return Object.fromEntries(Object.entries(read).filter(([, value]) => value !== undefined))
}
