import { useEffect, useState } from 'react'
import { go, link } from '#web/shared/address.ts'
import { call } from '#web/shared/api.ts'
import { useWords } from '#web/shared/language.ts'
import { useCityTime } from '#web/shared/now.ts'
import { SearchAnswers, type Answer } from '#web/shared/routes.ts'
import { when } from '#web/shared/time.ts'
import { emptyDraft, keepDraft, readDraft } from './draft.ts'
import { DutyCard } from './Duty.tsx'
import { keptCode } from './kept-code.ts'
import { isOpen, RequestCard, useMyRequests } from './Mine.tsx'
import { RESULT_WORDS, useMyResults } from './result-facts.tsx'
import { MySlots } from './MySlots.tsx'
import { HospitalCard, useNearby } from './Nearby.tsx'
import { SiteCard } from './SiteCard.tsx'
import { PendingList } from './PendingList.tsx'
import { usePosition } from './position.ts'
import { useSession } from './session.ts'
import { DemoEntry } from './SignIn.tsx'

export const EXAMPLES = [
  {
    zh: '我妈妈在浦东新区花木街道樱花路801弄，每周三次血透，今天出不去',
    en: '我妈妈在浦东新区花木街道樱花路801弄，每周三次血透，今天出不去',
    short: { zh: '家人要血透', en: 'Dialysis (in Chinese)' },
  },
  {
    zh: '老人的降压药只剩两天，住在黄浦区南京东路街道',
    en: '老人的降压药只剩两天，住在黄浦区南京东路街道',
    short: { zh: '药快断了', en: 'Medicine (in Chinese)' },
  },
  {
    zh: '我们小区三天没有收到蔬菜了',
    en: '我们小区三天没有收到蔬菜了',
    short: { zh: '没有菜了', en: 'Food (in Chinese)' },
  },
] as const

function AskBox() {
  const t = useWords()
  const [text, setText] = useState(() => readDraft().text)
  const write = (next: string) => {
    setText(next)
    keepDraft({ ...readDraft(), text: next })
  }
  return (
    <section className="ask-box">
      <h1>{t({ zh: '有事请说', en: 'Ask the city' })}</h1>
      <label htmlFor="home-text">
        {t({ zh: '什么事？在哪里？像平时说话一样写。', en: 'What is it, and where? Write as you speak.' })}
      </label>
      <textarea
        id="home-text"
        rows={3}
        maxLength={2000}
        value={text}
        onChange={(e) => write(e.target.value)}
        placeholder={t({
          zh: '例：我妈妈要血透，今天出不了小区……',
          en: 'For example: my mother needs dialysis and cannot leave …',
        })}
      />
      <div className="examples">
        {EXAMPLES.map((example) => (
          <button
            key={example.zh}
            type="button"
            className="chip"
            onClick={() => {
              keepDraft(emptyDraft(t(example)))
              go('/ask')
            }}
          >
            {t(example.short)}
          </button>
        ))}
      </div>
      <button type="button" className="primary" onClick={() => go('/ask')}>
        {text === ''
          ? t({ zh: '写下来', en: 'Write it' })
          : t({ zh: '下一步：看看懂了没有', en: 'Next: see what was understood' })}
      </button>
    </section>
  )
}

function Answers() {
  const t = useWords()
  const [answers, setAnswers] = useState<Answer[] | null>(null)
  useEffect(() => {
    call(SearchAnswers)
      .then((a) => setAnswers(a.items))
      .catch(() => setAnswers([]))
  }, [])
  if (!answers || answers.length === 0) return null
  return (
    <section>
      <h2>{t({ zh: '大家都在问', en: 'Asked by many' })}</h2>
      {answers.slice(0, 8).map((a) => (
        <details key={a.id} className="card">
          <summary>{t(a.question)}</summary>
          <p>{t(a.answer)}</p>
        </details>
      ))}
    </section>
  )
}

