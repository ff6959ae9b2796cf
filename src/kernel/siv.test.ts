import { aessiv } from '@noble/ciphers/aes.js'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { openVault } from './crypto.ts'
import { sivOf, TOKEN_BYTES, TOKEN_PLAIN } from './siv.ts'

const bytes = (n: number) => fc.uint8Array({ minLength: n, maxLength: n })
const key = '5a'.repeat(32)

test('tokens are those of AES-SIV as an independent library makes them, one or many at once', () => {
  fc.assert(
    fc.property(
      bytes(64),
      fc.string({ maxLength: 40, unit: 'grapheme' }),
      fc.array(bytes(TOKEN_PLAIN), { minLength: 1, maxLength: 20 }),
      (secret, purpose, texts) => {
        const theirs = (text: Uint8Array) => aessiv(secret, Buffer.from(purpose)).encrypt(text)
        const ours = sivOf(secret, purpose)
        const sealed = texts.map((text) => ours.seal(text))
        expect(sealed.map((s) => s.toString('hex'))).toEqual(
          texts.map((text) => Buffer.from(theirs(text)).toString('hex')),
        )
        expect(ours.openAll(Buffer.concat(sealed)).map((t) => t && [...t])).toEqual(texts.map((t) => [...t]))
      },
    ),
  )
})

test('one bit changed opens nothing, and spoils none of those beside it', () => {
  const siv = sivOf(Buffer.alloc(64, 7), 'a')
  fc.assert(
    fc.property(
      fc.array(bytes(TOKEN_PLAIN), { minLength: 2, maxLength: 12 }),
      fc.nat(),
      fc.nat(),
      (texts, which, bit) => {
        const at = which % texts.length
        const all = Buffer.concat(texts.map((t) => siv.seal(t)))
        const changed = at * TOKEN_BYTES + ((bit >> 3) % TOKEN_BYTES)
        all[changed] = all[changed]! ^ (1 << (bit & 7))
        const opened = siv.openAll(all)
        expect(opened[at]).toBeUndefined()
        opened.forEach((t, i) => i !== at && expect([...t!]).toEqual([...texts[i]!]))
      },
    ),
  )
})

test('a token opens in any case of its letters, for its own purpose and by its own key only', () => {
  const [vault, other] = [openVault({ key, keyFile: '' }), openVault({ key: 'ab'.repeat(32), keyFile: '' })]
  const text = Buffer.alloc(TOKEN_PLAIN, 'resident')
  const token = vault.sealToken(text, 'a')
  expect(token).toMatch(/^ENV\.[\dA-F]{80}$/)
  const read = [
    token,
    token.toLowerCase(),
    'ENV.00',
    other.sealToken(text, 'a'),
    `${token.slice(0, -1)}Z`,
    `K9${token.slice(3)}`,
    '',
    token,
  ]
  expect(vault.openTokens(read, 'a').map((t) => t?.toString())).toEqual([
    text.toString(),
    text.toString(),
    undefined,
    undefined,
    undefined,
    undefined,
    undefined,
    text.toString(),
  ])
  expect(vault.openTokens([token], 'b')).toEqual([undefined])
  expect(() => vault.sealToken(Buffer.alloc(23), 'a')).toThrow('24 bytes')
})
