import { isLabel } from '#capabilities/screening/label.contract.ts'
import { tubesOf, type Box, type Day, type Outcome, type Session, type Tube } from './records.ts'

/** As many tubes as one box takes in the city's API. */
const MOST_IN_BOX = 400

export function beginBox(
  day: Day,
  made: { id: string; owner: string; madeAt: number; collectId: string },
  session: Session,
  code: string,
): Outcome {
  if (!isLabel('B', code)) return { no: 'label_mistyped' }
  if (day.boxes.some((b) => b.code === code)) return { no: 'label_used' }
  const box: Box = {
    ...made,
    what: 'box',
    state: 'packing',
    sessionId: session.id,
    code,
    tubes: [],
    collected: 'no',
    left: [],
    refused: null,
  }
  return { put: [box] }
}

/** Tubes of the session that lie in no box yet. */
export const unboxed = (day: Day, sessionId: string): Tube[] => {
  const boxed = new Set(day.boxes.flatMap((b) => b.tubes))
  return tubesOf(day, sessionId).filter((t) => t.state !== 'aside' && !boxed.has(t.code))
}

/** Tubes of a neighbour's desk go into the same box; the city says which of them it does not know. */
export function addToBox(day: Day, boxId: string, codes: readonly string[]): Outcome {
  const box = day.boxes.find((b) => b.id === boxId && b.state === 'packing')
  if (!box) return { no: 'box_gone' }
  const tubes = [...box.tubes]
  for (const code of codes) {
    if (!isLabel('T', code)) return { no: 'label_mistyped' }
    if (day.boxes.some((b) => b.id !== boxId && b.tubes.includes(code))) return { no: 'in_other_box' }
    if (!tubes.includes(code)) tubes.push(code)
  }
  return tubes.length > MOST_IN_BOX ? { no: 'box_full' } : { put: [{ ...box, tubes }] }
}

export function takeFromBox(day: Day, boxId: string, code: string): Outcome {
  const box = day.boxes.find((b) => b.id === boxId && b.state === 'packing')
  return box ? { put: [{ ...box, tubes: box.tubes.filter((c) => c !== code) }] } : { no: 'box_gone' }
}

export function packBox(day: Day, boxId: string, at: string): Outcome {
  const box = day.boxes.find((b) => b.id === boxId && b.state === 'packing')
  if (!box) return { no: 'box_gone' }
  return box.tubes.length === 0 ? { no: 'box_empty' } : { put: [{ ...box, state: 'waiting', packedAt: at }] }
}

/** A device may be away for two days; a label that nobody has reported by then was never sealed. */
const LATE_MS = 48 * 3_600_000

/** What the city said of a box: where tubes of other devices are unknown to it, the box is sent again until they are not. */
export const answered = (box: Box, left: Box['left'], wall: number): Box => ({
  ...box,
  state: left.some((l) => l.why === 'unknown') && wall - box.madeAt < LATE_MS ? 'short' : 'sent',
  left,
  refused: null,
})

/** Tubes that the city has not heard of yet, in boxes that it has. */
export const awaited = (day: Day): number =>
  day.boxes
    .filter((b) => b.state === 'short')
    .reduce((n, b) => n + b.left.filter((l) => l.why === 'unknown').length, 0)

/** Given to the courier. Decided on the newest record: the box may have been sent since it was drawn. */
export function handOverBox(day: Day, boxId: string, at: string): Outcome {
  const box = day.boxes.find((b) => b.id === boxId && b.state !== 'packing' && b.state !== 'refused')
  if (!box) return { no: 'box_gone' }
  return box.collected === 'no' ? { put: [{ ...box, collected: 'waiting', collectedAt: at }] } : { put: [] }
}
