import { PLACE_CODE, textOf } from '../shell/address.ts'

/** The place stands in the address; a telephone never does. */
export type PeopleSearch = { place?: string }

export function readPeopleSearch(search: Record<string, unknown>): PeopleSearch {
  const place = textOf(search, 'place', PLACE_CODE)
  return place ? { place } : {}
}
