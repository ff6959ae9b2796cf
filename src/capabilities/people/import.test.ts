import { request as httpRequest } from 'node:http'
import { deflateRawSync } from 'node:zlib'
import fc from 'fast-check'
import pg from 'pg'
import writeXlsx, { type SheetData } from 'write-excel-file/node'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  caller,
  newId,
  residentWith,
  signedIn,
  startCity,
  type Answer,
  type Caller,
  type TestCity,
} from '#test/harness/city.ts'
import { simulatedIdNumber } from './demo.ts'
import { checkLine } from './import-check.ts'
import { COLUMNS, CSV, XLSX, type Column } from './import-words.contract.ts'

const HERE = '310115016001001'
const HEADER = '姓名,证件类型,证件号码,手机号,出生日期,性别,区划代码,详细地址,职业'

let city: TestCity
let sql: pg.Client
let worker: Caller
beforeAll(async () => {
  city = await startCity({ people: 30 })
  sql = new pg.Client({ connectionString: city.url })
  await sql.connect()
  worker = await signedIn(city.base, 'juwei')
})
afterAll(async () => {
  await sql?.end()
  await city?.stop()
})

const put = (
  body: string | Uint8Array,
  given: { id?: string; type?: string; place?: string; who?: Caller } = {},
) =>
  (given.who ?? worker).send(
    'POST',
    `/api/people/imports/${given.id ?? newId()}?file=${encodeURIComponent('名册.csv')}${given.place ? `&place=${given.place}` : ''}`,
    body,
    { 'content-type': given.type ?? CSV },
  )

async function until(id: string, states: string[], who = worker): Promise<Answer['body']> {
  for (let i = 0; i < 400; i++) {
    const { body } = await who.get(`/api/people/imports/${id}`)
    if (states.includes(body.state)) return body
    await new Promise((done) => setTimeout(done, 25))
  }
  throw new Error(`the import does not become ${states.join()}`)
}
const read = async (body: string | Uint8Array, given: Parameters<typeof put>[1] = {}) => {
  const sent = await put(body, given)
  expect([sent.status, sent.body.code]).toEqual([200, undefined])
  return until(sent.body.id, ['ready', 'refused'], given.who)
}
const accept = async (id: string) => {
  expect((await worker.post(`/api/people/imports/${id}/accept`)).status).toBe(200)
  return until(id, ['done'])
}
const lines = async (id: string, only = '') =>
  (await worker.get(`/api/people/imports/${id}/lines${only && `?only=${only}`}`)).body.items
const people = async () =>
  (await sql.query<{ n: number }>('select count(*)::int as n from person')).rows[0]!.n
const row = (
  n: number,
  more: Partial<
    Record<'name' | 'kind' | 'number' | 'phone' | 'birth' | 'sex' | 'place' | 'home' | 'job', string>
  > = {},
) =>
  [
    more.name ?? `模拟人${n}`,
    more.kind ?? '居民身份证',
    more.number ?? simulatedIdNumber(n),
    more.phone ?? `1990${String(n).padStart(7, '0')}`,
    more.birth ?? '',
    more.sex ?? '',
    more.place ?? HERE,
    more.home ?? '模拟2号101室',
    more.job ?? '模拟职业',
  ].join(',')

test('a register is previewed before anything is stored, every line is accounted for, and then it is stored', async () => {
  const before = await people()
  const csv = [
    HEADER,
    row(500_001),
    row(500_002, { phone: '+86 199 0050 0002' }),
    row(500_003, { number: simulatedIdNumber(500_003).slice(0, 17) + '?' }),
    row(500_004, { place: '310101002001001' }),
    row(500_005, { number: simulatedIdNumber(500_001) }),
    '',
    row(500_006, { sex: '未知', number: '', kind: '', birth: '1950/3/4', place: `${HERE}999` }),
    row(500_007, { phone: '12345' }),
    row(500_008, { name: '' }),
  ].join('\r\n')
  const run = await read(csv)
  expect(run).toMatchObject({ state: 'ready', placeCode: '310115016001' })
  expect(run.counts).toMatchObject({
    total: 9,
    understood: 1,
    repaired: 2,
    refused: 4,
    unused: 2,
    fresh: 3,
    known: 0,
  })
  expect(await people()).toBe(before)
  const all = await lines(run.id)
  expect(all.map((l: { line: number }) => l.line)).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10])
  expect(all.map((l: { status: string; notes: string[] }) => [l.status, ...l.notes])).toEqual([
    ['understood'],
    ['repaired', 'phone_cleaned'],
    ['refused', 'id_number_wrong'],
    ['refused', 'place_elsewhere'],
    ['unused', 'same_number_above'],
    ['unused', 'blank'],
    ['repaired', 'sex_unknown', 'place_shortened'],
    ['refused', 'phone_malformed'],
    ['refused', 'name_missing'],
  ])
  expect(all[0].nameMasked).toBe('模' + '*'.repeat(8))
  const done = await accept(run.id)
  expect(done.counts).toMatchObject({ stored: 3, filled: 0 })
  expect(await people()).toBe(before + 3)
  const found = await worker.post('/api/people/find', { idNumber: simulatedIdNumber(500_001) })
  expect(found.body.items).toHaveLength(1)
  const { rows } = await sql.query(
    `select * from person_import_row where run_id = $1 and (name_sealed is not null or id is not null)`,
    [run.id],
  )
  expect(rows).toEqual([])
  const { rows: audited } = await sql.query(`select action, data from audit where subject = $1 order by id`, [
    run.id,
  ])
  expect(audited.map((a) => a.action)).toEqual(['people.upload', 'people.import'])
  expect(audited[1].data).toMatchObject({ stored: 3, refused: 4 })
})

