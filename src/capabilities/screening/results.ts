import type { App } from '#kernel/app.ts'
import { may, type Actor } from '#kernel/auth.ts'
import { within, type Trx } from '#kernel/db.ts'
import { words, type ErrorCode } from '#kernel/errors.ts'
import type { Given } from '#kernel/http.ts'
import { newId } from '#kernel/ids.ts'
import { SLACK_MS } from './clock-slack.ts'
import { labOf } from './custody.ts'
import { keepEarlyResults } from './early.ts'
import { isLabel } from './label.contract.ts'
import { followResult } from './recalls.ts'
import type { PostResults, ResultAnswer, ResultInput } from './results.contract.ts'
import { findResults, lockTubes, putResults, type NewResult, type Source } from './result-store.ts'
import { findTubes, type TubeRecord } from './tube-store.ts'

/** What one transaction takes; a positive among them opens its recalls in the same commit. */
const AT_ONCE = 200

export const refused = (tube: string, code: ErrorCode): ResultAnswer => {
  const { zh, en } = words(code)
  return { tube, state: 'refused', refused: code, title: en, titleZh: zh }
}
export const answer = (tube: string, state: 'new' | 'same' | 'held' | 'early'): ResultAnswer => ({
  tube,
  state,
  refused: null,
  title: null,
  titleZh: null,
})

/** Why a laboratory cannot report on this tube; undefined where it can. One that was destroyed keeps the result it had. */
export function obstacle(
  actor: Actor,
  lab: string,
  tube: TubeRecord | undefined,
  boxLab: string | null,
  hasResult: boolean,
): ErrorCode | undefined {
  if (!tube || !may(actor, 'results.write', tube.place_code)) return 'tube_not_found'
  if (boxLab !== lab) return 'tube_not_here'
  if ((tube.state === 'rejected' || tube.state === 'destroyed') && !hasResult) return 'tube_cannot'
  return undefined
}

/**
 * Whether the city has yet to hear of the tube: a label that checks, sealed by a device without network, or not yet packed.
 * A tube of a place that is not the laboratory's is answered alike, so that nothing is learnt by trying; it never joins.
 */
export const isEarly = (actor: Actor, code: string, tube: TubeRecord | undefined): boolean =>
  isLabel('T', code) && (!tube || !may(actor, 'results.write', tube.place_code) || tube.box === null)

/** Tubes of which one report says two things: neither is taken, so that no order of lines chooses a person's result. */
export function contradicted(results: readonly Pick<ResultInput, 'tube' | 'outcome'>[]): Set<string> {
  const first = new Map<string, ResultInput['outcome']>()
  const both = new Set<string>()
  for (const { tube, outcome } of results) {
    if (first.has(tube) && first.get(tube) !== outcome) both.add(tube)
    else first.set(tube, outcome)
  }
  return both
}

/**
 * Takes results of a laboratory, by tube, from a form or a file. The first result of a tube stands; the same again is
 * `same`; another outcome is held for two people and changes nothing until then. A positive, inconclusive or invalid
 * tube calls its people back in the same commit.
 */
export async function recordResults(
  app: App,
  actor: Actor,
  results: readonly ResultInput[],
  source: Source,
  /** Taken whole or not at all: what this returns is thrown, and nothing stays. */
  undo?: (answers: ResultAnswer[]) => Error | false,
): Promise<ResultAnswer[]> {
  const both = contradicted(results)
  if (undo) return recordSome(app, actor, results, both, source, undo)
  const answers: ResultAnswer[] = []
  for (let i = 0; i < results.length; i += AT_ONCE)
    answers.push(...(await recordSome(app, actor, results.slice(i, i + AT_ONCE), both, source)))
  return answers
}

