import { createServer, type Server } from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { z } from 'zod'
import { route } from './contract.ts'
import { isOneRequest, makeDoor } from './door.ts'
import { openGate, type Gate } from './overload.ts'

const look = route({
  id: 'test.look',
  method: 'GET',
  path: '/look/:id',
  summary: { zh: '看', en: 'Look' },
  load: 'decoration',
  params: z.strictObject({ id: z.string() }),
  response: z.object({}),
})
const tell = route({
  id: 'test.tell',
  method: 'POST',
  path: '/tell',
  summary: { zh: '说', en: 'Tell' },
  load: 'write',
  response: z.object({}),
})
const help = route({
  id: 'test.help',
  method: 'POST',
  path: '/help',
  summary: { zh: '求助', en: 'Ask for help' },
  load: 'emergency',
  response: z.object({}),
})

let gate: Gate
let server: Server
/** Addresses that came past the door, in their order. */
let parsed: number
let open: Socket[]

beforeEach(async () => {
  gate = openGate(10)
  parsed = 0
  open = []
  const door = makeDoor([look, tell, help], gate)
  server = createServer({ requestTimeout: 400, headersTimeout: 400, connectionsCheckingInterval: 50 })
  server.on('request', (request, response) => {
    parsed++
    if (door.turnAway(request, response)) return
    let body = ''
    request.on('data', (chunk: Buffer) => (body += chunk.toString()))
    request.on('end', () => response.end(`${request.url} ${body}`))
  })
  door.stand(server)
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
})
afterEach(async () => {
  for (const socket of open) socket.destroy()
  gate.stop()
  await new Promise((done) => server.close(done))
})

const fill = () => {
  for (let i = 0; i < 8; i++) gate.enter('emergency')
}
const empty = () => {
  for (let i = 0; i < 8; i++) gate.leave()
}

/** A connection that gives one answer after the other. */
async function connection() {
  const { port } = server.address() as AddressInfo
  const socket = connect({ port, host: '127.0.0.1', noDelay: true })
  open.push(socket)
  await new Promise((done) => socket.once('connect', done))
  let got = ''
  let more = () => {}
  let isOver = false
  socket.on('data', (chunk: Buffer) => {
    got += chunk.toString('latin1')
    more()
  })
  socket.on('error', () => undefined)
  socket.on('close', () => {
    isOver = true
    more()
  })
  const answer = async (): Promise<{ status: number; body: string; head: string } | 'closed'> => {
    for (;;) {
      const end = got.indexOf('\r\n\r\n')
      const length = Number(/content-length: (\d+)/i.exec(got.slice(0, end))?.[1] ?? 0)
      if (end >= 0 && got.length >= end + 4 + length) {
        const head = got.slice(0, end)
        const body = got.slice(end + 4, end + 4 + length)
        got = got.slice(end + 4 + length)
        return { status: Number(head.slice(9, 12)), body, head }
      }
      if (isOver) return 'closed'
      await new Promise<void>((done) => (more = done))
    }
  }
  const ask = (bytes: string) => {
    socket.write(bytes, 'latin1')
    return answer()
  }
  return { socket, answer, ask, isOver: () => isOver }
}

const GET = (path: string) => `GET ${path} HTTP/1.1\r\nhost: city\r\n\r\n`
const POST = (path: string, body: string) =>
  `POST ${path} HTTP/1.1\r\nhost: city\r\ncontent-length: ${body.length}\r\n\r\n${body}`

test('a full house answers whoever must wait from the bytes alone, and the same connection comes in later', async () => {
  const one = await connection()
  fill()
  const first = await one.ask(GET('/look/1'))
  expect(first).toMatchObject({ status: 429 })
  expect(parsed).toBe(1)
  const second = await one.ask(GET('/look/2?x=1'))
  const third = await one.ask(POST('/tell', 'calm'))
  expect([second, third]).toMatchObject([{ status: 429 }, { status: 429 }])
  expect(parsed, 'the parser did not see them').toBe(1)
  expect((second as { body: string }).body).toBe((first as { body: string }).body)
  expect((second as { head: string }).head).toContain('retry-after: 5')
  expect(JSON.parse((second as { body: string }).body)).toMatchObject({ code: 'overloaded', status: 429 })
  expect(gate.turnedAway).toMatchObject({ decoration: 2, write: 1, emergency: 0 })
  empty()
  expect(await one.ask(GET('/look/3'))).toMatchObject({ status: 200, body: '/look/3 ' })
})

test('an emergency comes in on the connection on which something else was just turned away', async () => {
  const one = await connection()
  fill()
  await one.ask(GET('/look/1'))
  await one.ask(GET('/look/2'))
  expect(await one.ask(POST('/help', 'blood'))).toMatchObject({ status: 200, body: '/help blood' })
  expect(await one.ask(GET('/look/3'))).toMatchObject({ status: 429 })
})

test('a connection that is only turned away is not cut for being slow', async () => {
  const one = await connection()
  fill()
  for (let i = 0; i < 20; i++) {
    expect(await one.ask(GET('/look/1'))).toMatchObject({ status: 429 })
    await new Promise((done) => setTimeout(done, 50))
  }
  expect(parsed).toBe(1)
  expect(one.isOver()).toBe(false)
})

