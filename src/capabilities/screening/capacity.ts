import type { App } from '#kernel/app.ts'
import { may, type Actor } from '#kernel/auth.ts'
import { CityError } from '#kernel/errors.ts'
import type { Given } from '#kernel/http.ts'
import type { Routine } from '#kernel/jobs.ts'
import { atlasOf, getKnownPlace, pathIn } from '#capabilities/places/index.ts'
import { parameter, policyOf, type Policy } from '#capabilities/policy/index.ts'
import type { Backlog, GetBacklog } from './capacity.contract.ts'
import {
  dueOf,
  forecastOf,
  hoursUntilAnswered,
  quantile,
  riskOf,
  spareOf,
  STAGES,
  type Pace,
  type ResultPromise,
} from './capacity-rules.ts'
import {
  answeredSince,
  countBacklog,
  GRAIN_MS,
  openAlarms,
  passedSince,
  waitingAtLabs,
  waitingSums,
  type Passed,
  type Summary,
} from './capacity-store.ts'
import { capacities, toCapacity, worksNow } from './resources.ts'

/** Turnaround is of the results of this many hours: of one hour the median jumps with every box. */
const ANSWERED_HOURS = 6

/** The promise of the pack in force (policy: results.promiseHours, results.promiseSingleHours, results.warnHours). */
export const promiseOf = (policy: Policy): ResultPromise => ({
  pooledHours: parameter(policy, 'results.promiseHours').value,
  singleHours: parameter(policy, 'results.promiseSingleHours').value,
  warnHours: parameter(policy, 'results.warnHours').value,
})

/** The last hour in whole cells, and its middle. */
export function lastHour(now: Date): { since: Date; middle: Date; hours: number } {
  const floor = (ms: number) => new Date(Math.floor(ms / GRAIN_MS) * GRAIN_MS)
  const since = floor(now.getTime() - 3_600_000)
  return {
    since,
    middle: floor(now.getTime() - 1_800_000),
    hours: (now.getTime() - since.getTime()) / 3_600_000,
  }
}

/** How many went on from each stage, and how many tubes an hour that is. */
export function paceOf(passed: readonly Passed[], now: Date): { n: number[]; pace: Pace } {
  const { since, middle, hours } = lastHour(now)
  const newer = (now.getTime() - middle.getTime()) / 3_600_000
  const older = (middle.getTime() - since.getTime()) / 3_600_000
  const sum = (stage: number, half?: boolean) =>
    passed
      .filter((p) => p.before <= stage && p.before >= 0 && p.after > stage)
      .filter((p) => half === undefined || p.newer === half)
      .reduce((all, p) => all + p.n, 0)
  const n = STAGES.map((_, i) => sum(i))
  const halves = STAGES.map((_, i) => [sum(i, false) / older, sum(i, true) / newer] as const)
  return {
    n,
    pace: {
      mean: n.map((x) => x / hours),
      low: halves.map((h) => Math.min(...h)),
      high: halves.map((h) => Math.max(...h)),
    },
  }
}

export const atStages = (waiting: readonly { stage: number; n: number }[]): number[] =>
  STAGES.map((_, i) => waiting.filter((w) => w.stage === i).reduce((all, w) => all + w.n, 0))

function counts(waiting: readonly Summary[], promise: ResultPromise) {
  const dues = waiting.map((w) => dueOf(w.oldest, w.single, promise).getTime())
  const first = (times: number[]) => (times.length > 0 ? iso(new Date(Math.min(...times))) : null)
  return {
    waiting: waiting.reduce((n, w) => n + w.n, 0),
    oldestAt: first(waiting.map((w) => w.oldest.getTime())),
    dueAt: first(dues),
    late: waiting.reduce((n, w) => n + w.late, 0),
  }
}

const iso = (at: Date | null | undefined) => at?.toISOString() ?? null
const group = <T, K>(rows: readonly T[], key: (row: T) => K): Map<K, T[]> => Map.groupBy(rows, key)

/** Sealed before these, a tube waits longer than promised. */
const lateBefore = (promise: ResultPromise, now: Date) => ({
  pooled: new Date(now.getTime() - promise.pooledHours * 3_600_000),
  single: new Date(now.getTime() - promise.singleHours * 3_600_000),
})

async function countsOf(
  app: App,
  place: string,
  depth: number,
  lab: string | undefined,
  promise: ResultPromise,
  now: Date,
) {
  const { since, middle } = lastHour(now)
  return Promise.all([
    waitingSums(app.db, place, depth, lab, lateBefore(promise, now)),
    passedSince(app.db, place, depth, lab, since, middle),
    answeredSince(app.db, place, lab, new Date(now.getTime() - ANSWERED_HOURS * 3_600_000)),
  ])
}

async function labCounts(app: App, promise: ResultPromise, now: Date) {
  const { since, middle } = lastHour(now)
  return Promise.all([
    waitingSums(app.db, '31', 2, undefined, lateBefore(promise, now)),
    passedSince(app.db, '31', 2, undefined, since, middle),
    waitingAtLabs(app.db, undefined),
  ])
}

const kept = new WeakMap<App, { asOf: number; values: Map<string, Promise<unknown>> }>()

/** What comes from the counts is the same for everybody until they move on, which is every five seconds. */
function keptUntilCounted<T>(app: App, asOf: number, key: string, make: () => Promise<T>): Promise<T> {
  let now = kept.get(app)
  if (now?.asOf !== asOf) kept.set(app, (now = { asOf, values: new Map() }))
  const hit = now.values.get(key) as Promise<T> | undefined
  if (hit) return hit
  const value = make()
  now.values.set(key, value)
  value.catch(() => kept.delete(app))
  return value
}

