import fc from 'fast-check'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { newId } from '#kernel/ids.ts'
import { applyRetention } from '#capabilities/people/index.ts'
import { oldWords } from '#capabilities/requests/index.ts'
import { signedIn, startCity, type Answer, type Caller, type TestCity } from '#test/harness/city.ts'
import { SealTubes } from './custody.contract.ts'
import { isLabel, labelOf } from './label.contract.ts'
import { codeFor } from './resident-code.ts'

const COMPOUND = '310115016001001'
let city: TestCity
let sql: pg.Client
let sampler: Caller
let worker: Caller
let lab: Caller
let people: string[]
let session: string
let label = 0

const nextLabel = () => labelOf('T', ++label)
const code = (i: number) => codeFor(city.app, people[i]!, 60)
const now = () => city.app.clock.now().toISOString()

type Tube = { id: string; code: string; kind: number; members: unknown[]; sealedAt: string }
const tubeOf = (members: number[], more: Partial<Tube> = {}): Tube => ({
  id: newId(),
  code: nextLabel(),
  kind: 10,
  members: members.map((i) => ({ code: code(i) })),
  sealedAt: now(),
  ...more,
})
const seal = (tubes: Tube[], who = sampler, at = session): Promise<Answer> =>
  who.post('/api/tubes', { sessionId: at, tubes })
const answerOf = (a: Answer, i = 0) => a.body.tubes[i].refused as string | null
const custody = async (tube: string, who = worker) => (await who.get(`/api/tubes/${tube}`)).body

async function open(who = sampler): Promise<string> {
  const id = newId()
  const opened = await who.post('/api/sampling/sessions', {
    id,
    placeCode: COMPOUND,
    address: '樱花路801弄（模拟）',
  })
  expect(opened.status).toBe(200)
  return id
}

async function account(role: string, place: string, unit: string | null = null): Promise<Caller> {
  const id = newId()
  const name = `模拟·${unit ?? id}`
  await sql.query(
    `insert into account (id, username, name, password_hash, place_code, simulated) values ($1, $2, $2, 'x', $3, true)`,
    [id, name, place],
  )
  await sql.query(
    `insert into account_grant (account_id, role, place_code, unit_id, valid_from) values ($1, $2, $3, $4, now())`,
    [id, role, place, unit],
  )
  return signedIn(city.base, name)
}
const labAccount = (unit: string): Promise<Caller> => account('lab', '31', unit)

beforeAll(async () => {
  city = await startCity({ people: 120 })
  sql = new pg.Client({ connectionString: city.url })
  await sql.connect()
  sampler = await signedIn(city.base, 'sampler')
  worker = await signedIn(city.base, 'juwei')
  lab = await signedIn(city.base, 'lab')
  people = (await sql.query<{ id: string }>('select id from person order by id')).rows.map((r) => r.id)
  session = await open()
})
afterAll(async () => {
  await sql.end()
  await city.stop()
})

