import { request as httpRequest } from 'node:http'
import { deflateRawSync } from 'node:zlib'
import fc from 'fast-check'
import pg from 'pg'
import writeXlsx, { type SheetData } from 'write-excel-file/node'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { caller, residentWith, startCity, type TestCity } from '#test/harness/city.ts'
import { startLab } from '#test/harness/lab.ts'
import { labelOf } from './label.contract.ts'
import { readResultsFile } from './results-file.ts'
import { CSV, MOST_BYTES, MOST_LINES, OUTCOME_WORDS, XLSX } from './results-file-words.contract.ts'

const HEADER = '管码,结果,检测时间'
let city: TestCity
let sql: pg.Client
let at: Awaited<ReturnType<typeof startLab>>

beforeAll(async () => {
  city = await startCity()
  sql = new pg.Client({ connectionString: city.url })
  await sql.connect()
  at = await startLab(city)
})
afterAll(async () => {
  await sql.end()
  await city.stop()
})

/** Wall-clock time in Shanghai, as a laboratory's machine writes it. */
const stamp = (minutesAgo = 60) =>
  new Date(city.app.clock.now().getTime() - minutesAgo * 60_000 + 8 * 3_600_000)
    .toISOString()
    .slice(0, 19)
    .replace('T', ' ')
const put = (body: string | Uint8Array, more = '', type = CSV, who = at.lab) =>
  who.send('POST', `/api/results/file?file=${encodeURIComponent('结果.csv')}${more}`, body, {
    'content-type': type,
  })
const stands = async (tube: string) =>
  (await sql.query<{ outcome: string; source: string }>('select * from result where tube = $1', [tube]))
    .rows[0]
const onePerson = async (room: string) => at.tubeOf([await at.resident(room)])

test('a laboratory’s file is previewed without a trace, stored line by line, and the same file again changes nothing', async () => {
  const person = await at.resident('1号101室')
  const [a, b, c] = [await at.tubeOf([person]), await onePerson('1号102室'), await onePerson('1号103室')]
  const away = (await at.boxed([await at.resident('1号104室')])).tube
  const file = [
    HEADER,
    `${a},阴性,${stamp()}`,
    `${b.toLowerCase().replace('t', 't ')},Negative,${stamp().replaceAll('-', '/')}`,
    `${c},疑似,${stamp()}`,
    '',
    `${away},阴性,${stamp()}`,
    `T000000000001,阳性,${stamp()}`,
    `${labelOf('T', 77_777)},阳性,2022-02-30 10:00`,
    '',
  ].join('\r\n')
  const preview = await put(file, '&preview=true')
  expect([preview.status, preview.body.stored]).toEqual([200, false])
  const { rows } = await sql.query(`select 1 from result where tube = any($1)`, [[a, b, c]])
  expect(rows).toEqual([])
  const { body } = await put(file)
  expect({ ...body.counts }).toEqual({ ...preview.body.counts })
  expect(body.counts).toEqual({
    total: 7,
    understood: 2,
    repaired: 1,
    refused: 3,
    unused: 1,
    new: 2,
    same: 0,
    held: 0,
    early: 0,
    notTaken: 1,
  })
  expect(
    body.lines.map((l: { line: number; notes: string[]; answer: { state: string } | null }) => [
      l.line,
      l.notes.join(),
      l.answer?.state ?? null,
    ]),
  ).toEqual([
    [2, '', 'new'],
    [3, 'label_cleaned', 'new'],
    [4, 'outcome_unknown', null],
    [5, 'blank', null],
    [6, '', 'refused'],
    [7, 'label_wrong', null],
    [8, 'time_wrong', null],
  ])
  expect(body.lines[5].written).toBe('T000000000001')
  expect(body.lines[4].answer).toMatchObject({ refused: 'tube_not_here', titleZh: '这支管不在您的实验室' })
  expect(await stands(a)).toMatchObject({ outcome: 'negative', source: 'csv' })
  expect(
    (await (await residentWith(city.base, person.phone)).get('/api/my/results')).body.items[0],
  ).toMatchObject({
    tube: a,
    state: 'negative',
  })
  expect((await put(file)).body.counts).toMatchObject({ new: 0, same: 2, held: 0 })
})

