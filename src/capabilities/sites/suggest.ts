import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { App } from '#kernel/app.ts'
import { makePointIndex, withinMetres } from '#capabilities/places/index.ts'
import { onOf, queueTeller, queueTermsOf } from './book.ts'
import { coveredHomes, landOf, openSites, type Land } from './circle.ts'
import { shareOut, type Candidate, type Plan, type Problem } from './circle-rules.ts'
import { turnsNear, type On } from './opening.ts'
import { desksFor } from './queue-rules.ts'

/** Of mobile teams, the places where they would help most; a district has some 3,000 homes and needs no more. */
const MOST_SPOTS = 600
const MOST_MOVES = 5
/** A district of 3,000 homes and 4,000 candidates took 2.4 s; the whole city at once ran out of time. */
const SECONDS = 8
const WORKER_MB = 512
/** A site that opens or closes within so many hours is asked to open longer, not anew. */
const NEAR_HOURS = 4

export type Found = {
  kind: 'open' | 'extend' | 'move' | 'desks' | 'mobile'
  placeCode: string
  siteId: string | null
  lng: number
  lat: number
  effect: { people: number; desks?: number; waitBefore?: number; waitAfter?: number }
}
export type District = {
  people: number
  covered: number
  wouldCover: number
  bound: number
  method: Plan['method']
  found: Found[]
}

let turn: Promise<unknown> = Promise.resolve()

/** One after the other in this server: each thread may take half a gigabyte, and a busy morning asks for many. */
export function solve(problem: Problem): Promise<Plan> {
  const mine = turn.then(() => solveNow(problem))
  turn = mine.catch(() => undefined)
  return mine
}

/** Solves in a thread: seconds of arithmetic must not hold a sealed tube. Throws where the thread dies. */
async function solveNow(problem: Problem): Promise<Plan> {
  const worker = new Worker(new URL('./circle-worker.ts', import.meta.url), {
    workerData: { problem, seconds: SECONDS },
    resourceLimits: { maxOldGenerationSizeMb: WORKER_MB },
  })
  try {
    const [plan] = (await once(worker, 'message')) as [Plan]
    return plan
  } finally {
    await worker.terminate()
  }
}

/** What could be done in a place, each with the uncovered homes (places in `missed`) that it would reach. */
function candidatesIn(land: Land, place: string, missed: readonly number[], hour: Date, on: On): Candidate[] {
  const at = new Map(missed.map((home, i) => [home, i]))
  const reachedBy = new Map<number, number[]>()
  for (const home of missed)
    for (const site of land.reach[home]!) {
      const list = reachedBy.get(site)
      if (list) list.push(at.get(home)!)
      else reachedBy.set(site, [at.get(home)!])
    }
  const closed = [...reachedBy].flatMap(([i, homes]): Candidate[] => {
    const site = land.book.sites[i]!
    // Hours that nobody could read are no promise; a site of another place is not this one's to open.
    if (!site.rules || site.ended_at || !site.place_code.startsWith(place)) return []
    return [
      {
        kind: turnsNear(site.rules, hour, NEAR_HOURS * 60, on) ? 'extend' : 'open',
        siteId: site.id,
        placeCode: site.place_code,
        lng: site.lng,
        lat: site.lat,
        homes,
      },
    ]
  })
  const index = makePointIndex(missed.map((home, i) => ({ ...land.homes[home]!, i })))
  const spots = missed
    .map((home): Candidate => {
      const { lng, lat, placeCode } = land.homes[home]!
      const homes = withinMetres(index, lng, lat, land.metres).map((h) => h.i)
      return { kind: 'mobile', siteId: null, placeCode: placeCode.slice(0, 12), lng, lat, homes }
    })
    .map((c) => ({ c, people: c.homes.reduce((n, i) => n + land.homes[missed[i]!]!.people, 0) }))
    .toSorted((a, b) => b.people - a.people)
    .slice(0, MOST_SPOTS)
  return [...closed, ...spots.map(({ c }) => c)]
}

