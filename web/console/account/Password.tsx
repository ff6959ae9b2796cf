import { useMutation } from '@tanstack/react-query'
import { Alert, Button, Input } from 'antd'
import { useState } from 'react'
import { ChangePassword } from '#capabilities/people/my-account.contract.ts'
import { call } from '#web/shared/api.ts'
import { useWords } from '#web/shared/language.ts'
import { Failure } from '../shell/Say.tsx'
import { accountChanged } from './refresh.ts'

const SHORTEST = 12

export function Password({ username }: { username: string }) {
  const t = useWords()
  const [old, setOld] = useState('')
  const [fresh, setFresh] = useState('')
  const change = useMutation({
    mutationFn: () => call(ChangePassword, { body: { old, new: fresh } }),
    onSuccess: () => {
      setOld('')
      setFresh('')
      accountChanged()
    },
  })
  return (
    <section className="card" aria-labelledby="account-password">
      <h2 id="account-password">{t({ zh: '修改密码', en: 'Change password' })}</h2>
      <form
        className="account-form"
        onSubmit={(event) => {
          event.preventDefault()
          change.mutate()
        }}
      >
        <input type="hidden" name="username" autoComplete="username" value={username} />
        <label>
          {t({ zh: '原密码', en: 'Old password' })}
          <Input.Password
            value={old}
            onChange={(e) => setOld(e.target.value)}
            autoComplete="current-password"
            maxLength={200}
            visibilityToggle={false}
          />
        </label>
        <label>
          {t({ zh: '新密码（至少 12 个字符）', en: 'New password (at least 12 characters)' })}
          <Input.Password
            value={fresh}
            onChange={(e) => setFresh(e.target.value)}
            autoComplete="new-password"
            maxLength={200}
            visibilityToggle={false}
          />
        </label>
        <Button
          type="primary"
          htmlType="submit"
          loading={change.isPending}
          disabled={!old || fresh.length < SHORTEST || fresh === old}
        >
          {t({ zh: '修改', en: 'Change' })}
        </Button>
      </form>
      {change.isError && <Failure error={change.error} />}
      {change.isSuccess && (
        <Alert
          type="success"
          showIcon
          title={t({
            zh: '密码已修改，其他登录已全部结束',
            en: 'The password is changed; all other sessions have ended',
          })}
        />
      )}
    </section>
  )
}
