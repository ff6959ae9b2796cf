import { useInfiniteQuery, useMutation } from '@tanstack/react-query'
import { Alert, Button, Input, Popconfirm, Spin } from 'antd'
import { useState } from 'react'
import {
  AddGrant,
  CreateAccount,
  DisableAccount,
  EnableAccount,
  EndGrant,
  ListAccounts,
  ResetPassword,
  ResetSecondFactor,
  RevokeAccountSession,
  type AccountView,
} from '#capabilities/people/accounts.contract.ts'
import { call, clientId } from '#web/shared/api.ts'
import { useWords } from '#web/shared/language.ts'
import { shanghaiParts } from '#web/shared/time.ts'
import { ROLE_WORDS } from '#web/shared/words.ts'
import { PlacePicker, usePlacePath } from '../places/PlacePicker.tsx'
import { useMay, useOwnPlace } from '../shell/me.ts'
import { queryClient } from '../shell/query.ts'
import { Failure, NotForYou, Nothing } from '../shell/Say.tsx'
import { useTitle } from '../shell/title.ts'
import { GrantFields, grantOf, NO_GRANT } from './GrantForm.tsx'

const changed = () => void queryClient.invalidateQueries({ queryKey: [ListAccounts.id] })

function OneTimePassword({
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
              en: 'Tell it to the person directly; it must be changed at the first sign-in.',
            })}
          </p>
          <Button onClick={close}>{t({ zh: '已告知', en: 'Done' })}</Button>
        </>
      }
    />
  )
}

function Create() {
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
      changed()
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

function Place({ code }: { code: string }) {
  return <>{usePlacePath(code) ?? code}</>
}

/** A grant ends in another year: the whole date. Wall time. */
function dated(iso: string): string {
  const { day, time } = shanghaiParts(Date.parse(iso))
  return `${day} ${time}`
}

function Grants({ account }: { account: AccountView }) {
  const t = useWords()
  const [grant, setGrant] = useState(NO_GRANT)
  const given = grantOf(grant)
  const add = useMutation({
    mutationFn: () => call(AddGrant, { params: { id: account.id }, body: given! }),
    onSuccess: () => {
      setGrant(NO_GRANT)
      changed()
    },
  })
  const end = useMutation({
    mutationFn: (grantId: string) => call(EndGrant, { params: { id: account.id }, body: { grantId } }),
    onSuccess: changed,
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

function Manage({ account }: { account: AccountView }) {
  const t = useWords()
  const [password, setPassword] = useState('')
  const act = useMutation({
    gcTime: 0,
    mutationFn: async (what: Act) => {
      const params = { id: account.id }
      if (what === 'password') setPassword((await call(ResetPassword, { params, body: {} })).oneTimePassword)
      else await call(ROUTES[what], { params, body: {} })
    },
    onSuccess: changed,
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

function Rows({ account, open, toggle }: { account: AccountView; open: boolean; toggle: () => void }) {
  const t = useWords()
  const marks = [
    account.disabled && t({ zh: '✗ 已停用', en: '✗ disabled' }),
    account.locked && t({ zh: '⚠ 已锁定', en: '⚠ locked' }),
    account.passwordOnce && t({ zh: '待改密码', en: 'password to change' }),
    account.simulated && t({ zh: '模拟', en: 'simulated' }),
  ].filter(Boolean)
  return (
    <>
      <tr>
        <th scope="row" className="mono">
          {account.username}
        </th>
        <td lang="zh-CN">{account.name}</td>
        <td>
          <Place code={account.placeCode} />
        </td>
        <td>{[...new Set(account.grants.map((g) => t(ROLE_WORDS[g.role])))].join('、') || '—'}</td>
        <td>{account.secondFactor ? t({ zh: '✓ 有', en: '✓ on' }) : t({ zh: '无', en: 'off' })}</td>
        <td>{marks.join(' · ') || t({ zh: '正常', en: 'in use' })}</td>
        <td>
          <Button
            size="small"
            onClick={toggle}
            aria-expanded={open}
            aria-label={`${open ? t({ zh: '收起', en: 'Close' }) : t({ zh: '管理', en: 'Manage' })} ${account.username}`}
          >
            {open ? t({ zh: '收起', en: 'Close' }) : t({ zh: '管理', en: 'Manage' })}
          </Button>
        </td>
      </tr>
      {open && (
        <tr>
          <td colSpan={7}>
            <Manage account={account} />
          </td>
        </tr>
      )}
    </>
  )
}

/** Accounts of the administrator's place: who there is, with what for how long, and what is done when a phone is lost. */
export function AccountsPage() {
  const t = useWords()
  const may = useMay()
  const [open, setOpen] = useState<string>()
  const [making, setMaking] = useState(false)
  useTitle(t({ zh: '账号与授权', en: 'Accounts' }))
  const list = useInfiniteQuery({
    queryKey: [ListAccounts.id],
    queryFn: ({ pageParam, signal }) =>
      call(ListAccounts, { query: pageParam ? { after: pageParam } : {}, signal }),
    initialPageParam: '',
    getNextPageParam: (last) => last.next ?? undefined,
    enabled: may('accounts.write'),
  })
  if (!may('accounts.write')) return <NotForYou />
  const accounts = list.data?.pages.flatMap((p) => p.items)
  return (
    <>
      <div className="page-head">
        <h1>{t({ zh: '账号与授权', en: 'Accounts' })}</h1>
        <span className="grow" />
        <Button
          type={making ? 'default' : 'primary'}
          onClick={() => setMaking(!making)}
          aria-expanded={making}
        >
          {making ? t({ zh: '收起', en: 'Close' }) : t({ zh: '新建账号', en: 'New account' })}
        </Button>
      </div>
      <div className="stack">
        {making && <Create />}
        {list.error && <Failure error={list.error} retry={() => void list.refetch()} />}
        {list.isPending && <Spin className="waiting" />}
        {accounts?.length === 0 && (
          <Nothing title={t({ zh: '辖区内还没有账号', en: 'No accounts in your place yet' })} />
        )}
        {accounts && accounts.length > 0 && (
          <div className="scroll">
            <table className="list">
              <thead>
                <tr>
                  <th>{t({ zh: '账号名', en: 'User name' })}</th>
                  <th>{t({ zh: '姓名', en: 'Name' })}</th>
                  <th>{t({ zh: '归属', en: 'Belongs to' })}</th>
                  <th>{t({ zh: '岗位', en: 'Roles' })}</th>
                  <th>{t({ zh: '动态码', en: 'Second factor' })}</th>
                  <th>{t({ zh: '状态', en: 'State' })}</th>
                  <th>{t({ zh: '操作', en: 'Action' })}</th>
                </tr>
              </thead>
              <tbody>
                {accounts.map((a) => (
                  <Rows
                    key={a.id}
                    account={a}
                    open={open === a.id}
                    toggle={() => setOpen(open === a.id ? undefined : a.id)}
                  />
                ))}
              </tbody>
            </table>
          </div>
        )}
        {list.hasNextPage && (
          <Button loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
            {t({ zh: '更多', en: 'More' })}
          </Button>
        )}
      </div>
    </>
  )
}
