import axe from 'axe-core'
import { readFile } from 'node:fs/promises'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { importHospitals } from '#capabilities/care/index.ts'
import { importSites } from '#capabilities/sites/index.ts'
import { openBrowser } from '#test/harness/browser.ts'
import { DIALYSIS, newId, signedIn, startCity, type Caller, type TestCity } from '#test/harness/city.ts'

let city: TestCity
let browser: Browser
let agent: Caller
const open: Page[] = []
const said: string[] = []

beforeAll(async () => {
  city = await startCity({ people: 50, pages: true })
  browser = await openBrowser()
  agent = await signedIn(city.base, 'agent')
  // The example files that ship with the product: lists with rows to look at.
  const example = async (file: string) => ({
    text: await readFile(new URL(`../../data/examples/${file}`, import.meta.url), 'utf8'),
    file,
    store: true,
  })
  await importSites(city.app, await example('sites.simulated.geojson'))
  await importHospitals(city.app, await example('hospitals.simulated.geojson'))
})
afterAll(async () => {
  await browser?.close()
  await city?.stop()
})
afterEach(async () => {
  for (const page of open.splice(0)) await page.context().close()
})

/** A screen of somebody who taps their demonstration card, at the address given. */
async function screenOf(
  username: string,
  path: string,
  given: { language?: 'zh' | 'en'; quiet?: boolean } = {},
): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, acceptDownloads: true })
  const page = await context.newPage()
  open.push(page)
  page.on('pageerror', (error) => said.push(error.message))
  page.on(
    'console',
    (message) =>
      message.type() === 'error' &&
      /Content Security|React/.test(message.text()) &&
      said.push(message.text()),
  )
  if (given.quiet) await page.route('**/api/stream', (route) => route.abort())
  await page.addInitScript(
    (language) => localStorage.setItem('cityloop.language', language),
    given.language ?? 'zh',
  )
  await page.goto(`${city.base}/console${path}`)
  await page.locator('.account', { hasText: new RegExp(`· ${username.replace('.', '\\.')}$`) }).click()
  await page.locator('.desk').waitFor()
  return page
}

async function receive(text: string): Promise<{ id: string; number: string; version: number }> {
  const answer = await agent.post('/api/requests', { id: newId(), text, channel: 'phone' })
  expect(answer.status).toBe(200)
  return answer.body.order
}

const list = async (query: string): Promise<{ id: string; number: string; state: string }[]> =>
  (await agent.get(`/api/orders?${query}`)).body.items

const sideways = (page: Page) =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)

async function barriers(page: Page): Promise<string[]> {
  await page.evaluate(axe.source)
  const found = await page.evaluate(() => (globalThis as unknown as { axe: typeof axe }).axe.run(document))
  return found.violations
    .filter((v) => v.impact === 'serious' || v.impact === 'critical')
    .flatMap((v) =>
      v.nodes.map((n) => `${v.id}: ${n.html.slice(0, 160)} ${n.any.map((a) => a.message).join(' ')}`),
    )
}

test('an agent takes a call in, sees it understood, and pressing twice makes one order', async () => {
  const page = await screenOf('agent', '/intake')
  await page.getByLabel('诉求内容').fill(DIALYSIS)
  await page.locator('.word.urgency', { hasText: '血透' }).waitFor()
  expect(await page.locator('.word.place').allTextContents()).toContain('花木街道地点')
  expect(await page.locator('.word.address').first().textContent()).toContain('樱花路801弄')
  const understood = page.locator('.understood')
  await understood.getByText('浦东新区花木街道', { exact: true }).waitFor()
  await understood.getByText('浦东新区卫生健康委').waitFor()
  await page.getByText('没有，这是头一件').waitFor()

  await page.keyboard.press('Control+Enter')
  await page.keyboard.press('Control+Enter')
  const number = await page.locator('.saved a').textContent()
  expect(await page.locator('.saved .left').textContent()).toMatch(/剩 \d+分/)
  expect(await page.getByLabel('诉求内容').inputValue()).toBe('')
  const orders = await list('view=all')
  expect(orders.map((o) => o.number)).toEqual([number])
})

test('a correction made while the caller speaks is what the order is about', async () => {
  const page = await screenOf('agent', '/intake')
  await page.getByLabel('诉求内容').fill('楼上漏水一直没人管')
  await page.getByLabel('地点').pressSequentially('xinzhuang')
  await page.locator('.ant-select-item-option', { hasText: '闵行区莘庄镇' }).click()
  await page.getByRole('switch', { name: '急难' }).click()
  await page.keyboard.press('Control+Enter')
  const number = await page.locator('.saved a').textContent()
  const [order] = (await agent.get(`/api/orders?view=all&number=${number}`)).body.items
  expect(order).toMatchObject({ placeCode: '310112101', urgent: true })
})

