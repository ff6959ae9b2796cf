import { oncePerApp, type App } from '#kernel/app.ts'
import type { Db, Trx } from '#kernel/db.ts'
import { CityError } from '#kernel/errors.ts'
import { newId } from '#kernel/ids.ts'
import { hashOf, numbersLacking, readPack, shippedPacks, type Body } from './files.ts'
import type { OverlayFile, Pack, ElementsFile } from './pack.ts'
import { makePolicy, type Policy } from './rules.ts'
import * as store from './store.ts'
import type { EnactmentRecord } from './store.ts'

type CityBody = { pack: Pack; elements: ElementsFile }

/** What was ever in force, with the contents; in memory, read again when an enactment is signed or retracted. */
type Book = {
  enactments: EnactmentRecord[]
  bodies: Map<string, Body>
  /** Policies put together, by the hashes that they consist of. */
  made: Map<string, Policy>
}

async function readBook(db: Db | Trx): Promise<Book> {
  const enactments = await store.signedEnactments(db)
  const versions = await Promise.all(
    [...new Set(enactments.map((e) => e.hash))].map((hash) => store.findVersion(db, hash)),
  )
  const bodies = new Map(
    versions.flatMap((v) => (v && !('before' in v.body) ? [[v.hash, v.body] as const] : [])),
  )
  return { enactments, bodies, made: new Map() }
}

/** A name of the deployment, not of a person: a city is founded before it has accounts. */
const FOUNDER = { by: 'founding', name: '部署时启用 / put in force at founding' }
const FOUNDER_SECOND = { by: 'release', name: '产品附带 / shipped with the product' }

/**
 * Puts the shipped packs in force in a city that has none, up to the one that the configuration names, each from its
 * own instant. A release that ships a pack with other content puts it in force anew from now on while nobody has
 * enacted anything else since; what was decided before keeps its own content.
 */
async function found(app: App, db: Trx): Promise<void> {
  const now = app.clock.now()
  const ids = shippedPacks()
  const named = ids.indexOf(app.config.pack)
  const wanted = named < 0 ? [app.config.pack] : ids.slice(0, named + 1)
  const known = await store.signedEnactments(db)
  const last = known.findLast((e) => e.over_id === null)
  for (const id of wanted) {
    const body = readPack(id)
    const hash = hashOf(body)
    const mine = known.filter((e) => e.pack_id === id)
    if (mine.some((e) => e.hash === hash)) continue
    if (mine.length > 0 && !(last?.pack_id === id && last.proposed_by === FOUNDER.by)) continue
    if (mine.length === 0 && known.length > 0) continue
    await store.keepVersion(db, {
      hash,
      pack_id: id,
      version: body.pack.version,
      over_id: null,
      place_code: '31',
      title: body.pack.title,
      body,
      kept_at: now,
    })
    await store.insertFounding(db, {
      id: newId(),
      hash,
      pack_id: id,
      over_id: null,
      place_code: '31',
      in_force_from: mine.length === 0 ? new Date(body.pack.inForceFrom) : now,
      until: null,
      reason: mine.length === 0 ? '建城时启用 / founding' : '产品更新 / a release of the product',
      proposed_by: FOUNDER.by,
      proposed_name: FOUNDER.name,
      proposed_at: now,
      signed_by: FOUNDER_SECOND.by,
      signed_name: FOUNDER_SECOND.name,
      signed_at: now,
    })
  }
}

type Kept = { book: Book; asked: number; shown: number }

/** Reads the book again; of two readings under way the one that was asked for later counts, whichever ends first. */
async function reread(app: App, kept: Kept): Promise<void> {
  const turn = ++kept.asked
  const book = await readBook(app.db)
  if (turn <= kept.shown) return
  kept.shown = turn
  kept.book = book
}

const books = oncePerApp<Kept>(async (app) => {
  const kept: Kept = {
    asked: 0,
    shown: 0,
    book: await app.db.transaction().execute(async (trx) => {
      // Two servers that start at once found the city once.
      await trx.selectFrom('city_clock').select('one').forUpdate().execute()
      await found(app, trx)
      return readBook(trx)
    }),
  }
  // Another server signed: this one reads the book again.
  app.live.hear((note) => {
    if (note.topic === 'policy')
      reread(app, kept).catch((error: unknown) => app.log.error({ err: String(error) }, 'policy book'))
  })
  return kept
})

/** Reads what is in force again, right after a signature in this server. */
export async function rereadPolicy(app: App): Promise<void> {
  await reread(app, await books.get(app))
}

/** The enactments that hold at a place and an instant: the city's, then the overlays from wide to narrow. */
export function enactmentsAt(
  enactments: readonly EnactmentRecord[],
  at: Date,
  place: string,
): EnactmentRecord[] {
  const holding = enactments.filter(
    (e) =>
      e.in_force_from <= at &&
      (e.retracted_at === null || e.retracted_at > at) &&
      (e.until === null || e.until > at),
  )
  const city = holding.findLast((e) => e.over_id === null)
  if (!city) return []
  const overlays = new Map<string, EnactmentRecord>()
  for (const e of holding)
    if (e.over_id === city.pack_id && place.startsWith(e.place_code)) overlays.set(e.place_code, e)
  return [city, ...[...overlays.values()].sort((a, b) => a.place_code.length - b.place_code.length)]
}

function policyFrom(book: Book, enacted: readonly EnactmentRecord[]): Policy {
  return policyOfHashes(
    book,
    enacted[0]!.hash,
    enacted.slice(1).map((e) => e.hash),
  )
}

function policyOfHashes(
  book: Pick<Book, 'bodies' | 'made'>,
  hash: string,
  overlays: readonly string[],
): Policy {
  const key = [hash, ...overlays].join(' ')
  let policy = book.made.get(key)
  if (!policy) {
    const city = book.bodies.get(hash) as CityBody
    policy = makePolicy(
      { ...city.pack, parameters: [...numbersLacking(city.pack), ...city.pack.parameters] },
      city.elements,
      hash,
      overlays.map((h) => ({ hash: h, body: (book.bodies.get(h) as { overlay: OverlayFile }).overlay })),
    )
    book.made.set(key, policy)
  }
  return policy
}

/**
 * The policy in force at an instant of city time (now, without one) and a place (the city, without one). The answer for
 * a past instant never changes: an enactment reaches forward only. `no_policy_then` before the first pack.
 */
export async function policyAt(app: App, given: { at?: Date; place?: string } = {}): Promise<Policy> {
  const { book } = await books.get(app)
  const enacted = enactmentsAt(book.enactments, given.at ?? app.clock.now(), given.place ?? '31')
  if (enacted.length === 0) throw new CityError('no_policy_then')
  return policyFrom(book, enacted)
}

/** The policy in force now, at a place where one is given. */
export const policyOf = (app: App, place?: string): Promise<Policy> =>
  policyAt(app, place === undefined ? {} : { place })

/** The policy that a decision names, from what was kept; undefined for contents from before they were kept whole. */
export async function policyKept(
  app: App,
  hash: string,
  overlays: readonly string[],
): Promise<Policy | undefined> {
  const { book } = await books.get(app)
  for (const h of [hash, ...overlays]) {
    if (book.bodies.has(h)) continue
    const version = await store.findVersion(app.db, h)
    if (!version || 'before' in version.body) return undefined
    book.bodies.set(h, version.body)
  }
  return policyOfHashes(book, hash, overlays)
}

/** The signed enactments, oldest first. */
export const enactmentsOf = async (app: App): Promise<EnactmentRecord[]> =>
  (await books.get(app)).book.enactments
