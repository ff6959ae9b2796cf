import type { App } from '#kernel/app.ts'
import { CityError } from '#kernel/errors.ts'

const PURPOSE = 'resident.code'
/** A code on a telephone is made anew when it is opened; paper lasts for the emergency (wall time: it is no deadline). */
export const SCREEN_MINUTES = 15
export const PAPER_DAYS = 60

/**
 * A code that stands for a person: sealed, so that nobody reads or follows a person by it, and unforgeable. Two codes of
 * one person have nothing in common. About 100 characters.
 */
export function codeFor(app: App, personId: string, validMinutes: number): string {
  const until = Math.ceil(Date.now() / 60_000) + validMinutes
  return app.vault.seal(`${personId}.${until}`, PURPOSE)
}

/**
 * Whom a code stands for. A device that was offline for a day sends codes that were valid when they were scanned, so
 * what is asked is whether it held at `scannedAt` (wall time). Throws `code_not_valid`.
 */
export function personOfCode(app: App, code: string, scannedAt = Date.now()): string {
  let plain: string
  try {
    plain = app.vault.open(code, PURPOSE)
  } catch {
    throw new CityError('code_not_valid')
  }
  const at = plain.lastIndexOf('.')
  if (Number(plain.slice(at + 1)) * 60_000 < scannedAt) throw new CityError('code_not_valid')
  return plain.slice(0, at)
}
