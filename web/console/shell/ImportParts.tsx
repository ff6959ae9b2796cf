import { useWords } from '#web/shared/language.ts'

/** How a line of a file was read. */
export const READ_WORDS = {
  understood: { zh: '看懂', en: 'Understood' },
  repaired: { zh: '修正', en: 'Repaired' },
  refused: { zh: '不收', en: 'Refused' },
  unused: { zh: '未用', en: 'Not used' },
} as const

export type TallyCell = readonly [mark: '' | 'bad' | 'look', words: { zh: string; en: string }, n: number]

/** What a file came to, in figures; what wants a look is marked. */
export function TallyCells({ cells }: { cells: readonly TallyCell[] }) {
  const t = useWords()
  return (
    <div className="tally">
      {cells.map(([mark, words, n]) => (
        <div key={words.en} className={mark}>
          <span className="muted">{t(words)}</span>
          <b>{n.toLocaleString()}</b>
        </div>
      ))}
    </div>
  )
}
