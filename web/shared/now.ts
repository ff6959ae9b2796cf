import { useEffect, useState } from 'react'
import { call } from './api.ts'
import { GetClock } from './routes.ts'
import { carryOn, type CityClock } from './time.ts'

/** `wall` is this device's own time of the last tick. */
export type CityTime = { now: number; speed: number; known: boolean; wall: number }

/** City time on a screen, ticking every `tickMs`; asked again every minute so that a changed speed is seen. */
export function useCityTime(tickMs: number): CityTime {
  const [clock, setClock] = useState<{ clock: CityClock; speed: number } | null>(null)
  const [wall, setWall] = useState(() => Date.now())
  useEffect(() => {
    let gone = false
    const ask = () =>
      call(GetClock)
        .then((said) => gone || setClock({ clock: carryOn(said), speed: said.speed }))
        .catch(() => undefined)
    void ask()
    const again = setInterval(() => void ask(), 60_000)
    const tick = setInterval(() => setWall(Date.now()), tickMs)
    return () => {
      gone = true
      clearInterval(again)
      clearInterval(tick)
    }
  }, [tickMs])
  return { now: clock?.clock.now() ?? wall, speed: clock?.speed ?? 1, known: clock !== null, wall }
}
