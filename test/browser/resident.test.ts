import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openBrowser } from '#test/harness/browser.ts'
import { DIALYSIS, newId, signedIn, startCity, type TestCity } from '#test/harness/city.ts'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const PHONE = { width: 360, height: 640 }
/** What the first view may weigh over the wire. */
const FIRST_VIEW_BYTES = 120 * 1024

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

async function phone(
  given: { language?: 'zh' | 'en'; resident?: boolean } = {},
): Promise<{ context: BrowserContext; page: Page }> {
  const context = await browser.newContext({ viewport: PHONE, baseURL: city.base, serviceWorkers: 'block' })
  if (given.resident ?? true)
    await context.request.post('/api/session/demo', { data: { username: 'resident' } })
  const page = await context.newPage()
  await page.goto(`/?lang=${given.language ?? 'zh'}`)
  return { context, page }
}

const sentBy = async (context: BrowserContext, text: string) => {
  const list = (await (await context.request.get('/api/my/requests?limit=50')).json()) as {
    items: { text: string; id: string }[]
  }
  return list.items.filter((r) => r.text === text)
}

/** Files a request and lets the unit handle it, so that its resident is asked what they think. */
async function resolvedRequest(context: BrowserContext): Promise<string> {
  const id = newId()
  const sent = await context.request.post('/api/my/requests', {
    data: { id, text: DIALYSIS, channel: 'web' },
  })
  expect(sent.status()).toBe(200)
  const handler = await signedIn(city.base, 'health.pudong')
  for (const action of [{ action: 'sign' }, { action: 'resolve', note: '已安排车辆和透析床位' }]) {
    const answer = await handler.post(`/api/orders/${id}/actions`, { id: newId(), ...action })
    expect(answer.status, JSON.stringify(answer.body)).toBe(200)
  }
  return id
}

test('a resident sees dialysis in 花木街道 understood as urgent, with the address kept, and follows the order', async () => {
  const { context, page } = await phone()
  await page.goto('/ask')
  await page.fill('#text', DIALYSIS)
  const understood = page.locator('.understood')
  await understood.waitFor()
  expect(await understood.locator('.part.place .part-value').textContent()).toBe('浦东新区花木街道')
  expect(await understood.locator('.part.address .part-value').textContent()).toBe('樱花路801弄')
  expect(await understood.locator('.part.urgency').textContent()).toContain('血透')
  expect(await understood.locator('mark.urgency').textContent()).toBe('血透')
  expect(await page.locator('.alarm').textContent()).toContain('120')
  await page.click('button.send')
  await page.waitForURL(/\/my\/[0-9a-f-]{36}$/)
  await page.locator('.steps').waitFor()
  const whole = await page.locator('main').textContent()
  expect(whole).toContain('急难')
  expect(whole).toContain('樱花路801弄')
  expect(whole).toMatch(/承诺 .+ 前 · 剩/)
  await context.close()
})

test('what the platform misread is put right by the resident, and urgency can be raised but not lowered', async () => {
  const { context, page } = await phone()
  await page.goto('/ask')
  const text = '家里水管坏了没人修'
  await page.fill('#text', text)
  await page.locator('.part.place').click()
  await page.fill('#pick-place', 'huamu')
  await page.locator('.choice', { hasText: '浦东新区花木街道' }).first().click()
  await page.locator('.part.address').click()
  await page.fill('#pick-address', '樱花路802弄3号')
  await page.locator('form.pick button').click()
  await page.locator('button.part.urgency').click()
  await page.locator('.alarm').waitFor()
  await page.click('button.send')
  await page.waitForURL(/\/my\/[0-9a-f-]{36}$/)
  await page.locator('.steps').waitFor()
  const whole = await page.locator('main').textContent()
  expect(whole).toContain('浦东新区花木街道')
  expect(whole).toContain('樱花路802弄3号')
  expect(whole).toContain('急难')
  await page.goto('/ask')
  await page.fill('#text', DIALYSIS)
  await page.locator('p.part.urgency.is-urgent').waitFor()
  expect(await page.locator('button.part.urgency').count()).toBe(0)
  await context.close()
})

