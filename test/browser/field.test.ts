import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openBrowser } from '#test/harness/browser.ts'
import { DIALYSIS, newId, signedIn, startCity, type TestCity } from '#test/harness/city.ts'

let city: TestCity
let browser: Browser

beforeAll(async () => {
  city = await startCity({ people: 20, pages: true })
  browser = await openBrowser()
})
afterAll(async () => {
  await browser?.close()
  await city?.stop()
})

test('a handler signs and resolves without network, and both reach the order once it is back', async () => {
  const resident = await signedIn(city.base, 'resident')
  const id = newId()
  await resident.post('/api/my/requests', { id, text: DIALYSIS, channel: 'web' })
  const context = await browser.newContext({
    viewport: { width: 360, height: 640 },
    baseURL: city.base,
    serviceWorkers: 'block',
  })
  await context.request.post('/api/session/demo', { data: { username: 'health.pudong' } })
  const page = await context.newPage()
  await page.goto('/field')
  const card = page.locator(`[data-order="${id}"]`)
  await card.waitFor()
  await context.route('**/api/**', (route) => route.abort('internetdisconnected'))
  await card.getByRole('button', { name: '签收' }).click()
  await card.getByRole('button', { name: '办结反馈' }).click()
  await card.locator('textarea').fill('已安排车辆，今天下午透析')
  await card.getByRole('button', { name: '办结，告诉居民' }).click()
  await page.locator('.count', { hasText: '待发送 2' }).waitFor()
  const before = await (await signedIn(city.base, 'commander')).get(`/api/orders/${id}`)
  expect(before.body.state).toBe('dispatched')
  await context.unroute('**/api/**')
  await page.evaluate(() => dispatchEvent(new Event('online')))
  await page.locator('.count', { hasText: '待发送 0' }).waitFor({ timeout: 20_000 })
  const after = await (await signedIn(city.base, 'commander')).get(`/api/orders/${id}`)
  expect(after.body.state).toBe('resolved')
  expect(after.body.timeline.filter((e: { action: string }) => e.action === 'sign')).toHaveLength(1)
  expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0)
  await context.close()
})

test('an account without orders of its own is told which account to use', async () => {
  const context = await browser.newContext({
    viewport: { width: 360, height: 640 },
    baseURL: city.base,
    serviceWorkers: 'block',
  })
  await context.request.post('/api/session/demo', { data: { username: 'resident' } })
  const page = await context.newPage()
  await page.goto('/field')
  await page.getByText('这个账号没有要办的工单').waitFor()
  await context.close()
})