test('the same file twice changes nothing, under the same id or another', async () => {
  const csv = [HEADER, row(510_001), row(510_002, { number: '', kind: '', birth: '1980-01-01' })].join('\n')
  const id = newId()
  await read(csv, { id })
  expect((await accept(id)).counts.stored).toBe(2)
  expect((await put(csv, { id })).body.state).toBe('done')
  expect((await put(`${csv}\n`, { id })).body.code).toBe('same_id_other_content')
  const again = await read(csv)
  expect(again.counts).toMatchObject({ fresh: 0, known: 2, alike: 0 })
  const before = await people()
  expect((await accept(again.id)).counts).toMatchObject({ stored: 0, filled: 0 })
  expect(await people()).toBe(before)
  // Accepted twice is accepted once.
  expect((await worker.post(`/api/people/imports/${again.id}/accept`)).body.state).toBe('done')
})

test('who is known by the number is filled in where something is missing, never overwritten, and sees it', async () => {
  const first = await read([HEADER, row(520_001, { phone: '', home: '', job: '模拟旧职业' })].join('\n'))
  await accept(first.id)
  const second = await read([HEADER, row(520_001, { job: '模拟新职业', home: '模拟3号101室' })].join('\n'))
  expect((await accept(second.id)).counts).toMatchObject({ stored: 0, filled: 1, known: 1 })
  const resident = await residentWith(city.base, '19900520001')
  expect((await resident.get('/api/my/record')).body).toMatchObject({
    residence: '模拟3号101室',
    occupation: '模拟旧职业',
  })
  expect((await resident.get('/api/my/looks')).body.items[0].what.en).toBe(
    'Added to your record from a register',
  )
})

test('possible duplicates are listed for review and both are kept', async () => {
  const csv = [
    HEADER,
    row(530_001, { name: '模拟同名', phone: '19900530001' }),
    row(530_002, { name: '模拟 同名', phone: '19900530001' }),
    row(530_003, { name: '模拟家人', phone: '19900530001' }),
    row(530_004, { name: '模拟居民00001', phone: '19900000001' }),
  ].join('\n')
  const run = await read(csv)
  expect(run.counts).toMatchObject({ fresh: 4, alike: 2 })
  expect(
    (await lines(run.id, 'alike')).map((l: { line: number; alike: string }) => [l.line, l.alike]),
  ).toEqual([
    [3, 'phone_name'],
    [5, 'phone_name'],
  ])
  expect((await accept(run.id)).counts.stored).toBe(4)
  const { rows } = await sql.query(`select count(*)::int as n from person_duplicate where state = 'open'`)
  expect(rows[0].n).toBe(2)
})

test('a file in GB18030 is read; one in neither encoding, without its columns, empty or with an open quotation mark is refused as a whole', async () => {
  const chinese = Buffer.from('d0d5c3fb2cc7f8bbaeb4fac2eb2cc6f4', 'hex').subarray(0, 13)
  const gb = Buffer.concat([
    chinese,
    Buffer.from(`\n`),
    Buffer.from('c0eecbc4', 'hex'),
    Buffer.from(`,${HERE}\n`),
  ])
  expect((await read(gb)).counts).toMatchObject({ total: 1, understood: 1 })
  const cases = [
    [Buffer.from([0xff, 0xfe, 0x80, 0x81, 0x0a, 0xff]), 'encoding'],
    ['姓名,手机号\n模拟,19900000001', 'header'],
    ['', 'empty'],
    [HEADER, 'empty'],
    [`${HEADER}\n"模拟,没有结束`, 'quotes'],
    [Buffer.from('PK\u0003\u0004 not a workbook'), 'not_xlsx'],
  ] as const
  for (const [body, problem] of cases) {
    const sent = await put(body)
    if (sent.status !== 200) {
      expect([problem, sent.status]).toEqual(['empty', 400])
      continue
    }
    const run = await until(sent.body.id, ['ready', 'refused'])
    expect([run.state, run.problem], problem).toEqual(['refused', problem])
    expect((await worker.post(`/api/people/imports/${run.id}/accept`)).body.code).toBe('import_not_ready')
  }
})

