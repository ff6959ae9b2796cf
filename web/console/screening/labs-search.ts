import { textOf } from '../shell/address.ts'

export type LabsSearch = { view?: 'file' | 'holds'; box?: string }

export function readLabsSearch(search: Record<string, unknown>): LabsSearch {
  const box = textOf(search, 'box', /^B\d{12}$/)
  return {
    ...((search.view === 'file' || search.view === 'holds') && { view: search.view }),
    ...(box && { box }),
  }
}
