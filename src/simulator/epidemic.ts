import type { Api } from './api.ts'
import { chanceOf } from './chance.ts'

/** Infected of a thousand, and the share of them that stands in few towns and neighbourhoods (0 to 1). */
export type Epidemic = { prevalence: number; clustering: number }
/** A town with the codes of its neighbourhoods. */
export type KnownTown = { code: string; neighbourhoods: readonly string[] }
export type Somebody = { personId: string; placeCode: string }

/** The share of the neighbourhoods in whose towns a clustered epidemic stands. */
const HOT = 0.06
/** More than this of a town is not infected: a heavier epidemic stands in more towns instead. */
const MOST_IN_TOWN = 0.5
/** Where somebody is infected, so many of those around them are, in a wholly clustered epidemic. */
const AROUND = 0.4

/**
 * Who of the simulated city carries it: by the seed, the person and where they live alone, so that a pool, the single tube
 * after it and another start agree, and the order in which people come plays no part.
 *
 * The clustered share of the infected stands in the hot towns and the rest everywhere. Within these a neighbourhood has it
 * or not, and where it has, so many more are infected as neighbourhoods are spared. How many have it is counted out and
 * not left to chance, so the mean is the prevalence. A list of codes says where people live, not with whom: the
 * neighbourhood (three people at the 20,000 of a demonstration, 150 at a million) stands for the household too.
 */
export function makeCarriers(epidemic: Epidemic, seed: number, towns: readonly KnownTown[]) {
  const mean = epidemic.prevalence / 1_000
  const { clustering } = epidemic
  const room = MOST_IN_TOWN - mean * (1 - clustering)
  const wanted = Math.max(HOT, room > 0 ? Math.min(1, (mean * clustering) / room) : 1)
  const inTurn = <T>(list: readonly T[], words: (one: T) => string): T[] =>
    list
      .map((one) => ({ one, turn: chanceOf(seed, words(one)).next() }))
      .sort((a, b) => a.turn - b.turn)
      .map(({ one }) => one)

  const all = towns.reduce((sum, t) => sum + t.neighbourhoods.length, 0)
  const [hot, others]: [string[], string[]] = [[], []]
  for (const town of inTurn(towns, (t) => `hot ${t.code}`))
    (hot.length < wanted * all ? hot : others).push(...town.neighbourhoods)
  const elsewhere = mean * (1 - clustering)
  const share: [string[], number][] = [
    [hot, elsewhere + (mean * clustering * all) / Math.max(1, hot.length)],
    [others, elsewhere],
  ]
  /** The share of its people who carry it, of each neighbourhood. */
  const rates = new Map<string, number>()
  for (const [places, rate] of share) {
    const around = Math.max(rate, AROUND * clustering)
    const count = around === 0 ? 0 : Math.max(1, Math.round((places.length * rate) / around))
    for (const [i, place] of inTurn(places, (p) => `near ${p}`).entries())
      rates.set(place, i < count ? Math.min(1, (rate * places.length) / count) : 0)
  }
  const known = new Map<string, boolean>()

  return {
    learn(people: readonly Somebody[]): void {
      for (const { personId, placeCode } of people) {
        // Whose neighbourhood nobody named is as likely to carry it as most.
        const rate = rates.get(placeCode.slice(0, 12)) ?? elsewhere
        known.set(personId, known.get(personId) ?? chanceOf(seed, `person ${personId}`).happens(rate))
      }
    },
    /** False for somebody who was not learned about. */
    isInfected: (personId: string): boolean => known.get(personId) === true,
  }
}

/** The neighbourhoods of towns, a look-up each. */
export async function neighbourhoodsOf(api: Api, towns: readonly { code: string }[]): Promise<KnownTown[]> {
  const known: KnownTown[] = []
  for (const { code } of towns) {
    const { body, ok } = await api<{ children: { code: string }[] }>('GET', `/api/places/${code}`)
    known.push({ code, neighbourhoods: ok ? body.children.map((c) => c.code) : [] })
  }
  return known
}
