import { inflateRawSync } from 'node:zlib'
import { compactVerify, createLocalJWKSet } from 'jose'

// Written from the specification alone (SMART Health Cards 1.4.0, RFC 7515, 7518, 7638) with what Node itself has, so that
// it shares no line with what signs. At the end the usual library must say the same.

type Jwk = { kty: string; crv: string; alg: string; use: string; kid: string; x: string; y: string }
export type CardHeader = { alg: string; zip: string; kid: string }
export type ReadCard = {
  jws: string
  header: CardHeader
  claims: Record<string, any> // oxlint-disable-line typescript/no-explicit-any -- a claim is looked into freely
}

/** Bytes of base64url; throws for anything but the one way to write them. */
function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  const bytes = Uint8Array.from(Buffer.from(text, 'base64url'))
  if (Buffer.from(bytes).toString('base64url') !== text) throw new Error('not base64url')
  return bytes
}

const jsonOf = (bytes: Uint8Array) => JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))

/** The JWS that a code says: two digits for each character, less 45. */
export function jwsOf(text: string): string {
  if (!/^shc:\/(\d\d)+$/.test(text)) throw new Error('not a code of a health card')
  let jws = ''
  for (let i = 'shc:/'.length; i < text.length; i += 2) {
    const value = Number(text.slice(i, i + 2))
    if (value > 77) throw new Error('no such character')
    jws += String.fromCharCode(value + 45)
  }
  return jws
}

/** Of the members that RFC 7638 names for a curve, in their order. */
async function thumbprintOf({ crv, kty, x, y }: Jwk): Promise<string> {
  const canonical = new TextEncoder().encode(`{"crv":"${crv}","kty":"${kty}","x":"${x}","y":"${y}"}`)
  return Buffer.from(await crypto.subtle.digest('SHA-256', canonical)).toString('base64url')
}

/**
 * What a stranger at a door does with a code: reads its digits, looks whom it says it is from, asks those they trust for
 * their keys, checks the signature, the day and the list of what was taken back. `trusted` says where each issuer is.
 * Throws with the reason of a refusal.
 */
export async function verifyCard(text: string, trusted: Readonly<Record<string, string>>): Promise<ReadCard> {
  const jws = jwsOf(text)
  const [head, body, signature, ...more] = jws.split('.')
  if (!head || !body || !signature || more.length > 0) throw new Error('not three parts')
  const header = jsonOf(bytesOf(head)) as CardHeader
  if (header.alg !== 'ES256' || header.zip !== 'DEF') throw new Error('not signed and packed as a card')
  const claims = jsonOf(inflateRawSync(bytesOf(body), { maxOutputLength: 100_000 })) as ReadCard['claims']
  const home = Object.hasOwn(trusted, claims.iss as string) ? trusted[claims.iss as string] : undefined
  if (home === undefined) throw new Error(`issuer not trusted: ${claims.iss}`)

  const answer = await fetch(`${home}/.well-known/jwks.json`)
  if (answer.headers.get('access-control-allow-origin') !== '*')
    throw new Error('a page may not read the keys')
  const { keys } = (await answer.json()) as { keys: Jwk[] }
  const jwk = keys.find((key) => key.kid === header.kid)
  if (!jwk) throw new Error('the issuer has no such key')
  if (jwk.kid !== (await thumbprintOf(jwk))) throw new Error('the key is not the one of its name')
  const key = await crypto.subtle.importKey(
    'raw',
    Uint8Array.from([4, ...bytesOf(jwk.x), ...bytesOf(jwk.y)]),
    { name: 'ECDSA', namedCurve: 'P-256' },
    false,
    ['verify'],
  )
  const signed = new TextEncoder().encode(`${head}.${body}`)
  if (!(await crypto.subtle.verify({ name: 'ECDSA', hash: 'SHA-256' }, key, bytesOf(signature), signed)))
    throw new Error('the signature is not of this key')
  await compactVerify(jws, createLocalJWKSet({ keys }))

  const type = claims.vc?.type
  if (!Array.isArray(type) || !type.includes('https://smarthealth.cards#health-card'))
    throw new Error('not a health card')
  if (typeof claims.nbf !== 'number' || claims.nbf > Date.now() / 1000 + 60)
    throw new Error('not valid before a time that lies ahead')
  const list = (await (await fetch(`${home}/.well-known/crl/${header.kid}.json`)).json()) as {
    kid: string
    rids: string[]
  }
  if (list.kid !== header.kid) throw new Error('the list is of another key')
  if (list.rids.includes(claims.vc.rid as string)) throw new Error('taken back')
  return { jws, header, claims }
}
