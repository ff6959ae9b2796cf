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

export type Reply = { status: number; body: string; ms: number; retryAfter: number }

type Waiting = { bytes: Buffer; sent: number; resolve: (reply: Reply) => void }

/**
 * Many kept connections that answer out of order: a request takes a free one, or finds none and is not sent (status 0),
 * as a telephone that gives up. Answers without an end within ten seconds are status 0 too.
 */
export class Wires {
  readonly #base: URL
  readonly #idle: net.Socket[] = []
  readonly #busy = new Map<net.Socket, Waiting & { got: string }>()
  readonly #most: number
  #open = 0

  constructor(base: string, most: number) {
    this.#base = new URL(base)
    this.#most = most
  }

  get(path: string, cookie: string, from: string): Promise<Reply> {
    return this.#send(`GET ${path} HTTP/1.1\r\n`, cookie, from, '')
  }

  post(path: string, body: unknown, cookie: string, from: string): Promise<Reply> {
    const text = JSON.stringify(body)
    return this.#send(
      `POST ${path} HTTP/1.1\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(text)}\r\n`,
      cookie,
      from,
      text,
    )
  }

  end(): void {
    for (const socket of [...this.#idle, ...this.#busy.keys()]) socket.destroy()
  }

  #send(head: string, cookie: string, from: string, body: string): Promise<Reply> {
    const bytes = Buffer.from(
      `${head}host: ${this.#base.host}\r\ncookie: ${cookie}\r\nx-forwarded-for: ${from}\r\n\r\n${body}`,
    )
    return new Promise((resolve) => {
      const waiting = { bytes, sent: performance.now(), resolve }
      const socket = this.#idle.pop()
      if (socket) this.#put(socket, waiting)
      else if (this.#open < this.#most) this.#put(this.#connect(), waiting)
      else resolve({ status: 0, body: '', ms: 0, retryAfter: 1 })
    })
  }

  #put(socket: net.Socket, waiting: Waiting): void {
    this.#busy.set(socket, { ...waiting, got: '' })
    socket.setTimeout(10_000)
    socket.write(waiting.bytes)
  }

  #connect(): net.Socket {
    const socket = net.connect({ host: this.#base.hostname, port: Number(this.#base.port), noDelay: true })
    this.#open++
    const gone = () => {
      const waiting = this.#busy.get(socket)
      this.#busy.delete(socket)
      const at = this.#idle.indexOf(socket)
      if (at >= 0) this.#idle.splice(at, 1)
      waiting?.resolve({ status: 0, body: '', ms: performance.now() - waiting.sent, retryAfter: 1 })
    }
    socket.on('data', (chunk) => this.#read(socket, chunk.toString('latin1')))
    socket.on('timeout', () => socket.destroy())
    socket.on('error', () => undefined)
    socket.on('close', () => {
      this.#open--
      gone()
    })
    return socket
  }

  #read(socket: net.Socket, text: string): void {
    const waiting = this.#busy.get(socket)
    if (!waiting) return
    waiting.got += text
    const head = waiting.got.indexOf('\r\n\r\n')
    if (head < 0) return
    const isChunked = /transfer-encoding: chunked/i.test(waiting.got.slice(0, head))
    const length = Number(/content-length: (\d+)/i.exec(waiting.got)?.[1] ?? 0)
    if (isChunked ? !waiting.got.endsWith('0\r\n\r\n') : waiting.got.length < head + 4 + length) return
    this.#busy.delete(socket)
    socket.setTimeout(0)
    this.#idle.push(socket)
    waiting.resolve({
      status: Number(waiting.got.slice(9, 12)),
      body: waiting.got.slice(head + 4),
      ms: performance.now() - waiting.sent,
      retryAfter: Number(/retry-after: (\d+)/i.exec(waiting.got)?.[1] ?? 1),
    })
  }
}