test('a file that says another outcome than what stands is held for two people, in the preview already', async () => {
  const tube = await onePerson('2号101室')
  await put(`${HEADER}\n${tube},阴性,${stamp()}\n`)
  const other = `${HEADER}\n${tube},阳性,${stamp(5)}\n`
  expect((await put(other, '&preview=true')).body.counts.held).toBe(1)
  expect((await put(other)).body.counts).toMatchObject({ held: 1, new: 0 })
  expect((await put(other)).body.counts.held).toBe(1)
  expect((await stands(tube))!.outcome).toBe('negative')
  const holds = (await at.lab.get('/api/results/holds')).body.items as { tube: string }[]
  expect(holds.filter((h) => h.tube === tube)).toHaveLength(1)
})

test('a tube with two outcomes in one file has none; the same said twice counts once', async () => {
  const [a, b] = [await onePerson('3号101室'), await onePerson('3号102室')]
  const { body } = await put(
    [HEADER, `${a},阴性,${stamp()}`, `${b},-,${stamp()}`, `${a},+,${stamp()}`, `${b},阴性,${stamp()}`].join(
      '\n',
    ),
  )
  expect(body.lines.map((l: { status: string; notes: string[] }) => [l.status, l.notes])).toEqual([
    ['refused', ['contradicts']],
    ['understood', []],
    ['refused', ['contradicts']],
    ['unused', ['twice']],
  ])
  expect([await stands(a), (await stands(b))!.outcome]).toEqual([undefined, 'negative'])
})

test('a positive pool in a file calls its people back like one from the form', async () => {
  const people = [await at.resident('4号101室'), await at.resident('4号102室')]
  const tube = await at.tubeOf(people)
  await put(`${HEADER}\n${tube},阳性,${stamp()}\n`)
  const { rows } = await sql.query('select person_id from recall where tube = $1', [tube])
  expect(rows).toHaveLength(2)
})

test('GB18030 is read and said; a wrong encoding, a wrong header, an open quotation mark or nothing refuse the whole file', async () => {
  const tube = await onePerson('5号101室')
  const gb = Buffer.concat([
    // 管码,结果,检测时间
    Buffer.from([0xb9, 0xdc, 0xc2, 0xeb, 0x2c, 0xbd, 0xe1, 0xb9, 0xfb, 0x2c]),
    Buffer.from([0xbc, 0xec, 0xb2, 0xe2, 0xca, 0xb1, 0xbc, 0xe4, 0x0a]),
    Buffer.from(`${tube},`),
    Buffer.from([0xd2, 0xf5, 0xd0, 0xd4]), // 阴性
    Buffer.from(`,${stamp()}\n`),
  ])
  expect((await put(gb)).body).toMatchObject({ encoding: 'gb18030', counts: { new: 1 } })
  const cases: [string | Uint8Array, string][] = [
    [Buffer.from(`${HEADER}\n${tube},阴性,${stamp()}\n`, 'utf16le'), 'results_encoding'],
    [
      Buffer.from([...Buffer.from(HEADER), 0x0a, 0xff, 0xfe, 0xfa, 0x0a, 0x41, 0x41, 0x41]),
      'results_encoding',
    ],
    [`编号,结论\n${tube},阴性\n`, 'results_header'],
    [`${tube},阴性,${stamp()}\n`, 'results_header'],
    [`${HEADER}\n"${tube},阴性,${stamp()}\n`, 'results_quotes'],
    [HEADER, 'results_empty'],
    [`${HEADER}\n\n,,\n`, 'results_empty'],
    [Buffer.from('504b030400000000', 'hex'), 'results_not_xlsx'],
    [`${HEADER}\n${`${tube},阴性,${stamp()}\n`.repeat(MOST_LINES + 1)}`, 'results_too_many_lines'],
  ]
  for (const [body, code] of cases) {
    const answer = await put(body)
    expect([answer.status >= 400, answer.body.code], code).toEqual([true, code])
    expect(answer.body.titleZh).not.toBe('')
  }
  const other = await put('{}', '', 'application/json')
  expect([other.status, other.body.code]).toEqual([415, 'file_expected'])
  expect((await put(Buffer.alloc(MOST_BYTES + 1, 0x41))).status).toBe(413)
})

