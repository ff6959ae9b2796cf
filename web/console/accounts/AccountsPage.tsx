import { useInfiniteQuery } from '@tanstack/react-query'
import { Button, Spin } from 'antd'
import { useState } from 'react'
import { ListAccounts, type AccountView } from '#capabilities/people/accounts.contract.ts'
import { call } from '#web/shared/api.ts'
import { useWords } from '#web/shared/language.ts'
import { ROLE_WORDS } from '#web/shared/words.ts'
import { useMay } from '../shell/me.ts'
import { Failure, NotForYou, Nothing } from '../shell/Say.tsx'
import { useTitle } from '../shell/title.ts'
import { CreateAccountForm } from './CreateAccountForm.tsx'
import { Manage, Place } from './ManageAccount.tsx'

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
        {making && <CreateAccountForm />}
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
