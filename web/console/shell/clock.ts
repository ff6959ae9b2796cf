import { useQuery } from '@tanstack/react-query'
import { useEffect, useMemo, useState } from 'react'
import { GetClock } from '#capabilities/command/contract.ts'
import { call } from '#web/shared/api.ts'
import { carryOn, type CityClock } from '#web/shared/time.ts'

/** City time, asked for every minute and carried on between. Falls back to this machine's clock until it is known. */
export function useCityClock(): CityClock {
  const { data, dataUpdatedAt } = useQuery({
    queryKey: [GetClock.id],
    queryFn: ({ signal }) => call(GetClock, { signal }),
    refetchInterval: 60_000,
  })
  return useMemo(() => {
    if (!data) return { now: () => Date.now() }
    // Carried on from when the answer came, not from when this screen was drawn.
    const behind = Date.now() - dataUpdatedAt
    return carryOn({ ...data, now: new Date(Date.parse(data.now) + behind * data.speed).toISOString() })
  }, [data, dataUpdatedAt])
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
