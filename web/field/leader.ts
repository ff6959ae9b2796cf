const LOCK = 'cityloop-field'

/**
 * One tab samples: two would each have a tube of their own under way. Whoever waits leads as soon as the leading tab is
 * closed, or takes over when the person says so.
 */
export function lead(onChange: (leading: boolean) => void): { takeOver: () => void; stop: () => void } {
  // An old browser has no locks; there it is up to its person, and a tube sent from two tabs still counts once.
  if (!('locks' in navigator)) {
    onChange(true)
    return { takeOver: () => undefined, stop: () => undefined }
  }
  let stopped = false
  let release: (() => void) | undefined
  let waiting = new AbortController()
  const hold = () =>
    new Promise<void>((resolve) => {
      if (stopped) return resolve()
      release = resolve
      onChange(true)
    })
  const queue = () => {
    waiting = new AbortController()
    navigator.locks.request(LOCK, { signal: waiting.signal }, hold).catch(lost)
  }
  // The lock was stolen, or the waiting ended because this tab steals it itself.
  const lost = () => {
    if (!release || stopped) return
    release = undefined
    onChange(false)
    queue()
  }
  queue()
  return {
    takeOver() {
      waiting.abort()
      navigator.locks.request(LOCK, { steal: true }, hold).catch(lost)
    },
    stop() {
      stopped = true
      waiting.abort()
      release?.()
    },
  }
}
