import type { App } from '#kernel/app.ts'
import { auditChainRoutine } from '#kernel/audit-chain.ts'
import { openClock } from '#kernel/clock.ts'
import type { Config } from '#kernel/config.ts'
import { openVault } from '#kernel/crypto.ts'
import { openDb } from '#kernel/db.ts'
import { makeBus } from '#kernel/events.ts'
import { makeServer, type Binding, type HttpServer } from '#kernel/http.ts'
import { startJobs, type Routine } from '#kernel/jobs.ts'
import { openLive } from '#kernel/live.ts'
import type { Log } from '#kernel/log.ts'
import { appealsRoutes } from '#capabilities/appeals/index.ts'
import { careRoutes } from '#capabilities/care/index.ts'
import { commandRoutes } from '#capabilities/command/index.ts'
import { clockRoutine, namingOf, ordersRoutes } from '#capabilities/orders/index.ts'
import {
  authenticate,
  dropOldSessions,
  glassRoutes,
  peopleRoutes,
  retentionRoutine,
  seedPeople,
  seedUnits,
} from '#capabilities/people/index.ts'
import { placesRoutes, seedPlaces } from '#capabilities/places/index.ts'
import { parameter, policyOf, policyRoutes } from '#capabilities/policy/index.ts'
import { oldWords, requestsRoutes } from '#capabilities/requests/index.ts'
import {
  backlogAlarmRoutine,
  backlogRoutine,
  countResidents,
  coverageRoutine,
  peopleCountRoutine,
  recalledRoutine,
  partitionRoutine,
  preparePartitions,
  earlyRoutine,
  recallRoutine,
  screeningRoutes,
} from '#capabilities/screening/index.ts'
import { siteCountsRoutine, sitesRoutes } from '#capabilities/sites/index.ts'
import { loop } from './loop.ts'

/** Every route of the house; the authorization matrix walks this list. */
export const ROUTES: Binding[] = [
  ...peopleRoutes,
  ...glassRoutes(async (app) => parameter(await policyOf(app), 'privacy.glassMinutes')),
  ...placesRoutes,
  ...policyRoutes,
  ...ordersRoutes,
  ...appealsRoutes,
  ...requestsRoutes,
  ...sitesRoutes,
  ...screeningRoutes,
  ...careRoutes,
  ...commandRoutes,
]

const ROUTINES: Routine[] = [
  clockRoutine,
  auditChainRoutine,
  partitionRoutine,
  earlyRoutine,
  recallRoutine,
  coverageRoutine,
  backlogRoutine,
  backlogAlarmRoutine,
  peopleCountRoutine,
  recalledRoutine,
  siteCountsRoutine,
  retentionRoutine({ request: oldWords }),
  {
    name: 'clock.save',
    everyMs: 5_000,
    run: async (app) => (app.clock.speed() === 1 ? undefined : app.clock.save()),
  },
  { name: 'people.sessions', everyMs: 3_600_000, run: (app) => dropOldSessions(app.db) },
]

export type City = { app: App; server: HttpServer; stop(): Promise<void> }

/** Sets a migrated database going as a city: places, policy, people, clocks, followers and the API. */
export async function openCity(config: Config, url: string, log: Log): Promise<City> {
  const { db } = openDb(url, { role: 'cityloop_service', log })
  // Followers and routines have connections of their own: a crowd at the door must not stop the clocks.
  const back = openDb(url, { role: 'cityloop_service', max: 6, log, name: 'cityloop jobs' })
  const queue = openDb(url, { max: 5, log, name: 'cityloop queue' })
  const live = await openLive(url, log)
  const app: App = {
    config,
    db,
    live,
    log,
    bus: makeBus(loop),
    vault: openVault(config),
    clock: await openClock(db, config.speed),
  }
  await seedPlaces(db, config.demo)
  const policy = await policyOf(app)
  await seedUnits(app, policy.elements.departments)
  if (config.demo) await seedPeople(app, config.people)
  await preparePartitions(app)
  await countResidents(app)
  // Built before the door opens: the first visitor would wait a second for the gazetteer, and everybody behind them too.
  await namingOf(app)
  const server = await makeServer(app, ROUTES, authenticate)
  const jobs = await startJobs({ ...app, db: back.db }, queue.pool, ROUTINES)
  return {
    app,
    server,
    async stop() {
      await server.drain()
      await jobs.stop()
      await app.clock.save().catch(() => undefined)
      await live.stop()
      await Promise.all([db.destroy(), back.db.destroy(), queue.db.destroy()])
    },
  }
}
