import { randomUUID } from 'node:crypto'
import { percentile, round, SEED, signIn, table, withBench, type Claim } from './harness.ts'

const ROUNDS = 200
const TEXT = '我妈妈在浦东新区花木街道樱花路801弄，每周三次血透，今天出不去'

/** Milliseconds from sending an urgent request to the alarm arriving on a wall's live stream, and to the answer. */
export async function run(): Promise<Claim> {
  return withBench(async ({ base, version }) => {
    const resident = await signIn(base, 'resident')
    const wall = await signIn(base, 'commander')
    const stream = await wall('GET', '/api/stream')
    const heard = new Map<string, number>()
    const reader = stream.body!.pipeThrough(new TextDecoderStream()).getReader()
    void (async () => {
      for (;;) {
        const { value, done } = await reader.read().catch(() => ({ value: undefined, done: true }))
        if (done) return
        for (const [, id] of value!.matchAll(/"orderId":"([0-9a-f-]{36})"/g))
          if (!heard.has(id!)) heard.set(id!, performance.now())
      }
    })()
    const alarms: number[] = []
    const answers: number[] = []
    for (let i = 0; i < ROUNDS; i++) {
      const id = randomUUID()
      const sent = performance.now()
      const answer = await resident('POST', '/api/my/requests', { id, text: TEXT })
      if (!answer.ok) throw new Error(`${answer.status}`)
      await answer.json()
      answers.push(performance.now() - sent)
      while (!heard.has(id)) {
        if (performance.now() - sent > 10_000) throw new Error('the alarm was not heard')
        await new Promise((done) => setTimeout(done, 2))
      }
      alarms.push(heard.get(id)! - sent)
    }
    await reader.cancel()
    table(`${ROUNDS} urgent requests, one after the other`, [
      {
        what: 'answered',
        'p50 ms': round(percentile(answers, 50)),
        'p99 ms': round(percentile(answers, 99)),
      },
      {
        what: 'alarm on the wall',
        'p50 ms': round(percentile(alarms, 50)),
        'p99 ms': round(percentile(alarms, 99)),
      },
    ])
    return {
      claim: 'alarm',
      value: round(percentile(alarms, 99)),
      limit: null,
      ratio: null,
      unit: 'ms p99 from sending to the wall',
      p50: round(percentile(alarms, 50)),
      answered_p99: round(percentile(answers, 99)),
      seed: SEED,
      postgres: version,
    }
  })
}
