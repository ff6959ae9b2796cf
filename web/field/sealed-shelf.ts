import type { Pending, Shelf } from '#web/shared/outbox.ts'
import { isSecure, type Device } from './device.ts'

const WHAT = 'action'
type Kept = { what: typeof WHAT; pending: Pending }

const isAction = (content: unknown): content is Kept => (content as { what?: unknown }).what === WHAT

/**
 * What a handler did without a network, sealed like the day of a sampler: it names people's needs, and a note may say
 * anything. Where the address is not secure nothing can be sealed, and nothing is written: it lives until the page closes.
 */
export function sealedShelf(
  open: () => Promise<Device>,
): Shelf<Promise<boolean>> & Required<Pick<Shelf<unknown>, 'load'>> {
  const listeners = new Set<() => void>()
  const others = 'BroadcastChannel' in globalThis ? new BroadcastChannel('cityloop-actions') : undefined
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a channel has no target: it is of this origin
  const tell = () => others?.postMessage('changed')
  let of: string | null = null
  let items: readonly Pending[] = []
  let turn: Promise<unknown> = Promise.resolve()

  const show = (next: readonly Pending[]) => {
    items = next
    for (const listener of listeners) listener()
  }
  /** One after the other: what is being written must not be read as missing. */
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const mine = turn.then(work)
    turn = mine.catch(() => undefined)
    return mine
  }
  const load = (owner: string | null) =>
    inTurn(async () => {
      const isAnother = owner !== of
      of = owner
      if (owner === null || !isSecure()) {
        if (isAnother) show([])
        return
      }
      const kept = await (await open()).readAll(owner)
      const found = kept.items.filter(isAction).map((k) => k.pending)
      show(found.toSorted((a, b) => a.madeAt - b.madeAt))
    })
  others?.addEventListener('message', () => void load(of).catch(() => undefined))

  return {
    list: () => items,
    put: (item) =>
      inTurn(async () => {
        let kept = isSecure()
        if (kept)
          try {
            const { id, owner, madeAt, refused } = item
            await (
              await open()
            ).write([
              {
                header: {
                  id: `${WHAT} ${id}`,
                  owner: owner ?? '',
                  what: WHAT,
                  state: refused ? 'refused' : 'waiting',
                  madeAt,
                },
                content: { what: WHAT, pending: item } satisfies Kept,
              },
            ])
            tell()
          } catch {
            kept = false
          }
        const isThere = items.some((p) => p.id === item.id)
        show(isThere ? items.map((p) => (p.id === item.id ? item : p)) : [...items, item])
        return kept
      }),
    remove: (id) => {
      show(items.filter((p) => p.id !== id))
      if (!isSecure()) return
      void inTurn(async () => {
        await (await open()).write([], [`${WHAT} ${id}`])
        show(items.filter((p) => p.id !== id))
        tell()
      }).catch(() => undefined)
    },
    subscribe: (listener) => (listeners.add(listener), () => listeners.delete(listener)),
    load,
  }
}
