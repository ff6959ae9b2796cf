import { randomUUID } from 'node:crypto'
import { makeOrders } from './data.ts'
import { round, SEED, signIn, table, withBench, type Claim } from './harness.ts'

const ORDERS = 100_000
const AT_ONCE = 300

/** Milliseconds to change 300 orders at once, each with its event, clock, checks and word to the screens. */
export async function run(): Promise<Claim> {
  return withBench(async ({ base, sql, version }) => {
    await makeOrders(sql, ORDERS)
    const { rows } = await sql.query<{ id: string }>(
      `select id from work_order where state = 'received' and open order by due_at limit ${AT_ONCE * 3}`,
    )
    const agent = await signIn(base, 'agent')
    const times: number[] = []
    for (let i = 0; i < 3; i++) {
      const orderIds = rows.slice(i * AT_ONCE, (i + 1) * AT_ONCE).map((r) => r.id)
      const started = performance.now()
      const answer = await agent('POST', '/api/orders/bulk', {
        id: randomUUID(),
        orderIds,
        input: { action: 'dispatch', unitId: 'street.310115' },
      })
      const body = (await answer.json()) as { done: string[]; refused: unknown[] }
      times.push(performance.now() - started)
      if (body.done.length !== AT_ONCE)
        throw new Error(`only ${body.done.length} done: ${JSON.stringify(body.refused).slice(0, 300)}`)
    }
    const one = await agent('GET', '/api/orders?view=open')
    await one.json()
    const value = Math.max(...times)
    table(
      `${AT_ONCE} orders dispatched at once, of ${ORDERS.toLocaleString()}`,
      times.map((t, i) => ({ round: i + 1, ms: round(t), 'ms each': round(t / AT_ONCE, 3) })),
    )
    return {
      claim: 'bulk',
      value: round(value),
      limit: null,
      ratio: null,
      unit: 'ms for 300 orders (slowest of 3)',
      seed: SEED,
      postgres: version,
    }
  })
}
