import { afterAll, beforeAll, expect, test } from 'vitest'
import { newId } from '#kernel/ids.ts'
import { createKey } from '#capabilities/people/index.ts'
import { caller, residentWith, signedIn } from '#test/harness/city.ts'
import { startLaboratory, type Laboratory, type Person } from '#test/harness/laboratory.ts'
import { within } from '#kernel/db.ts'
import { answerRecalls, withdrawRecall } from './recall-ends.ts'
import { codeFor } from './resident-code.ts'

let house: Laboratory
beforeAll(async () => {
  house = await startLaboratory()
})
afterAll(() => house.stop())

const stateOfOrder = async (id: string) => (await house.worker.get(`/api/orders/${id}`)).body.state as string
const recallOf = async (tube: string, person: Person) =>
  (await house.recallsOf(tube)).filter((r) => r.person_id === person.id)
/** A positive pool with somebody and a neighbour; the recall of the first. */
async function called(person: Person) {
  const tube = await house.tubeOf([person, await house.resident(`neighbour ${person.id}`)])
  await house.report(tube, 'positive')
  const [recall] = await recallOf(tube, person)
  return { tube, recall: recall! }
}

test('a recall goes on until everybody of the household has given a single tube', async () => {
  const [husband, wife] = [await house.resident('1号101室'), await house.resident('1号101室')]
  const { recall } = await called(husband)
  expect(recall.household).toEqual([wife.id])
  await house.tubeOf([husband], 1)
  await answerRecalls(house.city.app)
  expect(await stateOfOrder(recall.id)).toBe('dispatched')
  expect([(await house.duty(husband)).single, (await house.duty(wife)).single]).toEqual([false, true])
  const seen = (await house.worker.get(`/api/recalls/${recall.id}`)).body
  expect([seen.person.given, seen.household[0].given, seen.answeredAt]).toEqual([true, false, null])
  const last = await house.tubeOf([wife], 1)
  await answerRecalls(house.city.app)
  expect(await stateOfOrder(recall.id)).toBe('resolved')
  expect((await recallOf(seen.tube, husband))[0]!.answered_by).toBe(last)
})

test('a tube that was sealed before the recall and came late answers nothing', async () => {
  const person = await house.resident('2号201室')
  const { recall } = await called(person)
  const hoursAgo = new Date(house.city.app.clock.now().getTime() - 3 * 3_600_000)
  await house.tubeOf([person], 1, { sealedAt: hoursAgo })
  await answerRecalls(house.city.app)
  expect(await stateOfOrder(recall.id)).toBe('dispatched')
  expect(await house.duty(person)).toMatchObject({ single: true, done: false })
})

test('today’s test is not done while the sample that gave no result is to be taken again', async () => {
  const person = await house.resident('2号202室')
  await house.report(await house.tubeOf([person]), 'invalid')
  expect(await house.duty(person)).toMatchObject({ pcr: 1, pcrDone: 0, done: false })
  // An invalid sample says nothing of anybody: a pool does.
  await house.tubeOf([person, await house.resident('2号203室')])
  expect(await house.duty(person)).toMatchObject({ done: true })
})

test('a single tube that the laboratory throws away answers no recall', async () => {
  const person = await house.resident('2号204室')
  const { recall } = await called(person)
  const spoilt = await house.tubeOf([person], 1)
  const thrown = await house.lab.post(`/api/tubes/${spoilt}/events`, {
    id: newId(),
    kind: 'rejected',
    note: '管盖松脱',
  })
  expect(thrown.status).toBe(200)
  await answerRecalls(house.city.app)
  expect(await stateOfOrder(recall.id)).toBe('dispatched')
  expect((await house.duty(person)).single).toBe(true)
})

