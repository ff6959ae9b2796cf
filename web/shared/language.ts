import { useSyncExternalStore } from 'react'

export type Language = 'zh' | 'en'
type Both = { zh: string; en: string }

const KEY = 'cityloop.language'
const listeners = new Set<() => void>()

/** The address bar wins (?lang=en), then what was chosen before; Chinese first. */
function first(): Language {
  const asked = new URLSearchParams(location.search).get('lang')
  if (asked === 'zh' || asked === 'en') return asked
  try {
    if (localStorage.getItem(KEY) === 'en') return 'en'
  } catch {
    // A browser that forbids storage still shows the page.
  }
  return 'zh'
}

let language = first()
document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en'

export function setLanguage(next: Language): void {
  language = next
  document.documentElement.lang = next === 'zh' ? 'zh-CN' : 'en'
  try {
    localStorage.setItem(KEY, next)
  } catch {
    // Not kept, but shown.
  }
  for (const listener of listeners) listener()
}

/** Told after the language changed: answers that were given in the other one are asked for again. */
export function onLanguage(listener: () => void): () => void {
  listeners.add(listener)
  return () => void listeners.delete(listener)
}

export function useLanguage(): Language {
  return useSyncExternalStore(
    (listener) => (listeners.add(listener), () => listeners.delete(listener)),
    () => language,
  )
}

/** `const t = useWords(); t({ zh: '诉求', en: 'Request' })` – both languages stand together, so neither is forgotten. */
export function useWords(): (both: Both) => string {
  const now = useLanguage()
  return (both) => both[now]
}
