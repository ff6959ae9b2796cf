import { afterAll, beforeAll, expect, test } from 'vitest'
import { newId } from '#kernel/ids.ts'
import { residentWith, signedIn, type Caller, type TestCity } from '#test/harness/city.ts'
import { startLaboratory, type Laboratory, type Person } from '#test/harness/laboratory.ts'
import { answerRecalls } from './recall-ends.ts'
import { labelOf } from './label.contract.ts'
import { stateOf } from './my-results.ts'

let house: Laboratory
let city: TestCity
let sql: Laboratory['sql']
let worker: Caller
let centre: Caller
let lab: Caller
let colleague: Caller
const resident = (room: string) => house.resident(room)
const labAccount = (unit: string) => house.labAccount(unit)
const tubeOf = (people: readonly Person[], kind?: number) => house.tubeOf(people, kind)
const report = (tube: string, outcome: string, who?: Caller) => house.report(tube, outcome, who)
const recallsOf = (tube: string) => house.recallsOf(tube)
const mine = (p: Person) => house.mine(p)

beforeAll(async () => {
  house = await startLaboratory()
  ;({ city, sql, worker, centre, lab, colleague } = house)
})
afterAll(() => house.stop())

test('a negative pool is in each member’s hand at once, and nobody is called', async () => {
  const people = [await resident('1号101室'), await resident('1号102室')]
  const tube = await tubeOf(people)
  expect((await mine(people[0]!))[0]).toMatchObject({ tube, state: 'waiting', call: '12345' })
  expect((await report(tube, 'negative')).state).toBe('new')
  expect((await mine(people[0]!))[0]).toMatchObject({ state: 'negative', pooled: true, lab: 'lab.simulated' })
  expect(await recallsOf(tube)).toEqual([])
  expect((await report(tube, 'negative')).state).toBe('same')
})

test('a positive pool calls back every member with those they live with, in one commit, in the neighbourhood’s queue', async () => {
  const [a, wife, b] = [await resident('2号201室'), await resident('2号201室'), await resident('2号202室')]
  const tube = await tubeOf([a, b])
  expect((await report(tube, 'positive')).state).toBe('new')
  const recalls = await recallsOf(tube)
  expect(recalls.map((r) => r.person_id)).toEqual([a.id, b.id].toSorted())
  const ofA = recalls.find((r) => r.person_id === a.id)!
  expect(ofA.household).toEqual([wife.id])
  const order = await worker.get(`/api/orders/${ofA.id}`)
  expect(order.body).toMatchObject({
    kind: 'recall',
    element: 'test.recall',
    state: 'dispatched',
    placeCode: '310115016001',
    unit: { id: 'street.310115016' },
  })
  expect(order.body.dueAt).not.toBeNull()
  expect(order.body.timeline[0].why).toMatchObject({ clause: '采样 1.3' })
  expect(JSON.stringify(order.body)).not.toContain('模拟住户')
  const seen = await worker.get(`/api/recalls/${ofA.id}`)
  expect(seen.body).toMatchObject({
    why: 'positive',
    address: '樱花路801弄（模拟）',
    person: { personId: a.id },
  })
  // A code for sampling is for whoever may seal a tube there.
  expect(seen.body.household).toEqual([
    { personId: wife.id, nameMasked: expect.stringMatching(/^模\*+$/), code: null, given: false },
  ])
  // Said aloud once for the tube; nobody's name or room in it.
  const alarms = await sql.query<{ title: string }>(`select title from alarm where kind = 'positive'`)
  expect(alarms.rows.map((r) => r.title)).toEqual([expect.stringMatching(/^混管异常 2 人 · /)])
  // The person: never "positive", always what to do and whom to call; and who looked.
  const shown = (await mine(a))[0]
  expect(shown).toMatchObject({ state: 'being_checked', testedAt: null, lab: null, call: '12345' })
  expect(JSON.stringify(shown)).not.toMatch(/阳性|positive/i)
  const looks = (await (await residentWith(city.base, wife.phone)).get('/api/my/looks')).body.items
  expect(looks.map((l: { what: { zh: string } }) => l.what.zh)).toContain('为上门采样查看了您和同住人')
  // Sent again, nobody is called twice.
  expect((await report(tube, 'positive')).state).toBe('same')
  expect(await recallsOf(tube)).toHaveLength(2)
})

