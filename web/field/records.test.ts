import fc from 'fast-check'
import { expect, test } from 'vitest'
import { labelOf } from '#capabilities/screening/label.contract.ts'
import { readScan, type Somebody } from './read.ts'
import { addToBox, answered, awaited, beginBox, handOverBox, packBox } from './boxes.ts'
import {
  addPerson,
  beginTube,
  endSession,
  headerOf,
  mendTube,
  NOTHING,
  relabelTube,
  removePerson,
  sealTube,
  setAside,
  spent,
  underWay,
  unsent,
  type Box,
  type Day,
  type Item,
  type Outcome,
  type Session,
} from './records.ts'

const session: Session = {
  id: 's',
  owner: 'o',
  madeAt: 0,
  what: 'session',
  state: 'sent',
  siteId: null,
  placeCode: '310115016001001',
  place: '模拟',
  address: '模拟',
  tubeKind: 10,
  wanted: [],
  openedAt: '2022-04-22T00:00:00.000Z',
  ended: false,
  refused: null,
}
const START: Day = { ...NOTHING, sessions: [session] }
const AT = '2022-04-22T01:00:00.000Z'

/** What the device does with an outcome, without a disk. */
function after(day: Day, outcome: Outcome): Day {
  if ('no' in outcome) return day
  const items = new Map<string, Item>(
    [...day.sessions, ...day.tubes, ...day.boxes].map((item) => [item.id, item]),
  )
  for (const item of outcome.put) items.set(item.id, item)
  for (const id of outcome.drop ?? []) items.delete(id)
  const all = [...items.values()]
  return {
    sessions: all.filter((i) => i.what === 'session'),
    tubes: all.filter((i) => i.what === 'tube'),
    boxes: all.filter((i) => i.what === 'box'),
  }
}
const somebody = (n: number): Somebody => ({
  member: { phone: `1990000${String(n).padStart(4, '0')}` },
  key: `phone ${n}`,
  shown: `${n}`,
})
const made = (id: string) => ({ id, owner: 'o', madeAt: 0 })

type Step =
  | { do: 'begin'; n: number }
  | { do: 'add'; n: number }
  | { do: 'remove'; n: number }
  | { do: 'seal' }
  | { do: 'relabel'; n: number }
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constant('begin' as const), n: fc.nat(5) }),
  fc.record({ do: fc.constant('add' as const), n: fc.nat(12) }),
  fc.record({ do: fc.constant('add' as const), n: fc.nat(12) }),
  fc.record({ do: fc.constant('remove' as const), n: fc.nat(12) }),
  fc.record({ do: fc.constant('relabel' as const), n: fc.nat(5) }),
  fc.record({ do: fc.constant('seal' as const) }),
)

test('whatever a hand does, nobody is in a tube twice, no tube is overfull, no label stands on two and one is open', () => {
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 60 }),
      fc.constantFrom(1 as const, 5 as const, 10 as const),
      (steps, kind) => {
        let day = START
        let sealed = new Map<string, number>()
        for (const [i, s] of steps.entries()) {
          const at: Session = { ...session, tubeKind: kind }
          if (s.do === 'begin') day = after(day, beginTube(day, made(`t${i}`), at, labelOf('T', s.n)))
          if (s.do === 'add') day = after(day, addPerson(day, somebody(s.n)))
          if (s.do === 'remove') day = after(day, removePerson(day, somebody(s.n).key))
          if (s.do === 'relabel') day = after(day, relabelTube(day, labelOf('T', s.n)))
          if (s.do === 'seal') day = after(day, sealTube(day, AT, i))
          expect(day.tubes.filter((t) => t.state === 'filling').length).toBeLessThanOrEqual(1)
          expect(new Set(day.tubes.map((t) => t.code)).size).toBe(day.tubes.length)
          for (const tube of day.tubes) {
            expect(new Set(tube.members.map((m) => m.key)).size).toBe(tube.members.length)
            expect(tube.members.length).toBeLessThanOrEqual(tube.kind)
            // What is sealed does not change any more.
            const before = sealed.get(tube.id)
            if (before !== undefined) expect(tube.members.length).toBe(before)
            if (tube.state === 'waiting') sealed = new Map(sealed).set(tube.id, tube.members.length)
          }
        }
      },
    ),
  )
})

test('a refused tube is opened again with its instant of sampling, and goes once more', () => {
  let day = after(START, beginTube(START, made('t'), session, labelOf('T', 1)))
  day = after(day, addPerson(day, somebody(1)))
  day = after(day, sealTube(day, AT, 5))
  const refused = { code: 'code_not_valid', zh: '', en: '' }
  day = { ...day, tubes: day.tubes.map((t) => ({ ...t, state: 'refused' as const, refused })) }
  expect(unsent(day)).toEqual({ tubes: 0, boxes: 0, sessions: 0, refused: 1, oldest: null })
  day = after(day, mendTube(day, 't'))
  expect(underWay(day)?.state).toBe('mending')
  expect(unsent(day).refused).toBe(1)
  day = after(day, sealTube(day, '2022-04-22T09:00:00.000Z', 99))
  expect(day.tubes[0]).toMatchObject({ state: 'waiting', sealedAt: AT, waitsSince: 5, refused: null })
})

