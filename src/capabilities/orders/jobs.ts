import type { Routine } from '#kernel/jobs.ts'
import { sweepClocks, sweepParts, sweepWarnings } from './sweep.ts'

/** A deadline is noticed within half a second; three indexed queries when nothing is due. */
export const clockRoutine: Routine = {
  name: 'orders.clocks',
  everyMs: 500,
  async run(app) {
    for (const sweep of [sweepWarnings, sweepClocks, sweepParts]) while ((await sweep(app)) > 0);
  },
}
