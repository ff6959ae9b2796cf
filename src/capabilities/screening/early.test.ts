import { afterAll, beforeAll, expect, test } from 'vitest'
import { newId } from '#kernel/ids.ts'
import { startLaboratory, type Laboratory, type Person } from '#test/harness/laboratory.ts'
import { joinEarly } from './box-moves.ts'
import { labelOf } from './label.contract.ts'
import { codeFor } from './resident-code.ts'

let house: Laboratory
let labels = 700
beforeAll(async () => {
  house = await startLaboratory()
})
afterAll(() => house.stop())

const [next, minutes] = [() => ++labels, 60_000]
/** The device comes back to its network: tubes first, then their box. */
async function reported(box: string, tubes: readonly { code: string; people: Person[]; sealedAt: Date }[]) {
  const sealed = await house.sampler.post('/api/tubes', {
    sessionId: house.session,
    tubes: tubes.map((t) => ({
      id: newId(),
      code: t.code,
      kind: 10,
      members: t.people.map((p) => ({ code: codeFor(house.city.app, p.id, 60) })),
      sealedAt: t.sealedAt.toISOString(),
    })),
  })
  expect(sealed.body.tubes.map((t: { refused: string | null }) => t.refused)).toEqual(tubes.map(() => null))
  const codes = tubes.map((t) => t.code)
  return house.sampler.post('/api/boxes', {
    id: newId(),
    code: box,
    sessionId: house.session,
    tubes: codes,
  })
}
const receive = (box: string, who = house.lab) =>
  who.post(`/api/boxes/${box}/events`, { id: newId(), kind: 'received' })
const early = async (who = house.lab) => (await who.get('/api/labs/early')).body
const ago = (n: number) => new Date(house.city.app.clock.now().getTime() - n * minutes)

test('a courier is faster than the telephone: the box is received, its results are kept, and all joins when the device is back', async () => {
  const [sick, well] = [await house.resident('1号101室'), await house.resident('1号102室')]
  const [box, pool, other] = [labelOf('B', next()), labelOf('T', next()), labelOf('T', next())]
  const got = await receive(box)
  expect([got.status, got.body]).toEqual([200, { code: box, state: 'early', lab: 'lab.simulated', tubes: 0 }])
  // The first laboratory has it.
  const second = await house.labAccount('lab.second')
  expect((await receive(box, second)).body.code).toBe('box_elsewhere')
  expect((await house.report(pool, 'positive')).state).toBe('early')
  expect((await house.report(pool, 'positive')).state).toBe('early')
  expect((await house.report(pool, 'positive', second)).refused).toBe('tube_not_here')
  expect((await house.report(other, 'negative')).state).toBe('early')
  expect(await early()).toMatchObject({
    boxes: [{ code: box }],
    results: [
      { tube: pool, outcome: 'positive' },
      { tube: other, outcome: 'negative' },
    ],
  })
  expect(await early(second)).toEqual({ boxes: [], results: [] })
  const packed = await reported(box, [
    { code: pool, people: [sick, well], sealedAt: ago(300) },
    { code: other, people: [well], sealedAt: ago(290) },
  ])
  expect(packed.body).toMatchObject({ packed: 2, refused: [] })
  expect(await early()).toEqual({ boxes: [], results: [] })
  // In the same commit: the result, the recalls, and a custody that tells when it was received.
  expect((await house.recallsOf(pool)).map((r) => r.person_id).toSorted()).toEqual(
    [sick.id, well.id].toSorted(),
  )
  expect((await house.mine(well)).map((r: { state: string }) => r.state).toSorted()).toEqual([
    'being_checked',
    'negative',
  ])
  const custody = (await house.worker.get(`/api/tubes/${pool}`)).body
  expect(custody).toMatchObject({ state: 'tested', box })
  const received = custody.events.find((e: { kind: string }) => e.kind === 'received')
  expect(received.lab).toBe('lab.simulated')
  // What waited at each stage is counted as if it had come in order.
  const { rows } = await house.sql.query<{ n: number }>(
    `select count(*)::int as n from tube_step where after = 3 and lab_after = 'lab.simulated'`,
  )
  expect(rows[0]!.n).toBeGreaterThan(0)
})

