import { useCallback, useEffect, useState } from 'react'
import { ApiError, call } from '#web/shared/api.ts'
import { setLanguage, useLanguage, useWords } from '#web/shared/language.ts'
import { openOutbox, usePending } from '#web/shared/outbox.ts'
import { GetMe, SignOut, type Me } from '#web/shared/routes.ts'
import { SignIn } from './SignIn.tsx'
import { Work } from './Work.tsx'

const outbox = openOutbox('field')
const RETRY_MS = 8_000

/** The account's actions wait under its own name: the next shift on the same phone does not send them as its own. */
const ownerOf = (me: Me | null) =>
  me && me.kind === 'staff' ? `${me.name} ${me.unit?.id ?? me.place?.code ?? ''}` : null

export function App() {
  const t = useWords()
  const language = useLanguage()
  const [me, setMe] = useState<Me | null>(null)
  const [reachable, setReachable] = useState(true)
  const pending = usePending(outbox)
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
    const timer = setInterval(() => {
      if (!reachable) void refresh()
      else if (owner && outbox.list().length > 0) void outbox.flush(owner)
    }, RETRY_MS)
    if (reachable && owner) void outbox.flush(owner)
    return () => clearInterval(timer)
  }, [reachable, owner, refresh])

  const staff = me?.kind === 'staff' && me.may['orders.sign'] !== undefined
  return (
    <>
      <header className="top">
        <strong>{t({ zh: '城环 · 现场', en: 'CityLoop · field' })}</strong>
        <span className={`count ${pending.length > 0 ? 'waiting' : ''}`} aria-live="polite">
          {t({ zh: `待发送 ${pending.length}`, en: `Unsent ${pending.length}` })}
        </span>
        <button
          type="button"
          lang={language === 'zh' ? 'en' : 'zh-CN'}
          onClick={() => setLanguage(language === 'zh' ? 'en' : 'zh')}
        >
          {language === 'zh' ? 'EN' : '中文'}
        </button>
        {staff && (
          <button
            type="button"
            onClick={() => {
              call(SignOut)
                .then(refresh)
                .catch(() => setReachable(false))
            }}
          >
            {t({ zh: '退出', en: 'Out' })}
          </button>
        )}
      </header>
      {!reachable && (
        <p className="band">
          {t({
            zh: '没有网络。照常签收、办结：先存在手机上，有网就送。',
            en: 'No network. Sign and resolve as usual: it is kept here and sent when the network is back.',
          })}
        </p>
      )}
      <main>
        {!me && (
          <p>
            {reachable
              ? t({ zh: '正在连接……', en: 'Connecting …' })
              : t({ zh: '等待网络……', en: 'Waiting for the network …' })}
          </p>
        )}
        {me && !staff && <SignIn onIn={setMe} wrongAccount={me.kind !== 'nobody'} />}
        {me && staff && owner && <Work me={me} outbox={outbox} owner={owner} reachable={reachable} />}
      </main>
    </>
  )
}
