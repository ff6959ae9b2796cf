import { useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { GetClock } from '#capabilities/command/contract.ts'
import { call } from '#web/shared/api.ts'
import { carryOn, type CityClock } from '#web/shared/time.ts'

const OWN: CityClock = { now: () => Date.now() }

/** City time, asked for every minute and carried on between. This machine's clock until it is known. */
export function useCityClock(): CityClock {
  const { data } = useQuery({
    queryKey: [GetClock.id],
    queryFn: async ({ signal }) => carryOn(await call(GetClock, { signal })),
    refetchInterval: 60_000,
    structuralSharing: false,
  })
  return data ?? OWN
}

/** City time in milliseconds, fresh every `everyMs`. */
export function useNow(everyMs = 5_000): number {
  const clock = useCityClock()
  const [, tick] = useState(0)
  useEffect(() => {
    const timer = setInterval(() => tick((n) => n + 1), everyMs)
    return () => clearInterval(timer)
  }, [everyMs])
  return clock.now()
}
