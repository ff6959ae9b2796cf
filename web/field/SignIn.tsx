import { useEffect, useState } from 'react'
import { ApiError, call } from '#web/shared/api.ts'
import { useLanguage, useWords } from '#web/shared/language.ts'
import { ListDemoAccounts, SignIn as SignInRoute, SignInDemo, type Me } from '#web/shared/routes.ts'

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

export function SignIn({ onIn, wrongAccount }: { onIn: (me: Me) => void; wrongAccount: boolean }) {
  const t = useWords()
  const language = useLanguage()
  const [accounts, setAccounts] = useState<Account[]>([])
  const [username, setUsername] = useState('')
  const [password, setPassword] = useState('')
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
    work
      .then(onIn)
      .catch((error: unknown) =>
        setProblem(
          error instanceof ApiError
            ? language === 'zh'
              ? error.problem.titleZh
              : error.problem.title
            : t({ zh: '现在连不上', en: 'No connection now' }),
        ),
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
      {wrongAccount && (
        <p>
          {t({
            zh: '这个账号没有要办的工单，也不采样；请换承办单位、居村委或采样员账号。',
            en: 'This account neither handles orders nor samples; use one of a unit, neighbourhood or sampler.',
          })}
        </p>
      )}
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
