import { expect, test } from 'vitest'
import * as appeals from '#capabilities/appeals/contract.ts'
import * as care from '#capabilities/care/contract.ts'
import * as command from '#capabilities/command/contract.ts'
import * as orders from '#capabilities/orders/contract.ts'
import * as people from '#capabilities/people/contract.ts'
import * as account from '#capabilities/people/my-account.contract.ts'
import * as looks from '#capabilities/people/looks.contract.ts'
import * as places from '#capabilities/places/contract.ts'
import * as policy from '#capabilities/policy/contract.ts'
import * as packs from '#capabilities/policy/packs.contract.ts'
import * as requests from '#capabilities/requests/contract.ts'
import * as sites from '#capabilities/sites/contract.ts'
import * as slots from '#capabilities/sites/slots.contract.ts'
import * as custody from '#capabilities/screening/custody.contract.ts'
import * as antigen from '#capabilities/screening/antigen.contract.ts'
import * as coverage from '#capabilities/screening/coverage.contract.ts'
import * as cards from '#capabilities/screening/card.contract.ts'
import * as results from '#capabilities/screening/results.contract.ts'
import * as all from './routes.ts'

test('the addresses that phone pages call are those of the contracts', () => {
  const contracts: Record<string, unknown> = {
    ...appeals,
    ...care,
    ...packs,
    ...command,
    ...orders,
    ...people,
    ...account,
    ...looks,
    ...places,
    ...policy,
    ...requests,
    ...slots,
    ...sites,
    ...custody,
    ...antigen,
    ...coverage,
    ...cards,
    ...results,
  }
  const routes: Record<string, unknown> = { ...all }
  const names = Object.keys(routes)
  expect(names.length).toBeGreaterThan(20)
  for (const name of names) {
    const { method, path } = contracts[name] as { method: string; path: string }
    expect(routes[name], name).toEqual({ method, path })
  }
})
