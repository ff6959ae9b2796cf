import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { countPeople } from '#capabilities/people/index.ts'
import { forgetHomes } from '#capabilities/sites/index.ts'
import { openBrowser } from '#test/harness/browser.ts'
import { beginAt } from '#test/harness/sampling-table.ts'
import { newId, signedIn, startCity, type TestCity } from '#test/harness/city.ts'
import { putSite } from '#test/harness/site.ts'
import { startCuttingProxy } from '#test/harness/cutting-proxy.ts'
import { faultsOf } from '#test/harness/faults.ts'

const PHONE = { width: 360, height: 740 }
const SHOTS = process.env.SHOTS
const HERE = '310115016001001'
const POSITION = { longitude: 121.54, latitude: 31.21 }

let city: TestCity
let browser: Browser
const ids: Record<string, string> = {}

const week = (times: number[][]) => [0, 1, 2, 3, 4, 5, 6].map(() => times)
const SITES = [
  {
    name: '模拟花木广场采样点',
    lng: 121.542,
    lat: 31.211,
    desks: 2,
    pooling: 'pooled',
    line: 36,
    open: true,
  },
  { name: '模拟地铁站采样点', lng: 121.546, lat: 31.216, desks: 6, pooling: 'both', line: 4, open: true },
  {
    name: '模拟公园流动点',
    lng: 121.528,
    lat: 31.203,
    desks: 1,
    pooling: 'single',
    line: undefined,
    open: true,
  },
  {
    name: '模拟学校采样点',
    lng: 121.55,
    lat: 31.2,
    desks: 1,
    pooling: 'pooled',
    line: undefined,
    open: false,
  },
]

beforeAll(async () => {
  city = await startCity({ people: 2_000, pages: true })
  browser = await openBrowser()
  const worker = await signedIn(city.base, 'juwei')
  for (const s of SITES) {
    const id = (ids[s.name] = newId())
    const made = await worker.send(
      'PUT',
      `/api/sites/${id}`,
      JSON.stringify({
        version: 0,
        reason: '测试设立',
        facts: {
          name: s.name,
          placeCode: HERE,
          address: '模拟路 1 号',
          lng: s.lng,
          lat: s.lat,
          kind: s.name.includes('流动') ? 'mobile' : 'fixed',
          setting: 'community',
          pooling: s.pooling,
          desks: s.desks,
          hours: { always: s.open, week: week(s.open ? [[0, 1440]] : []), exceptions: [] },
          ended: false,
        },
      }),
      { 'content-type': 'application/json' },
    )
    expect(made.status, JSON.stringify(made.body)).toBe(200)
    if (s.line !== undefined) await worker.post(`/api/sites/${id}/queue`, { id: newId(), people: s.line })
  }
})
afterAll(async () => {
  await browser?.close()
  await city?.stop()
})

test.each(['zh', 'en'] as const)(
  'a resident finds the nearest open site without a line, in %s',
  async (language) => {
    const context = await browser.newContext({
      viewport: PHONE,
      baseURL: city.base,
      serviceWorkers: 'block',
      geolocation: POSITION,
      permissions: ['geolocation'],
    })
    await context.request.post('/api/session/demo', { data: { username: 'resident' } })
    const page = await context.newPage()
    await page.goto(`/sites?lang=${language}`)
    const names = page.locator('.card.site h3')
    await expect.poll(() => names.count()).toBe(4)
    await expect.poll(() => names.first().textContent()).toBe('模拟花木广场采样点')
    expect(await page.locator('.card.site').first().textContent()).toMatch(
      language === 'zh' ? /约等 9 分钟（±\d+）/ : /about 9 min \(±\d+\)/,
    )
    await page.getByText(language === 'zh' ? '方位图' : 'Map', { exact: true }).click()
    await page.locator('.site-map a').first().waitFor()
    if (SHOTS) await page.screenshot({ path: join(SHOTS, `resident-sites-${language}.png`), fullPage: true })
    expect(await faultsOf(page)).toEqual([])
    const zh = language === 'zh'
    await page.getByLabel(zh ? '单检或混检' : 'Single or pooled').selectOption('single')
    await expect.poll(() => names.count()).toBe(2)
    await page.getByLabel(zh ? '类型' : 'Kind').selectOption('mobile')
    await expect.poll(() => names.count()).toBe(1)
    const { searchParams } = new URL(page.url())
    expect([searchParams.get('pooling'), searchParams.get('kind')]).toEqual(['single', 'mobile'])
    await page.reload()
    await expect.poll(() => names.count()).toBe(1)
    await page.getByLabel(zh ? '类型' : 'Kind').selectOption('')
    await page.getByLabel(zh ? '单检或混检' : 'Single or pooled').selectOption('pooled')
    await expect.poll(() => names.count()).toBe(3)
    await page.setViewportSize({ width: 320, height: 568 })
    if (SHOTS)
      await page.screenshot({ path: join(SHOTS, `resident-sites-320-${language}.png`), fullPage: true })
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(320)
    expect(await faultsOf(page)).toEqual([])
    await context.close()
  },
)

