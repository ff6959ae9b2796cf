import { useEffect, useState } from 'react'
import { call } from '#web/shared/api.ts'
import { useWords } from '#web/shared/language.ts'
import {
  ListElements,
  SearchPlaces,
  type Element,
  type Place,
  type Understanding,
} from '#web/shared/routes.ts'

const ELEMENTS_SHOWN = 30

export function PickPlace({
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

export function PickElement({
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

export function PickAddress({ value, onPick }: { value: string; onPick: (address: string) => void }) {
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
