import { Alert, Button } from 'antd'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { ApiError, NoAnswer } from '#web/shared/api.ts'
import { useLanguage, useWords, type Language } from '#web/shared/language.ts'

/** What went wrong, in the words of the API, and what to do. */
export function problemText(error: unknown, language: Language): string {
  if (error instanceof ApiError) return language === 'zh' ? error.problem.titleZh : error.problem.title
  if (error instanceof NoAnswer) {
    return language === 'zh'
      ? '服务器没有回答，请检查网络后再试'
      : 'The server does not answer: check the network and try again'
  }
  return language === 'zh' ? '页面出错，请刷新' : 'The page failed: reload it'
}

export const codeOf = (error: unknown) => (error instanceof ApiError ? error.problem.code : '')

export function Failure({ error, retry }: { error: unknown; retry?: () => void }) {
  const t = useWords()
  const language = useLanguage()
  return (
    <Alert
      type="error"
      showIcon
      role="alert"
      title={problemText(error, language)}
      action={retry && <Button onClick={retry}>{t({ zh: '再试一次', en: 'Try again' })}</Button>}
    />
  )
}

export function Nothing({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="nothing">
      <p className="nothing-title">{title}</p>
      {children && <div className="muted">{children}</div>}
    </div>
  )
}

export function NotFound() {
  const t = useWords()
  return (
    <Nothing title={t({ zh: '没有这个页面', en: 'There is no such page' })}>
      <Link to="/">{t({ zh: '回到工单队列', en: 'Back to the queue' })}</Link>
    </Nothing>
  )
}

/** A page that the role does not have; the rail does not show it, an address that was sent may lead here. */
export function NotForYou() {
  const t = useWords()
  return (
    <Nothing title={t({ zh: '您的岗位不用这个页面', en: 'This page is not for your role' })}>
      {t({
        zh: '请从左侧选择，或换一个账号登录。',
        en: 'Choose from the left, or sign in with another account.',
      })}
    </Nothing>
  )
}