test('a page that a full house turned away asks again by itself, after the time it was told', async () => {
  const line = await startCuttingProxy(city.base, 'GET /api/sites')
  line.cutNext('busy')
  const context = await browser.newContext({ viewport: PHONE, baseURL: line.base, serviceWorkers: 'block' })
  const page = await context.newPage()
  await page.goto('/sites')
  await expect.poll(() => line.cuts()).toBeGreaterThan(0)
  expect(await page.locator('.card.site').count()).toBe(0)
  line.cutNext('none')
  await page.locator('.card.site').first().waitFor()
  const [first, second] = line.seen()
  expect(second! - first!).toBeGreaterThanOrEqual(3_000)
  await context.close()
  await line.stop()
})

test.each([
  [
    'iPhone',
    'Mozilla/5.0 (iPhone; CPU iPhone OS 15_4 like Mac OS X) AppleWebKit/605.1.15',
    'https://maps.apple.com/?',
  ],
  ['Android', 'Mozilla/5.0 (Linux; Android 12) AppleWebKit/537.36 Chrome/101 Mobile', 'geo:31.211,121.542?'],
  ['desk', 'Mozilla/5.0 (X11; Linux x86_64) Chrome/101', undefined],
])(
  'on an %s the way to a site is found without saying where the resident is',
  async (_name, userAgent, begins) => {
    const context = await browser.newContext({
      viewport: PHONE,
      baseURL: city.base,
      serviceWorkers: 'block',
      geolocation: POSITION,
      permissions: ['geolocation', 'clipboard-read', 'clipboard-write'],
      userAgent,
    })
    await context.request.post('/api/session/demo', { data: { username: 'resident' } })
    const page = await context.newPage()
    await page.goto('/sites?lang=zh')
    const card = page.locator('.card.site').first()
    await card.getByText('模拟花木广场采样点').waitFor()
    const links = await card.locator('.where a').evaluateAll((all) => all.map((a) => a.getAttribute('href')!))
    expect(links).toHaveLength(begins ? 1 : 0)
    for (const link of links) {
      expect(link.startsWith(begins!)).toBe(true)
      expect(link).not.toContain('121.54,')
      expect(link).not.toContain('31.21,')
    }
    await card.getByRole('button', { name: '复制地址' }).click()
    await card.getByText('已复制').waitFor()
    expect(await page.evaluate(() => navigator.clipboard.readText())).toMatch(
      /^模拟花木广场采样点 .*模拟路 1 号 \(31\.211, 121\.542\)$/,
    )
    await context.close()
  },
)

test('a resident reads on the home page when their building is sampled', async () => {
  const worker = await signedIn(city.base, 'juwei')
  await worker.post(`/api/sites/${ids['模拟花木广场采样点']}/slots`, {
    planId: newId(),
    placeCode: HERE,
    from: new Date(city.app.clock.now().getTime() + 3_600_000).toISOString(),
    buildings: [
      { building: '1号楼', people: 40 },
      { building: '2号楼', people: 60 },
    ],
  })
  const context = await browser.newContext({ viewport: PHONE, baseURL: city.base, serviceWorkers: 'block' })
  await context.request.post('/api/session/demo', { data: { username: 'resident' } })
  const page = await context.newPage()
  await page.goto('/?lang=zh')
  const slots = page.locator('.slots')
  await slots.waitFor()
  expect(await slots.locator('.slot-mine').textContent()).toContain('1号楼')
  expect(await slots.locator('summary').textContent()).toBe('其他楼栋（1）')
  if (SHOTS) await page.screenshot({ path: join(SHOTS, 'resident-home-slots.png') })
  await context.close()
})

async function sql(text: string): Promise<void> {
  const client = new pg.Client({ connectionString: city.url })
  await client.connect()
  await client.query(text)
  await client.end()
}

