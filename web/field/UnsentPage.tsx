import { useEffect, useState } from 'react'
import { go } from '#web/shared/address.ts'
import { clientId } from '#web/shared/api.ts'
import { useLanguage, useWords } from '#web/shared/language.ts'
import { span } from '#web/shared/time.ts'
import { NoticeLine } from './NoticeLine.tsx'
import { adviceFor } from './advice.ts'
import { awaited } from './boxes.ts'
import type { DayStore } from './day.ts'
import { unsentHere } from './field.ts'
import {
  mendTube,
  moveToSession,
  setAside,
  unsent,
  type Box,
  type Day,
  type Session,
  type Tube,
} from './records.ts'
import type { Sending } from './sending.ts'
import { useNotice, type No } from './use-scans.ts'
import { useTick } from './use-tick.ts'

/** Everything that the city has not taken: what waits for the network, and what waits for the person. */
export function UnsentPage({
  day,
  store,
  sending,
  cityNow,
  sendNow,
}: {
  day: Day
  store: DayStore
  sending: Sending
  cityNow: () => Date
  sendNow: () => void
}) {
  const t = useWords()
  const language = useLanguage()
  const now = useTick(1_000)
  const [others, setOthers] = useState(0)
  const [notice, , no] = useNotice()
  useEffect(() => {
    unsentHere()
      .then((all) => setOthers(all.filter((h) => h.owner !== store.owner).length))
      .catch(() => undefined)
  }, [store])
  const waiting = day.tubes.filter((u) => u.state === 'waiting')
  const { tubes, boxes, sessions, refused, oldest } = unsent(day)
  const late = awaited(day)
  const all = tubes + boxes + sessions
  const seconds = sending.nextTry ? Math.max(0, Math.ceil((sending.nextTry - now) / 1000)) : 0
  return (
    <section className="unsent">
      <h1>{t({ zh: '待发送', en: 'Unsent' })}</h1>
      <p aria-live="polite">
        {all === 0
          ? t({ zh: '✓ 都已送达。', en: '✓ Everything has arrived.' })
          : t({
              zh: `${tubes} 管 ${boxes} 箱${sessions > 0 ? ` ${sessions} 场结束` : ''}等待网络`,
              en: `${tubes} tubes${sessions > 0 ? `, ${boxes} boxes and ${sessions} ended sessions` : ` and ${boxes} boxes`} wait for the network`,
            })}
        {oldest !== null && ` · ${t({ zh: '最早', en: 'oldest' })} ${span(now - oldest, language)}`}
      </p>
      {late > 0 && (
        <p className="amber">
          {t({
            zh: `◷ 箱中 ${late} 管还没有由封管的设备上报；上报后自动装入，请保持登录`,
            en: `◷ ${late} tubes in boxes are not reported by their devices yet; they are put in by themselves once they are: stay signed in`,
          })}
        </p>
      )}
      {all + late > 0 && (
        <button type="button" className="big" disabled={sending.busy} onClick={sendNow}>
          {sending.busy
            ? t({ zh: '正在送……', en: 'Sending …' })
            : seconds > 0
              ? t({
                  zh: `现在送（${seconds} 秒后自动再试）`,
                  en: `Send now (again by itself in ${seconds} s)`,
                })
              : t({ zh: '现在送', en: 'Send now' })}
        </button>
      )}
      {sending.signedOut && (
        <p className="card bad" role="alert">
          {t({
            zh: '登录已过期：重新登录后会自动送出。',
            en: 'Signed out: sign in again and it is sent by itself.',
          })}
        </p>
      )}
      {others > 0 && (
        <p className="card">
          {t({
            zh: `本机另有 ${others} 件是别的账号的，须本人登录后才能送出。`,
            en: `${others} more on this device are another account’s; only that person can send them, after signing in.`,
          })}
        </p>
      )}
      {store.unreadable > 0 && (
        <p className="card bad" role="alert">
          {t({
            zh: `有 ${store.unreadable} 条记录本机打不开，请不要清除数据，把手机交给负责人。`,
            en: `${store.unreadable} records cannot be opened here. Do not clear the data; hand the device to whoever is in charge.`,
          })}
        </p>
      )}
      {notice && <NoticeLine notice={notice} />}
      {refused > 0 && <h2>{t({ zh: `没有被接受 ${refused}`, en: `Not accepted: ${refused}` })}</h2>}
      {day.sessions
        .filter((s) => s.state === 'refused')
        .map((s) => (
          <RefusedSession key={s.id} session={s} />
        ))}
      {day.tubes
        .filter((u) => u.state === 'refused' || u.state === 'mending')
        .map((u) => (
          <RefusedTube key={u.id} tube={u} day={day} store={store} cityNow={cityNow} onRefused={no} />
        ))}
      {day.boxes
        .filter((b) => b.state === 'refused')
        .map((b) => (
          <RefusedBox key={b.id} box={b} store={store} onRefused={no} />
        ))}
      {waiting.length > 0 && (
        <ul className="codes">
          {waiting.map((u) => (
            <li key={u.id}>
              <span>{u.code}</span>
              <span>
                {t({ zh: `${u.people} 人`, en: `${u.people} people` })} ·{' '}
                {span(now - (u.waitsSince ?? now), language)}
              </span>
            </li>
          ))}
        </ul>
      )}
      <button type="button" className="big light" onClick={() => go('/field?tab=sampling')}>
        {t({ zh: '回去采样', en: 'Back to sampling' })}
      </button>
    </section>
  )
}

