import type { Routine } from '#kernel/jobs.ts'
import { sweepClocks } from './engine.ts'

/** A deadline is noticed within half a second; one indexed query when nothing is due. */
export const clockRoutine: Routine = {
  name: 'orders.clocks',
  everyMs: 500,
  async run(app) {
    while ((await sweepClocks(app)) > 0);
  },
}
