import { useEffect, useEffectEvent, useRef, useState } from 'react'
import { ApiError, call } from '#web/shared/api.ts'
import { listen, type LiveNote } from '#web/shared/live.ts'
import {
  FindHospitals,
  FindSites,
  GetOrder,
  GetOutlines,
  GetWall,
  type Hospital,
  type OrderRow,
  type Site,
  type Wall,
} from '#web/shared/routes.ts'
import type { Outline } from './projection.ts'

/** Without a word from the city the wall asks again this often; with one, at most every two seconds. */
const QUIET_MS = 8_000
const BUSY_MS = 2_000
/** The server may answer from what it made up to this long ago; asking once more after it brings the newest. */
const SERVER_KEEPS_MS = 1_600
/** While the server does not answer. */
const AGAIN_MS = 3_000
const PATIENCE_MS = 6_000

export type WallData = {
  wall: Wall | null
  /** Wall time of the last good answer. */
  at: number
  /** Wall time since when nothing was answered; null while the server answers. */
  awaySince: number | null
  /** False when the stream is down: the wall then only asks. */
  live: boolean
}

/** An urgent order; or a positive tube or a backlog, of which a screen is told the place alone. */
export type Alarm = { id: string; seenAt: number } & (
  | { kind: 'urgent'; order: OrderRow }
  | { kind: 'positive' | 'backlog'; placeCode: string }
)

const ask = (place: string | null) =>
  call(GetWall, { query: place ? { place } : {}, signal: AbortSignal.timeout(PATIENCE_MS) })

/** The city's wall and, when one is chosen, that of a place; kept fresh by the stream and by asking. */
export function useWall(
  place: string | null,
  onSignedOut: () => void,
): { city: WallData; focus: Wall | null; alarm: Alarm | null } {
  const [city, setCity] = useState<WallData>({ wall: null, at: 0, awaySince: null, live: false })
  const [focus, setFocus] = useState<{ place: string; wall: Wall } | null>(null)
  const [alarm, setAlarm] = useState<Alarm | null>(null)
  const lastAsked = useRef(0)
  const asked = useRef<string | null | undefined>(undefined)
  const planned = useRef<ReturnType<typeof setTimeout>>(undefined)

  const load = useEffectEvent(async (): Promise<boolean> => {
    lastAsked.current = Date.now()
    const wanted = place
    try {
      const [wall, part] = await Promise.all([
        ask(null),
        wanted
          ? ask(wanted).catch((e: unknown) => (e instanceof ApiError ? null : Promise.reject(e as Error)))
          : null,
      ])
      setCity((before) => ({ ...before, wall, at: Date.now(), awaySince: null }))
      if (wanted && part) setFocus({ place: wanted, wall: part })
      return true
    } catch (error) {
      if (error instanceof ApiError && (error.problem.status === 401 || error.problem.status === 403))
        onSignedOut()
      setCity((before) => ({ ...before, awaySince: before.awaySince ?? (before.at || Date.now()) }))
      return false
    }
  })

  useEffect(() => {
    // Another place was chosen: its wall is asked for at once.
    if (place !== asked.current) void load()
    asked.current = place
  }, [place])

  useEffect(() => {
    const soon = (ms: number) => {
      clearTimeout(planned.current)
      planned.current = setTimeout(() => {
        void load().then((answered) => soon(answered ? QUIET_MS : AGAIN_MS))
      }, ms)
    }
    soon(QUIET_MS)
    const onNotes = (notes: LiveNote[]) => {
      const since = Date.now() - lastAsked.current
      if (since > BUSY_MS) {
        void load()
        soon(SERVER_KEEPS_MS)
      } else soon(Math.max(SERVER_KEEPS_MS, BUSY_MS - since))
      // What has no order behind it is said at once by its place; its words follow with the figures.
      const found = notes.find((n) => n.topic === 'alarm' && (n.kind === 'positive' || n.kind === 'backlog'))
      if (found)
        setAlarm({
          id: found.id,
          kind: found.kind === 'positive' ? 'positive' : 'backlog',
          placeCode: found.placeCode,
          seenAt: Date.now(),
        })
      // An alarm does not wait for the next look: its order is asked for by itself.
      const orderId = notes.find((n) => n.topic === 'alarm' && n.kind === 'urgent')?.orderId
      if (typeof orderId !== 'string') return
      call(GetOrder, { params: { id: orderId } })
        .then((order) => setAlarm({ id: order.id, kind: 'urgent', order, seenAt: Date.now() }))
        .catch(() => undefined)
    }
    let wasLive = false
    const silence = listen(onNotes, (live) => {
      // A stream that ends is the first sign of a server that is gone: look at once, do not wait.
      if (live !== wasLive) void load()
      wasLive = live
      setCity((before) => (before.live === live ? before : { ...before, live }))
    })
    return () => {
      silence()
      clearTimeout(planned.current)
    }
  }, [])

  return { city, focus: focus && focus.place === place ? focus.wall : null, alarm }
}

export function useOutlines(): Outline[] {
  const [outlines, setOutlines] = useState<Outline[]>([])
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout>
    const load = () => {
      call(GetOutlines)
        .then((a) => setOutlines(a.features as Outline[]))
        .catch(() => (timer = setTimeout(load, QUIET_MS)))
    }
    load()
    return () => clearTimeout(timer)
  }, [])
  return outlines
}

export type Layers = { sites: Site[]; hospitals: Hospital[] }
const LAYERS_MS = 120_000

/** Sites and hospitals for the map, asked only while the layer is shown. */
export function useLayers(shown: { sites: boolean; hospitals: boolean }): Layers {
  const [layers, setLayers] = useState<Layers>({ sites: [], hospitals: [] })
  const { sites, hospitals } = shown
  useEffect(() => {
    const load = () => {
      if (sites) {
        call(FindSites, { query: { limit: 500 } })
          .then((a) => setLayers((before) => ({ ...before, sites: a.items })))
          .catch(() => undefined)
      }
      if (hospitals) {
        call(FindHospitals, { query: { limit: 500 } })
          .then((a) => setLayers((before) => ({ ...before, hospitals: a.items })))
          .catch(() => undefined)
      }
    }
    load()
    const timer = setInterval(load, LAYERS_MS)
    return () => clearInterval(timer)
  }, [sites, hospitals])
  return { sites: sites ? layers.sites : [], hospitals: hospitals ? layers.hospitals : [] }
}
