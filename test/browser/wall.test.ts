import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { importAddresses, importSeries } from '#capabilities/command/index.ts'
import { countResidents } from '#capabilities/screening/index.ts'
import { openBrowser } from '#test/harness/browser.ts'
import { DIALYSIS, newId, signedIn, startCity, type TestCity } from '#test/harness/city.ts'
import { startLab } from '#test/harness/lab.ts'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const WALL = { width: 1920, height: 1080 }

let city: TestCity
let browser: Browser
let stopped = false

beforeAll(async () => {
  city = await startCity({ people: 20, pages: true })
  browser = await openBrowser()
})
afterAll(async () => {
  await browser?.close()
  if (!stopped) await city?.stop()
})

async function wall(
  given: { language?: 'zh' | 'en'; size?: { width: number; height: number }; query?: string } = {},
): Promise<{ context: BrowserContext; page: Page }> {
  const context = await browser.newContext({
    viewport: given.size ?? WALL,
    baseURL: city.base,
    serviceWorkers: 'block',
  })
  await context.request.post('/api/session/demo', { data: { username: 'commander' } })
  const page = await context.newPage()
  await page.goto(`/wall?lang=${given.language ?? 'zh'}${given.query ?? ''}`)
  await page.locator('.wall .district').first().waitFor()
  return { context, page }
}

async function file(text: string): Promise<string> {
  const resident = await signedIn(city.base, 'resident')
  const id = newId()
  const answer = await resident.post('/api/my/requests', { id, text, channel: 'web' })
  expect(answer.status, JSON.stringify(answer.body)).toBe(200)
  return id
}

test('an urgent request is on the wall at once, in words nobody can miss', async () => {
  const { context, page } = await wall()
  await page.locator('.sources', { hasText: '实时' }).waitFor()
  await page.waitForTimeout(1_000)
  const id = await file(DIALYSIS)
  // How long it takes is measured by bench/alarm.ts; here only that it comes.
  await page.locator('.alarm-band', { hasText: '花木街道' }).waitFor({ timeout: 10_000 })
  await page.locator(`.urgent-panel [data-order="${id}"]`).waitFor({ timeout: 10_000 })
  await page.locator('.map .dot.urgent').first().waitFor({ timeout: 3_000 })
  await page.locator('.ticker', { hasText: '花木街道' }).waitFor({ timeout: 5_000 })
  expect(
    await page.locator('.districts tr', { hasText: '浦东新区' }).locator('td').nth(2).textContent(),
  ).not.toBe('0')
  expect(await page.locator('.wall').textContent()).not.toContain('我妈妈')
  await context.close()
})