const workbook = (rows: (string | number | Date | { value: string; type: 'Formula' } | null)[][]) =>
  writeXlsx(rows as SheetData).toBuffer()

test('a workbook is read like a file; long numbers that the sheet made into figures are refused, not guessed', async () => {
  const run = await read(
    await workbook([
      HEADER.split(','),
      [
        '模拟表一',
        '居民身份证',
        simulatedIdNumber(540_001),
        '19900540001',
        null,
        '男',
        HERE,
        '模拟4号101室',
        null,
      ],
      ['模拟表二', '居民身份证', 310101199003071200, 19900540002, null, null, 310115016001001000, null, null],
    ]),
    { type: XLSX },
  )
  expect(run.counts).toMatchObject({ total: 2, refused: 1, fresh: 1 })
  expect((await lines(run.id, 'refused'))[0].notes).toContain('number_lost_digits')
})

test('a workbook with formulas is refused with what to do', async () => {
  const run = await read(
    await workbook([
      HEADER.split(','),
      [{ value: '=A1', type: 'Formula' }, null, null, null, null, null, HERE],
    ]),
    { type: XLSX },
  )
  expect([run.state, run.problem]).toEqual(['refused', 'formulas'])
})

/** A zip of one part, whose directory says what the sender likes. */
function zip(name: string, content: Buffer, saidSize: number): Buffer {
  const data = deflateRawSync(content, { level: 9 })
  const head = Buffer.alloc(30)
  head.writeUInt32LE(0x04034b50, 0)
  head.writeUInt16LE(8, 8)
  head.writeUInt32LE(data.length, 18)
  head.writeUInt32LE(saidSize, 22)
  head.writeUInt16LE(name.length, 26)
  const directory = Buffer.alloc(46)
  directory.writeUInt32LE(0x02014b50, 0)
  directory.writeUInt16LE(8, 10)
  directory.writeUInt32LE(data.length, 20)
  directory.writeUInt32LE(saidSize, 24)
  directory.writeUInt16LE(name.length, 28)
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50, 0)
  end.writeUInt16LE(1, 10)
  const start = head.length + name.length + data.length
  end.writeUInt32LE(directory.length + name.length, 12)
  end.writeUInt32LE(start, 16)
  return Buffer.concat([head, Buffer.from(name), data, directory, Buffer.from(name), end])
}

test('a workbook made to fill memory is refused before it does, whatever its directory says of its size', async () => {
  const bomb = zip('xl/worksheets/sheet1.xml', Buffer.alloc(300 * 1024 * 1024, 0x20), 1_000)
  expect(bomb.length).toBeLessThan(1_000_000)
  const run = await read(bomb, { type: XLSX })
  expect([run.state, run.problem]).toEqual(['refused', 'unpacked_too_large'])
})

test('an upload that is cut off leaves nothing', async () => {
  const id = newId()
  const url = new URL(`${city.base}/api/people/imports/${id}?file=cut.csv`)
  await new Promise<void>((done) => {
    const sending = httpRequest(url, {
      method: 'POST',
      headers: { 'content-type': CSV, 'content-length': '100000', cookie: worker.cookie },
    })
    sending.on('error', () => done())
    sending.write(`${HEADER}\n${row(550_001)}\n`, () => sending.destroy())
  })
  expect((await worker.get(`/api/people/imports/${id}`)).body.code).toBe('import_not_found')
})

test('a file where JSON belongs, JSON where a file belongs, and a file that is too large are refused as such', async () => {
  expect((await put('{}', { type: 'application/json' })).body.code).toBe('file_expected')
  expect((await worker.send('POST', '/api/people/find', 'a,b', { 'content-type': CSV })).body.code).toBe(
    'wrong_media_type',
  )
  const huge = await put(Buffer.alloc(64 * 1024 * 1024 + 1, 0x20)).catch(() => undefined)
  // The server may close before everything was sent: the client then sees no answer at all.
  if (huge) expect(huge.body.code).toBe('too_large')
})

