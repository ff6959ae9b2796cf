import { useState } from 'react'
import { clientId } from '#web/shared/api.ts'
import { useWords } from '#web/shared/language.ts'
import { RateMyRequest, ReopenMyRequest, type MyRequest } from '#web/shared/routes.ts'
import { outbox, useSession } from './session.ts'

function Stars({ score, onScore }: { score: number; onScore: (n: number) => void }) {
  const t = useWords()
  const words = [
    { zh: '很不满意', en: 'very bad' },
    { zh: '不满意', en: 'bad' },
    { zh: '一般', en: 'fair' },
    { zh: '满意', en: 'good' },
    { zh: '很满意', en: 'very good' },
  ]
  return (
    <fieldset className="stars">
      <legend>{t({ zh: '办得怎么样？', en: 'How was it done?' })}</legend>
      {words.map((word, i) => (
        <label key={word.en} className={i < score ? 'on' : ''}>
          <input
            type="radio"
            name="score"
            value={i + 1}
            checked={score === i + 1}
            onChange={() => onScore(i + 1)}
          />
          <span aria-hidden="true">{i < score ? '★' : '☆'}</span>
          <span className="star-word">
            {t({ zh: `${i + 1}星，${word.zh}`, en: `${i + 1} of 5, ${word.en}` })}
          </span>
        </label>
      ))}
      {score > 0 && (
        <p className="score-word" aria-hidden="true">
          {t(words[score - 1]!)}
        </p>
      )}
    </fieldset>
  )
}

export function Rate({ request }: { request: MyRequest }) {
  const t = useWords()
  const { owner } = useSession()
  const [solved, setSolved] = useState<boolean | null>(null)
  const [score, setScore] = useState(0)
  const [note, setNote] = useState('')
  const send = () => {
    if (solved === null || score === 0) return
    const id = clientId()
    outbox.add({
      id,
      method: RateMyRequest.method,
      path: RateMyRequest.path,
      params: { id: request.id },
      body: { id, solved, score, ...(note.trim() && { note: note.trim() }) },
      title: t({ zh: `评价 ${request.order.number}`, en: `Rating of ${request.order.number}` }),
      owner,
    })
    void outbox.flush(owner)
  }
  return (
    <section className="card rate">
      <h2>{t({ zh: '问题解决了吗？', en: 'Is it solved?' })}</h2>
      <div className="row">
        <button
          type="button"
          className="secondary yes"
          aria-pressed={solved === true}
          onClick={() => setSolved(true)}
        >
          ✓ {t({ zh: '解决了', en: 'Solved' })}
        </button>
        <button
          type="button"
          className="secondary no"
          aria-pressed={solved === false}
          onClick={() => setSolved(false)}
        >
          ✗ {t({ zh: '没有解决', en: 'Not solved' })}
        </button>
      </div>
      {solved !== null && (
        <>
          <Stars score={score} onScore={setScore} />
          <label htmlFor="rate-note">
            {t({ zh: '想说的话（可以不写）', en: 'In your words (optional)' })}
          </label>
          <textarea
            id="rate-note"
            rows={2}
            maxLength={1000}
            value={note}
            onChange={(e) => setNote(e.target.value)}
          />
          {!solved && (
            <p>
              {t({
                zh: '没有解决的，会退回承办单位重办。',
                en: 'What is not solved goes back to the unit to be done again.',
              })}
            </p>
          )}
          <button type="button" className="primary" aria-disabled={score === 0} onClick={send}>
            {score === 0
              ? t({ zh: '请先选几颗星', en: 'Choose the stars first' })
              : t({ zh: '送出评价', en: 'Send the rating' })}
          </button>
        </>
      )}
    </section>
  )
}

export function Reopen({ request }: { request: MyRequest }) {
  const t = useWords()
  const { owner } = useSession()
  const [note, setNote] = useState('')
  const send = () => {
    if (!note.trim()) return
    const id = clientId()
    outbox.add({
      id,
      method: ReopenMyRequest.method,
      path: ReopenMyRequest.path,
      params: { id: request.id },
      body: { id, note: note.trim() },
      title: t({
        zh: `要求重办 ${request.order.number}：${note.trim()}`,
        en: `Do again ${request.order.number}: ${note.trim()}`,
      }),
      owner,
    })
    void outbox.flush(owner)
  }
  return (
    <details className="card">
      <summary>
        {t({ zh: '其实没有解决？要求重办', en: 'Not solved after all? Ask for it to be done again' })}
      </summary>
      <label htmlFor="reopen-note">{t({ zh: '还差什么？', en: 'What is still missing?' })}</label>
      <textarea
        id="reopen-note"
        rows={3}
        maxLength={1000}
        value={note}
        onChange={(e) => setNote(e.target.value)}
      />
      <button type="button" className="primary" aria-disabled={!note.trim()} onClick={send}>
        {t({ zh: '要求重办', en: 'Ask for redo' })}
      </button>
    </details>
  )
}
