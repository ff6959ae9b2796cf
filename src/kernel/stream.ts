import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { App } from './app.ts'
import { may, type Actor } from './auth.ts'
import { z } from 'zod'
import { route } from './contract.ts'
import { CityError } from './errors.ts'
import type { LiveNote } from './live.ts'
import { signedIn } from './auth.ts'

/** More screens than this on one server are told to come back: each costs memory, and screens can poll. */
const MOST_SCREENS = 2_000
/** Notes to one screen are gathered for this long, so that a surge is one message and not a thousand. */
const GATHER_MS = 150
const HEARTBEAT_MS = 15_000

export const Stream = route({
  id: 'kernel.stream',
  method: 'GET',
  path: '/api/stream',
  summary: { zh: '实时消息（SSE）', en: 'Live notes as server-sent events: {topic, id, placeCode, …}[]' },
  response: z.string(),
})

function concerns(actor: Actor, note: LiveNote): boolean {
  if (actor.kind === 'resident') return note.personId === actor.id
  return may(actor, 'orders.read', note.placeCode) || may(actor, 'wall.read', note.placeCode)
}

/** The person's id goes to nobody but that person's own screen, which knows it. */
function outward({ personId: _personId, ...note }: LiveNote) {
  return note
}

export function addStream(
  app: App,
  fastify: FastifyInstance,
  whoIs: (request: FastifyRequest) => Promise<Actor>,
): void {
  let screens = 0
  const endings = new Set<() => void>()
  fastify.addHook('preClose', async () => {
    for (const end of endings) end()
  })
  fastify.get(
    Stream.path,
    { config: { guard: signedIn, route: Stream }, schema: { hide: true } },
    async (request, reply) => {
      if (screens >= MOST_SCREENS) throw new CityError('overloaded', { retryAfter: 30 })
      screens++
      let { actor } = request
      reply.hijack()
      const { raw } = reply
      raw.writeHead(200, {
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-store',
        'x-accel-buffering': 'no',
      })
      raw.write('retry: 2000\n\n')
      const waiting = new Map<string, object>()
      let timer: NodeJS.Timeout | undefined
      const flush = () => {
        timer = undefined
        // A screen that does not read is cut off; it reconnects and loads afresh.
        if (raw.writableLength > 1_000_000) return end()
        raw.write(`data: ${JSON.stringify([...waiting.values()])}\n\n`)
        waiting.clear()
      }
      const silence = app.live.hear((note) => {
        if (!concerns(actor, note)) return
        waiting.set(`${note.topic} ${note.id}`, outward(note))
        timer ??= setTimeout(flush, GATHER_MS)
      })
      const heart = setInterval(() => {
        raw.write(`event: pulse\ndata: ${JSON.stringify({ live: app.live.connected() })}\n\n`)
        // A session that was revoked meanwhile hears no more; one that gained or lost a place hears by its new sight.
        void whoIs(request).then(
          (now) => (now.kind === 'nobody' ? end() : void (actor = now)),
          () => undefined,
        )
      }, HEARTBEAT_MS)
      const end = () => {
        if (!endings.delete(end)) return
        screens--
        silence()
        clearInterval(heart)
        clearTimeout(timer)
        raw.end()
      }
      endings.add(end)
      raw.on('close', end)
      raw.on('error', end)
    },
  )
}