test('two results of one tube before it is there: neither is kept', async () => {
  const tube = labelOf('T', next())
  await house.report(tube, 'negative')
  expect((await house.report(tube, 'positive')).refused).toBe('results_contradict')
  expect((await early()).results).toEqual([])
})

test('what one laboratory said before the tube was there is nobody’s result where another one has its box', async () => {
  const person = await house.resident('2号203室')
  const [box, tube] = [labelOf('B', next()), labelOf('T', next())]
  const second = await house.labAccount('lab.third')
  expect((await house.report(tube, 'positive', second)).state).toBe('early')
  await reported(box, [{ code: tube, people: [person], sealedAt: ago(60) }])
  await receive(box)
  await joinEarly(house.city.app)
  expect(await house.recallsOf(tube)).toEqual([])
  expect((await house.mine(person))[0].state).toBe('waiting')
  expect((await house.report(tube, 'negative')).state).toBe('new')
  expect((await house.mine(person))[0].state).toBe('negative')
})

test('a result from before its tube was sealed is of another tube and touches nobody', async () => {
  const person = await house.resident('2号201室')
  const [box, tube] = [labelOf('B', next()), labelOf('T', next())]
  await receive(box)
  const { body } = await house.lab.post('/api/results', {
    results: [{ id: newId(), tube, outcome: 'positive', testedAt: ago(120).toISOString() }],
  })
  expect(body.results[0].state).toBe('early')
  await reported(box, [{ code: tube, people: [person], sealedAt: ago(30) }])
  expect((await house.mine(person))[0].state).toBe('waiting')
  expect((await early()).results).toMatchObject([{ tube }])
  // The laboratory looks again and says what it found in this one; what was kept of the label is not asked for.
  expect((await house.report(tube, 'negative')).state).toBe('new')
})

test('a tube that its device reports before its box waits for the box, not for the laboratory', async () => {
  const person = await house.resident('2号202室')
  const [box, tube] = [labelOf('B', next()), labelOf('T', next())]
  await house.sampler.post('/api/tubes', {
    sessionId: house.session,
    tubes: [
      {
        id: newId(),
        code: tube,
        kind: 1,
        members: [{ code: codeFor(house.city.app, person.id, 60) }],
        sealedAt: ago(60).toISOString(),
      },
    ],
  })
  expect((await house.report(tube, 'negative')).state).toBe('early')
  await house.sampler.post('/api/boxes', { id: newId(), code: box, sessionId: house.session, tubes: [tube] })
  expect((await house.mine(person))[0].state).toBe('waiting')
  await receive(box)
  expect((await house.mine(person))[0].state).toBe('negative')
})

test('what crossed its box on the way finds it within seconds', async () => {
  const person = await house.resident('3号301室')
  const [box, tube] = [labelOf('B', next()), labelOf('T', next())]
  await reported(box, [{ code: tube, people: [person], sealedAt: ago(60) }])
  // As if both had been written in the instant in which the device's word was.
  await house.sql.query(
    `insert into early_box (code, id, lab, places, actor_id, actor_name, at) values ($1, $2, 'lab.simulated', '{31}', 'a', '模拟', now())`,
    [box, newId()],
  )
  await house.sql.query(
    `insert into early_result (tube, id, outcome, lab, places, tested_at, source, actor_kind, actor_id, at) values ($1, $2, 'negative', 'lab.simulated', '{31}', now(), 'form', 'staff', 'a', now())`,
    [tube, newId()],
  )
  await joinEarly(house.city.app)
  await joinEarly(house.city.app)
  expect(await early()).toMatchObject({ boxes: [] })
  expect((await house.mine(person))[0].state).toBe('negative')
})

