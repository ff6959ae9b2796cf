import { useState } from 'react'
import { useWords } from '#web/shared/language.ts'
import { Keypad } from './Keypad.tsx'
import {
  isWholePhone,
  mayBecomeResidentId,
  readIdNumber,
  readPhone,
  type DocumentKind,
  type Somebody,
} from './read.ts'

const MODES = [
  ['id', { zh: '身份证', en: 'ID' }],
  ['phone', { zh: '手机号', en: 'Phone' }],
  ['other', { zh: '其他证件', en: 'Other' }],
] as const
type Mode = (typeof MODES)[number][0]

const KINDS: readonly (readonly [DocumentKind, { zh: string; en: string }])[] = [
  ['passport', { zh: '护照', en: 'Passport' }],
  ['hk_macao_pass', { zh: '港澳通行证', en: 'HK/Macao permit' }],
  ['taiwan_pass', { zh: '台胞证', en: 'Taiwan permit' }],
  ['other', { zh: '其他', en: 'Other' }],
]

/** 6 8 4, as on the card: read aloud and compared in one look. */
const spaced = (digits: string) =>
  [digits.slice(0, 6), digits.slice(6, 14), digits.slice(14)].filter(Boolean).join(' ')
const spacedPhone = (digits: string) =>
  [digits.slice(0, 3), digits.slice(3, 7), digits.slice(7)].filter(Boolean).join(' ')

/** Typed identity: a whole number is taken at its last key, without another press. */
export function Identity({
  onSomebody,
  onWrong,
}: {
  onSomebody: (somebody: Somebody) => void
  onWrong: () => void
}) {
  const t = useWords()
  const [mode, setMode] = useState<Mode>('id')
  const [typed, setTyped] = useState('')
  const take = (somebody: Somebody | undefined) => {
    if (!somebody) return onWrong()
    setTyped('')
    onSomebody(somebody)
  }
  const typeId = (next: string) => {
    if (next.length > 18) return
    setTyped(next)
    if (next.length === 18) take(readIdNumber('resident_id', next))
    else if (next.length > typed.length && !mayBecomeResidentId(next)) onWrong()
  }
  const typePhone = (next: string) => {
    if (next.length > 15) return
    setTyped(next)
    if (isWholePhone(next)) take(readPhone(next))
  }
  const isWrong = mode === 'id' && !mayBecomeResidentId(typed)
  return (
    <section className="identity" aria-label={t({ zh: '输入身份', en: 'Type an identity' })}>
      <fieldset className="modes" aria-label={t({ zh: '证件种类', en: 'Kind of identity' })}>
        {MODES.map(([key, words]) => (
          <button
            key={key}
            type="button"
            aria-pressed={mode === key}
            onClick={() => {
              setMode(key)
              setTyped('')
            }}
          >
            {t(words)}
          </button>
        ))}
      </fieldset>
      {mode === 'other' ? (
        <OtherDocument onTake={take} />
      ) : (
        <>
          <output className={`typed ${isWrong ? 'wrong' : ''}`}>
            {(mode === 'id' ? spaced(typed) : spacedPhone(typed)) || (
              <span className="hint">
                {mode === 'id'
                  ? t({ zh: '18位证件号，输满自动加入', en: '18 characters; added at the last' })
                  : t({ zh: '手机号，11位自动加入', en: '11 digits; added at the last' })}
              </span>
            )}
            {mode === 'id' && typed && <small>{isWrong ? '✗' : `${typed.length}/18`}</small>}
          </output>
          <Keypad
            value={typed}
            {...(mode === 'id' && { extra: 'X' })}
            onChange={mode === 'id' ? typeId : typePhone}
            label={t({ zh: '数字键盘', en: 'Number keys' })}
          />
          {mode === 'phone' && typed.length >= 5 && (
            <button type="button" className="big light" onClick={() => take(readPhone(typed))}>
              {t({ zh: '加入', en: 'Add' })}
            </button>
          )}
        </>
      )}
    </section>
  )
}

function OtherDocument({ onTake }: { onTake: (somebody: Somebody | undefined) => void }) {
  const t = useWords()
  const [kind, setKind] = useState<DocumentKind>('passport')
  const [number, setNumber] = useState('')
  const [name, setName] = useState('')
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        const somebody = readIdNumber(kind, number)
        const named = name.trim()
        onTake(somebody && { ...somebody, member: { ...somebody.member, ...(named && { name: named }) } })
        if (!somebody) return
        setNumber('')
        setName('')
      }}
    >
      <label htmlFor="document-kind">{t({ zh: '证件', en: 'Document' })}</label>
      <select id="document-kind" value={kind} onChange={(e) => setKind(e.target.value as DocumentKind)}>
        {KINDS.map(([key, words]) => (
          <option key={key} value={key}>
            {t(words)}
          </option>
        ))}
      </select>
      <label htmlFor="document-number">{t({ zh: '号码', en: 'Number' })}</label>
      <input
        id="document-number"
        autoComplete="off"
        autoCapitalize="characters"
        maxLength={40}
        required
        value={number}
        onChange={(e) => setNumber(e.target.value)}
      />
      <label htmlFor="document-name">
        {t({ zh: '姓名（未登记过的人）', en: 'Name (if not registered)' })}
      </label>
      <input
        id="document-name"
        autoComplete="off"
        maxLength={60}
        value={name}
        onChange={(e) => setName(e.target.value)}
      />
      <button type="submit" className="big">
        {t({ zh: '加入', en: 'Add' })}
      </button>
    </form>
  )
}
