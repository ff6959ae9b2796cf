import { useCallback, useEffect, useState } from 'react'
import { link } from '#web/shared/address.ts'
import { call } from '#web/shared/api.ts'
import { useLanguage, useWords } from '#web/shared/language.ts'
import { GetMyDuty, type MyDuty } from '#web/shared/routes.ts'
import { when } from '#web/shared/time.ts'
import { useSession } from './session.ts'

/** What I owe today; asked for again when the page is looked at and when something of mine changes. */
function useMyDuty(): MyDuty | null {
  const { owner, onChange } = useSession()
  const [duty, setDuty] = useState<MyDuty | null>(null)
  const load = useCallback(() => {
    // Without an answer the card is not there: what was owed an hour ago may be done.
    if (owner !== null) call(GetMyDuty).then(setDuty, () => setDuty(null))
  }, [owner])
  useEffect(() => {
    load()
    const shown = () => document.visibilityState === 'visible' && load()
    document.addEventListener('visibilitychange', shown)
    const stop = onChange(load)
    return () => {
      stop()
      document.removeEventListener('visibilitychange', shown)
    }
  }, [load, onChange])
  return owner === null ? null : duty
}

function Line({ what, done, state }: { what: string; done: boolean; state: string }) {
  return (
    <li className={done ? 'green' : 'amber'}>
      <b>{what}</b>{' '}
      <span>
        <span aria-hidden="true">{done ? '✓' : '◷'}</span> {state}
      </span>
    </li>
  )
}

/** Today's tests, due or done, and why: one card. */
export function DutyCard({ now }: { now: number }) {
  const t = useWords()
  const language = useLanguage()
  const duty = useMyDuty()
  if (!duty) return null
  const at = (iso: string | null) => (iso ? when(iso, now, language) : '')
  const owes = duty.pcr + duty.antigen > 0
  const pcrDone = duty.pcrDone >= duty.pcr
  const left = Math.max(0, duty.antigen - duty.antigenDone)
  return (
    <section className={`card duty ${owes ? (duty.done ? 'green' : 'amber') : ''}`} aria-labelledby="duty">
      <h2 id="duty">
        {!owes
          ? t({ zh: '今天没有要做的检测', en: 'No test is due today' })
          : duty.done
            ? t({ zh: '今天的检测已做', en: "Today's tests are done" })
            : t({ zh: '今天应做的检测', en: "Today's tests" })}
      </h2>
      {owes && (
        <ul>
          {duty.pcr > 0 && (
            <Line
              what={
                duty.single
                  ? t({ zh: '单管核酸', en: 'A single-tube PCR' })
                  : t({ zh: `核酸 ${duty.pcr} 次`, en: `${duty.pcr} PCR` })
              }
              done={pcrDone}
              state={
                pcrDone
                  ? t({ zh: `${at(duty.pcrDoneAt)} 已采`, en: `sampled ${at(duty.pcrDoneAt)}` })
                  : duty.single
                    ? t({ zh: '请在家等候上门', en: 'stay at home, the community comes' })
                    : t({ zh: '还没有做', en: 'not done yet' })
              }
            />
          )}
          {duty.antigen > 0 && (
            <Line
              what={t({ zh: `抗原 ${duty.antigen} 次`, en: `${duty.antigen} antigen` })}
              done={left === 0}
              state={
                left === 0
                  ? t({ zh: `${at(duty.antigenDoneAt)} 已报`, en: `reported ${at(duty.antigenDoneAt)}` })
                  : duty.antigenDone > 0
                    ? t({
                        zh: `已报 ${duty.antigenDone} 次，还差 ${left} 次`,
                        en: `${duty.antigenDone} reported, ${left} to go`,
                      })
                    : t({ zh: '还没有报告', en: 'not reported yet' })
              }
            />
          )}
        </ul>
      )}
      {duty.reasons.map((r) => (
        <p key={r.zh} className="muted">
          {t(r)} <span className="clause">{r.clause}</span>
        </p>
      ))}
      <div className="row">
        <a className={left > 0 ? 'button' : 'secondary'} {...link('/my/antigen')}>
          {t({ zh: '报告抗原自测', en: 'Report a self-test' })}
        </a>
        {!pcrDone && !duty.single && (
          <a className={left > 0 ? 'secondary' : 'button'} {...link('/sites')}>
            {t({ zh: '去哪里采样', en: 'Where to be sampled' })}
          </a>
        )}
      </div>
    </section>
  )
}