test('a single tube that cannot be read leaves its recall owed, before it has ended and after', async () => {
  const [first, wife] = [await house.resident('3号301室'), await house.resident('3号301室')]
  const open = await called(first)
  await house.report(await house.tubeOf([first], 1), 'invalid')
  await house.tubeOf([wife], 1)
  await answerRecalls(house.city.app)
  expect(await stateOfOrder(open.recall.id)).toBe('dispatched')
  expect((await house.duty(first)).single).toBe(true)
  // One order to the door is enough.
  const { rows: orders } = await house.sql.query(`select why from recall where person_id = $1`, [first.id])
  expect(orders).toEqual([{ why: 'positive' }])

  const [second, child] = [await house.resident('3号302室'), await house.resident('3号302室')]
  const ended = await called(second)
  const spoilt = await house.tubeOf([second], 1)
  await house.tubeOf([child], 1)
  await answerRecalls(house.city.app)
  expect(await stateOfOrder(ended.recall.id)).toBe('resolved')
  await house.report(spoilt, 'invalid')
  const [again] = await recallOf(spoilt, second)
  // A single tube once more, of this person only; a pool would not answer it.
  expect(again).toMatchObject({ why: 'inconclusive', household: [] })
  await house.tubeOf([second, await house.resident('3号303室')])
  await answerRecalls(house.city.app)
  expect((await house.duty(second)).single).toBe(true)
})

test('a single tube given long after a recall had ended has nothing to do with it', async () => {
  const person = await house.resident('3号304室')
  const { recall } = await called(person)
  await house.tubeOf([person], 1)
  await answerRecalls(house.city.app)
  expect(await stateOfOrder(recall.id)).toBe('resolved')
  const later = await house.tubeOf([person], 1)
  await house.report(later, 'invalid')
  expect(await recallOf(later, person)).toMatchObject([{ why: 'invalid', household: [] }])
})

test('a single tube from before a recall that cannot be read was not taken for it, and is asked for again by itself', async () => {
  const person = await house.resident('3号320室')
  const hoursAgo = new Date(house.city.app.clock.now().getTime() - 3 * 3_600_000)
  const before = await house.tubeOf([person], 1, { sealedAt: hoursAgo })
  await called(person)
  await house.report(before, 'invalid')
  expect(await recallOf(before, person)).toMatchObject([{ why: 'invalid', household: [] }])
})

test('nobody waits for somebody whose record was erased', async () => {
  const [person, wife] = [await house.resident('3号305室'), await house.resident('3号305室')]
  const { recall } = await called(person)
  await house.tubeOf([person], 1)
  await house.sql.query('update person set erased_at = now() where id = $1', [wife.id])
  await answerRecalls(house.city.app)
  expect(await stateOfOrder(recall.id)).toBe('resolved')
})

test('whose home is known by the subdistrict alone is sought where they were sampled', async () => {
  const person = await house.resident('3号306室')
  await house.sql.query(`update person set place_code = '310115016' where id = $1`, [person.id])
  const { tube } = await called(person)
  const [recall] = (
    await house.sql.query('select place_code from recall where tube = $1 and person_id = $2', [
      tube,
      person.id,
    ])
  ).rows
  expect(recall).toEqual({ place_code: '310115016001' })
})

test('an invalid tube that was positive after all calls its people back with their households', async () => {
  const [person, wife] = [await house.resident('4号401室'), await house.resident('4号401室')]
  const tube = await house.tubeOf([person, await house.resident('4号402室')])
  await house.report(tube, 'invalid')
  await house.correct(tube, 'positive')
  const recalls = await recallOf(tube, person)
  expect(recalls.map((r) => [r.why, r.household, r.answered_by])).toEqual([
    ['invalid', [], 'corrected'],
    ['positive', [wife.id], null],
  ])
  expect(await stateOfOrder(recalls[0]!.id)).toBe('resolved')
  expect(await stateOfOrder(recalls[1]!.id)).toBe('dispatched')
  expect((await house.duty(person)).single).toBe(true)
})

test('a positive that was taken back calls nobody any more, and one that comes again calls them again', async () => {
  const person = await house.resident('5号501室')
  const { tube, recall } = await called(person)
  await house.correct(tube, 'negative')
  expect(await stateOfOrder(recall.id)).toBe('resolved')
  expect((await house.duty(person)).single).toBe(false)
  expect((await house.mine(person))[0].state).toBe('negative')
  const who = await residentWith(house.city.base, person.phone)
  expect((await who.get(`/api/my/results/${tube}/card`)).status).toBe(200)
  await house.correct(tube, 'positive')
  expect((await recallOf(tube, person)).filter((r) => r.answered_by === null)).toHaveLength(1)
  expect((await who.get(`/api/my/results/${tube}/card`)).body.code).toBe('no_card')
  await house.correct(tube, 'negative')
  expect((await who.get(`/api/my/results/${tube}/card`)).status).toBe(200)
})

