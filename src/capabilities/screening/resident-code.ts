import type { App } from '#kernel/app.ts'
import { CityError } from '#kernel/errors.ts'
import { parameter, policyOf } from '#capabilities/policy/index.ts'

const PURPOSE = 'resident.code'
/**
 * How long codes hold, by the pack: on a telephone, where it is made anew when it is opened; on paper, which lasts for the
 * emergency; and how long a device may have been offline since it scanned one. Minutes of wall time: they are no deadlines.
 */
export async function codeTimes(app: App): Promise<{ screen: number; paper: number; offline: number }> {
  const policy = await policyOf(app)
  const value = (id: string) => parameter(policy, id).value
  return {
    screen: value('codes.screenMinutes'),
    paper: value('codes.paperDays') * 1440,
    offline: value('codes.offlineHours') * 60,
  }
}

/**
 * A code that stands for a person: sealed, so that nobody reads or follows a person by it, and unforgeable. Two codes of
 * one person have nothing in common. About 100 characters.
 */
export function codeFor(app: App, personId: string, validMinutes: number): string {
  const until = Math.ceil(Date.now() / 60_000) + validMinutes
  return app.vault.seal(`${personId}.${until}`, PURPOSE)
}

/**
 * Whom a code stands for, if it held within the last `offline` minutes. Throws `code_not_valid`. `Infinity` reads one that
 * ran out long ago too: for knowing again what was accepted with it, never for accepting.
 */
export function personOfCode(app: App, code: string, offline: number): string {
  let plain: string
  try {
    plain = app.vault.open(code, PURPOSE)
  } catch {
    throw new CityError('code_not_valid')
  }
  const at = plain.lastIndexOf('.')
  if ((Number(plain.slice(at + 1)) + offline) * 60_000 < Date.now()) throw new CityError('code_not_valid')
  return plain.slice(0, at)
}
