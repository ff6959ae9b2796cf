import type { OrderEvent } from '#capabilities/orders/contract.ts'
import { useLanguage, useWords } from '#web/shared/language.ts'
import { when } from '#web/shared/time.ts'
import { ACTION_WORDS, STATE_WORDS } from '#web/shared/words.ts'

const RULES: Record<string, { zh: string; en: string }> = {
  intake: { zh: '受理规则', en: 'Intake rule' },
  routing: { zh: '派单规则', en: 'Routing rule' },
  clock: { zh: '时限规则', en: 'Deadline rule' },
  process: { zh: '协同流程', en: 'Process' },
  merging: { zh: '合并规则', en: 'Merging rule' },
}

/** Newest first: what was done, by whom, and why where a rule did it. */
export function Timeline({ events, now }: { events: OrderEvent[]; now: number }) {
  const t = useWords()
  const language = useLanguage()
  return (
    <ol className="timeline">
      {events.toReversed().map((e) => (
        <li key={e.seq} className={e.action === 'escalate' || e.action === 'card' ? 'event alarm' : 'event'}>
          <time dateTime={e.at}>{when(e.at, now, language)}</time>
          <div>
            <div>
              <b>{t(ACTION_WORDS[e.action])}</b>
              {e.fromState !== e.toState && (
                <span className="muted">
                  {' '}
                  {e.fromState && `${t(STATE_WORDS[e.fromState])} → `}
                  {t(STATE_WORDS[e.toState])}
                </span>
              )}{' '}
              <span>
                {RULES[e.actorName] ? t(RULES[e.actorName]!) : e.actorName}
                {e.unit && ` · ${e.unit}`}
              </span>
              {!e.public && <span className="internal">{t({ zh: '内部', en: 'Internal' })}</span>}
            </div>
            {e.note && <p className="note">{e.note}</p>}
            {e.why && (
              <details className="why" open={e.action === 'open'}>
                <summary>
                  {t({ zh: '依据', en: 'Why' })}: {e.why.clause} <span className="muted">{e.why.pack}</span>
                </summary>
                <ul className="plain">
                  {e.why.reasons.map((r) => (
                    <li key={r.zh}>{t(r)}</li>
                  ))}
                </ul>
              </details>
            )}
          </div>
        </li>
      ))}
    </ol>
  )
}