test('a contradiction that comes again after two people had settled it is held again, never lost', async () => {
  const tube = await house.tubeOf([await house.resident('6号601室')])
  await house.report(tube, 'negative')
  await house.report(tube, 'positive')
  const first = (await house.holdOf(tube))!
  await house.lab.post(`/api/results/holds/${first.id}/propose`, { proposal: 'kept', reason: '录入错行' })
  await house.colleague.post(`/api/results/holds/${first.id}/decide`, { proposal: 'kept' })
  expect(await house.holdOf(tube)).toBeUndefined()
  expect((await house.report(tube, 'positive')).state).toBe('held')
  const second = (await house.holdOf(tube))!
  expect(second.id).not.toBe(first.id)
  expect(second).toMatchObject({ stands: 'negative', said: 'positive', mayDecide: false })
})

test('of two contradictions the second speaks against what stands after the first, and cannot undo it unseen', async () => {
  const tube = await house.tubeOf([await house.resident('6号602室'), await house.resident('6号603室')])
  await house.report(tube, 'negative')
  await house.report(tube, 'invalid')
  const invalid = (await house.holdOf(tube))!
  await house.lab.post(`/api/results/holds/${invalid.id}/propose`, { proposal: 'replaced', reason: '漏加样' })
  await house.report(tube, 'positive')
  const { items } = (await house.lab.get('/api/results/holds')).body
  const positive = items.find((h: { tube: string; said: string }) => h.tube === tube && h.said === 'positive')
  const path = `/api/results/holds/${positive.id}`
  await house.lab.post(`${path}/propose`, { proposal: 'replaced', reason: '复测' })
  await house.colleague.post(`${path}/decide`, { proposal: 'replaced' })
  // What was proposed of the other was about a result that no longer stands.
  const late = await house.colleague.post(`/api/results/holds/${invalid.id}/decide`, { proposal: 'replaced' })
  expect(late.body.code).toBe('not_what_was_proposed')
  expect(await house.holdOf(tube)).toMatchObject({ id: invalid.id, stands: 'positive', said: 'invalid' })
  expect(await house.recallsOf(tube)).toHaveLength(2)
})

test('once the centre has spoken, what the laboratory corrects calls nobody and takes nothing back', async () => {
  const person = await house.resident('6号601室')
  const tube = await house.tubeOf([person], 1)
  await house.report(tube, 'positive')
  const { rows } = await house.sql.query('select id from finding where tube = $1', [tube])
  const found = await house.centre.post(`/api/findings/${rows[0].id}`, {
    id: newId(),
    outcome: 'negative',
    note: '复测阴性',
  })
  expect(found.status).toBe(200)
  await house.correct(tube, 'inconclusive')
  expect(await recallOf(tube, person)).toEqual([])
  expect((await house.mine(person))[0].state).toBe('negative')
  const who = await residentWith(house.city.base, person.phone)
  expect((await who.get(`/api/my/results/${tube}/card`)).status).toBe(200)
})

test('a positive that two people took back leaves the centre nothing to confirm', async () => {
  const person = await house.resident('61号602室')
  const tube = await house.tubeOf([person], 1)
  await house.report(tube, 'positive')
  const { rows } = await house.sql.query('select id from finding where tube = $1', [tube])
  const stateAtCentre = async () => (await house.centre.get(`/api/orders/${rows[0].id}`)).body.state
  expect(await stateAtCentre()).toBe('dispatched')
  await house.correct(tube, 'negative')
  expect(await stateAtCentre()).toBe('resolved')
})

