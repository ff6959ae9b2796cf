import { isLabel } from '#capabilities/screening/label.contract.ts'
import type { TubeKind } from '#web/shared/routes.ts'
import type { Header } from './device.ts'
import type { Somebody } from './read.ts'

/** Why the city or the device would not take something, in both languages. */
export type Refusal = { code: string; zh: string; en: string }

type Kept = {
  id: string
  /** Opaque id of the account that made it; nobody else's session may send it. */
  owner: string
  /** Of the device; for order and age only. */
  madeAt: number
}

/** Masked, with the code that stands for the person and the tube that they were tapped into. */
export type Wanted = { nameMasked: string; code: string | null; tubeId: string | null }

export type Session = Kept & {
  what: 'session'
  state: 'waiting' | 'sent' | 'refused' | 'closed'
  siteId: string | null
  placeCode: string
  place: string
  address: string
  tubeKind: TubeKind
  /** Those who are called back, for a single tube at home. */
  wanted: Wanted[]
  /** City time. */
  openedAt: string
  ended: boolean
  refused: Refusal | null
}

export type InTube = Somebody & {
  nameMasked: string | null
  /** The register does not have them: sealing brings them in. A mistyped number is seen by it. */
  isNew: boolean
  /** The city said so while the person still stood there. */
  problem: Refusal | null
}

/** `filling` and `mending` are under way; `aside` was refused and is settled by others: its people are forgotten here. */
export type Tube = Kept & {
  what: 'tube'
  state: 'filling' | 'waiting' | 'sent' | 'refused' | 'mending' | 'aside'
  sessionId: string
  code: string
  kind: TubeKind
  members: InTube[]
  /** Members, also after they were sent and forgotten. */
  people: number
  /** City time. */
  sealedAt: string | null
  /** The device could not know the time when it was sealed; see steady.ts. */
  isTimeUnsure: boolean
  /** Of the device: since when it waits to be sent. */
  waitsSince: number | null
  refused: Refusal | null
}

/** `short`: the city has it, but tubes in it are of a device that it has not heard of yet; it is sent again until it has. */
export type Box = Kept & {
  what: 'box'
  state: 'packing' | 'waiting' | 'short' | 'sent' | 'refused'
  sessionId: string
  code: string
  tubes: string[]
  collected: 'no' | 'waiting' | 'sent'
  collectId: string
  /** City time of closing and of handing over; not there in boxes that an earlier version kept. */
  packedAt?: string
  collectedAt?: string
  /** Tubes that the city says are not in it. */
  left: { code: string; why: string }[]
  refused: Refusal | null
}

export type Item = Session | Tube | Box
export type Day = { sessions: readonly Session[]; tubes: readonly Tube[]; boxes: readonly Box[] }
export const NOTHING: Day = { sessions: [], tubes: [], boxes: [] }

/** What an action would write, or why it is refused on the device; see advice.ts for the words. */
export type Outcome = { put: Item[]; drop?: string[] } | { no: Why }
export type Why =
  | 'label_mistyped'
  | 'label_used'
  | 'tube_under_way'
  | 'tube_full'
  | 'twice_in_tube'
  | 'tube_empty'
  | 'bad_member'
  | 'in_other_box'
  | 'box_full'
  | 'box_open'
  | 'box_empty'
  | 'box_gone'
  | 'no_tube'
  | 'not_kept'

export const underWay = (day: Day): Tube | undefined =>
  day.tubes.find((t) => t.state === 'filling' || t.state === 'mending')
export const openSession = (day: Day): Session | undefined =>
  day.sessions.filter((s) => !s.ended).toSorted((a, b) => b.madeAt - a.madeAt)[0]
export const tubesOf = (day: Day, sessionId: string): Tube[] =>
  day.tubes.filter((t) => t.sessionId === sessionId && t.sealedAt !== null)

