import { parentPort, workerData } from 'node:worker_threads'
import highs from 'highs'
import { greedy, lpOf, type Plan, type Problem } from './circle-rules.ts'

const { problem, seconds } = workerData as { problem: Problem; seconds: number }

/**
 * Solves one district: the bound from the relaxation, then whole sites within the time; where that brings nothing better
 * than greed, greed stands. Where greed reaches the bound already, nothing more is solved.
 */
async function solve(): Promise<Plan> {
  const plain = greedy(problem)
  if (problem.candidates.length === 0) return { ...plain, bound: 0, method: 'optimal' }
  const solver = await highs()
  const options = { output_flag: false, time_limit: seconds }
  const relaxed = solver.solve(lpOf(problem, true), options)
  // A relaxation that did not finish bounds nothing: everybody within reach of any candidate does.
  const most = [...new Set(problem.candidates.flatMap((c) => c.homes))].reduce(
    (n, h) => n + problem.people[h]!,
    0,
  )
  const bound =
    relaxed.Status === 'Optimal' ? Math.min(most, Math.floor(relaxed.ObjectiveValue + 1e-6)) : most
  if (plain.covered >= bound) return { ...plain, bound: plain.covered, method: 'optimal' }
  const whole = solver.solve(lpOf(problem, false), options)
  const chosen = problem.candidates.flatMap((_, i) => {
    const column = whole.Columns[`y${i}`]
    return column && 'Primal' in column && (column.Primal ?? 0) > 0.5 ? [i] : []
  })
  const reached = new Set(chosen.flatMap((i) => problem.candidates[i]!.homes))
  const covered = [...reached].reduce((n, h) => n + problem.people[h]!, 0)
  if (covered < plain.covered) return { ...plain, bound, method: 'greedy' }
  const isBest = whole.Status === 'Optimal'
  return { chosen, covered, bound: isBest ? covered : bound, method: isBest ? 'optimal' : 'time' }
}

// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread of our own has no origin
parentPort!.postMessage(await solve())
