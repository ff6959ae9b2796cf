/** A word from the server that something changed (src/kernel/live.ts): ids and codes, never content. */
export type LiveNote = { topic: string; id: string; placeCode: string; [key: string]: unknown }

/** Listens to the live stream; the browser reconnects by itself. `onState(false)` means the screen may be behind. */
export function listen(onNotes: (notes: LiveNote[]) => void, onState: (connected: boolean) => void): () => void {
  const source = new EventSource('/api/stream')
  source.onopen = () => onState(true)
  source.onerror = () => onState(false)
  source.onmessage = (event: MessageEvent<string>) => onNotes(JSON.parse(event.data) as LiveNote[])
  source.addEventListener('pulse', (event) => onState((JSON.parse((event as MessageEvent<string>).data) as { live: boolean }).live))
  return () => source.close()
}
