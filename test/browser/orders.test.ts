import { readFile } from 'node:fs/promises'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { openBrowser } from '#test/harness/browser.ts'
import { DIALYSIS, newId, signedIn, startCity, type Caller, type TestCity } from '#test/harness/city.ts'
import { faultsOf } from '#test/harness/faults.ts'

let city: TestCity
let browser: Browser
let resident: Caller
let agent: Caller
let health: Caller
let huamu: Caller
let pudong: Caller
const open: Page[] = []
const said: string[] = []

beforeAll(async () => {
  city = await startCity({ people: 20, pages: true })
  browser = await openBrowser()
  ;[resident, agent, health, huamu, pudong] = (await Promise.all(
    ['resident', 'agent', 'health.pudong', 'huamu', 'pudong'].map((name) => signedIn(city.base, name)),
  )) as [Caller, Caller, Caller, Caller, Caller]
})
afterAll(async () => {
  await browser?.close()
  await city?.stop()
})
afterEach(async () => {
  for (const page of open.splice(0)) await page.context().close()
})

/** A page of somebody who is signed in already. */
async function pageOf(
  who: Caller,
  path: string,
  given: { width?: number; height?: number; language?: 'zh' | 'en' } = {},
): Promise<Page> {
  const { width = 1440, height = 900, language = 'zh' } = given
  const context = await browser.newContext({ viewport: { width, height } })
  const [name, value] = who.cookie.split('=') as [string, string]
  await context.addCookies([{ name, value, url: city.base }])
  const page = await context.newPage()
  open.push(page)
  page.on('pageerror', (error) => said.push(error.message))
  await page.addInitScript((l) => localStorage.setItem('cityloop.language', l), language)
  await page.goto(city.base + path)
  return page
}

const act = async (who: Caller, id: string, action: string, more: object = {}) => {
  const answer = await who.post(`/api/orders/${id}/actions`, { id: newId(), action, ...more })
  expect(answer.status, `${action} ${JSON.stringify(answer.body).slice(0, 200)}`).toBe(200)
  return answer.body
}
const file = async () => {
  const id = newId()
  await resident.post('/api/my/requests', { id, text: DIALYSIS })
  return id
}

/** Serious faults for people who do not see or use a mouse. */
test('the lead starts the process, a helper answers on its own screen, and the answer is ready made from it', async () => {
  const id = await file()
  await act(health, id, 'sign')
  const lead = await pageOf(health, `/console/orders/${id}`)
  await lead.getByRole('button', { name: '启动协同流程' }).click()
  await lead.getByText('等上一步').waitFor()
  await lead.getByRole('button', { name: '办结反馈' }).waitFor({ state: 'detached' })
  expect(await faultsOf(lead)).toEqual([])
  const helper = await pageOf(huamu, `/console/?view=helping`)
  await helper.locator('.queue .title').first().click()
  await helper.locator('.part').first().getByRole('button', { name: '签收' }).click()
  await helper.getByRole('button', { name: '答复主办' }).click()
  await helper.getByRole('textbox', { name: '答复主办' }).fill('凭证已开')
  await helper.locator('form').getByRole('button', { name: '答复主办' }).click()
  await helper.locator('.part', { hasText: '凭证已开' }).waitFor()
  for (const part of (await health.get(`/api/orders/${id}/parts`)).body.items.filter(
    (p: { endedAt: string | null }) => p.endedAt === null,
  ))
    await health.post(`/api/orders/${id}/parts/${part.id}`, {
      id: newId(),
      action: 'waive',
      note: '已自行解决',
    })
  await lead.reload()
  await lead.getByRole('button', { name: '办结反馈' }).click()
  await expect
    .poll(() => lead.getByRole('textbox', { name: '说明' }).inputValue(), { timeout: 10_000 })
    .toContain('花木街道城运中心：凭证已开')
  await lead.getByRole('textbox', { name: '说明' }).press('Control+Enter')
  await lead.locator('.order-head .state', { hasText: '待回访' }).waitFor()
})

