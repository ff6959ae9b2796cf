import { Spin } from 'antd'
import { Link, Outlet, useRouterState } from '@tanstack/react-router'
import { lazy, Suspense, useEffect, useRef } from 'react'
import { useWords } from '#web/shared/language.ts'
import { shanghaiParts } from '#web/shared/time.ts'
import { SignIn } from '../people/SignIn.tsx'
import { Who } from '../people/Who.tsx'
import { useNow } from './clock.ts'
import { LanguageSwitch } from './LanguageSwitch.tsx'
import { LiveStream, useConnected } from './live.tsx'
import { useMay, useMe } from './me.ts'
import { Failure } from './Say.tsx'

/** Whoever must first set a password or a second factor has no other page, whatever the address says. */
const AccountFirst = lazy(async () => ({
  default: (await import('../account/AccountPage.tsx')).AccountPage,
}))

const RAIL = [
  {
    to: '/',
    permission: 'orders.read',
    icon: 'M3 4h10M3 8h10M3 12h6',
    words: { zh: '工单队列', en: 'Queue' },
  },
  {
    to: '/intake',
    permission: 'requests.receive',
    icon: 'M3 13V3h10v6M6 6h4M6 9h2M10 13l4-4',
    words: { zh: '诉求登记', en: 'Intake' },
  },
  {
    to: '/notices',
    permission: 'orders.read',
    icon: 'M3 11h10l-1-2V7a4 4 0 0 0-8 0v2ZM7 13h2',
    words: { zh: '提醒', en: 'Notices' },
  },
  {
    to: '/supervision',
    permission: 'orders.supervise',
    icon: 'M1 8s3-4.5 7-4.5S15 8 15 8s-3 4.5-7 4.5S1 8 1 8ZM8 10a2 2 0 1 0 0-4 2 2 0 0 0 0 4Z',
    words: { zh: '督办台', en: 'Supervision' },
  },
  {
    to: '/arbitration',
    permission: 'orders.arbitrate',
    icon: 'M8 2v12M4 14h8M3 5h10M3 5 1 9h4ZM13 5l-2 4h4Z',
    words: { zh: '仲裁台', en: 'Arbitration' },
  },
  {
    to: '/processes',
    permission: 'orders.read',
    icon: 'M2 4h4v4H2ZM10 2h4v4h-4ZM10 10h4v4h-4ZM6 6h2M8 4v8h2M8 4h2',
    words: { zh: '协同流程', en: 'Processes' },
  },
  {
    to: '/statistics',
    permission: 'statistics.read',
    icon: 'M3 13V8M7 13V4M11 13V6M15 13H1',
    words: { zh: '统计', en: 'Statistics' },
  },
  {
    to: '/rounds',
    permission: 'screening.read',
    icon: 'M8 2a6 6 0 1 0 6 6M8 5v3l2 2M11 2l3 1-1 3',
    words: { zh: '筛查轮次', en: 'Rounds' },
  },
  {
    to: '/backlog',
    permission: 'screening.read',
    icon: 'M2 3h12l-4 5v5l-4-2V8Z',
    words: { zh: '积压与能力', en: 'Backlog' },
  },
  {
    to: '/sites',
    permission: null,
    icon: 'M8 14s5-4.5 5-8A5 5 0 0 0 3 6c0 3.5 5 8 5 8ZM8 7.5v-3M6.5 6h3',
    words: { zh: '采样点与医院', en: 'Sites, hospitals' },
  },
  {
    to: '/circle',
    permission: 'screening.read',
    icon: 'M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2ZM8 6a2 2 0 1 0 0 4 2 2 0 0 0 0-4Z',
    words: { zh: '15分钟采样圈', en: '15-minute circle' },
  },
  {
    to: '/labs',
    permission: 'results.write',
    icon: 'M6 2h4M7 2v4l-4 7a1 1 0 0 0 1 1h8a1 1 0 0 0 1-1L9 6V2M5 10h6',
    words: { zh: '实验室', en: 'Laboratory' },
  },
  {
    to: '/tubes',
    permission: 'tubes.read',
    icon: 'M5 2h6M6 2v10a2 2 0 0 0 4 0V2M6 8h4',
    words: { zh: '采样管', en: 'Tubes' },
  },
  {
    to: '/people',
    permission: 'people.read',
    icon: 'M8 8a3 3 0 1 0 0-6 3 3 0 0 0 0 6ZM2 14a6 6 0 0 1 12 0',
    words: { zh: '人员名册', en: 'People' },
  },
  {
    to: '/policy',
    permission: null,
    icon: 'M4 2h6l3 3v9H4ZM6 7h5M6 10h5',
    words: { zh: '政策包', en: 'Policy' },
  },
  {
    to: '/appeals',
    permission: 'appeals.answer',
    icon: 'M3 3h10v7H8l-3 3v-3H3ZM8 5v2M8 8.5v.2',
    words: { zh: '申诉复核', en: 'Appeals' },
  },
  {
    to: '/glass',
    permission: 'glass.break',
    icon: 'M4 7V5a4 4 0 0 1 8 0v2M3 7h10v7H3ZM8 9l-1 2h2l-1 2',
    words: { zh: '越权查看', en: 'Break the glass' },
  },
  {
    to: '/accounts',
    permission: 'accounts.write',
    icon: 'M6 8a3 3 0 1 0 0-6 3 3 0 0 0 0 6ZM1 14a5 5 0 0 1 8-4M11 10v5M8.5 12.5h5',
    words: { zh: '账号与授权', en: 'Accounts' },
  },
  {
    to: '/audit',
    permission: 'audit.read',
    icon: 'M3 2h10v12H3ZM5.5 5.5h5M5.5 8.5h5M5.5 11.5h3',
    words: { zh: '审计', en: 'Audit' },
  },
] as const

