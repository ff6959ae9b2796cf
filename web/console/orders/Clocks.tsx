import type { Order } from '#capabilities/orders/contract.ts'
import { useLanguage, useWords } from '#web/shared/language.ts'
import { remaining, span, when } from '#web/shared/time.ts'
import { CLOCK_WORDS } from '#web/shared/words.ts'

/** Every clock that ran, each with its deadline and how it ended. */
export function Clocks({ clocks, now }: { clocks: Order['clocks']; now: number }) {
  const t = useWords()
  const language = useLanguage()
  const outcome = (clock: Order['clocks'][number]) => {
    const due = Date.parse(clock.dueAt)
    if (!clock.stoppedAt) {
      const left = remaining(clock.dueAt, now, language)
      return <span className={`left ${left.level}`}>{left.text}</span>
    }
    const late = Date.parse(clock.stoppedAt) - due
    if (late > 0 || clock.firedAt)
      return (
        <span className="left red">
          {t({ zh: `迟了 ${span(late, 'zh')}`, en: `${span(late, 'en')} late` })}
        </span>
      )
    return <span className="left green">{t({ zh: '按时', en: 'In time' })}</span>
  }
  return (
    <table className="list small">
      <thead>
        <tr>
          <th>{t({ zh: '环节', en: 'Step' })}</th>
          <th>{t({ zh: '起', en: 'From' })}</th>
          <th>{t({ zh: '时限', en: 'Deadline' })}</th>
          <th>{t({ zh: '完成', en: 'Done' })}</th>
          <th>{t({ zh: '剩余或结果', en: 'Left or outcome' })}</th>
        </tr>
      </thead>
      <tbody>
        {clocks.map((clock) => (
          <tr key={`${clock.kind} ${clock.startedAt}`} className={clock.stoppedAt ? '' : 'running'}>
            <td title={[clock.clause, clock.pack].filter(Boolean).join(' · ')}>
              {t(CLOCK_WORDS[clock.kind])}
              {clock.clause && <span className="clause">{clock.clause}</span>}
            </td>
            <td>{when(clock.startedAt, now, language)}</td>
            <td>{when(clock.dueAt, now, language)}</td>
            <td>{clock.stoppedAt ? when(clock.stoppedAt, now, language) : '—'}</td>
            <td>{outcome(clock)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