async function recordSome(
  app: App,
  actor: Actor,
  results: readonly ResultInput[],
  both: ReadonlySet<string>,
  source: Source,
  undo?: (answers: ResultAnswer[]) => Error | false,
) {
  const lab = labOf(actor)
  return within(app.db, { as: 'service' }, async (trx) => {
    const now = app.clock.now()
    const codes = [...new Set(results.map((r) => r.tube))]
    // Boxes before their tubes, as whoever moves a box locks them.
    const labs = await labsOf(trx, await findTubes(trx, codes))
    const tubes = new Map((await lockTubes(trx, codes)).map((t) => [t.code, t]))
    const gone = [...tubes.values()].flatMap((t) => (t.state === 'destroyed' ? [t.code] : []))
    const had = new Set((gone.length > 0 ? await findResults(trx, gone) : []).map((r) => r.tube))
    const possible: NewResult[] = []
    const first = new Map<string, ResultInput>()
    const why = new Map<string, ErrorCode>()
    const early = new Map<string, ResultInput>()
    for (const r of results) {
      const tube = tubes.get(r.tube)
      const boxLab = tube?.box ? (labs.get(tube.box) ?? null) : null
      const wait = isEarly(actor, r.tube, tube)
      const stop =
        (wait ? undefined : obstacle(actor, lab, tube, boxLab, had.has(r.tube))) ??
        (both.has(r.tube) ? 'results_contradict' : undefined) ??
        (Date.parse(r.testedAt) > now.getTime() + SLACK_MS ? 'tested_in_future' : undefined)
      if (stop) why.set(r.tube, stop)
      else if (wait) early.set(r.tube, r)
      else if (!first.has(r.tube)) {
        first.set(r.tube, r)
        possible.push({
          tube: r.tube,
          id: r.id,
          outcome: r.outcome,
          lab,
          placeCode: tube!.place_code,
          testedAt: new Date(r.testedAt),
          source,
          actorKind: actor.kind,
          actorId: actor.id,
        })
      }
    }
    const kept = await keepEarlyResults(trx, actor, lab, [...early.values()], source, now)
    const fresh = possible.length > 0 ? await putResults(trx, possible, now) : new Set<string>()
    for (const r of possible)
      if (fresh.has(r.tube) && r.outcome !== 'negative')
        await followResult(app, trx, tubes.get(r.tube)!, r.outcome)
    const stands = new Map(
      first.size > 0 ? (await findResults(trx, [...first.keys()])).map((s) => [s.tube, s]) : [],
    )
    const answers: ResultAnswer[] = []
    for (const r of results) {
      const stop = why.get(r.tube)
      const is = stands.get(r.tube)
      const before = kept.get(r.tube)
      if (before === 'early') answers.push(answer(r.tube, 'early'))
      else if (before)
        answers.push(refused(r.tube, before === 'contradicts' ? 'results_contradict' : 'tube_not_here'))
      else if (stop || !is) answers.push(refused(r.tube, stop ?? 'tube_not_found'))
      else if (fresh.has(r.tube) && first.get(r.tube) === r) answers.push(answer(r.tube, 'new'))
      else if (is.outcome === r.outcome) answers.push(answer(r.tube, 'same'))
      else {
        await hold(trx, actor, lab, is, r, source, now)
        answers.push(answer(r.tube, 'held'))
      }
    }
    const wrong = undo?.(answers)
    if (wrong) throw wrong
    return answers
  })
}

/** The laboratory that received each box; null where none has. No box is let go of while its results are written. */
export async function labsOf(trx: Trx, tubes: readonly TubeRecord[]): Promise<Map<string, string | null>> {
  const boxes = [...new Set(tubes.flatMap((t) => (t.box ? [t.box] : [])))]
  if (boxes.length === 0) return new Map()
  const rows = await trx
    .selectFrom('sample_box')
    .select(['code', 'lab'])
    .where('code', 'in', boxes)
    .orderBy('code')
    .forShare()
    .execute()
  return new Map(rows.map((b) => [b.code, b.lab]))
}

/**
 * Keeps what contradicts, once however often it is sent while two people have not decided; said again after they have, it
 * is a new contradiction. The answer that stands is not touched. The tube is locked, so no two are kept at once.
 */
async function hold(
  trx: Trx,
  actor: Actor,
  lab: string,
  stands: { tube: string; outcome: ResultInput['outcome']; place_code: string },
  said: ResultInput,
  source: Source,
  now: Date,
): Promise<void> {
  const open = await trx
    .selectFrom('result_hold')
    .select('id')
    .where('tube', '=', stands.tube)
    .where('said', '=', said.outcome)
    .where('state', '=', 'open')
    .executeTakeFirst()
  if (open) return
  await trx
    .insertInto('result_hold')
    .values({
      id: newId(),
      tube: stands.tube,
      place_code: stands.place_code,
      lab,
      stands: stands.outcome,
      said: said.outcome,
      tested_at: new Date(said.testedAt),
      source,
      actor_id: actor.id,
      at: now,
      proposal: null,
      proposal_reason: null,
      proposed_by: null,
      proposed_at: null,
      decided_by: null,
      decided_at: null,
    })
    .execute()
}

export async function postResults(app: App, actor: Actor, { body }: Given<typeof PostResults>) {
  return { results: await recordResults(app, actor, body.results, 'form') }
}
