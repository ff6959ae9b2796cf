import { useEffect, useState } from 'react'

/** The device's own time, again every `ms`; for ages and waits, never for what is written down. */
export function useTick(ms: number): number {
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), ms)
    return () => clearInterval(timer)
  }, [ms])
  return now
}
