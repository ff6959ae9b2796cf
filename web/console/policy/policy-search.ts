import { textOf } from '../shell/address.ts'

export type PolicyTab = 'content' | 'diff' | 'try'
/** Which enactment is open, what of it, and what it is compared with (an enactment too). */
export type PolicySearch = { id?: string; tab?: PolicyTab; with?: string }

const UUID = /^[0-9a-f-]{36}$/

export function readPolicySearch(search: Record<string, unknown>): PolicySearch {
  const tab = (['content', 'diff', 'try'] as const).find((x) => x === search.tab)
  const id = textOf(search, 'id', UUID)
  const other = textOf(search, 'with', UUID)
  return { ...(id && { id }), ...(tab && { tab }), ...(other && { with: other }) }
}
