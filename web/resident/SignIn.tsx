import { useEffect, useState } from 'react'
import { go, useAddress } from '#web/shared/address.ts'
import { ApiError, call } from '#web/shared/api.ts'
import { useLanguage, useWords } from '#web/shared/language.ts'
import { usePending } from '#web/shared/outbox.ts'
import { ListDemoAccounts, SendCode, SignInByCode } from '#web/shared/routes.ts'
import { outbox, useSession } from './session.ts'

/** One tap into the demonstration; not there in a real city. */
export function DemoEntry({ then }: { then: string }) {
  const t = useWords()
  const { enterDemo } = useSession()
  const [demo, setDemo] = useState(false)
  useEffect(() => {
    call(ListDemoAccounts)
      .then((a) => setDemo(a.demo))
      .catch(() => undefined)
  }, [])
  if (!demo) return null
  return (
    <button
      type="button"
      className="secondary"
      onClick={() => {
        enterDemo()
          .then(() => go(then, { replace: true }))
          .catch(() => undefined)
      }}
    >
      {t({ zh: '以演示居民进入', en: 'Enter as the demonstration resident' })}
    </button>
  )
}

/** Only an address of this page may follow: `//elsewhere` would leave it. */
const safe = (then: string | null) => (then && /^\/(?!\/)/.test(then) ? then : '/')

export function SignIn() {
  const t = useWords()
  const language = useLanguage()
  const { query } = useAddress()
  const { me, isResident, owner, signedInAs, leave } = useSession()
  const pending = usePending(outbox).filter((p) => p.owner === owner)
  const [phone, setPhone] = useState('')
  const [code, setCode] = useState<string | null>(null)
  const [demoCode, setDemoCode] = useState(false)
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState('')
  const then = safe(query.get('then'))

  const attempt = async (work: () => Promise<void>) => {
    setBusy(true)
    setProblem('')
    try {
      await work()
    } catch (error) {
      setProblem(
        error instanceof ApiError
          ? language === 'zh'
            ? error.problem.titleZh
            : error.problem.title
          : t({ zh: '现在连不上，请稍后再试。', en: 'No connection now; try again later.' }),
      )
    }
    setBusy(false)
  }
  const sendCode = () =>
    attempt(async () => {
      const said = await call(SendCode, { body: { phone } })
      setCode(said.demoCode ?? '')
      setDemoCode(said.demoCode !== undefined)
    })
  const verify = () =>
    attempt(async () => {
      signedInAs(await call(SignInByCode, { body: { phone, code: code ?? '' } }))
      go(then, { replace: true })
    })

  if (isResident && me) {
    return (
      <>
        <h1>{me.name}</h1>
        <p>{me.place?.path}</p>
        {pending.length > 0 && (
          <p className="bad">
            {t({
              zh: `还有 ${pending.length} 条没有送出，退出后要您再次登录才会送。`,
              en: `${pending.length} are not sent yet; after signing out they wait until you sign in again.`,
            })}
          </p>
        )}
        <button
          type="button"
          className="secondary"
          disabled={busy}
          onClick={() =>
            void attempt(async () => {
              await leave()
              go('/', { replace: true })
            })
          }
        >
          {t({ zh: '退出登录', en: 'Sign out' })}
        </button>
      </>
    )
  }
  return (
    <>
      <h1>{t({ zh: '登录', en: 'Sign in' })}</h1>
      <form
        className="sign-in"
        onSubmit={(e) => {
          e.preventDefault()
          void (code === null ? sendCode() : verify())
        }}
      >
        <label htmlFor="phone">{t({ zh: '手机号', en: 'Mobile number' })}</label>
        <input
          id="phone"
          type="tel"
          inputMode="numeric"
          autoComplete="tel-national"
          pattern="1[0-9]{10}"
          maxLength={11}
          required
          value={phone}
          onChange={(e) => setPhone(e.target.value.replace(/\D/g, ''))}
        />
        {code !== null && (
          <>
            <label htmlFor="code">{t({ zh: '短信里的六位验证码', en: 'The six digits sent to you' })}</label>
            <input
              id="code"
              inputMode="numeric"
              autoComplete="one-time-code"
              pattern="[0-9]{6}"
              maxLength={6}
              required
              value={code}
              onChange={(e) => setCode(e.target.value.replace(/\D/g, ''))}
            />
            {demoCode && (
              <p className="muted">
                {t({
                  zh: '演示环境：验证码已替您填好。',
                  en: 'Demonstration: the code is filled in for you.',
                })}
              </p>
            )}
          </>
        )}
        {problem && (
          <p className="bad" role="alert">
            {problem}
          </p>
        )}
        <button type="submit" className="primary" disabled={busy}>
          {code === null ? t({ zh: '发送验证码', en: 'Send a code' }) : t({ zh: '登录', en: 'Sign in' })}
        </button>
        {code !== null && (
          <button type="button" className="secondary" disabled={busy} onClick={() => void sendCode()}>
            {t({ zh: '重新发送', en: 'Send again' })}
          </button>
        )}
      </form>
      <DemoEntry then={then} />
    </>
  )
}