test('a recall whose order was put off ends all the same once the single tube is taken', async () => {
  const person = await house.resident('61号603室')
  const { recall } = await called(person)
  const handler = await signedIn(house.city.base, 'huamu')
  const until = new Date(house.city.app.clock.now().getTime() + 86_400_000).toISOString()
  for (const step of [{ action: 'sign' }, { action: 'suspend', until, note: '人在外区，明日回' }])
    expect((await handler.post(`/api/orders/${recall.id}/actions`, { id: newId(), ...step })).status).toBe(
      200,
    )
  expect(await stateOfOrder(recall.id)).toBe('suspended')
  await house.tubeOf([person], 1)
  await answerRecalls(house.city.app)
  expect(await stateOfOrder(recall.id)).toBe('resolved')
})

test('an appeal that changes anything else of a recall leaves it owed', async () => {
  const person = await house.resident('61号604室')
  const { recall } = await called(person)
  const hear = (outcome: string) =>
    within(house.city.app.db, { as: 'service' }, (trx) =>
      withdrawRecall(house.city.app, trx, {
        kind: 'screening.recall',
        subjectId: recall.id,
        outcome,
        reasons: '核对',
      }),
    )
  await hear('passed')
  expect(await stateOfOrder(recall.id)).toBe('dispatched')
  await hear('failed')
  expect(await stateOfOrder(recall.id)).toBe('resolved')
})

test('an instrument with a key is none of the two people', async () => {
  const tube = await house.tubeOf([await house.resident('6号604室')])
  await house.report(tube, 'negative')
  await house.report(tube, 'positive')
  const { id } = (await house.holdOf(tube))!
  const { secret: key } = await createKey(house.city.app, {
    role: 'lab',
    place: '31',
    unit: 'lab.simulated',
    days: 1,
  })
  const machine = caller(house.city.base, { authorization: `Bearer ${key}` })
  const answer = await machine.post(`/api/results/holds/${id}/propose`, {
    proposal: 'replaced',
    reason: '自动',
  })
  expect([answer.status, answer.body.code]).toEqual([403, 'not_allowed'])
})

test('recalls and the result are one commit: where nobody can be called, nothing is stored', async () => {
  const tube = await house.tubeOf([await house.resident('7号701室'), await house.resident('7号702室')])
  await house.sql.query(`
    create function cannot_call() returns trigger language plpgsql as $$ begin raise exception 'no'; end $$;
    create trigger cannot_call before insert on recall for each row execute function cannot_call()`)
  const failed = await house.lab.post('/api/results', {
    results: [{ id: newId(), tube, outcome: 'positive', testedAt: house.city.app.clock.now().toISOString() }],
  })
  await house.sql.query(`drop trigger cannot_call on recall; drop function cannot_call()`)
  expect(failed.status).toBe(500)
  const { rows } = await house.sql.query(
    `select state, (select count(*)::int from result where tube = code) as results from tube where code = $1`,
    [tube],
  )
  expect(rows).toEqual([{ state: 'received', results: 0 }])
  expect((await house.report(tube, 'positive')).state).toBe('new')
  expect(await house.recallsOf(tube)).toHaveLength(2)
})

test('the app says nothing of a positive, in decisions neither, and a finding only after the telephone', async () => {
  const person = await house.resident('8号801室')
  const { recall } = await called(person)
  const who = await residentWith(house.city.base, person.phone)
  const decisions = async () => JSON.stringify((await who.get('/api/my/decisions')).body)
  expect(await decisions()).toContain(recall.id)
  expect(await decisions()).not.toMatch(/阳性|positive|异常/i)
  const single = await house.tubeOf([person], 1)
  await house.report(single, 'positive')
  const { rows } = await house.sql.query<{ id: string }>(`select id from finding where tube = $1`, [single])
  const path = `/api/findings/${rows[0]!.id}`
  const tell = () => house.centre.post(`${path}/told`, { id: newId() })
  expect((await tell()).body.code).toBe('finding_not_recorded')
  await house.centre.post(path, { id: newId(), outcome: 'confirmed', note: '复核（模拟）' })
  const state = async () =>
    (await house.mine(person)).find((r: { tube: string }) => r.tube === single).state as string
  expect(await state()).toBe('being_checked')
  expect((await who.get(`/api/my/results/${single}/card`)).body.code).toBe('no_card')
  const told = await tell()
  expect(told.body.toldAt).not.toBeNull()
  expect((await tell()).body.toldAt).toBe(told.body.toldAt)
  expect(await state()).toBe('told')
  expect((await who.get(`/api/my/results/${single}/card`)).status).toBe(200)
  expect(await decisions()).toContain(rows[0]!.id)
  expect(await decisions()).not.toMatch(/阳性|positive|确诊|confirmed/i)
  // After the centre has spoken a laboratory's correction changes its own record and nothing else.
  await house.correct(single, 'inconclusive')
  expect(await state()).toBe('told')
  expect((await who.get(`/api/my/results/${single}/card`)).status).toBe(200)
  expect(await house.recallsOf(single)).toEqual([])
})

