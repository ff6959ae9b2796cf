import { useMutation } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Button } from 'antd'
import { SignOut } from '#capabilities/people/contract.ts'
import { call } from '#web/shared/api.ts'
import { useLanguage, useWords } from '#web/shared/language.ts'
import { ROLE_WORDS } from '#web/shared/words.ts'
import { become, useMe } from '../shell/me.ts'

/** Name, role, place and unit of who sits here, and the way out. */
export function Who() {
  const t = useWords()
  const language = useLanguage()
  const { data: me } = useMe()
  const leave = useMutation({ mutationFn: () => call(SignOut), onSettled: () => become(undefined) })
  if (!me) return null
  const unit = me.unit && (language === 'zh' ? me.unit.name : me.unit.nameEn)
  return (
    <div className="who">
      <div>
        <Link to="/account" title={t({ zh: '我的账号', en: 'My account' })}>
          <b>{me.name}</b>
        </Link>{' '}
        <span className="role">{me.roles.map((role) => t(ROLE_WORDS[role])).join(' · ')}</span>
        <div className="muted">{[unit, me.place?.path].filter(Boolean).join(' · ')}</div>
      </div>
      <Button onClick={() => leave.mutate()} loading={leave.isPending}>
        {t({ zh: '退出', en: 'Sign out' })}
      </Button>
    </div>
  )
}
