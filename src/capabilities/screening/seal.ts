import { hash } from 'node:crypto'
import { keptFor, oncePerApp, type App } from '#kernel/app.ts'
import { may, type Actor } from '#kernel/auth.ts'
import { makeBatcher, type Batcher } from '#kernel/batch.ts'
import { within } from '#kernel/db.ts'
import { CityError, ERRORS, words, type ErrorCode } from '#kernel/errors.ts'
import type { Given } from '#kernel/http.ts'
import { idFrom } from '#kernel/ids.ts'
import { identityHash } from '#capabilities/people/index.ts'
import { keepClaim } from './claims.ts'
import { SLACK_MS } from './clock-slack.ts'
import type { Member, SealAnswer, SealedTube, SealTubes } from './custody.contract.ts'
import { isLabel } from './label.contract.ts'
import { codeTimes, peopleOfCodes } from './resident-code.ts'
import { personOf } from './sampled-person.ts'
import {
  findSession,
  findTubes,
  isSameTube,
  putTubes,
  type NewTube,
  type SessionRecord,
  type Unfit,
} from './tube-store.ts'

/** Larger batches gain nothing (1,000 was no faster than 300 and doubled the wait), two lanes keep PostgreSQL busy. */
const MOST = 300
const LANES = 2

type Written = 'new' | 'same' | 'tube_taken' | Unfit

async function flush(app: App, tubes: readonly NewTube[]): Promise<Written[]> {
  // Of two in one batch with the same label the first is the tube; a statement cannot see its own conflict.
  const first = new Map<string, NewTube>()
  for (const t of tubes) if (!first.has(t.code)) first.set(t.code, t)
  const { fresh, unfit } = await putTubes(app.db, [...first.values()], app.clock.now())
  const known = new Map<string, { client_id: string; content_hash: string }>()
  for (const t of first.values())
    if (fresh.has(t.code)) known.set(t.code, { client_id: t.clientId, content_hash: t.hash })
  const others = [...first.keys()].filter((code) => !fresh.has(code))
  if (others.length > 0) for (const t of await findTubes(app.db, others)) known.set(t.code, t)
  return Promise.all(
    tubes.map(async (t) => {
      if (first.get(t.code) === t && fresh.has(t.code)) return 'new'
      const is = known.get(t.code)
      // The first of this label was unfit and is not there: this one has its own turn.
      if (!is) return first.get(t.code) === t ? unfit.get(t.code)! : (await flush(app, [t]))[0]!
      if (is.client_id !== t.clientId) return 'tube_taken'
      return is.content_hash === t.hash || (await isSameTube(app.db, t.code, t)) ? 'same' : 'tube_taken'
    }),
  )
}

const batchers = oncePerApp<Batcher<NewTube, Written>>(async (app) =>
  makeBatcher({ most: MOST, lanes: LANES, flush: (tubes) => flush(app, tubes) }),
)

/** Sessions do not change but for their end, and thousands of tubes ask for the same one. */
const sessions = keptFor<SessionRecord>(10_000)

/** One that is not there is looked for again: a table may send its tubes before its session has come. */
export const sessionOf = async (app: App, id: string): Promise<SessionRecord | undefined> =>
  sessions
    .get(app, id, async () => {
      const row = await findSession(app.db, id)
      if (!row) throw new NotThere()
      return row
    })
    .catch((error: unknown) => {
      if (error instanceof NotThere) return undefined
      throw error
    })
class NotThere extends Error {}

/**
 * A device whose answer was lost sends the same tube again, however late: codes in it that have run out meanwhile, and
 * people whose records were made one, do not turn what is registered into a refusal.
 */
async function isRegistered(app: App, session: SessionRecord, tube: SealedTube) {
  const [there] = await findTubes(app.db, [tube.code])
  if (there?.client_id !== tube.id) return false
  const people = await peopleOf(app, session, tube, Infinity)
  if (there.content_hash === hashOf(tube, people)) return true
  return isSameTube(app.db, tube.code, {
    clientId: tube.id,
    kind: tube.kind,
    sealedAt: new Date(tube.sealedAt),
    people,
  })
}

async function peopleOf(
  app: App,
  session: SessionRecord,
  tube: SealedTube,
  offline: number,
): Promise<string[]> {
  const codes = tube.members.flatMap((member) => ('code' in member ? [member.code] : []))
  const ofCodes = peopleOfCodes(app, codes, offline).values()
  const people: string[] = []
  for (const member of tube.members)
    people.push('code' in member ? ofCodes.next().value! : await registered(app, session, tube, member))
  return people
}

