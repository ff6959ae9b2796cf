import { useState } from 'react'
import { clientId } from '#web/shared/api.ts'
import { useLanguage, useWords } from '#web/shared/language.ts'
import { AnswerMyRequest, type MyRequest } from '#web/shared/routes.ts'
import { remaining, when } from '#web/shared/time.ts'
import { STATE_WORDS } from '#web/shared/words.ts'
import { outbox, useSession } from './session.ts'

/** The city needs to know more. The clock stands still until this is answered, so it is the first thing on the page. */
export function AnswerBack({ request }: { request: MyRequest }) {
  const t = useWords()
  const { owner } = useSession()
  const [note, setNote] = useState('')
  const send = () => {
    if (!note.trim()) return
    const id = clientId()
    outbox.add({
      id,
      method: AnswerMyRequest.method,
      path: AnswerMyRequest.path,
      params: { id: request.id },
      body: { id, note: note.trim() },
      title: t({
        zh: `补充 ${request.order.number}：${note.trim()}`,
        en: `Answer to ${request.order.number}: ${note.trim()}`,
      }),
      owner,
    })
    void outbox.flush(owner)
  }
  return (
    <section className="card ask-back">
      <h2>{t({ zh: '需要您补充', en: 'We need to know more' })}</h2>
      <p lang="zh-CN">{request.order.question}</p>
      <label htmlFor="ask-back">{t({ zh: '您的回答', en: 'Your answer' })}</label>
      <textarea
        id="ask-back"
        rows={3}
        maxLength={2000}
        value={note}
        onChange={(e) => setNote(e.target.value)}
      />
      <button type="button" className="primary" aria-disabled={!note.trim()} onClick={send}>
        {t({ zh: '送出', en: 'Send' })}
      </button>
    </section>
  )
}

/** This request is handled together with another about the same thing: its progress is this one's. */
export function Lead({ lead, now }: { lead: NonNullable<MyRequest['order']['lead']>; now: number }) {
  const t = useWords()
  const language = useLanguage()
  const left = lead.dueAt ? remaining(lead.dueAt, now, language) : null
  return (
    <section className="card">
      <h2>{t({ zh: '和同一件事一起办', en: 'Handled together with the same matter' })}</h2>
      <p>
        {t({
          zh: '邻里也反映了这件事，合在一张工单里办。办好后同样会答复您、请您评价。',
          en: 'Neighbours said the same, and it is handled in one order. You will be answered and asked as well.',
        })}
      </p>
      <p className="request-state">
        <b className="tag">{t(STATE_WORDS[lead.state])}</b>
        <span className="muted">
          {lead.number} {lead.unit && t(lead.unit)}
        </span>
      </p>
      {left && (
        <p className={`promise ${left.level}`}>
          {t({
            zh: `承诺 ${when(lead.dueAt!, now, 'zh')} 前进入下一步`,
            en: `Next step promised by ${when(lead.dueAt!, now, 'en')}`,
          })}{' '}
          · <strong>{left.text}</strong>
        </p>
      )}
    </section>
  )
}
