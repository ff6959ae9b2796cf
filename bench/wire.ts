import net from 'node:net'

/**
 * Sends prepared requests over a fixed number of kept connections, one at a time on each, and hands over each answer.
 * A bare socket: a fetch a request costs the load generator as much as the server, and both share two cores here.
 */
export async function drive(given: {
  base: string
  connections: number
  /** The next request's bytes; undefined ends the connection. */
  next: (connection: number) => Buffer | undefined
  answered: (connection: number, status: number, body: string, ms: number) => void
  /** Milliseconds from one request to the next on a connection, where the answer came sooner; without it at once. */
  paceMs?: () => number
}): Promise<void> {
  const { hostname, port } = new URL(given.base)
  await Promise.all(Array.from({ length: given.connections }, (_, i) => one(i)))

  function one(i: number): Promise<void> {
    return new Promise((done, failed) => {
      const socket = net.connect({ host: hostname, port: Number(port), noDelay: true })
      let got = ''
      let sent = 0
      const send = () => {
        const bytes = given.next(i)
        if (!bytes) {
          socket.end(done)
          return
        }
        sent = performance.now()
        socket.write(bytes)
      }
      socket.on('connect', send)
      socket.on('error', failed)
      socket.on('data', (chunk) => {
        got += chunk.toString('latin1')
        const head = got.indexOf('\r\n\r\n')
        if (head < 0) return
        const length = Number(/content-length: (\d+)/i.exec(got)?.[1] ?? 0)
        if (got.length < head + 4 + length) return
        const status = Number(got.slice(9, 12))
        const body = got.slice(head + 4)
        got = ''
        given.answered(i, status, body, performance.now() - sent)
        const rest = given.paceMs ? sent + given.paceMs() - performance.now() : 0
        if (rest > 0) setTimeout(send, rest)
        else send()
      })
    })
  }
}

/** A POST of JSON as bytes, ready to be sent. */
export function postBytes(base: string, path: string, cookie: string, body: string): Buffer {
  const { host } = new URL(base)
  return Buffer.from(
    `POST ${path} HTTP/1.1\r\nhost: ${host}\r\ncookie: ${cookie}\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  )
}

/** `body` of what was refused or has no answer is empty. */
export type Reply = { status: number; body: Buffer; ms: number; retryAfter: number }

type Waiting = { sent: number; resolve: (reply: Reply) => void; got: Buffer | undefined }

/** An answer that has no end by then is none. */
const GIVEN_UP_MS = 10_000
const NOTHING = Buffer.alloc(0)
const HEAD_END = Buffer.from('\r\n\r\n')
const LAST_CHUNK = Buffer.from('0\r\n\r\n')

/** A GET as bytes, ready to be sent again and again. */
export function getBytes(base: string, path: string, cookie: string, from: string): Buffer {
  const { host } = new URL(base)
  return Buffer.from(
    `GET ${path} HTTP/1.1\r\nhost: ${host}\r\ncookie: ${cookie}\r\nx-forwarded-for: ${from}\r\n\r\n`,
  )
}

/**
 * Many kept connections that answer out of order: a request takes a free one, or finds none and is not sent (status 0),
 * as a telephone that gives up. Answers without an end within ten seconds are status 0 too. Timers, strings and
 * expressions a request cost as much as sending it, and the crowd lives on the city's own processors here: one timer for
 * all, bytes made before, and the answer read as bytes.
 */
export class Wires {
  readonly #base: URL
  readonly #idle: net.Socket[] = []
  readonly #busy = new Map<net.Socket, Waiting>()
  readonly #most: number
  readonly #sweep: NodeJS.Timeout
  #open = 0

  constructor(base: string, most: number) {
    this.#base = new URL(base)
    this.#most = most
    this.#sweep = setInterval(() => {
      const now = performance.now()
      for (const [socket, waiting] of this.#busy) if (now - waiting.sent > GIVEN_UP_MS) socket.destroy()
    }, 1_000)
  }

  post(path: string, body: unknown, cookie: string, from: string): Promise<Reply> {
    const text = JSON.stringify(body)
    return this.send(
      Buffer.from(
        `POST ${path} HTTP/1.1\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(text)}\r\nhost: ${this.#base.host}\r\ncookie: ${cookie}\r\nx-forwarded-for: ${from}\r\n\r\n${text}`,
      ),
    )
  }

  end(): void {
    clearInterval(this.#sweep)
    for (const socket of [...this.#idle, ...this.#busy.keys()]) socket.destroy()
  }

  send(bytes: Buffer): Promise<Reply> {
    return new Promise((resolve) => {
      const socket = this.#idle.pop() ?? (this.#open < this.#most ? this.#connect() : undefined)
      if (!socket) return resolve({ status: 0, body: NOTHING, ms: 0, retryAfter: 1 })
      this.#busy.set(socket, { sent: performance.now(), resolve, got: undefined })
      socket.write(bytes)
    })
  }

  #connect(): net.Socket {
    const socket = net.connect({ host: this.#base.hostname, port: Number(this.#base.port), noDelay: true })
    this.#open++
    const gone = () => {
      const waiting = this.#busy.get(socket)
      this.#busy.delete(socket)
      const at = this.#idle.indexOf(socket)
      if (at >= 0) this.#idle.splice(at, 1)
      waiting?.resolve({ status: 0, body: NOTHING, ms: performance.now() - waiting.sent, retryAfter: 1 })
    }
    socket.on('data', (chunk) => this.#read(socket, chunk))
    socket.on('error', () => undefined)
    socket.on('close', () => {
      this.#open--
      gone()
    })
    return socket
  }

  #read(socket: net.Socket, chunk: Buffer): void {
    const waiting = this.#busy.get(socket)
    if (!waiting) return
    const got = waiting.got ? Buffer.concat([waiting.got, chunk]) : chunk
    waiting.got = got
    const end = got.indexOf(HEAD_END)
    if (end < 0) return
    const head = got.toString('latin1', 0, end + 2)
    const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? -1)
    const isWhole = length < 0 ? got.subarray(-5).equals(LAST_CHUNK) : got.length >= end + 4 + length
    if (!isWhole) return
    this.#busy.delete(socket)
    this.#idle.push(socket)
    const status = Number(head.slice(9, 12))
    waiting.resolve({
      status,
      body: status === 200 ? got.subarray(end + 4) : NOTHING,
      ms: performance.now() - waiting.sent,
      retryAfter: status === 200 ? 1 : Number(/retry-after: (\d+)/i.exec(head)?.[1] ?? 1),
    })
  }
}
