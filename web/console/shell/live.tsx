import { createContext, useContext, useEffect, useMemo, useRef, useState, type ReactNode } from 'react'
import { listen, type LiveNote } from '#web/shared/live.ts'

type Hear = (onNotes: (notes: LiveNote[]) => void) => () => void

const Live = createContext<{ connected: boolean; hear: Hear }>({
  connected: false,
  hear: () => () => undefined,
})

/** One stream for the whole console, however many parts of it listen. */
export function LiveStream({ children }: { children: ReactNode }) {
  const [connected, setConnected] = useState(false)
  const hearers = useRef(new Set<(notes: LiveNote[]) => void>())
  useEffect(
    () =>
      listen((notes) => {
        for (const hearer of hearers.current) hearer(notes)
      }, setConnected),
    [],
  )
  const value = useMemo(
    () => ({
      connected,
      hear: (onNotes: (notes: LiveNote[]) => void) => {
        hearers.current.add(onNotes)
        return () => void hearers.current.delete(onNotes)
      },
    }),
    [connected],
  )
  return <Live.Provider value={value}>{children}</Live.Provider>
}

export const useConnected = () => useContext(Live).connected

/** Calls `refresh` at most once in `everyMs` however much happens, when a note is about what this screen shows. */
export function useOnNotes(
  concerns: (note: LiveNote) => boolean,
  refresh: () => void,
  everyMs = 2_000,
): void {
  const { hear, connected } = useContext(Live)
  const now = useRef({ concerns, refresh })
  useEffect(() => {
    now.current = { concerns, refresh }
  })
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined
    const silence = hear((notes) => {
      if (timer || !notes.some(now.current.concerns)) return
      timer = setTimeout(() => {
        timer = undefined
        now.current.refresh()
      }, everyMs)
    })
    return () => {
      silence()
      clearTimeout(timer)
    }
  }, [hear, everyMs])
  // After a gap nobody knows what was missed.
  const wasConnected = useRef(connected)
  useEffect(() => {
    if (connected && !wasConnected.current) now.current.refresh()
    wasConnected.current = connected
  }, [connected])
}
