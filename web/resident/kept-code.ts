/** My code as it was given, so that it can be shown until it runs out where there is no network. */
export type KeptCode = {
  owner: string
  svg: string
  nameMasked: string
  /** By this device's own clock, however wrong it is: when it came and until when it holds. */
  from: number
  until: number
}

const KEY = 'cityloop.code'

/** The code kept on this phone while it holds; without network nobody is known, and it is the holder's to show. */
export function keptCode(owner: string | null, reachable: boolean): KeptCode | null {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? 'null') as KeptCode | null
    if (!kept || (kept.owner !== owner && (owner !== null || reachable))) return null
    return kept.from <= Date.now() && Date.now() < kept.until ? kept : null
  } catch {
    return null
  }
}

export function keepCode(code: KeptCode): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(code))
  } catch {
    // Full or forbidden: the code stays on the screen only.
  }
}

export function forgetCode(): void {
  try {
    localStorage.removeItem(KEY)
  } catch {
    // No storage: nothing was kept.
  }
}
