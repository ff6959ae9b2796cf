import { useState } from 'react'
import { useLanguage, useWords } from '#web/shared/language.ts'
import type { CityMoment } from './city-clock.ts'
import type { DayStore } from './day.ts'
import { Identity } from './Identity.tsx'
import { People, Who } from './People.tsx'
import { adviceFor } from './advice.ts'
import type { Somebody } from './read.ts'
import {
  dropEmptyTube,
  leaveMending,
  removePerson,
  sealTube,
  type Day,
  type Outcome,
  type Tube,
  type Why,
} from './records.ts'
import { Label } from './Label.tsx'
import { complete } from './signals.ts'

/** A tube under way: people until it is full, then one button. */
export function Fill({
  tube,
  store,
  cityMoment,
  scans,
  onSomebody,
  onRefused,
  onSealed,
}: {
  tube: Tube
  store: DayStore
  cityMoment: () => CityMoment
  scans: number
  onSomebody: (somebody: Somebody) => void
  onRefused: (why: Why | 'id_number_wrong') => void
  onSealed: (tube: Tube) => void
}) {
  const t = useWords()
  const language = useLanguage()
  const [listed, setListed] = useState(false)
  // Asked once for this many; one more person and it would be asked again.
  const [askedAt, setAskedAt] = useState<number | null>(null)
  const [relabel, setRelabel] = useState(false)
  const n = tube.members.length
  const isFull = n >= tube.kind
  const last = tube.members.at(-1)
  const bad = tube.members.filter((m) => m.problem).length
  const asked = askedAt === n
  const isMending = tube.state === 'mending'

  const seal = async () => {
    const { at, isSure } = cityMoment()
    const why = await store.change((day) => sealTube(day, at, Date.now(), isSure))
    if (why) return onRefused(why)
    complete()
    onSealed(tube)
  }
  const change = (decide: (day: Day) => Outcome) =>
    void store.change(decide).then((why) => why && onRefused(why))

  if (listed)
    return <People tube={tube} store={store} onRefused={onRefused} onClose={() => setListed(false)} />
  return (
    <section className="fill">
      {isMending && (
        <div className="card bad" role="alert">
          <p>
            <b>{tube.refused?.[language]}</b>
          </p>
          <p>{tube.refused && t(adviceFor(tube.refused.code).do)}</p>
        </div>
      )}
      <div className="tube-line">
        {isMending ? (
          <button type="button" className="light" onClick={() => setRelabel(!relabel)}>
            {t({ zh: '改条码', en: 'Correct label' })}
          </button>
        ) : (
          n === 0 && (
            <button type="button" className="light" onClick={() => change(dropEmptyTube)}>
              {t({ zh: '换一支管', en: 'Other tube' })}
            </button>
          )
        )}
      </div>
      {relabel && (
        <Label kind="T" store={store} mending onDone={() => setRelabel(false)} onRefused={onRefused} />
      )}
      <div className={`counter ${isFull ? 'full' : ''}`}>
        <p className="number" data-testid="counter">
          <b>{n}</b>
          <span>/{tube.kind}</span>
        </p>
        <p className="left">
          <small>{tube.code}</small>
          {isFull
            ? t({ zh: '满了', en: 'Full' })
            : t({ zh: `还差 ${tube.kind - n}`, en: `${tube.kind - n} to go` })}
        </p>
      </div>
      {last && (
        <div className="last">
          <span>
            <Who person={last} />
          </span>
          <button
            type="button"
            className="light"
            onClick={() => change((day) => removePerson(day, last.key))}
          >
            {t({ zh: '撤销', en: 'Undo' })}
          </button>
          <button type="button" className={`light ${bad > 0 ? 'bad' : ''}`} onClick={() => setListed(true)}>
            {bad > 0 ? t({ zh: `名单 ✗${bad}`, en: `List ✗${bad}` }) : t({ zh: '名单', en: 'List' })}
          </button>
        </div>
      )}
      {!isFull && !relabel && !asked && (
        <Identity key={scans} onSomebody={onSomebody} onWrong={() => onRefused('id_number_wrong')} />
      )}
      {asked && !isFull && (
        <p className="ask" role="alert">
          {t({
            zh: `只有 ${n} 人，还差 ${tube.kind - n} 人。就这样封管吗？`,
            en: `Only ${n}, ${tube.kind - n} short. Seal it like this?`,
          })}
        </p>
      )}
      {n > 0 && (
        <button
          type="button"
          className={`big seal ${isFull || asked || isMending ? 'huge go' : 'light'}`}
          onClick={() => (isFull || asked || isMending ? void seal() : setAskedAt(n))}
        >
          {tube.state === 'mending'
            ? t({ zh: '改好了，再送', en: 'Corrected: send again' })
            : asked && !isFull
              ? t({ zh: `是，${n} 人封管`, en: `Yes, seal with ${n}` })
              : t({ zh: '封管', en: 'Seal' })}
        </button>
      )}
      {asked && !isFull && (
        <button type="button" className="big light" onClick={() => setAskedAt(null)}>
          {t({ zh: '接着采', en: 'Go on sampling' })}
        </button>
      )}
      {isMending && (
        <button type="button" className="big light" onClick={() => change(leaveMending)}>
          {t({ zh: '以后再改', en: 'Later' })}
        </button>
      )}
    </section>
  )
}
