import { randomBytes } from 'node:crypto'
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

const MINUTE_MS = 60_000
/** The person's id, until when (minutes since 1970), and random bytes, so that two codes of one minute differ. */
const ID_BYTES = 16

/**
 * A code that stands for a person: sealed, so that nobody reads or follows a person by it, and unforgeable. Two codes of
 * one person have nothing in common. 83 capitals and digits: a picture of 33 by 33.
 */
export function codeFor(app: App, personId: string, validMinutes: number): string {
  const plain = randomBytes(24)
  plain.write(personId.replaceAll('-', ''), 'hex')
  plain.writeUInt32BE(Math.ceil(Date.now() / MINUTE_MS) + validMinutes, ID_BYTES)
  return app.vault.sealToken(plain, PURPOSE)
}

/**
 * Whom codes stand for, in their order, if each held within the last `offline` minutes. Throws `code_not_valid`. `Infinity`
 * reads those that ran out long ago too: for knowing again what was accepted with them, never for accepting.
 */
export function peopleOfCodes(app: App, codes: readonly string[], offline: number): string[] {
  const plain = app.vault.openTokens(codes, PURPOSE).map((one) => {
    if (!one || (one.readUInt32BE(ID_BYTES) + offline) * MINUTE_MS < Date.now())
      throw new CityError('code_not_valid')
    return one
  })
  return uuidsIn(plain)
}

const DASH = 0x2d
const DIGIT = Buffer.from('0123456789abcdef')
const UUID_LENGTH = 36

/** Ids in their one form. Written as bytes and cut: put together from pieces of text they took a twentieth of the thread. */
function uuidsIn(plain: readonly Buffer[]): string[] {
  const text = Buffer.alloc(plain.length * UUID_LENGTH, DASH)
  let at = 0
  for (const id of plain)
    for (let i = 0; i < ID_BYTES; i++) {
      if (i === 4 || i === 6 || i === 8 || i === 10) at++
      text[at++] = DIGIT[id[i]! >> 4]!
      text[at++] = DIGIT[id[i]! & 15]!
    }
  const all = text.toString('latin1')
  return plain.map((_, i) => all.slice(i * UUID_LENGTH, (i + 1) * UUID_LENGTH))
}

/** The same of one code. */
export const personOfCode = (app: App, code: string, offline: number): string =>
  peopleOfCodes(app, [code], offline)[0]!
