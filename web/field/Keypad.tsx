import { useWords } from '#web/shared/language.ts'

const KEYS = ['1', '2', '3', '4', '5', '6', '7', '8', '9'] as const

/** A keypad of its own: the telephone's is smaller, covers half of the screen and has no X. */
export function Keypad({
  value,
  extra,
  onChange,
  label,
}: {
  value: string
  /** The key at the lower left; X for identity numbers. */
  extra?: string
  onChange: (next: string) => void
  label: string
}) {
  const t = useWords()
  const type = (key: string) => onChange(value + key)
  return (
    <fieldset className="keypad" aria-label={label}>
      {KEYS.map((key) => (
        <button key={key} type="button" onClick={() => type(key)}>
          {key}
        </button>
      ))}
      {extra ? (
        <button type="button" onClick={() => type(extra)}>
          {extra}
        </button>
      ) : (
        <button type="button" className="word" onClick={() => onChange('')}>
          {t({ zh: '清空', en: 'Clear' })}
        </button>
      )}
      <button type="button" onClick={() => type('0')}>
        0
      </button>
      <button
        type="button"
        aria-label={t({ zh: '退一格', en: 'Backspace' })}
        onClick={() => onChange(value.slice(0, -1))}
      >
        ⌫
      </button>
    </fieldset>
  )
}