/** The newest sample in one line. */
function LastResult({ now }: { now: number }) {
  const t = useWords()
  const { items } = useMyResults()
  const last = items?.[0]
  if (!last) return null
  const words = RESULT_WORDS[last.state]
  return (
    <a className={`card result ${words.level}`} {...link('/my/results')}>
      <span className="muted">
        {t({
          zh: `检测 · 采样 ${when(last.sampledAt, now, 'zh')}`,
          en: `Test · sampled ${when(last.sampledAt, now, 'en')}`,
        })}
      </span>
      <b>
        <span aria-hidden="true">{words.mark}</span> {t(words)}
      </b>
      {last.state !== 'negative' && <span>{t(last.next)}</span>}
    </a>
  )
}

export function Home() {
  const t = useWords()
  const { me, isResident, owner, reachable } = useSession()
  const { items } = useMyRequests()
  const { now } = useCityTime(15_000)
  const { position, state, ask } = usePosition()
  const near = useNearby('sites', position, { openOnly: true, limit: 2 })
  const hospitals = useNearby('hospitals', position, { openOnly: true, limit: 2 })
  const open = items?.filter(isOpen) ?? []
  return (
    <>
      {me && !isResident && (
        <section className="card who">
          <p>{t({ zh: '登录后可以送出诉求、看进度。', en: 'Sign in to send a request and follow it.' })}</p>
          <div className="row">
            <a className="button" {...link('/sign-in')}>
              {t({ zh: '用手机号登录', en: 'Sign in by telephone' })}
            </a>
            <DemoEntry then="/" />
          </div>
        </section>
      )}
      {me && isResident && (
        <p className="who">
          {t({ zh: `您好，${me.name}`, en: `Hello, ${me.name}` })}
          {me.place && <span className="muted"> · {me.place.path}</span>}
        </p>
      )}
      {(isResident || keptCode(owner, reachable)) && (
        <a className="button show-code" {...link('/my/code')}>
          <span aria-hidden="true">▦</span> {t({ zh: '出示采样码', en: 'Show my sampling code' })}
        </a>
      )}
      {isResident && <DutyCard now={now} />}
      {isResident && <LastResult now={now} />}
      {isResident && <MySlots now={now} />}
      <AskBox />
      <PendingList />
      {open.length > 0 && (
        <section>
          <h2>{t({ zh: '正在办的', en: 'Being done' })}</h2>
          {open.map((r) => (
            <RequestCard key={r.id} request={r} now={now} />
          ))}
        </section>
      )}
      <section>
        <h2>{t({ zh: '最近开放的采样点', en: 'Nearest open sampling sites' })}</h2>
        {state === 'unasked' && (
          <button type="button" className="secondary" onClick={ask}>
            {t({ zh: '按我的位置排序', en: 'Sort by where I am' })}
          </button>
        )}
        {near.items?.map((s) => 'hoursText' in s && <SiteCard key={s.id} site={s} now={now} />)}
        {near.items?.length === 0 && (
          <p className="muted">{t({ zh: '现在没有开放的采样点。', en: 'No sampling site is open now.' })}</p>
        )}
        {near.failed && (
          <p className="muted">
            {t({ zh: '没有取到，稍后再试。', en: 'Could not be loaded; try again later.' })}
          </p>
        )}
        <a className="more" {...link('/sites')}>
          {t({ zh: '全部采样点', en: 'All sampling sites' })}
        </a>
      </section>
      <section>
        <h2>{t({ zh: '急诊开放的医院', en: 'Hospitals with an open emergency room' })}</h2>
        {hospitals.items?.map((h) => 'emergency' in h && <HospitalCard key={h.id} hospital={h} />)}
        {hospitals.items?.length === 0 && (
          <p className="muted">
            {t({
              zh: '还没有医院数据。急救请拨打 120。',
              en: 'No hospital is known yet. In an emergency call 120.',
            })}
          </p>
        )}
        {hospitals.failed && (
          <p className="muted">
            {t({ zh: '没有取到，稍后再试。', en: 'Could not be loaded; try again later.' })}
          </p>
        )}
        <a className="more" {...link('/hospitals')}>
          {t({ zh: '全部医院', en: 'All hospitals' })}
        </a>
      </section>
      <Answers />
    </>
  )
}