async function consoleOf(username: string, path: string): Promise<Page> {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 900 },
    baseURL: city.base,
    serviceWorkers: 'block',
  })
  await context.request.post('/api/session/demo', { data: { username } })
  const page = await context.newPage()
  await page.goto(`/console${path}${path.includes('?') ? '&' : '?'}lang=zh`)
  return page
}

test('a worker extends a site’s hours, the record says who and why, and the old hours can be put back', async () => {
  const page = await consoleOf('juwei', '/sites')
  await page.getByRole('link', { name: '模拟学校采样点' }).click()
  await page.getByRole('button', { name: '修改', exact: true }).click()
  await page.getByLabel('周一', { exact: true }).fill('8:00-11:30，13:00-16:00')
  await page.getByRole('button', { name: '每天同周一' }).click()
  await page.getByLabel('周六', { exact: true }).fill('22:00-02:00')
  await page.getByLabel('隔天').click()
  await page.getByText('每几天开一天', { exact: true }).click()
  await page.getByLabel('几天一次').fill('3')
  await page.getByLabel('第一天', { exact: true }).fill('2022-05-01')
  await page.getByLabel('法定节假日', { exact: true }).click()
  await page.locator('.ant-select-dropdown:visible').getByText('另行通知（显示为不知道）').click()
  await page.getByLabel('调休上班的周末', { exact: true }).click()
  await page.locator('.ant-select-dropdown:visible').getByText('另有时间').click()
  await page.getByLabel('调休上班的周末的时间').fill('9:00-11:00')
  await page.getByLabel('为什么改').fill('复课前加开')
  // Under the pointer a button is paler.
  await page.mouse.move(0, 0)
  await page.waitForTimeout(400)
  if (SHOTS) await page.screenshot({ path: join(SHOTS, 'console-site-edit.png'), fullPage: true })
  expect(await faultsOf(page)).toEqual([])
  await page.getByRole('button', { name: '保存' }).click()
  const said =
    '周一至周五 08:00-11:30, 13:00-16:00；周六 22:00-次日02:00；周日 08:00-11:30, 13:00-16:00；自 2022-05-01 起每 3 天开一天；法定节假日另行通知；调休上班日 09:00-11:00'
  await page.getByText(said).first().waitFor()
  const record = page.locator('table.small').last()
  await expect.poll(() => record.textContent()).toContain('复课前加开')
  expect(await record.textContent()).toContain(`每天 不开 → ${said}`)
  await page.getByRole('button', { name: '恢复到此前' }).first().click()
  await expect.poll(() => page.getByLabel('周一', { exact: true }).inputValue()).toBe('')
  await page.context().close()
})

test('a worker gives buildings their times after looking first, and takes the plan back', async () => {
  const page = await consoleOf('juwei', `/sites/${ids['模拟地铁站采样点']}`)
  const tomorrow = new Date(city.app.clock.now().getTime() + 32 * 3_600_000).toISOString().slice(0, 10)
  await page.getByLabel('日期').fill(tomorrow)
  await page.getByLabel('楼栋和人数').fill('1号楼 120\n2号楼 abc')
  await page.getByText('有一行读不懂').waitFor()
  await page.getByLabel('楼栋和人数').fill('1号楼 120\n2号楼 90')
  await page.getByRole('button', { name: '先看' }).click()
  await page.getByText('预览：6 台，每小时 720 人').waitFor()
  if (SHOTS) await page.screenshot({ path: join(SHOTS, 'console-site-slots.png'), fullPage: true })
  await page.getByRole('button', { name: '排定' }).click()
  await expect.poll(() => page.locator('.plan:not(.preview) tr').count()).toBe(2)
  await page.getByRole('button', { name: '撤回' }).click()
  await page.getByText('这天还没有排时段').waitFor()
  await page.context().close()
})

