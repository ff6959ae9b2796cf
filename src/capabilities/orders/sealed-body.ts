import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'

/** Nonce, tag and cipher in one; the key is the file's own, and is to be sealed beside it. */
export function sealBody(body: Buffer): { key: string; sealed: Buffer } {
  const key = randomBytes(32)
  const nonce = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', key, nonce)
  const sealed = Buffer.concat([cipher.update(body), cipher.final()])
  return { key: key.toString('base64'), sealed: Buffer.concat([nonce, cipher.getAuthTag(), sealed]) }
}

/** The file again. Throws where key or body are not what was sealed. */
export function openBody(key: string, sealed: Buffer): Buffer {
  const cipher = createDecipheriv('aes-256-gcm', Buffer.from(key, 'base64'), sealed.subarray(0, 12))
  cipher.setAuthTag(sealed.subarray(12, 28))
  return Buffer.concat([cipher.update(sealed.subarray(28)), cipher.final()])
}
