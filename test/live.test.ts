import { afterAll, beforeAll, expect, test } from 'vitest'
import { sql } from 'kysely'
import { z } from 'zod'
import type { App } from '#kernel/app.ts'
import { event } from '#kernel/contract.ts'
import { openDb } from '#kernel/db.ts'
import { makeBus, when } from '#kernel/events.ts'
import { startJobs } from '#kernel/jobs.ts'
import { loop } from '#src/loop.ts'
import { freshDatabase } from '#test/harness/database.ts'
import {
  DIALYSIS,
  newId,
  residentWith,
  signedIn,
  startCity,
  type Caller,
  type TestCity,
} from '#test/harness/city.ts'

let city: TestCity
beforeAll(async () => {
  city = await startCity()
})
afterAll(() => city.stop())

type Note = { topic: string; id: string; [key: string]: unknown }

/** Listens to the stream as a browser would; `wait` gives the first note that fits, or fails after five seconds. */
async function listen(who: Caller) {
  const stop = new AbortController()
  const answer = await fetch(`${city.base}/api/stream`, {
    headers: { cookie: who.cookie },
    signal: stop.signal,
  })
  expect(answer.status).toBe(200)
  const notes: Note[] = []
  const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader()
  void (async () => {
    for (;;) {
      const { value, done } = await reader.read().catch(() => ({ value: undefined, done: true }))
      if (done) return
      for (const line of value!.split('\n'))
        if (line.startsWith('data: [')) notes.push(...(JSON.parse(line.slice(6)) as Note[]))
    }
  })()
  return {
    notes,
    stop: () => stop.abort(),
    async wait(fits: (note: Note) => boolean): Promise<Note> {
      const end = Date.now() + 5_000
      for (;;) {
        const found = notes.find(fits)
        if (found) return found
        if (Date.now() > end) throw new Error(`not heard; only ${JSON.stringify(notes)}`)
        await new Promise((done) => setTimeout(done, 10))
      }
    },
  }
}

test('an urgent request is heard at once by those in charge and by nobody else, without a word of its content', async () => {
  const [resident, neighbour, commander, huangpu, health] = await Promise.all([
    signedIn(city.base, 'resident'),
    residentWith(city.base, '19900000005'),
    signedIn(city.base, 'commander'),
    signedIn(city.base, 'huangpu'),
    signedIn(city.base, 'health.pudong'),
  ])
  const ears = await Promise.all([resident, neighbour, commander, huangpu, health].map(listen))
  const [mine, neighbours, commanders, huangpus, healths] = ears as [
    (typeof ears)[0],
    (typeof ears)[0],
    (typeof ears)[0],
    (typeof ears)[0],
    (typeof ears)[0],
  ]
  const id = newId()
  await resident.post('/api/my/requests', { id, text: DIALYSIS })
  await Promise.all([
    commanders.wait((n) => n.topic === 'alarm' && n.orderId === id),
    healths.wait((n) => n.topic === 'order' && n.id === id),
    mine.wait((n) => n.id === id),
  ])
  // A note for everybody else's screens comes after, so silence before it is silence.
  await new Promise((done) => setTimeout(done, 400))
  expect(neighbours.notes).toEqual([])
  expect(huangpus.notes).toEqual([])
  const said = JSON.stringify(ears.flatMap((e) => e.notes))
  expect(said).not.toMatch(/血透|樱花|妈妈|personId/)
  for (const ear of ears) ear.stop()
})

test('a stranger hears nothing', async () => {
  expect((await fetch(`${city.base}/api/stream`)).status).toBe(401)
})

const Happened = event('test.happened', z.object({ n: z.int() }))

/** The running city with a loop of its own. */
const withLoop = (lines: Parameters<typeof makeBus>[0]): App => ({ ...city.app, bus: makeBus(lines) })

test('what follows after a commit comes once the transaction is through, again after a failure, and never without it', async () => {
  const heard: number[] = []
  let failures = 1
  // A database of its own: the city's worker would take the jobs of the city's database.
  const database = await freshDatabase()
  const { pool, db } = openDb(database.url, { max: 4 })
  const app = withLoop(
    when(Happened, {
      after: {
        hear: async (_app, { n }) => {
          if (n === 2 && failures-- > 0) throw new Error('not yet')
          heard.push(n)
        },
      },
    }),
  )
  await db.transaction().execute((trx) => app.bus.emit(app, trx, Happened, { n: 1 }))
  await db.transaction().execute((trx) => app.bus.emit(app, trx, Happened, { n: 2 }))
  await expect(
    db.transaction().execute(async (trx) => {
      await app.bus.emit(app, trx, Happened, { n: 3 })
      throw new Error('taken back')
    }),
  ).rejects.toThrow('taken back')
  await city.app.bus.deliver(city.app, {
    type: 'test.happened',
    follower: 'dropped by a newer version',
    data: {},
  })
  const jobs = await startJobs(app, pool, [])
  const end = Date.now() + 20_000
  while (heard.length < 2 && Date.now() < end) {
    // The second try waits for some seconds by design; here it is called at once.
    await sql`update graphile_worker._private_jobs set run_at = now() where attempts > 0`.execute(db)
    await new Promise((done) => setTimeout(done, 100))
  }
  await jobs.stop()
  await db.destroy()
  await database.drop()
  expect(heard.toSorted((a, b) => a - b)).toEqual([1, 2])
})

test('what follows within a transaction is taken back with it', async () => {
  const app = withLoop(when(Happened, { within: { fail: async () => Promise.reject(new Error('cannot')) } }))
  await expect(
    app.db.transaction().execute((trx) => app.bus.emit(app, trx, Happened, { n: 1 })),
  ).rejects.toThrow('cannot')
  await expect(
    app.db.transaction().execute((trx) => app.bus.emit(app, trx, Happened, { n: 'x' } as never)),
  ).rejects.toThrow()
})

test('the loop names nothing twice', () => {
  expect(() => makeBus(loop)).not.toThrow()
  expect(() => makeBus([...loop, ...loop])).toThrow(/twice/)
  expect(loop.map((l) => l.type)).toContain('request.received')
})