test('a workbook is read like a file, with its dates as the wall clock shows them; formulas and bombs are refused', async () => {
  const tube = await onePerson('6号101室')
  const cell = (value: string) => ({ value })
  const wall = new Date(`${stamp().slice(0, 16).replace(' ', 'T')}:00Z`)
  const sheet: SheetData = [
    HEADER.split(',').map(cell),
    [cell(tube), cell('阴性'), { value: wall, type: Date, format: 'yyyy-mm-dd hh:mm' }],
    [cell(labelOf('T', 88_888)), cell('阳性'), cell('昨天下午')],
  ]
  const book = await writeXlsx(sheet).toBuffer()
  const { status, body } = await put(book, '', XLSX)
  expect([status, body.code, body.format]).toEqual([200, undefined, 'xlsx'])
  expect(body.counts).toMatchObject({ new: 1, refused: 1 })
  expect(Date.parse(body.lines[0].testedAt)).toBe(wall.getTime() - 8 * 3_600_000)
  expect(await stands(tube)).toMatchObject({ source: 'xlsx' })
  // Cut in transit: nothing of it is taken.
  expect((await put(book.subarray(0, book.length - 40), '', XLSX)).body.code).toBe('results_not_xlsx')
  const bomb = zipOf('xl/worksheets/sheet1.xml', Buffer.alloc(80 * 1024 * 1024, 0x20))
  expect(bomb.length).toBeLessThan(MOST_BYTES)
  expect((await put(bomb, '', XLSX)).body.code).toBe('results_unpacked_too_large')
  const formula = zipOf('xl/worksheets/sheet1.xml', Buffer.from('<c><f>1+1</f><v>2</v></c>'))
  expect((await put(formula, '', XLSX)).body.code).toBe('results_formulas')
})

test('an upload whose line breaks in the middle stores nothing, and the whole file sent again is taken', async () => {
  const tube = await onePerson('8号101室')
  const file = Buffer.from(`${HEADER}\n${tube},阴性,${stamp()}\n`)
  const { hostname, port } = new URL(city.base)
  await new Promise<void>((done) => {
    const half = httpRequest({
      hostname,
      port,
      method: 'POST',
      path: '/api/results/file?file=x.csv',
      headers: { 'content-type': CSV, 'content-length': file.length + 500, cookie: at.lab.cookie },
    })
    half.on('error', () => done())
    half.write(file, () => setTimeout(() => half.destroy(new Error('the line broke')), 200))
  })
  expect(await stands(tube)).toBeUndefined()
  expect((await put(file)).body.counts.new).toBe(1)
})

test('only a laboratory uploads results, and one cannot report on a box that another received', async () => {
  const tube = await onePerson('7号101室')
  const file = `${HEADER}\n${tube},阴性,${stamp()}\n`
  expect((await put(file, '', CSV, at.sampler)).status).toBe(403)
  expect((await put(file, '', CSV, caller(city.base))).status).toBe(401)
  const elsewhere = (await at.member('lab.other')).caller
  expect((await put(file, '', CSV, elsewhere)).body.lines[0].answer).toMatchObject({
    state: 'refused',
    refused: 'tube_not_here',
  })
  expect(await stands(tube)).toBeUndefined()
})

test('wherever a file is cut, what is read of it is what the whole file says', async () => {
  const now = new Date('2022-04-10T04:00:00Z')
  const words = Object.entries(OUTCOME_WORDS).flatMap(([outcome, list]) =>
    list.map((w) => [outcome, w] as const),
  )
  const forms = [
    (t: string) => `${t}:25`,
    (t: string) => t,
    (t: string) => `${t.replace(' ', 'T')}:25Z`,
    (t: string) => `${t.replace(' ', 'T')}:25.123+08:00`,
  ]
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom(...words), { minLength: 2, maxLength: 5 }),
      fc.constantFrom(...forms),
      fc.shuffledSubarray([0, 1, 2], { minLength: 3, maxLength: 3 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      async (outcomes, form, order, share) => {
        const cells = outcomes.map(([, w], i) => [labelOf('T', i + 1), w, form(`2022-04-09 1${i}:3${i}`)])
        const lines = [HEADER.split(','), ...cells].map((row) => order.map((at) => row[at]).join(','))
        const whole = Buffer.from(`${lines.join('\n')}\n`)
        // At least one whole line stays: of a single line nobody can tell how its time would have gone on.
        const least = Buffer.byteLength(`${lines.slice(0, 2).join('\n')}\n`)
        const length = least + Math.floor(share * (whole.length - least))
        const [all, part] = [
          await readResultsFile(whole, now),
          await readResultsFile(whole.subarray(0, length), now),
        ]
        if (!all.ok || !part.ok) throw new Error('not read')
        expect(all.lines.every((l) => l.status === 'understood')).toBe(true)
        for (const line of part.lines.filter((l) => l.status === 'understood')) {
          const same = all.lines.find((l) => l.line === line.line)!
          expect([line.tube, line.outcome, line.testedAt?.slice(0, 16)]).toEqual([
            same.tube,
            same.outcome,
            same.testedAt?.slice(0, 16),
          ])
        }
      },
    ),
    { numRuns: 300 },
  )
})

