import { Logger, run, type Runner, type TaskList } from 'graphile-worker'
import type pg from 'pg'
import type { App } from './app.ts'
import { FOLLOW_TASK } from './events.ts'

/** Something done again and again while the server runs; one server of several does it at a time. */
export type Routine = { name: string; everyMs: number; run: (app: App) => Promise<void> }

/**
 * Starts the workers: followers of events from the queue in the database, and the routines.
 * Deadlines are not jobs: a routine sweeps the clocks that have run out (one indexed query a second), so a change of
 * city speed, a restart or a day of downtime needs no rescheduling, and each clock fires exactly once by its row.
 */
export async function startJobs(
  app: App,
  pool: pg.Pool,
  routines: Routine[],
): Promise<{ stop(): Promise<void> }> {
  const tasks: TaskList = {
    [FOLLOW_TASK]: async (payload) =>
      app.bus.deliver(app, payload as { type: string; follower: string; data: unknown }),
  }
  const quiet = {
    error: (m: string) => app.log.error({ m }, 'jobs'),
    warning: (m: string) => app.log.warn({ m }, 'jobs'),
  }
  const logger = new Logger(
    () => (level, message) => (quiet as Record<string, ((m: string) => void) | undefined>)[level]?.(message),
  )
  const runner: Runner = await run({
    pgPool: pool,
    taskList: tasks,
    concurrency: 4,
    pollInterval: 1000,
    noHandleSignals: true,
    logger,
  })
  runner.promise.catch((error: unknown) => app.log.error({ err: String(error) }, 'job worker ended'))
  const timers = routines.map((routine) => repeat(app, routine))
  return {
    async stop() {
      await Promise.all(timers.map((t) => t.stop()))
      await runner.stop().catch(() => undefined)
    },
  }
}

/** Runs a routine, waits, runs it again; a failure is logged and tried again at the next turn. */
export function repeat(app: App, routine: Routine): { stop(): Promise<void> } {
  let stopped = false
  let timer: NodeJS.Timeout | undefined
  let running: Promise<void> = Promise.resolve()
  const turn = () => {
    running = routine
      .run(app)
      .catch((error: unknown) =>
        app.log.error({ routine: routine.name, err: String(error) }, 'routine failed'),
      )
      .then(() => {
        if (!stopped) timer = setTimeout(turn, routine.everyMs)
      })
  }
  timer = setTimeout(turn, routine.everyMs)
  return {
    async stop() {
      stopped = true
      clearTimeout(timer)
      await running
    },
  }
}
