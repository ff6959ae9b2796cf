/** Stages that a tube waits at: for its box to be collected, on the way, at the laboratory. */
export const STAGES = ['sealed', 'collected', 'received'] as const

/** Tubes an hour that go on from each stage; `low` and `high` by the slower and the faster half of what was watched. */
export type Pace = { mean: readonly number[]; low: readonly number[]; high: readonly number[] }

/**
 * Hours until `mine` tubes of a stage (with what lies ahead of them there) and all that waits behind that stage in the
 * chain are answered: no stage can end before its share of the work is done, so the slowest decides. Null where one of
 * the stages that still have work does not move.
 */
export function hoursUntilAnswered(
  mine: number,
  stage: number,
  waiting: readonly number[],
  pace: readonly number[],
): number | null {
  let work = 0
  let hours = 0
  for (let j = stage; j < STAGES.length; j++) {
    work += j === stage ? mine : waiting[j]!
    if (work === 0) continue
    if (pace[j]! <= 0) return null
    hours = Math.max(hours, work / pace[j]!)
  }
  return hours
}

export type Forecast = {
  /** Null where something that is needed does not move. */
  at: Date | null
  /** By the faster and by the slower half of the last hour; `to` is null where the slower half stood still. */
  from: Date | null
  to: Date | null
}

/** When all that waits at a stage now is answered at the pace of the last hour. */
export function forecastOf(stage: number, waiting: readonly number[], pace: Pace, now: Date): Forecast {
  const at = (p: readonly number[]) => {
    const hours = hoursUntilAnswered(waiting[stage]!, stage, waiting, p)
    return hours === null ? null : new Date(now.getTime() + hours * 3_600_000)
  }
  return { at: at(pace.mean), from: at(pace.high), to: at(pace.low) }
}

export type ResultPromise = { pooledHours: number; singleHours: number; warnHours: number }

/** By when the promise says that a tube is answered. */
export const dueOf = (sealedAt: Date, single: boolean, promise: ResultPromise): Date =>
  new Date(sealedAt.getTime() + (single ? promise.singleHours : promise.pooledHours) * 3_600_000)

export type Group = { stage: number; single: boolean; sealed_at: Date; n: number }
export type Risk = {
  /** Tubes whose promise breaks by forecast, and of them those whose promise is broken. */
  tubes: number
  late: number
  /** The oldest of them was sealed then, and the first promise breaks then. */
  since: Date
  dueAt: Date
}

/**
 * Which of these tubes will be answered too late if all goes on as it does, the nearest deadline going first. Where nothing
 * moves, those are at risk whose deadline is nearer than the warning. Undefined unless the first deadline at risk is that
 * near: a promise that breaks tomorrow can still be kept by an ordinary night.
 */
export function riskOf(
  groups: readonly Group[],
  waiting: readonly number[],
  pace: readonly number[],
  promise: ResultPromise,
  now: Date,
): Risk | undefined {
  const warnMs = promise.warnHours * 3_600_000
  const ahead = [0, 0, 0]
  let risk: Risk | undefined
  const inOrder = groups
    .map((g) => ({ g, due: dueOf(g.sealed_at, g.single, promise) }))
    .sort((a, b) => a.due.getTime() - b.due.getTime())
  for (const { g, due } of inOrder) {
    ahead[g.stage] = ahead[g.stage]! + g.n
    const hours = hoursUntilAnswered(ahead[g.stage]!, g.stage, waiting, pace)
    const left = due.getTime() - now.getTime()
    const breaks = hours === null ? left <= warnMs : left < hours * 3_600_000
    if (!breaks) continue
    risk ??= { tubes: 0, late: 0, since: g.sealed_at, dueAt: due }
    risk.tubes += g.n
    if (left < 0) risk.late += g.n
    if (g.sealed_at < risk.since) risk.since = g.sealed_at
  }
  return risk && risk.dueAt.getTime() - now.getTime() <= warnMs ? risk : undefined
}

/** Whether a laboratory works at a minute of the day; the same minute twice is around the clock. */
export function worksAt(opens: number, closes: number, minute: number): boolean {
  if (opens === closes) return true
  return opens < closes ? minute >= opens && minute < closes : minute >= opens || minute < closes
}

/** Hours of a day that a laboratory works. */
export const hoursOfDay = (opens: number, closes: number): number =>
  opens === closes ? 24 : ((closes - opens + 1440) % 1440) / 60

/**
 * Tubes an hour that a laboratory could take beyond what comes in and what it has to do anyway to answer what lies there
 * or is bound for it within the promise.
 */
export function spareOf(given: {
  tubesPerHour: number
  works: boolean
  comesIn: number
  waiting: number
  promise: ResultPromise
}): number {
  if (!given.works) return 0
  const needed = Math.max(given.comesIn, given.waiting / given.promise.pooledHours)
  return Math.max(0, Math.floor(given.tubesPerHour - needed))
}

/** The minutes within which this share of the counted tubes was answered; null of none. */
export function quantile(counted: readonly { minutes: number; n: number }[], share: number): number | null {
  const all = counted.reduce((sum, c) => sum + c.n, 0)
  if (all === 0) return null
  let sum = 0
  for (const c of counted) {
    sum += c.n
    if (sum >= share * all) return Math.max(0, c.minutes)
  }
  return Math.max(0, counted.at(-1)!.minutes)
}
