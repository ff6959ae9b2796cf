import { deflateSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { newId, signedIn, type Caller } from '#test/harness/city.ts'
import { startDesk, type Desk } from '#test/harness/desk.ts'
import { within } from '#kernel/db.ts'
import { plainCell } from './export.ts'
import { forgetOrders } from './forget.ts'
import { cleanFile } from './pictures.ts'

let desk: Desk
beforeAll(async () => {
  desk = await startDesk()
})
afterAll(() => desk.stop())

/** 31.2304 N 121.4737 E, as a telephone writes it, lying on its side (turn 6), with the maker's name. */
function exif(): Buffer {
  const b = Buffer.alloc(6 + 8 + 2 + 3 * 12 + 4 + 2 + 2 * 12 + 4 + 24)
  b.write('Exif\0\0', 0, 'latin1')
  const t = 6
  b.write('MM\0*', t, 'latin1')
  b.writeUInt32BE(8, t + 4)
  b.writeUInt16BE(3, t + 8)
  const entry = (at: number, tag: number, type: number, count: number, value: number, short = false) => {
    b.writeUInt16BE(tag, at)
    b.writeUInt16BE(type, at + 2)
    b.writeUInt32BE(count, at + 4)
    if (short) b.writeUInt16BE(value, at + 8)
    else b.writeUInt32BE(value, at + 8)
  }
  entry(t + 10, 0x010f, 2, 4, 0x41434d00)
  entry(t + 22, 0x0112, 3, 1, 6, true)
  entry(t + 34, 0x8825, 4, 1, 50)
  b.writeUInt16BE(2, t + 50)
  entry(t + 52, 0x0001, 2, 2, 0x4e000000)
  entry(t + 64, 0x0002, 5, 3, 80)
  ;[31, 1, 13, 1, 4944, 100].forEach(
    (n, i) => i < 6 && t + 80 + i * 4 + 4 <= b.length && b.writeUInt32BE(n, t + 80 + i * 4),
  )
  return b
}
const segment = (marker: number, body: Buffer) => {
  const head = Buffer.from([0xff, marker, 0, 0])
  head.writeUInt16BE(body.length + 2, 2)
  return Buffer.concat([head, body])
}
// The bits of a picture: stuffed FF, a restart, and the two bytes of an APP1 mark that are none.
const BITS = Buffer.from('00112233ff0044ff00e1ffd05566', 'hex')
const jpeg = () =>
  Buffer.concat([
    Buffer.from('ffd8', 'hex'),
    segment(0xe0, Buffer.from('JFIF\0\x01\x01\0\0\x01\0\x01\0\0', 'latin1')),
    // A block that nobody knows stands before the one with the position.
    segment(0xe1, Buffer.from('http://maker.example/secret position 31.2304', 'latin1')),
    segment(0xe1, exif()),
    segment(0xed, Buffer.from('Photoshop 3.0\0GPS 121.4737', 'latin1')),
    segment(0xfe, Buffer.from('taken at 121.4737', 'latin1')),
    segment(0xdb, Buffer.alloc(65, 1)),
    segment(0xda, Buffer.from('010100003f00', 'hex')),
    BITS,
    Buffer.from('ffd9', 'hex'),
    // And a second picture hangs behind the end.
    Buffer.from('ffd8', 'hex'),
    segment(0xe1, exif()),
    Buffer.from('ffd9', 'hex'),
  ])
const chunk = (name: string, body: Buffer) => {
  const size = Buffer.alloc(4)
  size.writeUInt32BE(body.length)
  return Buffer.concat([size, Buffer.from(name, 'latin1'), body, Buffer.alloc(4)])
}
const png = () =>
  Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    chunk('IHDR', Buffer.from('00000001000000010802000000', 'hex')),
    chunk('eXIf', exif().subarray(6)),
    chunk('iTXt', Buffer.from('XML:com.adobe.xmp\0GPSLatitude 31.2304', 'latin1')),
    chunk('IDAT', deflateSync(Buffer.from('00ff0000', 'hex'))),
    chunk('IEND', Buffer.alloc(0)),
    Buffer.from('behind the end 121.4737'),
  ])
