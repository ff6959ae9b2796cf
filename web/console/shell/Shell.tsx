import { Spin } from 'antd'
import { Link, Outlet, useRouterState } from '@tanstack/react-router'
import { Suspense, useEffect, useRef } from 'react'
import { useWords } from '#web/shared/language.ts'
import { shanghaiParts } from '#web/shared/time.ts'
import { SignIn } from '../people/SignIn.tsx'
import { Who } from '../people/Who.tsx'
import { useNow } from './clock.ts'
import { LanguageSwitch } from './LanguageSwitch.tsx'
import { LiveStream, useConnected } from './live.tsx'
import { useMay, useMe } from './me.ts'
import { Failure } from './Say.tsx'

const RAIL = [
  { to: '/', permission: 'orders.read', mark: '单', words: { zh: '工单队列', en: 'Queue' } },
  { to: '/intake', permission: 'requests.receive', mark: '接', words: { zh: '诉求登记', en: 'Intake' } },
  { to: '/statistics', permission: 'statistics.read', mark: '统', words: { zh: '统计', en: 'Statistics' } },
  { to: '/sites', permission: null, mark: '点', words: { zh: '采样点与医院', en: 'Sites, hospitals' } },
] as const

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
          <span className="rail-mark" aria-hidden lang="zh">
            {item.mark}
          </span>
          {t(item.words)}
        </Link>
      ))}
      {may('wall.read') && (
        <a className="rail-item" href="/wall">
          <span className="rail-mark" aria-hidden lang="zh">
            屏
          </span>
          {t({ zh: '城市大屏', en: 'City wall' })}
        </a>
      )}
    </nav>
  )
}

function Desk() {
  const t = useWords()
  const main = useRef<HTMLElement>(null)
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
        <Suspense fallback={<Spin className="waiting" />}>
          <Outlet />
        </Suspense>
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
