import { ApiError, call, clientId } from '#web/shared/api.ts'
import { CloseSession, MoveBox, OpenSession, PackBox, SealTubes } from '#web/shared/routes.ts'
import { answered, awaited } from './boxes.ts'
import type { DayStore } from './day.ts'
import type { Box, Day, Item, Refusal, Session, Tube } from './records.ts'

/** As many as the city takes at once. */
const BATCH = 50
const PATIENCE_MS = 30_000
const FIRST_WAIT_MS = 2_000
const LONGEST_WAIT_MS = 60_000

/** Refusals that mean "later": signed out, too many, server away. Anything else is an answer about the thing itself. */
const isLater = (status: number) =>
  status === 401 || status === 408 || status === 425 || status === 429 || status >= 500

/** The refusal in an error, or the error again where it only means that there was no answer. */
function refusalIn(error: unknown): Refusal {
  if (!(error instanceof ApiError) || isLater(error.problem.status)) throw error
  const { code, title, titleZh } = error.problem
  return { code, zh: titleZh, en: title }
}

const patience = () => AbortSignal.timeout(PATIENCE_MS)
const sent = (tube: Tube): Tube => ({ ...tube, state: 'sent', members: [], refused: null })

/** Puts what is still as it was when it was sent; a tube that was taken up again meanwhile keeps its new state. */
const settle = <T extends Item>(
  store: DayStore,
  of: (day: Day) => readonly T[],
  done: ReadonlyMap<string, T>,
) =>
  store.change((day) => ({
    put: of(day).flatMap((now) => {
      const next = done.get(now.id)
      return next && now.state === 'waiting' ? [next] : []
    }),
  }))

async function sendSession(store: DayStore, session: Session): Promise<void> {
  const { id, siteId, placeCode, address, openedAt } = session
  let next: Session
  try {
    await call(OpenSession, {
      body: { id, placeCode, address, openedAt, ...(siteId && { siteId }) },
      signal: patience(),
    })
    next = { ...session, state: 'sent' }
  } catch (error) {
    next = { ...session, state: 'refused', refused: refusalIn(error) }
  }
  await store.change((day) => ({
    // It may have been ended by its sampler while it was on the way.
    put: day.sessions
      .filter((s) => s.id === id && s.state === 'waiting')
      .map((s) => ({ ...s, state: next.state, refused: next.refused })),
  }))
}

/** The city's own fault (500), not its absence: something in what was sent may be what it fails at. */
const isFault = (error: unknown): error is ApiError =>
  error instanceof ApiError && error.problem.status === 500
/** Tubes that were in a batch at which the city failed; the next time they go one by one. */
const failedAt = new Set<string>()
/** After this many in a row it is not one tube that the city fails at. */
const FAULTS_IN_A_ROW = 3

/** One that the city cannot take must not hold back the other forty-nine. */
async function sendOneByOne(
  store: DayStore,
  session: Session,
  tubes: readonly Tube[],
): Promise<ApiError | undefined> {
  let fault: ApiError | undefined
  let inARow = 0
  for (const tube of tubes) {
    const mine = await sendTubes(store, session, [tube])
    inARow = mine ? inARow + 1 : 0
    if (inARow === FAULTS_IN_A_ROW) throw mine!
    fault ??= mine
  }
  return fault
}

