/** City time and the two clocks of the device that it was last compared with, all in milliseconds. */
export type Mark = { city: number; wall: number; perf: number; speed: number; isSure: boolean }

/** Two looks at two clocks are never at the same instant; a clock that is set differs by more. */
const TOLERANCE_MS = 2_000

/**
 * Carries city time on. While the page is seen, the steady clock (`performance.now`) alone counts: the wall clock can be
 * set. While it was hidden the device may have slept, and the steady clock with it; then the wall clock is heard, forwards
 * only. Where neither can say (set back in its sleep, or ahead under a page that is seen, which may be a lid that was
 * closed) the time goes on by the steady clock and is not sure until the city is heard again.
 */
export function carry(mark: Mark, wall: number, perf: number, wasHidden: boolean): Mark {
  const steady = Math.max(0, perf - mark.perf)
  const walled = wall - mark.wall
  const isAhead = walled > steady + TOLERANCE_MS
  const isBehind = walled < steady - TOLERANCE_MS
  const elapsed = wasHidden && isAhead ? walled : steady
  return {
    city: mark.city + elapsed * mark.speed,
    wall,
    perf,
    speed: mark.speed,
    isSure: mark.isSure && !(wasHidden ? isBehind : isAhead),
  }
}

/** What is kept of a mark when the page goes: the steady clock of one page means nothing to the next. */
export type KeptMark = Omit<Mark, 'perf'>

/**
 * City time in a page that was just opened: what was kept, carried on by the wall clock, and never before the last thing
 * that was written down (`notBefore`, city time). A wall clock that shows less than that was set back: from there on the
 * time is not sure. Never heard from the city, it is the device's own, and not sure.
 */
export function resume(kept: KeptMark | undefined, notBefore: number, wall: number, perf: number): Mark {
  if (!kept) return { city: Math.max(wall, notBefore), wall, perf, speed: 1, isSure: false }
  const passed = wall - kept.wall
  const city = kept.city + Math.max(0, passed) * kept.speed
  return {
    city: Math.max(city, notBefore),
    wall,
    perf,
    speed: kept.speed,
    isSure: kept.isSure && passed >= -TOLERANCE_MS && city >= notBefore - TOLERANCE_MS * kept.speed,
  }
}
