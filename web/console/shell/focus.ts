import { useCallback } from 'react'

/** Focuses what has just been opened by a key or a press, so that typing goes on there. */
export function useFocusOnce(when = true): (element: { focus: () => void } | null) => void {
  return useCallback(
    (element) => {
      if (when) element?.focus()
    },
    [when],
  )
}