test('a recall ends by itself once the single tube is taken', async () => {
  const person = await resident('3号301室')
  const tube = await tubeOf([person, await resident('3号302室')])
  await report(tube, 'positive')
  const [recall] = (await recallsOf(tube)).filter((r) => r.person_id === person.id)
  await answerRecalls(city.app)
  expect((await worker.get(`/api/orders/${recall!.id}`)).body.state).toBe('dispatched')
  const single = await tubeOf([person], 1)
  await answerRecalls(city.app)
  expect((await worker.get(`/api/orders/${recall!.id}`)).body.state).toBe('resolved')
  expect((await worker.get(`/api/recalls/${recall!.id}`)).body.answeredBy).toBe(single)
})

test('being called back is a decision with its clause that the person reads and may appeal against', async () => {
  const person = await resident('9号901室')
  const tube = await tubeOf([person, await resident('9号902室')])
  await report(tube, 'positive')
  const [recall] = (await recallsOf(tube)).filter((r) => r.person_id === person.id)
  const who = await residentWith(city.base, person.phone)
  const { items } = (await who.get('/api/my/decisions')).body
  expect(items[0]).toMatchObject({
    kind: 'screening.recall',
    clause: '采样 1.3',
    subjectId: recall!.id,
    outcome: 'passed',
  })
  const appeal = await who.post('/api/my/appeals', {
    id: newId(),
    decisionId: items[0].id,
    text: '我当天没有采样',
  })
  const pudong = await signedIn(city.base, 'pudong')
  const answer = await pudong.post(`/api/appeals/${appeal.body.id}/answer`, {
    id: newId(),
    answer: 'changed',
    outcome: 'failed',
    reasons: '核对采样登记，确非本人',
  })
  expect(answer.status).toBe(200)
  expect((await worker.get(`/api/orders/${recall!.id}`)).body.state).toBe('resolved')
  expect((await worker.get(`/api/recalls/${recall!.id}`)).body.answeredBy).toBe('appeal')
  // Made again from what was kept, it comes out as it did.
  const again = await pudong.post(`/api/decisions/${items[0].id}/recompute`, {})
  expect(again.body).toMatchObject({ same: true, outcome: 'passed' })
})

test('a positive single tube opens the centre’s confirmation, and what the centre finds is the answer', async () => {
  const [sick, well] = [await resident('4号401室'), await resident('4号402室')]
  const tubes = [await tubeOf([sick], 1), await tubeOf([well], 1)]
  for (const tube of tubes) await report(tube, 'positive')
  expect(await recallsOf(tubes[0]!)).toEqual([])
  const { rows } = await sql.query<{ id: string; person_id: string }>(
    `select id, person_id from finding where outcome is null`,
  )
  const idOf = (p: Person) => rows.find((r) => r.person_id === p.id)!.id
  expect((await centre.get(`/api/orders/${idOf(sick)}`)).body).toMatchObject({
    kind: 'confirmation',
    unit: { id: 'cdc.310115' },
  })
  const find = (p: Person, outcome: string, who = centre) =>
    who.post(`/api/findings/${idOf(p)}`, { id: newId(), outcome, note: '复核记录（模拟）' })
  expect((await find(sick, 'confirmed', worker)).body.code).toBe('not_allowed')
  expect((await find(sick, 'asymptomatic')).body.outcome).toBe('asymptomatic')
  expect((await find(sick, 'asymptomatic')).status).toBe(200)
  expect((await find(sick, 'negative')).body.code).toBe('finding_recorded')
  expect((await find(well, 'negative')).body.outcome).toBe('negative')
  expect((await centre.get(`/api/orders/${idOf(sick)}`)).body.state).toBe('resolved')
  expect((await mine(sick))[0].state).toBe('being_checked')
  // Both are kept as decisions with clause and issuer; of a positive the person's page says nothing.
  const kept = await sql.query<{ kind: string; clause: string; issuer: string; person_id: string | null }>(
    `select kind, clause, issuer, person_id from decision where subject_id = any($1) order by kind, person_id nulls last`,
    [[idOf(sick), idOf(well)]],
  )
  expect(kept.rows.map((r) => [r.kind, r.clause, r.person_id])).toEqual([
    ['screening.confirmation', '采样 1.3', null],
    ['screening.confirmation', '采样 1.3', null],
    ['screening.finding', '采样 1.3', well.id],
    ['screening.finding', '采样 1.3', null],
  ])
  expect(
    kept.rows.filter((r) => r.kind === 'screening.finding').every((r) => r.issuer.startsWith('person ')),
  ).toBe(true)
  // The laboratory said positive, the centre says no: one recorded answer.
  expect((await mine(well))[0].state).toBe('negative')
})

