import { readFile } from 'node:fs/promises'
import pg from 'pg'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { dayOf } from '#kernel/clock.ts'
import { newId } from '#kernel/ids.ts'
import { countResidents } from '#capabilities/screening/index.ts'
import { openBrowser } from '#test/harness/browser.ts'
import { signedIn, startCity, type TestCity } from '#test/harness/city.ts'
import { faultsOf } from '#test/harness/faults.ts'
import { startLab } from '#test/harness/lab.ts'

const STREET = '310115016'
const HERE = `${STREET}001`
let city: TestCity
let sql: pg.Client
let browser: Browser
let today: string

beforeAll(async () => {
  city = await startCity({ people: 300, pages: true })
  sql = new pg.Client({ connectionString: city.url })
  await sql.connect()
  browser = await openBrowser()
  today = dayOf(city.app.clock.now())
  const at = await startLab(city, 900)
  for (let i = 0; i < 8; i++) await at.resident(`9号90${i}室`)
  await sql.query(
    `update person set occupation = 'city-service' where id in (select id from person where place_code like '${HERE}%' order by id limit 2)`,
  )
  // Sixty more, so that the list is longer than a page.
  await sql.query(
    `insert into person (id, place_code, name_sealed, simulated, created_at) select gen_random_uuid(), '${HERE}001', $1, true, now() from generate_series(1, 60)`,
    [city.app.vault.seal('模拟住户', 'person.name')],
  )
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

async function desk(username: string) {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 800 },
    baseURL: city.base,
    serviceWorkers: 'block',
    acceptDownloads: true,
  })
  await context.request.post('/api/session/demo', { data: { username } })
  return { context, page: await context.newPage() }
}

test('a round is opened with its target, looked into by place, and exported as it stands', async () => {
  const { context, page } = await desk('pudong')
  await page.goto(`/console/rounds?place=${STREET}&lang=zh`)
  await page.getByRole('button', { name: '开启一轮' }).click()
  const form = page.getByRole('form', { name: '开启一轮' })
  await form.getByText('最早今天、最晚 7 天后开始，最长 14 天').waitFor()
  await form.getByRole('combobox', { name: '检测安排' }).click()
  // What holds for an occupation without a round is not offered.
  expect(await page.locator('.ant-select-item-option').allTextContents()).toEqual(['中风险地区'])
  await page.locator('.ant-select-item-option').click()
  await form.getByLabel('名称').fill('花木第3轮')
  await form.getByRole('spinbutton').last().fill('50')
  await shot(page, '20-open-zh')
  expect(await faultsOf(page)).toEqual([])
  await form
    .getByRole('button', { name: '开 启' })
    .or(form.getByRole('button', { name: '开启' }))
    .click()
  const row = page.locator('.rounds tr', { hasText: '花木第3轮' })
  await row.getByText('18:00 前 50 %').waitFor()
  await row.getByText(/没有人来采|没有达标/).waitFor()

  // Some come: half of the street, lately.
  const { rows } = await sql.query<{ place_code: string; n: number }>(
    `select place_code, sum(n)::int as n from people_count where place_code like '${HERE}%' group by 1`,
  )
  for (const { place_code, n } of rows) {
    const came = Math.floor(n / 3)
    await sql.query(`insert into tested_count (day, place_code, occupation, n) values ($1, $2, '', $3)`, [
      today,
      place_code,
      came,
    ])
    await sql.query(
      `insert into done_pace (place_code, occupation, nth, slot, n) values ($1, '', 0, $2::timestamptz - interval '5 minutes', $3)`,
      [place_code, city.app.clock.now(), came],
    )
  }
  await row.getByText(/预计 .*(达标|补上)|赶不上目标/).waitFor({ timeout: 20_000 })
  await shot(page, '21-rounds-zh')
  expect(await faultsOf(page)).toEqual([])
  await row.getByRole('link', { name: '花木第3轮' }).click()
  await page.getByRole('heading', { name: '只看这一轮' }).waitFor()
  await page.getByText(/假定一直照此速度、不停采/).waitFor()
  await page.getByRole('columnheader', { name: '目标' }).waitFor()
  await shot(page, '22-round-zh')
  expect(await faultsOf(page)).toEqual([])
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: '导出 CSV' }).click(),
  ])
  const text = await readFile(await file.path(), 'utf8')
  expect(text).toMatch(/轮次,310115016,花木第3轮/)
  expect(text).toMatch(/地方,310115016001,/)
  await page
    .getByRole('link', { name: /花木.*/ })
    .last()
    .click()
  expect(new URL(page.url()).searchParams.get('round')).toMatch(/^[\da-f-]{36}$/)
  // The day before is a click away, and the round does not hold on it.
  await page.getByRole('button', { name: '前一天' }).click()
  await page.getByText('这一天不在这一轮之内').waitFor()
  expect(new URL(page.url()).searchParams.get('day')).not.toBeNull()
  await page.goto(`/console/rounds?place=${STREET}&lang=en`)
  await page.getByRole('heading', { name: 'By occupation' }).waitFor()
  await page
    .locator('.rounds tr', { hasText: '花木第3轮' })
    .getByText(/target/)
    .first()
    .waitFor()
  await shot(page, '23-rounds-en')
  await page.locator('.rounds').getByRole('link', { name: '花木第3轮' }).click()
  await page.getByRole('heading', { name: 'This round alone' }).waitFor()
  await shot(page, '24-round-en')
  await page.emulateMedia({ media: 'print' })
  await shot(page, '25-round-print')
  expect(await page.getByRole('button', { name: 'Export CSV' }).isVisible()).toBe(false)
  await context.close()
})

test('the list of those missing is printed whole and exported masked', async () => {
  const supervisor = await signedIn(city.base, 'pudong')
  await supervisor.post('/api/rounds', {
    id: newId(),
    placeCode: HERE,
    planId: 'zone.medium-risk',
    title: '居委一轮',
    startsOn: today,
    endsOn: today,
  })
  const { context, page } = await desk('juwei')
  await page.addInitScript(() => {
    window.print = () => {
      document.body.dataset.printed = String(document.querySelectorAll('tbody tr:has(.mono)').length)
    }
  })
  await page.goto(`/console/rounds?place=${HERE}&lang=zh`)
  await page.getByRole('button', { name: '更多' }).waitFor()
  await shot(page, '26-missing-zh')
  expect(await faultsOf(page)).toEqual([])
  const total = (await (await context.request.get(`/api/screening/missing/groups?place=${HERE}`)).json()) as {
    all: number
  }
  expect(total.all).toBeGreaterThan(60)
  await page.getByRole('button', { name: '打印全部' }).click()
  await expect
    .poll(async () => Number(await page.locator('body').getAttribute('data-printed')), { timeout: 20_000 })
    .toBeGreaterThanOrEqual(total.all)
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: '导出名单 CSV' }).click(),
  ])
  const lines = (await readFile(await file.path(), 'utf8')).trim().split('\r\n')
  expect(lines).toHaveLength(total.all + 1)
  expect(lines[1]).toMatch(/^模\*+,/)
  await page.goto(`/console/rounds?place=${HERE}&lang=en`)
  await page.getByRole('button', { name: 'Print all' }).waitFor()
  await shot(page, '27-missing-en')
  await context.close()
})
