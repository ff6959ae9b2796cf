import { makeOrders } from './data.ts'
import { percentile, round, SEED, signIn, table, withBench, type Claim } from './harness.ts'

const ORDERS = Number(process.env.BENCH_ORDERS ?? 1_000_000)
const ROUNDS = 120

const VIEWS: Record<string, string> = {
  'first page': 'view=open',
  urgent: 'view=urgent',
  overdue: 'view=overdue',
  'at the desk': 'view=unassigned',
  'by state': 'view=open&state=handling',
  'by element': 'view=open&element=food.none',
  'newest of all': 'view=all',
  'all by state': 'view=all&state=archived',
}

/** p95 of first page and filters of a district officer's list and of the city commander's, through HTTP and row-level security. */
export async function run(): Promise<Claim> {
  return withBench(async ({ base, sql, version }) => {
    await makeOrders(sql, ORDERS)
    const rows: Record<string, string | number>[] = []
    let worst = 0
    const p95: Record<string, Record<string, number>> = {}
    for (const who of ['pudong', 'commander', 'huamu']) {
      const ask = await signIn(base, who)
      for (const [name, query] of Object.entries(VIEWS)) {
        const times: number[] = []
        let next: string | null = null
        for (let i = 0; i < ROUNDS; i++) {
          // Every fourth look turns the page.
          const after: string = i % 4 === 3 && next ? `&after=${next}` : ''
          const started = performance.now()
          const answer = await ask('GET', `/api/orders?${query}&limit=50${after}`)
          const body = (await answer.json()) as { items: unknown[]; next: string | null }
          times.push(performance.now() - started)
          if (!answer.ok) throw new Error(JSON.stringify(body))
          next = body.next
        }
        const warm = times.slice(10)
        ;(p95[who] ??= {})[name] = percentile(warm, 95)
        worst = Math.max(worst, percentile(warm, 95))
        rows.push({
          who,
          view: name,
          'p50 ms': round(percentile(warm, 50)),
          'p95 ms': round(percentile(warm, 95)),
          'max ms': round(Math.max(...warm)),
        })
      }
    }
    table(`${ORDERS.toLocaleString()} orders, one asker at a time, 50 rows a page`, rows)
    const district = Math.max(...Object.values(p95.pudong!))
    const subdistrict = Math.max(...Object.values(p95.huamu!))
    const city = Math.max(...Object.values(p95.commander!))
    return {
      claim: 'orders-list',
      value: round(worst),
      limit: null,
      ratio: null,
      unit: 'ms p95 of the slowest view',
      district: round(district),
      subdistrict: round(subdistrict),
      city: round(city),
      district_to_city: round(district / city),
      orders: ORDERS,
      seed: SEED,
      postgres: version,
    }
  })
}
