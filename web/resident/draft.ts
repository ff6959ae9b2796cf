import { clientId } from '#web/shared/api.ts'

/** What a person put right in what the platform understood. */
export type Corrections = {
  place?: { code: string; path: string }
  address?: string
  element?: { id: string; name: { zh: string; en: string } }
  urgent?: true
}

export type Draft = { id: string; text: string; corrections: Corrections }

const KEY = 'cityloop.draft'

export const emptyDraft = (text = ''): Draft => ({ id: clientId(), text, corrections: {} })

/** The text being written, kept on this device with every key press until it is sent or cleared. */
export function readDraft(): Draft {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? 'null') as Draft | null
    if (kept && typeof kept.text === 'string' && kept.text !== '') return kept
  } catch {
    // Nothing kept, or no storage.
  }
  return emptyDraft()
}

export function keepDraft(draft: Draft): void {
  try {
    if (draft.text === '') localStorage.removeItem(KEY)
    else localStorage.setItem(KEY, JSON.stringify(draft))
  } catch {
    // The text stays on the screen.
  }
}
