import { useState } from 'react'
import { isLabel } from '#capabilities/screening/label.contract.ts'
import { useWords } from '#web/shared/language.ts'
import type { DayStore } from './day.ts'
import { Keypad } from './Keypad.tsx'
import { relabelTube, type Why } from './records.ts'

/** A label by hand: twelve digits, checked and taken at the last one. */
export function Label({
  kind,
  store,
  mending,
  onCode,
  onDone,
  onRefused,
}: {
  kind: 'T' | 'B'
  store: DayStore
  mending?: boolean
  onCode?: (code: string) => void
  onDone?: () => void
  onRefused: (why: Why) => void
}) {
  const t = useWords()
  const [digits, setDigits] = useState('')
  const type = (next: string) => {
    if (next.length > 12) return
    setDigits(next)
    if (next.length < 12) return
    const code = kind + next
    if (!isLabel(kind, code)) return onRefused('label_mistyped')
    setDigits('')
    if (!mending) return onCode?.(code)
    void store.change((day) => relabelTube(day, code)).then((why) => (why ? onRefused(why) : onDone?.()))
  }
  const isWrong = digits.length === 12
  return (
    <div className="label">
      <output className={`typed ${isWrong ? 'wrong' : ''}`}>
        <b>{kind}</b>
        {digits || (
          <span className="hint">
            {t({ zh: '12位数字，输满自动确认', en: '12 digits; taken at the last' })}
          </span>
        )}
        {digits && <small>{isWrong ? '✗' : `${digits.length}/12`}</small>}
      </output>
      <Keypad value={digits} onChange={type} label={t({ zh: '条码键盘', en: 'Label keys' })} />
    </div>
  )
}