test('a box that a laboratory has stays there, though another one’s word crossed it and its device packs it once more', async () => {
  const person = await house.resident('3号304室')
  const [box, tube] = [labelOf('B', next()), labelOf('T', next())]
  await reported(box, [{ code: tube, people: [person], sealedAt: ago(60) }])
  await receive(box)
  await house.sql.query(
    `insert into early_box (code, id, lab, places, actor_id, actor_name, at) values ($1, $2, 'lab.second', '{31}', 'a', '模拟', now())`,
    [box, newId()],
  )
  await joinEarly(house.city.app)
  const { rows } = await house.sql.query<{ client_id: string; session_id: string }>(
    'select client_id, session_id from sample_box where code = $1',
    [box],
  )
  const { client_id: id, session_id: sessionId } = rows[0]!
  const again = await house.sampler.post('/api/boxes', { id, code: box, sessionId, tubes: [tube] })
  expect(again.body).toMatchObject({ packed: 1, refused: [] })
  const { events } = (await house.worker.get(`/api/tubes/${tube}`)).body
  expect(
    events.filter((e: { kind: string }) => e.kind === 'received').map((e: { lab: string }) => e.lab),
  ).toEqual(['lab.simulated'])
  await house.sql.query('delete from early_box where code = $1', [box])
})

test('a laboratory of another district cannot take a box by receiving it before it is known', async () => {
  const [box, tube] = [labelOf('B', next()), labelOf('T', next())]
  const person = await house.resident('3号302室')
  await house.sql.query(
    `insert into early_box (code, id, lab, places, actor_id, actor_name, at) values ($1, $2, 'lab.huangpu', '{310101}', 'a', '模拟', now())`,
    [box, newId()],
  )
  await reported(box, [{ code: tube, people: [person], sealedAt: ago(60) }])
  await joinEarly(house.city.app)
  expect((await receive(box)).body).toMatchObject({ state: 'received', lab: 'lab.simulated', tubes: 1 })
})

test('a custody tells when a box was closed and handed over, not when its telephone found the network', async () => {
  const person = await house.resident('3号303室')
  const [box, tube, odd] = [labelOf('B', next()), labelOf('T', next()), labelOf('B', next())]
  await house.sampler.post('/api/tubes', {
    sessionId: house.session,
    tubes: [
      {
        id: newId(),
        code: tube,
        kind: 1,
        members: [{ code: codeFor(house.city.app, person.id, 60) }],
        sealedAt: ago(300).toISOString(),
      },
    ],
  })
  const pack = (code: string, at: string) =>
    house.sampler.post('/api/boxes', { id: newId(), code, sessionId: house.session, tubes: [tube], at })
  const [closed, handed] = [ago(290).toISOString(), ago(240).toISOString()]
  await pack(box, closed)
  await house.sampler.post(`/api/boxes/${box}/events`, { id: newId(), kind: 'collected', at: handed })
  const { events } = (await house.worker.get(`/api/tubes/${tube}`)).body
  const at = (kind: string) => events.find((e: { kind: string }) => e.kind === kind).at
  expect([at('boxed'), at('collected')]).toEqual([closed, handed])
  // A time to come, or from before any device could have been away, is the time of its coming.
  for (const wrong of [ago(-60), ago(60 * 24 * 9)]) {
    await house.sql.query(`delete from sample_box where code = $1`, [odd])
    await house.sampler.post('/api/boxes', {
      id: newId(),
      code: odd,
      sessionId: house.session,
      tubes: [labelOf('T', next())],
      at: wrong.toISOString(),
    })
    const { rows } = await house.sql.query<{ packed_at: Date }>(
      `select packed_at from sample_box where code = $1`,
      [odd],
    )
    expect(Math.abs(rows[0]!.packed_at.getTime() - ago(0).getTime())).toBeLessThan(60_000)
  }
})
