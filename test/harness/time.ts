import type { TestCity } from './city.ts'

/** Lets hours pass in a running city: its own clock goes on, only further ahead. Everything reads city time from it. */
export function timeOf(city: TestCity): { pass(minutes: number): void; now(): Date } {
  const { clock } = city.app
  const real = clock.now.bind(clock)
  let ahead = 0
  clock.now = () => new Date(real().getTime() + ahead)
  return {
    pass(minutes) {
      ahead += minutes * 60_000
    },
    now: () => clock.now(),
  }
}

/** Waits for something that the city does by itself; throws when it does not happen. */
export async function until(done: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + 15_000
  while (!(await done())) {
    if (Date.now() > end) throw new Error('it did not happen within 15 s')
    await new Promise((next) => setTimeout(next, 50))
  }
}
