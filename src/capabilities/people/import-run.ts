import { on } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { App } from '#kernel/app.ts'
import { audit } from '#kernel/audit.ts'
import type { Actor } from '#kernel/auth.ts'
import { sql } from 'kysely'
import { within } from '#kernel/db.ts'
import { atlasOf } from '#capabilities/places/index.ts'
import type { ImportCounts } from './import.contract.ts'
import type { ImportProblem } from './import-words.contract.ts'
import * as store from './import-store.ts'
import type { WorkerInput, WorkerSays } from './import-worker.ts'
import { plainName } from './identity.ts'
import { recordLooks } from './looks.ts'
import { pairId, REGISTER_LOCK } from './register-person.ts'

type Run = { id: string; place_code: string }

/** A register of 300,000 lines takes 600 MB as it is read; what takes more is no register, and ends alone. */
const WORKER_MB = 1_024
const TWINS = 500
/** Lines stored by one statement: some 0.7 s, far from the limit on a statement. */
const LINES = 20_000

/**
 * Reads a file in a thread of its own (a hundred thousand lines are seconds of work that would hold up everybody else)
 * and puts its lines where they wait for somebody to accept them. Never throws: what went wrong stands in the run.
 */
export async function readRun(app: App, run: Run, bytes: Uint8Array): Promise<void> {
  try {
    const problem = await stageAll(app, run, bytes)
    if (problem) {
      await store.dropLines(app.db, run.id)
      await store.moveRun(app.db, run.id, ['reading'], { state: 'refused', problem })
      return
    }
    await settlePhones(app, run.id)
    const counts = await store.countRun(app.db, run.id)
    await store.moveRun(app.db, run.id, ['reading'], { state: 'ready', counts })
  } catch (error) {
    app.log.error({ run: run.id, err: String(error) }, 'reading an import failed')
    await store
      .moveRun(app.db, run.id, ['reading'], { state: 'refused', problem: 'interrupted' })
      .catch(() => undefined)
  }
}

async function stageAll(app: App, run: Run, bytes: Uint8Array): Promise<ImportProblem | undefined> {
  const { facts } = await atlasOf(app)
  const input: WorkerInput = {
    bytes,
    key: { key: app.config.key, keyFile: app.config.keyFile },
    places: [...facts.keys()].join('\n'),
    within: run.place_code,
    taken: new Int32Array(new SharedArrayBuffer(4)),
  }
  const worker = new Worker(new URL('./import-worker.ts', import.meta.url), {
    workerData: input,
    // Half of what a thread does is to seal; with the usual 16 MB a fifth of its time went into collecting.
    resourceLimits: { maxOldGenerationSizeMb: WORKER_MB, maxYoungGenerationSizeMb: 192 },
  })
  worker.unref()
  let progress = 0
  try {
    for await (const says of messagesOf(worker)) {
      if (says.kind === 'problem') return says.problem
      if (says.kind === 'end') return undefined
      await within(app.db, { as: 'service' }, (trx) => store.stageBatch(trx, run.id, says.batch))
      progress += says.batch.lines
      await store.moveRun(app.db, run.id, ['reading'], { counts: { ...store.NO_COUNTS, progress } })
      Atomics.add(input.taken, 0, 1)
      Atomics.notify(input.taken, 0)
    }
    throw new Error('the reader ended early')
  } catch (error) {
    if ((error as { code?: string }).code === 'ERR_WORKER_OUT_OF_MEMORY') return 'unpacked_too_large'
    throw error
  } finally {
    await worker.terminate()
  }
}

/** What the thread says, in order, until it ends; what it dies of is thrown. */
async function* messagesOf(worker: Worker): AsyncGenerator<WorkerSays> {
  for await (const [says] of on(worker, 'message', { close: ['exit'] })) yield says as WorkerSays
}

/** A family shares a telephone: only the same name at the same number may be the same person. */
async function settlePhones(app: App, runId: string): Promise<void> {
  const open = (sealed: string) => plainName(app.vault.open(sealed, 'person.name'))
  for (let after = 0; ;) {
    const rows = await store.phoneTwins(app.db, runId, after, TWINS)
    if (rows.length === 0) return
    const settled = rows.map((r) => {
      const name = open(r.name)
      return { line: r.line, id: (r.others ?? []).find((o) => open(o.name) === name)?.id ?? null }
    })
    await store.settleTwins(app.db, runId, settled)
    after = rows.at(-1)!.line
  }
}

/**
 * Stores what was previewed, all of it or nothing, in one transaction. A server that stops meanwhile leaves the run as it
 * was: ready to be accepted again.
 */
export async function storeRun(app: App, actor: Actor, run: Run, counts: ImportCounts): Promise<void> {
  const now = app.clock.now()
  let stored = 0
  let filled = 0
  try {
    await within(app.db, { as: 'service' }, async (trx) => {
      await sql`select pg_advisory_xact_lock(${REGISTER_LOCK})`.execute(trx)
      // Lines are counted as a sheet shows them: the first below the header is the second.
      for (let from = 1; from <= counts.total + 1; from += LINES) {
        stored += await store.storeLines(trx, run.id, from, from + LINES, now)
        const people = await store.fillKnown(trx, run.id, from, from + LINES, run.place_code)
        filled += people.length
        await recordLooks(
          trx,
          actor,
          'people.import',
          people.map((p) => ({ personId: p.id, placeCode: p.place_code })),
          { more: { run: run.id } },
        )
        // On a connection of its own: what is going on is seen before it is done.
        await store.moveRun(app.db, run.id, ['storing'], {
          counts: { ...counts, progress: Math.min(from + LINES, counts.total), stored, filled },
        })
      }
      const pairs = await store.alikeLines(trx, run.id)
      const named = pairs.map((p) => ({ ...p, id: pairId(p.a, p.b) }))
      await store.putPairs(trx, named, now)
      const end = { ...counts, progress: counts.total, stored, filled }
      await audit(trx, actor, 'people.import', run.id, { placeCode: run.place_code, data: end })
      await store.moveRun(trx, run.id, ['storing'], { state: 'done', counts: end })
    })
    await store.bareLines(app.db, run.id)
  } catch (error) {
    app.log.error({ run: run.id, err: String(error) }, 'storing an import failed')
    await store.moveRun(app.db, run.id, ['storing'], { state: 'ready', counts }).catch(() => undefined)
  }
}
