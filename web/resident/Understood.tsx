import { useEffect, useState } from 'react'
import { call } from '#web/shared/api.ts'
import { span } from '#web/shared/time.ts'
import { useLanguage, useWords } from '#web/shared/language.ts'
import {
  ListElements,
  SearchPlaces,
  type Element,
  type Place,
  type Understanding,
  type Word,
} from '#web/shared/routes.ts'
import type { Corrections } from './draft.ts'

const ABOUT = {
  place: { zh: '地点', en: 'Place' },
  address: { zh: '门牌', en: 'Address' },
  need: { zh: '事项', en: 'Matter' },
  urgency: { zh: '急难', en: 'Urgent' },
} as const

type Part = 'place' | 'address' | 'element'
const ELEMENTS_SHOWN = 30

/** The text with the words that were understood; each kind has its own line under it, so colour does not stand alone. */
function Marked({ text, words }: { text: string; words: readonly Word[] }) {
  const t = useWords()
  const pieces: React.ReactNode[] = []
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

function PickPlace({
  understanding,
  onPick,
}: {
  understanding: Understanding
  onPick: (place: { code: string; path: string }) => void
}) {
  const t = useWords()
  const [q, setQ] = useState('')
  const [found, setFound] = useState<Place[] | null>(null)
  useEffect(() => {
    if (q.trim() === '') return undefined
    const stop = new AbortController()
    const timer = setTimeout(() => {
      call(SearchPlaces, { query: { q: q.trim(), limit: 8 }, signal: stop.signal })
        .then((a) => setFound(a.items))
        .catch(() => undefined)
    }, 250)
    return () => {
      clearTimeout(timer)
      stop.abort()
    }
  }, [q])
  const offered =
    found && q.trim() !== ''
      ? found.map((p) => ({ code: p.code, path: p.path }))
      : understanding.placeAlternatives
  return (
    <div className="pick">
      <label htmlFor="pick-place">
        {t({
          zh: '街道、居委或小区（汉字、拼音都行）',
          en: 'Subdistrict, neighbourhood or compound (Chinese or pinyin)',
        })}
      </label>
      <input
        id="pick-place"
        value={q}
        onChange={(e) => setQ(e.target.value)}
        autoComplete="off"
        maxLength={60}
      />
      {q.trim() !== '' && found?.length === 0 && (
        <p className="muted">
          {t({ zh: '没有找到，换个写法试试。', en: 'Nothing found; try another spelling.' })}
        </p>
      )}
      <ul>
        {offered.map((p) => (
          <li key={p.code}>
            <button type="button" className="choice" onClick={() => onPick(p)}>
              {p.path}
            </button>
          </li>
        ))}
      </ul>
    </div>
  )
}

function PickElement({
  understanding,
  onPick,
}: {
  understanding: Understanding
  onPick: (element: { id: string; name: { zh: string; en: string } }) => void
}) {
  const t = useWords()
  const [q, setQ] = useState('')
  const [all, setAll] = useState<Element[] | null>(null)
  useEffect(() => {
    call(ListElements)
      .then((a) => setAll(a.elements))
      .catch(() => setAll([]))
  }, [])
  const wanted = q.trim().toLowerCase()
  const fits = (e: Element) =>
    e.name.zh.includes(wanted) ||
    e.name.en.toLowerCase().includes(wanted) ||
    e.words.some((w) => w.includes(wanted))
  const offered =
    wanted === ''
      ? [
          ...understanding.elementAlternatives,
          ...(all ?? []).filter((e) => !understanding.elementAlternatives.some((a) => a.id === e.id)),
        ]
      : (all ?? []).filter(fits)
  return (
    <div className="pick">
      <label htmlFor="pick-element">
        {t({ zh: '是什么事（写一两个字找）', en: 'What it is about (type to find)' })}
      </label>
      <input
        id="pick-element"
        value={q}
        onChange={(e) => setQ(e.target.value)}
        autoComplete="off"
        maxLength={30}
      />
      <ul>
        {offered.slice(0, ELEMENTS_SHOWN).map((e) => (
          <li key={e.id}>
            <button type="button" className="choice" onClick={() => onPick({ id: e.id, name: e.name })}>
              {t(e.name)}
            </button>
          </li>
        ))}
      </ul>
    </div>
  )
}

function PickAddress({ value, onPick }: { value: string; onPick: (address: string) => void }) {
  const t = useWords()
  const [text, setText] = useState(value)
  return (
    <form
      className="pick"
      onSubmit={(e) => {
        e.preventDefault()
        if (text.trim()) onPick(text.trim())
      }}
    >
      <label htmlFor="pick-address">{t({ zh: '路、弄、号、室', en: 'Road, lane, number, room' })}</label>
      <input
        id="pick-address"
        value={text}
        onChange={(e) => setText(e.target.value)}
        maxLength={120}
        autoComplete="street-address"
      />
      <button type="submit" className="secondary">
        {t({ zh: '就用这个', en: 'Use this' })}
      </button>
    </form>
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
          <strong>{span(understanding.route.handleMinutes * 60_000, language)}</strong>
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
