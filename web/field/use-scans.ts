import { useCallback, useEffect, useEffectEvent, useState } from 'react'
import { DEVICE_SAYS } from './advice.ts'
import { hearScanner } from './scan.ts'
import { refused } from './signals.ts'

/** Hears the scanner while a screen is shown; `scans` counts them, so that half-typed fields can be emptied. */
export function useScans(onText: (text: string) => unknown): number {
  const [scans, setScans] = useState(0)
  const heard = useEffectEvent((text: string) => {
    setScans((n) => n + 1)
    return onText(text)
  })
  useEffect(() => {
    // One after the other: a tube scanned right after its box must find the box written down.
    let turn: Promise<unknown> = Promise.resolve()
    return hearScanner((text) => (turn = turn.then(() => heard(text)).catch(() => undefined)))
  }, [])
  return scans
}

export type Notice = { good: boolean; zh: string; en: string; n: number }

export type No = (why: keyof typeof DEVICE_SAYS) => void

/**
 * The one line that says what just happened; numbered, so that the same words twice are said twice. The third says, and
 * sounds, what was not done: nothing that a person presses may do nothing and say nothing.
 */
export function useNotice(): [Notice | null, (good: boolean, words: { zh: string; en: string }) => void, No] {
  const [notice, setNotice] = useState<Notice | null>(null)
  const say = useCallback(
    (good: boolean, words: { zh: string; en: string }) =>
      setNotice((before) => ({ good, ...words, n: (before?.n ?? 0) + 1 })),
    [],
  )
  const no: No = useCallback(
    (why) => {
      refused()
      say(false, DEVICE_SAYS[why])
    },
    [say],
  )
  return [notice, say, no]
}
