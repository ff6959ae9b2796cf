import { MissedGroup } from '#capabilities/screening/missing.contract.ts'
import { PLACE_CODE, textOf } from '../shell/address.ts'

type Group = (typeof MissedGroup.options)[number]
/** Which place on which day, of which round alone, and of those missing which group. */
export type RoundsSearch = { place?: string; day?: string; round?: string; group?: Group }

export function readRoundsSearch(search: Record<string, unknown>): RoundsSearch {
  const place = textOf(search, 'place', PLACE_CODE)
  const day = textOf(search, 'day', /^\d{4}-\d\d-\d\d$/)
  const round = textOf(search, 'round', /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/)
  const group = MissedGroup.options.find((g) => g === search.group)
  return { ...(place && { place }), ...(day && { day }), ...(round && { round }), ...(group && { group }) }
}