/**
 * What waits at each stage for a place, a laboratory or both, how fast it goes on, and when it will be answered. From
 * counts by subdistrict that are seconds old; a neighbourhood is answered with its subdistrict's.
 */
export async function getBacklog(
  app: App,
  actor: Actor,
  { query }: Given<typeof GetBacklog>,
): Promise<Backlog> {
  if (!may(actor, 'screening.read', query.place)) throw new CityError('place_not_found')
  await getKnownPlace(app, query.place)
  const now = app.clock.now()
  const { place, lab } = query
  const policy = await policyOf(app, place)
  const promise = promiseOf(policy)
  const hour = lastHour(now)
  const depth = place.length < 6 ? 6 : 9
  const [mark, labs, alarms, atlas] = await Promise.all([
    app.db.selectFrom('backlog_mark').select('counted_at').executeTakeFirst(),
    capacities(app),
    openAlarms(app.db, place),
    atlasOf(app),
  ])
  const asOf = mark?.counted_at.getTime() ?? 0
  const [[waiting, passed, answered], [labWaiting, labPassed, atLabs]] = await Promise.all([
    keptUntilCounted(app, asOf, `${place} ${lab ?? ''}`, () =>
      countsOf(app, place, depth, lab, promise, now),
    ),
    // A laboratory's room is what the whole city leaves it, whoever asks.
    keptUntilCounted(app, asOf, `labs ${JSON.stringify(promise)}`, () => labCounts(app, promise, now)),
  ])
  const all = atStages(waiting)
  const pace = paceOf(passed, now)
  const byLab = group(labWaiting, (w) => w.lab)
  const passedBy = group(labPassed, (p) => p.lab)
  const names = new Set([...labs.keys(), ...byLab.keys(), ...passedBy.keys()].filter((l) => l !== ''))
  const cells = group(atLabs, (w) => w.lab)
  const byPlace = group(waiting, (w) => w.place)
  const wentBy = group(passed, (p) => p.place)
  return {
    placeCode: place,
    place: pathIn(atlas, place, actor.language),
    at: now.toISOString(),
    countedAt: iso(mark?.counted_at),
    promise: { ...promise, clause: parameter(policy, 'results.promiseHours').clause },
    stages: STAGES.map((stage, i) => {
      const here = waiting.filter((w) => w.stage === i)
      const { at, from, to } = forecastOf(i, all, pace.pace, now)
      const none = here.length === 0
      return {
        stage,
        ...counts(here, promise),
        single: here.filter((w) => w.single).reduce((sum, w) => sum + w.n, 0),
        lastHour: pace.n[i]!,
        forecast: { at: none ? null : iso(at), from: none ? null : iso(from), to: none ? null : iso(to) },
      }
    }),
    answered: {
      hours: ANSWERED_HOURS,
      tubes: answered.reduce((sum, a) => sum + a.n, 0),
      median: quantile(answered, 0.5),
      p95: quantile(answered, 0.95),
    },
    labs: await Promise.all(
      [...names]
        .filter((l) => lab === undefined || l === lab)
        .sort()
        .map(async (l) => {
          const mine = byLab.get(l) ?? []
          const here = mine.filter((w) => w.stage === 2)
          const went = passedBy.get(l) ?? []
          const own = paceOf(went, now)
          const can = labs.get(l)
          const bound = mine.filter((w) => w.stage < 2).reduce((sum, w) => sum + w.n, 0)
          const n = atStages(mine)
          const hours = hoursUntilAnswered(n[2]!, 2, n, own.pace.mean)
          const cameIn = went.filter((p) => p.before < 2 && p.after >= 2).reduce((sum, p) => sum + p.n, 0)
          return {
            lab: l,
            capacity: can ? await toCapacity(app, actor, can) : null,
            ...counts(here, promise),
            bound,
            cameIn,
            lastHour: own.n[2]!,
            doneAt:
              n[2]! > 0 && hours !== null ? new Date(now.getTime() + hours * 3_600_000).toISOString() : null,
            atRisk: riskOf(cells.get(l) ?? [], n, own.pace.mean, promise, now)?.tubes ?? 0,
            spare: can
              ? spareOf({
                  tubesPerHour: can.tubes_per_hour,
                  works: worksNow(can, now),
                  comesIn: cameIn / hour.hours,
                  waiting: n[2]! + bound,
                  promise,
                })
              : null,
          }
        }),
    ),
    places: [...new Set([...byPlace.keys(), ...wentBy.keys()])].sort().map((code) => ({
      placeCode: code,
      place: pathIn(atlas, code, actor.language),
      ...counts(byPlace.get(code) ?? [], promise),
      byStage: atStages(byPlace.get(code) ?? []),
      lastHour: paceOf(wentBy.get(code) ?? [], now).n[2]!,
    })),
    alarms: alarms.map((a) => ({
      id: a.id,
      lab: a.lab,
      name: a.lab !== null ? (labs.get(a.lab)?.name ?? a.lab) : pathIn(atlas, a.place_code, actor.language),
      placeCode: a.place_code,
      tubes: a.tubes,
      since: a.since.toISOString(),
      dueAt: a.due_at.toISOString(),
      raisedAt: a.raised_at.toISOString(),
      help:
        a.help_lab !== null
          ? { lab: a.help_lab, name: labs.get(a.help_lab)?.name ?? a.help_lab, spare: a.help_spare ?? 0 }
          : null,
    })),
  }
}

/**
 * Seconds behind what happens, in parts of at most a thousand tubes a second: a city that tests everybody in four hours seals
 * 174, and whoever seals faster than that must not wait for a figure.
 */
export const backlogRoutine: Routine = {
  name: 'screening.backlog',
  everyMs: 5_000,
  run: async (app) => void (await countBacklog(app.db, app.clock.now())),
}