export function beginTube(
  day: Day,
  made: { id: string; owner: string; madeAt: number },
  session: Session,
  code: string,
): Outcome {
  if (!isLabel('T', code)) return { no: 'label_mistyped' }
  if (underWay(day)) return { no: 'tube_under_way' }
  if (day.tubes.some((t) => t.code === code && t.state !== 'refused')) return { no: 'label_used' }
  const tube: Tube = {
    ...made,
    what: 'tube',
    state: 'filling',
    sessionId: session.id,
    code,
    kind: session.tubeKind,
    members: [],
    people: 0,
    sealedAt: null,
    isTimeUnsure: false,
    waitsSince: null,
    refused: null,
  }
  return { put: [tube] }
}

const withMembers = (tube: Tube, members: InTube[]): Outcome => ({
  put: [{ ...tube, members, people: members.length }],
})

export function addPerson(day: Day, somebody: Somebody): Outcome {
  const tube = underWay(day)
  if (!tube) return { no: 'no_tube' }
  if (tube.members.some((m) => m.key === somebody.key)) return { no: 'twice_in_tube' }
  if (tube.members.length >= tube.kind) return { no: 'tube_full' }
  return withMembers(tube, [...tube.members, { ...somebody, nameMasked: null, isNew: false, problem: null }])
}

export function removePerson(day: Day, key: string): Outcome {
  const tube = underWay(day)
  if (!tube) return { no: 'no_tube' }
  return withMembers(
    tube,
    tube.members.filter((m) => m.key !== key),
  )
}

/** Somebody from the list of those called back, without a scan. */
export function addWanted(day: Day, sessionId: string, i: number): Outcome {
  const session = day.sessions.find((s) => s.id === sessionId)
  const one = session?.wanted[i]
  if (!session || !one?.code) return { put: [] }
  const added = addPerson(day, wantedPerson(one.code, one.nameMasked))
  if ('no' in added) return added
  const wanted = session.wanted.map((w, k) => (k === i ? { ...w, tubeId: underWay(day)!.id } : w))
  return { put: [...added.put, { ...session, wanted }] }
}

const wantedPerson = (code: string, nameMasked: string): Somebody => ({
  member: { code },
  key: `code ${code}`,
  shown: nameMasked,
})

/** Whether somebody called back is in a tube: in the open one by looking, in a sealed one because they were put there. */
export const isTaken = (day: Day, one: Wanted): boolean =>
  day.tubes.some(
    (t) =>
      t.id === one.tubeId &&
      ((t.sealedAt !== null && t.state !== 'mending') || t.members.some((m) => m.key === `code ${one.code}`)),
  )

/** A name for somebody who may be unknown to the city; only typed identities can carry one. */
export function namePerson(day: Day, key: string, name: string): Outcome {
  const tube = underWay(day)
  if (!tube) return { no: 'no_tube' }
  return withMembers(
    tube,
    tube.members.map((m) => {
      if (m.key !== key || 'code' in m.member) return m
      const { name: _before, ...member } = m.member
      return { ...m, member: name.trim() ? { ...member, name: name.trim() } : member }
    }),
  )
}

/** What the city said of somebody, wherever they are by now: the tube may have been sealed meanwhile. */
export function learnPerson(
  day: Day,
  tubeId: string,
  key: string,
  learnt: Pick<InTube, 'nameMasked' | 'isNew' | 'problem'>,
): Outcome {
  const tube = day.tubes.find((t) => t.id === tubeId)
  if (!tube || (tube.state !== 'filling' && tube.state !== 'mending')) return { put: [] }
  return { put: [{ ...tube, members: tube.members.map((m) => (m.key === key ? { ...m, ...learnt } : m)) }] }
}

