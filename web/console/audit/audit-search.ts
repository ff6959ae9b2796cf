import { textOf } from '../shell/address.ts'

/** What is asked of the audit stands in the address; ids only, never a number or a name. */
export type AuditSearch = { person?: string; subject?: string; actor?: string; from?: string; to?: string }

const ID = /^[\w:.@+-]{1,200}$/
const DAY = /^\d{4}-\d\d-\d\d$/

export function readAuditSearch(search: Record<string, unknown>): AuditSearch {
  const read = { person: ID, subject: ID, actor: ID, from: DAY, to: DAY }
  return Object.fromEntries(
    Object.entries(read).flatMap(([key, shape]) => {
      const value = textOf(search, key, shape)
      return value ? [[key, value]] : []
    }),
  )
}
