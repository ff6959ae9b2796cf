import { PLACE_CODE, textOf } from '../shell/address.ts'

export type SitesSearch = { place?: string; open?: 'true'; q?: string; list?: 'hospitals' }

export function readSitesSearch(search: Record<string, unknown>): SitesSearch {
  const place = textOf(search, 'place', PLACE_CODE)
  const q = textOf(search, 'q', /^.{1,60}$/u)
  return {
    ...(place && { place }),
    ...(q && { q }),
    ...(search.open === 'true' && { open: 'true' as const }),
    ...(search.list === 'hospitals' && { list: 'hospitals' as const }),
  }
}
