import { useCallback, useEffect, useState } from 'react'

export type Position = { lng: number; lat: number }

/**
 * Where this phone is, only when the person said so: asked by a tap, or at once where it was allowed before.
 * Stays on the phone except as two numbers in the question for nearby places (four decimals, about ten metres).
 */
export function usePosition(): {
  position: Position | null
  state: 'unasked' | 'asking' | 'known' | 'refused' | 'impossible'
  ask: () => void
} {
  const [position, setPosition] = useState<Position | null>(null)
  const [state, setState] = useState<'unasked' | 'asking' | 'known' | 'refused' | 'impossible'>(
    'geolocation' in navigator && isSecureContext ? 'unasked' : 'impossible',
  )
  const ask = useCallback(() => {
    setState('asking')
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        setPosition({ lng: Number(coords.longitude.toFixed(4)), lat: Number(coords.latitude.toFixed(4)) })
        setState('known')
      },
      () => setState('refused'),
      { timeout: 8_000, maximumAge: 300_000 },
    )
  }, [])
  useEffect(() => {
    if (!isSecureContext || !('permissions' in navigator)) return
    navigator.permissions
      .query({ name: 'geolocation' })
      .then((permission) => permission.state === 'granted' && ask())
      .catch(() => undefined)
  }, [ask])
  return { position, state, ask }
}
