import { readdirSync, readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'

/** Seconds of processor that crowd, city (server and database) and everybody else have used so far. */
export type Used = { crowd: number; city: number; others: number; wall: number }

/** Ticks of the kernel a second; Linux has had 100 for programs since 2.6. */
const TICKS = 100

/**
 * Who has used the processors, on Linux; elsewhere undefined. Whoever started the crowd may be any process: the city is
 * what descends from `server`.
 */
export function usedBy(server: number): Used | undefined {
  let whole: number[]
  try {
    whole = readFileSync('/proc/stat', 'utf8').split('\n')[0]!.split(/\s+/).slice(1).map(Number)
  } catch {
    return undefined
  }
  const parents = new Map<number, number>()
  const seconds = new Map<number, number>()
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8')
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      parents.set(Number(name), Number(fields[1]))
      seconds.set(Number(name), (Number(fields[11]) + Number(fields[12])) / TICKS)
    } catch {
      // It ended meanwhile.
    }
  }
  const belongs = (pid: number): boolean => {
    for (let p: number | undefined = pid; p; p = parents.get(p)) if (p === server) return true
    return false
  }
  let city = 0
  for (const [pid, s] of seconds) if (belongs(pid)) city += s
  const own = process.cpuUsage()
  const crowd = (own.user + own.system) / 1e6
  // user, nice, system, irq, softirq, steal; idle and waiting for the disk are nobody's.
  const [user = 0, nice = 0, system = 0, , , irq = 0, soft = 0, steal = 0] = whole
  const busy = (user + nice + system + irq + soft + steal) / TICKS
  return { crowd, city, others: busy - city - crowd, wall: performance.now() / 1000 }
}

/** Between two looks: per cent of all processors. */
export function shares(from: Used, to: Used) {
  const of = (key: 'crowd' | 'city' | 'others') =>
    Math.round(((to[key] - from[key]) / (to.wall - from.wall) / availableParallelism()) * 1000) / 10
  return { crowd: of('crowd'), city: of('city'), others: of('others') }
}
