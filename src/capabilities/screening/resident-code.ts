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

/** A device may have been offline for two days since it scanned. */
const OFFLINE_MINUTES = 48 * 60

/**
 * Whom a code stands for, if it held within the last two days. Throws `code_not_valid`. `everHeld` reads one that ran out
 * long ago too: for knowing again what was accepted with it, never for accepting.
 */
export function personOfCode(app: App, code: string, everHeld = false): string {
  let plain: string
  try {
    plain = app.vault.open(code, PURPOSE)
  } catch {
    throw new CityError('code_not_valid')
  }
  const at = plain.lastIndexOf('.')
  if (!everHeld && (Number(plain.slice(at + 1)) + OFFLINE_MINUTES) * 60_000 < Date.now())
    throw new CityError('code_not_valid')
  return plain.slice(0, at)
}
