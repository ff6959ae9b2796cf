import { createContext, useCallback, useContext, useEffect, useState } from 'react'
import { ApiError, call } from '#web/shared/api.ts'
import { listen, type LiveNote } from '#web/shared/live.ts'
import { openOutbox, ownShelf } from '#web/shared/outbox.ts'
import { forgetCards } from './kept-cards.ts'
import { forgetCode } from './kept-code.ts'
import { GetMe, SignInDemo, SignOut, type Me } from '#web/shared/routes.ts'

export const outbox = openOutbox('resident', ownShelf('resident'))

/** How often an unsent text is tried again while the page is open and nothing says that the network is back. */
const RETRY_MS = 10_000

export type Session = {
  /** undefined while asking or without network. */
  me: Me | undefined
  isResident: boolean
  /** Whose unsent texts these are; null when nobody is signed in. */
  owner: string | null
  reachable: boolean
  refresh: () => Promise<void>
  signedInAs: (me: Me) => void
  enterDemo: () => Promise<void>
  leave: () => Promise<void>
  /** Tells of changes to my orders; also after the connection came back, when anything may have changed. */
  onChange: (listener: (notes: LiveNote[]) => void) => () => void
}

const SessionContext = createContext<Session | null>(null)
export const SessionProvider = SessionContext.Provider

export function useSession(): Session {
  return useContext(SessionContext)!
}

const changed = new Set<(notes: LiveNote[]) => void>()
const tell = (notes: LiveNote[]) => {
  for (const listener of changed) listener(notes)
}

const onChange: Session['onChange'] = (listener) => {
  changed.add(listener)
  return () => void changed.delete(listener)
}

// A resident has no id to show to the page; name and place tell the people of one phone apart.
const ownerOf = (me: Me | undefined) =>
  me?.kind === 'resident' ? `${me.name} ${me.place?.code ?? ''}` : null

export function useSessionState(): Session {
  const [me, setMe] = useState<Me>()
  const [reachable, setReachable] = useState(true)
  const owner = ownerOf(me)

  const refresh = useCallback(
    () =>
      call(GetMe)
        .then((said) => {
          setMe(said)
          setReachable(true)
        })
        .catch((error: unknown) => setReachable(error instanceof ApiError && error.problem.status < 500)),
    [],
  )

  useEffect(() => {
    const again = () => void refresh()
    again()
    const lost = () => setReachable(false)
    addEventListener('online', again)
    addEventListener('offline', lost)
    return () => {
      removeEventListener('online', again)
      removeEventListener('offline', lost)
    }
  }, [refresh])

  useEffect(() => {
    if (reachable) return
    const timer = setInterval(() => void refresh(), RETRY_MS)
    return () => clearInterval(timer)
  }, [reachable, refresh])

  useEffect(() => {
    if (!owner || !reachable) return
    const send = () => void outbox.flush(owner)
    send()
    addEventListener('online', send)
    const timer = setInterval(() => outbox.list().length > 0 && send(), RETRY_MS)
    return () => {
      removeEventListener('online', send)
      clearInterval(timer)
    }
  }, [owner, reachable])

  useEffect(() => {
    if (!owner) return
    let up = false
    return listen(tell, (connected) => {
      if (connected && !up) tell([])
      up = connected
    })
  }, [owner])

  return {
    me,
    isResident: owner !== null,
    owner,
    reachable,
    refresh,
    signedInAs: setMe,
    enterDemo: async () => setMe(await call(SignInDemo, { body: { username: 'resident' } })),
    leave: async () => {
      await call(SignOut)
      forgetCards()
      forgetCode()
      await refresh()
    },
    onChange,
  }
}