test('the arbiter reads why it came back twice and decides on one screen', async () => {
  const id = await file()
  for (const reason of ['不是我们', '还不是我们']) {
    await act(health, id, 'return', { note: reason })
    await act(agent, id, 'approve_return')
    await act(agent, id, 'dispatch', { unitId: 'health.310115' })
  }
  await act(health, id, 'ask_arbitration', { note: '请定' })
  const page = await pageOf(pudong, '/console/arbitration')
  for (const text of ['不是我们', '还不是我们', '请定'])
    await page.locator('.timeline .note', { hasText: text }).first().waitFor()
  expect(await faultsOf(page)).toEqual([])
  await page.getByRole('button', { name: '仲裁派单' }).click()
  await page.locator('.ant-select-item-option', { hasText: '花木街道城运中心' }).click()
  await page.getByRole('textbox', { name: '说明' }).fill('由街道安排车辆')
  await page.locator('form').getByRole('button', { name: '仲裁派单' }).click()
  await page.getByText('没有待仲裁的工单').waitFor()
  expect((await agent.get(`/api/orders/${id}`)).body).toMatchObject({
    arbitrated: true,
    unit: { id: 'street.310115016' },
  })
})

test('the supervision board, the processes and the notices read well in both languages', async () => {
  const id = await file()
  await act(pudong, id, 'supervise', { note: '盯' })
  await act(agent, id, 'note', { note: '@pudong 请看' })
  for (const [path, zh, en] of [
    ['/console/supervision', '正在督办', 'Under supervision'],
    ['/console/processes', '封控楼水管爆裂', 'Burst pipe in a closed building'],
    ['/console/notices', '提到了您或您的单位', 'You or your unit were mentioned'],
  ] as const) {
    for (const language of ['zh', 'en'] as const) {
      const page = await pageOf(pudong, path, { language })
      await page
        .getByText(language === 'zh' ? zh : en)
        .first()
        .waitFor()
      if (language === 'zh') expect(await faultsOf(page), path).toEqual([])
    }
  }
})

test('many orders dispatched by mistake are taken back with one button', async () => {
  const ids = await Promise.all(
    [1, 2].map(async () => {
      const id = newId()
      await resident.post('/api/my/requests', { id, text: '你们好，有点事' })
      return id
    }),
  )
  const page = await pageOf(agent, '/console/?view=unassigned')
  await page.locator('.queue tbody tr').nth(1).waitFor()
  for (const key of ['j', 'x', 'j', 'x']) await page.keyboard.press(key)
  const bulk = page.locator('.bulk')
  await bulk.getByRole('button', { name: '派单' }).click()
  await page.locator('.ant-select-item-option').first().click()
  await bulk.locator('form').getByRole('button', { name: '派单' }).click()
  await bulk.getByText('完成 2 张').waitFor()
  expect((await agent.get(`/api/orders/${ids[0]}`)).body.state).toBe('dispatched')
  await bulk.getByRole('button', { name: '撤销' }).click()
  await bulk.getByText('已撤销 2 张').waitFor()
  for (const id of ids) expect((await agent.get(`/api/orders/${id}`)).body.state).toBe('received')
})

test('a file is put to an order by hand and comes back without its marks', async () => {
  const id = await file()
  const page = await pageOf(health, `/console/orders/${id}`)
  await page.getByRole('button', { name: '添加图片或 PDF' }).waitFor()
  const icon = await readFile(new URL('../../web/public/icon-192.png', import.meta.url))
  await page
    .locator('input[type=file]')
    .setInputFiles({ name: '现场.png', mimeType: 'image/png', buffer: icon })
  await page.getByRole('link', { name: '现场.png' }).waitFor()
  await page
    .locator('input[type=file]')
    .setInputFiles({ name: 'a.exe', mimeType: 'image/png', buffer: Buffer.from('MZ') })
  await page.getByText('只能上传 JPEG、PNG、WebP 图片和 PDF 文件').waitFor()
})

test('a resident answers what was asked on a telephone, and a handler asks for more time on one', async () => {
  const id = await file()
  await act(health, id, 'sign')
  await act(health, id, 'ask_back', { note: '请问几楼？' })
  const phone = { width: 360, height: 740 }
  const page = await pageOf(resident, `/my/${id}`, phone)
  await page.getByText('请问几楼？').first().waitFor()
  expect(await faultsOf(page)).toEqual([])
  await page.getByLabel('您的回答').fill('三楼')
  await page.getByRole('button', { name: '送出' }).click()
  await page.locator('.message', { hasText: '三楼' }).waitFor()
  expect((await agent.get(`/api/orders/${id}`)).body.state).toBe('handling')
  const field = await pageOf(health, '/field', phone)
  const card = field.locator(`[data-order="${id}"]`)
  await card.getByRole('button', { name: '申请延期' }).click()
  await card.getByLabel('为什么要延期').fill('车在路上')
  await card.getByRole('button', { name: '申请延期' }).click()
  await expect
    .poll(async () => (await agent.get(`/api/orders/${id}`)).body.state, { timeout: 10_000 })
    .toBe('extension_review')
  expect(said).toEqual([])
})
