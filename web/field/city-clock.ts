import { call } from '#web/shared/api.ts'
import { GetClock } from '#web/shared/routes.ts'
import type { Device } from './device.ts'

const NAME = 'clock'
const AGAIN_MS = 5 * 60_000

/**
 * City time without a network: what the city last said, carried on by this device's clock. A device whose clock is wrong by
 * a day is right again once it has asked.
 */
export async function openCityClock(device: Device): Promise<{ now: () => Date; stop: () => void }> {
  let said = await device.kept<{ city: number; wall: number; speed: number }>(NAME)
  const ask = async () => {
    try {
      const { now, speed } = await call(GetClock)
      said = { city: Date.parse(now), wall: Date.now(), speed }
      await device.keep(NAME, said)
    } catch {
      // No answer: what was said before holds on.
    }
  }
  const again = setInterval(() => void ask(), AGAIN_MS)
  const onLine = () => void ask()
  addEventListener('online', onLine)
  void ask()
  return {
    now: () => new Date(said ? said.city + (Date.now() - said.wall) * said.speed : Date.now()),
    stop() {
      clearInterval(again)
      removeEventListener('online', onLine)
    },
  }
}
