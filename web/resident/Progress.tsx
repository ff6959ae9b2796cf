import { useCallback, useEffect, useState } from 'react'
import { link } from '#web/shared/address.ts'
import { ApiError, call } from '#web/shared/api.ts'
import { useLanguage, useWords } from '#web/shared/language.ts'
import { useCityTime } from '#web/shared/now.ts'
import { usePending } from '#web/shared/outbox.ts'
import { GetMyRequest, type MyRequest } from '#web/shared/routes.ts'
import { remaining, span, when } from '#web/shared/time.ts'
import { STATE_WORDS } from '#web/shared/words.ts'
import { PendingList } from './PendingList.tsx'
import { AnswerBack, Lead } from './AnswerBack.tsx'
import { Rate, Reopen } from './Rate.tsx'
import { outbox, useSession } from './session.ts'

/** Looks again by itself this often, should the live stream be away. */
const LOOK_AGAIN_MS = 30_000

function useRequest(id: string): { request: MyRequest | null; problem: ApiError | 'away' | null } {
  const { isResident, onChange } = useSession()
  const [request, setRequest] = useState<MyRequest | null>(null)
  const [problem, setProblem] = useState<ApiError | 'away' | null>(null)
  const load = useCallback(() => {
    call(GetMyRequest, { params: { id } })
      .then((r) => {
        setRequest(r)
        setProblem(null)
      })
      .catch((error: unknown) => setProblem(error instanceof ApiError ? error : 'away'))
  }, [id])
  useEffect(() => {
    if (!isResident) return
    load()
    const timer = setInterval(load, LOOK_AGAIN_MS)
    const silence = [
      onChange((notes) => (notes.length === 0 || notes.some((n) => n.id === id)) && load()),
      outbox.onAnswer(load),
    ]
    return () => {
      clearInterval(timer)
      silence.forEach((stop) => stop())
    }
  }, [id, isResident, load, onChange])
  return { request, problem }
}

function Steps({ request, now }: { request: MyRequest; now: number }) {
  const t = useWords()
  const language = useLanguage()
  const current = request.steps.findLastIndex((s) => s.at !== null)
  return (
    <ol className="steps">
      {request.steps.map((step, i) => {
        const state = i < current ? 'done' : i === current ? 'current' : 'ahead'
        const left = step.promisedAt && i === current + 1 ? remaining(step.promisedAt, now, language) : null
        return (
          <li key={step.state} className={state} aria-current={state === 'current' ? 'step' : undefined}>
            <span className="step-name">{t(step.name)}</span>
            {step.at && <span className="step-time">✓ {when(step.at, now, language)}</span>}
            {!step.at && step.promisedAt && (
              <span className={`step-time ${left?.level ?? ''}`}>
                {t({
                  zh: `承诺 ${when(step.promisedAt, now, 'zh')} 前`,
                  en: `promised by ${when(step.promisedAt, now, 'en')}`,
                })}
                {left && <strong> · {left.text}</strong>}
              </span>
            )}
          </li>
        )
      })}
    </ol>
  )
}

export function Progress({ id }: { id: string }) {
  const t = useWords()
  const language = useLanguage()
  const { now } = useCityTime(5_000)
  const { me, isResident } = useSession()
  const { request, problem } = useRequest(id)
  const waiting = usePending(outbox).some((p) => p.params.id === id)
  if (me && !isResident) {
    return (
      <a className="button" {...link(`/sign-in?then=/my/${id}`)}>
        {t({ zh: '登录后查看', en: 'Sign in to see it' })}
      </a>
    )
  }
  if (!request) {
    return (
      <>
        <h1>{t({ zh: '诉求进度', en: 'Progress' })}</h1>
        <PendingList />
        {problem instanceof ApiError && (
          <p className="bad">{language === 'zh' ? problem.problem.titleZh : problem.problem.title}</p>
        )}
        {!problem && <p className="muted">{t({ zh: '正在取……', en: 'Loading …' })}</p>}
      </>
    )
  }
  const { order } = request
  const late = order.overdue && order.dueAt ? now - Date.parse(order.dueAt) : 0
  return (
    <>
      <h1>{t({ zh: '诉求进度', en: 'Progress' })}</h1>
      <p className="request-state">
        {order.urgent && <b className="tag red">▲ {t({ zh: '急难', en: 'Urgent' })}</b>}
        <b className="tag">{t(STATE_WORDS[order.state])}</b>
        <span className="muted">
          {t({ zh: '编号', en: 'No.' })} {order.number}
        </span>
      </p>
      {late > 0 && (
        <output className="bad">
          {t({
            zh: `已经比承诺的时间晚了 ${span(late, 'zh')}，还没有办好。超时已自动上报督办，您不用再催。`,
            en: `It is ${span(late, 'en')} later than promised and not done yet. The delay has been reported by itself; you need not chase it.`,
          })}
        </output>
      )}
      <PendingList />
      {order.question && !waiting && <AnswerBack request={request} />}
      <Steps request={request} now={now} />
      {order.lead && <Lead lead={order.lead} now={now} />}
      {order.suspendedUntil && (
        <output className="card">
          {t({
            zh: `暂时办不了，挂起到 ${when(order.suspendedUntil, now, 'zh')}，到时自动恢复办理。`,
            en: `It cannot be done now and is suspended until ${when(order.suspendedUntil, now, 'en')}; then it goes on by itself.`,
          })}
        </output>
      )}
      {order.mayRate && !waiting && <Rate request={request} />}
      {order.score !== null && (
        <p>
          {t({ zh: '您的评价：', en: 'Your rating: ' })}
          <span aria-hidden="true">{'★'.repeat(order.score) + '☆'.repeat(5 - order.score)}</span>
          <span className="unseen">{t({ zh: `${order.score} 星`, en: `${order.score} of 5` })}</span>
        </p>
      )}
      {order.mayReopen && !waiting && <Reopen request={request} />}
      <section className="card">
        <h2>{t({ zh: '您说的', en: 'What you said' })}</h2>
        <p lang="zh-CN">{request.text}</p>
        <dl>
          <dt>{t({ zh: '地点', en: 'Place' })}</dt>
          <dd>
            {request.place}
            {request.address && ` ${request.address}`}
          </dd>
          {request.understanding.element && (
            <>
              <dt>{t({ zh: '事项', en: 'Matter' })}</dt>
              <dd>{t(request.understanding.element.name)}</dd>
            </>
          )}
          <dt>{t({ zh: '谁在办', en: 'With' })}</dt>
          <dd>
            {order.unit
              ? t(order.unit)
              : t({ zh: '12345 正在看，还没有派出', en: '12345 is looking at it; not sent yet' })}
          </dd>
          <dt>{t({ zh: '收到', en: 'Received' })}</dt>
          <dd>{when(request.receivedAt, now, language)}</dd>
        </dl>
      </section>
      <p>
        <a {...link('/my/decisions')}>
          {t({ zh: '为什么这样办理？不同意可以申诉', en: 'Why is it handled so? You may appeal' })}
        </a>
      </p>
      {request.messages.length > 0 && (
        <section>
          <h2>{t({ zh: '回复', en: 'Messages' })}</h2>
          {request.messages.map((m) => (
            <div key={m.at + m.text} className={`card message ${m.from === '我' ? 'own' : ''}`}>
              <p className="muted">
                {m.from === '我' ? t({ zh: '我', en: 'Me' }) : m.from} · {when(m.at, now, language)}
              </p>
              <p lang="zh-CN">{m.text}</p>
            </div>
          ))}
        </section>
      )}
    </>
  )
}