function Icon({ path }: { path: string }) {
  return (
    <svg className="rail-mark" viewBox="0 0 16 16" aria-hidden>
      <path d={path} />
    </svg>
  )
}

function CityTime() {
  const t = useWords()
  const now = shanghaiParts(useNow(1_000))
  return (
    <span className="city-time">
      <span className="muted">{t({ zh: '城市时间', en: 'City time' })}</span> {now.day}{' '}
      <b>
        {now.time}:{now.seconds}
      </b>
    </span>
  )
}

function LiveMark() {
  const t = useWords()
  const connected = useConnected()
  return (
    <span className={connected ? 'live' : 'live behind'}>
      <span aria-hidden>{connected ? '●' : '○'}</span>{' '}
      {connected
        ? t({ zh: '实时', en: 'Live' })
        : t({ zh: '实时中断，画面可能滞后', en: 'Not live: this may be behind' })}
    </span>
  )
}

function Rail() {
  const t = useWords()
  const may = useMay()
  return (
    <nav className="rail" aria-label={t({ zh: '工作台', en: 'Console' })}>
      {RAIL.filter((item) => item.permission === null || may(item.permission)).map((item) => (
        <Link
          key={item.to}
          to={item.to}
          className="rail-item"
          activeProps={{ className: 'rail-item on' }}
          activeOptions={{ exact: item.to === '/', includeSearch: false }}
        >
          <Icon path={item.icon} />
          {t(item.words)}
        </Link>
      ))}
      {may('wall.read') && (
        <a className="rail-item" href="/wall">
          <Icon path="M2 3h12v8H2ZM6 14h4M8 11v3" />
          {t({ zh: '城市大屏', en: 'City wall' })}
        </a>
      )}
    </nav>
  )
}

function Desk() {
  const t = useWords()
  const main = useRef<HTMLElement>(null)
  const must = useMe().data?.must ?? null
  const path = useRouterState({ select: (s) => s.location.pathname })
  // A new page begins at its top for keyboard and screen reader too.
  const before = useRef(path)
  useEffect(() => {
    if (before.current !== path) main.current?.focus({ preventScroll: true })
    before.current = path
  }, [path])
  return (
    <div className="desk">
      <a className="skip" href="#main">
        {t({ zh: '跳到正文', en: 'Skip to content' })}
      </a>
      <header className="top">
        <Link to="/" className="brand">
          CityLoop <span>{t({ zh: '工作台', en: 'Console' })}</span>
        </Link>
        <CityTime />
        <LiveMark />
        <span className="grow" />
        <LanguageSwitch />
        <Who />
      </header>
      <Rail />
      <main id="main" ref={main} tabIndex={-1}>
        <Suspense fallback={<Spin className="waiting" />}>{must ? <AccountFirst /> : <Outlet />}</Suspense>
      </main>
    </div>
  )
}

/** Everything stands behind the sign-in; it appears over the address that was asked for. */
export function Shell() {
  const me = useMe()
  if (me.isPending) return <Spin className="waiting" />
  if (me.isError) {
    return (
      <div className="sign-in">
        <Failure error={me.error} retry={() => void me.refetch()} />
      </div>
    )
  }
  if (me.data.kind !== 'staff') return <SignIn />
  return (
    <LiveStream>
      <Desk />
    </LiveStream>
  )
}
