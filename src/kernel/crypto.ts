import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** Encrypts personal data (AES-256-GCM) and finds it again by keyed hash. */
export type Vault = {
  keyId: string
  /** `keyId.nonce.cipher.tag`, base64url; the purpose is bound in, so a cipher moved to another column does not open. */
  seal(plain: string, purpose: string): string
  open(sealed: string, purpose: string): string
  /** Keyed hash for look-ups: the same value gives the same hash, nobody without the key can try values. */
  fingerprint(value: string, purpose: string): string
}

function vaultOf(keyId: string, master: Buffer): Vault {
  const derive = (label: string) => Buffer.from(hkdfSync('sha256', master, keyId, label, 32))
  const sealing = derive('seal')
  const finding = derive('find')
  return {
    keyId,
    seal(plain, purpose) {
      const nonce = randomBytes(12)
      const cipher = createCipheriv('aes-256-gcm', sealing, nonce).setAAD(Buffer.from(purpose))
      const body = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()])
      return [
        keyId,
        nonce.toString('base64url'),
        body.toString('base64url'),
        cipher.getAuthTag().toString('base64url'),
      ].join('.')
    },
    open(sealed, purpose) {
      const [id, nonce, body, tag] = sealed.split('.')
      if (id !== keyId || !nonce || body === undefined || !tag)
        throw new Error(`sealed with key ${id ?? '?'}, not ${keyId}`)
      const decipher = createDecipheriv('aes-256-gcm', sealing, Buffer.from(nonce, 'base64url'))
        .setAAD(Buffer.from(purpose))
        .setAuthTag(Buffer.from(tag, 'base64url'))
      return decipher.update(body, 'base64url', 'utf8') + decipher.final('utf8')
    },
    fingerprint: (value, purpose) =>
      createHmac('sha256', finding).update(`${purpose}\u0000${value}`).digest('base64url'),
  }
}

/**
 * Opens the vault with the key in the environment (`CITYLOOP_KEY`, 64 hex digits) or in the file, which is
 * made on the first start (0600). A lost key means lost names: back it up apart from the database.
 */
export function openVault(given: { key?: string | undefined; keyFile: string }): Vault {
  if (given.key) return vaultOf('env', Buffer.from(given.key, 'hex'))
  if (!existsSync(given.keyFile)) {
    mkdirSync(dirname(given.keyFile), { recursive: true })
    writeFileSync(given.keyFile, `k1 ${randomBytes(32).toString('hex')}\n`, { mode: 0o600, flag: 'wx' })
  }
  const [keyId, hex] = readFileSync(given.keyFile, 'utf8').trim().split(' ')
  if (!keyId || !/^[0-9a-f]{64}$/.test(hex ?? ''))
    throw new Error(`${join(given.keyFile)} does not hold a key`)
  return vaultOf(keyId, Buffer.from(hex!, 'hex'))
}