test('an import of another place cannot be told from none, and a post without the need cannot import', async () => {
  const run = await read([HEADER, row(560_001)].join('\n'))
  const elsewhere = await signedIn(city.base, 'huangpu')
  for (const answer of [
    await elsewhere.get(`/api/people/imports/${run.id}`),
    await elsewhere.get(`/api/people/imports/${run.id}/lines`),
    await elsewhere.post(`/api/people/imports/${run.id}/accept`),
    await elsewhere.post(`/api/people/imports/${run.id}/drop`),
  ])
    expect([answer.status, answer.body.code]).toEqual([404, 'import_not_found'])
  expect((await elsewhere.get('/api/people/imports')).body.items).toEqual([])
  expect((await put(HEADER, { who: elsewhere, place: '310115' })).body.code).toBe('not_allowed')
  for (const name of ['agent', 'admin', 'cdc.pudong'])
    expect((await put(HEADER, { who: await signedIn(city.base, name) })).status, name).toBe(403)
  expect((await put(HEADER, { who: caller(city.base) })).status).toBe(401)
  const dropped = await worker.post(`/api/people/imports/${run.id}/drop`)
  expect(dropped.body.state).toBe('dropped')
  expect((await sql.query('select 1 from person_import_row where run_id = $1', [run.id])).rowCount).toBe(0)
})

test('somebody who was erased and is registered again is a new person; nothing of the old one comes back', async () => {
  const csv = [HEADER, row(580_001)].join('\n')
  await accept((await read(csv)).id)
  const { rows } = await sql.query(
    `update person set erased_at = now(), id_kind = null, id_number_hash = null, id_number_sealed = null, phone_hash = null, phone_sealed = null
     where phone_hash = $1 returning id`,
    [city.app.vault.fingerprint('19900580001', 'phone')],
  )
  const again = await read(csv)
  expect(again.counts).toMatchObject({ fresh: 1, known: 0 })
  expect((await accept(again.id)).counts.stored).toBe(1)
  const found = await worker.post('/api/people/find', { idNumber: simulatedIdNumber(580_001) })
  expect(rows.map((r) => r.id)).not.toContain(found.body.items[0].id)
})

test('a crash that takes what waited is said; nothing is stored by halves', async () => {
  const run = await read([HEADER, row(570_001), row(570_002)].join('\n'))
  await sql.query('delete from person_import_row where run_id = $1 and line = 2', [run.id])
  expect((await worker.post(`/api/people/imports/${run.id}/accept`)).body.code).toBe('import_lost')
})

test('whatever stands in the cells, a line ends as exactly one of the four, and a refused one has a reason', () => {
  const columns = new Map(Object.keys(COLUMNS).map((column, i) => [column as Column, i]))
  const where = { known: new Set([HERE, '310115016']), within: '31' }
  const cell = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 30 }),
    fc.constantFrom(
      '',
      HERE,
      '模拟',
      '男',
      '身份证',
      '19900000001',
      simulatedIdNumber(7),
      '1.2E+17',
      "'=cmd",
    ),
  )
  fc.assert(
    fc.property(fc.array(cell, { minLength: 0, maxLength: 12 }), (cells) => {
      const checked = checkLine(cells, columns, 2, where)
      if ('facts' in checked) {
        expect(checked.facts.name).not.toMatch(/^$|\p{Cc}/u)
        expect(where.known.has(checked.facts.placeCode)).toBe(true)
      } else expect(checked.notes.length).toBeGreaterThan(0)
    }),
  )
})

test('a register says who is bedridden or on night shift; what else stands there is left out and said', async () => {
  const needs = async (n: number) => {
    const found = await worker.post('/api/people/find', { phone: `1990${String(n).padStart(7, '0')}` })
    return (await worker.get(`/api/people/${found.body.items[0].id}`)).body.needs as string[]
  }
  const run = await read(
    [
      `${HEADER},特殊情况`,
      `${row(545_001)},长期卧床、夜班`,
      `${row(545_002)},Night Shift`,
      `${row(545_003)},卧床/贫困`,
      `${row(545_004)},`,
    ].join('\n'),
  )
  expect(run.counts).toMatchObject({ understood: 3, repaired: 1, refused: 0 })
  expect((await lines(run.id, 'repaired'))[0].notes).toEqual(['needs_unknown'])
  await accept(run.id)
  expect(await Promise.all([545_001, 545_002, 545_003, 545_004].map(needs))).toEqual([
    ['bedridden', 'night_shift'],
    ['night_shift'],
    ['bedridden'],
    [],
  ])
  // A later register fills what is not known yet and overwrites nothing.
  const again = await read(
    [`${HEADER},needs`, `${row(545_004)},bedridden`, `${row(545_002)},bedridden`].join('\n'),
  )
  await accept(again.id)
  expect([await needs(545_004), await needs(545_002)]).toEqual([['bedridden'], ['night_shift']])
})
