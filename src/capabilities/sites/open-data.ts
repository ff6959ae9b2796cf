import { createHash } from 'node:crypto'
import { setImmediate as breathe } from 'node:timers/promises'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import { oncePerApp, type App } from '#kernel/app.ts'
import type { Actor, Language } from '#kernel/auth.ts'
import type { Given } from '#kernel/http.ts'
import { bookOf } from './book.ts'
import type { OpenSites } from './contract.ts'
import { shownFor, toSite, type Shown } from './find.ts'
import type { SiteRecord } from './store.ts'

type Encoding = 'br' | 'gzip' | 'identity'
type Edition = { tag: string; modified: Date; bytes: Map<Encoding, Promise<Buffer>> }
type Kept = { edition: Edition | undefined; madeAt: number; making: Promise<Edition> | undefined }

/** Made anew this often at most, however many ask: of 16,000 sites it is 9 MB and half a second of work. */
const FRESH_MS = 60_000
/** So long (ms) it is written at a stretch; whoever waits for the thread comes in between. */
const STRETCH_MS = 4

const brotli = promisify(brotliCompress)
const gzipped = promisify(gzip)
const PACK: Record<Encoding, (plain: Buffer) => Promise<Buffer>> = {
  // In the threads of zlib. Quality 5: 11 would take half a minute for 9 MB.
  br: (plain) => brotli(plain, { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } }),
  gzip: (plain) => gzipped(plain),
  identity: async (plain) => plain,
}

const kept = oncePerApp<Map<Language, Kept>>(async () => new Map())

const featureOf = (shown: Shown, site: SiteRecord): string => {
  const { id, lng, lat, metres: _, ...properties } = toSite(shown, site, null)
  return JSON.stringify({
    type: 'Feature',
    id,
    geometry: { type: 'Point', coordinates: [lng, lat] },
    properties,
  })
}

async function makeEdition(app: App, language: Language, before: Edition | undefined): Promise<Edition> {
  const [shown, book] = await Promise.all([shownFor(app, language), bookOf(app)])
  const parts = [
    Buffer.from(`{"type":"FeatureCollection","generatedAt":"${shown.now.toISOString()}","features":[`),
  ]
  const hash = createHash('sha256')
  let features: string[] = []
  const put = () => {
    const part = Buffer.from((parts.length > 1 && features.length > 0 ? ',' : '') + features.join(','))
    hash.update(part)
    parts.push(part)
    features = []
  }
  let begun = performance.now()
  for (const site of book.sites) {
    if (site.ended_at) continue
    features.push(featureOf(shown, site))
    if (features.length % 16 !== 0 || performance.now() - begun < STRETCH_MS) continue
    put()
    await breathe()
    begun = performance.now()
  }
  put()
  parts.push(Buffer.from(']}'))
  // Of the sites alone: where nothing changed in a minute, whoever has it need not fetch it again.
  const tag = hash.digest('base64url').slice(0, 22)
  if (before?.tag === tag) return before
  const plain = Buffer.concat(parts)
  return { tag, modified: new Date(), bytes: new Map([['identity', Promise.resolve(plain)]]) }
}

/** The edition that is handed out: the last one while the next is written, so that only the very first is waited for. */
async function editionOf(app: App, language: Language): Promise<Edition> {
  const all = await kept.get(app)
  let mine = all.get(language)
  if (!mine) all.set(language, (mine = { edition: undefined, madeAt: 0, making: undefined }))
  const own = mine
  if (own.madeAt < Date.now() - FRESH_MS)
    own.making ??= makeEdition(app, language, own.edition)
      .then((edition) => {
        own.madeAt = Date.now()
        return (own.edition = edition)
      })
      .finally(() => void (own.making = undefined))
  if (!own.edition) return own.making!
  own.making?.catch((error: unknown) => app.log.warn({ err: String(error) }, 'open data stands as it stood'))
  return own.edition
}

async function packed(edition: Edition, encoding: Encoding): Promise<Buffer> {
  let bytes = edition.bytes.get(encoding)
  if (!bytes) {
    bytes = edition.bytes.get('identity')!.then(PACK[encoding])
    edition.bytes.set(encoding, bytes)
  }
  return bytes
}

/**
 * Every site in use as GeoJSON (RFC 7946), for whoever builds a map of their own; nothing about people, lines rounded.
 * Written and packed once a minute, whole: a filter of the asker's own would be work for each of them (`/api/sites` has some).
 */
export async function openData(app: App, actor: Actor, { request, reply }: Given<typeof OpenSites>) {
  const edition = await editionOf(app, actor.language)
  const accepts = request.headers['accept-encoding'] ?? ''
  const encoding = /\bbr\b/.test(accepts) ? 'br' : /\bgzip\b/.test(accepts) ? 'gzip' : 'identity'
  const tag = `"${edition.tag}-${encoding}"`
  reply.header('access-control-allow-origin', '*')
  reply.header('cache-control', 'public, max-age=60')
  reply.header('vary', 'accept-encoding, accept-language')
  reply.header('etag', tag)
  reply.header('last-modified', edition.modified.toUTCString())
  const known = request.headers['if-none-match']
  const since = Date.parse(request.headers['if-modified-since'] ?? '')
  const isKnown =
    known === undefined
      ? Math.floor(edition.modified.getTime() / 1000) * 1000 <= since
      : known.split(',').some((one) => one.trim().replace(/^W\//, '') === tag)
  if (isKnown) {
    reply.code(304)
    return Buffer.alloc(0)
  }
  reply.type('application/geo+json; charset=utf-8')
  if (encoding !== 'identity') reply.header('content-encoding', encoding)
  return packed(edition, encoding)
}
