/** A word from the server that something changed (src/kernel/live.ts): ids and codes, never content. */
export type LiveNote = { topic: string; id: string; placeCode: string; [key: string]: unknown }

/** A browser gives a stream up for good when it is answered with an error, as a server that is stopping does. */
const AGAIN_MS = 3_000

/** Listens to the live stream and comes back by itself. `onState(false)` means the screen may be behind. */
export function listen(
  onNotes: (notes: LiveNote[]) => void,
  onState: (connected: boolean) => void,
): () => void {
  let source: EventSource
  let again: ReturnType<typeof setTimeout> | undefined
  const open = () => {
    source = new EventSource('/api/stream')
    source.onopen = () => onState(true)
    source.onerror = () => {
      onState(false)
      if (source.readyState === EventSource.CLOSED) again = setTimeout(open, AGAIN_MS)
    }
    source.onmessage = (event: MessageEvent<string>) => onNotes(JSON.parse(event.data) as LiveNote[])
    source.addEventListener('pulse', (event) =>
      onState((JSON.parse((event as MessageEvent<string>).data) as { live: boolean }).live),
    )
  }
  open()
  return () => {
    clearTimeout(again)
    source.close()
  }
}
