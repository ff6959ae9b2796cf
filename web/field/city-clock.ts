import { call } from '#web/shared/api.ts'
import { GetClock } from '#web/shared/routes.ts'
import type { Device } from './device.ts'
import { carry, resume, type KeptMark } from './steady.ts'

const NAME = 'clock'
const AGAIN_MS = 5 * 60_000
/** How often the two clocks of the device are compared: one that is set between two looks is seen. */
const LOOK_MS = 5_000

/** `isSure` is false where the device's clock was set, or the city was never heard: the city doubts such a time. */
export type CityMoment = { at: string; isSure: boolean }
export type CityClock = { now: () => Date; moment: () => CityMoment; stop: () => void }

/**
 * City time without a network: what the city last said, carried on; how, and what is believed of this device, see
 * steady.ts. `notBefore` is the city time of the last thing that was written here.
 */
export async function openCityClock(device: Device, notBefore: number): Promise<CityClock> {
  let mark = resume(await device.kept<KeptMark>(NAME), notBefore, Date.now(), performance.now())
  let wasHidden = document.hidden
  const look = () => {
    mark = carry(mark, Date.now(), performance.now(), wasHidden)
    wasHidden = document.hidden
    return mark
  }
  const keep = () => {
    const { city, wall, speed, isSure } = look()
    // A full device: the last thing written holds the time.
    return device.keep(NAME, { city, wall, speed, isSure }).catch(() => undefined)
  }
  const ask = async () => {
    try {
      const { now, speed } = await call(GetClock)
      mark = { city: Date.parse(now), wall: Date.now(), perf: performance.now(), speed, isSure: true }
      await keep()
    } catch {
      // No answer: what was said before holds on.
    }
  }
  const seen = () => {
    look()
    if (document.hidden) void keep()
    else void ask()
  }
  const onLine = () => void ask()
  const looking = setInterval(look, LOOK_MS)
  const again = setInterval(() => void ask(), AGAIN_MS)
  addEventListener('online', onLine)
  document.addEventListener('visibilitychange', seen)
  void ask()
  return {
    now: () => new Date(look().city),
    moment: () => {
      const { city, isSure } = look()
      return { at: new Date(city).toISOString(), isSure }
    },
    stop() {
      clearInterval(looking)
      clearInterval(again)
      removeEventListener('online', onLine)
      document.removeEventListener('visibilitychange', seen)
    },
  }
}
