import pg from 'pg'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { checkCharacter, SIMULATED_AREA } from '#capabilities/people/identity-number.contract.ts'
import { labelOf } from '#capabilities/screening/label.contract.ts'
import { openBrowser } from './browser.ts'
import { signedIn, startCity, type Caller } from './city.ts'

export const PHONE = { width: 360, height: 740 }
export const COMPOUND = '310115016001001'
/** A folder for pictures of the screens, to be looked at. */
const SHOTS = process.env.SHOTS

let made = 500
export const nextTube = () => labelOf('T', ++made)
export const nextBox = () => labelOf('B', ++made)
/** A number of nobody that checks like anybody's. */
export function nextIdNumber(): string {
  const first17 = `${SIMULATED_AREA}19900307${String(++made).padStart(3, '0')}`
  return first17 + checkCharacter(first17)
}

/** A town with its sampler, telephones to sample with, and the database to look whether it arrived. */
export async function startTable() {
  const city = await startCity({ people: 400, pages: true })
  const browser: Browser = await openBrowser()
  const sql = new pg.Client({ connectionString: city.url })
  await sql.connect()
  const sampler: Caller = await signedIn(city.base, 'sampler')
  return {
    city,
    sql,
    browser,
    sampler,
    phone: async (
      given: { username?: string; base?: string; language?: 'zh' | 'en' } = {},
    ): Promise<{ context: BrowserContext; page: Page }> => {
      const context = await browser.newContext({ viewport: PHONE, baseURL: given.base ?? city.base })
      context.setDefaultTimeout(15_000)
      await context.request.post('/api/session/demo', { data: { username: given.username ?? 'sampler' } })
      const page = await context.newPage()
      await page.goto(`/field?tab=sampling&lang=${given.language ?? 'zh'}`)
      return { context, page }
    },
    /** What the city has of a tube; nothing while it has not arrived. */
    tubeRows: async (tube: string) =>
      (
        await sql.query<{ n: number; kind: number; members: number }>(
          `select kind, members, (select count(*)::int from sample where tube = code) as n from tube where code = $1`,
          [tube],
        )
      ).rows,
    async stop() {
      await sql.end()
      await browser.close()
      await city.stop()
    },
  }
}
export type Table = Awaited<ReturnType<typeof startTable>>

export const picture = async (page: Page, name: string) => {
  if (SHOTS) await page.screenshot({ path: `${SHOTS}/${name}.png` })
}

/** Until the page and the places of the day are kept on the telephone. */
export async function readyForOffline(page: Page, words = '可离线'): Promise<void> {
  await page.getByText(words).waitFor()
  await page.evaluate(async () => {
    await navigator.serviceWorker.ready
    while (!(await caches.match('/field'))) await new Promise((done) => setTimeout(done, 100))
  })
}

/** A scanner keyboard: characters at once, then Enter. */
export const scan = async (page: Page, text: string) => {
  await page.keyboard.type(text)
  await page.keyboard.press('Enter')
}
export const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click()
export const typeOn = async (page: Page, digits: string) => {
  const pad = page.locator('.keypad')
  for (const digit of digits) await pad.getByRole('button', { name: digit, exact: true }).click()
}
export const counted = (page: Page, n: number) =>
  page.locator('.counter .number b', { hasText: new RegExp(`^${n}$`) }).waitFor()
/** The box goes to the courier; what the screen says then is on the disk. */
export async function handOver(page: Page, box: string): Promise<void> {
  const card = page.locator('.boxes .card', { hasText: box })
  await card.getByRole('button', { name: '已交给取样车' }).click()
  await card.getByText('已取走').waitFor()
}
export const unsent = (page: Page, words: string | RegExp) =>
  page.locator('.count', { hasText: words }).waitFor()

export async function beginAt(page: Page, kind = 10): Promise<void> {
  await page.locator('#spot').waitFor()
  await page.getByText('可离线').waitFor()
  await page.locator('.spots button').first().click()
  await page.locator('.kinds button', { has: page.locator(`b:text-is("${kind}")`) }).click()
  await press(page, '开始')
  await page.getByRole('heading', { name: '扫管码' }).waitFor()
}

/** One tube by scanner: everybody in it is new to the city. */
export async function sealedTube(page: Page, people: readonly string[], tube = nextTube()): Promise<string> {
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

/** As a battery that dies: the browser has no time to write anything down. */
export async function killBrowser(context: BrowserContext): Promise<void> {
  const cdp = await context.browser()!.newBrowserCDPSession()
  const { processInfo } = (await cdp.send('SystemInfo.getProcessInfo')) as {
    processInfo: { type: string; id: number }[]
  }
  const gone = new Promise((done) => context.once('close', done))
  process.kill(processInfo.find((p) => p.type === 'browser')!.id, 'SIGKILL')
  await gone
}