/** GB18030 as a laboratory's machine writes it: Node reads it and does not write it. */
const GB = new Map<string, Buffer>()
function gb18030(text: string): Buffer {
  if (GB.size === 0)
    for (let lead = 0x81; lead <= 0xfe; lead++)
      for (let trail = 0x40; trail <= 0xfe; trail++) {
        const bytes = Buffer.from([lead, trail])
        const char = new TextDecoder('gb18030').decode(bytes)
        if (char.length === 1 && char !== '\ufffd' && !GB.has(char)) GB.set(char, bytes)
      }
  return Buffer.concat(
    [...text].map((c) => (c < '\u0080' ? Buffer.from(c) : (GB.get(c) ?? Buffer.from('84318236', 'hex')))),
  )
}
const NOW = new Date('2022-04-10T04:00:00Z')
const ORDERS = [
  [0, 1, 2],
  [0, 2, 1],
  [1, 0, 2],
  [1, 2, 0],
  [2, 0, 1],
  [2, 1, 0],
] as const
const inOrder = (cells: readonly string[], order: readonly number[]) => order.map((at) => cells[at]).join(',')

test('no outcome becomes another one by a cut, for any word in any column at any byte', async () => {
  const refusals = new Set<string>()
  for (const order of ORDERS)
    for (const [outcome, list] of Object.entries(OUTCOME_WORDS))
      for (const said of list) {
        const first = [labelOf('T', 1), '阴性', '2022-04-09 10:30']
        const last = [labelOf('T', 2), said, '2022-04-09 10:31']
        const lines = [HEADER.split(','), first, last].map((row) => inOrder(row, order))
        const whole = Buffer.from(`${lines.join('\n')}\n`)
        for (
          let length = Buffer.byteLength(lines.slice(0, 2).join('\n')) + 1;
          length <= whole.length;
          length++
        ) {
          const read = await readResultsFile(whole.subarray(0, length), NOW)
          if (!read.ok) throw new Error(`${said} cut at ${length}: ${read.problem}`)
          const line = read.lines[1]
          if (line?.status === 'understood')
            expect([said, length, line.outcome]).toEqual([said, length, outcome])
          else if (length === whole.length - 1 && order[2] === 1) refusals.add(said)
        }
      }
  // A last line that lacks only its line end is taken, but for the one word that may be the half of another.
  expect([...refusals]).toEqual(['+'])
})

test('a file in any encoding of an office has one answer: it is read rightly, or refused whole in words that name the encoding', async () => {
  const tube = labelOf('T', 3)
  const chinese = `${HEADER}\r\n${tube},阳性,2022-04-09 10:30\r\n${labelOf('T', 4)},未检出,2022-04-09 10:31\r\n`
  const english = `tube,result,tested at\n${tube},positive,2022-04-09 10:30\n${labelOf('T', 4)},±,2022-04-09 10:31\n`
  const bom = (...bytes: number[]) => Buffer.from(bytes)
  const big = (text: string) => Buffer.from(text, 'utf16le').swap16()
  for (const text of [chinese, english, english.replace('±', 'negative')]) {
    const little = Buffer.from(text, 'utf16le')
    const files: [string, Buffer, 'utf-8' | 'gb18030' | null][] = [
      ['UTF-8', Buffer.from(text), 'utf-8'],
      ['UTF-8 with BOM', Buffer.concat([bom(0xef, 0xbb, 0xbf), Buffer.from(text)]), 'utf-8'],
      // A text of ASCII alone is the same bytes in both.
      ['GB18030', gb18030(text), /^[\0-\x7f]*$/.test(text) ? 'utf-8' : 'gb18030'],
      ['UTF-16LE', little, null],
      ['UTF-16LE with BOM', Buffer.concat([bom(0xff, 0xfe), little]), null],
      ['UTF-16BE', big(text), null],
      ['UTF-16BE with BOM', Buffer.concat([bom(0xfe, 0xff), big(text)]), null],
    ]
    const right = await readResultsFile(Buffer.from(text), NOW)
    if (!right.ok) throw new Error(right.problem)
    expect(right.lines.map((l) => l.status)).toEqual(['understood', 'understood'])
    for (const [name, bytes, encoding] of files) {
      const read = await readResultsFile(bytes, NOW)
      expect(read, name).toEqual(
        encoding === null ? { ok: false, problem: 'encoding' } : { ...right, encoding },
      )
      // Cut anywhere it is refused whole, or every line that is taken says what the whole file says.
      for (let length = 1; length < bytes.length; length++) {
        const part = await readResultsFile(bytes.subarray(0, length), NOW)
        if (!part.ok) continue
        expect(encoding, `${name} cut at ${length}`).not.toBeNull()
        for (const line of part.lines.filter((l) => l.status === 'understood'))
          expect(right.lines, `${name} cut at ${length}`).toContainEqual(line)
      }
    }
  }
  const answer = await put(Buffer.from(chinese, 'utf16le'))
  expect([answer.status, answer.body.code]).toEqual([400, 'results_encoding'])
  expect(answer.body.titleZh).toContain('UTF-16')
  expect(answer.body.title).toContain('UTF-16')
})

