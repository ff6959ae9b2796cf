let audio: AudioContext | undefined

function beep(frequency: number, from: number, seconds: number) {
  if (!audio) return
  const tone = audio.createOscillator()
  const volume = audio.createGain()
  tone.frequency.value = frequency
  tone.connect(volume).connect(audio.destination)
  volume.gain.setValueAtTime(0.25, audio.currentTime + from)
  volume.gain.setTargetAtTime(0, audio.currentTime + from + seconds - 0.02, 0.01)
  tone.start(audio.currentTime + from)
  tone.stop(audio.currentTime + from + seconds + 0.05)
}

function ready() {
  try {
    // Browsers let a page sound only after a touch; the first scan after it is heard.
    audio ??= new AudioContext()
    if (audio.state === 'suspended') void audio.resume()
  } catch {
    // No sound on this device: the vibration and the screen remain.
  }
}

/** Short and high: taken. */
export function good(): void {
  ready()
  beep(1320, 0, 0.09)
  navigator.vibrate?.(40)
}

/** Long, low, twice: not taken. Told apart without looking. */
export function refused(): void {
  ready()
  beep(330, 0, 0.35)
  beep(330, 0.45, 0.35)
  navigator.vibrate?.([250, 120, 250])
}

/** Three rising tones: the tube is full, or sealed. */
export function complete(): void {
  ready()
  for (const [i, f] of [880, 1100, 1480].entries()) beep(f, i * 0.12, 0.1)
  navigator.vibrate?.([60, 60, 60, 60, 120])
}