test('a text without network survives a reload, is seen waiting, and reaches the city once when the network is back', async () => {
  const { context, page } = await phone()
  await page.goto('/ask')
  const text = `没有网络时写下的一句话 ${newId()}`
  await page.fill('#text', text)
  await page.waitForTimeout(200)
  await page.reload()
  expect(await page.inputValue('#text')).toBe(text)
  await context.route('**/api/**', (route) => route.abort('internetdisconnected'))
  await page.click('button.send')
  await page.locator('.pending', { hasText: text }).waitFor()
  await page.reload()
  await page.locator('.pending', { hasText: text }).waitFor()
  expect(await sentBy(context, text)).toHaveLength(0)
  await context.unroute('**/api/**')
  await page.evaluate(() => dispatchEvent(new Event('online')))
  await page.locator('.pending').waitFor({ state: 'detached', timeout: 20_000 })
  expect(await sentBy(context, text)).toHaveLength(1)
  expect(await page.evaluate(() => localStorage.getItem('cityloop.outbox.resident'))).toBeNull()
  await context.close()
})

test('an answer that gets lost on the way does not file the request twice', async () => {
  const { context, page } = await phone()
  await page.goto('/ask')
  const text = `答复在路上丢了 ${newId()}`
  await page.fill('#text', text)
  let lost = 0
  await context.route('**/api/my/requests', async (route) => {
    if (route.request().method() !== 'POST' || lost++ > 0) return route.continue()
    await route.fetch()
    await route.abort('connectionreset')
  })
  await page.click('button.send')
  await page.locator('.pending', { hasText: text }).waitFor()
  await page.locator('.pending button', { hasText: '现在送出' }).click()
  await page.waitForURL(/\/my\/[0-9a-f-]{36}$/)
  expect(lost).toBeGreaterThan(1)
  expect(await sentBy(context, text)).toHaveLength(1)
  await context.close()
})

test('a resident rates a handled request, and asks for a redo of what was not solved after all', async () => {
  const { context, page } = await phone()
  const id = await resolvedRequest(context)
  await page.goto(`/my/${id}`)
  await page.locator('.rate .yes').click()
  await page.locator('.stars label').nth(4).click()
  await page.fill('#rate-note', '师傅来得很快')
  await page.locator('.rate .primary').click()
  await page.locator('.tag', { hasText: '已办结' }).waitFor()
  expect(await page.locator('main').textContent()).toContain('★★★★★')
  await page.locator('summary', { hasText: '要求重办' }).click()
  await page.fill('#reopen-note', '第二天车没有来')
  await page.locator('details .primary').click()
  await page.locator('.tag', { hasText: '重办' }).waitFor()
  await context.close()
})

test('a step that the unit takes is on the resident’s screen within two seconds', async () => {
  const { context, page } = await phone()
  const id = newId()
  await context.request.post('/api/my/requests', { data: { id, text: DIALYSIS, channel: 'web' } })
  await page.goto(`/my/${id}`)
  await page.locator('.tag', { hasText: '待签收' }).waitFor()
  const handler = await signedIn(city.base, 'health.pudong')
  await handler.post(`/api/orders/${id}/actions`, { id: newId(), action: 'sign' })
  await page.locator('.tag', { hasText: '办理中' }).waitFor({ timeout: 2_000 })
  await context.close()
})

test('a telephone and a one-time code let a resident in', async () => {
  const { context, page } = await phone({ resident: false })
  await page.goto('/sign-in?then=/my')
  await page.fill('#phone', '19900000002')
  await page.getByRole('button', { name: '发送验证码' }).click()
  await page.locator('#code').waitFor()
  expect(await page.inputValue('#code')).toMatch(/^\d{6}$/)
  await page.locator('form .primary').click()
  await page.waitForURL(/\/my$/)
  await context.close()
})

