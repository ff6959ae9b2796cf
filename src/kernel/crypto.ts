import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  hkdfSync,
  randomBytes,
  randomFillSync,
  type KeyObject,
} from 'node:crypto'
import { appendFileSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { sivOf, TOKEN_BYTES, type Siv } from './siv.ts'

/** Encrypts personal data (AES-256-GCM) and finds it again by keyed hash. */
export type Vault = {
  /** Key that seals now; what other keys sealed still opens. */
  keyId(): string
  /** `keyId.nonce.cipher.tag`, base64url; the purpose is bound in, so a cipher moved to another column does not open. */
  seal(plain: string, purpose: string): string
  open(sealed: string, purpose: string): string
  /**
   * Seals 24 bytes (siv.ts) for a code that is shown and scanned: `KEY.` and 80 hexadecimal digits. Capitals and digits make
   * the smallest picture, and a scanner that types with the caps lock on types the same code.
   */
  sealToken(plain: Uint8Array, purpose: string): string
  /** What each token holds, in their order; undefined where it is not one of ours for this purpose. */
  openTokens(tokens: readonly string[], purpose: string): (Buffer | undefined)[]
  /** Keyed hash for look-ups: the same value gives the same hash, nobody without the key can try values. */
  fingerprint(value: string, purpose: string): string
}

type Key = { id: string; sealing: KeyObject; siv: (purpose: string) => Siv }
type Ring = { keys: ReadonlyMap<string, Key>; current: Key; finding: KeyObject }

// A key object and not its bytes: the bytes are made into a key at every call, which was three quarters of the time
// (a seal took 12 µs and takes 3, a fingerprint 9 and 1.4).
const derive = (master: Buffer, id: string, label: string) =>
  createSecretKey(Buffer.from(hkdfSync('sha256', master, id, label, 32)))

const NONCE = 12
/** Random bytes for a thousand nonces at once; each is given out once. */
const nonces = Buffer.alloc(NONCE * 1_000)
let nonceAt = nonces.length
let nonceText = ''
/** Twelve bytes are sixteen characters of base64: written for all at once, too. */
const NONCE_TEXT = 16
function newNonce(): { bytes: Buffer; text: string } {
  if (nonceAt === nonces.length) {
    randomFillSync(nonces)
    nonceText = nonces.toString('base64url')
    nonceAt = 0
  }
  const from = (nonceAt / NONCE) * NONCE_TEXT
  return {
    bytes: nonces.subarray(nonceAt, (nonceAt += NONCE)),
    text: nonceText.slice(from, from + NONCE_TEXT),
  }
}

function keyOf(id: string, master: Buffer): Key {
  const token = Buffer.from(hkdfSync('sha256', master, id, 'token', 64))
  const sivs = new Map<string, Siv>()
  const siv = (purpose: string) => {
    let one = sivs.get(purpose)
    if (!one) sivs.set(purpose, (one = sivOf(token, purpose)))
    return one
  }
  return { id, sealing: derive(master, id, 'seal'), siv }
}

const DIGITS = TOKEN_BYTES * 2
const IS_HEX = /^[\da-f]*$/i

/** Keys in order, the last one seals. Look-ups keep the first key: hashes cannot be opened and sealed anew. */
function ringOf(masters: readonly (readonly [id: string, master: Buffer])[]): Ring {
  const made = masters.map(([id, master]) => keyOf(id, master))
  // Under its name in capitals too, as tokens have it.
  const keys = new Map(made.flatMap((key) => [[key.id, key] as const, [key.id.toUpperCase(), key] as const]))
  const [firstId, first] = masters[0]!
  return { keys, current: made.at(-1)!, finding: derive(first, firstId, 'find') }
}

/** There are some twenty purposes, and each is asked for at every value. */
const purposes = new Map<string, Buffer>()
function bytesOf(purpose: string): Buffer {
  let bytes = purposes.get(purpose)
  if (!bytes) purposes.set(purpose, (bytes = Buffer.from(purpose)))
  return bytes
}

function vaultOf(ring: (wanted?: string) => Ring): Vault {
  return {
    keyId: () => ring().current.id,
    seal(plain, purpose) {
      const { id, sealing } = ring().current
      const nonce = newNonce()
      const cipher = createCipheriv('aes-256-gcm', sealing, nonce.bytes).setAAD(bytesOf(purpose))
      const body = cipher.update(plain, 'utf8')
      cipher.final()
      return `${id}.${nonce.text}.${body.toString('base64url')}.${cipher.getAuthTag().toString('base64url')}`
    },
    open(sealed, purpose) {
      const [id = '', nonce, body, tag] = sealed.split('.')
      const key = ring(id).keys.get(id)
      if (!key || !nonce || body === undefined || !tag)
        throw new Error(`no key ${id || '?'} to open this with`)
      const decipher = createDecipheriv('aes-256-gcm', key.sealing, Buffer.from(nonce, 'base64url'))
        .setAAD(bytesOf(purpose))
        .setAuthTag(Buffer.from(tag, 'base64url'))
      // Bytes in and bytes out: with text on either side the decoders took a seventh of the time.
      const plain = decipher.update(Buffer.from(body, 'base64url'))
      decipher.final()
      return plain.toString('utf8')
    },
    sealToken(plain, purpose) {
      const { id, siv } = ring().current
      return `${id}.${siv(purpose).seal(plain).toString('hex')}`.toUpperCase()
    },
    openTokens(tokens, purpose) {
      const opened = tokens.map((): Buffer | undefined => undefined)
      const startOf = (at: number) => tokens[at]!.slice(0, -DIGITS).toUpperCase()
      for (const [start, those] of Map.groupBy(tokens.keys(), startOf)) {
        if (!start.endsWith('.')) continue
        const id = start.slice(0, -1)
        const key = ring(id).keys.get(id)
        if (!key) continue
        const sealed = those.map((at) => tokens[at]!.slice(-DIGITS))
        const bytes = Buffer.from(sealed.join(''), 'hex')
        // Decoding ends at the first that is no digit: asked of all together, since almost every one is whole.
        const isWhole = bytes.length * 2 === sealed.length * DIGITS
        const ours = isWhole ? those : those.filter((_, i) => IS_HEX.test(sealed[i]!))
        const whole = isWhole ? bytes : Buffer.from(sealed.filter((hex) => IS_HEX.test(hex)).join(''), 'hex')
        key
          .siv(purpose)
          .openAll(whole)
          .forEach((plain, i) => (opened[ours[i]!] = plain))
      }
      return opened
    },
    fingerprint: (value, purpose) =>
      createHmac('sha256', ring().finding).update(`${purpose}\u0000${value}`).digest('base64url'),
  }
}

function readRing(file: string): Ring {
  const lines = readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => line.trim().split(' '))
  for (const [id, hex] of lines)
    if (!id || !/^[0-9a-f]{64}$/.test(hex ?? '')) throw new Error(`${file} holds a line that is no key`)
  return ringOf(lines.map(([id, hex]) => [id!, Buffer.from(hex!, 'hex')]))
}

