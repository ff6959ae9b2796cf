import type { MyCard, MyResult } from '#web/shared/routes.ts'

/** A card as it was shown, so that it can be shown where there is no network. */
export type KeptCard = {
  tube: string
  name: string
  result: MyResult
  card: Pick<MyCard, 'svg' | 'issuedAt'>
}

const KEY = 'cityloop.cards'
/** A code is some 20 KB; the newest ones are what anybody asks for. */
const MOST = 3

/** Whose cards these are stands with them: on a telephone of two people nobody shows the other's by mistake. */
type Kept = { owner: string; cards: KeptCard[] }

function read(): Kept | null {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? 'null') as Kept | null
    return kept && typeof kept.owner === 'string' && Array.isArray(kept.cards) ? kept : null
  } catch {
    return null
  }
}

/** Cards kept on this phone; without network nobody is known, and they are the holder's to show. */
export function keptCards(owner: string | null, reachable: boolean): KeptCard[] {
  const kept = read()
  return kept && (kept.owner === owner || (owner === null && !reachable)) ? kept.cards : []
}

export function keepCard(owner: string, card: KeptCard): void {
  const before = read()
  const others = before?.owner === owner ? before.cards.filter((c) => c.tube !== card.tube) : []
  write({ owner, cards: [card, ...others].slice(0, MOST) })
}

/** Forgets cards that the city no longer stands by: their result was corrected. */
export function keepOnly(owner: string, tubes: readonly string[]): void {
  const before = read()
  if (before?.owner === owner) write({ owner, cards: before.cards.filter((c) => tubes.includes(c.tube)) })
}

export function forgetCard(tube: string): void {
  const before = read()
  if (before) write({ ...before, cards: before.cards.filter((c) => c.tube !== tube) })
}

export function forgetCards(): void {
  try {
    localStorage.removeItem(KEY)
  } catch {
    // No storage: nothing was kept.
  }
}

function write(kept: Kept): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(kept))
  } catch {
    // Full or forbidden: the card stays on the screen only.
  }
}
