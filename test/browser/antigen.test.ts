import pg from 'pg'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { countResidents } from '#capabilities/screening/index.ts'
import { openBrowser } from '#test/harness/browser.ts'
import { startCity, type TestCity } from '#test/harness/city.ts'
import { startLab, type Sampled } from '#test/harness/lab.ts'
import { faultsOnPhone } from '#test/harness/faults.ts'

const HERE = '310115016001'
let city: TestCity
let sql: pg.Client
let browser: Browser
let at: Awaited<ReturnType<typeof startLab>>
let courier: Sampled

beforeAll(async () => {
  city = await startCity({ people: 20, pages: true })
  sql = new pg.Client({ connectionString: city.url })
  await sql.connect()
  browser = await openBrowser()
  at = await startLab(city, 700)
  courier = await at.resident('7号701室')
  await at.resident('7号701室')
  for (const room of ['7号702室', '7号703室', '7号704室']) await at.resident(room)
  await sql.query(`update person set occupation = 'city-service' where place_code like '${HERE}%'`)
  await countResidents(city.app)
})
afterAll(async () => {
  await browser?.close()
  await sql?.end()
  await city?.stop()
})

const shot = async (page: Page, name: string) => {
  if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/${name}.png`, fullPage: true })
}

/** A telephone whose holder has signed in by a one-time code. */
async function phoneOf(person: Sampled) {
  const context = await browser.newContext({
    viewport: { width: 360, height: 740 },
    baseURL: city.base,
    serviceWorkers: 'block',
  })
  const { request } = context
  const sent = (await (
    await request.post('/api/session/code', { data: { phone: person.phone } })
  ).json()) as { demoCode: string }
  await request.post('/api/session/verify', { data: { phone: person.phone, code: sent.demoCode } })
  return { context, page: await context.newPage() }
}

/** A picture as a telephone makes it, drawn by the browser itself. */
async function photo(page: Page) {
  const base64 = await page.evaluate(() => {
    const canvas = document.createElement('canvas')
    ;[canvas.width, canvas.height] = [2000, 1500]
    const g = canvas.getContext('2d')!
    g.fillStyle = '#ddd'
    g.fillRect(0, 0, 2000, 1500)
    g.fillStyle = '#b3203a'
    g.fillRect(700, 300, 60, 900)
    return canvas.toDataURL('image/png').split(',')[1]!
  })
  return { name: '自测.png', mimeType: 'image/png', buffer: Buffer.from(base64, 'base64') }
}

test('a resident sees what is due today and why, and reports a self-test; without a network it says that nothing was sent', async () => {
  const { context, page } = await phoneOf(courier)
  await page.goto('/?lang=zh')
  const duty = page.locator('.duty')
  await duty.getByText('抗原 2 次', { exact: true }).waitFor()
  await duty.getByText('采样 2.4').waitFor()
  await shot(page, '01-home-duty-zh')
  expect(await faultsOnPhone(page)).toEqual([])
  await duty.getByRole('link', { name: '报告抗原自测' }).click()
  await page.getByText('一条杠（C）').click()
  await page.getByLabel('拍一张试剂的照片').setInputFiles(await photo(page))
  await page.getByRole('img', { name: '试剂照片' }).waitFor()
  await shot(page, '02-antigen-zh')
  expect(await faultsOnPhone(page)).toEqual([])
  await context.setOffline(true)
  await page.getByRole('button', { name: '送出' }).click()
  await page.getByRole('alert').getByText('报告没有送出').waitFor()
  await shot(page, '03-antigen-offline')
  expect((await sql.query('select from antigen_test')).rowCount).toBe(0)
  await context.setOffline(false)
  await page.getByRole('button', { name: '送出' }).click()
  await page.getByText('已收到您的报告').waitFor()
  await page.getByRole('link', { name: '回首页' }).click()
  await duty.getByText('已报 1 次，还差 1 次').waitFor()
  expect((await sql.query('select from antigen_test')).rowCount).toBe(1)

  // Two lines: what to do and whom to call, never a verdict; and the household is called back.
  await page.goto('/my/antigen')
  await page.getByText('两条杠（C 和 T）').click()
  await page.getByLabel('拍一张试剂的照片').setInputFiles(await photo(page))
  await page.getByRole('button', { name: '送出' }).click()
  await page.getByText('自测要由单管核酸复核').waitFor()
  await page.getByRole('link', { name: '拨打 12345' }).waitFor()
  await shot(page, '04-antigen-checked-zh')
  expect(await page.locator('main').textContent()).not.toContain('阳性')
  await page.goto('/')
  await duty.getByText('请在家等候上门').waitFor()
  await shot(page, '05-home-called-zh')
  await page.goto('/my/results')
  await page.getByText('自测：待单管复核').waitFor()
  await shot(page, '06-results-zh')
  expect(await faultsOnPhone(page)).toEqual([])
  await page.goto('/my/antigen?lang=en')
  await page.getByText('How many lines do you see?').waitFor()
  await shot(page, '07-antigen-en')
  expect(await page.locator('main').textContent()).not.toMatch(/[一-鿿]/)
  await context.close()
})

test('a neighbourhood worker marks who is bedridden, sees how many are missing, and sends a team to the door', async () => {
  const context = await browser.newContext({
    viewport: { width: 1440, height: 900 },
    baseURL: city.base,
    serviceWorkers: 'block',
  })
  await context.request.post('/api/session/demo', { data: { username: 'juwei' } })
  const page = await context.newPage()
  await page.goto(`/console/rounds?place=${HERE}&lang=zh`)
  await page.getByRole('heading', { name: '易漏人群' }).waitFor()
  const group = page.locator('.groups tr', { hasText: '长期卧床' })
  await group.getByText('✓ 0').waitFor()
  await page.getByRole('checkbox', { name: '卧床' }).first().check()
  await group.getByText('▲ 1').waitFor()
  await shot(page, '10-missing-zh')
  expect(await faultsOnPhone(page)).toEqual([])
  await group.getByRole('link', { name: '长期卧床' }).click()
  await page.getByRole('heading', { name: /长期卧床：还没有做的人/ }).waitFor()
  expect(new URL(page.url()).searchParams.get('group')).toBe('bedridden')
  await group.getByRole('button', { name: '派队上门（1 人）' }).click()
  await group.getByRole('link', { name: '已派上门：看工单' }).click()
  await page.getByRole('heading', { name: /上门采样 · 长期卧床 1 人/ }).waitFor()
  await page.getByRole('link', { name: /看这里还没有做的人/ }).waitFor()
  await shot(page, '11-door-order-zh')
  // For somebody without a telephone the worker reports what they saw.
  await page.goto(`/console/rounds?place=${HERE}`)
  const row = page.locator('tr', { hasText: '199****5703' })
  await row.getByText('抗原 2 次').waitFor()
  await row.getByRole('button', { name: '代报抗原' }).click()
  await page.getByLabel('试剂照片').setInputFiles(await photo(page))
  await row.getByRole('combobox', { name: '看到几条杠' }).click()
  await page.getByText('阴性（一条杠）').click()
  await shot(page, '14-report-for-zh')
  await page.getByRole('button', { name: '代报（留痕）' }).click()
  await row.getByText('抗原 1 次').waitFor()
  // The recall of the self-test leads to what was reported, each look on record.
  const { rows } = await sql.query(`select id from recall where why = 'antigen'`)
  await page.goto(`/console/orders/${rows[0].id}`)
  await page.getByRole('button', { name: /查看是谁/ }).click()
  await page.getByRole('button', { name: /查看自测/ }).click()
  await page.getByRole('link', { name: /照片/ }).waitFor()
  await shot(page, '12-recall-zh')
  expect(await faultsOnPhone(page)).toEqual([])
  await page.goto(`/console/rounds?place=${HERE}&lang=en`)
  await page.getByRole('heading', { name: 'Groups easily missed' }).waitFor()
  await shot(page, '13-missing-en')
  await context.close()
})
