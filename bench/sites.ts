import { addSites } from './site-data.ts'
import { percentile, round, SEED, signIn, table, withBench, type Claim } from './harness.ts'

const SITES = Number(process.env.BENCH_SITES ?? 16_000)
// One address may ask 1,200 times a minute.
const LOOKS = 125

/** What the wall draws, once in two minutes. */
const WALL = 'layer of the wall, 500'
/** So many take the open data at once, again and again, while somebody else asks whether the server is well. */
const TAKERS = 8
const TAKING_MS = 5_000

/** p95 and most ms that a health check waits while the whole of the open data is taken, and how often it was. */
async function takeOpenData(
  base: string,
): Promise<{ p95: number; most: number; taken: number; first: number }> {
  const until = performance.now() + TAKING_MS
  let taken = 0
  const take = async () => {
    const started = performance.now()
    // Each from an address of its own: a machine that is fast enough reaches what one may ask in a minute.
    const from = `10.8.${(taken >> 8) & 255}.${taken & 255}`
    const answer = await fetch(`${base}/api/open/sites.geojson`, { headers: { 'x-forwarded-for': from } })
    if (!answer.ok) throw new Error(await answer.text())
    await answer.arrayBuffer()
    taken++
    return performance.now() - started
  }
  const waits: number[] = []
  const watch = async () => {
    while (performance.now() < until) {
      const started = performance.now()
      await (await fetch(`${base}/healthz`)).arrayBuffer()
      waits.push(performance.now() - started)
      await new Promise((done) => setTimeout(done, 10))
    }
  }
  const firsts: number[] = []
  const taker = async () => {
    firsts.push(await take())
    while (performance.now() < until) await take()
  }
  await Promise.all([watch(), ...Array.from({ length: TAKERS }, taker)])
  return { p95: percentile(waits, 95), most: Math.max(...waits), taken, first: Math.max(...firsts) }
}
const VIEWS: Record<string, string> = {
  'near me, open now': 'lng=121.4737&lat=31.2304&open=true',
  'near me': 'lng=121.54&lat=31.21&limit=30',
  'of a district': 'place=310115&limit=50',
  'whole city, first page': 'limit=50',
  'single tube, 24 h': 'pooling=single&always=true',
  'by name': `q=${encodeURIComponent('模拟站点12')}`,
  'crowded now': 'busy=crowded&open=true',
  'far page of 200': 'offset=12000&limit=200',
  [WALL]: 'limit=500',
}

/** p95 of a resident's look at the sites nearby among 16,000, open or closed and with the line at each. */
export async function run(): Promise<Claim> {
  return withBench(async ({ base, sql, version }) => {
    await addSites(sql, SITES)
    const rows: Record<string, string | number>[] = []
    let worst = 0
    let layer = 0
    for (const [name, query] of Object.entries(VIEWS)) {
      const times: number[] = []
      for (let i = 0; i < LOOKS; i++) {
        const started = performance.now()
        const answer = await fetch(`${base}/api/sites?${query}`)
        const body = (await answer.json()) as { total: number }
        times.push(performance.now() - started)
        if (!answer.ok || (body.total === 0 && name === 'near me')) throw new Error(JSON.stringify(body))
      }
      const warm = times.slice(10)
      if (name === WALL) layer = percentile(warm, 95)
      worst = Math.max(worst, percentile(warm, 95))
      rows.push({
        view: name,
        'p50 ms': round(percentile(warm, 50)),
        'p95 ms': round(percentile(warm, 95)),
        'max ms': round(Math.max(...warm)),
      })
    }
    const open = await takeOpenData(base)
    const ask = await signIn(base, 'commander')
    const timed = async (path: string) => {
      const started = performance.now()
      const answer = await ask('GET', path)
      if (!answer.ok) throw new Error(await answer.text())
      await answer.json()
      return performance.now() - started
    }
    const first = await timed('/api/circle')
    const again = Math.max(...(await Promise.all([timed('/api/circle'), timed('/api/circle?place=310115')])))
    const pudong = await signIn(base, 'pudong')
    const id = crypto.randomUUID()
    const started = performance.now()
    const night = new Date(Date.now() + 86_400_000).toISOString().replace(/T.*/, 'T19:00:00Z')
    await pudong('POST', '/api/circle/runs', {
      id,
      placeCode: '310115',
      hour: night,
      openings: 40,
      teams: 40,
    })
    type Run = { state: string; covered: number; wouldCover: number; bound: number; people: number }
    let run: Run
    do {
      await new Promise((done) => setTimeout(done, 100))
      run = (await (await pudong('GET', `/api/circle/runs/${id}`)).json()) as Run
    } while (run.state === 'running')
    const seconds = (performance.now() - started) / 1000
    table(`${SITES.toLocaleString()} sampling sites, one asker at a time`, rows)
    return {
      claim: 'sites',
      value: round(worst),
      limit: null,
      ratio: null,
      unit: 'ms p95 of the slowest view',
      sites: SITES,
      layer_of_500_ms: round(layer),
      open_data_first_ms: round(open.first),
      open_data_taken: open.taken,
      healthz_beside_open_data_p95_ms: round(open.p95),
      healthz_beside_open_data_most_ms: round(open.most),
      circle_first_ms: round(first),
      circle_again_ms: round(again),
      suggestions_s: round(seconds),
      suggestions_of_bound: round(run.wouldCover / run.bound, 4),
      seed: SEED,
      postgres: version,
    }
  }, 20_000)
}
