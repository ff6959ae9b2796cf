import { lazy, Suspense, useEffect } from 'react'
import { go, link, useAddress } from '#web/shared/address.ts'
import { setLanguage, useLanguage, useWords } from '#web/shared/language.ts'
import { Ask } from './Ask.tsx'
import { Home } from './Home.tsx'
import { Mine } from './Mine.tsx'
import { MyCode } from './MyCode.tsx'
import { MyResults } from './MyResults.tsx'
import { Nearby } from './Nearby.tsx'
import { Progress } from './Progress.tsx'
import { ResultCard } from './ResultCard.tsx'
import { SessionProvider, outbox, useSession, useSessionState } from './session.ts'
import { SignIn } from './SignIn.tsx'

// Read seldom: it does not weigh on the first view. Without a network it says so instead of failing.
const MyData = lazy(() =>
  import('./MyData.tsx').then(
    (m) => ({ default: m.MyData }),
    () => ({ default: Away }),
  ),
)

const Antigen = lazy(() =>
  import('./Antigen.tsx').then(
    (m) => ({ default: m.Antigen }),
    () => ({ default: Away }),
  ),
)

const Decisions = lazy(() =>
  import('./Decisions.tsx').then(
    (m) => ({ default: m.Decisions }),
    () => ({ default: Away }),
  ),
)

function Away() {
  const t = useWords()
  return (
    <p className="bad">
      {t({ zh: '现在连不上，请稍后再打开这一页。', en: 'No connection now; open this page again later.' })}
    </p>
  )
}

const TABS = [
  { to: '/', zh: '首页', en: 'Home', mark: '⌂' },
  { to: '/ask', zh: '有事请说', en: 'Ask', mark: '✎' },
  { to: '/my', zh: '我的诉求', en: 'Mine', mark: '☰' },
  { to: '/sites', zh: '附近', en: 'Nearby', mark: '◎' },
] as const

function TopBar() {
  const t = useWords()
  const language = useLanguage()
  const { me, isResident } = useSession()
  return (
    <header className="top">
      <a className="brand" {...link('/')}>
        <img src="/icon.svg" alt="" width="32" height="32" />
        城环 <span lang="en">CityLoop</span>
      </a>
      <button
        type="button"
        className="plain"
        lang={language === 'zh' ? 'en' : 'zh-CN'}
        onClick={() => setLanguage(language === 'zh' ? 'en' : 'zh')}
      >
        {language === 'zh' ? 'English' : '中文'}
      </button>
      {me && (
        <a className="plain" {...link('/sign-in')}>
          {isResident ? me.name : t({ zh: '登录', en: 'Sign in' })}
        </a>
      )}
    </header>
  )
}

function Screen() {
  const { path } = useAddress()
  if (path === '/ask') return <Ask />
  if (path === '/my') return <Mine />
  if (path === '/my/antigen')
    return (
      <Suspense fallback={null}>
        <Antigen />
      </Suspense>
    )
  if (path === '/my/data' || path === '/my/decisions')
    return <Suspense fallback={null}>{path === '/my/data' ? <MyData /> : <Decisions />}</Suspense>
  // Not loaded apart: a code and a card must open where there is no network.
  if (path === '/my/code') return <MyCode />
  if (path === '/my/results') return <MyResults />
  if (path.startsWith('/my/results/')) return <ResultCard key={path} tube={path.slice(12)} />
  if (path.startsWith('/my/')) return <Progress key={path} id={path.slice(4)} />
  if (path === '/sites') return <Nearby kind="sites" />
  if (path === '/hospitals') return <Nearby kind="hospitals" />
  if (path === '/sign-in') return <SignIn />
  return <Home />
}

function Tabs() {
  const t = useWords()
  const { path } = useAddress()
  const here = (to: string) =>
    to === '/' ? path === '/' : path.startsWith(to) || (to === '/sites' && path === '/hospitals')
  return (
    <nav className="tabs" aria-label={t({ zh: '主要页面', en: 'Main pages' })}>
      {TABS.map((tab) => (
        <a key={tab.to} {...link(tab.to)} aria-current={here(tab.to) ? 'page' : undefined}>
          <span aria-hidden="true">{tab.mark}</span>
          {t(tab)}
        </a>
      ))}
    </nav>
  )
}

export function App() {
  const session = useSessionState()
  const t = useWords()
  useEffect(
    () =>
      // A text that was sent while its page was open shows its progress at once.
      outbox.onAnswer((id) => {
        if (location.pathname === '/ask' && new URLSearchParams(location.search).get('sending') === id)
          go(`/my/${id}`, { replace: true })
      }),
    [],
  )
  return (
    <SessionProvider value={session}>
      <TopBar />
      {!session.reachable && (
        <output className="band">
          {t({
            zh: '现在连不上。您写的话会存在这部手机上，一有网络就送出。急事请拨打 12345；有生命危险请拨打 120。',
            en: 'No connection now. What you write is kept on this phone and sent as soon as the network is back. If it is urgent call 12345; when life is in danger call 120.',
          })}
        </output>
      )}
      <main>
        <Screen />
      </main>
      <Tabs />
    </SessionProvider>
  )
}
