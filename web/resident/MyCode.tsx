import { useEffect, useState } from 'react'
import { link } from '#web/shared/address.ts'
import { ApiError, call } from '#web/shared/api.ts'
import { useLanguage, useWords } from '#web/shared/language.ts'
import { GetMyCode } from '#web/shared/routes.ts'
import { shanghaiParts } from '#web/shared/time.ts'
import { useAwake } from './awake.ts'
import { keepCode, keptCode, type KeptCode } from './kept-code.ts'
import { useSession } from './session.ts'

const RETRY_MS = 10_000

/** Seconds of this device's own clock: what holds for minutes is wall time, and the sampler has a watch too. */
function useSeconds(): number {
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    const timer = setInterval(() => setNow(Math.floor(Date.now() / 1000) * 1000), 200)
    return () => clearInterval(timer)
  }, [])
  return now
}

/** A code that is changed for a new one when a third of its time is over, so that a lost network leaves most of it. */
function useMyCode(): { code: KeptCode | null; problem: ApiError['problem'] | null } {
  const { owner, reachable } = useSession()
  const [fresh, setFresh] = useState<KeptCode | null>(null)
  const [problem, setProblem] = useState<ApiError['problem'] | null>(null)
  useEffect(() => {
    if (owner === null) return
    let gone = false
    let timer: ReturnType<typeof setTimeout>
    const load = async () => {
      clearTimeout(timer)
      let wait = RETRY_MS
      try {
        const said = await call(GetMyCode)
        if (gone) return
        const from = Date.now()
        const life = said.validForSeconds * 1000
        const code = { owner, svg: said.svg, nameMasked: said.nameMasked, from, until: from + life }
        keepCode(code)
        setFresh(code)
        setProblem(null)
        wait = life / 3
      } catch (error) {
        if (gone) return
        if (error instanceof ApiError) setProblem(error.problem)
      }
      timer = setTimeout(() => void load(), wait)
    }
    void load()
    // A telephone that slept in a pocket has slept through its timers.
    const shown = () => document.visibilityState === 'visible' && void load()
    document.addEventListener('visibilitychange', shown)
    return () => {
      gone = true
      clearTimeout(timer)
      document.removeEventListener('visibilitychange', shown)
    }
  }, [owner])
  return { code: fresh?.owner === owner && fresh ? fresh : keptCode(owner, reachable), problem }
}

/** My code for the sampling table: large and bright, alive, and for some minutes also without a network. */
export function MyCode() {
  const t = useWords()
  const { me, isResident, reachable } = useSession()
  const { code, problem } = useMyCode()
  const now = useSeconds()
  const holds = code !== null && now < code.until
  return (
    <>
      {me && !isResident && (
        <p>
          <a className="button" {...link('/sign-in?then=/my/code')}>
            {t({ zh: '登录后出示采样码', en: 'Sign in to show your code' })}
          </a>
        </p>
      )}
      {problem && !holds && (
        <p className="bad" role="alert">
          {t({ zh: problem.titleZh, en: problem.title })}
        </p>
      )}
      {!holds && !problem && !reachable && (
        <p className="bad">
          {t({
            zh: '现在连不上，手机上的采样码已过期。一连上网就会换新；也可以向采样员报手机号或证件号。',
            en: 'No connection, and the code on this phone has run out. A new one comes with the network; you can also tell the sampler your telephone or identity number.',
          })}
        </p>
      )}
      {holds && <Shown code={code} now={now} />}
      <p className="muted">
        {t({
          zh: '采样员扫这个码，就知道管里是谁。码里看不出姓名和号码，几分钟换一次。家里没有手机的人，请向居委要纸质码。',
          en: 'The sampler scans it to know who is in the tube. It shows no name and no number, and changes every few minutes. Whoever has no telephone gets a paper code from the neighbourhood office.',
        })}
      </p>
    </>
  )
}

function Shown({ code, now }: { code: KeptCode; now: number }) {
  const t = useWords()
  const language = useLanguage()
  useAwake()
  const { time, seconds } = shanghaiParts(now)
  const until = shanghaiParts(code.until).time
  const left = Math.floor((code.until - now) / 60_000)
  const minutes = left > 0 ? String(left) : t({ zh: '不到 1', en: 'less than 1' })
  return (
    <article className="carry my-code" aria-labelledby="code-title">
      <h1 id="code-title">{t({ zh: '我的采样码', en: 'My sampling code' })}</h1>
      <p className="seconds">
        <span className="carry-name" lang="zh-CN">
          {code.nameMasked}
        </span>
        <time>
          {time}:{seconds}
        </time>
      </p>
      <div className="seconds-bar" aria-hidden="true">
        <span style={{ width: `${((Number(seconds) + 1) / 60) * 100}%` }} />
      </div>
      <img
        className="code"
        src={`data:image/svg+xml,${encodeURIComponent(code.svg)}`}
        alt={t({ zh: '采样码', en: 'Code for sampling' })}
      />
      <p className={left <= 2 ? 'amber' : undefined}>
        {language === 'zh'
          ? `${until} 前有效（剩 ${minutes} 分），断网也能用到那时。`
          : `Holds until ${until} (${minutes} min left), also without a network.`}
      </p>
      <p className="muted">
        {t({
          zh: '秒条在走才是真的，截图不算。扫不出来时，请把屏幕亮度调到最高。',
          en: 'It is real while the seconds move; a screenshot does not count. If it does not scan, turn the brightness all the way up.',
        })}
      </p>
    </article>
  )
}
