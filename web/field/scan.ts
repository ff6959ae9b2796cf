import { openReader } from './reader.ts'

const LOOK_MS = 120
/** The camera sees one code many times a second; it counts again only after it was out of sight for this long. */
const SAME_MS = 2_500

/** Whether codes can be read through a camera here. A scanner keyboard works everywhere. */
export async function hasCamera(): Promise<boolean> {
  if (!('mediaDevices' in navigator) || !('caches' in globalThis)) return false
  const devices = await navigator.mediaDevices.enumerateDevices().catch((): MediaDeviceInfo[] => [])
  if (!devices.some((d) => d.kind === 'videoinput')) return false
  return openReader().then(
    () => true,
    () => false,
  )
}

/** Reads codes from the camera into `onText` until stopped. Rejects where the camera is refused or missing. */
export async function scanWithCamera(
  video: HTMLVideoElement,
  onText: (text: string) => void,
): Promise<() => void> {
  const detector = await openReader()
  const stream = await navigator.mediaDevices.getUserMedia({
    video: { facingMode: 'environment', width: { ideal: 1280 } },
  })
  let stopped = false
  const seen = new Map<string, number>()
  const stop = () => {
    stopped = true
    for (const track of stream.getTracks()) track.stop()
  }
  const look = async () => {
    if (stopped) return
    for (const { rawValue } of await detector.detect(video).catch(() => [])) {
      const before = seen.get(rawValue) ?? -SAME_MS
      seen.set(rawValue, performance.now())
      if (performance.now() - before >= SAME_MS) onText(rawValue)
    }
    setTimeout(() => void look(), LOOK_MS)
  }
  video.srcObject = stream
  try {
    await video.play()
  } catch (error) {
    stop()
    throw error
  }
  void look()
  return stop
}

/**
 * Inside a field only what comes faster than a hand is a scan: a scanner sends a character every 1 to 20 ms. Outside of one
 * nothing else could be meant, and a busy telephone may hear it late.
 */
const IN_FIELD_MS = 60
const OUTSIDE_MS = 1_000
const SHORTEST = 8

/**
 * Hears a scanner that is a keyboard, wherever the focus is. The Enter at its end is swallowed, so that it cannot press the
 * button that happens to have the focus; `onText` is told to forget what the scanner typed into a field.
 */
export function hearScanner(onText: (text: string) => unknown): () => void {
  let text = ''
  let at = 0
  const onKey = (event: KeyboardEvent) => {
    const isField = event.target instanceof HTMLElement && event.target.matches('input, textarea, select')
    const between = event.timeStamp - at
    at = event.timeStamp
    if (between > (isField ? IN_FIELD_MS : OUTSIDE_MS)) text = ''
    if (event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey) {
      text += event.key
      return
    }
    if (event.key !== 'Enter' || text.length < SHORTEST) return
    event.preventDefault()
    event.stopPropagation()
    const scanned = text
    text = ''
    onText(scanned)
  }
  addEventListener('keydown', onKey, { capture: true })
  return () => removeEventListener('keydown', onKey, { capture: true })
}
