import type { App } from '#kernel/app.ts'
import type { Routine } from '#kernel/jobs.ts'
import { parameter, policyOf } from '#capabilities/policy/index.ts'
import { dropOldCounts } from './store.ts'

/** Counts of lines go after the pack's days (clause 采样点 1.6). */
export const siteCountsRoutine: Routine = {
  name: 'sites.counts',
  everyMs: 3_600_000,
  run: async (app: App) => {
    const days = parameter(await policyOf(app), 'sites.queueKeptDays').value
    await dropOldCounts(app.db, new Date(app.clock.now().getTime() - days * 86_400_000))
  },
}
