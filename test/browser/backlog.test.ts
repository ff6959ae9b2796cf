import { readFileSync } from 'node:fs'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openBrowser } from '#test/harness/browser.ts'
import { newId, signedIn, startCity, type TestCity } from '#test/harness/city.ts'
import { startLab } from '#test/harness/lab.ts'
import { timeOf } from '#test/harness/time.ts'
import { faultsOf } from '#test/harness/faults.ts'
import { watchBacklog } from '#capabilities/screening/backlog-alarm.ts'

let city: TestCity
let browser: Browser
let at: Awaited<ReturnType<typeof startLab>>

beforeAll(async () => {
  city = await startCity({ people: 20, pages: true })
  browser = await openBrowser()
  at = await startLab(city, 7000)
})
afterAll(async () => {
  await browser?.close()
  await city?.stop()
})

async function screenOf(username: string, path: string, language: 'zh' | 'en' = 'zh'): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } })
  await context.request.post(`${city.base}/api/session/demo`, { data: { username } })
  const page = await context.newPage()
  await page.addInitScript((lang) => localStorage.setItem('cityloop.language', lang), language)
  await page.goto(`${city.base}/console${path}`)
  return page
}

const shot = async (page: Page, name: string) => {
  if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/${name}.png` })
}

test('before anybody was sampled the page says that nothing waits, and what to do', async () => {
  const page = await screenOf('pudong', '/backlog')
  await page.getByText('没有管在等结果').waitFor()
  await page.getByRole('link', { name: '资源' }).click()
  await page.getByText('还没有实验室申报能力').waitFor()
  expect(await faultsOf(page)).toEqual([])
  await page.context().close()
})

test('a laboratory says what it can do and finds its words again', async () => {
  const page = await screenOf('lab', '/labs?view=capacity')
  await page.getByRole('button', { name: /^申\s?报$/ }).click()
  await page.getByLabel('名称').fill('模拟·第一检测实验室')
  await page.getByLabel('每小时管数').fill('500')
  await shot(page, 'capacity-form')
  expect(await faultsOf(page)).toEqual([])
  await page
    .locator('.capacity-form')
    .getByRole('button', { name: /^申\s?报$/ })
    .click()
  await page.locator('tr', { hasText: '现行' }).getByText('500 管/时').waitFor()
  await page.context().close()
})

test('a supervisor sees where tubes wait, sends boxes to another laboratory, and takes it back', async () => {
  const { caller } = await at.member('lab.second')
  await caller.post('/api/labs/capacity', {
    id: newId(),
    name: '模拟·第二检测实验室',
    placeCode: '310115',
    tubesPerHour: 800,
    pools: [10],
    opens: 0,
    closes: 0,
  })
  const boxes: string[] = []
  for (let i = 0; i < 4; i++) boxes.push((await at.boxed([await at.resident(`${i + 1}号101室`)])).box)
  const [first, second, third] = boxes as [string, string, string]
  await at.sampler.post(`/api/boxes/${second}/events`, { id: newId(), kind: 'collected' })
  const done = await at.tubeOf([await at.resident('9号101室'), await at.resident('9号102室')])
  await at.report(done, 'negative')
  await at.tubeOf([await at.resident('9号103室')])
  const page = await screenOf('pudong', '/backlog')
  const stage = (id: string) => page.locator(`[data-stage=${id}] .stage-n b`)
  await stage('sealed').getByText('3', { exact: true }).waitFor({ timeout: 15_000 })
  expect(await stage('collected').textContent()).toBe('1')
  expect(await stage('received').textContent()).toBe('1')
  expect(await stage('answered').textContent()).toBe('1')
  await page.locator('[data-lab="lab.second"]', { hasText: '800' }).waitFor()
  await shot(page, 'backlog')
  expect(await faultsOf(page)).toEqual([])
  const waiting = page.waitForEvent('download')
  await page.getByRole('button', { name: '导出 CSV' }).click()
  const file = readFileSync(await (await waiting).path(), 'utf8')
  expect(file).toContain('total,310115,')
  expect(file).toContain('模拟·第二检测实验室')
  await page.getByRole('link', { name: '未签收的箱' }).click()
  await page.waitForURL(/view=boxes/)
  // By keyboard alone.
  await page.getByRole('checkbox', { name: first }).focus()
  await page.keyboard.press('Space')
  await page.getByRole('checkbox', { name: third }).focus()
  await page.keyboard.press('Space')
  await page.getByRole('combobox', { name: '改送到' }).focus()
  await page.keyboard.press('ArrowDown')
  await page.keyboard.type('第二')
  await page.locator('.ant-select-item-option', { hasText: '第二检测' }).click()
  await shot(page, 'backlog-boxes')
  await page.getByRole('button', { name: '改送 2 箱' }).press('Enter')
  await page.getByText('已改送 2 箱').waitFor()
  await page.locator(`[data-box=${first}]`, { hasText: '模拟·第二检测实验室' }).waitFor()
  await shot(page, 'backlog-redirected')
  expect(await faultsOf(page)).toEqual([])
  await page.getByRole('button', { name: /撤\s?销/ }).click()
  await page.getByText('已撤销').waitFor()
  await page.locator(`[data-box=${first}]`, { hasText: '未指定' }).waitFor()
  await page.context().close()
})

test('what there is to work with is declared where it is, with who said it', async () => {
  const page = await screenOf('pudong', '/backlog?view=resources', 'en')
  await page.getByLabel('How many').fill('14')
  await page.getByRole('button', { name: 'Declare', exact: true }).click()
  const line = page.locator('tr', { hasText: 'Couriers on duty' })
  await line.getByText('14', { exact: true }).waitFor()
  expect(await line.textContent()).toContain('模拟·浦东督办')
  await shot(page, 'backlog-resources')
  expect(await faultsOf(page)).toEqual([])
  await page.context().close()
  const reader = await screenOf('juwei', '/backlog?view=resources')
  await reader.getByText('实验室能力').waitFor()
  expect(await reader.getByRole('button', { name: '修改' }).count()).toBe(0)
  await reader.context().close()
  const none = await screenOf('lab', '/backlog')
  await none.getByText('您的岗位不用这个页面').waitFor()
  await none.context().close()
  expect((await (await signedIn(city.base, 'lab')).get('/api/screening/backlog')).status).toBe(403)
})

test('a promise about to break stands above everything, with who could help and the way to send boxes there', async () => {
  timeOf(city).pass(3.5 * 60)
  await watchBacklog(city.app)
  const page = await screenOf('pudong', '/backlog')
  const alarm = page.locator('.backlog-alarm', { hasText: '模拟·第一检测实验室' })
  await alarm.waitFor()
  expect(await alarm.textContent()).toMatch(/1 管将超时.*剩 2小时.*模拟·第二检测实验室 每小时可多检/)
  await page.locator('[data-stage=received] .word-amber', { hasText: '不明' }).waitFor()
  await shot(page, 'backlog-alarm')
  expect(await faultsOf(page)).toEqual([])
  await alarm.getByRole('link', { name: /改送/ }).click()
  await page.waitForURL(/view=boxes/)
  await page.context().close()
})
