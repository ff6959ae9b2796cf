import { useCallback, useEffect, useState } from 'react'
import { link } from '#web/shared/address.ts'
import { call } from '#web/shared/api.ts'
import { useLanguage, useWords } from '#web/shared/language.ts'
import { useCityTime } from '#web/shared/now.ts'
import { ListMyRequests, type MyRequest } from '#web/shared/routes.ts'
import { remaining, when } from '#web/shared/time.ts'
import { STATE_WORDS } from '#web/shared/words.ts'
import { PendingList } from './PendingList.tsx'
import { outbox, useSession } from './session.ts'

export const isOpen = (r: MyRequest) => !['closed', 'archived', 'rejected', 'merged'].includes(r.order.state)

/** My requests, newest first; loaded again when the city says that one of them moved. */
export function useMyRequests(): { items: MyRequest[] | null; failed: boolean; more: (() => void) | null } {
  const { isResident, onChange } = useSession()
  const [items, setItems] = useState<MyRequest[] | null>(null)
  const [next, setNext] = useState<string | null>(null)
  const [failed, setFailed] = useState(false)
  const load = useCallback(() => {
    call(ListMyRequests)
      .then((page) => {
        setItems(page.items)
        setNext(page.next)
        setFailed(false)
      })
      .catch(() => setFailed(true))
  }, [])
  useEffect(() => {
    if (!isResident) return undefined
    load()
    const silence = [onChange(load), outbox.onAnswer(load)]
    return () => silence.forEach((stop) => stop())
  }, [isResident, load, onChange])
  const more = next
    ? () => {
        call(ListMyRequests, { query: { after: next } })
          .then((page) => {
            setItems((before) => [...(before ?? []), ...page.items])
            setNext(page.next)
          })
          .catch(() => setFailed(true))
      }
    : null
  return { items: isResident ? items : null, failed, more }
}

/** What the resident is told about the time: the promise, what is left of it, and honestly when it has passed. */
export function PromisedTime({ request, now }: { request: MyRequest; now: number }) {
  const t = useWords()
  const language = useLanguage()
  const { dueAt, state } = request.order
  if (!dueAt || !isOpen(request)) return null
  if (state === 'resolved')
    return <span className="promise">{t({ zh: '等您评价', en: 'Waiting for your word' })}</span>
  if (state === 'incomplete')
    return <span className="promise amber">{t({ zh: '等您补充', en: 'Waiting for your answer' })}</span>
  const left = remaining(dueAt, now, language)
  return (
    <span className={`promise ${left.level}`}>
      {t({
        zh: `承诺 ${when(dueAt, now, 'zh')} 前进入下一步`,
        en: `Next step promised by ${when(dueAt, now, 'en')}`,
      })}{' '}
      · <strong>{left.text}</strong>
    </span>
  )
}

export function RequestCard({ request, now }: { request: MyRequest; now: number }) {
  const t = useWords()
  const { order } = request
  return (
    <a className={`card request ${order.urgent ? 'urgent' : ''}`} {...link(`/my/${request.id}`)}>
      <span className="request-state">
        {order.urgent && <b className="tag red">▲ {t({ zh: '急难', en: 'Urgent' })}</b>}
        <b className="tag">{t(STATE_WORDS[order.state])}</b>
        <span className="muted">{order.number}</span>
      </span>
      <span className="request-text" lang="zh-CN">
        {request.text}
      </span>
      {order.unit && <span className="muted">{t(order.unit)}</span>}
      <PromisedTime request={request} now={now} />
    </a>
  )
}

export function Mine() {
  const t = useWords()
  const { isResident, me } = useSession()
  const { items, failed, more } = useMyRequests()
  const { now } = useCityTime(15_000)
  return (
    <>
      <h1>{t({ zh: '我的诉求', en: 'My requests' })}</h1>
      <PendingList />
      {me && !isResident && (
        <p>
          <a className="button" {...link('/sign-in?then=/my')}>
            {t({ zh: '登录后查看', en: 'Sign in to see them' })}
          </a>
        </p>
      )}
      {failed && !items && (
        <p className="bad">
          {t({
            zh: '没有取到，网络恢复后会自动再取。',
            en: 'Could not be loaded; it is tried again when the network is back.',
          })}
        </p>
      )}
      {items?.length === 0 && (
        <p>
          {t({ zh: '还没有诉求。', en: 'No request yet. ' })}
          <a {...link('/ask')}>{t({ zh: '有事请说', en: 'Ask the city' })}</a>
        </p>
      )}
      {items?.map((r) => (
        <RequestCard key={r.id} request={r} now={now} />
      ))}
      {more && (
        <button type="button" className="secondary" onClick={more}>
          {t({ zh: '更早的', en: 'Earlier ones' })}
        </button>
      )}
      {isResident && (
        <>
          <a className="more" {...link('/my/results')}>
            {t({ zh: '我的检测结果和凭证', en: 'My test results and cards' })}
          </a>
          <a className="more" {...link('/my/decisions')}>
            {t({ zh: '为什么这样定，怎么申诉', en: 'Why, and how to appeal' })}
          </a>
          <a className="more" {...link('/my/data')}>
            {t({ zh: '谁看过我的信息', en: 'Who looked at my data' })}
          </a>
        </>
      )}
    </>
  )
}
