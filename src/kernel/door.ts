import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Server as SecureServer } from 'node:https'
import type { Socket } from 'node:net'
import type { Route } from './contract.ts'
import { CityError, problem } from './errors.ts'
import { FHIR_JSON, operationOutcome } from './fhir-problem.ts'
import { SHED_AT, type Gate } from './overload.ts'

/** Chars of a request line that are looked at; a longer address goes to the router. */
const LINE = 2_048

/**
 * What must be left to the parser: bodies without a length, answers that are not wanted yet, other protocols, ends of
 * connections, and whatever two readers could read differently (folded lines, lone CR or LF).
 */
const NOT_PLAIN =
  /\r(?!\n)|(?<!\r)\n|\r\n(?:[ \t]|transfer-encoding|expect|upgrade|connection[ \t]*:(?![ \t]*keep-alive[ \t]*\r\n))/i
const LENGTH = /\r\ncontent-length[ \t]*:/gi
const LENGTH_VALUE = /\r\ncontent-length: ?(\d{1,9})\r\n/i

/**
 * True where these bytes are one request of HTTP/1.1 from its first to its last, that keeps the connection. Anything
 * unusual is false: it costs the slower way only.
 */
export function isOneRequest(text: string): boolean {
  const end = text.indexOf('\r\n\r\n')
  if (end < 0) return false
  const head = text.slice(0, end + 2)
  if (!/^[A-Z]+ \/\S* HTTP\/1\.1\r\n/.test(head) || NOT_PLAIN.test(head)) return false
  const lengths = head.match(LENGTH)
  if (!lengths) return text.length === end + 4
  const said = lengths.length === 1 && LENGTH_VALUE.exec(head)
  return said ? text.length === end + 4 + Number(said[1]) : false
}

/** How one connection stands with the parser behind the door. */
type Standing = {
  /** The parser has seen one whole request since it was last known to be between two, and nothing else. */
  whole: boolean
  requests: number
  /** The parser is between two requests: what comes now may be answered without it. */
  between: boolean
}

export type Door = {
  /** Answers a parsed request for which there is no room; false where it may come in. */
  turnAway(request: IncomingMessage, response: ServerResponse): boolean
  /** Stands before the parser of this server too. */
  stand(server: Server | SecureServer): void
}

/**
 * Turning somebody away must cost next to nothing, or the turning away itself takes the house down: of 10,000 offered a
 * second 7,000 are refused. Through hooks, headers and an error with its stack each cost 200 µs, from node's parsed
 * request 11 to 12 µs, from the bytes of the socket 5.5 µs. So the door stands before the parser and knows routes by their
 * first line; it answers by itself only where the bytes are one whole request and the parser is between two, and leaves
 * everything else to the parser and to its second look before the router.
 */
export function makeDoor(routes: readonly Route[], gate: Gate): Door {
  const fixed = new Map<string, Route>()
  const open: { method: string; path: RegExp; route: Route }[] = []
  for (const route of routes) {
    if (route.path.includes(':'))
      open.push({
        method: route.method,
        path: new RegExp(`^${route.path.replace(/:\w+/g, '[^/]+')}$`),
        route,
      })
    else fixed.set(`${route.method} ${route.path}`, route)
  }
  const answers = makeAnswers()
  const standings = new WeakMap<Socket, Standing>()

  /** The route that has no room now. */
  function full(pressure: number, method: string, url: string): Route | undefined {
    const query = url.indexOf('?')
    const path = query < 0 ? url : url.slice(0, query)
    const route =
      fixed.get(`${method} ${path}`) ?? open.find((o) => o.method === method && o.path.test(path))?.route
    return route && pressure >= SHED_AT[route.load] ? route : undefined
  }

  function fullBytes(pressure: number, text: string): Route | undefined {
    const method = text.indexOf(' ')
    const url = text.indexOf(' ', method + 1)
    if (method < 0 || url < 0 || url > LINE) return undefined
    return full(pressure, text.slice(0, method), text.slice(method + 1, url))
  }

  function watch(socket: Socket): void {
    const parsers = socket.listeners('data') as ((chunk: Buffer) => void)[]
    const parse = parsers[0]
    // Node's parser hears the socket as anybody would; should that change one day, the door stands behind it only.
    if (!parse || parsers.length > 1) return
    // The first request of a connection is the parser's: it counts the time to it and would cut the connection.
    const standing: Standing = { whole: false, requests: 0, between: false }
    standings.set(socket, standing)
    socket.removeListener('data', parse)
    socket.on('data', (chunk: Buffer) => {
      const pressure = gate.pressure()
      if (pressure < SHED_AT.decoration) {
        standing.between = false
        standing.whole = false
        parse(chunk)
        return
      }
      const text = chunk.toString('latin1')
      const isWhole = isOneRequest(text)
      if (standing.between && isWhole) {
        const route = fullBytes(pressure, text)
        if (route) {
          gate.turnedAway[route.load]++
          socket.write(answers(route))
          return
        }
      }
      standing.between = false
      standing.whole = isWhole
      standing.requests = 0
      parse(chunk)
    })
  }

  return {
    turnAway(request, response) {
      const standing = standings.get(request.socket)
      if (standing) {
        standing.requests++
        if (standing.whole)
          response.once('close', () => {
            standing.between = standing.whole && standing.requests === 1 && request.complete
          })
      }
      const pressure = gate.pressure()
      if (pressure < SHED_AT.decoration) return false
      const route = full(pressure, request.method ?? '', request.url ?? '')
      if (!route) return false
      gate.turnedAway[route.load]++
      const isFhir = route.speaks === 'fhir'
      const body = isFhir ? FULL_FHIR : FULL
      response.writeHead(429, {
        'content-type': isFhir ? FHIR_JSON : PROBLEM_JSON,
        'content-length': body.length,
        'cache-control': 'no-store',
        'retry-after': retryAfter(route),
      })
      response.end(body)
      return true
    },
    stand(server) {
      server.on('setSecureContext' in server ? 'secureConnection' : 'connection', watch)
    },
  }
}

const PROBLEM_JSON = 'application/problem+json; charset=utf-8'

/** The answer to whom the house has no room for, made once. */
const FULL = Buffer.from(JSON.stringify(problem(new CityError('overloaded'))))
const FULL_FHIR = Buffer.from(JSON.stringify(operationOutcome(problem(new CityError('overloaded')))))

const retryAfter = (route: Route) => (route.load === 'emergency' ? '1' : '5')

/** The same answer as bytes, made anew when the date in it is another. */
function makeAnswers(): (route: Route) => Buffer {
  let second = 0
  let made = new Map<string, Buffer>()
  return (route) => {
    const now = Math.floor(Date.now() / 1000)
    if (now !== second) {
      second = now
      made = new Map()
    }
    const isFhir = route.speaks === 'fhir'
    const key = `${isFhir} ${retryAfter(route)}`
    const known = made.get(key)
    if (known) return known
    const body = isFhir ? FULL_FHIR : FULL
    const head = [
      'HTTP/1.1 429 Too Many Requests',
      `content-type: ${isFhir ? FHIR_JSON : PROBLEM_JSON}`,
      `content-length: ${body.length}`,
      'cache-control: no-store',
      `retry-after: ${retryAfter(route)}`,
      `Date: ${new Date().toUTCString()}`,
      'Connection: keep-alive',
      'Keep-Alive: timeout=20',
    ].join('\r\n')
    const bytes = Buffer.concat([Buffer.from(`${head}\r\n\r\n`), body])
    made.set(key, bytes)
    return bytes
  }
}
