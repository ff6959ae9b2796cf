let context: AudioContext | undefined

/** Two short tones. A browser lets a page sound only after a key or a touch, which is what switches it on. */
export function beep(): void {
  context ??= new AudioContext()
  const start = context.currentTime
  for (const [i, hertz] of [880, 660].entries()) {
    const tone = context.createOscillator()
    const volume = context.createGain()
    tone.frequency.value = hertz
    volume.gain.setValueAtTime(0.25, start + i * 0.28)
    volume.gain.exponentialRampToValueAtTime(0.001, start + i * 0.28 + 0.25)
    tone.connect(volume).connect(context.destination)
    tone.start(start + i * 0.28)
    tone.stop(start + i * 0.28 + 0.26)
  }
}