const shot = async (page: Page, name: string) => {
  if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/${name}.png` })
}
const figure = (page: Page, id: string) => page.locator(`[data-figure=${id}] .figure-value`)

test('a morning of sampling is on the wall: who came, what waits, a positive at once, and the clocks of those called back', async () => {
  const at = await startLab(city)
  const supervisor = await signedIn(city.base, 'pudong')
  const day = new Date(city.app.clock.now().getTime() + 8 * 3_600_000).toISOString().slice(0, 10)
  await supervisor.post('/api/rounds', {
    id: newId(),
    placeCode: '310115016',
    planId: 'zone.medium-risk',
    title: '模拟第一轮',
    startsOn: day,
    endsOn: day,
  })
  const { context, page } = await wall()
  await page.locator('.sources', { hasText: '实时' }).waitFor()
  expect(await figure(page, 'tested').textContent()).toMatch(/^0/)
  expect(await page.locator('.recalls-panel').count()).toBe(0)
  const people = [await at.resident('1号101室'), await at.resident('1号101室'), await at.resident('1号102室')]
  const tube = await at.tubeOf(people)
  await at.boxed([await at.resident('2号201室')])
  await countResidents(city.app)
  await page.locator('[data-figure=tested] .figure-value', { hasText: /^4/ }).waitFor({ timeout: 15_000 })
  await page.locator('[data-figure=backlog] .figure-value', { hasText: /^2/ }).waitFor({ timeout: 15_000 })
  expect(await page.locator('[data-figure=backlog] .figure-note').textContent()).toMatch(/最近剩 \d+小时/)
  await page.locator('.sources .ok', { hasText: '采样' }).first().waitFor()
  await at.report(tube, 'positive')
  await page.locator('.alarm-band', { hasText: '新阳性' }).waitFor({ timeout: 10_000 })
  expect(await page.locator('.alarm-band').textContent()).toContain('浦东新区')
  await page.locator('.recalls-panel li').nth(2).waitFor({ timeout: 10_000 })
  await page.locator('[data-figure=recalls] .figure-value', { hasText: /^3/ }).waitFor({ timeout: 10_000 })
  expect(await figure(page, 'positives').textContent()).toMatch(/^1/)
  expect(await page.locator('.recalls-panel li').first().textContent()).toMatch(/花木.*剩/)
  // Nobody's name or door reaches the wall.
  expect(await page.locator('.wall').textContent()).not.toMatch(/模拟住户|1号101室/)
  await page.locator('.alarm-band').waitFor({ state: 'detached', timeout: 15_000 })
  await shot(page, 'wall-sampling')
  await page.keyboard.press('3')
  await page.waitForURL(/layers=coverage/)
  await page.locator('.district[data-code="310115"][class*=cover-]').first().waitFor()
  expect(await page.locator('.districts tr', { hasText: '浦东新区' }).textContent()).toMatch(/%/)
  // Where nobody owes a test there is no share of nothing.
  for (const row of await page.locator('.districts tbody tr').all())
    expect(await row.textContent()).toMatch(/\D0\d*0无应检$|%$/)
  await shot(page, 'wall-coverage')
  await context.close()
  const big = await wall({ language: 'en', size: { width: 3840, height: 2160 } })
  await big.page.locator('.recalls-panel').waitFor()
  await shot(big.page, 'wall-4k-en')
  await big.context.close()
})

test('the map goes down to a district by touch and the address bar carries it', async () => {
  const { context, page } = await wall()
  await page.locator('.districts tr', { hasText: '浦东新区' }).click()
  await page.waitForURL(/place=310115/)
  await page.locator('.map-title', { hasText: '浦东新区' }).waitFor()
  const other = await wall({ query: '&place=310115' })
  await other.page.locator('.map-title', { hasText: '浦东新区' }).waitFor()
  await other.context.close()
  await context.close()
})

test('a wall nobody touches walks to the districts with urgent orders, and stops where it is touched', async () => {
  await file(DIALYSIS)
  const context = await browser.newContext({ viewport: WALL, baseURL: city.base, serviceWorkers: 'block' })
  await context.request.post('/api/session/demo', { data: { username: 'commander' } })
  const page = await context.newPage()
  await page.clock.install()
  await page.goto('/wall?lang=zh')
  await page.locator('.districts td.red').first().waitFor()
  await page.clock.runFor(20_500)
  await page.waitForURL(/place=310115&tour=1/)
  await page.locator('.map-title', { hasText: '自动巡览' }).waitFor()
  await page.locator('.districts tr', { hasText: '黄浦区' }).click()
  await page.clock.runFor(41_000)
  expect(page.url()).toContain('place=310101')
  expect(page.url()).not.toContain('tour')
  await context.close()
})

test('a wall that loses its network says since when, greys everything, and recovers by itself', async () => {
  const { context, page } = await wall()
  expect(await page.locator('.away-band').count()).toBe(0)
  await context.setOffline(true)
  await context.route('**/api/**', (route) => route.abort('connectionrefused'))
  await page.locator('.away-band', { hasText: '服务器没有回应' }).waitFor({ timeout: 15_000 })
  expect(await page.locator('.away-band').textContent()).toMatch(/\d\d:\d\d:\d\d/)
  expect(await page.locator('.wall').getAttribute('class')).toContain('is-away')
  await context.unroute('**/api/**')
  await context.setOffline(false)
  await page.locator('.away-band').waitFor({ state: 'detached', timeout: 20_000 })
  await context.close()
})

test('a figure older than it may be is greyed and called stale', async () => {
  const { context, page } = await wall()
  await context.route('**/api/wall*', async (route) => {
    const answer = await route.fetch()
    const body = (await answer.json()) as { figures: { id: string; at: string }[] }
    for (const figure of body.figures)
      if (figure.id === 'open') figure.at = new Date(Date.parse(figure.at) - 3_600_000).toISOString()
    await route.fulfill({ response: answer, json: body })
  })
  await page.locator('[data-figure=open].stale', { hasText: '已过时' }).waitFor({ timeout: 15_000 })
  expect(await page.locator('[data-figure=urgent].stale').count()).toBe(0)
  await context.close()
})

test.each([
  ['zh', WALL],
  ['en', { width: 3840, height: 2160 }],
  ['zh', { width: 390, height: 844 }],
] as const)('the wall in %s at %o fits and has nothing serious against it', async (language, size) => {
  const { context, page } = await wall({ language, size })
  for (const query of ['', '&place=310115']) {
    await page.goto(`/wall?lang=${language}${query}`)
    await page.locator('.wall .district').first().waitFor()
    await page.waitForTimeout(500)
    const over = await page.evaluate(() => ({
      x: document.documentElement.scrollWidth - innerWidth,
      y: document.documentElement.scrollHeight - innerHeight,
    }))
    expect(over.x).toBeLessThanOrEqual(0)
    if (size.width > 900) expect(over.y).toBeLessThanOrEqual(0)
    await page.evaluate(AXE)
    const found = await page.evaluate(async () => {
      const { axe } = window as unknown as {
        axe: { run(): Promise<{ violations: { id: string; impact: string; nodes: { html: string }[] }[] }> }
      }
      return (await axe.run()).violations
        .filter((v) => v.impact === 'serious' || v.impact === 'critical')
        .map((v) => `${v.id}: ${v.nodes[0]!.html}`)
    })
    expect(found).toEqual([])
  }
  await context.close()
})

test('somebody who is not signed in sees no city, and a resident is told to use another account', async () => {
  const context = await browser.newContext({ viewport: WALL, baseURL: city.base, serviceWorkers: 'block' })
  const page = await context.newPage()
  await page.goto('/wall')
  await page.locator('#username').waitFor()
  expect(await page.locator('.wall').count()).toBe(0)
  await context.request.post('/api/session/demo', { data: { username: 'resident' } })
  await page.reload()
  await page.getByText('当前账号不能看大屏').waitFor()
  await page.getByRole('button', { name: '演示：以总指挥进入' }).click()
  await page.locator('.wall').waitFor()
  await context.close()
})

test('published days are replayed as published, marked as such, and two sources that differ are both shown', async () => {
  const examples = [
    ['series.city-daily.simulated.csv', importSeries],
    ['series.district-daily.simulated.csv', importSeries],
    ['series.cumulative.simulated.csv', importSeries],
    ['addresses.2022-03-18.simulated.txt', importAddresses],
  ] as const
  for (const [file, put] of examples) {
    // One source is made to say 9 where the other says 8.
    const text = readFileSync(`data/examples/${file}`, 'utf8').replace('20220317,8,', '20220317,9,')
    await put(city.app, { text, file, store: true })
  }
  const { context, page } = await wall({ query: '&replay=2022-03-17' })
  await page.locator('h1', { hasText: '历史回放 2022-03-17' }).waitFor()
  expect(await page.locator('.simulated').textContent()).toBe('公布数据，按公布原样')
  const confirmed = page.locator('.figure', { hasText: '确诊' }).first()
  expect(((await confirmed.locator('.figure-value').textContent()) ?? '').split(' / ').sort()).toEqual([
    '8',
    '9',
  ])
  expect(await confirmed.locator('.fresh').textContent()).toMatch(/city-daily: 9/)
  expect(await page.locator('.districts tr', { hasText: '浦东' }).locator('td').nth(1).textContent()).toBe(
    '20',
  )
  await page.getByRole('button', { name: '暂停' }).click()
  await page.keyboard.press('ArrowRight')
  await page.waitForURL(/replay=2022-03-18/)
  await page.locator('.dot.address').first().waitFor()
  expect(await page.locator('.source-names').first().textContent()).not.toBe('–')
  await page.keyboard.press('Escape')
  await page.locator('[data-figure=requests]').waitFor()
  await context.close()
})

test('a wall whose server stops says since when its figures are', async () => {
  const { context, page } = await wall()
  await city.stop()
  stopped = true
  await page.locator('.away-band', { hasText: '服务器没有回应' }).waitFor({ timeout: 10_000 })
  expect(await page.locator('.wall').getAttribute('class')).toContain('is-away')
  await context.close()
})
