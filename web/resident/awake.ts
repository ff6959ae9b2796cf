import { useEffect } from 'react'

/** While a code is shown, the screen does not go dark in the queue. */
export function useAwake(): void {
  useEffect(() => {
    let lock: { release(): Promise<void> } | undefined
    let gone = false
    // Not there without a secure context, and refused on a low battery: then the screen dims as it always did.
    navigator.wakeLock?.request('screen').then(
      (got) => (gone ? void got.release() : (lock = got)),
      () => undefined,
    )
    return () => {
      gone = true
      void lock?.release()
    }
  }, [])
}
