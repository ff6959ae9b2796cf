import { useEffect, useState } from 'react'
import { ApiError, call } from '#web/shared/api.ts'
import { useLanguage, useWords } from '#web/shared/language.ts'
import {
  ListDemoAccounts,
  SignIn as SignInRoute,
  SignInDemo,
  SignInSecond,
  type Me,
} from '#web/shared/routes.ts'

type Account = { username: string; name: string; roles: readonly string[]; unit: string | null }
const AGAIN_MS = 5_000

/** Who works with a phone, samplers first; handlers of the driven city have no desk of their own to show. */
const forThePhone = (accounts: readonly Account[]): Account[] =>
  accounts
    .filter(({ roles, unit }) =>
      roles.some(
        (r) => r === 'sampler' || r === 'neighbourhood_worker' || (r === 'handler' && unit !== null),
      ),
    )
    .toSorted((a, b) => Number(b.roles.includes('sampler')) - Number(a.roles.includes('sampler')))

const WRONG = {
  account: {
    zh: '这个账号没有要办的工单，也不采样；请换承办单位、居村委或采样员账号。',
    en: 'This account neither handles orders nor samples; use one of a unit, neighbourhood or sampler.',
  },
  must: {
    zh: '这个账号要先在工作台改一次性密码或设动态码，再回这里登录。',
    en: 'This account must first set its password or second factor in the console.',
  },
} as const

export function SignIn({
  onIn,
  wrong,
  onBack,
}: {
  onIn: (me: Me) => void
  /** Why whoever is signed in cannot work here. */
  wrong: keyof typeof WRONG | null
  /** Back to the table, which needs nobody signed in. */
  onBack: (() => void) | null
}) {
  const t = useWords()
  const language = useLanguage()
  const [accounts, setAccounts] = useState<Account[]>([])
  const [username, setUsername] = useState('')
  const [password, setPassword] = useState('')
  const [code, setCode] = useState('')
  const [second, setSecond] = useState(false)
  const [problem, setProblem] = useState('')
  useEffect(() => {
    let again: ReturnType<typeof setTimeout> | undefined
    const ask = () =>
      void call(ListDemoAccounts)
        .then((a) => setAccounts(forThePhone(a.accounts)))
        .catch(() => (again = setTimeout(ask, AGAIN_MS)))
    ask()
    return () => clearTimeout(again)
  }, [])
  const attempt = (work: Promise<Me>) =>
    work.then(onIn).catch((error: unknown) => {
      const said = error instanceof ApiError ? error.problem : null
      setCode('')
      // The password was right.
      if (said?.code === 'second_factor_needed') {
        setProblem('')
        setSecond(true)
        return
      }
      if (said?.code === 'second_factor_expired') setSecond(false)
      setProblem(
        said
          ? language === 'zh'
            ? said.titleZh
            : said.title
          : t({ zh: '现在连不上', en: 'No connection now' }),
      )
    })
  const back = onBack && (
    <button type="button" className="big light" onClick={onBack}>
      {t({ zh: '先不登录，回去接着做', en: 'Not now: back to work' })}
    </button>
  )
  if (second)
    return (
      <form
        className="sign-in"
        onSubmit={(e) => {
          e.preventDefault()
          void attempt(call(SignInSecond, { body: { code: code.trim().toLowerCase() } }))
        }}
      >
        <h1>{t({ zh: '动态码', en: 'Second factor' })}</h1>
        <label htmlFor="second">
          {t({
            zh: '验证器上的六位动态码，或恢复码',
            en: 'Six digits of your authenticator, or a recovery code',
          })}
        </label>
        <input
          id="second"
          autoComplete="one-time-code"
          autoCapitalize="none"
          required
          pattern=" *([0-9]{6}|[A-Za-z2-7]{5}-[A-Za-z2-7]{5}) *"
          maxLength={13}
          value={code}
          onChange={(e) => setCode(e.target.value)}
        />
        {problem && <p role="alert">{problem}</p>}
        <button type="submit" className="big">
          {t({ zh: '继续', en: 'Continue' })}
        </button>
        <button
          type="button"
          className="big light"
          onClick={() => {
            setSecond(false)
            setProblem('')
          }}
        >
          {t({ zh: '重新登录', en: 'Start again' })}
        </button>
        {back}
      </form>
    )
  return (
    <form
      className="sign-in"
      onSubmit={(e) => {
        e.preventDefault()
        void attempt(call(SignInRoute, { body: { username, password } }))
      }}
    >
      <h1>{t({ zh: '登录', en: 'Sign in' })}</h1>
      {wrong && <p>{t(WRONG[wrong])}</p>}
      {wrong === 'must' && <a href="/console/account">{t({ zh: '去工作台', en: 'To the console' })}</a>}
      <label htmlFor="username">{t({ zh: '账号', en: 'Account' })}</label>
      <input
        id="username"
        autoComplete="username"
        required
        maxLength={60}
        value={username}
        onChange={(e) => setUsername(e.target.value)}
      />
      <label htmlFor="password">{t({ zh: '密码', en: 'Password' })}</label>
      <input
        id="password"
        type="password"
        autoComplete="current-password"
        required
        maxLength={200}
        value={password}
        onChange={(e) => setPassword(e.target.value)}
      />
      {problem && <p role="alert">{problem}</p>}
      <button type="submit" className="big">
        {t({ zh: '登录', en: 'Sign in' })}
      </button>
      {back}
      {accounts.slice(0, 5).map((a) => (
        <button
          key={a.username}
          type="button"
          className="big light"
          onClick={() => void attempt(call(SignInDemo, { body: { username: a.username } }))}
        >
          {t({ zh: `演示：${a.name}`, en: `Demo: ${a.name}` })}
        </button>
      ))}
    </form>
  )
}