test('a sealed tube of ten is durable with its people and its audit line, and its way can be read', async () => {
  const tube = tubeOf([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
  const answer = await seal([tube])
  expect(SealTubes.response.parse(answer.body)).toEqual(answer.body)
  expect(answerOf(answer)).toBeNull()
  await city.restart()
  const read = await custody(tube.code)
  expect(read).toMatchObject({
    code: tube.code,
    state: 'sealed',
    placeCode: COMPOUND,
    address: '樱花路801弄（模拟）',
    clockDoubted: false,
  })
  expect(read.members.map((m: { personId: string }) => m.personId)).toEqual(people.slice(0, 10))
  expect(read.members[0].nameMasked).toMatch(/^模\*+$/)
  const { rows } = await sql.query(`select data from audit where subject = $1 and action = 'tubes.seal'`, [
    tube.code,
  ])
  expect(rows).toEqual([{ data: { members: 10 } }])
})

test('the same tube sent again is harmless, also at the same instant; with anything else in it, it is refused and kept', async () => {
  const tube = tubeOf([10, 11, 12])
  const twice = await Promise.all([seal([tube]), seal([tube]), seal([tube, tube])])
  expect(twice.map((a) => answerOf(a))).toEqual([null, null, null])
  const { rows } = await sql.query(`select count(*)::int as n from sample where tube = $1`, [tube.code])
  expect(rows[0].n).toBe(3)
  // Reopened: the same device, one more member.
  const reopened = { ...tube, members: [...tube.members, { code: code(13) }] }
  expect(answerOf(await seal([reopened]))).toBe('tube_taken')
  // Another device with the same label.
  expect(answerOf(await seal([tubeOf([14, 15], { code: tube.code })]))).toBe('tube_taken')
  const read = await custody(tube.code)
  expect(read.members).toHaveLength(3)
  expect(read.claims.map((c: { members: number }) => c.members).toSorted()).toEqual([2, 4])
})

test('two devices that seal one label at the same instant: one has it, the other is told, both are kept', async () => {
  const shared = nextLabel()
  const both = await Promise.all([
    seal([tubeOf([16, 17], { code: shared })]),
    seal([tubeOf([18, 19], { code: shared })]),
  ])
  const said = both.map((a) => answerOf(a))
  expect(said.filter((r) => r === null)).toHaveLength(1)
  expect(said.filter((r) => r === 'tube_taken')).toHaveLength(1)
  const read = await custody(shared)
  expect([read.members.length, read.claims.length]).toEqual([2, 1])
})

test('one bad tube does not hold back the others of a morning', async () => {
  const good = tubeOf([20])
  const mistyped = tubeOf([21], { code: `${nextLabel().slice(0, 12)}x`.replace('x', '') + '0' })
  const wrong = labelOf('T', 77).replace(/.$/, (d) => String((Number(d) + 1) % 10))
  const answer = await seal([
    { ...mistyped, code: wrong },
    good,
    tubeOf([22, 22]),
    tubeOf([23, 24], { kind: 1 }),
    tubeOf([], { members: [{ code: `K1.${'A'.repeat(80)}` }] }),
  ])
  expect(answer.body.tubes.map((t: { refused: string | null }) => t.refused)).toEqual([
    'label_mistyped',
    null,
    'twice_in_tube',
    'tube_overfull',
    'code_not_valid',
  ])
  expect(answer.body.tubes[0].titleZh).toBe('条码校验不符，请核对后重输')
})

test('a person in two tubes at once: both stand, and each names the other', async () => {
  const [a, b] = [tubeOf([25, 26]), tubeOf([26, 27])]
  expect((await seal([a, b])).body.tubes.map((t: { refused: null }) => t.refused)).toEqual([null, null])
  const read = await custody(a.code)
  expect(read.members.map((m: { alsoIn: string[] }) => m.alsoIn)).toEqual([[], [b.code]])
})

test('people without a code: by identity number with its checksum, by telephone, registered on the spot once', async () => {
  const idNumber = '000000199001011239'
  const member = { idKind: 'passport', idNumber: 'E12345678', name: '模拟访客' }
  const tube = tubeOf([], { kind: 5, members: [member, { phone: '19900007777', name: '模拟邻居' }] })
  expect(answerOf(await seal([tube]))).toBeNull()
  const again = tubeOf([], { kind: 5, members: [{ phone: '19900007777' }, member] })
  expect(answerOf(await seal([again]))).toBeNull()
  const [first, second] = [await custody(tube.code), await custody(again.code)]
  const ids = (c: { members: { personId: string }[] }) => c.members.map((m) => m.personId).toSorted()
  expect(ids(first)).toEqual(ids(second))
  const bad = await seal([tubeOf([], { members: [{ idKind: 'resident_id', idNumber }] })])
  expect(answerOf(bad)).toBe('id_number_wrong')
})

test('who stands before the table is looked up and recorded, and nobody is registered before a sample is taken', async () => {
  const phone = '19900006543'
  const look = (member: unknown) => sampler.post('/api/sampling/people', { sessionId: session, member })
  const people = async () => (await sql.query('select count(*)::int as n from person')).rows[0].n as number
  const looks = async () =>
    (await sql.query(`select count(*)::int as n from audit where action = 'sampling.identify'`)).rows[0].n
  const before = [await people(), await looks()]
  expect((await look({ phone })).body).toEqual({ nameMasked: null, isNew: true })
  expect((await look({ phone, name: '模拟访客' })).body).toEqual({ nameMasked: null, isNew: true })
  const wrong = await look({ idKind: 'resident_id', idNumber: '000000199001011239' })
  expect(wrong.body.code).toBe('id_number_wrong')
  expect([await people(), await looks()]).toEqual(before)
  expect(answerOf(await seal([tubeOf([], { members: [{ phone, name: '模拟访客' }] })]))).toBeNull()
  // The mask and nothing that could be used to look further.
  expect((await look({ phone })).body).toEqual({ nameMasked: '模***', isNew: false })
  expect(await looks()).toBe(before[1] + 1)
})

const residentOf = async (phone: string): Promise<string[]> => {
  const { rows } = await sql.query<{ tube: string }>(
    `select s.tube from sample s join person p on p.id = s.person_id where p.phone_hash = $1`,
    [city.app.vault.fingerprint(phone, 'phone')],
  )
  return rows.map((r) => r.tube)
}

test('a tube that is mended gives nobody the sample of somebody who was taken out of it', async () => {
  const phones = ['19900011111', '19900022222', '19900033333'] as const
  const [a, b, c] = phones.map((phone) => ({ phone }))
  const over = { code: codeFor(city.app, people[60]!, -49 * 60) }
  const tube = tubeOf([], { members: [a, over] })
  expect(answerOf(await seal([tube]))).toBe('code_not_valid')
  expect(answerOf(await seal([{ ...tube, members: [b, c] }]))).toBeNull()
  expect(await Promise.all(phones.map(residentOf))).toEqual([[], [tube.code], [tube.code]])
  // Whoever moves up by one is still themselves.
  const [d, e] = [{ phone: '19900000041' }, { phone: '19900000042' }]
  const shifted = tubeOf([], { members: [d, e, over] })
  expect(answerOf(await seal([shifted]))).toBe('code_not_valid')
  expect(answerOf(await seal([{ ...shifted, members: [e, { phone: '19900000043' }] }]))).toBeNull()
  expect(await residentOf(d.phone)).toEqual([])
  expect(await residentOf(e.phone)).toEqual([shifted.code])
})

test('a telephone that nobody has, given at six tables at the same instant, is one person', async () => {
  // Once is luck: twelve telephones, one after the other.
  for (let n = 0; n < 12; n++) {
    const phone = `199000987${String(n).padStart(2, '0')}`
    const said = await Promise.all(
      Array.from({ length: 6 }, () => seal([tubeOf([], { members: [{ phone }] })])),
    )
    expect(said.map((a) => answerOf(a))).toEqual(Array(6).fill(null))
    const { rows } = await sql.query('select count(*)::int as n from person where phone_hash = $1', [
      city.app.vault.fingerprint(phone, 'phone'),
    ])
    expect(rows).toEqual([{ n: 1 }])
  }
})

const merge = async (keeper: string, duplicate: string) => {
  const desk = await account('supervisor', '31')
  const merged = await desk.post('/api/people/merges', {
    id: newId(),
    keeperId: keeper,
    duplicateId: duplicate,
    reason: '同一人两次登记',
  })
  expect(merged.status).toBe(200)
}

test('two codes of one person, kept from before their records were made one, are not two people in a tube', async () => {
  await merge(people[70]!, people[71]!)
  const [twice, once] = [tubeOf([70, 71, 72]), tubeOf([71, 72])]
  const answer = await seal([twice, once])
  expect(answer.body.tubes.map((t: { refused: string | null }) => t.refused)).toEqual(['twice_in_tube', null])
  const { rows } = await sql.query(
    `select (select count(*)::int from tube where code = $1) + (select count(*)::int from sample where tube = $1) as n`,
    [twice.code],
  )
  expect(rows[0].n).toBe(0)
  const read = await custody(once.code)
  expect(read.members.map((m: { personId: string }) => m.personId)).toEqual([people[70], people[72]])
  // Under the same label and at the same instant: what may not be written does not stand in the way of what may.
  const label = nextLabel()
  const both = await seal([tubeOf([70, 71], { code: label }), tubeOf([70, 72], { code: label })])
  expect(both.body.tubes.map((t: { refused: string | null }) => t.refused)).toEqual(['twice_in_tube', null])
})

test('a tube that is sent again after somebody in it became part of another record is the same tube', async () => {
  const [one, two] = ['19900061001', '19900061002']
  const tube = tubeOf([73], { members: [{ code: code(73) }, { phone: one }, { phone: two }] })
  expect(answerOf(await seal([tube]))).toBeNull()
  const ids: string[] = (await custody(tube.code)).members.map((m: { personId: string }) => m.personId)
  await merge(people[74]!, ids[1]!)
  expect(answerOf(await seal([tube]))).toBeNull()
  // Both of them were one person all along: what stands is not taken back.
  await merge(people[74]!, ids[2]!)
  expect(answerOf(await seal([tube]))).toBeNull()
  expect(answerOf(await seal([{ ...tube, members: tube.members.slice(0, 2) }]))).toBe('tube_taken')
  expect((await custody(tube.code)).claims).toHaveLength(1)
})

test('a code of somebody who was erased opens no tube, and a tube that they are in already stays the same', async () => {
  const before = tubeOf([75, 76])
  expect(answerOf(await seal([before]))).toBeNull()
  await sql.query('update person set erased_at = now() where id = $1', [people[75]])
  expect(answerOf(await seal([before]))).toBeNull()
  expect(answerOf(await seal([tubeOf([75, 77])]))).toBe('person_not_found')
})

test('a device whose clock is wrong by a day is believed for the people and doubted for the time', async () => {
  const day = 86_400_000
  const at = city.app.clock.now().getTime()
  const ahead = tubeOf([30], { sealedAt: new Date(at + day).toISOString() })
  const late = tubeOf([31], { sealedAt: new Date(at - day).toISOString() })
  const old = tubeOf([32], { sealedAt: new Date(at - 4 * day).toISOString() })
  // What a device itself says it could not know is kept and marked.
  const unsure = { ...tubeOf([39], { sealedAt: late.sealedAt }), clockUnsure: true }
  await seal([ahead, late, old, unsure])
  const read = await Promise.all([ahead, late, old, unsure].map((t) => custody(t.code)))
  expect(read.map((r) => r.clockDoubted)).toEqual([true, false, true, true])
  expect([read[1].sealedAt, read[3].sealedAt]).toEqual([late.sealedAt, late.sealedAt])
  expect(Math.abs(Date.parse(read[0].sealedAt) - at)).toBeLessThan(60_000)
})

test('a session that ended takes what was sealed before its end, and nothing sealed after', async () => {
  const id = await open()
  const before = tubeOf([33])
  await sampler.post(`/api/sampling/sessions/${id}/close`, {})
  await sql.query(`update sampling_session set closed_at = closed_at - interval '1 hour' where id = $1`, [id])
  await city.restart()
  const early = tubeOf([34], {
    sealedAt: new Date(city.app.clock.now().getTime() - 2 * 3_600_000).toISOString(),
  })
  const answer = await seal([early, { ...before, sealedAt: now() }], sampler, id)
  expect(answer.body.tubes.map((t: { refused: string | null }) => t.refused)).toEqual([null, 'session_ended'])
  expect((await seal([tubeOf([35])], sampler, newId())).body.code).toBe('session_unknown')
})

test('sampling begins at a neighbourhood or a compound, and at a site that lies there', async () => {
  const site = newId()
  await sql.query(
    `insert into sampling_site (id, place_code, name, address, lng, lat, hours_text, source, imported_at) values ($1, '310115016002', '模拟采样点', '模拟路2号', 121.5, 31.2, '', '模拟', now())`,
    [site],
  )
  const wide = newId()
  await sql.query(
    `insert into sampling_site (id, place_code, name, address, lng, lat, hours_text, source, imported_at) values ($1, '310115016', '模拟采样点', '模拟路3号', 121.5, 31.2, '', '模拟', now())`,
    [wide],
  )
  const district = await account('sampler', '310115')
  const at = (placeCode: string, siteId?: string, id = newId()) =>
    district.post('/api/sampling/sessions', { id, placeCode, address: '模拟', ...(siteId && { siteId }) })
  for (const place of ['310115', '310115016'])
    expect((await at(place)).body.code, place).toBe('session_too_wide')
  expect((await at(COMPOUND, newId())).body.code).toBe('site_not_found')
  expect((await at(COMPOUND, site)).body.code).toBe('site_elsewhere')
  expect((await at(COMPOUND, wide)).status).toBe(200)
  const id = newId()
  expect((await at('310115016002', site, id)).body.siteId).toBe(site)
  // The site moved while the device was away: the session that began there is the same one.
  await sql.query(`update sampling_site set place_code = '310115016003' where id = $1`, [site])
  expect((await at('310115016002', site, id)).status).toBe(200)
})

test('a box takes sealed tubes once, names what it cannot take, and grows when a late device reports', async () => {
  const [a, b, late] = [tubeOf([40]), tubeOf([41]), tubeOf([42])]
  await seal([a, b])
  const box = labelOf('B', 1)
  const id = newId()
  const pack = (tubes: string[], as = id, boxCode = box) =>
    sampler.post('/api/boxes', { id: as, code: boxCode, sessionId: session, tubes })
  const first = await pack([a.code, b.code, late.code])
  expect(first.body).toEqual({ code: box, packed: 2, refused: [{ code: late.code, why: 'unknown' }] })
  await seal([late])
  expect((await pack([a.code, b.code, late.code])).body).toMatchObject({ packed: 3, refused: [] })
  expect((await pack([a.code], newId())).body.code).toBe('box_taken')
  const other = await pack([a.code], newId(), labelOf('B', 2))
  expect(other.body.refused).toEqual([{ code: a.code, why: 'other_box' }])
  expect((await pack([a.code], newId(), 'B000000000018')).body.code).toBe('label_mistyped')
})

test('a sampler of another district cannot put tubes that are not theirs into a box, nor learn that they exist', async () => {
  const [free, taken] = [tubeOf([43]), tubeOf([44])]
  await seal([free, taken])
  const box = labelOf('B', 3)
  const id = newId()
  await sampler.post('/api/boxes', { id, code: box, sessionId: session, tubes: [taken.code] })
  const other = await account('sampler', '310101')
  const theirs = newId()
  await other.post('/api/sampling/sessions', {
    id: theirs,
    placeCode: '310101002001001',
    address: '模拟',
  })
  const none = nextLabel()
  const tubes = [free.code, taken.code, none]
  const packed = await other.post('/api/boxes', {
    id: newId(),
    code: labelOf('B', 4),
    sessionId: theirs,
    tubes,
  })
  expect(packed.body).toMatchObject({ packed: 0, refused: tubes.map((code) => ({ code, why: 'unknown' })) })
  expect((await custody(free.code)).state).toBe('sealed')
  // Nor into the box that is not theirs, though they know its id.
  const into = await other.post('/api/boxes', { id, code: box, sessionId: theirs, tubes: [taken.code] })
  expect(into.body.code).toBe('box_taken')
})

test('a box at two laboratories: the first has it, the second is told, and both stand in the custody', async () => {
  const tube = tubeOf([50])
  await seal([tube])
  const box = labelOf('B', 10)
  await sampler.post('/api/boxes', { id: newId(), code: box, sessionId: session, tubes: [tube.code] })
  const move = (who: Caller, kind: string, id = newId()) => who.post(`/api/boxes/${box}/events`, { id, kind })
  expect((await move(sampler, 'collected')).body).toMatchObject({ state: 'collected', tubes: 1 })
  expect((await move(sampler, 'received')).body.code).toBe('box_not_found')
  const id = newId()
  expect((await move(lab, 'received', id)).body).toMatchObject({ state: 'received', lab: 'lab.simulated' })
  expect((await move(lab, 'received', id)).status).toBe(200)
  const second = await labAccount('lab.second')
  expect((await move(second, 'received')).body.code).toBe('box_elsewhere')
  const read = await custody(tube.code)
  expect(read.state).toBe('received')
  expect(read.events.map((e: { kind: string; lab: string | null }) => [e.kind, e.lab])).toEqual([
    ['sealed', null],
    ['boxed', null],
    ['collected', null],
    ['received', 'lab.simulated'],
    ['contested', 'lab.second'],
  ])
  // A tube is rejected by the laboratory that has it, with a reason, and not twice into another state.
  const reject = (who: Caller, kind = 'rejected') =>
    who.post(`/api/tubes/${tube.code}/events`, { id: newId(), kind, note: '管体破损' })
  expect((await reject(second)).body.code).toBe('tube_not_here')
  expect((await reject(lab)).body.state).toBe('rejected')
  expect((await reject(lab)).body.code).toBe('tube_cannot')
  expect((await reject(lab, 'destroyed')).body.state).toBe('destroyed')
})

test('a box that grew before it left may be sent again as it left, and not as anything else', async () => {
  const [a, b, c] = [tubeOf([51]), tubeOf([52]), tubeOf([53])]
  await seal([a, b])
  const box = labelOf('B', 20)
  const id = newId()
  const pack = (...tubes: Tube[]) =>
    sampler.post('/api/boxes', { id, code: box, sessionId: session, tubes: tubes.map((t) => t.code) })
  await pack(a)
  await pack(a, b, c)
  await sampler.post(`/api/boxes/${box}/events`, { id: newId(), kind: 'collected' })
  expect((await pack(a, b, c)).body).toMatchObject({ packed: 2, refused: [{ code: c.code, why: 'unknown' }] })
  await seal([c])
  expect((await pack(a, b, c)).body).toMatchObject({ packed: 3, refused: [] })
  expect((await custody(c.code)).state).toBe('collected')
  expect((await pack(a, b)).body.code).toBe('box_gone')
})

test('the id of one step of a chain of custody is not taken for another step', async () => {
  const [a, b] = [tubeOf([54]), tubeOf([55])]
  await seal([a, b])
  const [one, two] = [labelOf('B', 21), labelOf('B', 22)]
  const pack = (id: string, code: string, tube: Tube) =>
    sampler.post('/api/boxes', { id, code, sessionId: session, tubes: [tube.code] })
  const move = (box: string, id: string, kind: string, who = lab) =>
    who.post(`/api/boxes/${box}/events`, { id, kind })
  const first = newId()
  await pack(first, one, a)
  expect((await pack(first, two, b)).body.code).toBe('same_id_other_content')
  await pack(newId(), two, b)
  const id = newId()
  expect((await move(one, id, 'received')).body.state).toBe('received')
  expect((await move(two, id, 'received')).body.code).toBe('same_id_other_content')
  expect((await move(one, id, 'collected', sampler)).body.code).toBe('same_id_other_content')
  expect((await custody(b.code)).state).toBe('boxed')
  await move(two, newId(), 'received')
  const end = (tube: Tube, event: string, kind: string) =>
    lab.post(`/api/tubes/${tube.code}/events`, { id: event, kind, note: '管体破损' })
  const event = newId()
  expect((await end(a, event, 'rejected')).body.state).toBe('rejected')
  expect((await end(a, event, 'rejected')).body.state).toBe('rejected')
  expect((await end(a, event, 'destroyed')).body.code).toBe('same_id_other_content')
  expect((await end(b, event, 'rejected')).body.code).toBe('same_id_other_content')
  expect((await custody(b.code)).state).toBe('received')
})

test('that a tube was tested stands in its custody, with the laboratory', async () => {
  const tube = tubeOf([56])
  await seal([tube])
  const box = labelOf('B', 23)
  await sampler.post('/api/boxes', { id: newId(), code: box, sessionId: session, tubes: [tube.code] })
  await lab.post(`/api/boxes/${box}/events`, { id: newId(), kind: 'received' })
  await lab.post('/api/results', {
    results: [{ id: newId(), tube: tube.code, outcome: 'negative', testedAt: now() }],
  })
  const { events } = await custody(tube.code)
  expect(events.map((e: { kind: string; lab: string | null }) => [e.kind, e.lab])).toEqual([
    ['sealed', null],
    ['boxed', null],
    ['received', 'lab.simulated'],
    ['tested', 'lab.simulated'],
  ])
  expect(events[3].by).toBe(events[2].by)
})

test('a code of another city’s key, or one that ran out long ago, opens nothing', async () => {
  const old = codeFor(city.app, people[60]!, -49 * 60)
  const fresh = codeFor(city.app, people[60]!, -60)
  const answer = await seal([
    tubeOf([], { members: [{ code: old }] }),
    // Ran out while the device was away.
    tubeOf([], { members: [{ code: fresh }] }),
  ])
  expect(answer.body.tubes.map((t: { refused: string | null }) => t.refused)).toEqual([
    'code_not_valid',
    null,
  ])
})

test('a tube whose answer was lost is known again when its codes have run out meanwhile, and only as it was', async () => {
  const held = (i: number) => ({ code: codeFor(city.app, people[i]!, -60) })
  const over = (i: number) => ({ code: codeFor(city.app, people[i]!, -49 * 60) })
  const tube = tubeOf([], { members: [held(61), held(62)] })
  expect(answerOf(await seal([tube]))).toBeNull()
  expect(answerOf(await seal([{ ...tube, members: [over(61), over(62)] }]))).toBeNull()
  expect(answerOf(await seal([{ ...tube, members: [over(61), over(63)] }]))).toBe('code_not_valid')
  expect(answerOf(await seal([{ ...tube, members: [over(61), { code: 'x'.repeat(40) }] }]))).toBe(
    'code_not_valid',
  )
  expect(answerOf(await seal([{ ...tube, id: newId(), members: [over(61), over(62)] }]))).toBe(
    'code_not_valid',
  )
  expect((await custody(tube.code)).members).toHaveLength(2)
})

test('a label is wrong when any one digit is another, or two neighbours are swapped that are not five apart', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 99_999_999_999 }),
      fc.integer({ min: 1, max: 12 }),
      fc.integer({ min: 1, max: 9 }),
      (n, at, by) => {
        const good = labelOf('T', n)
        expect(isLabel('T', good)).toBe(true)
        expect(isLabel('B', good)).toBe(false)
        const digit = String((Number(good[at]) + by) % 10)
        expect(isLabel('T', good.slice(0, at) + digit + good.slice(at + 1))).toBe(false)
        if (at === 12) return
        const [a, b] = [good[at]!, good[at + 1]!]
        const swapped = good.slice(0, at) + b + a + good.slice(at + 2)
        // What the check digit cannot see is said as well: weights 3 and 1 differ by two, and twice five is ten.
        const apart = Math.abs(Number(a) - Number(b))
        expect(isLabel('T', swapped)).toBe(apart === 0 || apart === 5)
        // Nor does it see two that stand two apart: they have the same weight.
        if (at === 11) return
        const c = good[at + 2]!
        expect(isLabel('T', good.slice(0, at) + c + b + a + good.slice(at + 3))).toBe(true)
      },
    ),
  )
})

test('days of samples lie in partitions of their own and go as a whole', async () => {
  const { rows } = await sql.query<{ name: string; n: number }>(
    `select tableoid::regclass::text as name, count(*)::int as n from sample group by 1`,
  )
  // Today's, and yesterday's for what was sealed before midnight and came in since.
  expect([1, 2]).toContain(rows.length)
  for (const { name } of rows) expect(name).toMatch(/^sample_\d{8}$/)
  await sql.query(`insert into sample values (gen_random_uuid(), 'T000000000000', 1, '2020-01-01')`)
  await sql.query(`select cityloop_sample_day('sample_20200201', '2020-02-01', '2020-02-02')`)
  const applied = await applyRetention(city.app, { request: oldWords })
  expect(applied.find((a) => a.rule.id === 'samples')!.rows).toBe(1)
  const old = await sql.query(`select 1 from sample where day < '2021-01-01'`)
  expect(old.rows).toHaveLength(0)
})