test('a recall that people closed with a reason is over; until then it stays owed', async () => {
  const person = await house.resident('9号901室')
  const { recall } = await called(person)
  const handler = await signedIn(house.city.base, 'recall.huamu')
  const act = (action: string, given: object = {}, by = handler) =>
    by.post(`/api/orders/${recall.id}/actions`, { id: newId(), action, ...given })
  await act('sign')
  await act('resolve', { note: '本人当日已转运至外区，由该区采样' })
  expect((await house.duty(person)).single).toBe(true)
  const agent = await signedIn(house.city.base, 'agent')
  expect((await act('call_back', { solved: true }, agent)).body.state).toBe('closed')
  expect((await house.duty(person)).single).toBe(false)
  expect((await house.worker.get(`/api/recalls/${recall.id}`)).body.answeredBy).toBe('order')
})

test('whoever a second claim says was in a positive tube is called back too', async () => {
  const [member, claimed] = [await house.resident('11号1101室'), await house.resident('11号1102室')]
  const tube = await house.tubeOf([member, await house.resident('11号1103室')])
  const second = await house.sampler.post('/api/tubes', {
    sessionId: house.session,
    tubes: [
      {
        id: newId(),
        code: tube,
        kind: 10,
        members: [{ code: codeFor(house.city.app, claimed.id, 60) }],
        sealedAt: house.city.app.clock.now().toISOString(),
      },
    ],
  })
  expect(second.body.tubes[0].refused).toBe('tube_taken')
  await house.report(tube, 'positive')
  expect((await house.recallsOf(tube)).map((r) => r.person_id)).toContain(claimed.id)
  expect((await house.duty(claimed)).single).toBe(true)
})

test('a recall that is not accepted, with words and clause, is over too', async () => {
  const person = await house.resident('9号902室')
  const { recall } = await called(person)
  await house.sql.query(`update work_order set state = 'received', unit_id = null where id = $1`, [recall.id])
  const agent = await signedIn(house.city.base, 'agent')
  const rejected = await agent.post(`/api/orders/${recall.id}/actions`, {
    id: newId(),
    action: 'reject',
    note: '登记有误，本人当日不在本市',
    clause: '采样 1.3',
  })
  expect(rejected.body.state).toBe('rejected')
  expect((await house.duty(person)).single).toBe(false)
})

test('whoever is known by a telephone alone has no card until their name is registered', async () => {
  const phone = '19900077777'
  const tube = house.labels()[0]
  const { body } = await house.sampler.post('/api/tubes', {
    sessionId: house.session,
    tubes: [
      {
        id: newId(),
        code: tube,
        kind: 1,
        members: [{ phone }],
        sealedAt: house.city.app.clock.now().toISOString(),
      },
    ],
  })
  expect(body.tubes[0].refused).toBeNull()
  const box = house.labels()[1]
  await house.sampler.post('/api/boxes', { id: newId(), code: box, sessionId: house.session, tubes: [tube] })
  await house.lab.post(`/api/boxes/${box}/events`, { id: newId(), kind: 'received' })
  await house.report(tube, 'negative')
  const who = await residentWith(house.city.base, phone)
  expect((await who.get(`/api/my/results/${tube}/card`)).body.code).toBe('card_needs_name')
  await house.sql.query(`update person set name_sealed = $2 where phone_hash = $1`, [
    house.city.app.vault.fingerprint(phone, 'phone'),
    house.city.app.vault.seal('模拟新登记', 'person.name'),
  ])
  expect((await who.get(`/api/my/results/${tube}/card`)).status).toBe(200)
})
