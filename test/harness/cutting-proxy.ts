import { createServer, connect, type Socket } from 'node:net'
import type { AddressInfo } from 'node:net'

/** What happens to a connection that carries a request with `mark` in it. */
export type Cut = 'none' | 'in the request' | 'before the answer' | 'busy'

const BUSY = [
  'HTTP/1.1 429 Too Many Requests',
  'content-type: application/problem+json',
  'retry-after: 3',
  'connection: close',
  '',
  JSON.stringify({ type: 'about:blank', status: 429, code: 'overloaded', title: 'busy', titleZh: '忙' }),
].join('\r\n')

/**
 * A line between a telephone and the city that can be cut: in the middle of a request, which then never arrives whole, or
 * after it has arrived and before its answer is back. `busy` answers 429 as a full house does, asking for three seconds.
 */
export async function startCuttingProxy(target: string, mark: string) {
  const { port, hostname } = new URL(target)
  let cut: Cut = 'none'
  let cuts = 0
  const seen: number[] = []
  const open = new Set<Socket>()
  const server = createServer((near) => {
    const far = connect(Number(port), hostname)
    let marked = false
    open.add(near).add(far)
    const end = () => {
      near.destroy()
      far.destroy()
      open.delete(near)
      open.delete(far)
    }
    for (const side of [near, far]) side.on('error', end).on('close', end)
    near.on('data', (bytes) => {
      if (bytes.includes(mark)) seen.push(performance.now())
      if (cut !== 'none' && bytes.includes(mark)) marked = true
      if (marked && cut === 'busy') {
        cuts++
        near.end(BUSY, end)
        return
      }
      if (marked && cut === 'in the request') {
        cuts++
        // The head and a little of the body go through.
        far.write(bytes.subarray(0, bytes.length - 40), end)
        return
      }
      far.write(bytes)
    })
    far.on('data', (bytes) => {
      if (marked && cut === 'before the answer') {
        cuts++
        end()
        return
      }
      near.write(bytes)
    })
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return {
    base: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cutNext: (next: Cut) => void (cut = next),
    cuts: () => cuts,
    /** When requests with the mark came, in milliseconds. */
    seen: () => seen,
    async stop() {
      for (const socket of open) socket.destroy()
      await new Promise((done) => server.close(done))
    },
  }
}
