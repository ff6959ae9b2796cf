import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openBrowser } from '#test/harness/browser.ts'
import { DIALYSIS, signedIn, startCity, type TestCity } from '#test/harness/city.ts'
import { faultsOf } from '#test/harness/faults.ts'

let city: TestCity
let browser: Browser

beforeAll(async () => {
  city = await startCity({ people: 60, pages: true })
  browser = await openBrowser()
})
afterAll(async () => {
  await browser?.close()
  await city?.stop()
})

async function screenOf(username: string, path: string, language: 'zh' | 'en' = 'zh'): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } })
  await context.request.post(`${city.base}/api/session/demo`, { data: { username } })
  const page = await context.newPage()
  await page.addInitScript((lang) => localStorage.setItem('cityloop.language', lang), language)
  await page.goto(`${city.base}/console${path}`)
  return page
}

test('a neighbourhood worker sees masks and gets a full number only for a purpose', async () => {
  const page = await screenOf('juwei', '/people')
  const row = page.locator('table.list tbody tr').first()
  await row.waitFor()
  expect(await row.textContent()).toContain('199****0001')
  expect(await faultsOf(page)).toEqual([])
  await row.getByRole('button', { name: '按用途查看' }).click()
  const show = row.getByRole('button', { name: /^查\s?看$/ })
  expect(await show.isDisabled()).toBe(true)
  await row.getByRole('combobox', { name: '用途' }).click()
  await page.getByTitle('上门服务').click()
  expect(await faultsOf(page)).toEqual([])
  await show.click()
  await row.getByText('19900000001').waitFor()
  expect(page.url()).not.toContain('1990')
  await row.getByRole('button', { name: '收起' }).click()
  await expect.poll(() => page.content()).not.toContain('19900000001')
  await page.getByLabel('完整手机号或身份证号').fill('19900000002')
  await page.getByRole('button', { name: /^查\s?找$/ }).click()
  await page.getByText('没有找到人').waitFor()
  await page.context().close()
})

test('an agent who must call back gets the number beside what was said', async () => {
  const id = crypto.randomUUID()
  const resident = await signedIn(city.base, 'resident')
  await resident.post('/api/my/requests', { id, text: DIALYSIS })
  const page = await screenOf('agent', `/orders/${id}`)
  await page.getByRole('button', { name: /查看原话/ }).click()
  await page.getByRole('button', { name: '按用途查看姓名和电话' }).click()
  await page.getByRole('combobox', { name: '用途' }).click()
  await page.getByTitle('回访').click()
  await page.getByRole('button', { name: /^查\s?看$/ }).click()
  await page.getByText('19900000001').waitFor()
  expect((await resident.get('/api/my/looks')).body.items[0]).toMatchObject({ purpose: { zh: '回访' } })
  await page.context().close()
})

test('a post without the register has no such page', async () => {
  const page = await screenOf('commander', '/people')
  await page.getByText('您的岗位不用这个页面').waitFor()
  expect(await page.locator('.rail', { hasText: '人员名册' }).count()).toBe(0)
  await page.context().close()
})

test.each(['zh', 'en'] as const)(
  'a supervisor sees who read the place from outside, with the reason, as it happens (%s)',
  async (language) => {
    const page = await screenOf('pudong', '/glass', language)
    await page.locator('h2').nth(1).waitFor()
    expect(await faultsOf(page)).toEqual([])
    const reason = `核对转运途中病人的家属地址 ${language}`
    const outside = await signedIn(city.base, 'huangpu')
    const broken = await outside.post('/api/glass', {
      id: crypto.randomUUID(),
      place: language === 'zh' ? '310115' : '310115016',
      reason,
    })
    // The second place lies in the first, which stands open already: nothing more has to be broken.
    expect(broken.status).toBe(language === 'zh' ? 200 : 409)
    await page.locator('table.list', { hasText: '核对转运途中病人的家属地址 zh' }).waitFor()
    await page.locator('table.list', { hasText: '模拟·黄浦督办' }).waitFor()
    expect(await faultsOf(page)).toEqual([])
    await page.context().close()
  },
)
