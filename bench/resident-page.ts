import { openBrowser } from '#scripts/browser.ts'
import { percentile, round, SEED, table, withBench, type Claim } from './harness.ts'

/** Slow 4G as the browsers' tools define it: 1.6 Mbit/s down, 750 kbit/s up, 150 ms; processor four times slower. */
const SLOW_4G = {
  offline: false,
  downloadThroughput: (1.6 * 1024 * 1024) / 8,
  uploadThroughput: (750 * 1024) / 8,
  latency: 150,
}
const CPU = 4
const ROUNDS = 5

/** Compressed bytes of the resident's first view, and how long it takes on a cheap phone with a slow network. */
export async function run(): Promise<Claim> {
  return withBench(async ({ base, version }) => {
    const browser = await openBrowser()
    const paints: number[] = []
    const inputs: number[] = []
    let kb = 0
    let files = 0
    try {
      for (let i = 0; i < ROUNDS; i++) {
        const context = await browser.newContext({
          viewport: { width: 390, height: 844 },
          serviceWorkers: 'block',
        })
        const page = await context.newPage()
        const cdp = await context.newCDPSession(page)
        await cdp.send('Network.enable')
        await cdp.send('Network.emulateNetworkConditions', SLOW_4G)
        await cdp.send('Emulation.setCPUThrottlingRate', { rate: CPU })
        let bytes = 0
        let count = 0
        cdp.on('Network.loadingFinished', (e) => {
          bytes += e.encodedDataLength
          count++
        })
        const started = performance.now()
        await page.goto(base, { waitUntil: 'load' })
        await page.locator('textarea, button, input').first().waitFor()
        inputs.push(performance.now() - started)
        await page.waitForTimeout(1_500)
        paints.push(
          await page.evaluate(
            () =>
              new Promise<number>((done) => {
                new PerformanceObserver((list) => done(list.getEntries().at(-1)!.startTime)).observe({
                  type: 'largest-contentful-paint',
                  buffered: true,
                })
              }),
          ),
        )
        kb = bytes / 1024
        files = count
        await context.close()
      }
    } finally {
      await browser.close()
    }
    table('first view of the resident page, 390 × 844, slow 4G, processor 4 × slower', [
      {
        'compressed KB': round(kb, 1),
        files,
        'largest paint ms (median)': round(percentile(paints, 50), 0),
        'can be used ms (median)': round(percentile(inputs, 50), 0),
      },
    ])
    return {
      claim: 'resident-page',
      value: round(kb, 1),
      limit: null,
      ratio: null,
      unit: 'KB compressed',
      files,
      largest_paint_ms: round(percentile(paints, 50), 0),
      usable_ms: round(percentile(inputs, 50), 0),
      seed: SEED,
      postgres: version,
    }
  })
}