const riff = (name: string, body: Buffer) => {
  const size = Buffer.alloc(4)
  size.writeUInt32LE(body.length)
  return Buffer.concat([Buffer.from(name, 'latin1'), size, body, Buffer.alloc(body.length % 2)])
}
const webp = () => {
  const body = Buffer.concat([
    Buffer.from('WEBP', 'latin1'),
    riff('VP8X', Buffer.from('0c000000000000000000', 'hex')),
    riff('VP8 ', Buffer.from('picture bits')),
    riff('EXIF', exif()),
    riff('XMP ', Buffer.from('GPSLatitude 31.2304')),
  ])
  return riff('RIFF', body)
}

test.each([
  ['image/jpeg', jpeg],
  ['image/png', png],
  ['image/webp', webp],
] as const)('a %s keeps its picture and loses where and by whom it was taken', async (type, make) => {
  const dirty = make()
  // What is to be gone is there to begin with.
  expect(dirty.includes(exif().subarray(6))).toBe(true)
  const { type: found, body } = await cleanFile(dirty)
  expect(found).toBe(type)
  for (const secret of ['31.2304', '121.4737', 'GPS', 'ACM', 'maker', 'Photoshop', 'XML'])
    expect(body.includes(secret), secret).toBe(false)
  expect(body.includes(exif().subarray(6 + 50))).toBe(false)
  const bits = {
    'image/jpeg': BITS,
    'image/png': deflateSync(Buffer.from('00ff0000', 'hex')),
    'image/webp': Buffer.from('picture bits'),
  }
  expect(body.includes(bits[type])).toBe(true)
  // Clean is clean: once more changes nothing.
  expect((await cleanFile(body)).body.equals(body)).toBe(true)
})

test('a picture keeps its turn, which tells nothing and without which it lies on its side', async () => {
  const { body } = await cleanFile(jpeg())
  const at = body.indexOf('Exif')
  expect(body.readUInt16BE(at + 6 + 8)).toBe(1)
  expect(body.readUInt16BE(at + 6 + 10)).toBe(0x0112)
  expect(body.readUInt16BE(at + 6 + 18)).toBe(6)
})

test('what is cut off or only says that it is a picture is refused, never stored half clean', async () => {
  for (const bad of [
    jpeg().subarray(0, 60),
    Buffer.from('<svg onload=alert(1)>'),
    Buffer.from('MZ\x90\0'),
    png().subarray(0, 40),
  ])
    await expect(cleanFile(bad)).rejects.toMatchObject({ code: 'attachment_type' })
})

const attach = (who: Caller, id: string, body: Buffer, name = '现场.jpg', file = newId()) =>
  who.send('POST', `/api/orders/${id}/attachments?id=${file}&name=${encodeURIComponent(name)}`, body, {
    'content-type': 'application/octet-stream',
  })

test('a file is stored sealed, given to who may see the order, and the look is told to the person', async () => {
  const { handled, water, pudong, resident, city, sql } = desk
  const id = await handled()
  const file = newId()
  const added = await attach(water, id, jpeg(), '../现场.exe', file)
  expect(added.status).toBe(200)
  expect(added.body.items).toMatchObject([
    { id: file, name: '.._现场.exe', type: 'image/jpeg', mayRemove: true },
  ])
  expect((await attach(water, id, jpeg(), '../现场.exe', file)).body.items).toHaveLength(1)
  expect((await attach(water, id, png(), '../现场.exe', file)).body.code).toBe('same_id_other_content')
  const { rows } = await sql.query<{ body: Buffer; name_sealed: string }>(
    `select body, name_sealed from order_attachment where order_id = $1`,
    [id],
  )
  expect(rows[0]!.body.includes('JFIF')).toBe(false)
  expect(rows[0]!.name_sealed).not.toContain('现场')
  const got = await fetch(`${city.base}/api/orders/${id}/attachments/${file}`, {
    headers: { cookie: pudong.cookie },
  })
  const bytes = Buffer.from(await got.arrayBuffer())
  expect([got.status, got.headers.get('content-type')]).toEqual([200, 'image/jpeg'])
  expect(got.headers.get('content-disposition')).toContain('attachment;')
  expect(bytes.equals((await cleanFile(jpeg())).body)).toBe(true)
  const looks = (await resident.get('/api/my/looks')).body.items
  expect(looks[0].what.zh).toBe('查看了您诉求的附件')
  const huangpu = await signedIn(city.base, 'huangpu')
  expect((await huangpu.get(`/api/orders/${id}/attachments/${file}`)).body.code).toBe('order_not_found')
  expect((await pudong.delete(`/api/orders/${id}/attachments/${file}`)).body.code).toBe('not_allowed')
  expect((await water.delete(`/api/orders/${id}/attachments/${file}`)).body.items).toEqual([])
  expect((await pudong.get(`/api/orders/${id}/attachments/${file}`)).body.code).toBe('attachment_not_found')
})

