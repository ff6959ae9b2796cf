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
        send()
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
