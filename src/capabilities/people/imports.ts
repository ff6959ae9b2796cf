import { createHash } from 'node:crypto'
import type { App } from '#kernel/app.ts'
import { audit } from '#kernel/audit.ts'
import { may, must, type Actor } from '#kernel/auth.ts'
import { CityError } from '#kernel/errors.ts'
import type { Given } from '#kernel/http.ts'
import { atlasOf, getKnownPlace, pathIn } from '#capabilities/places/index.ts'
import type * as contract from './import.contract.ts'
import type { ImportCounts, ImportLine, ImportRun } from './import.contract.ts'
import type { ImportNote } from './import-words.contract.ts'
import { readRun, storeRun } from './import-run.ts'
import * as store from './import-store.ts'
import { maskName } from './rules.ts'

const IMPORT = 'people.import'
/** A run that says nothing for so long has lost its server. Wall time. */
const SILENT_MS = 60_000
/** Files read or stored at once by one server: each takes a thread and up to a gigabyte. */
const MOST_AT_ONCE = 2
let atWork = 0

type RunRow = NonNullable<Awaited<ReturnType<typeof store.findRun>>>

async function inBackground(work: () => Promise<void>): Promise<void> {
  atWork++
  await work().finally(() => atWork--)
}

async function toRun(app: App, actor: Actor, row: RunRow): Promise<ImportRun> {
  const silent = Date.now() - row.beat_at.getTime() > SILENT_MS
  const lost = row.state === 'reading' && silent
  return {
    id: row.id,
    file: row.file,
    placeCode: row.place_code,
    place: pathIn(await atlasOf(app), row.place_code, actor.language),
    // Storing is one transaction: with its server gone nothing of it happened, and it can be accepted again.
    state: lost ? 'refused' : row.state === 'storing' && silent ? 'ready' : row.state,
    problem: lost ? 'interrupted' : row.problem,
    counts: { ...store.NO_COUNTS, ...(row.counts as Partial<ImportCounts>) },
    createdAt: row.created_at.toISOString(),
  }
}

/** A run of a place where the actor may import; elsewhere there is none. */
async function getRun(app: App, actor: Actor, id: string): Promise<RunRow> {
  const row = await store.findRun(app.db, id)
  if (!row || !may(actor, IMPORT, row.place_code)) throw new CityError('import_not_found')
  return row
}

/** Takes a file and reads it in the background. Errors: `file_expected`, `same_id_other_content`, `overloaded`. */
export async function uploadPeople(
  app: App,
  actor: Actor,
  { params, query, request }: Given<typeof contract.UploadPeople>,
): Promise<ImportRun> {
  const place = query.place ?? actor.may.get(IMPORT)![0]!
  await getKnownPlace(app, place)
  must(actor, IMPORT, place)
  const bytes = request.body
  if (!(bytes instanceof Uint8Array)) throw new CityError('file_expected')
  const contentHash = createHash('sha256').update(bytes).digest('hex')
  const known = await store.findRun(app.db, params.id)
  if (known) {
    if (known.content_hash !== contentHash || known.actor_id !== actor.id || known.place_code !== place)
      throw new CityError('same_id_other_content')
    return toRun(app, actor, known)
  }
  if (atWork >= MOST_AT_ONCE) throw new CityError('overloaded', { retryAfter: 10 })
  await app.db.transaction().execute(async (trx) => {
    await trx
      .insertInto('person_import')
      .values({
        id: params.id,
        actor_id: actor.id,
        place_code: place,
        file: query.file,
        content_hash: contentHash,
        bytes: bytes.length,
        state: 'reading',
        problem: null,
        counts: JSON.stringify(store.NO_COUNTS),
      })
      .execute()
    await audit(trx, actor, 'people.upload', params.id, { placeCode: place, data: { bytes: bytes.length } })
  })
  const run = await getRun(app, actor, params.id)
  void inBackground(() => readRun(app, run, bytes))
  return toRun(app, actor, run)
}

export async function listImports(app: App, actor: Actor, { query }: Given<typeof contract.ListImports>) {
  const rows = await store.listRuns(app.db, actor.may.get(IMPORT)!, query.limit)
  return { items: await Promise.all(rows.map((row) => toRun(app, actor, row))) }
}

export const getImport = async (app: App, actor: Actor, { params }: Given<typeof contract.GetImport>) =>
  toRun(app, actor, await getRun(app, actor, params.id))

export async function listImportLines(
  app: App,
  actor: Actor,
  { params, query }: Given<typeof contract.ListImportLines>,
) {
  const run = await getRun(app, actor, params.id)
  let rows = app.db
    .selectFrom('person_import_row')
    .select(['line', 'status', 'notes', 'name_sealed', 'known_id', 'alike_id', 'alike_why'])
    .where('run_id', '=', run.id)
    .where('line', '>', query.after)
    .orderBy('line')
    .limit(query.limit + 1)
  if (query.only === 'alike') rows = rows.where('alike_id', 'is not', null)
  else if (query.only === 'known') rows = rows.where('known_id', 'is not', null)
  else if (query.only) rows = rows.where('status', '=', query.only)
  const found = await rows.execute()
  const shown = found.slice(0, query.limit)
  return {
    items: shown.map((r): ImportLine => ({
      line: r.line,
      status: r.status as ImportLine['status'],
      notes: r.notes as ImportNote[],
      nameMasked: r.name_sealed ? maskName(app.vault.open(r.name_sealed, 'person.name')) : null,
      known: r.known_id !== null,
      alike: r.alike_id ? (r.alike_why as ImportLine['alike']) : null,
    })),
    next: found.length > query.limit ? String(shown.at(-1)!.line) : null,
  }
}

/** Stores what was previewed, in the background. Errors: `import_not_ready`, `import_lost` (a crash took what waited). */
export async function acceptImport(
  app: App,
  actor: Actor,
  { params }: Given<typeof contract.AcceptImport>,
): Promise<ImportRun> {
  const row = await getRun(app, actor, params.id)
  const run = await toRun(app, actor, row)
  // Sent twice: the answer to the first is the answer.
  if (run.state === 'storing' || run.state === 'done') return run
  if (run.state !== 'ready') throw new CityError('import_not_ready')
  if ((await store.countLines(app.db, row.id)) !== run.counts.total) throw new CityError('import_lost')
  if (atWork >= MOST_AT_ONCE) throw new CityError('overloaded', { retryAfter: 10 })
  // Only from the state that was seen: of two who accept at once, one stores.
  if (
    !(await store.moveRun(app.db, row.id, [row.state], {
      state: 'storing',
      counts: { ...run.counts, progress: 0 },
    }))
  )
    throw new CityError('import_not_ready')
  void inBackground(() => storeRun(app, actor, row, run.counts))
  return { ...run, state: 'storing' }
}

export async function dropImport(
  app: App,
  actor: Actor,
  { params }: Given<typeof contract.DropImport>,
): Promise<ImportRun> {
  const row = await getRun(app, actor, params.id)
  if (row.state !== 'dropped') {
    if (!(await store.moveRun(app.db, row.id, ['ready', 'refused'], { state: 'dropped' })))
      throw new CityError('import_not_ready')
    await store.dropLines(app.db, row.id)
    await audit(app.db, actor, 'people.drop_import', row.id, { placeCode: row.place_code })
  }
  return toRun(app, actor, await getRun(app, actor, row.id))
}