/** Gives back the city's fault where only single tubes were left behind by it; throws where there was no answer. */
async function sendTubes(
  store: DayStore,
  session: Session,
  tubes: readonly Tube[],
): Promise<ApiError | undefined> {
  const done = new Map<string, Tube>()
  try {
    const said = await call(SealTubes, {
      body: {
        sessionId: session.id,
        tubes: tubes.map((t) => ({
          id: t.id,
          code: t.code,
          kind: t.kind,
          members: t.members.map((m) => m.member),
          sealedAt: t.sealedAt!,
          ...(t.isTimeUnsure && { clockUnsure: true as const }),
        })),
      },
      signal: patience(),
    })
    const answers = new Map(said.tubes.map((a) => [a.id, a]))
    for (const tube of tubes) {
      const a = answers.get(tube.id)
      if (!a) continue
      if (a.refused === null) done.set(tube.id, sent(tube))
      else
        done.set(tube.id, {
          ...tube,
          state: 'refused',
          refused: { code: a.refused, zh: a.titleZh ?? a.refused, en: a.title ?? a.refused },
        })
    }
  } catch (error) {
    if (isFault(error)) {
      const isAgain = tubes.some((t) => failedAt.has(t.id))
      for (const tube of tubes) failedAt.add(tube.id)
      if (!isAgain) throw error
      return tubes.length > 1 ? sendOneByOne(store, session, tubes) : error
    }
    const refused = refusalIn(error)
    if (tubes.length > 1) return sendOneByOne(store, session, tubes)
    for (const tube of tubes) done.set(tube.id, { ...tube, state: 'refused', refused })
  }
  await settle(store, (day) => day.tubes, done)
  return undefined
}

async function sendBox(store: DayStore, box: Box): Promise<void> {
  let next: Box
  try {
    const said = await call(PackBox, {
      body: {
        id: box.id,
        code: box.code,
        sessionId: box.sessionId,
        tubes: box.tubes,
        ...(box.packedAt && { at: box.packedAt }),
      },
      signal: patience(),
    })
    next = answered(box, said.refused, Date.now())
  } catch (error) {
    const refused = refusalIn(error)
    // One that the city has is not packed anew because a later word about it was not taken.
    next = box.state === 'short' ? { ...box, state: 'sent' } : { ...box, state: 'refused', refused }
  }
  await store.change((day) => ({
    put: day.boxes
      .filter((b) => b.id === box.id && b.state === box.state)
      .map((b) => ({ ...next, collected: b.collected })),
  }))
}

async function sendCollection(store: DayStore, box: Box): Promise<void> {
  let refused: Refusal | null = null
  try {
    await call(MoveBox, {
      params: { code: box.code },
      body: { id: box.collectId, kind: 'collected', ...(box.collectedAt && { at: box.collectedAt }) },
      signal: patience(),
    })
  } catch (error) {
    refused = refusalIn(error)
  }
  await store.change((day) => ({
    put: day.boxes
      .filter((b) => b.id === box.id)
      .map((b): Box =>
        refused
          ? { ...b, state: 'refused', collected: 'no', collectId: clientId(), refused }
          : { ...b, collected: 'sent' },
      ),
  }))
}

const onTheWay = (tube: Tube) =>
  tube.state === 'waiting' || tube.state === 'refused' || tube.state === 'mending'

const isThere = (box: Box) => box.state === 'sent' || box.state === 'short'

/**
 * Sends what may be sent, in the order in which the city understands it; throws where there was no answer. `lookAgain`:
 * boxes with tubes of other devices too, which may have come meanwhile.
 */
export async function sendAll(store: DayStore, lookAgain = false): Promise<void> {
  for (const session of store.get().sessions)
    if (session.state === 'waiting') await sendSession(store, session)
  const ready = () => store.get().sessions.filter((s) => s.state === 'sent' || s.state === 'closed')
  let fault: ApiError | undefined
  for (const session of ready()) {
    const waiting = store.get().tubes.filter((t) => t.sessionId === session.id && t.state === 'waiting')
    for (let i = 0; i < waiting.length; i += BATCH)
      fault = (await sendTubes(store, session, waiting.slice(i, i + BATCH))) ?? fault
  }
  const known = new Set(ready().map((s) => s.id))
  for (const box of store.get().boxes) {
    // A box goes after its tubes: the city would answer that it does not know them.
    const isWhole = !store.get().tubes.some((t) => box.tubes.includes(t.code) && onTheWay(t))
    const isDue = box.state === 'waiting' || (box.state === 'short' && lookAgain)
    if (isDue && known.has(box.sessionId) && isWhole) await sendBox(store, box)
  }
  for (const box of store.get().boxes)
    if (box.collected === 'waiting' && isThere(box)) await sendCollection(store, box)
  for (const session of ready()) {
    const { tubes, boxes } = store.get()
    const isAll =
      !tubes.some((t) => t.sessionId === session.id && (onTheWay(t) || t.state === 'filling')) &&
      !boxes.some((b) => b.sessionId === session.id && (!isThere(b) || b.collected === 'waiting'))
    if (!session.ended || session.state !== 'sent' || !isAll) continue
    try {
      await call(CloseSession, { params: { id: session.id }, body: {}, signal: patience() })
    } catch (error) {
      // A session that the city does not have needs no end; any other refusal is tried again at the next change.
      if (refusalIn(error).code !== 'session_unknown') continue
    }
    await store.change((day) => ({
      put: day.sessions.filter((s) => s.id === session.id).map((s) => ({ ...s, state: 'closed' as const })),
    }))
  }
  // What was left behind is tried again after the usual wait.
  if (fault) throw fault
}

