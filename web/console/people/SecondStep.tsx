import { useMutation } from '@tanstack/react-query'
import { Alert, Button, Input, type InputRef } from 'antd'
import { useState } from 'react'
import { SignInSecond } from '#capabilities/people/my-account.contract.ts'
import { call } from '#web/shared/api.ts'
import { useLanguage, useWords } from '#web/shared/language.ts'
import { useFocusOnce } from '../shell/focus.ts'
import { become } from '../shell/me.ts'
import { codeOf, problemText } from '../shell/Say.tsx'

/** The second step of the sign-in; `onOver` leads back to the first. */
export function SecondStep({ onOver }: { onOver: () => void }) {
  const t = useWords()
  const language = useLanguage()
  const [code, setCode] = useState('')
  const field = useFocusOnce<InputRef>()
  const clean = code.trim().toLowerCase()
  const enter = useMutation({
    mutationFn: () => call(SignInSecond, { body: { code: clean } }),
    onSuccess: become,
    onError: () => setCode(''),
  })
  const over = codeOf(enter.error) === 'second_factor_expired'
  return (
    <>
      <form
        className="card sign-in-form"
        onSubmit={(event) => {
          event.preventDefault()
          enter.mutate()
        }}
      >
        <label>
          {t({
            zh: '验证器上的六位动态码，或恢复码',
            en: 'Six digits from your authenticator, or a recovery code',
          })}
          <Input
            value={code}
            onChange={(e) => setCode(e.target.value)}
            ref={field}
            autoComplete="one-time-code"
            maxLength={11}
            disabled={over}
          />
        </label>
        <Button onClick={onOver}>{t({ zh: '重新登录', en: 'Start again' })}</Button>
        <Button
          type="primary"
          htmlType="submit"
          loading={enter.isPending}
          disabled={over || !/^(\d{6}|[a-z2-7]{5}-[a-z2-7]{5})$/.test(clean)}
        >
          {t({ zh: '继续', en: 'Continue' })}
        </Button>
      </form>
      {enter.isError && (
        <Alert type="error" showIcon role="alert" title={problemText(enter.error, language)} />
      )}
    </>
  )
}