test('a handler signs and resolves without touching the mouse', async () => {
  const before = (await list('view=all')).at(-1)!
  const page = await screenOf('health.pudong', '')
  await page.locator('.queue tbody tr').first().waitFor()
  await page.keyboard.press('j')
  await page.keyboard.press('Enter')
  await page.locator('.order').waitFor()
  await page.keyboard.press('1')
  await page.locator('.order-head .state', { hasText: '办理中' }).waitFor()
  await page.keyboard.press('1')
  await page.keyboard.type('已联系血透室，社区车辆下午接送')
  await page.keyboard.press('Control+Enter')
  await page.locator('.order-head .state', { hasText: '待回访' }).waitFor()
  expect(await page.locator('.note').first().textContent()).toBe('已联系血透室，社区车辆下午接送')
  const [after] = await list(`view=all&number=${before.number}`)
  expect(after!.state).toBe('resolved')
  await page.keyboard.press('Escape')
  await page.locator('.queue').waitFor()
})

test('what was said is fetched only when somebody asks for it', async () => {
  const { id } = await receive('浦东新区花木街道牡丹路60弄，独居老人断药了')
  const page = await screenOf('huamu', `/orders/${id}`)
  const asked: string[] = []
  page.on('request', (request) => request.url().includes('/api/requests/') && asked.push(request.url()))
  await page.locator('.order').waitFor()
  expect(await page.getByText('断药了', { exact: false }).count()).toBe(0)
  expect(asked).toEqual([])
  await page.getByRole('button', { name: '查看原话（查看会留痕）' }).click()
  await page.locator('.said', { hasText: '断药了' }).waitFor()
  expect(asked).toHaveLength(1)
})

test('a supervisor sends a colleague the filtered queue as an address', async () => {
  await receive('浦东新区三林镇，楼上漏水')
  const page = await screenOf('pudong', '?view=open&place=310115016')
  await page.locator('.queue tbody tr').first().waitFor()
  const places = await page.locator('.queue .title').allTextContents()
  expect(places.every((p) => p.includes('花木街道'))).toBe(true)
  await page.locator('.f-state').click()
  await page.locator('.ant-select-item-option', { hasText: '待回访' }).click()
  await page.waitForURL(/place=310115016&state=resolved|state=resolved.*place=310115016/)
  await page.reload()
  await page.locator('.f-place', { hasText: '花木街道' }).waitFor()
  expect(await page.locator('.queue .state').allTextContents()).toEqual(['待回访'])
  await page.getByRole('button', { name: '清除' }).click()
  await page.locator('.queue .title', { hasText: '三林镇' }).waitFor()
})

test('a new order waits in the bar and moves nothing until it is asked for', async () => {
  const page = await screenOf('agent', '?view=open')
  await page.locator('.queue tbody tr').first().waitFor()
  await page.locator('.live', { hasText: '实时' }).waitFor()
  const before = await page.locator('.queue .c-number').allTextContents()
  const { number } = await receive('虹口区四川北路街道，化疗药没有了，明天要化疗')
  await page.locator('.news', { hasText: '新到 1' }).waitFor()
  expect(await page.locator('.queue .c-number').allTextContents()).toEqual(before)
  await page.keyboard.press('r')
  await page.locator('.queue .c-number', { hasText: number }).waitFor()
})

test('an order that somebody has just changed is shown anew instead of being overwritten', async () => {
  const { id } = await receive('杨浦区五角场街道，垃圾三天没有清运')
  const page = await screenOf('agent', `/orders/${id}`, { quiet: true })
  await page.locator('.order').waitFor()
  const other = await signedIn(city.base, 'supervisor')
  const nudged = await other.post(`/api/orders/${id}/actions`, {
    id: newId(),
    action: 'note',
    note: '请加快',
  })
  expect(nudged.status).toBe(200)
  await page.getByRole('button', { name: '催办' }).click()
  await page.getByText('工单刚被别人更新').waitFor()
  await page.locator('.note', { hasText: '请加快' }).waitFor()
  await page.getByRole('button', { name: '催办' }).click()
  await page.locator('.timeline b', { hasText: '催办' }).waitFor()
})

test('two orders are nudged at once and the summary says how it went', async () => {
  const page = await screenOf('supervisor', '?view=open')
  await page.locator('.queue tbody tr').nth(1).waitFor()
  for (const key of ['j', 'x', 'j', 'x']) await page.keyboard.press(key)
  const bulk = page.locator('.bulk')
  await bulk.getByText('已选 2 张').waitFor()
  await bulk.getByRole('button', { name: '催办' }).click()
  await bulk.getByText('完成 2 张，未办 0 张').waitFor()
})

test('the loaded queue is saved as CSV that Excel reads', async () => {
  const page = await screenOf('supervisor', '?view=all')
  await page.locator('.queue tbody tr').first().waitFor()
  const rows = await page.locator('.queue tbody tr').count()
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: '导出 CSV' }).click(),
  ])
  const csv = await readFile(await download.path(), 'utf8')
  expect(csv.startsWith('\uFEFF单号,')).toBe(true)
  expect(csv.trimEnd().split('\r\n')).toHaveLength(rows + 1)
})

