import { useCallback, useEffect, useState } from 'react'
import { go, useAddress } from '#web/shared/address.ts'
import { ApiError, call } from '#web/shared/api.ts'
import { useLanguage, useWords } from '#web/shared/language.ts'
import { openOutbox, usePending } from '#web/shared/outbox.ts'
import { GetMe, SignOut, type Me } from '#web/shared/routes.ts'
import { Leave } from './Leave.tsx'
import { Sampling } from './Sampling.tsx'
import { SignIn } from './SignIn.tsx'
import { Top } from './Top.tsx'
import { Work } from './Work.tsx'
import { deviceOf, leaveDevice, rememberedMe, rememberMe, unsentHere, useField } from './field.ts'
import { sealedShelf } from './sealed-shelf.ts'

const shelf = sealedShelf(deviceOf)
const outbox = openOutbox('field', shelf)
const RETRY_MS = 8_000
/** Signed out while there was no network: said to the server as soon as it can be. */
const OWES_SIGN_OUT = 'cityloop.field.owes-sign-out'

/** The account's actions wait under its own name: the next shift on the same phone does not send them as its own. */
const ownerOf = (me: Me | null) => (me?.kind === 'staff' ? me.id : null)

const samples = (me: Me | null) => me?.kind === 'staff' && me.may['tubes.seal'] !== undefined
const works = (me: Me | null) => me?.kind === 'staff' && me.may['orders.sign'] !== undefined

async function whoAmI(): Promise<Me> {
  if (localStorage.getItem(OWES_SIGN_OUT)) {
    await call(SignOut).catch((error: unknown) => {
      // Nobody is signed in any more: an earlier try arrived and its answer did not.
      if (!(error instanceof ApiError && error.problem.status === 401)) throw error
    })
    localStorage.removeItem(OWES_SIGN_OUT)
  }
  return call(GetMe)
}

export function App() {
  const t = useWords()
  useLanguage()
  const { query } = useAddress()
  const [me, setMe] = useState<Me | null>(null)
  const [reachable, setReachable] = useState(true)
  /** Somebody worked here and the city knows nobody any more: they work on, and sign in to send. */
  const [expired, setExpired] = useState(false)
  const [signingIn, setSigningIn] = useState(false)
  const [leaving, setLeaving] = useState<number | null>(null)
  const pending = usePending(outbox)
  const owner = signingIn ? null : ownerOf(me)
  const knows = me !== null
  const staff = works(me) || samples(me)

  const known = useCallback((said: Me) => {
    setMe(said)
    setExpired(false)
    setSigningIn(false)
    if (samples(said) || works(said)) void rememberMe(said).catch(() => undefined)
  }, [])
  const refresh = useCallback(
    () =>
      whoAmI()
        .then(async (said) => {
          setReachable(true)
          const before = said.kind === 'nobody' ? await rememberedMe() : undefined
          setExpired(before !== undefined)
          if (before) setMe((now) => (now?.kind === 'staff' ? now : before))
          else known(said)
        })
        .catch(async (error: unknown) => {
          setReachable(error instanceof ApiError && error.problem.status < 500)
          // Whoever worked here goes on working.
          const before = localStorage.getItem(OWES_SIGN_OUT) ? undefined : await rememberedMe()
          if (before) setMe((now) => now ?? before)
        }),
    [known],
  )
  useEffect(() => void shelf.load(owner).catch(() => undefined), [owner])
  const signedOut = useCallback(() => void refresh(), [refresh])
  // While somebody signs in the day is closed: the next account must not send what is this one's.
  const { field, sending } = useField(samples(me) && !signingIn ? (me?.id ?? null) : null, signedOut)
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
    const timer = setInterval(() => {
      // A full house turned us away: asked again like a silent one.
      if (!reachable || !knows) void refresh()
      else if (owner && outbox.list().length > 0) void outbox.flush(owner)
    }, RETRY_MS)
    if (reachable && owner) void outbox.flush(owner)
    return () => clearInterval(timer)
  }, [reachable, knows, owner, refresh])

  const leave = async () => {
    setLeaving(null)
    await leaveDevice()
    try {
      await call(SignOut)
    } catch {
      localStorage.setItem(OWES_SIGN_OUT, '1')
    }
    setMe(null)
    setExpired(false)
    setSigningIn(false)
    await refresh()
  }
  const askToLeave = async () => {
    // What a handler did lies sealed among it; at an address that is not secure nothing lies anywhere.
    const left = Math.max((await unsentHere()).length, pending.length)
    if (left > 0) setLeaving(left)
    else await leave()
  }
  const both = works(me) && samples(me)
  const tab = both
    ? query.get('tab') === 'sampling'
      ? 'sampling'
      : 'work'
    : samples(me)
      ? 'sampling'
      : 'work'

  return (
    <>
      <Top pending={pending} owner={owner} field={field} onLeave={staff ? () => void askToLeave() : null} />
      {!reachable && (
        <p className="band">
          {t({
            zh: '没有网络：先存手机，有网就送。',
            en: 'No network: kept here, sent later.',
          })}
        </p>
      )}
      {reachable && expired && me && !signingIn && (
        <button type="button" className="band sign-in-again" onClick={() => setSigningIn(true)}>
          {t({
            zh: `${me.name}的登录已过期。采样照常，点这里登录后送出`,
            en: `${me.name} is signed out. Go on working; tap to sign in and send`,
          })}
        </button>
      )}
      <main>
        {leaving !== null && (
          <Leave unsent={leaving} onLeave={() => void leave()} onStay={() => setLeaving(null)} />
        )}
        {both && !signingIn && (
          <nav className="tabs" aria-label={t({ zh: '工作', en: 'Work' })}>
            <button
              type="button"
              aria-current={tab === 'work' ? 'page' : undefined}
              onClick={() => go('/field?tab=work')}
            >
              {t({ zh: '工单', en: 'Orders' })}
            </button>
            <button
              type="button"
              aria-current={tab === 'sampling' ? 'page' : undefined}
              onClick={() => go('/field?tab=sampling')}
            >
              {t({ zh: '采样', en: 'Sampling' })}
            </button>
          </nav>
        )}
        {!me && (
          <p>
            {reachable
              ? t({ zh: '正在连接……', en: 'Connecting …' })
              : t({ zh: '等待网络……', en: 'Waiting for the network …' })}
          </p>
        )}
        {me && (!staff || signingIn) && (
          <SignIn
            onIn={known}
            wrong={staff || me.kind === 'nobody' ? null : me.must ? 'must' : 'account'}
            onBack={signingIn ? () => setSigningIn(false) : null}
          />
        )}
        {me && staff && !signingIn && tab === 'sampling' && (
          <Sampling me={me} field={field} sending={sending} reachable={reachable} />
        )}
        {me && owner && works(me) && !signingIn && tab === 'work' && (
          <Work me={me} outbox={outbox} owner={owner} reachable={reachable} field={field} />
        )}
      </main>
    </>
  )
}
