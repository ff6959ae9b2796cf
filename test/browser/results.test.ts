import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openBrowser } from '#test/harness/browser.ts'
import { startCity, type TestCity } from '#test/harness/city.ts'
import { startLab, type Sampled } from '#test/harness/lab.ts'
import { faultsOnPhone } from '#test/harness/faults.ts'

let city: TestCity
let browser: Browser
let at: Awaited<ReturnType<typeof startLab>>
let holder: Sampled

beforeAll(async () => {
  city = await startCity({ people: 20, pages: true })
  browser = await openBrowser()
  at = await startLab(city)
  holder = await at.resident('1号101室')
})
afterAll(async () => {
  await browser?.close()
  await city?.stop()
})

/** A telephone whose holder has signed in by a one-time code. */
async function phoneOf(person: Sampled, serviceWorkers: 'allow' | 'block' = 'block') {
  const context = await browser.newContext({
    viewport: { width: 360, height: 740 },
    baseURL: city.base,
    serviceWorkers,
  })
  const { request } = context
  const sent = (await (
    await request.post('/api/session/code', { data: { phone: person.phone } })
  ).json()) as {
    demoCode: string
  }
  await request.post('/api/session/verify', { data: { phone: person.phone, code: sent.demoCode } })
  return { context, page: await context.newPage() }
}

const shot = async (page: Page, name: string) => {
  if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/${name}.png`, fullPage: true })
}

test('a resident follows a sample from the table to a card, and shows the card without a network', async () => {
  const tube = await at.tubeOf([holder, await at.resident('1号102室')])
  const { context, page } = await phoneOf(holder, 'allow')
  await page.goto('/my/results?lang=zh')
  await page.getByRole('heading', { name: '等待结果' }).waitFor()
  expect(await page.getByRole('link', { name: '出示凭证' }).count()).toBe(0)
  await at.report(tube, 'negative')
  await page.goto('/')
  await page.getByText('阴性，未检出').click()
  await page.getByRole('link', { name: '出示凭证' }).click()
  const code = page.getByRole('img', { name: '可验真的检测结果二维码' })
  await code.waitFor()
  await page.getByText('已存在本机').waitFor()
  await shot(page, 'card-zh')
  expect(await faultsOnPhone(page)).toEqual([])
  // Three pixels a module on the smallest telephone.
  expect((await code.boundingBox())!.width).toBeGreaterThan(109 * 3)
  await page.evaluate(() => navigator.serviceWorker.ready)
  await page.waitForFunction(async () => (await caches.match('/')) !== undefined)
  await context.setOffline(true)
  await page.goto(`/my/results/${tube}`)
  await code.waitFor()
  await page.getByText('现在显示的是存在本机的凭证').waitFor()
  await shot(page, 'card-offline')
  await page.goto('/my/results')
  await page.getByRole('heading', { name: '本机存着的凭证' }).waitFor()
  await context.setOffline(false)
  // Somebody else signs in on this telephone without the first having signed out: the card is not theirs to show.
  const other = await phoneOf(await at.resident('1号103室'))
  await context.addCookies(await other.context.cookies())
  await other.context.close()
  await page.goto(`/my/results/${tube}`)
  await page.getByRole('alert').waitFor()
  expect(await code.count()).toBe(0)
  await page.goto('/sign-in')
  await page.getByRole('button', { name: '退出' }).click()
  await page.locator('.who').waitFor()
  expect(await page.evaluate(() => localStorage.getItem('cityloop.cards'))).toBeNull()
  await context.close()
})

test.each(['zh', 'en'] as const)(
  'what a resident reads never says positive before the centre, and always what to do and whom to call (%s)',
  async (language) => {
    const person = await at.resident(`2号${language === 'zh' ? 101 : 201}室`)
    const waiting = await at.tubeOf([person])
    const invalid = await at.tubeOf([person])
    const positive = await at.tubeOf([person])
    await at.report(invalid, 'invalid')
    await at.report(positive, 'positive')
    const { context, page } = await phoneOf(person)
    await page.goto(`/my/results?lang=${language}`)
    await page.locator('.result').nth(2).waitFor()
    await shot(page, `results-${language}`)
    const text = await page.locator('main').textContent()
    expect(text).not.toMatch(/阳性|[Pp]ositive/)
    expect(text).toContain('12345')
    expect(await page.locator('.result').count()).toBe(3)
    expect(await faultsOnPhone(page)).toEqual([])
    await page.goto(`/my/results/${positive}`)
    await page.getByRole('alert').waitFor()
    expect(await faultsOnPhone(page)).toEqual([])
    expect(waiting).not.toBe(positive)
    await page.goto(`/?lang=${language}`)
    await page.locator('a.result').waitFor()
    await shot(page, `home-${language}`)
    expect(await faultsOnPhone(page)).toEqual([])
    await context.close()
  },
)
