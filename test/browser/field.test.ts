import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openBrowser } from '#test/harness/browser.ts'
import { DIALYSIS, newId, signedIn, startCity, type TestCity } from '#test/harness/city.ts'

let city: TestCity
let browser: Browser

/** Everything that pages keep on the telephone, as somebody would read it who copies it. */
const kept = (page: Page) =>
  page.evaluate(async () => {
    const text = (value: unknown): string => {
      if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) return new TextDecoder().decode(value)
      return value && typeof value === 'object' ? Object.values(value).map(text).join(' ') : String(value)
    }
    const db = await new Promise<IDBDatabase>((done) => {
      const asked = indexedDB.open('cityloop-field')
      asked.onsuccess = () => done(asked.result)
    })
    const all = async (store: string) =>
      new Promise<unknown[]>((done) => {
        const asked = db.transaction(store).objectStore(store).getAll()
        asked.onsuccess = () => done(asked.result)
      })
    const found = [...(await all('record')), ...(await all('kept'))]
    db.close()
    return { rows: found.length, text: text(found) + JSON.stringify({ ...localStorage }) }
  })
const readable = async (page: Page) => (await kept(page)).text
const rows = async (page: Page) => (await kept(page)).rows

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
  // What lies on the telephone says nothing to whoever finds it.
  expect(await readable(page)).not.toMatch(/血液|透析|花木|签收|已安排/)
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

test('a handler’s list and actions are there again after a reload without a network, with their age, and go at sign-out', async () => {
  const resident = await signedIn(city.base, 'resident')
  const id = newId()
  await resident.post('/api/my/requests', { id, text: DIALYSIS, channel: 'web' })
  const context = await browser.newContext({ viewport: { width: 360, height: 640 }, baseURL: city.base })
  await context.request.post('/api/session/demo', { data: { username: 'health.pudong' } })
  const page = await context.newPage()
  await page.goto('/field')
  const card = page.locator(`[data-order="${id}"]`)
  await card.waitFor()
  await page.evaluate(async () => {
    await navigator.serviceWorker.ready
    while (!(await caches.match('/field'))) await new Promise((done) => setTimeout(done, 100))
  })
  await context.setOffline(true)
  await card.getByRole('button', { name: '签收' }).click()
  await page.locator('.count', { hasText: '待发送 1' }).waitFor()
  await page.reload()
  await card.getByText('待发送').waitFor()
  await page.getByText(/列表是 \d+ 分钟前的/).waitFor()
  await page.locator('.count', { hasText: '待发送 1' }).waitFor()
  expect(await readable(page)).not.toMatch(/血液|透析|花木|签收/)
  // Whoever signs out is told, and what waits is still there for them.
  await page.getByRole('button', { name: '退出', exact: true }).click()
  await page.getByRole('heading', { name: '还有 1 件没送出' }).waitFor()
  await page.getByRole('button', { name: '仍然退出' }).click()
  await page.getByText('等待网络').waitFor()
  await page.locator('.count', { hasText: '待发送 1' }).waitFor()
  await context.setOffline(false)
  await context.request.post('/api/session/demo', { data: { username: 'health.pudong' } })
  await page.reload()
  await page.locator('.count', { hasText: '待发送 0' }).waitFor({ timeout: 20_000 })
  const order = await (await signedIn(city.base, 'commander')).get(`/api/orders/${id}`)
  expect(order.body.state).toBe('handling')
  await page.getByRole('button', { name: '退出', exact: true }).click()
  await page.getByRole('heading', { name: '登录' }).waitFor()
  expect(await rows(page)).toBe(0)
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
