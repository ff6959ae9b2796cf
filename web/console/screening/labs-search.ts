import { textOf } from '../shell/address.ts'

const VIEWS = ['file', 'holds', 'capacity'] as const
export type LabsSearch = { view?: (typeof VIEWS)[number]; box?: string }

export function readLabsSearch(search: Record<string, unknown>): LabsSearch {
  const box = textOf(search, 'box', /^B\d{12}$/)
  const view = VIEWS.find((v) => v === search.view)
  return { ...(view && { view }), ...(box && { box }) }
}
