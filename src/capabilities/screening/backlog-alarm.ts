import { sql } from 'kysely'
import type { App } from '#kernel/app.ts'
import { within } from '#kernel/db.ts'
import { idFrom } from '#kernel/ids.ts'
import type { Routine } from '#kernel/jobs.ts'
import { atlasOf, pathIn } from '#capabilities/places/index.ts'
import { parameter, policyOf } from '#capabilities/policy/index.ts'
import { PromiseThreatened } from './capacity.contract.ts'
import { riskOf, spareOf, type ResultPromise, type Risk } from './capacity-rules.ts'
import { passedSince, waitingAt, type Passed, type Waiting } from './capacity-store.ts'
import { atStages, lastHour, paceOf, promiseOf } from './capacity.ts'
import { capacities, worksNow, type CapacityRow } from './resources.ts'

type Threat = { about: string; lab: string | null; placeCode: string; risk: Risk }

/**
 * Where promises will break: each laboratory by what lies there and its own pace; each district by what no laboratory has
 * received yet, through the pace of the whole chain there.
 */
function threats(
  waiting: readonly Waiting[],
  passed: readonly Passed[],
  labs: ReadonlyMap<string, CapacityRow>,
  promise: ResultPromise,
  now: Date,
): Threat[] {
  const found: Threat[] = []
  const at = (about: string, lab: string | null, placeCode: string, risk: Risk | undefined) =>
    risk && found.push({ about, lab, placeCode, risk })
  const received = waiting.filter((w) => w.stage === 2)
  for (const [lab, here] of Map.groupBy(received, (w) => w.lab)) {
    const { pace } = paceOf(
      passed.filter((p) => p.lab === lab),
      now,
    )
    at(
      `lab ${lab}`,
      lab,
      labs.get(lab)?.place_code ?? '31',
      riskOf(here, atStages(here), pace.mean, promise, now),
    )
  }
  for (const [place, here] of Map.groupBy(waiting, (w) => w.place)) {
    const { pace } = paceOf(
      passed.filter((p) => p.place === place),
      now,
    )
    const open = here.filter((w) => w.stage < 2)
    at(`place ${place}`, null, place, riskOf(open, atStages(here), pace.mean, promise, now))
  }
  return found
}

/** The laboratory with the most to spare, other than the one in need; undefined where none has any. */
function helpFor(
  lab: string | null,
  waiting: readonly Waiting[],
  passed: readonly Passed[],
  labs: ReadonlyMap<string, CapacityRow>,
  promise: ResultPromise,
  now: Date,
): { lab: string; name: string; spare: number } | undefined {
  const { hours } = lastHour(now)
  return [...labs.values()]
    .filter((c) => c.lab !== lab)
    .map((c) => ({
      lab: c.lab,
      name: c.name,
      spare: spareOf({
        tubesPerHour: c.tubes_per_hour,
        works: worksNow(c, now),
        comesIn:
          passed
            .filter((p) => p.lab === c.lab && p.before < 2 && p.after >= 2)
            .reduce((sum, p) => sum + p.n, 0) / hours,
        waiting: waiting.filter((w) => w.lab === c.lab).reduce((sum, w) => sum + w.n, 0),
        promise,
      }),
    }))
    .filter((c) => c.spare > 0)
    .sort((a, b) => b.spare - a.spare)[0]
}

/**
 * Raises one alarm where promises will break, before they do. While it lasts its figures follow and nothing is said again;
 * it is over when it has been calm for as long as the pack says (policy: results.calmMinutes), so a backlog that comes and
 * goes with every box is said once.
 */
export async function watchBacklog(app: App): Promise<void> {
  const now = app.clock.now()
  const policy = await policyOf(app)
  const promise = promiseOf(policy)
  const calmMs = parameter(policy, 'results.calmMinutes').value * 60_000
  const { since, middle } = lastHour(now)
  const [waiting, passed, labs, atlas] = await Promise.all([
    waitingAt(app.db, '31', 6, undefined),
    passedSince(app.db, '31', 6, undefined, since, middle),
    capacities(app),
    atlasOf(app),
  ])
  const threatened = threats(waiting, passed, labs, promise, now)
  await within(app.db, { as: 'service' }, async (trx) => {
    // Two servers watch in turns: the second finds the alarm of the first.
    await sql`select pg_advisory_xact_lock(hashtext('screening.backlog_alarm'))`.execute(trx)
    const open = new Map(
      (await trx.selectFrom('backlog_alarm').selectAll().where('ended_at', 'is', null).execute()).map((a) => [
        a.about,
        a,
      ]),
    )
    for (const t of threatened) {
      const help = helpFor(t.lab, waiting, passed, labs, promise, now)
      const figures = {
        tubes: t.risk.tubes,
        since: t.risk.since,
        due_at: t.risk.dueAt,
        help_lab: help?.lab ?? null,
        help_spare: help?.spare ?? null,
        calm_since: null,
      }
      const is = open.get(t.about)
      open.delete(t.about)
      if (is) {
        await trx.updateTable('backlog_alarm').set(figures).where('id', '=', is.id).execute()
        continue
      }
      const id = idFrom('backlog alarm', t.about, now.toISOString())
      await trx
        .insertInto('backlog_alarm')
        .values({
          id,
          about: t.about,
          lab: t.lab,
          place_code: t.placeCode,
          ...figures,
          raised_at: now,
          ended_at: null,
        })
        .execute()
      const name = t.lab !== null ? labs.get(t.lab)?.name : undefined
      await app.bus.emit(app, trx, PromiseThreatened, {
        alarmId: id,
        placeCode: t.placeCode,
        name: {
          zh: name ?? t.lab ?? pathIn(atlas, t.placeCode),
          en: name ?? t.lab ?? pathIn(atlas, t.placeCode, 'en'),
        },
        tubes: t.risk.tubes,
        since: t.risk.since.toISOString(),
        help: help ? { name: help.name, spare: help.spare } : null,
      })
    }
    // What is left in `open` is no longer threatened.
    for (const a of open.values()) {
      const calmSince = a.calm_since ?? now
      const isOver = now.getTime() - calmSince.getTime() >= calmMs
      await trx
        .updateTable('backlog_alarm')
        .set({ calm_since: calmSince, ...(isOver && { ended_at: now }) })
        .where('id', '=', a.id)
        .execute()
    }
  })
}

/** The counts are seconds old and the warning hours ahead: twice a minute is often enough. */
export const backlogAlarmRoutine: Routine = {
  name: 'screening.backlogAlarm',
  everyMs: 30_000,
  run: watchBacklog,
}