/** `nextTry` is in milliseconds of the device's clock; null while nothing is to be tried. */
export type Sending = { busy: boolean; nextTry: number | null; signedOut: boolean }

const hasWork = ({ sessions, tubes, boxes }: Day): boolean => {
  const may = new Set(sessions.filter((s) => s.state === 'sent' || s.state === 'closed').map((s) => s.id))
  return (
    sessions.some((s) => s.state === 'waiting' || (s.ended && s.state === 'sent')) ||
    tubes.some((t) => t.state === 'waiting' && may.has(t.sessionId)) ||
    boxes.some((b) => (b.state === 'waiting' || b.collected === 'waiting') && may.has(b.sessionId))
  )
}

/** Sends by itself: at each change, when the network comes back, and again after a wait that doubles; Retry-After holds. */
export function startSending(
  store: DayStore,
  onState: (state: Sending) => void,
): { now: () => void; stop: () => void } {
  let failures = 0
  let running = false
  let again = false
  let stopped = false
  let timer: ReturnType<typeof setTimeout> | undefined
  let notBefore = 0
  /** When boxes whose tubes are still unknown to the city are sent again. */
  let lookAt = 0

  // A timer may come a little early; it must not come before the instant that was asked for.
  const later = (ms: number) => {
    clearTimeout(timer)
    timer = setTimeout(run, ms + 20)
    return Date.now() + ms
  }
  const round = async () => {
    onState({ busy: true, nextTry: null, signedOut: false })
    try {
      const lookAgain = Date.now() >= lookAt
      await sendAll(store, lookAgain)
      failures = 0
      notBefore = 0
      onState({ busy: false, nextTry: null, signedOut: false })
      if (lookAgain) lookAt = Date.now() + LONGEST_WAIT_MS
      if (awaited(store.get()) > 0) later(lookAt - Date.now())
    } catch (error) {
      const asked = error instanceof ApiError ? (error.retryAfter ?? 0) * 1000 : 0
      // A tenth more or less, so that a district does not come back in the same second.
      const own = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** failures++) * (0.9 + Math.random() * 0.2)
      notBefore = Date.now() + asked
      const signedOut = error instanceof ApiError && error.problem.status === 401
      onState({ busy: false, nextTry: later(Math.max(asked, own)), signedOut })
      again = false
    }
  }
  const run = () => {
    if (stopped) return
    if (Date.now() < notBefore) {
      later(notBefore - Date.now())
      return
    }
    if (running) {
      again = true
      return
    }
    const isLate = awaited(store.get()) > 0 && Date.now() >= lookAt
    if (!hasWork(store.get()) && !isLate) return
    running = true
    void round().finally(() => {
      running = false
      if (again) {
        again = false
        run()
      }
    })
  }
  const changed = () => {
    // While the network is away the timer has the next try; a change does not hasten it.
    if (failures === 0) run()
  }
  const now = () => {
    failures = 0
    lookAt = 0
    run()
  }
  const unsubscribe = store.subscribe(changed)
  addEventListener('online', now)
  run()
  return {
    now,
    stop() {
      stopped = true
      clearTimeout(timer)
      unsubscribe()
      removeEventListener('online', now)
    },
  }
}
