import { PLACE_CODE, textOf } from '../shell/address.ts'

export type SitesSearch = {
  place?: string
  open?: 'true'
  q?: string
  list?: 'hospitals'
  kind?: 'fixed' | 'convenience' | 'mobile'
  pooling?: 'pooled' | 'single'
  busy?: 'idle' | 'busy' | 'crowded'
}

const one = <T extends string>(value: unknown, of: readonly T[]): T | undefined => of.find((x) => x === value)

export function readSitesSearch(search: Record<string, unknown>): SitesSearch {
  const place = textOf(search, 'place', PLACE_CODE)
  const q = textOf(search, 'q', /^.{1,60}$/u)
  const kind = one(search.kind, ['fixed', 'convenience', 'mobile'])
  const pooling = one(search.pooling, ['pooled', 'single'])
  const busy = one(search.busy, ['idle', 'busy', 'crowded'])
  return {
    ...(kind && { kind }),
    ...(pooling && { pooling }),
    ...(busy && { busy }),
    ...(place && { place }),
    ...(q && { q }),
    ...(search.open === 'true' && { open: 'true' as const }),
    ...(search.list === 'hospitals' && { list: 'hospitals' as const }),
  }
}
