import { useEffect, useMemo, useRef, useState } from 'react'
import { link } from '#web/shared/address.ts'
import { ApiError, call, clientId } from '#web/shared/api.ts'
import { useLanguage, useWords } from '#web/shared/language.ts'
import { useCityTime } from '#web/shared/now.ts'
import { ReportMyAntigen, type MyAntigen } from '#web/shared/routes.ts'
import { shrink } from './picture.ts'
import { ANTIGEN_WORDS } from './result-facts.tsx'
import { useSession } from './session.ts'

const OUTCOMES = [
  { value: 'negative', zh: '一条杠（C）', en: 'One line (C)' },
  { value: 'positive', zh: '两条杠（C 和 T）', en: 'Two lines (C and T)' },
  { value: 'invalid', zh: 'C 处没有杠', en: 'No line at C' },
] as const
/** How long ago, in minutes. */
const AGO = [
  { value: 0, zh: '刚刚', en: 'just now' },
  { value: 30, zh: '半小时前', en: 'half an hour ago' },
  { value: 60, zh: '1 小时前', en: 'an hour ago' },
  { value: 180, zh: '3 小时前', en: '3 hours ago' },
  { value: 360, zh: '6 小时前', en: '6 hours ago' },
  { value: 720, zh: '12 小时前', en: '12 hours ago' },
] as const

type Sending = { id: string; at: string; photo: Blob }

function Kept({ test }: { test: MyAntigen }) {
  const t = useWords()
  const words = ANTIGEN_WORDS[test.state]
  return (
    <section className={`card result ${words.level}`} aria-live="polite">
      <h2>
        <span aria-hidden="true">{words.mark}</span>{' '}
        {t({ zh: '已收到您的报告', en: 'Your report has arrived' })}
      </h2>
      <p>{t(test.next)}</p>
      <div className="row">
        {test.state !== 'negative' && (
          <a className="button" href={`tel:${test.call}`}>
            {t({ zh: `拨打 ${test.call}`, en: `Call ${test.call}` })}
          </a>
        )}
        <a className="secondary" {...link('/my/results')}>
          {t({ zh: '我的检测结果', en: 'My results' })}
        </a>
        <a className="secondary" {...link('/')}>
          {t({ zh: '回首页', en: 'Home' })}
        </a>
      </div>
    </section>
  )
}

/** A self-test with its picture. The picture is not kept on the telephone, so that nothing waits here unsent and unseen. */
export function Antigen() {
  const t = useWords()
  const language = useLanguage()
  const { me, isResident } = useSession()
  const { now } = useCityTime(15_000)
  const [outcome, setOutcome] = useState<(typeof OUTCOMES)[number]['value'] | null>(null)
  const [ago, setAgo] = useState(0)
  const [photo, setPhoto] = useState<File | null>(null)
  const shown = useMemo(() => (photo ? URL.createObjectURL(photo) : null), [photo])
  useEffect(() => () => void (shown && URL.revokeObjectURL(shown)), [shown])
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState('')
  const [kept, setKept] = useState<MyAntigen | null>(null)
  // The same try is sent with the same id, time and picture: an answer that was lost makes no second report.
  const sending = useRef<Sending | null>(null)
  const changed = () => {
    sending.current = null
    setProblem('')
  }
  const send = async () => {
    if (!outcome || !photo) return
    setBusy(true)
    setProblem('')
    try {
      sending.current ??= {
        id: clientId(),
        at: new Date(now - ago * 60_000).toISOString(),
        photo: await shrink(photo),
      }
      const { id, at, photo: file } = sending.current
      setKept(await call(ReportMyAntigen, { query: { id, outcome, at }, file }))
    } catch (error) {
      // Refused for what it says: another try is another report. No answer: the same one again.
      if (error instanceof ApiError && error.problem.status < 500 && error.problem.status !== 429)
        sending.current = null
      setProblem(
        error instanceof ApiError
          ? language === 'zh'
            ? error.problem.titleZh
            : error.problem.title
          : t({
              zh: '没有网络，报告没有送出。请不要离开这一页，有网络后再按一次“送出”。',
              en: 'No network: the report was not sent. Stay on this page and press “Send” again when the network is back.',
            }),
      )
    } finally {
      setBusy(false)
    }
  }
  if (kept) return <Kept test={kept} />
  return (
    <>
      <h1>{t({ zh: '报告抗原自测', en: 'Report a self-test' })}</h1>
      {me && !isResident && (
        <p>
          <a className="button" {...link('/sign-in?then=/my/antigen')}>
            {t({ zh: '登录后报告', en: 'Sign in to report' })}
          </a>
        </p>
      )}
      {isResident && (
        <form
          className="card antigen"
          onSubmit={(e) => {
            e.preventDefault()
            void send()
          }}
        >
          <fieldset>
            <legend>{t({ zh: '您看到几条杠？', en: 'How many lines do you see?' })}</legend>
            {OUTCOMES.map((o) => (
              <label key={o.value} className={`lines ${o.value}`}>
                <input
                  type="radio"
                  name="outcome"
                  checked={outcome === o.value}
                  onChange={() => {
                    setOutcome(o.value)
                    changed()
                  }}
                />
                <span className="strip" aria-hidden="true">
                  <i />
                  <i />
                </span>
                {t(o)}
              </label>
            ))}
          </fieldset>
          <label htmlFor="antigen-ago">{t({ zh: '什么时候做的？', en: 'When was it done?' })}</label>
          <select
            id="antigen-ago"
            value={ago}
            onChange={(e) => {
              setAgo(Number(e.target.value))
              changed()
            }}
          >
            {AGO.map((a) => (
              <option key={a.value} value={a.value}>
                {t(a)}
              </option>
            ))}
          </select>
          <div className="take">
            <label className="secondary" htmlFor="antigen-photo">
              {photo
                ? t({ zh: '换一张照片', en: 'Another picture' })
                : t({ zh: '拍一张试剂的照片', en: 'Take a picture of the test' })}
            </label>
            <input
              id="antigen-photo"
              type="file"
              accept="image/jpeg,image/png,image/webp"
              onChange={(e) => {
                setPhoto(e.target.files?.[0] ?? null)
                changed()
              }}
            />
            {shown && <img src={shown} alt={t({ zh: '试剂照片', en: 'The picture of the test' })} />}
          </div>
          <p className="muted">
            {t({
              zh: '照片只有您的居委和流调人员能看，谁看过您都能查到；位置信息会去掉，到期自动删除。',
              en: 'Only your neighbourhood and the epidemiologists can open it, and you see who did. It loses its position and is deleted when its time is over.',
            })}
          </p>
          {problem && (
            <p className="bad" role="alert">
              {problem}
            </p>
          )}
          <button type="submit" className="primary" disabled={!outcome || !photo || busy}>
            {busy ? t({ zh: '正在送出……', en: 'Sending …' }) : t({ zh: '送出', en: 'Send' })}
          </button>
        </form>
      )}
    </>
  )
}
