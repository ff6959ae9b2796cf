import { useEffect, useEffectEvent, useState } from 'react'
import { go } from '#web/shared/address.ts'
import { clientId } from '#web/shared/api.ts'
import { useWords } from '#web/shared/language.ts'
import { Camera } from './Camera.tsx'
import { Fill } from './Fill.tsx'
import { KINDS } from './Begin.tsx'
import { WantedPeople } from './WantedPeople.tsx'
import { Label } from './Label.tsx'
import { LineReport } from './LineReport.tsx'
import { NoticeLine } from './NoticeLine.tsx'
import type { CityMoment } from './city-clock.ts'
import type { DayStore } from './day.ts'
import { identifyNew } from './identify.ts'
import { readScan, type Somebody } from './read.ts'
import { unboxed } from './boxes.ts'
import {
  addPerson,
  addWanted,
  beginTube,
  endSession,
  tubesOf,
  underWay,
  type Day,
  type Session,
} from './records.ts'
import { complete, good, refused } from './signals.ts'
import { useNotice, useScans } from './use-scans.ts'

/** The sampling table: scan the tube, scan people until it is full, seal, next. */
export function Table({
  session,
  day,
  store,
  cityNow,
  cityMoment,
}: {
  session: Session
  day: Day
  store: DayStore
  cityNow: () => Date
  cityMoment: () => CityMoment
}) {
  const t = useWords()
  const [notice, say, no] = useNotice()
  const [ending, setEnding] = useState(false)
  const tube = underWay(day)
  const people = tubesOf(day, session.id).reduce((sum, one) => sum + one.people, 0)
  const sealed = tubesOf(day, session.id).length

  const begin = async (code: string) => {
    const why = await store.change((now) =>
      beginTube(now, { id: clientId(), owner: store.owner, madeAt: Date.now() }, session, code),
    )
    if (why) return no(why)
    good()
    say(true, { zh: `管 ${code}，开始扫人`, en: `Tube ${code}: now people` })
  }
  const identify = () =>
    void identifyNew(store, (problem) => {
      refused()
      say(false, { zh: `${problem.zh}（见名单）`, en: `${problem.en} (see the list)` })
    })
  const add = async (somebody: Somebody) => {
    const why = await store.change((now) => addPerson(now, somebody))
    if (why) return no(why)
    const filled = underWay(store.get())
    if (filled && filled.members.length >= filled.kind) complete()
    else good()
    say(true, { zh: `加入 ${somebody.shown}`, en: `Added ${somebody.shown}` })
  }
  const take = async (i: number) => {
    const why = await store.change((now) => addWanted(now, session.id, i))
    if (why) return no(why)
    complete()
    say(true, { zh: '已加入，请封管', en: 'Added: now seal' })
  }
  const onText = (text: string) => {
    const read = readScan(text)
    if (read.is === 'nothing') return no(read.why)
    if (read.is === 'tube') {
      // The scanner saw the same tube once more.
      if (underWay(store.get())?.code === read.code) return
      return begin(read.code)
    }
    if (read.is === 'box') return go('/field?tab=sampling&view=box')
    if (!underWay(store.get())) return no('tube_first')
    return add(read.person)
  }
  const scans = useScans(onText)
  const free = unboxed(day, session.id).length
  const openBox = day.boxes.find((b) => b.sessionId === session.id && b.state === 'packing')
  /** Asked once where tubes lie about; a session that has ended packs no boxes. */
  const end = async () => {
    if (free > 0 && !ending) return setEnding(true)
    const why = await store.change((now) => endSession(now, session.id))
    if (why) no(why)
    setEnding(why === 'box_open')
  }
  // After each change: somebody new, a tube taken up again, a session that the city has come to know.
  const catchUp = useEffectEvent(identify)
  useEffect(() => {
    catchUp()
    return store.subscribe(() => catchUp())
  }, [store])

  return (
    <>
      <NoticeLine notice={notice} />
      {session.wanted.length > 0 && (!tube || tube.members.length < tube.kind) && (
        <WantedPeople session={session} day={day} onTake={(i) => void take(i)} />
      )}
      {/* One camera above tube and people: ten looks and the next tube without another press. */}
      <Camera onText={onText} />
      {tube ? (
        <Fill
          tube={tube}
          store={store}
          cityMoment={cityMoment}
          scans={scans}
          onSomebody={(somebody) => void add(somebody)}
          onRefused={no}
          onSealed={(one) =>
            say(true, {
              zh: `已封管 ${one.code}（${one.members.length} 人），下一支`,
              en: `Sealed ${one.code} (${one.members.length} people): next`,
            })
          }
        />
      ) : (
        <section className="next">
          <h1>{t({ zh: '扫管码', en: 'Scan the tube' })}</h1>
          <p className="muted">
            {t({
              zh: `本场 ${sealed} 管 ${people} 人`,
              en: `This session: ${sealed} tubes, ${people} people`,
            })}
          </p>
          <Label key={scans} kind="T" store={store} onCode={(code) => void begin(code)} onRefused={no} />
          <fieldset className="kind-line" aria-label={t({ zh: '每管人数', en: 'People to a tube' })}>
            {KINDS.map((k) => (
              <button
                key={k.kind}
                type="button"
                className="light"
                aria-pressed={session.tubeKind === k.kind}
                onClick={() =>
                  void store
                    .change(() => ({ put: [{ ...session, tubeKind: k.kind }] }))
                    .then((why) => why && no(why))
                }
              >
                {k.kind}
              </button>
            ))}
          </fieldset>
          {session.siteId && <LineReport siteId={session.siteId} cityNow={cityNow} />}
          {ending && openBox ? (
            <button type="button" className="big" onClick={() => go('/field?tab=sampling&view=box')}>
              {t({ zh: `去封箱 ${openBox.code}`, en: `Close box ${openBox.code}` })}
            </button>
          ) : (
            ending &&
            free > 0 && (
              <p className="ask" role="alert">
                {t({
                  zh: `还有 ${free} 支没装箱。再按一次结束本场。`,
                  en: `${free} tubes lie in no box. Press again to end.`,
                })}
              </p>
            )
          )}
          <div className="others">
            <button type="button" className="light" onClick={() => go('/field?tab=sampling&view=box')}>
              {t({
                zh: `装箱 ${free}`,
                en: `Box ${free}`,
              })}
            </button>
            <button type="button" className="light" onClick={() => void end()}>
              {t({ zh: '结束本场', en: 'End session' })}
            </button>
          </div>
        </section>
      )}
    </>
  )
}