/** Whoever is new gets an id of the tube and of who they are: a tube may be mended, and others stand in their places then. */
async function registered(
  app: App,
  session: SessionRecord,
  tube: SealedTube,
  member: Exclude<Member, { code: string }>,
) {
  const id = idFrom('sampled', tube.id, identityHash(app, member))
  return within(app.db, { as: 'service' }, (trx) => personOf(app, trx, session, member, id))
}

/** What was sealed in, in a few characters: the same again is harmless, anything else is a second claim of the tube. */
const hashOf = (tube: SealedTube, people: readonly string[]): string =>
  hash('sha256', `${tube.kind} ${tube.sealedAt} ${people.join(' ')}`, 'base64url').slice(0, 22)

const accepted = (tube: SealedTube): SealAnswer => ({
  id: tube.id,
  code: tube.code,
  refused: null,
  title: null,
  titleZh: null,
})

const refused = (tube: SealedTube, code: ErrorCode): SealAnswer => {
  const { zh, en } = words(code)
  return { id: tube.id, code: tube.code, refused: code, title: en, titleZh: zh }
}

async function seal(
  app: App,
  actor: Actor,
  session: SessionRecord,
  tube: SealedTube,
  offline: number,
): Promise<SealAnswer> {
  if (!isLabel('T', tube.code)) return refused(tube, 'label_mistyped')
  if (tube.members.length > tube.kind) return refused(tube, 'tube_overfull')
  const people = await peopleOf(app, session, tube, offline)
  if (new Set(people).size < people.length) throw new CityError('twice_in_tube')
  const now = app.clock.now().getTime()
  const said = Date.parse(tube.sealedAt)
  const isImpossible = said > now + SLACK_MS || said < now - offline * 60_000
  const doubted = isImpossible || tube.clockUnsure === true
  // A session that has ended takes what was sealed before its end, however late the network came back.
  if (session.closed_at && !doubted && said > session.closed_at.getTime() + SLACK_MS)
    return refused(tube, 'session_ended')
  const written = await (
    await batchers.get(app)
  ).add({
    code: tube.code,
    clientId: tube.id,
    hash: hashOf(tube, people),
    kind: tube.kind,
    people,
    sessionId: session.id,
    placeCode: session.place_code,
    sealedAt: new Date(isImpossible ? now : said),
    doubted,
    actorKind: actor.kind,
    actorId: actor.id,
  })
  if (written === 'new' || written === 'same') return accepted(tube)
  // The second truth about a tube is refused and kept, for whoever settles it.
  if (written === 'tube_taken')
    await keepClaim(app, {
      id: idFrom('claim', tube.id, hashOf(tube, people)),
      tube: tube.code,
      placeCode: session.place_code,
      address: session.address,
      people,
      kind: tube.kind,
      sealedAt: tube.sealedAt,
      sessionId: session.id,
      actorId: actor.id,
    })
  return refused(tube, written)
}

/** What may have become of a tube that was registered long before it is sent again. */
const MAY_BE_KNOWN: readonly ErrorCode[] = ['code_not_valid', 'twice_in_tube']

/**
 * Registers sealed tubes; every answered one is committed with its samples and its audit line. Each tube answers for
 * itself, so one mistyped label does not hold back the rest of a morning.
 */
export async function sealTubes(app: App, actor: Actor, { body }: Given<typeof SealTubes>) {
  const session = await sessionOf(app, body.sessionId)
  if (!session || !may(actor, 'tubes.seal', session.place_code)) throw new CityError('session_unknown')
  const { offline } = await codeTimes(app)
  // A code that opens nothing at all is refused like any other.
  const wasRegistered = (tube: SealedTube) =>
    isRegistered(app, session, tube).catch((error: unknown) => {
      if (error instanceof CityError && error.code === 'code_not_valid') return false
      throw error
    })
  const one = async (tube: SealedTube): Promise<SealAnswer> => {
    try {
      return await seal(app, actor, session, tube, offline)
    } catch (error) {
      // The fault of this tube; a fault of ours is the answer to all of them, and the device sends again.
      if (!(error instanceof CityError) || ERRORS[error.code][0] >= 500) throw error
      if (MAY_BE_KNOWN.includes(error.code) && (await wasRegistered(tube))) return accepted(tube)
      return refused(tube, error.code)
    }
  }
  return { tubes: await Promise.all(body.tubes.map(one)) }
}