/** Ends the tube under way. A mended one keeps the instant of its first sealing: that is when the samples were taken. */
export function sealTube(day: Day, at: string, wall: number, isSure = true): Outcome {
  const tube = underWay(day)
  if (!tube) return { no: 'no_tube' }
  if (tube.members.length === 0) return { no: 'tube_empty' }
  if (tube.members.some((m) => m.problem)) return { no: 'bad_member' }
  return {
    put: [
      {
        ...tube,
        state: 'waiting',
        sealedAt: tube.sealedAt ?? at,
        isTimeUnsure: tube.sealedAt === null ? !isSure : tube.isTimeUnsure,
        waitsSince: tube.waitsSince ?? wall,
        refused: null,
      },
    ],
  }
}

/** A tube that nobody gave a sample for is no tube. */
export function dropEmptyTube(day: Day): Outcome {
  const tube = underWay(day)
  if (!tube || tube.members.length > 0 || tube.sealedAt !== null) return { no: 'tube_under_way' }
  return { put: [], drop: [tube.id] }
}

export function relabelTube(day: Day, code: string): Outcome {
  const tube = underWay(day)
  if (!tube) return { no: 'no_tube' }
  if (!isLabel('T', code)) return { no: 'label_mistyped' }
  if (day.tubes.some((t) => t.code === code && t.id !== tube.id)) return { no: 'label_used' }
  // Somebody may have scanned the right label into a box already: the tube lies there.
  const isBoxed = day.boxes.some((b) => b.tubes.includes(code))
  const boxes = boxesWith(day, tube.code).map((b) => ({
    ...b,
    tubes: isBoxed ? without(b, tube.code) : b.tubes.map((c) => (c === tube.code ? code : c)),
  }))
  return withBoxes([{ ...tube, code }], boxes)
}

/** Boxes with this tube that the city does not have yet. */
const boxesWith = (day: Day, code: string): Box[] =>
  day.boxes.filter((b) => b.state !== 'sent' && b.tubes.includes(code))
const without = (box: Box, code: string) => box.tubes.filter((c) => c !== code)

/** A closed box that nothing is left in is no box; an open one may still be filled. */
function withBoxes(put: Item[], boxes: readonly Box[]): Outcome {
  const gone = boxes.filter((b) => b.state !== 'packing' && b.tubes.length === 0)
  return { put: [...put, ...boxes.filter((b) => !gone.includes(b))], drop: gone.map((b) => b.id) }
}

/** A refused tube is opened again on the device only: nothing of it stands in the city. */
export function mendTube(day: Day, id: string): Outcome {
  const tube = day.tubes.find((t) => t.id === id && t.state === 'refused')
  if (!tube) return { no: 'no_tube' }
  if (underWay(day)) return { no: 'tube_under_way' }
  return { put: [{ ...tube, state: 'mending' }] }
}

export function leaveMending(day: Day): Outcome {
  const tube = day.tubes.find((t) => t.state === 'mending')
  return tube ? { put: [{ ...tube, state: 'refused' }] } : { no: 'no_tube' }
}

/** The tube is with whoever settles it; the city has kept what this device said of it, so the people are forgotten here. */
export function setAside(day: Day, id: string): Outcome {
  const tube = day.tubes.find((t) => t.id === id && t.state === 'refused')
  if (!tube) return { no: 'no_tube' }
  // It was taken out of its box, and the city would wait for it there.
  const boxes = boxesWith(day, tube.code).map((b) => ({ ...b, tubes: without(b, tube.code) }))
  return withBoxes([{ ...tube, state: 'aside', members: [] }], boxes)
}

/** Work that the old session cannot take goes to a new one: a session that ended, or one at a place that is not ours. */
export function moveToSession(day: Day, from: Session, to: Session): Outcome {
  const again = (state: string) => state === 'refused' || state === 'waiting'
  return {
    put: [
      { ...from, ended: true, state: from.state === 'sent' ? 'sent' : 'closed', refused: null },
      to,
      ...day.tubes
        .filter((t) => t.sessionId === from.id && (again(t.state) || t.state === 'filling'))
        .map((t): Tube =>
          t.state === 'filling'
            ? { ...t, sessionId: to.id }
            : { ...t, sessionId: to.id, state: 'waiting', refused: null },
        ),
      ...day.boxes
        .filter((b) => b.sessionId === from.id && (again(b.state) || b.state === 'packing'))
        .map((b): Box =>
          b.state === 'packing'
            ? { ...b, sessionId: to.id }
            : { ...b, sessionId: to.id, state: 'waiting', refused: null },
        ),
    ],
  }
}

