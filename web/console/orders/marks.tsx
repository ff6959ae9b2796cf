import type { OrderRow, State } from '#capabilities/orders/contract.ts'
import { useLanguage, useWords } from '#web/shared/language.ts'
import { remaining, when } from '#web/shared/time.ts'
import { CLOCK_WORDS, STATE_WORDS } from '#web/shared/words.ts'
import { useElements } from '../policy/elements.tsx'

export function StateMark({ state }: { state: State }) {
  const t = useWords()
  return <span className={`state state-${state}`}>{t(STATE_WORDS[state])}</span>
}

/** A shape and a word; the colour only repeats them. */
export function UrgentMark() {
  const t = useWords()
  return (
    <span className="urgent">
      <span aria-hidden>▲</span> {t({ zh: '急', en: 'Urgent' })}
    </span>
  )
}

/** Card, supervision and nudges: shape and word, the colour repeats them. */
export function OverlayMarks({ order }: { order: Pick<OrderRow, 'card' | 'supervised' | 'nudges'> }) {
  const t = useWords()
  return (
    <>
      {order.card === 'red' && <span className="mark red">■ {t({ zh: '红牌', en: 'Red card' })}</span>}
      {order.card === 'yellow' && (
        <span className="mark amber">◧ {t({ zh: '黄牌', en: 'Yellow card' })}</span>
      )}
      {order.supervised && <span className="mark blue">◉ {t({ zh: '督办', en: 'Supervised' })}</span>}
      {order.nudges > 0 && (
        <span className="mark">{t({ zh: `催 ${order.nudges}`, en: `Nudged ${order.nudges}` })}</span>
      )}
    </>
  )
}

type Due = Pick<OrderRow, 'dueAt' | 'dueKind' | 'state'>

/** Deadline and what remains, always together. */
export function DueMark({ order, now }: { order: Due; now: number }) {
  const t = useWords()
  const language = useLanguage()
  if (!order.dueAt || !order.dueKind)
    return <span className="muted">{t({ zh: '无时限', en: 'No deadline' })}</span>
  const left = remaining(order.dueAt, now, language)
  const kind = t(CLOCK_WORDS[order.dueKind])
  return (
    <span className="due">
      <span className={`left ${left.level}`}>
        <span aria-hidden>{{ green: '○', amber: '◐', red: '●' }[left.level]}</span> {left.text}
      </span>
      <span className="muted">
        {language === 'zh'
          ? `${when(order.dueAt, now, language)} 前${kind}`
          : `${kind} by ${when(order.dueAt, now, language)}`}
      </span>
    </span>
  )
}

/** The title is kept in Chinese; in English it is said again from the element and the place. */
export function useTitleOf(): (order: Pick<OrderRow, 'title' | 'element' | 'place'>) => string {
  const language = useLanguage()
  const { nameOf } = useElements()
  return (order) =>
    language === 'zh' ? order.title : `${nameOf(order.element) ?? 'To be classified'} · ${order.place}`
}

export function useUnitName(): (unit: OrderRow['unit']) => string | null {
  const language = useLanguage()
  return (unit) => unit && (language === 'zh' ? unit.name : unit.nameEn)
}
