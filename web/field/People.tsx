import { useState } from 'react'
import { useLanguage, useWords } from '#web/shared/language.ts'
import type { DayStore } from './day.ts'
import { namePerson, removePerson, type InTube, type Tube, type Why } from './records.ts'

/** Who is in the tube, in their order; anybody can be taken out before it is sealed. */
export function People({
  tube,
  store,
  onRefused,
  onClose,
}: {
  tube: Tube
  store: DayStore
  onRefused: (why: Why) => void
  onClose: () => void
}) {
  const t = useWords()
  const language = useLanguage()
  const [naming, setNaming] = useState<string>()
  const [name, setName] = useState('')
  return (
    <section className="people">
      <h2>{t({ zh: `管内 ${tube.members.length} 人`, en: `${tube.members.length} in this tube` })}</h2>
      <ol>
        {tube.members.map((m, i) => (
          <li key={m.key} className={m.problem ? 'bad' : ''}>
            <span className="who">
              {i + 1}. <Who person={m} />
              {m.problem && <strong>✗ {m.problem[language]}</strong>}
            </span>
            {!('code' in m.member) && (
              <button
                type="button"
                className="light"
                onClick={() => {
                  setNaming(m.key)
                  setName(('name' in m.member && m.member.name) || '')
                }}
              >
                {t({ zh: '姓名', en: 'Name' })}
              </button>
            )}
            <button
              type="button"
              className="light"
              aria-label={t({ zh: `移除第 ${i + 1} 人`, en: `Remove number ${i + 1}` })}
              onClick={() =>
                void store.change((day) => removePerson(day, m.key)).then((why) => why && onRefused(why))
              }
            >
              ✕
            </button>
            {naming === m.key && (
              <form
                onSubmit={(event) => {
                  event.preventDefault()
                  void store
                    .change((day) => namePerson(day, m.key, name))
                    .then((why) => (why ? onRefused(why) : setNaming(undefined)))
                }}
              >
                <label htmlFor="person-name">
                  {t({ zh: '姓名（未登记过的人才需要）', en: 'Name (only for somebody unknown)' })}
                </label>
                <input
                  id="person-name"
                  autoComplete="off"
                  maxLength={60}
                  value={name}
                  onChange={(e) => setName(e.target.value)}
                />
                <button type="submit" className="big light">
                  {t({ zh: '存', en: 'Keep' })}
                </button>
              </form>
            )}
          </li>
        ))}
      </ol>
      <button type="button" className="big" onClick={onClose}>
        {t({ zh: '回去接着采', en: 'Back to sampling' })}
      </button>
    </section>
  )
}

/** Somebody as far as they are known here: what was read off, and the masked name that the city gave. */
export function Who({ person }: { person: InTube }) {
  const t = useWords()
  const typed = 'name' in person.member ? person.member.name : undefined
  return (
    <>
      <b>{person.shown}</b>{' '}
      {typed ?? (person.isNew ? t({ zh: '未登记过', en: 'not registered' }) : person.nameMasked)}
    </>
  )
}