test('a tube that is set aside keeps its label and its count and forgets its people', () => {
  let day = after(START, beginTube(START, made('t'), session, labelOf('T', 1)))
  day = after(day, addPerson(day, somebody(1)))
  day = after(day, sealTube(day, AT, 5))
  day = { ...day, tubes: day.tubes.map((t) => ({ ...t, state: 'refused' as const })) }
  day = after(day, setAside(day, 't'))
  expect(day.tubes[0]).toMatchObject({ state: 'aside', members: [], people: 1 })
  expect(beginTube(day, made('u'), session, labelOf('T', 1))).toEqual({ no: 'label_used' })
})

test('a tube lies in one box, and a packed box does not change', () => {
  let day = after(START, beginBox(START, { ...made('b'), collectId: 'c' }, session, labelOf('B', 1)))
  day = after(day, beginBox(day, { ...made('d'), collectId: 'e' }, session, labelOf('B', 2)))
  const tube = labelOf('T', 1)
  expect(packBox(day, 'b', AT)).toEqual({ no: 'box_empty' })
  day = after(day, addToBox(day, 'b', [tube, tube]))
  expect(day.boxes[0]?.tubes).toEqual([tube])
  expect(addToBox(day, 'd', [tube])).toEqual({ no: 'in_other_box' })
  day = after(day, packBox(day, 'b', AT))
  expect(addToBox(day, 'b', [labelOf('T', 2)])).toEqual({ no: 'box_gone' })
})

test('a box is handed over as it is now, not as it was drawn', () => {
  let day = after(START, beginBox(START, { ...made('b'), collectId: 'c' }, session, labelOf('B', 1)))
  expect(handOverBox(day, 'b', AT)).toEqual({ no: 'box_gone' })
  day = after(day, addToBox(day, 'b', [labelOf('T', 1)]))
  day = after(day, packBox(day, 'b', AT))
  const sent = after(day, { put: day.boxes.map((b) => ({ ...b, state: 'sent' as const })) })
  day = after(sent, handOverBox(sent, 'b', AT))
  expect(day.boxes[0]).toMatchObject({ state: 'sent', collected: 'waiting' })
  expect(handOverBox(day, 'b', AT)).toEqual({ put: [] })
})

test('what the city has not heard is told from what it has without opening a record', () => {
  let day = after(START, beginBox(START, { ...made('b'), collectId: 'c' }, session, labelOf('B', 1)))
  const states = () => [...day.sessions, ...day.tubes, ...day.boxes].map((i) => headerOf(i).state)
  expect(states()).toEqual(['open', 'empty'])
  day = after(day, addToBox(day, 'b', [labelOf('T', 1)]))
  expect(states()).toEqual(['open', 'packing'])
  day = after(day, packBox(day, 'b', AT))
  day = after(day, { put: day.boxes.map((b) => ({ ...b, state: 'sent' as const })) })
  expect(states()).toEqual(['open', 'sent'])
  day = after(day, handOverBox(day, 'b', AT))
  day = after(day, endSession(day, 's'))
  expect(states()).toEqual(['waiting', 'waiting'])
  expect(unsent(day)).toMatchObject({ boxes: 1, sessions: 1 })
})

test('a session does not end over a box that is still open; an empty one goes with it', () => {
  let day = after(START, beginBox(START, { ...made('b'), collectId: 'c' }, session, labelOf('B', 1)))
  expect(endSession(day, 's')).toMatchObject({ drop: ['b'] })
  day = after(day, addToBox(day, 'b', [labelOf('T', 1)]))
  expect(endSession(day, 's')).toEqual({ no: 'box_open' })
  day = after(day, packBox(day, 'b', AT))
  expect(after(day, endSession(day, 's')).sessions[0]?.ended).toBe(true)
})

/** A sealed tube with label 1 in a closed box with label 2 as well, which the city refused. */
function refusedInBox(boxState: Box['state'], more: string[]): Day {
  let day = after(START, beginTube(START, made('t'), session, labelOf('T', 1)))
  day = after(day, addPerson(day, somebody(1)))
  day = after(day, sealTube(day, AT, 5))
  day = after(day, beginBox(day, { ...made('b'), collectId: 'c' }, session, labelOf('B', 1)))
  day = after(day, addToBox(day, 'b', [labelOf('T', 1), ...more]))
  return {
    ...day,
    tubes: day.tubes.map((t) => ({ ...t, state: 'refused' as const })),
    boxes: day.boxes.map((b) => ({ ...b, state: boxState })),
  }
}

