import { useMutation } from '@tanstack/react-query'
import { Button, Popconfirm } from 'antd'
import { useState } from 'react'
import {
  AddGrant,
  DisableAccount,
  EnableAccount,
  EndGrant,
  ResetPassword,
  ResetSecondFactor,
  RevokeAccountSession,
  type AccountView,
} from '#capabilities/people/accounts.contract.ts'
import { call } from '#web/shared/api.ts'
import { useWords } from '#web/shared/language.ts'
import { shanghaiParts } from '#web/shared/time.ts'
import { ROLE_WORDS } from '#web/shared/words.ts'
import { usePlacePath } from '../places/PlacePicker.tsx'
import { Failure } from '../shell/Say.tsx'
import { GrantFields, grantOf, NO_GRANT } from './GrantForm.tsx'
import { accountsChanged, OneTimePassword } from './CreateAccountForm.tsx'

export function Place({ code }: { code: string }) {
  return <>{usePlacePath(code) ?? code}</>
}

/** A grant ends in another year: the whole date. Wall time. */
function dated(iso: string): string {
  const { day, time } = shanghaiParts(Date.parse(iso))
  return `${day} ${time}`
}

/** What an account may do where, and until when. */
function Grants({ account }: { account: AccountView }) {
  const t = useWords()
  const [grant, setGrant] = useState(NO_GRANT)
  const given = grantOf(grant)
  const add = useMutation({
    mutationFn: () => call(AddGrant, { params: { id: account.id }, body: given! }),
    onSuccess: () => {
      setGrant(NO_GRANT)
      accountsChanged()
    },
  })
  const end = useMutation({
    mutationFn: (grantId: string) => call(EndGrant, { params: { id: account.id }, body: { grantId } }),
    onSuccess: accountsChanged,
  })
  return (
    <>
      {account.grants.length === 0 && (
        <p className="muted">
          {t({
            zh: '没有有效授权，登录后什么也看不到。',
            en: 'No grant: nothing can be seen after signing in.',
          })}
        </p>
      )}
      {account.grants.length > 0 && (
        <table className="list small">
          <thead>
            <tr>
              <th>{t({ zh: '岗位', en: 'Role' })}</th>
              <th>{t({ zh: '辖区', en: 'Place' })}</th>
              <th>{t({ zh: '单位', en: 'Unit' })}</th>
              <th>{t({ zh: '开始', en: 'From' })}</th>
              <th>{t({ zh: '结束', en: 'Until' })}</th>
              <th>{t({ zh: '操作', en: 'Action' })}</th>
            </tr>
          </thead>
          <tbody>
            {account.grants.map((g) => (
              <tr key={g.id}>
                <td>{t(ROLE_WORDS[g.role])}</td>
                <td>
                  <Place code={g.placeCode} />
                </td>
                <td className="mono">{g.unitId ?? '—'}</td>
                <td className="mono">{dated(g.from)}</td>
                <td className="mono">{g.until ? dated(g.until) : t({ zh: '长期', en: 'open' })}</td>
                <td>
                  <Button
                    size="small"
                    danger
                    loading={end.isPending && end.variables === g.id}
                    onClick={() => end.mutate(g.id)}
                  >
                    {t({ zh: '结束授权', en: 'End the grant' })}
                  </Button>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <form
        className="row"
        onSubmit={(e) => {
          e.preventDefault()
          add.mutate()
        }}
      >
        <GrantFields draft={grant} onChange={setGrant} />
        <Button type="primary" htmlType="submit" disabled={!given} loading={add.isPending}>
          {t({ zh: '增加授权', en: 'Add the grant' })}
        </Button>
      </form>
      {(add.error ?? end.error) && <Failure error={add.error ?? end.error} />}
    </>
  )
}

type Act = 'disable' | 'enable' | 'password' | 'second' | 'sessions'

const ROUTES = {
  disable: DisableAccount,
  enable: EnableAccount,
  second: ResetSecondFactor,
  sessions: RevokeAccountSession,
} as const
const ACTS = {
  disable: { zh: '停用', en: 'Disable' },
  enable: { zh: '恢复', en: 'Enable' },
  password: { zh: '重置密码', en: 'Reset the password' },
  second: { zh: '清除动态码', en: 'Remove the second factor' },
  sessions: { zh: '结束全部登录', en: 'End all sessions' },
} as const

/** What can be done to an account itself. */
export function Manage({ account }: { account: AccountView }) {
  const t = useWords()
  const [password, setPassword] = useState('')
  const act = useMutation({
    gcTime: 0,
    mutationFn: async (what: Act) => {
      const params = { id: account.id }
      if (what === 'password') setPassword((await call(ResetPassword, { params, body: {} })).oneTimePassword)
      else await call(ROUTES[what], { params, body: {} })
    },
    onSuccess: accountsChanged,
  })
  const acts: Act[] = [
    account.disabled ? 'enable' : 'disable',
    'password',
    ...(account.secondFactor ? (['second'] as const) : []),
    'sessions',
  ]
  return (
    <div className="stack">
      {password && (
        <OneTimePassword username={account.username} password={password} close={() => setPassword('')} />
      )}
      <Grants account={account} />
      <div className="row">
        {acts.map((what) => (
          <Popconfirm
            key={what}
            title={t(ACTS[what])}
            description={t({
              zh: `确定对 ${account.username} 这样做吗？`,
              en: `Do this to ${account.username}?`,
            })}
            okText={t({ zh: '确定', en: 'Yes' })}
            cancelText={t({ zh: '取消', en: 'No' })}
            onConfirm={() => act.mutate(what)}
          >
            <Button danger={what === 'disable'} loading={act.isPending && act.variables === what}>
              {t(ACTS[what])}
            </Button>
          </Popconfirm>
        ))}
      </div>
      {act.error && <Failure error={act.error} />}
    </div>
  )
}