test('the lists say what is open now and what an emergency room does, and keep their filter in the address', async () => {
  const page = await screenOf('commander', '/sites?q=花木')
  await page.locator('.published tbody tr').first().waitFor()
  const names = await page.locator('.published tbody b').allTextContents()
  expect(names).toHaveLength(2)
  expect(names.every((name) => name.includes('花木'))).toBe(true)
  await page.locator('.left', { hasText: '开放中' }).first().waitFor()
  await page.getByRole('link', { name: '医院', exact: true }).click()
  await page.getByLabel('名称或地址').fill('肿瘤')
  await page.locator('.left.red', { hasText: '急诊停诊' }).waitFor()
  expect(await page.locator('.published tbody tr').count()).toBe(1)
  expect(decodeURIComponent(page.url())).toContain('list=hospitals')
})

test('a commander has no intake, by rail or by address', async () => {
  const page = await screenOf('commander', '/intake')
  await page.getByText('您的岗位不用这个页面').waitFor()
  expect(await page.locator('.rail', { hasText: '诉求登记' }).count()).toBe(0)
})

test('who signs in with a wrong password is told so and stays at the address', async () => {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } })
  const page = await context.newPage()
  open.push(page)
  await page.goto(`${city.base}/console/statistics?days=7`)
  await page.getByRole('textbox', { name: '账号' }).fill('agent')
  await page.getByLabel('密码').fill('not-the-password')
  await page.keyboard.press('Enter')
  await page.getByText('账号或密码不对').waitFor()
  await page.getByLabel('密码').fill('cityloop-demo')
  await page.keyboard.press('Enter')
  await page.locator('.key-figures').waitFor()
  expect(page.url()).toContain('/console/statistics?days=7')
  await page.getByRole('button', { name: '退出' }).click()
  await page.getByLabel('密码').waitFor()
})

test('a session that ended elsewhere leads to the sign-in and back to the same list', async () => {
  await receive(DIALYSIS)
  const page = await screenOf('agent', '?view=urgent')
  await page.locator('.queue tbody tr').first().waitFor()
  await page.getByRole('link', { name: '全部', exact: true }).click()
  await page.locator('.view.on', { hasText: '全部' }).waitFor()
  await page.context().clearCookies()
  // The list asks again by itself when the city reports something new.
  await receive(DIALYSIS)
  const signIn = page.locator('.account').first()
  await signIn.waitFor()
  expect(page.url()).toContain('view=all')
  await page.locator('.account', { hasText: /· agent$/ }).click()
  await page.locator('.queue tbody tr').first().waitFor()
  expect(await page.locator('.view.on').textContent()).toBe('全部')
})

const SCREENS = [
  ['queue', '?view=open', '.queue tbody tr'],
  ['intake', '/intake', '.understood'],
  ['statistics', '/statistics', '.key-figures'],
  ['sites', '/sites', '.list'],
  ['hospitals', '/sites?list=hospitals', '.list'],
] as const

for (const language of ['zh', 'en'] as const) {
  test(`everybody can use every screen (${language}): axe finds nothing serious, nothing scrolls sideways`, async () => {
    const page = await screenOf('agent', '?view=open', { language })
    for (const [name, path, ready] of SCREENS) {
      await page.goto(`${city.base}/console${path}`)
      await page.locator(ready).first().waitFor()
      expect(await barriers(page), name).toEqual([])
      expect(await sideways(page), name).toBeLessThanOrEqual(0)
    }
    await page.goto(`${city.base}/console?view=urgent`)
    await page.locator('.queue tbody tr').first().waitFor()
    await page.keyboard.press('j')
    await page.keyboard.press('Enter')
    await page.locator('.map svg path').first().waitFor()
    await page.keyboard.press('v')
    await page.locator('.said').waitFor()
    await page.keyboard.press('1')
    await page.locator('.action-form').waitFor()
    expect(await barriers(page), 'order').toEqual([])
    expect(await sideways(page), 'order').toBeLessThanOrEqual(0)
    await page.locator('.who button').click()
    await page.locator('.account').first().waitFor()
    expect(await barriers(page), 'sign-in').toEqual([])
  })
}

test('the English screens are English: no heading, button, label or column stays Chinese', async () => {
  const page = await screenOf('agent', '?view=open', { language: 'en' })
  for (const [, path, ready] of SCREENS) {
    await page.goto(`${city.base}/console${path}`)
    await page.locator(ready).first().waitFor()
    const texts = await page.evaluate(() =>
      [
        ...document.querySelectorAll(
          'h1, h2, button:not(.as-link), th, label, caption, .rail-item, .view, .nothing',
        ),
      ]
        .filter((e) => !e.closest('[aria-label=Language]'))
        .map((e) => {
          const copy = e.cloneNode(true) as Element
          for (const mark of copy.querySelectorAll('[lang=zh]')) mark.remove()
          return copy.textContent
        }),
    )
    expect(
      texts.filter((text) => /\p{Script=Han}/u.test(text)),
      path,
    ).toEqual([])
  }
})

test('the whole round passed without an error of the pages or of their security policy', () => {
  expect(said).toEqual([])
})
