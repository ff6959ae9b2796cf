import type { Word } from '#capabilities/places/contract.ts'
import { useWords } from '#web/shared/language.ts'

const KINDS = {
  place: { zh: '地点', en: 'place' },
  address: { zh: '地址', en: 'address' },
  need: { zh: '事项', en: 'matter' },
  urgency: { zh: '急难', en: 'urgent' },
} as const

/** The text with the words that were understood; each kind has its own line and its name, not only a colour. */
export function Highlighted({ text, words }: { text: string; words: readonly Word[] }) {
  const t = useWords()
  const parts: { from: number; text: string; word?: Word }[] = []
  let at = 0
  for (const word of [...words].sort((a, b) => a.from - b.from)) {
    // Overlapping words: the first one is shown. Words of a text that has changed since are left out.
    if (word.from < at || text.slice(word.from, word.to) !== word.text) continue
    if (word.from > at) parts.push({ from: at, text: text.slice(at, word.from) })
    parts.push({ from: word.from, text: text.slice(word.from, word.to), word })
    at = word.to
  }
  if (at < text.length) parts.push({ from: at, text: text.slice(at) })
  return (
    <p className="said">
      {parts.map((part) =>
        part.word ? (
          <mark key={part.from} className={`word ${part.word.about}`}>
            {part.text}
            <small>{t(KINDS[part.word.about])}</small>
          </mark>
        ) : (
          <span key={part.from}>{part.text}</span>
        ),
      )}
    </p>
  )
}
