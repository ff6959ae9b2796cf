import { PLACE_CODE, textOf } from '../shell/address.ts'

/** Which place; which laboratory; `view` is the chain, boxes that nobody received, or what there is to work with. */
export type BacklogSearch = { place?: string; lab?: string; view?: 'boxes' | 'resources' }

export function readBacklogSearch(search: Record<string, unknown>): BacklogSearch {
  const place = textOf(search, 'place', PLACE_CODE)
  const lab = textOf(search, 'lab', /^[a-z0-9][a-z0-9._-]{1,79}$/)
  const view = search.view === 'boxes' || search.view === 'resources' ? search.view : undefined
  return { ...(place && { place }), ...(lab && { lab }), ...(view && { view }) }
}
