import { useSyncExternalStore, type MouseEvent } from 'react'

const CHANGED = 'cityloop-address'

/** Goes to an address of this page without loading it again; the address bar carries the state. */
export function go(to: string, given: { replace?: boolean; keepScroll?: boolean } = {}): void {
  if (given.replace) history.replaceState(null, '', to)
  else history.pushState(null, '', to)
  dispatchEvent(new Event(CHANGED))
  if (!given.keepScroll) scrollTo(0, 0)
}

const subscribe = (listener: () => void) => {
  addEventListener('popstate', listener)
  addEventListener(CHANGED, listener)
  return () => {
    removeEventListener('popstate', listener)
    removeEventListener(CHANGED, listener)
  }
}

export function useAddress(): { path: string; query: URLSearchParams } {
  const href = useSyncExternalStore(subscribe, () => location.pathname + location.search)
  const [path = '/', search = ''] = href.split('?')
  return { path, query: new URLSearchParams(search) }
}

/** Props of a link inside the page: a plain click stays in the page, everything else is the browser's. */
export const link = (to: string) => ({
  href: to,
  onClick(event: MouseEvent) {
    if (
      event.defaultPrevented ||
      event.button !== 0 ||
      event.metaKey ||
      event.ctrlKey ||
      event.shiftKey ||
      event.altKey
    )
      return
    event.preventDefault()
    go(to)
  },
})
