import type { Bilingual } from '#kernel/contract.ts'
import { dayOf, startOfDay } from '#kernel/clock.ts'
import { parameter, type Policy } from '#capabilities/policy/index.ts'
import type { ScreeningFigures } from '#capabilities/screening/index.ts'
import type { Figure } from './contract.ts'

type Level = Figure['level']

/** A figure without what all of them have: where it comes from says how old it is. */
export type Said = {
  id: string
  name: Bilingual
  value: number | null
  unit: string
  level: Level
  note?: Bilingual
  at?: Date | null
}

/** Coverage of those who owe a test: judged from the hour on by which a round should be done (policy: wall.coverageHour). */
export function coverageLevel(policy: Policy, share: number | null, hour: number): Level {
  if (share === null) return 'none'
  if (share * 100 >= parameter(policy, 'wall.coverageDone').value) return 'green'
  if (hour < parameter(policy, 'wall.coverageHour').value) return 'none'
  return share * 100 < parameter(policy, 'wall.coverageLow').value ? 'red' : 'amber'
}

/** Red where a promise is broken, amber where one breaks within the warning. */
export function backlogLevel(s: ScreeningFigures, now: Date): Level {
  if (s.late > 0) return 'red'
  if (!s.dueAt) return 'green'
  return s.dueAt.getTime() - now.getTime() < s.promise.warnHours * 3_600_000 ? 'amber' : 'green'
}

/** Red where a recall is late, amber where the nearest is about to be (policy: wall.recallMinutes). */
export function recallLevel(policy: Policy, s: ScreeningFigures, now: Date): Level {
  if (s.recalls.late > 0) return 'red'
  const next = s.recalls.nearest[0]
  if (!next) return 'green'
  const left = next.dueAt.getTime() - now.getTime()
  return left < parameter(policy, 'wall.recallMinutes').value * 60_000 ? 'amber' : 'green'
}

export function positiveLevel(policy: Policy, positives: number): Level {
  if (positives >= parameter(policy, 'wall.positiveRed').value) return 'red'
  return positives > 0 ? 'amber' : 'green'
}

/** Minutes where they matter: of a day that is left they only crowd the hours out of the tile. */
const words = (ms: number): Bilingual => {
  const minutes = Math.max(0, Math.round(Math.abs(ms) / 60_000))
  const [h, m] = [Math.floor(minutes / 60), minutes % 60]
  if (h >= 10) return { zh: `${h}小时`, en: `${h} h` }
  return h > 0 ? { zh: `${h}小时${m}分`, en: `${h} h ${m} m` } : { zh: `${m}分`, en: `${m} min` }
}

/** Until a deadline, or how far past it. */
function toDeadline(due: Date, now: Date): Bilingual {
  const ms = due.getTime() - now.getTime()
  const w = words(ms)
  return ms < 0 ? { zh: `已超时 ${w.zh}`, en: `${w.en} late` } : { zh: `最近剩 ${w.zh}`, en: `${w.en} left` }
}

/** Sampling, backlog, recalls and positives as figures of the wall. */
export function screeningSaid(policy: Policy, s: ScreeningFigures, now: Date): Said[] {
  const share = s.owing > 0 ? (s.owing - s.missing) / s.owing : null
  const nearest = s.recalls.nearest[0]
  const hour = Math.floor((now.getTime() - startOfDay(dayOf(now)).getTime()) / 3_600_000)
  return [
    {
      id: 'tested',
      name: { zh: '今日采样人数', en: 'Sampled today' },
      value: s.tested,
      unit: '人',
      level: 'none',
      at: s.testedAt,
    },
    {
      id: 'coverage',
      name: { zh: '今日应检覆盖', en: 'Coverage today' },
      value: share === null ? null : Math.floor(share * 1000) / 10,
      unit: '%',
      level: coverageLevel(policy, share, hour),
      ...(share !== null && {
        note: {
          zh: `缺 ${s.missing.toLocaleString('en-US')} 人`,
          en: `${s.missing.toLocaleString('en-US')} missing`,
        },
      }),
      at: s.testedAt,
    },
    {
      id: 'backlog',
      name: { zh: '待出结果', en: 'Tubes waiting' },
      value: s.waiting,
      unit: '管',
      level: backlogLevel(s, now),
      ...(s.dueAt && { note: toDeadline(s.dueAt, now) }),
      at: s.waitingAt,
    },
    {
      id: 'positives',
      name: { zh: '今日阳性管', en: 'Positive tubes' },
      value: s.positives,
      unit: '管',
      level: positiveLevel(policy, s.positives),
      ...(s.selfTests > 0 && {
        note: { zh: `自测待复核 ${s.selfTests} 人`, en: `${s.selfTests} by self-test` },
      }),
    },
    {
      id: 'confirmed',
      name: { zh: '今日复核感染', en: 'Confirmed' },
      value: s.confirmed,
      unit: '人',
      level: s.confirmed > 0 ? 'red' : 'green',
    },
    {
      id: 'recalls',
      name: { zh: '追阳在办', en: 'Recalls open' },
      value: s.recalls.open,
      unit: '件',
      level: recallLevel(policy, s, now),
      ...(nearest && {
        note:
          s.recalls.late > 0
            ? { zh: `超时 ${s.recalls.late} 件`, en: `${s.recalls.late} late` }
            : toDeadline(nearest.dueAt, now),
      }),
    },
  ]
}