test('too large, of another kind, or one too many is refused with words', async () => {
  const { handled, water, sql } = desk
  const id = await handled()
  const big = Buffer.concat([jpeg(), Buffer.alloc(5 * 1024 * 1024)])
  expect((await attach(water, id, big)).body.code).toBe('too_large')
  expect((await attach(water, id, Buffer.from('<html>'))).body.code).toBe('attachment_type')
  await sql.query(
    `insert into order_attachment (order_id, id, name_sealed, key_sealed, body, type, bytes, hash, by_kind, by_id, by_name, at)
     select $1, gen_random_uuid(), $2, $2, '', 'image/png', 0, '', 'staff', 'a', 'a', now() from generate_series(1, 20)`,
    [id, desk.city.app.vault.seal('x', 'attachment.name')],
  )
  expect((await attach(water, id, png())).body.code).toBe('attachments_full')
})

test('a list is taken as CSV or as a workbook, nothing in it runs as a formula, and who took it is known', async () => {
  const { file, agent, sql, city } = desk
  const id = await file()
  await sql.query(`update work_order set title = '=HYPERLINK("http://x")', address = '+1' where id = $1`, [
    id,
  ])
  const csv = await agent.get('/api/orders/export?view=all&place=310115')
  expect(csv.headers.get('content-type')).toBe('text/csv; charset=utf-8')
  expect(csv.body).toContain(`"'=HYPERLINK(""http://x"")"`)
  expect(csv.body).toContain(`,'+1,`)
  const got = await fetch(`${city.base}/api/orders/export?view=all&place=310115&format=xlsx`, {
    headers: { cookie: agent.cookie },
  })
  const { default: readXlsx } = await import('read-excel-file/node')
  const sheets = (await readXlsx(Buffer.from(await got.arrayBuffer()))) as unknown as {
    data?: unknown[][]
  }[] &
    unknown[][]
  expect(JSON.stringify(sheets)).toContain(`'=HYPERLINK`)
  const { rows } = await sql.query(
    `select data ->> 'format' as format from audit where action = 'orders.export' order by id`,
  )
  expect(rows).toEqual([{ format: 'csv' }, { format: 'xlsx' }])
  expect(['=1', '+1', '-1', '@a', '\tx', 'a=1'].map(plainCell)).toEqual([
    "'=1",
    "'+1",
    "'-1",
    "'@a",
    "'\tx",
    'a=1',
  ])
})

test('when the time of a person has passed, files and what helpers wrote go with the words', async () => {
  const { handled, water, housing, sql, city } = desk
  const id = await handled()
  await attach(water, id, png())
  const part = newId()
  await water.post(`/api/orders/${id}/parts`, {
    id: part,
    unitId: 'housing.310115',
    task: '开门',
    minutes: 60,
  })
  await housing.post(`/api/orders/${id}/parts/${part}`, { id: newId(), action: 'sign' })
  await housing.post(`/api/orders/${id}/parts/${part}`, {
    id: newId(),
    action: 'answer',
    note: '见到王某某本人',
  })
  await desk.does(water, id, 'resolve', { note: '王某某家已通水' })
  await within(city.app.db, { as: 'service' }, (trx) => forgetOrders(trx, [id]))
  const { rows } = await sql.query(
    `select (select string_agg(e::text, '') from order_event e where order_id = $1) || (select string_agg(p::text, '') from order_part p where order_id = $1) as said,
       (select count(*)::int from order_attachment where order_id = $1) as files`,
    [id],
  )
  expect(rows[0].files).toBe(0)
  expect(rows[0].said).not.toContain('王某某')
})
