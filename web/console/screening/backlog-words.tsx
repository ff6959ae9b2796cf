import type { LabCapacity } from '#capabilities/screening/capacity.contract.ts'
import { useLanguage } from '#web/shared/language.ts'
import { span, when } from '#web/shared/time.ts'

export const STAGE_WORDS = {
  sealed: { zh: '待取走', en: 'To be collected' },
  collected: { zh: '在途', en: 'On the way' },
  received: { zh: '待检测', en: 'At a laboratory' },
} as const

export const KIND_WORDS = {
  tubes: { zh: '空管', en: 'Empty tubes' },
  boxes: { zh: '空箱', en: 'Empty boxes' },
  samplers: { zh: '在岗采样员', en: 'Samplers on duty' },
  couriers: { zh: '在岗取送人员', en: 'Couriers on duty' },
} as const

export const num = (x: number) => x.toLocaleString('en-US')

const two = (n: number) => String(n).padStart(2, '0')
export const clockOf = (minute: number) => `${two(Math.floor(minute / 60))}:${two(minute % 60)}`

export const hoursWords = (c: Pick<LabCapacity, 'opens' | 'closes'>) =>
  c.opens === c.closes
    ? { zh: '全天', en: 'around the clock' }
    : { zh: `${clockOf(c.opens)}–${clockOf(c.closes)}`, en: `${clockOf(c.opens)}–${clockOf(c.closes)}` }

/** A promise of hours: the deadline with what is left of it; amber inside the warning, red when it is broken. */
export function Deadline({ at, now, warnHours }: { at: string | null; now: number; warnHours: number }) {
  const language = useLanguage()
  if (at === null) return <span className="muted">—</span>
  const left = Date.parse(at) - now
  const zh = language === 'zh'
  const level = left < 0 ? 'red' : left < warnHours * 3_600_000 ? 'amber' : 'green'
  const words =
    left < 0
      ? zh
        ? `▲ 超时 ${span(left, language)}`
        : `▲ ${span(left, language)} late`
      : zh
        ? `${level === 'amber' ? '◆ ' : ''}剩 ${span(left, language)}`
        : `${level === 'amber' ? '◆ ' : ''}${span(left, language)} left`
  return (
    <span className="deadline">
      <span className="mono">{when(at, now, language)}</span> <b className={`word-${level}`}>{words}</b>
    </span>
  )
}
