import { useMutation, useQuery } from '@tanstack/react-query'
import { Alert, Button, Input, type InputRef } from 'antd'
import { useState } from 'react'
import { GetSignInOptions, StartOidc } from '#capabilities/people/my-account.contract.ts'
import {
  ListDemoAccounts,
  SignIn as SignInRoute,
  SignInDemo,
  type Me,
} from '#capabilities/people/contract.ts'
import { call } from '#web/shared/api.ts'
import { useLanguage, useWords } from '#web/shared/language.ts'
import { ROLE_WORDS } from '#web/shared/words.ts'
import { useFocusOnce } from '../shell/focus.ts'
import { become } from '../shell/me.ts'
import { LanguageSwitch } from '../shell/LanguageSwitch.tsx'
import { codeOf, problemText } from '../shell/Say.tsx'
import { useTitle } from '../shell/title.ts'
import { arrived, ARRIVED_WORDS } from './arrived.ts'
import { SecondStep } from './SecondStep.tsx'

export function SignIn() {
  const t = useWords()
  const language = useLanguage()
  const [username, setUsername] = useState('')
  const [password, setPassword] = useState('')
  const [second, setSecond] = useState(arrived.second)
  const focusName = useFocusOnce<InputRef>()
  useTitle(t({ zh: '登录', en: 'Sign in' }))
  const demo = useQuery({
    queryKey: [ListDemoAccounts.id],
    queryFn: ({ signal }) => call(ListDemoAccounts, { signal }),
  })
  const options = useQuery({
    queryKey: [GetSignInOptions.id],
    queryFn: ({ signal }) => call(GetSignInOptions, { signal }),
  })
  const enter = useMutation({
    mutationFn: (given: { username: string; password?: string }): Promise<Me> =>
      given.password === undefined
        ? call(SignInDemo, { body: { username: given.username } })
        : call(SignInRoute, { body: { username: given.username, password: given.password } }),
    onSuccess: become,
    onError: (error) => setSecond(codeOf(error) === 'second_factor_needed'),
  })
  const said = arrived.error === null ? undefined : ARRIVED_WORDS[arrived.error]
  return (
    <main className="sign-in">
      <div className="sign-in-head">
        <h1>
          CityLoop <span>{t({ zh: '工作台', en: 'Console' })}</span>
        </h1>
        <LanguageSwitch />
      </div>
      {second ? (
        <SecondStep
          onOver={() => {
            setSecond(false)
            enter.reset()
          }}
        />
      ) : (
        <form
          className="card sign-in-form"
          onSubmit={(event) => {
            event.preventDefault()
            enter.mutate({ username: username.trim(), password })
          }}
        >
          <label>
            {t({ zh: '账号', en: 'User name' })}
            <Input
              value={username}
              onChange={(e) => setUsername(e.target.value)}
              autoComplete="username"
              ref={focusName}
              maxLength={60}
            />
          </label>
          <label>
            {t({ zh: '密码', en: 'Password' })}
            <Input.Password
              value={password}
              onChange={(e) => setPassword(e.target.value)}
              autoComplete="current-password"
              maxLength={200}
              visibilityToggle={false}
            />
          </label>
          <Button
            type="primary"
            htmlType="submit"
            loading={enter.isPending}
            disabled={!username.trim() || !password}
          >
            {t({ zh: '登录', en: 'Sign in' })}
          </Button>
        </form>
      )}
      {!second && options.data?.oidc && (
        <a className="card oidc" href={StartOidc.path}>
          {t({ zh: '用统一身份登录', en: 'Sign in with the identity provider' })}
        </a>
      )}
      {!second && said && enter.isIdle && <Alert type="error" showIcon role="alert" title={t(said)} />}
      {enter.isError && !second && (
        <Alert type="error" showIcon role="alert" title={problemText(enter.error, language)} />
      )}
      {demo.data?.demo && (
        <section aria-label={t({ zh: '演示账号', en: 'Demonstration accounts' })}>
          <h2>
            {t({
              zh: '演示账号（模拟人员），点一下即可进入',
              en: 'Demonstration accounts (simulated people): one tap to enter',
            })}
          </h2>
          <ul className="accounts">
            {demo.data.accounts.map((a) => (
              <li key={a.username}>
                <button
                  type="button"
                  className="card account"
                  disabled={enter.isPending}
                  onClick={() => enter.mutate({ username: a.username })}
                >
                  <b>{a.roles.map((role) => t(ROLE_WORDS[role])).join(' · ')}</b>
                  <span>{a.name}</span>
                  <span className="muted">
                    {a.place} · {a.username}
                  </span>
                </button>
              </li>
            ))}
          </ul>
        </section>
      )}
    </main>
  )
}
