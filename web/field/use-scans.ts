import { useCallback, useEffect, useEffectEvent, useState } from 'react'
import { hearScanner } from './scan.ts'

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

/** The one line that says what just happened; numbered, so that the same words twice are said twice. */
export function useNotice(): [Notice | null, (good: boolean, words: { zh: string; en: string }) => void] {
  const [notice, setNotice] = useState<Notice | null>(null)
  const say = useCallback(
    (good: boolean, words: { zh: string; en: string }) =>
      setNotice((before) => ({ good, ...words, n: (before?.n ?? 0) + 1 })),
    [],
  )
  return [notice, say]
}