test('a label that is corrected is corrected in its box too, whether open, closed or refused', () => {
  for (const state of ['packing', 'waiting', 'refused'] as const) {
    let day = refusedInBox(state, [labelOf('T', 2)])
    day = after(day, mendTube(day, 't'))
    const right = after(day, relabelTube(day, labelOf('T', 3)))
    expect(right.boxes[0]?.tubes).toEqual([labelOf('T', 3), labelOf('T', 2)])
    // The right label was scanned into the box beside the wrong one: it is one tube.
    const twice = after(day, relabelTube(day, labelOf('T', 2)))
    expect(twice.boxes[0]?.tubes).toEqual([labelOf('T', 2)])
  }
})

test('a tube that is set aside leaves its box, and a closed box that held nothing else is no box', () => {
  for (const state of ['packing', 'waiting', 'refused'] as const) {
    const two = refusedInBox(state, [labelOf('T', 2)])
    expect(after(two, setAside(two, 't')).boxes[0]?.tubes).toEqual([labelOf('T', 2)])
    const one = refusedInBox(state, [])
    expect(after(one, setAside(one, 't')).boxes).toHaveLength(state === 'packing' ? 1 : 0)
  }
})

test('a box whose tubes are not all known to the city waits for them, for as long as a device may be away', () => {
  let day = after(START, beginBox(START, { ...made('b'), collectId: 'c' }, session, labelOf('B', 1)))
  day = after(day, addToBox(day, 'b', [labelOf('T', 1), labelOf('T', 2)]))
  day = after(day, packBox(day, 'b', AT))
  const said = (why: string, wall: number) => answered(day.boxes[0]!, [{ code: labelOf('T', 2), why }], wall)
  const hours = (n: number) => n * 3_600_000
  const short = after(day, { put: [said('unknown', hours(47))] })
  expect([short.boxes[0]?.state, awaited(short)]).toEqual(['short', 1])
  expect(said('unknown', hours(49)).state).toBe('sent')
  expect(said('other_box', hours(1)).state).toBe('sent')
  // What waits is not forgotten with its session, and the courier may take it.
  const closed: Day = { ...short, sessions: [{ ...session, state: 'closed', ended: true }] }
  expect(spent(closed)).toEqual([])
  expect(handOverBox(short, 'b', AT)).toMatchObject({ put: [{ collected: 'waiting', state: 'short' }] })
})

test('only a session that the city has closed with all its tubes is forgotten', () => {
  let day = after(START, beginTube(START, made('t'), session, labelOf('T', 1)))
  day = after(day, addPerson(day, somebody(1)))
  day = after(day, sealTube(day, AT, 5))
  const closed: Day = { ...day, sessions: [{ ...session, state: 'closed', ended: true }] }
  expect(spent(closed)).toEqual([])
  const done: Day = { ...closed, tubes: closed.tubes.map((t) => ({ ...t, state: 'sent' as const })) }
  expect(spent(done).toSorted()).toEqual(['s', 't'])
})

test('what is scanned is told apart by its shape, and a label or number misread by one character is refused', () => {
  const tube = labelOf('T', 42)
  expect(readScan(` ${tube.toLowerCase()} `)).toEqual({ is: 'tube', code: tube })
  expect(readScan(labelOf('B', 42))).toEqual({ is: 'box', code: labelOf('B', 42) })
  expect(readScan('000000199003075012')).toMatchObject({ is: 'nothing', why: 'id_number_wrong' })
  expect(readScan('19900000001')).toMatchObject({
    is: 'person',
    person: { member: { phone: '19900000001' } },
  })
  const code = `K1.${'0A'.repeat(40)}`
  for (const read of [code, ` ${code.toLowerCase()}\n`])
    expect(readScan(read)).toMatchObject({ is: 'person', person: { member: { code } } })
  for (const other of [
    'hello',
    code.slice(0, -1),
    `${code}0`,
    'https://example.org/a-page-of-somebody-else?code=12345678',
  ])
    expect(readScan(other)).toEqual({ is: 'nothing', why: 'not_readable' })
  fc.assert(
    fc.property(
      fc.nat(99_999_999_999),
      fc.integer({ min: 1, max: 12 }),
      fc.integer({ min: 1, max: 9 }),
      (n, i, by) => {
        const label = labelOf('T', n)
        const wrong = label.slice(0, i) + String((Number(label[i]) + by) % 10) + label.slice(i + 1)
        expect(readScan(wrong)).toEqual({ is: 'nothing', why: 'label_mistyped' })
      },
    ),
  )
})
