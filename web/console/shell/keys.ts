import { useEffect, useRef } from 'react'

const WRITES =
  'input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable=true], [role=combobox], [role=listbox]'

/**
 * Single keys that do something on this screen. Silent while somebody types, while a dialog is open, and with a
 * modifier held, so that the browser keeps its own.
 */
export function useKeys(keys: Record<string, (() => void) | undefined>): void {
  const now = useRef(keys)
  useEffect(() => {
    now.current = keys
  })
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || event.isComposing)
        return
      const target = event.target as HTMLElement
      if (document.querySelector('[role=dialog]')) return
      if (target.closest(WRITES)) {
        if (event.key === 'Escape') target.blur()
        return
      }
      if (target.matches('input') && event.key.startsWith('Arrow')) return
      // Enter on a button or a link is that button's.
      if (event.key === 'Enter' && target.closest('button, a')) return
      const act = now.current[event.key]
      if (!act) return
      event.preventDefault()
      act()
    }
    document.addEventListener('keydown', onKey)
    return () => document.removeEventListener('keydown', onKey)
  }, [])
}
