import type { Server } from 'node:http'
import type { Server as SecureServer } from 'node:https'
import type { Socket } from 'node:net'

/** An answer that takes longer than this while the server stops is cut off. */
const GRACE_MS = 10_000

/**
 * Follows the connections of a server and gives a function that closes it: at once where nothing is under way, after
 * the answer where something is. Node's own closeIdleConnections leaves alone what has not sent a request yet, and
 * browsers keep such connections ready: stopping took 20 s.
 */
export function drainable(server: Server | SecureServer): () => Promise<void> {
  const underWay = new Map<Socket, number>()
  const add = (socket: Socket, n: number) => underWay.set(socket, (underWay.get(socket) ?? 0) + n)
  // Over TLS a request belongs to the secure socket, and its end ends the plain one beneath.
  for (const event of ['connection', 'secureConnection']) {
    server.on(event, (socket: Socket) => {
      if (event === 'connection' && 'setSecureContext' in server) return
      add(socket, 0)
      socket.once('close', () => underWay.delete(socket))
    })
  }
  server.on('request', (request, response) => {
    const { socket } = request
    add(socket, 1)
    response.once('close', () => {
      if (underWay.has(socket)) add(socket, -1)
    })
  })
  return () =>
    new Promise<void>((done) => {
      const until = Date.now() + GRACE_MS
      const sweep = setInterval(() => {
        for (const [socket, n] of underWay) if (n <= 0 || Date.now() > until) socket.destroy()
        if (underWay.size > 0) return
        clearInterval(sweep)
        done()
      }, 50)
    })
}
