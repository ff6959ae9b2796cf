import { randomUUID } from 'node:crypto'
import { availableParallelism, getPriority, setPriority } from 'node:os'
import { shares, usedBy, type Used } from './cpu.ts'
import { percentile, round, SEED, table, withBench, type Claim } from './harness.ts'
import { benchAccount, codesOf, cookieOf, openSession, tubeMaker } from '#test/harness/sealing.ts'
import { addSites } from './site-data.ts'
import { getBytes, Wires, type Reply } from './wire.ts'

const SECONDS = Number(process.env.BENCH_SECONDS ?? 120)
const CALM_SECONDS = Math.min(20, Math.max(6, SECONDS / 4))
/** Their lists stay as short as people's lists are: with 40 the requests of one run piled up at 60 a head. */
const RESIDENTS = 1_000
/** Each resident behind several addresses: one person behind one may not ask 1,200 times a minute. */
const PEOPLE = 5 * RESIDENTS
const addressOf = (i: number) => `10.${(i >> 14) & 255}.${(i >> 7) & 127}.${i & 127}`
const CONNECTIONS = Number(process.env.BENCH_CONNECTIONS ?? 2_500)
const COST_SECONDS = 2
/** As many as a city of 25 million had; an empty city answers in no time. */
const SITES = 16_000
/** What comes later than this is worth nothing to whoever asked. */
const DEADLINE_MS = 2_000
/** An urgent request must be acknowledged within this, sent again as the pages do when it is told to wait. */
const URGENT_MS = 10_000
const URGENT_PER_SECOND = 5

const URGENT = '我妈妈在浦东新区花木街道樱花路801弄，每周三次血透，今天出不去'
const CALM = '浦东新区花木街道樱花路801弄，小区三天没有收到蔬菜了'

/** What a crowd does, in parts of a hundred: mostly looking and looking again, some sampling, some asking for help. */
const MIX = { answers: 45, sites: 22, mine: 20, statistics: 3, tubes: 8, requests: 2 } as const
type Kind = keyof typeof MIX
const KINDS = (Object.keys(MIX) as Kind[]).flatMap((kind) => Array.from({ length: MIX[kind] }, () => kind))

/** A seeded order that mixes the hundred evenly. */
const shuffled = KINDS.map((kind, i) => ({ kind, at: (i * 7919 + SEED) % 104_729 })).sort(
  (a, b) => a.at - b.at,
)

