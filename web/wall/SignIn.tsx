import { useEffect, useState } from 'react'
import { ApiError, call } from '#web/shared/api.ts'
import { setLanguage, useLanguage, useWords } from '#web/shared/language.ts'
import { ListDemoAccounts, SignIn as SignInRoute, SignInDemo, type Me } from '#web/shared/routes.ts'

export function SignIn({ onIn, signedIn }: { onIn: (me: Me) => void; signedIn: boolean }) {
  const t = useWords()
  const language = useLanguage()
  const [demo, setDemo] = useState(false)
  const [username, setUsername] = useState('')
  const [password, setPassword] = useState('')
  const [problem, setProblem] = useState('')
  useEffect(() => {
    call(ListDemoAccounts)
      .then((a) => setDemo(a.demo))
      .catch(() => undefined)
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
            : t({ zh: '服务器没有回应', en: 'The server does not answer' }),
        ),
      )
  return (
    <main className="centre">
      <form
        className="sign-in"
        onSubmit={(e) => {
          e.preventDefault()
          void attempt(call(SignInRoute, { body: { username, password } }))
        }}
      >
        <h1>{t({ zh: '城环 · 一屏', en: 'CityLoop · wall' })}</h1>
        {signedIn && (
          <p>
            {t({
              zh: '当前账号不能看大屏，请换一个。',
              en: 'This account may not see the wall; use another one.',
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
        <button type="submit">{t({ zh: '登录', en: 'Sign in' })}</button>
        {demo && (
          <button
            type="button"
            onClick={() => void attempt(call(SignInDemo, { body: { username: 'commander' } }))}
          >
            {t({ zh: '演示：以总指挥进入', en: 'Demonstration: enter as commander' })}
          </button>
        )}
        <button
          type="button"
          className="plain"
          lang={language === 'zh' ? 'en' : 'zh-CN'}
          onClick={() => setLanguage(language === 'zh' ? 'en' : 'zh')}
        >
          {language === 'zh' ? 'English' : '中文'}
        </button>
      </form>
    </main>
  )
}
