import { useEffect, useRef, useState } from 'react'
import { go } from '#web/shared/address.ts'
import { call } from '#web/shared/api.ts'
import { useWords } from '#web/shared/language.ts'
import {
  SearchAnswers,
  SendMyRequest,
  UnderstandText,
  type Answer,
  type Understanding,
} from '#web/shared/routes.ts'
import { emptyDraft, keepDraft, readDraft, type Corrections, type Draft } from './draft.ts'
import { EXAMPLES } from './Home.tsx'
import { PendingList } from './PendingList.tsx'
import { outbox, useSession } from './session.ts'
import { Understood } from './Understood.tsx'

/** Long enough that a thumb pauses, short enough that the answer seems to come while typing. */
const PAUSE_MS = 350

function useUnderstanding(
  text: string,
  within: string | undefined,
): { understanding: Understanding | null; of: string; failed: boolean } {
  const [said, setSaid] = useState<{ understanding: Understanding | null; of: string; failed: boolean }>({
    understanding: null,
    of: '',
    failed: false,
  })
  useEffect(() => {
    const clean = text.trim()
    if (clean.length < 2) return undefined
    const stop = new AbortController()
    const timer = setTimeout(() => {
      call(UnderstandText, { body: { text, ...(within && { within }) }, signal: stop.signal })
        .then((understanding) => setSaid({ understanding, of: text, failed: false }))
        .catch(
          (error: Error) => error.name !== 'AbortError' && setSaid((before) => ({ ...before, failed: true })),
        )
    }, PAUSE_MS)
    return () => {
      clearTimeout(timer)
      stop.abort()
    }
  }, [text, within])
  return text.trim().length < 2 ? { understanding: null, of: text, failed: false } : said
}

/** Fewer letters fit every answer. */
const SHORTEST = 4

function MaybeAnswered({ text }: { text: string }) {
  const t = useWords()
  const [answers, setAnswers] = useState<Answer[]>([])
  useEffect(() => {
    if (text.trim().length < SHORTEST) return undefined
    const timer = setTimeout(() => {
      call(SearchAnswers, { query: { q: text.slice(0, 300) } })
        .then((a) => setAnswers(a.items))
        .catch(() => setAnswers([]))
    }, 2 * PAUSE_MS)
    return () => clearTimeout(timer)
  }, [text])
  // All answers come back where none fits: those are no help here.
  if (text.trim().length < SHORTEST || answers.length === 0 || answers.length > 4) return null
  return (
    <section>
      <h2>{t({ zh: '也许这已经回答了您', en: 'This may already answer you' })}</h2>
      {answers.slice(0, 2).map((a) => (
        <details key={a.id} className="card">
          <summary>{t(a.question)}</summary>
          <p>{t(a.answer)}</p>
        </details>
      ))}
    </section>
  )
}

/** The body of the request: what the person corrected, and nothing that the platform read by itself. */
function correctionsOf(c: Corrections) {
  const sent = {
    ...(c.place && { placeCode: c.place.code }),
    ...(c.address && { address: c.address }),
    ...(c.element && { element: c.element.id }),
    ...(c.urgent && { urgent: true as const }),
  }
  return Object.keys(sent).length > 0 ? { corrections: sent } : {}
}

export function Ask() {
  const t = useWords()
  const { me, isResident, owner, reachable } = useSession()
  const [draft, setDraft] = useState<Draft>(readDraft)
  const [notKept, setNotKept] = useState(false)
  const box = useRef<HTMLTextAreaElement>(null)
  const { understanding, of, failed } = useUnderstanding(
    draft.text,
    isResident ? me?.place?.code.slice(0, 6) : undefined,
  )
  const change = (next: Draft) => {
    setDraft(next)
    keepDraft(next)
  }
  const ready = draft.text.trim().length >= 2
  const urgent = draft.corrections.urgent || understanding?.urgent

  const send = () => {
    if (!ready) return box.current?.focus()
    const { kept } = outbox.add({
      id: draft.id,
      method: SendMyRequest.method,
      path: SendMyRequest.path,
      params: {},
      body: { id: draft.id, text: draft.text.trim(), channel: 'web', ...correctionsOf(draft.corrections) },
      title: draft.text.trim(),
      owner,
    })
    setNotKept(!kept)
    const { id } = draft
    change(emptyDraft())
    if (!isResident) return go('/sign-in?then=/my')
    go(`/ask?sending=${id}`, { replace: true })
    void outbox.flush(owner)
  }

  return (
    <>
      <h1>{t({ zh: '有事请说', en: 'Ask the city' })}</h1>
      <PendingList />
      {notKept && (
        <p className="bad" role="alert">
          {t({
            zh: '这部手机不让网页存东西：送出之前请不要关闭页面。',
            en: 'This phone does not let pages keep anything: do not close the page before it is sent.',
          })}
        </p>
      )}
      <label htmlFor="text" className="big-label">
        {t({ zh: '什么事？在哪里？', en: 'What is it, and where?' })}
      </label>
      <textarea
        id="text"
        ref={box}
        rows={5}
        maxLength={2000}
        value={draft.text}
        onChange={(e) => change({ ...draft, text: e.target.value })}
        aria-describedby="text-help"
      />
      <p id="text-help" className="muted">
        {t({
          zh: '像平时说话一样写。写到哪里存到哪里，关掉再开还在。',
          en: 'Write as you speak. Every letter is kept on this phone until you send it.',
        })}
      </p>
      {draft.text === '' && (
        <div className="examples">
          {EXAMPLES.map((example) => (
            <button
              key={example.zh}
              type="button"
              className="chip"
              onClick={() => change(emptyDraft(t(example)))}
            >
              {t(example.short)}
            </button>
          ))}
        </div>
      )}
      {urgent && (
        <div className="alarm" role="alert">
          <strong>
            {t({
              zh: '急难：送出后马上报警，立即派人。',
              en: 'Urgent: it is alarmed and sent to a unit the moment you send it.',
            })}
          </strong>
          <p>
            {t({ zh: '有生命危险，请同时拨打 ', en: 'When life is in danger, also call ' })}
            <a href="tel:120">120</a>
            {t({ zh: '。', en: '.' })}
          </p>
        </div>
      )}
      {failed && reachable && (
        <p className="muted">
          {t({
            zh: '暂时读不了您的话，照样可以送出，由人来看。',
            en: 'It cannot be read right now. Send it anyway: a person will look.',
          })}
        </p>
      )}
      {understanding && ready && (
        <Understood
          text={of}
          understanding={understanding}
          corrections={draft.corrections}
          onCorrect={(corrections) => change({ ...draft, corrections })}
        />
      )}
      <button type="button" className="primary send" onClick={send} aria-disabled={!ready}>
        {isResident ? t({ zh: '送出', en: 'Send' }) : t({ zh: '登录并送出', en: 'Sign in and send' })}
      </button>
      <p className="muted">
        {t({
          zh: '没有网络也可以按“送出”：先存在这部手机上，一有网络就送，送到后从手机上删除。',
          en: 'You may press Send without network: it is kept on this phone, goes as soon as there is one, and is then removed from the phone.',
        })}
      </p>
      <MaybeAnswered text={draft.text} />
    </>
  )
}
