import { useQuery } from '@tanstack/react-query'
import { Alert, Spin } from 'antd'
import { GetMyAccount } from '#capabilities/people/my-account.contract.ts'
import { call } from '#web/shared/api.ts'
import { useWords } from '#web/shared/language.ts'
import { useMe } from '../shell/me.ts'
import { Failure } from '../shell/Say.tsx'
import { useTitle } from '../shell/title.ts'
import { Password } from './Password.tsx'
import { SecondFactor } from './SecondFactor.tsx'
import { Sessions } from './Sessions.tsx'

const MUST = {
  password: {
    zh: '您用的是一次性密码。请先改成自己的密码，然后才能开始工作。',
    en: 'You came in with a one-time password. Set your own first; your work opens then.',
  },
  second_factor: {
    zh: '您的岗位必须启用动态码。请先设置，然后才能开始工作。',
    en: 'Your role needs a second factor. Set it up first; your work opens then.',
  },
} as const

/** My account: password, second factor, and where I am signed in. */
export function AccountPage() {
  const t = useWords()
  const { data: me } = useMe()
  useTitle(t({ zh: '我的账号', en: 'My account' }))
  const account = useQuery({
    queryKey: [GetMyAccount.id],
    queryFn: ({ signal }) => call(GetMyAccount, { signal }),
  })
  if (account.isPending) return <Spin className="waiting" />
  if (account.isError) return <Failure error={account.error} retry={() => void account.refetch()} />
  const { must, username, name, secondFactor } = account.data
  return (
    <div className="account-page">
      <div className="page-head">
        <h1>{t({ zh: '我的账号', en: 'My account' })}</h1>
        <span className="muted">
          {name} · {username}
          {me?.place && ` · ${me.place.path}`}
        </span>
      </div>
      {must && <Alert type="warning" showIcon title={t(MUST[must])} />}
      <Password username={username} />
      {must !== 'password' && <SecondFactor on={secondFactor.on} left={secondFactor.recoveryCodesLeft} />}
      <Sessions />
    </div>
  )
}
