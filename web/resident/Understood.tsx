import { useState, type ReactNode } from 'react'
import { promise } from '#web/shared/time.ts'
import { useLanguage, useWords } from '#web/shared/language.ts'
import type { Understanding, Word } from '#web/shared/routes.ts'
import type { Corrections } from './draft.ts'
import { PickAddress, PickElement, PickPlace } from './Pick.tsx'

const ABOUT = {
  place: { zh: '地点', en: 'Place' },
  address: { zh: '门牌', en: 'Address' },
  need: { zh: '事项', en: 'Matter' },
  urgency: { zh: '急难', en: 'Urgent' },
} as const

type Part = 'place' | 'address' | 'element'

/** The text with the words that were understood; each kind has its own line under it, so colour does not stand alone. */
function Marked({ text, words }: { text: string; words: readonly Word[] }) {
  const t = useWords()
  const pieces: ReactNode[] = []
  let at = 0
  for (const word of [...words].sort((a, b) => a.from - b.from)) {
    if (word.from < at || word.to > text.length) continue
    pieces.push(text.slice(at, word.from))
    pieces.push(
      <mark key={word.from} className={word.about} title={t(ABOUT[word.about])}>
        {text.slice(word.from, word.to)}
      </mark>,
    )
    at = word.to
  }
  return (
    <p className="marked" lang="zh-CN">
      {pieces}
      {text.slice(at)}
    </p>
  )
}

type Props = {
  text: string
  understanding: Understanding
  corrections: Corrections
  onCorrect: (corrections: Corrections) => void
}

/** What was understood, part by part; a tap on a part puts it right. Urgency can be raised here, never lowered. */
export function Understood({ text, understanding, corrections, onCorrect }: Props) {
  const t = useWords()
  const language = useLanguage()
  const [open, setOpen] = useState<Part | null>(null)
  const place = corrections.place ?? understanding.place
  const address = corrections.address ?? understanding.address
  const element = corrections.element ?? understanding.element
  const put = (next: Corrections) => {
    onCorrect({ ...corrections, ...next })
    setOpen(null)
  }
  const part = (id: Part, name: string, value: string | null, missing: string, corrected: boolean) => (
    <button
      type="button"
      className={`part ${id} ${value ? '' : 'missing'}`}
      aria-expanded={open === id}
      onClick={() => setOpen(open === id ? null : id)}
    >
      <span className="part-name">{name}</span>
      <span className="part-value">{value ?? missing}</span>
      <span className="part-change">
        {corrected ? t({ zh: '已改', en: 'changed' }) : t({ zh: '改', en: 'change' })}
      </span>
    </button>
  )
  return (
    <section className="understood card" aria-live="polite">
      <h2>{t({ zh: '我们这样理解，不对请改', en: 'This is how it was understood' })}</h2>
      <Marked text={text} words={understanding.words} />
      {part(
        'place',
        t(ABOUT.place),
        place?.path ?? null,
        t({ zh: '没有读出，请点这里选', en: 'Not found: tap to choose' }),
        !!corrections.place,
      )}
      {open === 'place' && <PickPlace understanding={understanding} onPick={(p) => put({ place: p })} />}
      {part(
        'address',
        t(ABOUT.address),
        address,
        t({ zh: '没有写，可以补', en: 'None given: tap to add' }),
        !!corrections.address,
      )}
      {open === 'address' && <PickAddress value={address ?? ''} onPick={(a) => put({ address: a })} />}
      {part(
        'element',
        t(ABOUT.need),
        element ? t(element.name) : null,
        t({ zh: '没有读出，请点这里选', en: 'Not clear: tap to choose' }),
        !!corrections.element,
      )}
      {open === 'element' && (
        <PickElement understanding={understanding} onPick={(e) => put({ element: e })} />
      )}
      {understanding.urgent ? (
        <p className="part urgency is-urgent">
          <span className="part-name">{t({ zh: '紧急程度', en: 'Urgency' })}</span>
          <span className="part-value">
            ▲ {t({ zh: '急难', en: 'Urgent' })}
            {understanding.urgency && ` · ${t(understanding.urgency.name)}`}
          </span>
        </p>
      ) : (
        <button
          type="button"
          className={`part urgency ${corrections.urgent ? 'is-urgent' : ''}`}
          aria-pressed={!!corrections.urgent}
          onClick={() => {
            const { urgent, ...rest } = corrections
            onCorrect(urgent ? rest : { ...rest, urgent: true })
          }}
        >
          <span className="part-name">{t({ zh: '紧急程度', en: 'Urgency' })}</span>
          <span className="part-value">
            {corrections.urgent
              ? `▲ ${t({ zh: '您标为急难', en: 'You marked it urgent' })}`
              : t({ zh: '一般', en: 'Ordinary' })}
          </span>
          <span className="part-change">
            {corrections.urgent ? t({ zh: '取消', en: 'undo' }) : t({ zh: '其实很急', en: 'it is urgent' })}
          </span>
        </button>
      )}
      {understanding.alsoAbout.length > 0 && (
        <p className="muted">
          {t({ zh: '另外还提到：', en: 'Also mentioned: ' })}
          {understanding.alsoAbout.map((a) => t(a.name)).join(t({ zh: '、', en: ', ' }))}
        </p>
      )}
      {understanding.route && !corrections.element && !corrections.place && (
        <p>
          {t({ zh: '送出后交给 ', en: 'It goes to ' })}
          <strong>{t(understanding.route.name)}</strong>
          {t({ zh: '，办理时限 ', en: ', to be handled within ' })}
          <strong>{promise(understanding.route, language)}</strong>
        </p>
      )}
      <details>
        <summary>{t({ zh: '为什么这样理解', en: 'Why it was understood so' })}</summary>
        <ul className="reasons">
          {understanding.reasons.map((r) => (
            <li key={r.zh}>{t(r)}</li>
          ))}
        </ul>
      </details>
    </section>
  )
}