test('a contradiction changes nothing until two people of the laboratory agree, and then what follows follows', async () => {
  const people = [await resident('5号501室'), await resident('5号502室')]
  const tube = await tubeOf(people)
  await report(tube, 'negative')
  expect((await report(tube, 'positive')).state).toBe('held')
  expect((await report(tube, 'positive')).state).toBe('held')
  expect((await mine(people[0]!))[0].state).toBe('negative')
  const other = await labAccount('lab.other')
  expect((await other.get('/api/results/holds')).body.items).toEqual([])
  const { body } = await lab.get('/api/results/holds')
  const [hold] = body.items.filter((h: { tube: string }) => h.tube === tube)
  expect(hold).toMatchObject({ stands: 'negative', said: 'positive', mayDecide: false })
  const path = `/api/results/holds/${hold.id}`
  expect((await other.post(`${path}/propose`, { proposal: 'replaced', reason: '复测' })).body.code).toBe(
    'hold_not_found',
  )
  expect((await colleague.post(`${path}/decide`, { proposal: 'replaced' })).body.code).toBe(
    'not_what_was_proposed',
  )
  await lab.post(`${path}/propose`, { proposal: 'replaced', reason: '复测阳性，首次录入错行' })
  expect((await lab.post(`${path}/decide`, { proposal: 'replaced' })).body.code).toBe('needs_another_person')
  expect(await recallsOf(tube)).toEqual([])
  expect((await colleague.post(`${path}/decide`, { proposal: 'replaced' })).body.state).toBe('replaced')
  expect((await colleague.post(`${path}/decide`, { proposal: 'kept' })).body.code).toBe('hold_decided')
  expect(await recallsOf(tube)).toHaveLength(2)
  expect((await mine(people[0]!))[0].state).toBe('being_checked')
})

test('inconclusive tubes go to single tubes, invalid ones are sampled again; neither calls a household of the other kind', async () => {
  const [a, b] = [await resident('6号601室'), await resident('6号601室')]
  const other = await resident('6号602室')
  const [open, spoilt] = [await tubeOf([a]), await tubeOf([other])]
  await report(open, 'inconclusive')
  await report(spoilt, 'invalid')
  const [first] = await recallsOf(open)
  const [second] = await recallsOf(spoilt)
  expect([first!.why, first!.household, second!.why, second!.household]).toEqual([
    'inconclusive',
    [b.id],
    'invalid',
    [],
  ])
  expect((await worker.get(`/api/orders/${second!.id}`)).body.element).toBe('test.resample')
})

test('a laboratory reports only on tubes that it received', async () => {
  const tube = await tubeOf([await resident('7号701室')])
  const other = await labAccount('lab.third')
  expect((await report(tube, 'negative', other)).refused).toBe('tube_not_here')
  // One that nobody has heard of is kept for its device; a label that does not check never comes.
  expect((await report(labelOf('T', 99_999), 'negative')).state).toBe('early')
  expect((await report('T000000000001', 'negative')).refused).toBe('tube_not_found')
  await lab.post(`/api/tubes/${tube}/events`, { id: newId(), kind: 'rejected', note: '漏液' })
  expect((await report(tube, 'negative')).refused).toBe('tube_cannot')
})