export async function run(): Promise<Claim> {
  return withBench(async ({ base, sql, version, pid }) => {
    await addSites(sql, SITES)
    const codes = await codesOf(base, sql)
    const sampler = await cookieOf(base, await benchAccount(sql, 'sampler'))
    const session = await openSession(base, sampler)
    const commander = await cookieOf(base, 'commander')
    const residents: string[] = []
    for (let i = 0; i < RESIDENTS; i++) residents.push(await residentCookie(base, i))
    const tube = tubeMaker(codes)
    const requests = new Set<string>()
    const tubes = new Set<string>()
    const wires = new Wires(base, CONNECTIONS)
    // Whoever is in need has a telephone of their own, and does not queue for one behind the crowd's.
    const urgentWires = new Wires(base, URGENT_PER_SECOND * (URGENT_MS / 1000))
    let n = 0

    // Looks are prepared bytes: what the crowd costs is the city's to lack.
    const looks = new Map<Kind, Buffer[]>()
    const look = (kind: Kind, i: number): Promise<Reply> => {
      let made = looks.get(kind)
      if (!made) looks.set(kind, (made = []))
      return wires.send((made[i] ??= getBytes(base, ...lookOf(kind, i), addressOf(i))))
    }
    const lookOf = (kind: Kind, i: number): [path: string, cookie: string] => {
      const who = residents[i % RESIDENTS]!
      if (kind === 'answers') return [`/api/answers?q=${encodeURIComponent('配药')}`, who]
      if (kind === 'sites') return [`/api/sites?lng=121.5${i % 90}&lat=31.2${i % 90}&limit=10`, who]
      if (kind === 'mine') return ['/api/my/requests', who]
      return ['/api/statistics?place=310115&days=1', commander]
    }
    /** Who asks now: not in step with the order of kinds, so that whoever looks is also whoever asked for help. */
    const turn = () => (n + Math.floor(n / 100)) % PEOPLE

    const send = (kind: Kind): Promise<Reply> => {
      if (kind !== 'tubes' && kind !== 'requests') return look(kind, turn())
      const from = addressOf(turn())
      if (kind === 'tubes') {
        const one = tube()
        return wires.post('/api/tubes', { sessionId: session, tubes: [one] }, sampler, from).then((r) => {
          if (r.status === 200 && r.body.includes('"refused":null')) tubes.add(one.code)
          return r
        })
      }
      const id = randomUUID()
      const who = residents[turn() % RESIDENTS]!
      return wires.post('/api/my/requests', { id, text: CALM }, who, from).then((r) => {
        if (r.status === 200) requests.add(id)
        return r
      })
    }
    const isGood = (r: Reply) => r.status === 200 && r.ms <= DEADLINE_MS

    // The crowd has telephones of its own; here it shares two cores with the city and must not take them from it.
    setPriority(Math.min(19, getPriority() + 10))
    // Capacity: as much as comes back in time from people who wait for their answer before they ask again.
    const closed = async (seconds: number, workers: number, next = () => shuffled[n % 100]!.kind) => {
      let good = 0
      const times: number[] = []
      const used = usedBy(pid)
      const until = performance.now() + seconds * 1000
      const started = performance.now()
      await Promise.all(
        Array.from({ length: workers }, async () => {
          while (performance.now() < until) {
            const kind = next()
            n++
            const r = await send(kind)
            times.push(r.ms)
            if (isGood(r)) good++
          }
        }),
      )
      const rate = good / ((performance.now() - started) / 1000)
      return { rate, p99: percentile(times, 99), cpu: between(used, usedBy(pid)) }
    }
    await closed(3, 16)
    let capacity = await closed(CALM_SECONDS / 3, 16)
    for (const workers of [32, 48]) {
      const found = await closed(CALM_SECONDS / 3, workers)
      if (found.rate > capacity.rate) capacity = found
    }

    // What one of each kind costs the city, alone: the order of sacrifice leaves the dear ones.
    const costs: Partial<Record<Kind, number>> = {}
    for (const kind of Object.keys(MIX) as Kind[]) {
      const found = await closed(COST_SECONDS, 16, () => kind)
      if (found.cpu) costs[kind] = (found.cpu.city / 100 / found.rate) * availableParallelism()
    }

    // Three times as much, whether answers come or not; urgent requests among it, sent again when told to wait.
    const answered: Record<string, number> = {}
    const served = { answers: 0, sites: 0, mine: 0, statistics: 0, tubes: 0, requests: 0 }
    const urgentTimes: number[] = []
    let urgentLate = 0
    let good = 0
    let offered = 0
    const urgent = async () => {
      const id = randomUUID()
      const started = performance.now()
      while (performance.now() - started < URGENT_MS) {
        const r = await urgentWires.post(
          '/api/my/requests',
          { id, text: URGENT },
          residents[urgents % RESIDENTS]!,
          addressOf(urgents),
        )
        if (r.status === 200) {
          requests.add(id)
          urgentTimes.push(performance.now() - started)
          return
        }
        await new Promise((done) => setTimeout(done, r.retryAfter * 1000))
      }
      urgentLate++
    }
    const usedBefore = usedBy(pid)
    const surgeStarted = performance.now()
    const rate = capacity.rate * 3
    const pending = new Set<Promise<unknown>>()
    let urgents = 0
    while (performance.now() - surgeStarted < SECONDS * 1000) {
      const elapsed = (performance.now() - surgeStarted) / 1000
      while (offered < elapsed * rate) {
        offered++
        const { kind } = shuffled[n++ % 100]!
        const one: Promise<void> = send(kind).then((r) => {
          answered[`${kind} ${r.status}`] = (answered[`${kind} ${r.status}`] ?? 0) + 1
          if (isGood(r)) {
            good++
            served[kind]++
          }
          pending.delete(one)
        })
        pending.add(one)
      }
      while (urgents < elapsed * URGENT_PER_SECOND) {
        urgents++
        const one: Promise<void> = urgent().then(() => void pending.delete(one))
        pending.add(one)
      }
      await new Promise((done) => setTimeout(done, 2))
    }
    const surged = (performance.now() - surgeStarted) / 1000
    const offeredRate = offered / surged
    const goodput = good / surged
    const cpu = between(usedBefore, usedBy(pid))
    // Recovered: what was given up first is served again, five times running and quickly.
    const over = performance.now()
    for (let ok = 0; ok < 5;) {
      const r = await look('statistics', 0)
      ok = r.status === 200 && r.ms < 200 ? ok + 1 : 0
      if (performance.now() - over > 60_000) break
      await new Promise((done) => setTimeout(done, 20))
    }
    const recovery = (performance.now() - over) / 1000
    await Promise.all(pending)
    // Once more when it is over, and the better counts: capacity found beside somebody else's work flatters the surge.
    const before = capacity.rate
    for (const workers of [32, 48]) {
      const found = await closed(CALM_SECONDS / 3, workers)
      if (found.rate > capacity.rate) capacity = found
    }
    wires.end()
    urgentWires.end()

    const kept = await sql.query<{ requests: number; tubes: number }>(
      `select (select count(*) from request where id = any($1::uuid[]))::int as requests, (select count(*) from tube where code = any($2::text[]))::int as tubes`,
      [[...requests], [...tubes]],
    )
    const lost = requests.size - kept.rows[0]!.requests + tubes.size - kept.rows[0]!.tubes
    // The same by what it costs instead of by number: seconds of processor that were good answers, of those at capacity.
    const kinds = Object.keys(MIX) as Kind[]
    const work = kinds.reduce((sum, kind) => sum + (costs[kind] ?? 0) * served[kind], 0) / surged
    const workAtCapacity =
      capacity.rate * kinds.reduce((sum, kind) => sum + ((costs[kind] ?? 0) * MIX[kind]) / 100, 0)
    const share = (x: number) => `${round((x / (offered || 1)) * 100, 1)} %`
    table(
      `Three times capacity (${round(before, 0)}/s) offered for ${SECONDS} s`,
      kinds.map((kind) => ({
        what: kind,
        'µs of the city each': round((costs[kind] ?? 0) * 1e6, 0),
        served: answered[`${kind} 200`] ?? 0,
        'turned away': answered[`${kind} 429`] ?? 0,
        'no answer': answered[`${kind} 0`] ?? 0,
        'of all offered': share(answered[`${kind} 200`] ?? 0),
      })),
    )
    return {
      claim: 'surge',
      value: round((goodput / capacity.rate) * 100, 1),
      limit: round(capacity.rate, 0),
      ratio: round(goodput / capacity.rate),
      unit: '% of capacity that comes back in time while three times capacity is offered',
      work_percent: workAtCapacity > 0 ? round((work / workAtCapacity) * 100, 1) : null,
      offered_of_capacity: round(offeredRate / capacity.rate),
      capacity_before: round(before, 0),
      seconds: SECONDS,
      recovery_s: round(recovery, 1),
      urgent_in_time_percent: round((1 - urgentLate / urgents) * 100, 2),
      urgent_p99_ms: round(percentile(urgentTimes, 99), 0),
      lost_writes: lost,
      cpu_percent_at_capacity: capacity.cpu,
      cpu_percent_at_surge: cpu,
      seed: SEED,
      postgres: version,
    }
  }, 2_000)
}

const between = (from: Used | undefined, to: Used | undefined) => (from && to ? shares(from, to) : null)

async function residentCookie(base: string, i: number): Promise<string> {
  const phone = `1990${String(i + 1).padStart(7, '0')}`
  const post = (path: string, body: object) =>
    fetch(base + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-forwarded-for': `10.7.${i >> 8}.${i & 255}` },
      body: JSON.stringify(body),
    })
  const sent = (await (await post('/api/session/code', { phone })).json()) as { demoCode: string }
  const answer = await post('/api/session/verify', { phone, code: sent.demoCode })
  return answer.headers.getSetCookie()[0]!.split(';')[0]!
}
