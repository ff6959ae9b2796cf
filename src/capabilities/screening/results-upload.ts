import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { App } from '#kernel/app.ts'
import { audit } from '#kernel/audit.ts'
import type { Actor } from '#kernel/auth.ts'
import { within } from '#kernel/db.ts'
import { CityError, type ErrorCode } from '#kernel/errors.ts'
import type { Given } from '#kernel/http.ts'
import { idFrom } from '#kernel/ids.ts'
import { labOf } from './custody.ts'
import type { ResultLine, ResultsReport, UploadResults } from './results-file.contract.ts'
import { readResultsFile, type FileLine, type ReadResults } from './results-file.ts'
import type { ResultAnswer, ResultInput } from './results.contract.ts'
import { answer, isEarly, labsOf, obstacle, recordResults, refused } from './results.ts'
import { findResults } from './result-store.ts'
import { findTubes } from './tube-store.ts'

/** A workbook of 10,000 lines takes 150 MB as it is read; one that takes more ends alone. */
const WORKER_MB = 512
const MOST_AT_ONCE = 2
let atWork = 0

/** 10,000 lines of a workbook take a second: in a thread, so that sealing tubes does not wait. As CSV they take 0.1 s. */
async function readApart(bytes: Buffer, now: Date): Promise<ReadResults> {
  if (bytes.length < 4 || bytes.readUInt32BE(0) !== 0x504b0304) return readResultsFile(bytes, now)
  if (atWork >= MOST_AT_ONCE) throw new CityError('overloaded', { retryAfter: 5 })
  atWork++
  const worker = new Worker(new URL('./results-file-worker.ts', import.meta.url), {
    workerData: { bytes, now },
    resourceLimits: { maxOldGenerationSizeMb: WORKER_MB },
  })
  try {
    const [read] = (await once(worker, 'message')) as [ReadResults]
    return read
  } catch (error) {
    if ((error as { code?: string }).code === 'ERR_WORKER_OUT_OF_MEMORY')
      return { ok: false, problem: 'unpacked_too_large' }
    throw error
  } finally {
    atWork--
    await worker.terminate()
  }
}

/** The id comes from what is said, so that the same file again says the same thing and not another. */
const inputOf = (lab: string, line: FileLine): ResultInput => ({
  id: idFrom('result.file', lab, line.tube!, line.outcome!, line.testedAt!),
  tube: line.tube!,
  outcome: line.outcome!,
  testedAt: line.testedAt!,
})

/**
 * Takes a laboratory's file of results. A line that cannot be read is refused with its reason and the others are taken;
 * a file that cannot be read at all is refused whole and nothing is stored. A preview says what would become of each.
 * Errors: `file_expected`, `results_*`, `overloaded`.
 */
export async function uploadResults(
  app: App,
  actor: Actor,
  { query, request }: Given<typeof UploadResults>,
): Promise<ResultsReport> {
  const bytes = request.body
  if (!Buffer.isBuffer(bytes)) throw new CityError('file_expected')
  const read = await readApart(bytes, app.clock.now())
  if (!read.ok) throw new CityError(`results_${read.problem}` satisfies ErrorCode)
  const taken = read.lines.filter((l) => l.status === 'understood' || l.status === 'repaired')
  const inputs = taken.map((line) => inputOf(labOf(actor), line))
  const answers =
    query.preview === 'true'
      ? await foresee(app, actor, inputs)
      : await recordResults(app, actor, inputs, read.format)
  const byLine = new Map(taken.map((line, i) => [line.line, answers[i]!]))
  const report = toReport(query.file, query.preview !== 'true', read, byLine)
  if (report.stored)
    await app.db.transaction().execute((trx) =>
      audit(trx, actor, 'results.upload', createHash('sha256').update(bytes).digest('hex').slice(0, 32), {
        data: { ...report.counts, format: report.format },
      }),
    )
  return report
}

function toReport(
  file: string,
  stored: boolean,
  read: Extract<ReadResults, { ok: true }>,
  byLine: Map<number, ResultAnswer>,
): ResultsReport {
  const counts = { total: read.lines.length, understood: 0, repaired: 0, refused: 0, unused: 0 }
  const became = { new: 0, same: 0, held: 0, early: 0, notTaken: 0 }
  const lines = read.lines.map((line): ResultLine => {
    counts[line.status]++
    const said = byLine.get(line.line) ?? null
    if (said) became[said.state === 'refused' ? 'notTaken' : said.state]++
    return { ...line, answer: said }
  })
  const { format, encoding } = read
  return { file, format, encoding, stored, counts: { ...counts, ...became }, lines }
}

/** What would become of results if they were sent now; writes nothing. */
async function foresee(app: App, actor: Actor, results: readonly ResultInput[]): Promise<ResultAnswer[]> {
  if (results.length === 0) return []
  const lab = labOf(actor)
  return within(app.db, { as: 'service' }, async (trx) => {
    const codes = results.map((r) => r.tube)
    const tubes = new Map((await findTubes(trx, codes)).map((t) => [t.code, t]))
    const labs = await labsOf(trx, [...tubes.values()])
    const stands = new Map((await findResults(trx, codes)).map((s) => [s.tube, s.outcome]))
    return results.map((r) => {
      const tube = tubes.get(r.tube)
      const is = stands.get(r.tube)
      const boxLab = tube?.box ? (labs.get(tube.box) ?? null) : null
      if (isEarly(actor, r.tube, tube)) return answer(r.tube, 'early')
      const stop = obstacle(actor, lab, tube, boxLab, is !== undefined)
      if (stop) return refused(r.tube, stop)
      return answer(r.tube, is === undefined ? 'new' : is === r.outcome ? 'same' : 'held')
    })
  })
}
