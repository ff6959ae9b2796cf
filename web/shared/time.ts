import type { Language } from './language.ts'

/** City time on this screen: the server's clock carried on at its speed between looks (GET /api/clock). */
export type CityClock = { now(): number }

export function carryOn(said: { now: string; speed: number }, wallNow: () => number = Date.now): CityClock {
  const city = Date.parse(said.now)
  const wall = wallNow()
  return { now: () => city + (wallNow() - wall) * said.speed }
}

const parts = (at: number) => {
  // Shanghai is UTC+8 all year.
  const d = new Date(at + 8 * 3_600_000)
  const two = (n: number) => String(n).padStart(2, '0')
  return {
    day: d.toISOString().slice(0, 10),
    time: `${two(d.getUTCHours())}:${two(d.getUTCMinutes())}`,
    seconds: two(d.getUTCSeconds()),
    month: d.getUTCMonth() + 1,
    date: d.getUTCDate(),
  }
}

/** 14:05 today, 6月9日 14:05 on another day. */
export function when(iso: string | number, now: number, language: Language): string {
  const at = typeof iso === 'number' ? iso : Date.parse(iso)
  const p = parts(at)
  if (p.day === parts(now).day) return p.time
  return language === 'zh' ? `${p.month}月${p.date}日 ${p.time}` : `${p.day.slice(5)} ${p.time}`
}

/** 2小时5分 / 2 h 5 min. */
export function span(ms: number, language: Language): string {
  const minutes = Math.floor(Math.abs(ms) / 60_000)
  const [d, h, m] = [Math.floor(minutes / 1440), Math.floor((minutes % 1440) / 60), minutes % 60]
  const list =
    language === 'zh'
      ? [d && `${d}天`, h && `${h}小时`, !d && `${m}分`]
      : [d && `${d} d`, h && `${h} h`, !d && `${m} min`]
  return list.filter((x) => x).join(language === 'zh' ? '' : ' ')
}

/** A promise as the dictionary gives it: minutes of city time, or working days. */
export function promise(
  given: { handleMinutes: number | null; handleWorkingDays: number | null },
  language: Language,
): string {
  if (given.handleMinutes !== null) return span(given.handleMinutes * 60_000, language)
  const n = given.handleWorkingDays ?? 0
  return language === 'zh' ? `${n}个工作日` : `${n} working day${n === 1 ? '' : 's'}`
}

export type Remaining = { text: string; level: 'green' | 'amber' | 'red' }

/** How far a deadline is: words first, colour second. Amber in the last quarter hour, red once it has passed. */
export function remaining(dueAt: string, now: number, language: Language): Remaining {
  const ms = Date.parse(dueAt) - now
  if (ms < 0)
    return {
      text: language === 'zh' ? `超时 ${span(ms, language)}` : `${span(ms, language)} late`,
      level: 'red',
    }
  return {
    text: language === 'zh' ? `剩 ${span(ms, language)}` : `${span(ms, language)} left`,
    level: ms < 15 * 60_000 ? 'amber' : 'green',
  }
}

export { parts as shanghaiParts }