function RefusedTube({
  tube,
  day,
  store,
  cityNow,
  onRefused,
}: {
  tube: Tube
  day: Day
  store: DayStore
  cityNow: () => Date
  onRefused: No
}) {
  const t = useWords()
  const language = useLanguage()
  if (!tube.refused) return null
  const advice = adviceFor(tube.refused.code)
  const from = day.sessions.find((s) => s.id === tube.sessionId)
  const move = (session: Session) =>
    void store
      .change((now) =>
        moveToSession(now, session, {
          ...session,
          id: clientId(),
          madeAt: Date.now(),
          state: 'waiting',
          openedAt: cityNow().toISOString(),
          refused: null,
        }),
      )
      .then((why) => why && onRefused(why))
  return (
    <article className="card bad" role="alert" data-tube={tube.code}>
      <p>
        <b>{tube.code}</b> · {t({ zh: `${tube.people} 人`, en: `${tube.people} people` })}
      </p>
      <p className="red">✗ {tube.refused[language]}</p>
      <p>{t(advice.do)}</p>
      {advice.ways.includes('mend') && (
        <button
          type="button"
          className="big"
          onClick={() =>
            void store
              .change((now) => mendTube(now, tube.id))
              .then((why) => {
                // The other tube is sealed first; its screen is where to do it.
                if (!why || why === 'tube_under_way') go('/field?tab=sampling')
                else onRefused(why)
              })
          }
        >
          {t({ zh: '改正', en: 'Correct' })}
        </button>
      )}
      {advice.ways.includes('move') && from && (
        <button type="button" className="big" onClick={() => move(from)}>
          {t({ zh: '转到新的一次采样', en: 'Move to a new session' })}
        </button>
      )}
      {advice.ways.includes('aside') && (
        <button
          type="button"
          className="big light"
          onClick={() =>
            void store.change((now) => setAside(now, tube.id)).then((why) => why && onRefused(why))
          }
        >
          {t({ zh: '管已单独放好，已告诉负责人', en: 'Put apart, and somebody told' })}
        </button>
      )}
    </article>
  )
}

function RefusedBox({ box, store, onRefused }: { box: Box; store: DayStore; onRefused: No }) {
  const t = useWords()
  const language = useLanguage()
  if (!box.refused) return null
  return (
    <article className="card bad" role="alert">
      <p>
        <b>{box.code}</b> · {t({ zh: `${box.tubes.length} 支`, en: `${box.tubes.length} tubes` })}
      </p>
      <p className="red">✗ {box.refused[language]}</p>
      <p>{t(adviceFor(box.refused.code).do)}</p>
      <button
        type="button"
        className="big"
        onClick={() =>
          void store
            .change(() => ({ put: [], drop: [box.id] }))
            .then((why) => (why ? onRefused(why) : go('/field?tab=sampling&view=box')))
        }
      >
        {t({ zh: '换一个箱重装', en: 'Pack into another box' })}
      </button>
    </article>
  )
}

function RefusedSession({ session }: { session: Session }) {
  const t = useWords()
  const language = useLanguage()
  return (
    <article className="card bad" role="alert">
      <p>
        <b>{session.place}</b> {session.address}
      </p>
      <p className="red">✗ {session.refused?.[language]}</p>
      <p>
        {t({
          zh: '这个地点不能由这个账号采样：换对的小区，已封的管会跟过去再送。',
          en: 'This account cannot sample here: choose the right compound, and the sealed tubes go with it.',
        })}
      </p>
      <button
        type="button"
        className="big"
        onClick={() => go(`/field?tab=sampling&view=begin&from=${session.id}`)}
      >
        {t({ zh: '换小区再送', en: 'Choose the compound again' })}
      </button>
    </article>
  )
}