test.each(['zh', 'en'] as const)(
  'every screen in %s stands inside a small phone and has nothing serious against it',
  async (language) => {
    const { context, page } = await phone({ language })
    const id = await resolvedRequest(context)
    for (const path of ['/', '/ask', '/my', `/my/${id}`, '/my/data', '/sites', '/hospitals', '/sign-in']) {
      await page.goto(`${path}?lang=${language}`)
      if (path === '/ask') {
        await page.fill('#text', DIALYSIS)
        await page.locator('.understood').waitFor()
      }
      await page.waitForLoadState('networkidle', { timeout: 1_500 }).catch(() => undefined)
      const wider = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
      expect(wider, `${path} scrolls sideways`).toBeLessThanOrEqual(0)
      await page.evaluate(AXE)
      const found = await page.evaluate(async () => {
        const { axe } = window as unknown as {
          axe: { run(): Promise<{ violations: { id: string; impact: string; nodes: { html: string }[] }[] }> }
        }
        return (await axe.run()).violations
          .filter((v) => v.impact === 'serious' || v.impact === 'critical')
          .map((v) => `${v.id}: ${v.nodes[0]!.html}`)
      })
      expect(found, path).toEqual([])
      const small = await page.evaluate(() =>
        [...document.querySelectorAll('main button, main a, nav a, header a, header button')]
          .filter(
            (e) =>
              getComputedStyle(e).display !== 'inline' &&
              e.getBoundingClientRect().height > 0 &&
              e.getBoundingClientRect().height < 44,
          )
          .map((e) => e.outerHTML.slice(0, 80)),
      )
      expect(small, `${path} has targets too small for a thumb`).toEqual([])
    }
    await context.close()
  },
)

test('a resident sees who looked at their data, in both languages, and an empty page says that nobody did', async () => {
  const { context, page } = await phone()
  await page.goto('/my/data')
  await page.getByText('还没有人看过您的信息').waitFor()
  const id = newId()
  await context.request.post('/api/my/requests', { data: { id, text: DIALYSIS, channel: 'web' } })
  const agent = await signedIn(city.base, 'agent')
  const { person } = (await agent.get(`/api/requests/${id}`)).body
  await agent.post(`/api/people/${person.id}/reveal`, { id: newId(), purpose: 'call_back' })
  await page.goto('/my')
  await page.getByRole('link', { name: '谁看过我的信息' }).click()
  const looks = page.locator('.looks li')
  await looks.first().waitFor()
  expect(await looks.count()).toBe(2)
  expect(await looks.first().textContent()).toMatch(/完整姓名和电话.*热线话务员.*用途：回访/)
  expect(await page.locator('main').textContent()).not.toContain('模拟·')
  await page.getByRole('button', { name: 'English' }).click()
  await expect
    .poll(() => looks.first().textContent())
    .toMatch(/Saw your full name.*Hotline agent.*Purpose: Calling back/)
  await context.close()
})

test('the first view weighs less than 120 KB on the wire', async () => {
  const context = await browser.newContext({ viewport: PHONE, serviceWorkers: 'block' })
  const page = await context.newPage()
  const protocol = await context.newCDPSession(page)
  await protocol.send('Network.enable')
  let bytes = 0
  protocol.on('Network.loadingFinished', (event) => (bytes += event.encodedDataLength))
  await page.goto(city.base)
  await page.locator('.ask-box').waitFor()
  await page.waitForTimeout(1_000)
  expect(bytes).toBeGreaterThan(20_000)
  expect(bytes).toBeLessThan(FIRST_VIEW_BYTES)
  await context.close()
})

test('the page opens without network once it has been seen, and says so', async () => {
  const context = await browser.newContext({ viewport: PHONE })
  const page = await context.newPage()
  await page.goto(city.base)
  await page.evaluate(() => navigator.serviceWorker.ready)
  await page.waitForFunction(
    async () => (await caches.match('/')) !== undefined && (await caches.match('/field')) !== undefined,
  )
  await context.setOffline(true)
  await page.goto(`${city.base}/ask`)
  await page.locator('#text').waitFor()
  await page.locator('.band', { hasText: '120' }).waitFor()
  const kept = await page.evaluate(async () => {
    const cache = await caches.open((await caches.keys())[0]!)
    return (await cache.keys()).map((r) => new URL(r.url).pathname)
  })
  expect(kept.filter((path) => path.startsWith('/api'))).toEqual([])
  await context.close()
})