test('a worker sets up a site; whoever may not is not offered it', async () => {
  const page = await consoleOf('juwei', '/sites?busy=idle')
  await page.getByRole('link', { name: '设立采样点' }).click()
  // The list behind has a field for names of its own.
  await page.getByRole('heading', { name: '设立采样点' }).waitFor()
  await page.getByLabel('名称', { exact: true }).fill('模拟新设采样点')
  await page.getByLabel('地址', { exact: true }).fill('模拟路 9 号')
  await page.getByLabel('为什么改').fill('排队太长')
  await page.getByRole('button', { name: '设立' }).click()
  await page.getByRole('heading', { name: '模拟新设采样点' }).waitFor()
  if (SHOTS) await page.screenshot({ path: join(SHOTS, 'console-site.png'), fullPage: true })
  await page.context().close()
  const other = await consoleOf('commander', '/sites')
  await other.getByRole('link', { name: '模拟地铁站采样点' }).waitFor()
  expect(await other.getByRole('link', { name: '设立采样点' }).count()).toBe(0)
  if (SHOTS) await other.screenshot({ path: join(SHOTS, 'console-sites.png') })
  // Every site that fits, and a name that a spreadsheet would run stays a name.
  const worker = await signedIn(city.base, 'juwei')
  const formula = { id: newId(), name: '=1+1 模拟公式采样点' }
  await putSite(worker, formula.id, 0, { name: formula.name })
  const saving = other.waitForEvent('download')
  await other.getByRole('button', { name: /^导出 CSV/ }).click()
  const file = await saving
  expect(file.suggestedFilename()).toMatch(/^采样点-.*\.csv$/)
  const text = await readFile(await file.path(), 'utf8')
  expect(text).toContain(`'${formula.name},`)
  await putSite(worker, formula.id, 1, { name: formula.name, ended: true })
  for (const s of SITES) expect(text).toContain(s.name)
  await other.emulateMedia({ media: 'print' })
  expect(await other.getByRole('button', { name: /^导出 CSV/ }).isVisible()).toBe(false)
  expect(await other.getByText('模拟地铁站采样点').isVisible()).toBe(true)
  await other.context().close()
})

test('a sampler says with one tap how long the line is, and a resident reads it as a wait', async () => {
  const context = await browser.newContext({ viewport: PHONE, baseURL: city.base })
  await context.request.post('/api/session/demo', { data: { username: 'sampler' } })
  const page = await context.newPage()
  await page.goto('/field?tab=sampling&lang=zh')
  await beginAt(page)
  await page.getByRole('button', { name: '80', exact: true }).click()
  await page.getByText('居民已能看到').waitFor()
  if (SHOTS) await page.screenshot({ path: join(SHOTS, 'field-line.png') })
  const { items } = await (await fetch(`${city.base}/api/sites?busy=crowded`)).json()
  expect(items).toMatchObject([{ queue: { counted: 80, busy: 'crowded' } }])
  await context.setOffline(true)
  await page.getByRole('button', { name: '30', exact: true }).click()
  await page.getByText('没有网络，没有报上').waitFor()
  await context.close()
})

test('a supervisor sees who cannot walk to a site at night, asks what would help, and accepts it into an order', async () => {
  await countPeople(city.app.db, [])
  await forgetHomes(city.app)
  await sql(`insert into people_count (place_code, occupation, n) values ('310115', '', 23)`)
  await forgetHomes(city.app)
  const page = await consoleOf('pudong', '/circle?place=310115')
  await page.getByRole('heading', { name: '最大的缺口' }).waitFor()
  if (SHOTS) await page.screenshot({ path: join(SHOTS, 'console-circle-top.png') })
  const { unplaced } = await (await page.request.get('/api/circle?place=310115')).json()
  expect(unplaced).toBeGreaterThanOrEqual(23)
  await page.getByText(`另有 ${unplaced} 人只知道在哪个区`).waitFor()
  const saving = page.waitForEvent('download')
  await page.getByRole('button', { name: '导出全部缺口 CSV' }).click()
  const file = await saving
  const rows = (await readFile(await file.path(), 'utf8')).trim().split('\r\n')
  expect(rows[0]).toContain('居委代码,居委,够不着的居民')
  const circle = await (await page.request.get('/api/circle?place=310115&gaps=10000')).json()
  expect(rows).toHaveLength(circle.gaps.length + 1)
  await page.getByRole('button', { name: /^03 时/ }).click()
  expect(new URL(page.url()).searchParams.get('at')).toBeTruthy()
  await page.getByRole('button', { name: '请系统建议' }).click()
  const accept = page.getByRole('button', { name: '采纳', exact: true })
  await accept.first().waitFor()
  await accept.first().click()
  await page.getByText('已成工单').first().waitFor()
  await page.getByRole('button', { name: '不采纳' }).first().click()
  await page.getByRole('button', { name: '重新考虑' }).first().waitFor()
  await page.mouse.move(0, 0)
  await page.waitForTimeout(400)
  if (SHOTS) await page.screenshot({ path: join(SHOTS, 'console-circle.png'), fullPage: true })
  expect(await faultsOf(page)).toEqual([])
  await page.getByText('已成工单').first().click()
  await page.getByText('步行可达').first().waitFor()
  await page.context().close()
})