/** The session ends for this device; the city hears it once everything of it has arrived. */
export function endSession(day: Day, sessionId: string): Outcome {
  if (underWay(day)) return { no: 'tube_under_way' }
  const session = day.sessions.find((s) => s.id === sessionId)
  if (!session) return { put: [] }
  const open = day.boxes.filter((b) => b.sessionId === sessionId && b.state === 'packing')
  // Its tubes would lie in a box that no screen leads to any more.
  if (open.some((b) => b.tubes.length > 0)) return { no: 'box_open' }
  return { put: [{ ...session, ended: true }], drop: open.map((b) => b.id) }
}

/** What may be forgotten: sessions the city has closed, with all that arrived of them. Nothing unsent, nothing refused. */
export function spent(day: Day): string[] {
  return day.sessions
    .filter((s) => s.state === 'closed')
    .flatMap((s) => {
      const tubes = day.tubes.filter((t) => t.sessionId === s.id)
      const boxes = day.boxes.filter((b) => b.sessionId === s.id)
      const done =
        tubes.every((t) => t.state === 'sent' || t.state === 'aside') &&
        boxes.every((b) => b.state === 'sent' && b.collected !== 'waiting')
      return done ? [s.id, ...tubes.map((t) => t.id), ...boxes.map((b) => b.id)] : []
    })
}

/** How an item stands towards the city, to be read without opening it: what must not be forgotten is not `sent`. */
function standing(item: Item): string {
  if (item.what === 'tube')
    return item.state === 'filling' && item.members.length === 0 ? 'empty' : item.state
  if (item.what === 'box') {
    if (item.state === 'packing') return item.tubes.length === 0 ? 'empty' : 'packing'
    return item.state === 'sent' && item.collected === 'waiting' ? 'waiting' : item.state
  }
  if (item.state === 'closed' || item.state === 'refused') return item.state
  return item.ended ? 'waiting' : 'open'
}

/** What stands beside the sealed record in the clear. */
export const headerOf = (item: Item): Header => ({
  id: item.id,
  owner: item.owner,
  what: item.what,
  state: standing(item),
  madeAt: item.madeAt,
})

/** City time of the last thing that was written here, in milliseconds; 0 where there is nothing. */
export const lastWritten = (day: Day): number =>
  Math.max(
    0,
    ...day.sessions.map((s) => Date.parse(s.openedAt)),
    ...day.tubes.map((t) => (t.sealedAt ? Date.parse(t.sealedAt) : 0)),
  )

/** What waits for the network, and since when; what was refused waits for the person. */
export function unsent(day: Day): {
  tubes: number
  boxes: number
  /** Ended here, and the city has not heard it. */
  sessions: number
  refused: number
  oldest: number | null
} {
  const tubes = day.tubes.filter((t) => t.state === 'waiting')
  const boxes = day.boxes.filter((b) => b.state === 'waiting' || b.collected === 'waiting')
  const sessions = day.sessions.filter((s) => standing(s) === 'waiting')
  // A session was begun long before its end waits, so its age says nothing.
  const times = [...tubes.map((t) => t.waitsSince ?? t.madeAt), ...boxes.map((b) => b.madeAt)]
  return {
    tubes: tubes.length,
    boxes: boxes.length,
    sessions: sessions.length,
    refused: [...day.tubes, ...day.boxes, ...day.sessions].filter(
      (i) => i.state === 'refused' || (i.what === 'tube' && i.state === 'mending'),
    ).length,
    oldest: times.length > 0 ? Math.min(...times) : null,
  }
}
