import { PLACE_CODE, textOf } from '../shell/address.ts'

/** Where, and whether everybody there or only those without a telephone. */
export type CodesSearch = { place?: string; who?: 'all' }

export function readCodesSearch(search: Record<string, unknown>): CodesSearch {
  const place = textOf(search, 'place', PLACE_CODE)
  return { ...(place && { place }), ...(search.who === 'all' && { who: 'all' }) }
}