/** A running server sees a new key of the file within this time. */
export const KEY_FILE_MS = 1_000

/**
 * Opens the vault with the key in the environment (`CITYLOOP_KEY`, 64 hex digits) or with the file (0600), which is
 * made on the first start and holds a line a key, the last one sealing. A lost key means lost names: back it up apart
 * from the database.
 */
export function openVault(given: { key?: string | undefined; keyFile: string }): Vault {
  if (given.key) {
    const ring = ringOf([['env', Buffer.from(given.key, 'hex')]])
    return vaultOf(() => ring)
  }
  const { keyFile } = given
  if (!existsSync(keyFile)) {
    mkdirSync(dirname(keyFile), { recursive: true })
    writeFileSync(keyFile, newKeyLine(1), { mode: 0o600, flag: 'wx' })
  }
  let ring = readRing(keyFile)
  let read = statSync(keyFile).mtimeMs
  let looked = Date.now()
  return vaultOf((wanted) => {
    // A key that is not known may have been added a moment ago by another process.
    const unknown = wanted !== undefined && !ring.keys.has(wanted)
    if (!unknown && Date.now() - looked < KEY_FILE_MS) return ring
    looked = Date.now()
    const { mtimeMs } = statSync(keyFile)
    if (mtimeMs !== read) {
      ring = readRing(keyFile)
      read = mtimeMs
    }
    return ring
  })
}

const newKeyLine = (n: number) => `k${n} ${randomBytes(32).toString('hex')}\n`

/** Adds a key to the file; it seals from now on. Returns its id. */
export function addKeyToFile(keyFile: string): string {
  const n = readFileSync(keyFile, 'utf8').trim().split('\n').length + 1
  appendFileSync(keyFile, newKeyLine(n))
  return `k${n}`
}