test('who was in a tube that the laboratory cannot test is called back, and never left waiting for it', async () => {
  const a = await resident('9号901室')
  const b = await resident('9号902室')
  const leaked = await tubeOf([a, b])
  const lost = await tubeOf([b])
  await lab.post(`/api/tubes/${leaked}/events`, { id: newId(), kind: 'rejected', note: '漏液' })
  await lab.post(`/api/tubes/${leaked}/events`, { id: newId(), kind: 'destroyed', note: '漏液' })
  await lab.post(`/api/tubes/${lost}/events`, { id: newId(), kind: 'destroyed', note: '误毁' })
  const recalls = [...(await recallsOf(leaked)), ...(await recallsOf(lost))]
  expect(recalls.map((r) => `${r.why} ${r.person_id}`).toSorted((a, b) => a.localeCompare(b))).toEqual(
    [a, b, b].map((p) => `invalid ${p.id}`).toSorted((x, y) => x.localeCompare(y)),
  )
  const answered = await tubeOf([a])
  await report(answered, 'negative')
  await lab.post(`/api/tubes/${answered}/events`, { id: newId(), kind: 'destroyed', note: '已报告' })
  expect(await recallsOf(answered)).toEqual([])
})

test('people who are called back are no requests: the wall counts who asked', async () => {
  const wall = (await (await signedIn(city.base, 'commander')).get('/api/wall')).body
  const value = (id: string) => wall.figures.find((f: { id: string }) => f.id === id).value
  expect(value('recalls')).toBeGreaterThan(0)
  expect(value('requests')).toBe((await sql.query('select count(*)::int as n from request')).rows[0].n)
})

test('a thousand results of one upload answer each for itself', async () => {
  const people = await Promise.all(Array.from({ length: 5 }, (_, i) => resident(`8号80${i}室`)))
  const good = await Promise.all(people.map((p) => tubeOf([p])))
  const at = city.app.clock.now().toISOString()
  const results = [
    ...good.map((tube) => ({ id: newId(), tube, outcome: 'negative', testedAt: at })),
    ...Array.from({ length: 990 }, (_, i) => ({
      id: newId(),
      tube: labelOf('T', 500_000 + i),
      outcome: 'negative',
      testedAt: at,
    })),
    // The same tube twice in one upload, the second time otherwise: nothing may choose between the two.
    { id: newId(), tube: good[0], outcome: 'positive', testedAt: at },
    { id: newId(), tube: good[1], outcome: 'negative', testedAt: at },
  ]
  const { body } = await lab.post('/api/results', { results })
  const states = body.results.map((r: { state: string }) => r.state) as string[]
  expect(states.filter((s) => s === 'new')).toHaveLength(4)
  expect(states.filter((s) => s === 'early')).toHaveLength(990)
  expect(states.filter((s) => s === 'refused')).toHaveLength(2)
  expect(states.at(-1)).toBe('same')
  expect([body.results[0].refused, body.results.at(-2).refused]).toEqual([
    'results_contradict',
    'results_contradict',
  ])
  expect((await mine(people[0]!))[0].state).toBe('waiting')
})

test('the centre’s word stands above the laboratory’s, and a pack may let a positive be shown', () => {
  const row = { outcome: 'positive', finding: null, told_at: null, state: 'tested' } as const
  expect(stateOf(row, false)).toBe('being_checked')
  expect(stateOf(row, true)).toBe('positive')
  expect(stateOf({ ...row, finding: 'negative' }, true)).toBe('negative')
  const confirmed = { ...row, outcome: 'negative', finding: 'confirmed' } as const
  expect(stateOf(confirmed, false)).toBe('being_checked')
  expect(stateOf({ ...confirmed, told_at: new Date() }, false)).toBe('told')
  expect(stateOf({ ...row, outcome: null, state: 'rejected' }, false)).toBe('again')
  expect(stateOf({ ...row, outcome: null, state: 'destroyed' }, false)).toBe('again')
})

test('a test done tomorrow is a wrong clock and not taken', async () => {
  const tube = await tubeOf([await resident('10号1001室')])
  const testedAt = new Date(city.app.clock.now().getTime() + 86_400_000).toISOString()
  const { body } = await lab.post('/api/results', {
    results: [{ id: newId(), tube, outcome: 'negative', testedAt }],
  })
  expect(body.results[0].refused).toBe('tested_in_future')
  expect((await report(tube, 'negative')).state).toBe('new')
})

test('a tube that was destroyed keeps its result: the same again is the same, another one is held', async () => {
  const tube = await tubeOf([await resident('10号1002室')])
  await report(tube, 'negative')
  await lab.post(`/api/tubes/${tube}/events`, { id: newId(), kind: 'destroyed', note: '已报告' })
  expect((await report(tube, 'negative')).state).toBe('same')
  expect((await report(tube, 'positive')).state).toBe('held')
})