/** Mobile sites that few people need alone, and where they would reach more: the effect is what is won less what is lost. */
function moves(
  land: Land,
  place: string,
  open: Uint8Array,
  problem: Problem,
  spots: readonly Candidate[],
  chosen: readonly number[],
): Found[] {
  const taken = new Set(chosen.flatMap((i) => problem.candidates[i]!.homes))
  const left = open.slice()
  const losses = () => {
    const loss = new Map<number, number>()
    land.reach.forEach((sites, home) => {
      const opened = sites.filter((i) => left[i] === 1)
      if (opened.length === 1) loss.set(opened[0]!, (loss.get(opened[0]!) ?? 0) + land.homes[home]!.people)
    })
    return loss
  }
  const loss = losses()
  const idle = land.book.sites
    .flatMap((s, i) =>
      s.kind === 'mobile' && open[i] === 1 && s.place_code.startsWith(place) ? [{ s, i }] : [],
    )
    .toSorted((a, b) => (loss.get(a.i) ?? 0) - (loss.get(b.i) ?? 0))
  const found: Found[] = []
  for (const { s, i } of idle.slice(0, MOST_MOVES)) {
    // Of two that stand for each other the second is needed once the first has gone.
    const loses = losses().get(i) ?? 0
    const best = spots
      .map((spot) => ({
        spot,
        wins: spot.homes.reduce((n, h) => n + (taken.has(h) ? 0 : problem.people[h]!), 0),
      }))
      .reduce((a, b) => (b.wins > a.wins ? b : a), { spot: undefined as Candidate | undefined, wins: 0 })
    if (!best.spot || best.wins <= loses) continue
    left[i] = 0
    for (const h of best.spot.homes) taken.add(h)
    found.push({
      kind: 'move',
      placeCode: best.spot.placeCode,
      siteId: s.id,
      lng: best.spot.lng,
      lat: best.spot.lat,
      effect: { people: best.wins - loses },
    })
  }
  return found
}

/** Sites with a line that more desks would shorten to what the pack calls not busy; only for now, since lines are of now. */
async function moreDesks(app: App, land: Land, place: string, open: Uint8Array): Promise<Found[]> {
  const [tell, terms] = await Promise.all([queueTeller(app), queueTermsOf(app)])
  return land.book.sites.flatMap((site, i): Found[] => {
    if (open[i] !== 1 || !site.place_code.startsWith(place)) return []
    const queue = tell(site)
    if (!queue || queue.busy === 'idle') return []
    const counted = queue.basis === 'counted' ? queue.counted : null
    // Of ten that stand there two may be working: more are needed than work now.
    const { desks } = queue
    const better = desksFor({ desks, counted, perMinute: queue.perMinute }, terms)
    return [
      {
        kind: 'desks',
        placeCode: site.place_code,
        siteId: site.id,
        lng: site.lng,
        lat: site.lat,
        effect: {
          // Nobody counted: as many stand in line as come in while one of them waits (Little's law).
          people: counted ?? Math.round(queue.perMinute * queue.waitMinutes),
          desks: better.desks - desks,
          waitBefore: queue.waitMinutes,
          waitAfter: Math.round(better.waitMinutes * 10) / 10,
        },
      },
    ]
  })
}

/**
 * What would bring most residents of a place (a district or less) within reach of an open site at an hour, with at most
 * so many openings and teams: the maximal covering problem, solved whole where the time allows. Beside it moves that cost
 * nothing, and desks where lines are long now.
 */
export async function suggestIn(
  app: App,
  given: { place: string; hour: Date; openings: number; teams: number; isNow: boolean },
): Promise<District> {
  const [land, on] = await Promise.all([landOf(app), onOf(app)])
  const { place, hour } = given
  const open = openSites(land.book.sites, hour, on)
  const covers = coveredHomes(land, open)
  const here = land.homes.flatMap((h, i) => (h.placeCode.startsWith(place) ? [i] : []))
  const missed = here.filter((i) => covers[i] === 0)
  const candidates = candidatesIn(land, place, missed, hour, on)
  const problem: Problem = {
    people: missed.map((i) => land.homes[i]!.people),
    candidates: candidates.map((c) => ({ homes: c.homes, team: c.kind === 'mobile' })),
    openings: given.openings,
    teams: given.teams,
  }
  const plan = await solve(problem)
  const people = here.reduce((n, i) => n + land.homes[i]!.people, 0)
  const covered = here.reduce((n, i) => n + (covers[i] === 1 ? land.homes[i]!.people : 0), 0)
  const chosen = shareOut(problem, plan.chosen).filter((s) => s.people > 0)
  const spots = candidates.filter((c) => c.kind === 'mobile')
  return {
    people,
    covered,
    wouldCover: covered + plan.covered,
    bound: covered + plan.bound,
    method: plan.method,
    found: [
      ...chosen.map(({ i, people: n }): Found => {
        const { homes: _, ...c } = candidates[i]!
        return { ...c, effect: { people: n } }
      }),
      ...moves(land, place, open, problem, spots, plan.chosen),
      ...(given.isNow ? await moreDesks(app, land, place, open) : []),
    ],
  }
}
