import { useMutation } from '@tanstack/react-query'
import { Alert, Button, Input, type InputRef } from 'antd'
import QRCode from 'qrcode'
import { useEffect, useState, type ReactNode } from 'react'
import {
  ConfirmSecondFactor,
  DisableSecondFactor,
  RenewRecoveryCodes,
  SetUpSecondFactor,
} from '#capabilities/people/my-account.contract.ts'
import { call } from '#web/shared/api.ts'
import { useWords } from '#web/shared/language.ts'
import { useFocusOnce } from '../shell/focus.ts'
import { Failure } from '../shell/Say.tsx'
import { accountChanged } from './refresh.ts'

function CodeForm(given: {
  label: string
  submit: ReactNode
  pending: boolean
  danger?: boolean
  recovery?: boolean
  onCode: (code: string) => void
}) {
  const [code, setCode] = useState('')
  const field = useFocusOnce<InputRef>()
  const clean = code.trim().toLowerCase()
  const whole = /^\d{6}$/.test(clean) || (given.recovery === true && /^[a-z2-7]{5}-[a-z2-7]{5}$/.test(clean))
  return (
    <form
      className="account-form"
      onSubmit={(event) => {
        event.preventDefault()
        if (whole) given.onCode(clean)
      }}
    >
      <label>
        {given.label}
        <Input
          value={code}
          onChange={(e) => setCode(e.target.value)}
          ref={field}
          autoComplete="one-time-code"
          inputMode={given.recovery ? 'text' : 'numeric'}
          maxLength={11}
        />
      </label>
      <Button
        type="primary"
        danger={given.danger ?? false}
        htmlType="submit"
        loading={given.pending}
        disabled={!whole}
      >
        {given.submit}
      </Button>
    </form>
  )
}

function Codes({ codes, onDone }: { codes: string[]; onDone: () => void }) {
  const t = useWords()
  return (
    <div className="recovery">
      <Alert
        type="warning"
        showIcon
        title={t({
          zh: '请抄下或打印这些恢复码，离开后不再显示。手机不在身边时，每个可用一次。',
          en: 'Write these recovery codes down or print them; they are not shown again. Each works once when your phone is not at hand.',
        })}
      />
      <ol className="recovery-codes mono">
        {codes.map((code) => (
          <li key={code}>
            <code>{code}</code>
          </li>
        ))}
      </ol>
      <Button onClick={onDone}>{t({ zh: '已保存', en: 'I have kept them' })}</Button>
    </div>
  )
}

/** Drawn here: the secret goes to no other server. */
function Qr({ text }: { text: string }) {
  const t = useWords()
  const [image, setImage] = useState('')
  useEffect(() => {
    let gone = false
    void QRCode.toDataURL(text, { margin: 0, width: 400, errorCorrectionLevel: 'M' }).then((url) => {
      if (!gone) setImage(url)
    })
    return () => {
      gone = true
    }
  }, [text])
  return image ? (
    <img
      className="qr"
      src={image}
      alt={t({
        zh: '验证器二维码，与下面的密钥相同',
        en: 'QR code for the authenticator, the same as the key below',
      })}
    />
  ) : (
    <div className="qr" />
  )
}

function SetUp({ onCodes }: { onCodes: (codes: string[]) => void }) {
  const t = useWords()
  const begin = useMutation({ mutationFn: () => call(SetUpSecondFactor, { body: {} }) })
  const confirm = useMutation({
    mutationFn: (code: string) => call(ConfirmSecondFactor, { body: { code } }),
    onSuccess: ({ recoveryCodes }) => onCodes(recoveryCodes),
  })
  if (!begin.data)
    return (
      <>
        <p className="muted">
          {t({
            zh: '登录时除密码外再输入手机验证器上的六位动态码。',
            en: 'At the sign-in you then give six digits from an authenticator app after the password.',
          })}
        </p>
        <Button type="primary" loading={begin.isPending} onClick={() => begin.mutate()}>
          {t({ zh: '开始设置', en: 'Set up' })}
        </Button>
        {begin.isError && <Failure error={begin.error} />}
      </>
    )
  const { secret, uri } = begin.data
  return (
    <>
      <p>
        {t({
          zh: '用验证器应用扫描二维码（或输入下面的密钥、在本机点开链接），再填写显示的六位数字：',
          en: 'Scan the code with an authenticator app (or type the key, or open the link on this device), then give the six digits that it shows:',
        })}
      </p>
      <Qr text={uri} />
      <p>
        <code className="secret">{secret.match(/.{1,4}/g)?.join(' ')}</code>
      </p>
      <p>
        <a href={uri}>{t({ zh: '在本机的验证器中打开', en: 'Open in the authenticator on this device' })}</a>
      </p>
      <CodeForm
        label={t({ zh: '六位动态码', en: 'Six-digit code' })}
        submit={t({ zh: '启用', en: 'Turn on' })}
        pending={confirm.isPending}
        onCode={(code) => confirm.mutate(code)}
      />
      {confirm.isError && <Failure error={confirm.error} />}
    </>
  )
}

function Manage({ left, onCodes }: { left: number; onCodes: (codes: string[]) => void }) {
  const t = useWords()
  const [act, setAct] = useState<'renew' | 'off'>()
  const renew = useMutation({
    mutationFn: (code: string) => call(RenewRecoveryCodes, { body: { code } }),
    onSuccess: ({ recoveryCodes }) => onCodes(recoveryCodes),
  })
  const off = useMutation({
    mutationFn: (code: string) => call(DisableSecondFactor, { body: { code } }),
    onSuccess: accountChanged,
  })
  const doing = act === 'renew' ? renew : off
  return (
    <>
      <p>
        <b>{t({ zh: '✓ 已启用', en: '✓ On' })}</b>{' '}
        <span className="muted">{t({ zh: `剩余恢复码 ${left} 个`, en: `${left} recovery codes left` })}</span>
      </p>
      <div className="row">
        <Button onClick={() => setAct('renew')} aria-expanded={act === 'renew'}>
          {t({ zh: '重新生成恢复码', en: 'New recovery codes' })}
        </Button>
        <Button danger onClick={() => setAct('off')} aria-expanded={act === 'off'}>
          {t({ zh: '停用', en: 'Turn off' })}
        </Button>
      </div>
      {act && (
        <CodeForm
          key={act}
          recovery
          label={t({ zh: '动态码或恢复码', en: 'Code, or a recovery code' })}
          submit={
            act === 'renew'
              ? t({ zh: '确认生成', en: 'Confirm new codes' })
              : t({ zh: '确认停用', en: 'Confirm turning off' })
          }
          danger={act === 'off'}
          pending={doing.isPending}
          onCode={(code) => doing.mutate(code)}
        />
      )}
      {act && doing.isError && <Failure error={doing.error} />}
    </>
  )
}

export function SecondFactor({ on, left }: { on: boolean; left: number }) {
  const t = useWords()
  const [codes, setCodes] = useState<string[]>()
  const done = () => {
    setCodes(undefined)
    accountChanged()
  }
  return (
    <section className="card" aria-labelledby="account-second">
      <h2 id="account-second">{t({ zh: '动态码（第二重验证）', en: 'Second factor' })}</h2>
      {codes ? (
        <Codes codes={codes} onDone={done} />
      ) : on ? (
        <Manage left={left} onCodes={setCodes} />
      ) : (
        <SetUp onCodes={setCodes} />
      )}
    </section>
  )
}