test('whatever stands in the cells, every line ends as exactly one of the four, and a refused one has a reason', async () => {
  const now = new Date('2022-04-10T04:00:00Z')
  const cell = fc.oneof(
    fc.string({ maxLength: 30, unit: 'grapheme' }),
    fc.constantFrom('', 'T000000000017', '阴性', '+', '2022-04-09 10:00', '2022-13-40 99:99', "'-", '－'),
  )
  const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(cell, { maxLength: 5 }), { minLength: 1, maxLength: 8 }),
      async (rows) => {
        const file = [HEADER, ...rows.map((row) => row.map(quoted).join(','))].join('\n')
        const read = await readResultsFile(Buffer.from(`${file}\n`), now)
        if (!read.ok) {
          expect(read.problem).toBe('empty')
          return
        }
        for (const line of read.lines) {
          const taken = line.status === 'understood' || line.status === 'repaired'
          expect(taken).toBe(
            line.tube !== null && line.outcome !== null && line.testedAt !== null && !isStopped(line.notes),
          )
          if (line.status !== 'understood') expect(line.notes).not.toEqual([])
        }
      },
    ),
    { numRuns: 300 },
  )
})

const isStopped = (notes: readonly string[]) => notes.some((n) => n !== 'label_cleaned')

test('of many workbooks at once each is taken, or told to come again and taken then', async () => {
  const codes: string[] = []
  for (let i = 1; i <= 4; i++) codes.push(await onePerson(`9号10${i}室`))
  const books = await Promise.all(
    codes.map((tube) =>
      writeXlsx(
        [HEADER.split(','), [tube, '阴性', stamp()]].map((r) => r.map((value) => ({ value }))),
      ).toBuffer(),
    ),
  )
  at.lab.patient = false
  const answers = await Promise.all(books.map((book) => put(book, '', XLSX)))
  at.lab.patient = true
  expect(answers.filter((a) => a.status === 200).length).toBeGreaterThanOrEqual(2)
  for (const [i, answer] of answers.entries()) {
    if (answer.status === 200) continue
    expect([answer.status, answer.body.code]).toEqual([429, 'overloaded'])
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0)
    expect((await put(books[i]!, '', XLSX)).status).toBe(200)
  }
  for (const tube of codes) expect((await stands(tube))!.outcome).toBe('negative')
})

/** A ZIP of one part, with sizes that lie. */
function zipOf(name: string, content: Buffer): Buffer {
  const data = deflateRawSync(content)
  const title = Buffer.from(name)
  const local = Buffer.alloc(30)
  local.writeUInt32LE(0x04034b50, 0)
  local.writeUInt16LE(8, 8)
  local.writeUInt32LE(data.length, 18)
  local.writeUInt32LE(1, 22)
  local.writeUInt16LE(title.length, 26)
  const central = Buffer.alloc(46)
  central.writeUInt32LE(0x02014b50, 0)
  central.writeUInt16LE(8, 10)
  central.writeUInt32LE(data.length, 20)
  central.writeUInt32LE(1, 24)
  central.writeUInt16LE(title.length, 28)
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50, 0)
  end.writeUInt16LE(1, 8)
  end.writeUInt16LE(1, 10)
  end.writeUInt32LE(46 + title.length, 12)
  end.writeUInt32LE(30 + title.length + data.length, 16)
  return Buffer.concat([local, title, data, central, title, end])
}
