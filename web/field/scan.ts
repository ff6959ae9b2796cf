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

const SHIFTED: Readonly<Record<string, readonly [string, string]>> = {
  Minus: ['-', '_'],
  Equal: ['=', '+'],
  Slash: ['/', '?'],
  Period: ['.', '>'],
  Semicolon: [';', ':'],
  NumpadAdd: ['+', '+'],
  NumpadSubtract: ['-', '-'],
  NumpadDecimal: ['.', '.'],
}

/**
 * The character of a key. An input method that listens (a Chinese one is usual) gives every key the name `Process`; which
 * key it was is still said, by its place on the American keyboard that a scanner pretends to be.
 */
function characterOf({ key, code, shiftKey }: KeyboardEvent): string | undefined {
  if (key.length === 1) return key
  if (key !== 'Process' && key !== 'Unidentified') return undefined
  const digit = /^(?:Digit|Numpad)(\d)$/.exec(code)?.[1]
  if (digit && !shiftKey) return digit
  const letter = /^Key([A-Z])$/.exec(code)?.[1]
  if (letter) return shiftKey ? letter : letter.toLowerCase()
  return SHIFTED[code]?.[shiftKey ? 1 : 0]
}

/** What a scanner ends with, as it is set: Enter, or Tab. */
const isEnd = ({ key, code }: KeyboardEvent) =>
  key === 'Enter' ||
  key === 'Tab' ||
  ((key === 'Process' || key === 'Unidentified') && /^(Enter|NumpadEnter|Tab)$/.test(code))

/**
 * Hears a scanner that is a keyboard, wherever the focus is. The Enter or Tab at its end is swallowed, so that it cannot press the
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
    const character = characterOf(event)
    if (character !== undefined && !event.ctrlKey && !event.metaKey && !event.altKey) {
      text += character
      return
    }
    if (!isEnd(event) || text.length < SHORTEST) return
    event.preventDefault()
    event.stopPropagation()
    const scanned = text
    text = ''
    onText(scanned)
  }
  addEventListener('keydown', onKey, { capture: true })
  return () => removeEventListener('keydown', onKey, { capture: true })
}
