import { z } from 'zod'
import { Instant, route } from '#kernel/contract.ts'
import { TubeCode } from './custody.contract.ts'

export const Card = z.object({
  /** The signed card (JWS). */
  jws: z.string(),
  /** What the QR says: `shc:/` and digits. */
  numeric: z.string(),
  /** The same as a picture. */
  svg: z.string(),
  issuer: z.string(),
  issuedAt: Instant,
})
export type Card = z.infer<typeof Card>

export const GetMyCard = route({
  id: 'results.card',
  method: 'GET',
  path: '/api/my/results/:tube/card',
  summary: {
    zh: '我的检测凭证（SMART Health Card）：任何人可离线验真',
    en: 'My result as a SMART Health Card that a stranger can verify offline',
  },
  params: z.strictObject({ tube: TubeCode }),
  response: Card,
})

export const GetJwks = route({
  id: 'cards.jwks',
  method: 'GET',
  path: '/.well-known/jwks.json',
  summary: { zh: '凭证的公钥', en: 'Public keys of the cards' },
  response: z.object({
    keys: z.array(
      z.object({
        kty: z.literal('EC'),
        kid: z.string(),
        use: z.literal('sig'),
        alg: z.literal('ES256'),
        crv: z.literal('P-256'),
        x: z.string(),
        y: z.string(),
        crlVersion: z.int(),
      }),
    ),
  }),
})

export const GetCrl = route({
  id: 'cards.crl',
  method: 'GET',
  path: '/.well-known/crl/:file',
  summary: { zh: '已作废的凭证', en: 'Revoked cards of a key' },
  params: z.strictObject({ file: z.string().regex(/^[\w-]{43}\.json$/) }),
  response: z.object({ kid: z.string(), method: z.literal('rid'), ctr: z.int(), rids: z.array(z.string()) }),
})
