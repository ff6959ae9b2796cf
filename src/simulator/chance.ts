/** Seeded chance: the same seed gives the same city (mulberry32, public domain). */
export type Chance = {
  /** 0 ≤ x < 1 */
  next(): number
  between(min: number, max: number): number
  pick<T>(list: readonly T[]): T
  happens(share: number): boolean
}

export function chance(seed: number): Chance {
  let a = seed >>> 0
  const next = () => {
    a = (a + 0x6d2b79f5) >>> 0
    let t = a
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
  return {
    next,
    between: (min, max) => min + next() * (max - min),
    pick: (list) => list[Math.floor(next() * list.length)]!,
    happens: (share) => next() < share,
  }
}

/** Chance that belongs to one thing, so that what happens to it does not hang on what else is going on. */
export function chanceOf(seed: number, words: string): Chance {
  let h = seed
  for (const char of words) h = Math.imul(h ^ char.codePointAt(0)!, 0x01000193) >>> 0
  return chance(h)
}
