/** People who live at one spot. `reach` are the places of the sites (in a list of sites) that they can walk to. */
export type Home = {
  placeCode: string
  lng: number
  lat: number
  people: number
  approximate: boolean
}

/** Something that could be done: for whom (places in a list of homes), and what it costs of which budget. */
export type Candidate = {
  kind: 'open' | 'extend' | 'mobile'
  siteId: string | null
  placeCode: string
  lng: number
  lat: number
  homes: readonly number[]
}

export type Problem = {
  /** People at each home that has no open site within reach. */
  people: readonly number[]
  /** For each candidate, the homes that it would cover; and whether it is a team. */
  candidates: readonly { homes: readonly number[]; team: boolean }[]
  openings: number
  teams: number
}

export type Plan = { chosen: number[]; covered: number; bound: number; method: 'optimal' | 'time' | 'greedy' }

/** Metres as the crow flies that are a walk of so many minutes (clauses 采样点 2.1–2.3). */
export const reachMetres = (walkMinutes: number, metresPerMinute: number, detour: number): number =>
  (walkMinutes * metresPerMinute) / detour

/** People newly covered by each of the chosen, in an order in which each takes what is left for it: they add up. */
export function shareOut(problem: Problem, chosen: readonly number[]): { i: number; people: number }[] {
  const covered = new Set<number>()
  const rest = new Set(chosen)
  const shares: { i: number; people: number }[] = []
  while (rest.size > 0) {
    let best = { i: -1, people: -1 }
    for (const i of rest) {
      const people = gain(problem, i, covered)
      if (people > best.people) best = { i, people }
    }
    rest.delete(best.i)
    for (const h of problem.candidates[best.i]!.homes) covered.add(h)
    shares.push(best)
  }
  return shares
}

const gain = (problem: Problem, i: number, covered: ReadonlySet<number>): number => {
  let people = 0
  for (const h of problem.candidates[i]!.homes) if (!covered.has(h)) people += problem.people[h]!
  return people
}

/** The one that gains most, again and again: never under 63 % of the best for one budget (Nemhauser, Wolsey, Fisher 1978). */
export function greedy(problem: Problem): { chosen: number[]; covered: number } {
  const covered = new Set<number>()
  const chosen: number[] = []
  let openings = problem.openings
  let teams = problem.teams
  let total = 0
  const left = new Set(problem.candidates.keys())
  for (;;) {
    let best = { i: -1, people: 0 }
    for (const i of left) {
      if (problem.candidates[i]!.team ? teams === 0 : openings === 0) continue
      const people = gain(problem, i, covered)
      if (people > best.people) best = { i, people }
    }
    if (best.i < 0) return { chosen, covered: total }
    left.delete(best.i)
    chosen.push(best.i)
    total += best.people
    if (problem.candidates[best.i]!.team) teams--
    else openings--
    for (const h of problem.candidates[best.i]!.homes) covered.add(h)
  }
}

/**
 * The maximal covering problem in CPLEX LP form: y are the candidates, x the homes (one for all that the same candidates
 * reach). `relaxed` leaves out that a site is whole, which gives the bound.
 */
export function lpOf(problem: Problem, relaxed: boolean): string {
  const reachedBy: number[][] = problem.people.map(() => [])
  problem.candidates.forEach((c, i) => c.homes.forEach((h) => reachedBy[h]!.push(i)))
  const groups = new Map<string, { people: number; by: number[] }>()
  reachedBy.forEach((by, h) => {
    if (by.length === 0) return
    const key = by.join(' ')
    const known = groups.get(key)
    if (known) known.people += problem.people[h]!
    else groups.set(key, { people: problem.people[h]!, by })
  })
  const homes = [...groups.values()]
  const sum = (list: readonly number[], name: string) => list.map((i) => `${name}${i}`).join(' + ')
  const opens = problem.candidates.flatMap((c, i) => (c.team ? [] : [i]))
  const teams = problem.candidates.flatMap((c, i) => (c.team ? [i] : []))
  const ys = problem.candidates.map((_, i) => `y${i}`)
  return [
    'Maximize',
    ` obj: ${homes.map((g, h) => `${g.people} x${h}`).join(' + ')}`,
    'Subject To',
    ...homes.map((g, h) => ` h${h}: x${h} - ${g.by.map((i) => `y${i}`).join(' - ')} <= 0`),
    ...(opens.length > 0 ? [` openings: ${sum(opens, 'y')} <= ${problem.openings}`] : []),
    ...(teams.length > 0 ? [` teams: ${sum(teams, 'y')} <= ${problem.teams}`] : []),
    'Bounds',
    ...homes.map((_, h) => ` 0 <= x${h} <= 1`),
    ...(relaxed ? ys.map((y) => ` 0 <= ${y} <= 1`) : []),
    ...(relaxed ? [] : ['Binary', ` ${ys.join(' ')}`]),
    'End',
  ].join('\n')
}
