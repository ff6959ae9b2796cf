import { createHash, randomBytes, randomUUID } from 'node:crypto'

/** Time-ordered id (RFC 9562, version 7): rows made together lie together in the index. Wall time. */
export function newId(now = Date.now()): string {
  const b = randomBytes(16)
  b.writeUIntBE(now, 0, 6)
  b[6] = (b[6]! & 0x0f) | 0x70
  b[8] = (b[8]! & 0x3f) | 0x80
  const h = b.toString('hex')
  return `${h.slice(0, 8)}-${h.slice(8, 12)}-${h.slice(12, 16)}-${h.slice(16, 20)}-${h.slice(20)}`
}

/** The same words always give the same id (version 8 layout), so that derived rows can be made twice. */
export function idFrom(...words: string[]): string {
  const b = createHash('sha256').update(words.join('\u0000')).digest().subarray(0, 16)
  b[6] = (b[6]! & 0x0f) | 0x80
  b[8] = (b[8]! & 0x3f) | 0x80
  const h = b.toString('hex')
  return `${h.slice(0, 8)}-${h.slice(8, 12)}-${h.slice(12, 16)}-${h.slice(16, 20)}-${h.slice(20)}`
}

/** A secret of 256 bits for sessions and keys, URL-safe. */
export function newSecret(): string {
  return randomBytes(32).toString('base64url')
}

/** What is stored of a secret. */
export function hashSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('hex')
}

/** Name of this server process in logs and leases. */
export const processId = randomUUID()
