import { PLACE_CODE, textOf } from '../shell/address.ts'

/** Where, and at which hour; without one, now. */
export type CircleSearch = { place?: string; at?: string }

export function readCircleSearch(search: Record<string, unknown>): CircleSearch {
  const place = textOf(search, 'place', PLACE_CODE)
  const at = textOf(search, 'at', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/)
  return { ...(place && { place }), ...(at && { at }) }
}
