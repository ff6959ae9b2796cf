import { useEffect, useState, useSyncExternalStore } from 'react'
import type { Me, OrderRow } from '#web/shared/routes.ts'
import { openCityClock, type CityMoment } from './city-clock.ts'
import { openDay, type DayStore } from './day.ts'
import { isSecure, openDevice, type Device } from './device.ts'
import { lead } from './leader.ts'
import { lastWritten, type Day } from './records.ts'
import { startSending, type Sending } from './sending.ts'

/** What sampling on this device can do now. */
export type Field =
  | { is: 'none' }
  | { is: 'insecure' }
  | { is: 'opening' }
  | { is: 'elsewhere'; takeOver: () => void }
  | { is: 'broken'; why: string }
  | {
      is: 'ready'
      device: Device
      store: DayStore
      cityNow: () => Date
      cityMoment: () => CityMoment
      sendNow: () => void
    }

let opened: Promise<Device> | undefined
/** The device's own store, opened once for a page. */
export const deviceOf = (): Promise<Device> => (opened ??= openDevice())

const ME = 'me'
/** Who works here, so that a page opened without a network knows it; sealed like everything else. */
export const rememberMe = async (me: Me): Promise<void> => {
  if (isSecure()) await (await deviceOf()).keep(ME, me)
}
export const rememberedMe = async (): Promise<Me | undefined> =>
  isSecure() ? ((await (await deviceOf()).kept<Me | null>(ME)) ?? undefined) : undefined

const ORDERS = 'orders'
type KeptOrders = { owner: string; at: number; orders: OrderRow[] }
/** The list of a handler as it was last seen, for a page that is opened without a network. */
export const rememberOrders = async (kept: KeptOrders): Promise<void> => {
  if (isSecure()) await (await deviceOf()).keep(ORDERS, kept)
}
export const rememberedOrders = async (owner: string): Promise<KeptOrders | undefined> => {
  const kept = isSecure() ? await (await deviceOf()).kept<KeptOrders | null>(ORDERS) : undefined
  return kept?.owner === owner ? kept : undefined
}

/** At sign-out: nothing personal stays but what was never sent, and that only under the device's key. */
export async function leaveDevice(): Promise<void> {
  if (!isSecure()) return
  const device = await deviceOf()
  if ((await unsentHere()).length === 0) await device.forgetAll()
  else await Promise.all([device.keep(ME, null), device.keep(ORDERS, null)])
}

const DONE: readonly string[] = ['sent', 'closed', 'aside', 'empty', 'open']
/** Whatever on this device the city does not know of yet, whoever made it; see `headerOf`. */
export async function unsentHere() {
  if (!isSecure()) return []
  return (await (await deviceOf()).headers()).filter((h) => !DONE.includes(h.state))
}

/** Opens the day of an account in the one tab that leads, and sends what waits for as long as it does. */
export function useField(owner: string | null, onSignedOut: () => void): { field: Field; sending: Sending } {
  const [known, setKnown] = useState<{ owner: string; field: Field } | null>(null)
  const [sending, setSending] = useState<Sending>({ busy: false, nextTry: null, signedOut: false })
  useEffect(() => {
    if (!owner || !isSecure()) return
    const setField = (field: Field) => setKnown({ owner, field })
    let turn = 0
    let close: (() => void) | undefined
    const begin = async (mine: number) => {
      const device = await deviceOf()
      const store = await openDay(device, owner)
      const clock = await openCityClock(device, lastWritten(store.get()))
      if (mine !== turn) {
        clock.stop()
        return store.close()
      }
      const sender = startSending(store, (state) => {
        setSending(state)
        if (state.signedOut) onSignedOut()
      })
      close = () => {
        sender.stop()
        clock.stop()
        store.close()
      }
      setField({
        is: 'ready',
        device,
        store,
        cityNow: clock.now,
        cityMoment: clock.moment,
        sendNow: sender.now,
      })
      // Asked for, not relied on: a browser under pressure for space throws away what is not persistent.
      void navigator.storage?.persist?.()
    }
    const leader = lead((leading) => {
      turn++
      close?.()
      close = undefined
      if (leading)
        begin(turn).catch((error: unknown) => setField({ is: 'broken', why: (error as Error).message }))
      else setField({ is: 'elsewhere', takeOver: leader.takeOver })
    })
    // Nothing is heard while another tab leads from the beginning.
    const waiting = setTimeout(() => {
      if (turn === 0) setField({ is: 'elsewhere', takeOver: leader.takeOver })
    }, 400)
    return () => {
      turn++
      clearTimeout(waiting)
      close?.()
      leader.stop()
      setKnown(null)
    }
  }, [owner, onSignedOut])
  if (!owner) return { field: { is: 'none' }, sending }
  if (!isSecure()) return { field: { is: 'insecure' }, sending }
  return { field: known?.owner === owner ? known.field : { is: 'opening' }, sending }
}

export const useDay = (store: DayStore): Day => useSyncExternalStore(store.subscribe, store.get)