test('a body that comes after its request was turned away is not taken for a request', async () => {
  const one = await connection()
  fill()
  await one.ask(GET('/look/0'))
  const bytes = POST('/tell', GET('/look/1'))
  const head = bytes.indexOf('\r\n\r\n') + 4
  expect(await one.ask(bytes.slice(0, head))).toMatchObject({ status: 429 })
  await new Promise((done) => setTimeout(done, 10))
  one.socket.write(bytes.slice(head))
  await new Promise((done) => setTimeout(done, 10))
  expect(await one.ask(POST('/help', 'last'))).toMatchObject({ status: 200, body: '/help last' })
})

test('however the bytes are cut and whatever is full, every request has its own answer, in its order', async () => {
  const request = fc.oneof(
    fc.nat(9).map((n) => ({ bytes: GET(`/look/${n}`), is: [429, ''] as const })),
    fc.string({ unit: fc.constantFrom('a', ' ', '\r', '\n'), maxLength: 9 }).map((s) => ({
      bytes: POST('/help', s),
      is: [200, `/help ${s}`] as const,
    })),
    fc.nat(9).map((n) => ({
      bytes: `POST /help HTTP/1.1\r\nhost: city\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n${n}\r\n0\r\n\r\n`,
      is: [200, `/help ${n}`] as const,
    })),
    // A request inside the body of another is nobody's.
    fc.constant({ bytes: POST('/help', GET('/look/1')), is: [200, `/help ${GET('/look/1')}`] as const }),
    fc.constant({ bytes: POST('/tell', GET('/look/1')), is: [429, ''] as const }),
    fc.constant({
      bytes: `GET /look/1 HTTP/1.1\r\nhost: city\r\ncontent-length: ${GET('/look/2').length}\r\n\r\n${GET('/look/2')}`,
      is: [429, ''] as const,
    }),
  )
  fill()
  await fc.assert(
    fc.asyncProperty(
      fc.array(request, { minLength: 1, maxLength: 6 }),
      fc.array(fc.nat(400), { maxLength: 4 }),
      fc.boolean(),
      // The places where one reader could take a body for a request.
      fc.boolean(),
      async (requests, cuts, waits, atHeads) => {
        const one = await connection()
        await one.ask(GET('/look/0'))
        const send = async (bytes: string) => {
          const heads = atHeads ? [...bytes.matchAll(/\r\n\r\n/g)].map((m) => m.index + 4) : []
          const places = [...cuts.map((c) => c % (bytes.length + 1)), ...heads, bytes.length]
          let from = 0
          for (const cut of places.sort((a, b) => a - b)) {
            if (cut > from) one.socket.write(bytes.slice(from, cut), 'latin1')
            from = Math.max(from, cut)
            await new Promise((done) => setTimeout(done, 2))
          }
        }
        const got: (readonly [number, string] | 'closed')[] = []
        const take = async () => {
          const a = await one.answer()
          got.push(a === 'closed' ? a : [a.status, a.status === 429 ? '' : a.body])
        }
        if (waits) {
          for (const r of requests) {
            await send(r.bytes)
            await take()
          }
        } else {
          await send(requests.map((r) => r.bytes).join(''))
          for (const _ of requests) await take()
        }
        expect(got).toEqual(requests.map((r) => r.is))
        expect(await one.ask(POST('/help', 'last'))).toMatchObject({ body: '/help last' })
        one.socket.destroy()
      },
    ),
    { numRuns: 80 },
  )
})

test('only one whole plain request is answered without the parser', () => {
  const head = 'host: city\r\ncookie: a=b'
  expect(isOneRequest(`GET /a HTTP/1.1\r\n${head}\r\n\r\n`)).toBe(true)
  expect(isOneRequest(`GET /a HTTP/1.1\r\n${head}\r\nConnection: keep-alive\r\n\r\n`)).toBe(true)
  expect(isOneRequest(`POST /a HTTP/1.1\r\n${head}\r\nContent-Length: 2\r\n\r\nab`)).toBe(true)
  for (const other of [
    `GET /a HTTP/1.1\r\n${head}\r\n\r`,
    `GET /a HTTP/1.0\r\n${head}\r\n\r\n`,
    `GET /a HTTP/1.1\r\n${head}\r\n\r\nGET /a HTTP/1.1\r\n\r\n`,
    `GET  /a HTTP/1.1\r\n${head}\r\n\r\n`,
    `OPTIONS * HTTP/1.1\r\n${head}\r\n\r\n`,
    ...[
      'Content-Length: 2',
      'content-length: 0\r\ncontent-length: 0',
      'content-length : 0',
      'content-length: +0',
      'content-length: 0, 0',
      'Transfer-Encoding: chunked',
      'Expect: 100-continue',
      'Upgrade: websocket',
      'Connection: close',
      'Connection: keep-alive, upgrade',
      'x: a\r\n b: folded',
      'x: a\nb: c',
      'x: a\rb',
    ].map((line) => `GET /a HTTP/1.1\r\n${head}\r\n${line}\r\n\r\n`),
  ])
    expect(isOneRequest(other), JSON.stringify(other)).toBe(false)
})
