import { monitorEventLoopDelay } from 'node:perf_hooks'
import { LOAD_CLASSES, type LoadClass } from './contract.ts'

/**
 * The declared order of sacrifice. The share of the full house at which a class is turned away: decoration first,
 * statistics next, then writes that are not urgent, then reads; emergencies only when nothing else is left. A glance goes
 * after the reads: answering it costs some 50 µs, turning it away 10, so that turning away thousands would make
 * room for a few hundred reads of 560 µs.
 */
export const SHED_AT: Record<LoadClass, number> = {
  decoration: 0.4,
  statistics: 0.55,
  write: 0.7,
  read: 0.85,
  glance: 0.95,
  emergency: 1,
}

/**
 * Requests at work at once that count as a full house: ten for each of twenty database connections. 80 gave the same
 * goodput under three times capacity (65 and 67 %, one run each: no reason to change it).
 */
export const FULL_HOUSE = 200

/**
 * What one request on the path of the crowd counts for: hundreds of them share one statement and one commit, so a
 * thousand tables that seal at once are a tenth of a house.
 */
export const CROWD_WEIGHT = 0.05

/** What is answered from memory waits for nobody: it fills a house by the delay of the event loop only. */
export const GLANCE_WEIGHT = 0

/** Event-loop delay (ms, median of the last second) that counts as a full house. Chosen, not measured yet. */
export const FULL_DELAY_MS = 250

export type Gate = {
  /** True lets in and counts with its weight; the caller must `leave()` once with the same. */
  enter(load: LoadClass, weight?: number): boolean
  leave(weight?: number): void
  pressure(): number
  turnedAway: Record<LoadClass, number>
  stop(): void
}

export function openGate(fullHouse = FULL_HOUSE): Gate {
  let inside = 0
  let delay = 0
  const histogram = monitorEventLoopDelay({ resolution: 10 })
  histogram.enable()
  const timer = setInterval(() => {
    // The histogram counts the sampling interval itself. The median and not the mean: one long task (a gazetteer being
    // built, a collection) is no crowd, and turning people away for it was seen on a busy machine.
    delay = Math.max(0, histogram.percentile(50) / 1e6 - 10)
    histogram.reset()
  }, 1000)
  timer.unref()
  const turnedAway = Object.fromEntries(LOAD_CLASSES.map((c) => [c, 0])) as Record<LoadClass, number>
  const pressure = () => Math.max(inside / fullHouse, Math.min(delay / FULL_DELAY_MS, 0.99))
  return {
    enter(load, weight = 1) {
      if (pressure() >= SHED_AT[load]) {
        turnedAway[load]++
        return false
      }
      inside += weight
      return true
    },
    leave: (weight = 1) => void (inside -= weight),
    pressure,
    turnedAway,
    stop() {
      clearInterval(timer)
      histogram.disable()
    },
  }
}
