import { CityError } from './errors.ts'

/** The mark of a keyset page: where the last row of the page before stood. */
export const encodeCursor = (at: Date, id: string): string =>
  Buffer.from(JSON.stringify([at.toISOString(), id])).toString('base64url')

/** Reads a mark; anything but one of ours is `bad_cursor`. */
export function decodeCursor(text: string | undefined): { at: Date; id: string } | undefined {
  if (text === undefined) return undefined
  try {
    const [at, id] = JSON.parse(Buffer.from(text, 'base64url').toString()) as [string, string]
    const date = new Date(at)
    if (!Number.isNaN(date.getTime()) && /^[0-9a-f-]{36}$/.test(id)) return { at: date, id }
  } catch {
    // Falls through to the one answer for every kind of broken mark.
  }
  throw new CityError('bad_cursor')
}
