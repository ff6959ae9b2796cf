import type { App } from '#kernel/app.ts'
import { dayOf } from '#kernel/clock.ts'
import type { Routine } from '#kernel/jobs.ts'
import { joinEarly } from './box-moves.ts'
import { answerRecalls } from './recall-ends.ts'
import { makePartitions } from './tube-store.ts'

/** Days of `sample` are made a week ahead; at sixty city seconds a second a week is almost three hours. */
export const preparePartitions = (app: App): Promise<void> => makePartitions(app.db, dayOf(app.clock.now()))

export const partitionRoutine: Routine = {
  name: 'screening.partitions',
  everyMs: 600_000,
  run: preparePartitions,
}

/** A recall whose single tube has come in ends within seconds. */
export const recallRoutine: Routine = { name: 'screening.recalls', everyMs: 3_000, run: answerRecalls }

/** A laboratory's word and a device's that crossed each other. */
export const earlyRoutine: Routine = { name: 'screening.early', everyMs: 5_000, run: joinEarly }
