import { useMutation } from '@tanstack/react-query'
import { Alert, Button, Input } from 'antd'
import { useState } from 'react'
import { CreateAccount, ListAccounts } from '#capabilities/people/accounts.contract.ts'
import { call, clientId } from '#web/shared/api.ts'
import { useWords } from '#web/shared/language.ts'
import { PlacePicker } from '../places/PlacePicker.tsx'
import { useOwnPlace } from '../shell/me.ts'
import { queryClient } from '../shell/query.ts'
import { Failure } from '../shell/Say.tsx'
import { GrantFields, grantOf, NO_GRANT } from './GrantForm.tsx'

/** Reads the accounts again, after one was changed. */
export const accountsChanged = () => void queryClient.invalidateQueries({ queryKey: [ListAccounts.id] })

/** Shown once: whoever gets it must set one of their own. */
export function OneTimePassword({
  username,
  password,
  close,
}: {
  username: string
  password: string
  close: () => void
}) {
  const t = useWords()
  return (
    <Alert
      type="warning"
      showIcon
      title={t({
        zh: `${username} 的一次性密码，只显示这一次：`,
        en: `The one-time password of ${username}, shown this once:`,
      })}
      description={
        <>
          <code className="once">{password}</code>
          <p>
            {t({
              zh: '请当面或电话告知本人；首次登录后须改密码。',
              en: 'Tell it to the person directly; it must be accountsChanged at the first sign-in.',
            })}
          </p>
          <Button onClick={close}>{t({ zh: '已告知', en: 'Done' })}</Button>
        </>
      }
    />
  )
}

/** A new account with its first grant. */
export function CreateAccountForm() {
  const t = useWords()
  const own = useOwnPlace()
  const [username, setUsername] = useState('')
  const [name, setName] = useState('')
  const [place, setPlace] = useState<string | undefined>(own)
  const [grant, setGrant] = useState(NO_GRANT)
  const [id, setId] = useState(clientId)
  const make = useMutation({
    gcTime: 0,
    mutationFn: () => {
      const given = grantOf(grant)
      return call(CreateAccount, {
        body: { id, username, name: name.trim(), placeCode: place!, grants: given ? [given] : [] },
      })
    },
    onSuccess: () => {
      setId(clientId())
      setUsername('')
      setName('')
      setGrant(NO_GRANT)
      accountsChanged()
    },
  })
  return (
    <section className="card stack" aria-labelledby="create-title">
      <h2 id="create-title">{t({ zh: '新建账号', en: 'New account' })}</h2>
      {make.data && (
        <OneTimePassword
          username={make.data.account.username}
          password={make.data.oneTimePassword}
          close={() => make.reset()}
        />
      )}
      <form
        className="stack"
        onSubmit={(e) => {
          e.preventDefault()
          make.mutate()
        }}
      >
        <div className="fields">
          <label>
            {t({ zh: '账号名', en: 'User name' })}
            <Input
              value={username}
              maxLength={60}
              autoComplete="off"
              onChange={(e) => setUsername(e.target.value.trim())}
            />
          </label>
          <label>
            {t({ zh: '姓名', en: 'Name' })}
            <Input value={name} maxLength={60} autoComplete="off" onChange={(e) => setName(e.target.value)} />
          </label>
          <label>
            {t({ zh: '账号归属', en: 'Account belongs to' })}
            <PlacePicker
              label={t({ zh: '账号归属', en: 'Account belongs to' })}
              value={place}
              onChange={setPlace}
            />
          </label>
        </div>
        <GrantFields draft={grant} onChange={setGrant} />
        <div className="row">
          <Button
            type="primary"
            htmlType="submit"
            loading={make.isPending}
            disabled={!/^[A-Za-z0-9][A-Za-z0-9._@+-]{1,59}$/.test(username) || name.trim() === '' || !place}
          >
            {t({ zh: '新建', en: 'Create' })}
          </Button>
          <span className="muted">{t({ zh: '授权可以稍后再加。', en: 'Grants can be added later.' })}</span>
        </div>
      </form>
      {make.error && <Failure error={make.error} />}
    </section>
  )
}
