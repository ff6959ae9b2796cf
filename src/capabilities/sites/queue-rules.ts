/** How a line of people is judged; every number is of the pack (采样点 1.1–1.5). */
export type QueueTerms = {
  /** People that one desk samples in an hour when somebody always waits. */
  perDeskHour: number
  /** The pace is counted over this many minutes. */
  paceMinutes: number
  /** For how many minutes a count of those waiting is believed. */
  countedMinutes: number
  busyMinutes: number
  crowdedMinutes: number
}

export type QueueSeen = {
  desks: number
  /** People sampled in the last `paceMinutes`, and for how many of these it was open; all of them where nothing is said. */
  sampled: number
  openMinutes?: number
  counted?: { people: number; minutesAgo: number } | undefined
}

export type QueueSaid = {
  /** People sampled a minute. */
  perMinute: number
  /** Minutes somebody who comes now will wait, and how far off that may be either way (one standard error). */
  waitMinutes: number
  errorMinutes: number
  /** True where desks are at their limit and nobody counted the line: it may be longer, by how much is not known. */
  atLeast: boolean
  busy: 'idle' | 'busy' | 'crowded'
  /** A count of the line, or the pace at the desks alone. */
  basis: 'counted' | 'pace'
}

/** Desks that are busier than this have a line of unknown length: the pace alone cannot tell it. */
const FULL = 0.95
/** A person who counts a line by eye is off by about a fifth. */
const COUNTING_ERROR = 0.2
/** Samples are counted by the minute: of less than one no pace can be told. */
const SHORTEST = 1
/** So many samples, and the pace itself says how fast this site works. */
const ENOUGH = 20

/**
 * Expected minutes of waiting with `c` desks, arrivals `a` and service `s` a minute and desk, by Erlang's C formula for
 * random arrivals (M/M/c). Sampling is steadier than that, so it errs to the long side.
 */
export function erlangWait(a: number, s: number, c: number): number {
  if (a <= 0) return 0
  const load = a / s
  if (load >= c) return Infinity
  // Erlang B by its recurrence, which does not overflow; C from B.
  let blocked = 1
  for (let i = 1; i <= c; i++) blocked = (load * blocked) / (i + load * blocked)
  const waits = (c * blocked) / (c - load * (1 - blocked))
  return waits / (c * s - a)
}

/** Far more than a site has room for; a pace that needs more cannot be right. */
const MOST_DESKS = 500

/**
 * The fewest desks at which somebody who comes now waits no longer than the pack calls not busy, with that wait: for a line
 * that was counted by its people, else by the pace and Erlang's formula. Minutes; never fewer than one more than there are.
 */
export function desksFor(
  line: { desks: number; counted: number | null; perMinute: number },
  terms: Pick<QueueTerms, 'perDeskHour' | 'busyMinutes'>,
): { desks: number; waitMinutes: number } {
  const perDesk = terms.perDeskHour / 60
  const wait = (desks: number) =>
    line.counted === null ? erlangWait(line.perMinute, perDesk, desks) : line.counted / (desks * perDesk)
  let desks = line.desks + 1
  while (wait(desks) > terms.busyMinutes && desks < MOST_DESKS) desks++
  return { desks, waitMinutes: wait(desks) }
}

/** What is known of the line at a site: nothing where there is no desk. Pure; minutes and people. */
export function judgeQueue(seen: QueueSeen, terms: QueueTerms): QueueSaid | null {
  if (seen.desks <= 0) return null
  const perDesk = terms.perDeskHour / 60
  const full = seen.desks * perDesk
  // Three minutes after opening 24 samples are eight a minute and not 1.6: the desks stood still before, nobody waited.
  const minutes = Math.min(terms.paceMinutes, Math.max(SHORTEST, seen.openMinutes ?? terms.paceMinutes))
  const perMinute = seen.sampled / minutes
  // Poisson: the count's own root; of fewer minutes it is a larger part.
  const paceError = Math.sqrt(Math.max(1, seen.sampled)) / minutes
  const level = (wait: number): QueueSaid['busy'] =>
    wait >= terms.crowdedMinutes ? 'crowded' : wait >= terms.busyMinutes ? 'busy' : 'idle'
  const { counted } = seen
  if (counted && counted.minutesAgo <= terms.countedMinutes) {
    // Where somebody waits the desks work as fast as they can: what was sampled is what they can.
    const rate = seen.sampled >= ENOUGH ? perMinute : full
    const rateError = seen.sampled >= ENOUGH ? paceError : full * COUNTING_ERROR
    const waitMinutes = counted.people / rate
    // Since the count as many may have come or gone as a random line gains or loses in that time.
    const peopleError = Math.hypot(counted.people * COUNTING_ERROR, Math.sqrt(rate * counted.minutesAgo))
    return {
      perMinute,
      waitMinutes,
      errorMinutes: Math.hypot(peopleError / rate, (waitMinutes * rateError) / rate),
      atLeast: false,
      busy: level(waitMinutes),
      basis: 'counted',
    }
  }
  const wait = (pace: number) => erlangWait(Math.min(pace, full * FULL), perDesk, seen.desks)
  const waitMinutes = wait(perMinute)
  const atLeast = perMinute >= full * FULL
  return {
    perMinute,
    waitMinutes,
    errorMinutes: Math.max(
      wait(perMinute + paceError) - waitMinutes,
      waitMinutes - wait(Math.max(0, perMinute - paceError)),
    ),
    atLeast,
    busy: atLeast ? 'crowded' : level(waitMinutes),
    basis: 'pace',
  }
}
