import { createCipheriv } from 'node:crypto'

/** Bytes that go into a token, and that a token is. */
export const TOKEN_PLAIN = 24
export const TOKEN_BYTES = TOKEN_PLAIN + 16
const BLOCK = 16

/** Seals short texts of one length, and opens many at once. */
export type Siv = {
  seal(plain: Uint8Array): Buffer
  /** Of tokens one behind the other: the text of each, or undefined where it was not sealed by this key for this purpose. */
  openAll(sealed: Buffer): (Buffer | undefined)[]
}

type Blocks = (plain: Uint8Array) => Buffer

/** AES on block after block. The cipher keeps nothing from one call to the next, so one serves for ever. */
function blocksOf(key: Uint8Array): Blocks {
  const cipher = createCipheriv('aes-256-ecb', key, null).setAutoPadding(false)
  return (plain) => cipher.update(plain)
}

/** Doubling in GF(2^128) (RFC 5297, 2.3). */
function doubled(block: Buffer): Buffer {
  const out = Buffer.alloc(BLOCK)
  for (let i = 0; i < BLOCK; i++) out[i] = (block[i]! << 1) | ((block[i + 1] ?? 0) >> 7)
  if (block[0]! & 0x80) out[BLOCK - 1]! ^= 0x87
  return out
}

function xorInto(to: Buffer, at: number, from: Buffer): void {
  for (let i = 0; i < from.length; i++) to[at + i]! ^= from[i]!
}

/** CMAC (RFC 4493) of one message. */
function cmac(aes: Blocks, message: Buffer): Buffer {
  const whole = message.length > 0 && message.length % BLOCK === 0
  const padded = Buffer.alloc(Math.max(1, Math.ceil(message.length / BLOCK)) * BLOCK)
  message.copy(padded)
  if (!whole) padded[message.length] = 0x80
  const one = doubled(aes(Buffer.alloc(BLOCK)))
  xorInto(padded, padded.length - BLOCK, whole ? one : doubled(one))
  let chain: Buffer = Buffer.alloc(BLOCK)
  for (let at = 0; at < padded.length; at += BLOCK) {
    xorInto(chain, 0, padded.subarray(at, at + BLOCK))
    chain = aes(chain)
  }
  return chain
}

/**
 * AES-SIV (RFC 5297) for texts of 24 bytes with the purpose as its associated data: sealed and authenticated with 16 bytes
 * more, and no nonce beside them. Its steps are calls of AES without state, so that ten codes of a tube are opened by three
 * calls; ten of AES-GCM, six calls each, were a quarter of the thread while a city seals. The same text twice is the same
 * token: whoever wants two that have nothing in common puts random bytes into it.
 *
 * `key`: 64 bytes, the first half for the tag and the second for hiding.
 */
export function sivOf(key: Uint8Array, purpose: string): Siv {
  if (key.length !== 64) throw new Error('AES-SIV takes a key of 64 bytes')
  const mac = blocksOf(key.subarray(0, 32))
  const hide = blocksOf(key.subarray(32))
  const ending = doubled(doubled(mac(Buffer.alloc(BLOCK))))
  const bound = doubled(cmac(mac, Buffer.alloc(BLOCK)))
  xorInto(bound, 0, cmac(mac, Buffer.from(purpose)))

  /** Tags of texts one behind the other: each is two blocks, its last sixteen bytes bound to the purpose. */
  function tagsOf(plain: Buffer): Buffer {
    const n = plain.length / TOKEN_PLAIN
    const first = Buffer.allocUnsafe(n * BLOCK)
    for (let t = 0; t < n; t++)
      for (let i = 0; i < BLOCK; i++)
        first[t * BLOCK + i] = plain[t * TOKEN_PLAIN + i]! ^ (i < 8 ? 0 : bound[i - 8]!)
    const last = mac(first)
    for (let t = 0; t < n; t++) {
      const at = t * BLOCK
      for (let i = 0; i < 8; i++) last[at + i]! ^= plain[t * TOKEN_PLAIN + BLOCK + i]! ^ bound[i + 8]!
      last[at + 8]! ^= 0x80
      for (let i = 0; i < BLOCK; i++) last[at + i]! ^= ending[i]!
    }
    return mac(last)
  }

  /** What a text is hidden with, 32 bytes each: AES of the tag as a counter, and of the next one. */
  function padsOf(tags: Buffer, width: number): Buffer {
    const n = tags.length / width
    const counters = Buffer.allocUnsafe(n * 2 * BLOCK)
    for (let t = 0; t < n; t++) {
      const at = t * 2 * BLOCK
      for (let i = 0; i < BLOCK; i++) counters[at + i] = counters[at + BLOCK + i] = tags[t * width + i]!
      for (const i of [8, 12, BLOCK + 8, BLOCK + 12]) counters[at + i]! &= 0x7f
      // Its highest bit is cleared: one more never carries beyond these four bytes.
      counters.writeUInt32BE(counters.readUInt32BE(at + BLOCK + 12) + 1, at + BLOCK + 12)
    }
    return hide(counters)
  }

  return {
    seal(plain) {
      if (plain.length !== TOKEN_PLAIN) throw new Error(`a token holds ${TOKEN_PLAIN} bytes`)
      const tag = tagsOf(Buffer.from(plain))
      const pad = padsOf(tag, BLOCK)
      return Buffer.concat([tag, plain.map((byte, i) => byte ^ pad[i]!)])
    },
    openAll(sealed) {
      const n = sealed.length / TOKEN_BYTES
      const pads = padsOf(sealed, TOKEN_BYTES)
      const plain = Buffer.allocUnsafe(n * TOKEN_PLAIN)
      for (let t = 0; t < n; t++)
        for (let i = 0; i < TOKEN_PLAIN; i++)
          plain[t * TOKEN_PLAIN + i] = sealed[t * TOKEN_BYTES + BLOCK + i]! ^ pads[t * 2 * BLOCK + i]!
      const tags = tagsOf(plain)
      return Array.from({ length: n }, (_, t) => {
        // Every byte is looked at, so that the time says nothing of how many were right.
        let wrong = 0
        for (let i = 0; i < BLOCK; i++) wrong |= tags[t * BLOCK + i]! ^ sealed[t * TOKEN_BYTES + i]!
        return wrong === 0 ? plain.subarray(t * TOKEN_PLAIN, (t + 1) * TOKEN_PLAIN) : undefined
      })
    },
  }
}
