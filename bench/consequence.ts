import { randomUUID } from 'node:crypto'
import { labelOf } from '#capabilities/screening/label.contract.ts'
import { percentile, round, SEED, signIn, table, withBench, type Claim } from './harness.ts'
import { benchAccount, codesOf, COMPOUND, cookieOf, openSession, tubeMaker } from '#test/harness/sealing.ts'
import { drive, postBytes } from './wire.ts'

const PEOPLE = Number(process.env.BENCH_PEOPLE ?? 50_000)
const POSITIVES = Number(process.env.BENCH_POSITIVES ?? 300)
/** The whole city in four hours: 1,740 people a second in tubes of ten. */
const TUBES_A_SECOND = 174
const DEVICES = 32
/** A positive every so often: 300 take half a minute. */
const EVERY_MS = 100

/**
 * Milliseconds from a laboratory posting a positive tube of ten until ten recalls with their orders and clocks can be read
 * by whoever must go, and until the wall has heard of it, while the city samples 1,740 people a second. Codes and tracing
 * hear the same event; they are not there yet.
 */
export async function run(): Promise<Claim> {
  return withBench(async ({ base, sql, version }) => {
    const codes = await codesOf(base, sql)
    const sampler = await benchAccount(sql, 'sampler')
    const cookies: string[] = []
    const sessions: string[] = []
    for (let i = 0; i < DEVICES; i++) {
      const cookie = await cookieOf(base, sampler)
      cookies.push(cookie)
      sessions.push(await openSession(base, cookie))
    }
    // Tubes that wait at the laboratory, each in a box of its own.
    const lab = await signIn(base, 'lab')
    const desk = await signIn(base, sampler)
    const session = randomUUID()
    await desk('POST', '/api/sampling/sessions', { id: session, placeCode: COMPOUND, address: '模拟' })
    const maker = tubeMaker(codes)
    const waiting = Array.from({ length: POSITIVES }, maker)
    for (let i = 0; i < waiting.length; i += 50)
      await desk('POST', '/api/tubes', { sessionId: session, tubes: waiting.slice(i, i + 50) })
    const box = labelOf('B', 77_000_001)
    await desk('POST', '/api/boxes', {
      id: randomUUID(),
      code: box,
      sessionId: session,
      tubes: waiting.map((t) => t.code),
    })
    await lab('POST', `/api/boxes/${box}/events`, { id: randomUUID(), kind: 'received' })

    // The wall listens.
    const wall = await signIn(base, 'commander')
    const stream = await wall('GET', '/api/stream')
    const heard: number[] = []
    const reader = stream.body!.pipeThrough(new TextDecoderStream()).getReader()
    void (async () => {
      for (;;) {
        const { value, done } = await reader.read().catch(() => ({ value: undefined, done: true }))
        if (done) return
        for (const _ of value!.matchAll(/"kind":"positive"/g)) heard.push(performance.now())
      }
    })()

    // The city samples meanwhile, at its own pace whatever the answers.
    const next = tubeMaker(codes, 1_000_000)
    let on = true
    let sealed = 0
    let refused = 0
    const began = performance.now()
    const sampling = drive({
      base,
      connections: DEVICES,
      next: (i) => {
        if (!on) return undefined
        const body = { sessionId: sessions[i], tubes: [next()] }
        return postBytes(base, '/api/tubes', cookies[i]!, JSON.stringify(body))
      },
      answered: (_i, status, body) => {
        if (status !== 200 || body.includes('"refused":"')) refused++
        else sealed++
      },
      paceMs: () => (1000 * DEVICES) / TUBES_A_SECOND,
    })
    const answered: number[] = []
    const recalled: number[] = []
    const onWall: number[] = []
    for (const tube of waiting) {
      const turn = performance.now() + EVERY_MS
      const before = heard.length
      const sent = performance.now()
      const answer = await lab('POST', '/api/results', {
        results: [
          { id: randomUUID(), tube: tube.code, outcome: 'positive', testedAt: new Date().toISOString() },
        ],
      })
      const said = (await answer.json()) as { results: { state: string }[] }
      if (said.results[0]!.state !== 'new') throw new Error(JSON.stringify(said))
      answered.push(performance.now() - sent)
      // Committed with the answer: ten recalls, ten orders, ten clocks.
      const { rows } = await sql.query<{ n: number }>(
        `select count(*)::int as n from recall r join work_order w on w.id = r.id join order_clock c on c.order_id = w.id where r.tube = $1 and w.open`,
        [tube.code],
      )
      if (rows[0]!.n < 10) throw new Error(`only ${rows[0]!.n} recalls`)
      recalled.push(performance.now() - sent)
      while (heard.length <= before) {
        if (performance.now() - sent > 10_000) throw new Error('the wall did not hear')
        await new Promise((done) => setTimeout(done, 2))
      }
      onWall.push(heard[before]! - sent)
      await new Promise((done) => setTimeout(done, Math.max(0, turn - performance.now())))
    }
    const seconds = (performance.now() - began) / 1000
    on = false
    await sampling
    await reader.cancel()
    const whole = recalled.map((ms, i) => Math.max(ms, onWall[i]!))
    const row = (what: string, times: readonly number[]) => ({
      what,
      'p50 ms': round(percentile(times, 50)),
      'p99 ms': round(percentile(times, 99)),
      'max ms': round(Math.max(...times)),
    })
    table(
      `${POSITIVES} positive pools of ten while ${round((sealed * 10) / seconds, 0)} people a second are sampled`,
      [
        row('answered to the laboratory', answered),
        row('ten recalls, orders and clocks', recalled),
        row('heard on the wall', onWall),
      ],
    )
    if (refused > 0) throw new Error(`${refused} tubes were refused meanwhile`)
    return {
      claim: 'consequence',
      value: round(percentile(whole, 99)),
      limit: null,
      ratio: null,
      unit: 'ms p99 from the result to ten recalls with their clocks and the wall',
      p50: round(percentile(whole, 50)),
      people_a_second: round((sealed * 10) / seconds, 0),
      seed: SEED,
      postgres: version,
    }
  }, PEOPLE)
}
