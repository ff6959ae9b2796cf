import axe from 'axe-core'
import pg from 'pg'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { checkCharacter, SIMULATED_AREA } from '#capabilities/people/identity-number.contract.ts'
import { labelOf } from '#capabilities/screening/label.contract.ts'
import { openBrowser } from '#test/harness/browser.ts'
import { newId, signedIn, startCity, type Caller, type TestCity } from '#test/harness/city.ts'

const PHONE = { width: 360, height: 740 }
const COMPOUND = '310115016001001'
/** A folder for pictures of the screens, to be looked at. */
const SHOTS = process.env.SHOTS

let city: TestCity
let browser: Browser
let sql: pg.Client
let sampler: Caller
/** Codes of people as they stand on paper. */
let codes: string[]
let made = 500

const nextTube = () => labelOf('T', ++made)
/** A number of nobody that checks like anybody's. */
function nextIdNumber(): string {
  const first17 = `${SIMULATED_AREA}19900307${String(++made).padStart(3, '0')}`
  return first17 + checkCharacter(first17)
}

beforeAll(async () => {
  city = await startCity({ people: 400, pages: true })
  browser = await openBrowser()
  sql = new pg.Client({ connectionString: city.url })
  await sql.connect()
  sampler = await signedIn(city.base, 'sampler')
  const printer = await signedIn(city.base, 'recall.huamu')
  const printed = await printer.post('/api/sampling/codes', { placeCode: '310115016', limit: 100 })
  codes = printed.body.items.map((i: { code: string }) => i.code)
  // The register of this town is small: everybody else is registered on the spot.
  expect(codes.length).toBeGreaterThan(0)
})
afterAll(async () => {
  await sql?.end()
  await browser?.close()
  await city?.stop()
})

const picture = async (page: Page, name: string) => {
  if (SHOTS) await page.screenshot({ path: `${SHOTS}/${name}.png` })
}

async function phone(
  given: { username?: string; base?: string; language?: 'zh' | 'en' } = {},
): Promise<{ context: BrowserContext; page: Page }> {
  const context = await browser.newContext({ viewport: PHONE, baseURL: given.base ?? city.base })
  context.setDefaultTimeout(15_000)
  await context.request.post('/api/session/demo', { data: { username: given.username ?? 'sampler' } })
  const page = await context.newPage()
  await page.goto(`/field?tab=sampling&lang=${given.language ?? 'zh'}`)
  return { context, page }
}

/** Until the page and the places of the day are kept on the telephone. */
async function readyForOffline(page: Page): Promise<void> {
  await page.getByText('可离线').waitFor()
  await page.evaluate(async () => {
    await navigator.serviceWorker.ready
    while (!(await caches.match('/field'))) await new Promise((done) => setTimeout(done, 100))
  })
}

/** A scanner keyboard: characters at once, then Enter. */
const scan = async (page: Page, text: string) => {
  await page.keyboard.type(text)
  await page.keyboard.press('Enter')
}
const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click()
const typeOn = async (page: Page, digits: string) => {
  const pad = page.locator('.keypad')
  for (const digit of digits) await pad.getByRole('button', { name: digit, exact: true }).click()
}
const counted = (page: Page, n: number) =>
  page.locator('.counter .number b', { hasText: new RegExp(`^${n}$`) }).waitFor()
const unsent = (page: Page, words: string | RegExp) => page.locator('.count', { hasText: words }).waitFor()

async function beginAt(page: Page, kind = 10): Promise<void> {
  await page.locator('#spot').waitFor()
  await page.getByText('可离线').waitFor()
  await page.locator('.spots button').first().click()
  await page.locator('.kinds button', { has: page.locator(`b:text-is("${kind}")`) }).click()
  await press(page, '开始')
  await page.getByRole('heading', { name: '扫管码' }).waitFor()
}

/** One tube by scanner: everybody in it is new to the city. */
async function sealedTube(page: Page, people: readonly string[], tube = nextTube()): Promise<string> {
  await scan(page, tube)
  await counted(page, 0)
  for (const [i, one] of people.entries()) {
    await scan(page, one)
    await counted(page, i + 1)
  }
  await press(page, '封管')
  const sure = page.getByRole('button', { name: `是，${people.length} 人封管` })
  const next = page.getByRole('heading', { name: '扫管码' })
  await sure.or(next).waitFor()
  if (await sure.isVisible()) await sure.click()
  await next.waitFor()
  return tube
}

const tubeRows = async (tube: string) =>
  (
    await sql.query<{ n: number; kind: number; members: number }>(
      `select kind, members, (select count(*)::int from sample where tube = code) as n from tube where code = $1`,
      [tube],
    )
  ).rows

test('ten people are sampled with the network off, through a reload, and arrive exactly once when it is back', async () => {
  const { context, page } = await phone()
  await page.locator('#spot').waitFor()
  await readyForOffline(page)
  await picture(page, '01-begin')
  await context.setOffline(true)
  await beginAt(page)
  await picture(page, '02-scan-tube')
  const tube = nextTube()
  await typeOn(page, tube.slice(1))
  await counted(page, 0)
  await picture(page, '03-empty')
  await scan(page, codes[0]!)
  await counted(page, 1)
  const typed = nextIdNumber()
  await typeOn(page, typed)
  await counted(page, 2)
  await typeOn(page, typed)
  await page.locator('.notice.bad', { hasText: '此人已在这支管里' }).waitFor()
  await picture(page, '04-twice')
  await page.getByRole('button', { name: '手机号' }).click()
  await typeOn(page, '19900000777')
  await counted(page, 3)
  for (let n = 4; n <= 6; n++) {
    await scan(page, nextIdNumber())
    await counted(page, n)
  }
  await page.reload()
  await counted(page, 6)
  await press(page, '撤销')
  await counted(page, 5)
  for (let n = 6; n <= 10; n++) {
    await scan(page, nextIdNumber())
    await counted(page, n)
  }
  await scan(page, nextIdNumber())
  await page.locator('.notice.bad', { hasText: '管已满' }).waitFor()
  await picture(page, '05-full')
  await press(page, '封管')
  await page.locator('.notice.good', { hasText: '已封管' }).waitFor()
  await unsent(page, '待发送 1')
  await picture(page, '06-sealed')
  expect(await tubeRows(tube)).toEqual([])
  await context.setOffline(false)
  await unsent(page, /^待发送 0$/)
  expect(await tubeRows(tube)).toEqual([{ kind: 10, members: 10, n: 10 }])
  const way = await sampler.get(`/api/tubes/${tube}`)
  expect(way.body).toMatchObject({ state: 'sealed', clockDoubted: false })
  expect(way.body.claims).toEqual([])
  expect(way.body.placeCode).toMatch(/^310115016\d{6}$/)
  await context.close()
})
