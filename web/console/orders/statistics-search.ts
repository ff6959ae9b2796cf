import { PLACE_CODE, textOf } from '../shell/address.ts'

export const PERIODS = [1, 7, 30, 92] as const
export type StatisticsSearch = { place?: string; days?: number }

export function readStatisticsSearch(search: Record<string, unknown>): StatisticsSearch {
  const place = textOf(search, 'place', PLACE_CODE)
  const days = Number(search.days)
  return { ...(place && { place }), ...(Number.isInteger(days) && days >= 1 && days <= 92 && { days }) }
}
