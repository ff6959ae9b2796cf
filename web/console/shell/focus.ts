import { useEffect, useRef, type RefObject } from 'react'

/**
 * Focuses what has just been opened by a key or a press, so that typing goes on there. An effect, not a ref callback:
 * antd hands its ref out anew on each render and would take the focus back with every letter.
 */
export function useFocusOnce<T extends { focus: () => void }>(when = true): RefObject<T | null> {
  const element = useRef<T>(null)
  useEffect(() => {
    if (when) element.current?.focus()
  }, [when])
  return element
}
