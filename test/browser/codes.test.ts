import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { prepareZXingModule, readBarcodes } from 'zxing-wasm/reader'
import { within } from '#kernel/db.ts'
import { registerPerson } from '#capabilities/people/index.ts'
import { newId } from '#test/harness/city.ts'
import { faultsOf, faultsOnPhone } from '#test/harness/faults.ts'
import {
  beginAt,
  COMPOUND,
  counted,
  nextTube,
  picture,
  press,
  scan,
  startTable,
  unsent,
  type Table,
} from '#test/harness/sampling-table.ts'

/** The narrowest telephone there is. */
const NARROW = { width: 320, height: 568 }
const NEIGHBOURHOOD = COMPOUND.slice(0, 12)
/** One more than stand on a sheet. */
const WITHOUT_PHONE = 13

let table: Table

beforeAll(async () => {
  table = await startTable()
  prepareZXingModule({
    overrides: {
      wasmBinary: readFileSync(createRequire(import.meta.url).resolve('zxing-wasm/reader/zxing_reader.wasm'))
        .buffer,
    },
  })
})
afterAll(() => table?.stop())

/** What a camera before this screen reads. */
async function readOff(page: Page): Promise<string[]> {
  const image = new Uint8Array(await page.screenshot({ fullPage: true }))
  const found = await readBarcodes(image, { formats: ['QRCode'], maxNumberOfSymbols: 50 })
  return found.map((f) => f.text)
}

async function residentPhone(path: string, language: 'zh' | 'en' = 'zh', size = NARROW) {
  const context = await table.browser.newContext({
    viewport: size,
    baseURL: table.city.base,
    deviceScaleFactor: 2,
  })
  context.setDefaultTimeout(20_000)
  await context.request.post('/api/session/demo', { data: { username: 'resident' } })
  const page = await context.newPage()
  await page.goto(`${path}?lang=${language}`)
  return { context, page }
}

const code = (page: Page) => page.getByRole('img', { name: /^(采样码|Code for sampling)$/ })

/** A tube of whoever stands behind these texts, sealed on a telephone of the table. */
async function sealedWith(texts: readonly string[]): Promise<string[]> {
  const { context, page } = await table.phone()
  await beginAt(page, texts.length === 1 ? 1 : 10)
  const tube = nextTube()
  await scan(page, tube)
  for (const [i, text] of texts.entries()) {
    await scan(page, text)
    await counted(page, i + 1)
  }
  await press(page, '封管')
  const sure = page.getByRole('button', { name: `是，${texts.length} 人封管` })
  const next = page.getByRole('heading', { name: '扫管码' })
  await sure.or(next).waitFor()
  if (await sure.isVisible()) await sure.click()
  await next.waitFor()
  await unsent(page, /^待发送 0$/)
  const { rows } = await table.sql.query<{ person_id: string }>(
    'select person_id from sample where tube = $1',
    [tube],
  )
  await context.close()
  return rows.map((r) => r.person_id).sort()
}

const idOf = async (context: BrowserContext): Promise<string> =>
  (await (await context.request.get('/api/my/record')).json()).id

test('what a resident shows from the first page is read off the screen at the table, and the tube is theirs', async () => {
  const { context, page } = await residentPhone('/')
  await picture(page, 'code-home-zh')
  await page.getByRole('link', { name: '出示采样码' }).click()
  await code(page).waitFor()
  // All that matters stands on the smallest screen at once: name, code, seconds.
  const tabs = (await page.locator('.tabs').boundingBox())!
  for (const part of [page.locator('.seconds'), page.locator('.seconds-bar'), code(page)]) {
    const box = (await part.boundingBox())!
    expect(box.y + box.height).toBeLessThanOrEqual(tabs.y)
  }
  expect((await code(page).boundingBox())!.width).toBeGreaterThan(250)
  const text = page.locator('.my-code')
  expect(await text.textContent()).toMatch(/\*/)
  expect(await text.textContent()).not.toContain('模拟居民00001')
  expect(await text.textContent()).toMatch(/\d\d:\d\d 前有效（剩 1[45] 分），断网也能用到那时/)
  expect(await faultsOnPhone(page)).toEqual([])
  await picture(page, 'code-my-zh-320')

  // A screenshot stands still.
  const before = await page.locator('.seconds time').textContent()
  const bar = () => page.locator('.seconds-bar span').evaluate((e) => e.getBoundingClientRect().width)
  const width = await bar()
  await expect.poll(() => page.locator('.seconds time').textContent()).not.toBe(before)
  await expect.poll(bar).not.toBe(width)

  const seen = await readOff(page)
  expect(seen).toHaveLength(1)
  expect(await sealedWith(seen)).toEqual([await idOf(context)])
  await context.close()
})

test('the code is there without a network until it runs out, says until when, and is changed before', async () => {
  const { context, page } = await residentPhone('/my/code', 'en', { width: 390, height: 844 })
  await code(page).waitFor()
  await page.evaluate(async () => {
    await navigator.serviceWorker.ready
    while (!(await caches.match('/'))) await new Promise((done) => setTimeout(done, 100))
  })
  const [first] = await readOff(page)
  expect(await faultsOnPhone(page)).toEqual([])
  await picture(page, 'code-my-en')

  await context.setOffline(true)
  await page.reload()
  await code(page).waitFor()
  expect(await page.locator('.my-code').textContent()).toMatch(
    /Holds until \d\d:\d\d \(1[45] min left\), also without/,
  )
  expect(await readOff(page)).toEqual([first])
  await picture(page, 'code-offline-en')
  // From the first page too, where nobody is known without a network.
  await page.goto('/?lang=zh')
  await page.getByRole('link', { name: '出示采样码' }).click()
  await code(page).waitFor()
  expect(await readOff(page)).toEqual([first])
  expect(await sealedWith([first!])).toEqual([await idOf(context)])

  // It ran out: nothing is left to scan.
  const age = (ms: number) =>
    page.evaluate((by) => {
      const kept = JSON.parse(localStorage.getItem('cityloop.code')!)
      localStorage.setItem(
        'cityloop.code',
        JSON.stringify({ ...kept, from: kept.from - by, until: kept.until - by }),
      )
    }, ms)
  await age(15 * 60_000)
  await page.reload()
  await page.getByText('手机上的采样码已过期').waitFor()
  expect(await code(page).count()).toBe(0)
  await picture(page, 'code-ran-out-zh')
  await context.setOffline(false)
  await code(page).waitFor()
  expect(await readOff(page)).not.toEqual([first])

  // Signed out, the next person at this telephone has no code of the one before.
  await page.goto('/sign-in')
  await page.getByRole('button', { name: /退出/ }).click()
  await expect.poll(() => page.evaluate(() => localStorage.getItem('cityloop.code'))).toBeNull()
  await context.close()
})

test('a code on the screen is changed for a new one when a third of its time is over', async () => {
  const context = await table.browser.newContext({ baseURL: table.city.base, serviceWorkers: 'block' })
  await context.request.post('/api/session/demo', { data: { username: 'resident' } })
  const page = await context.newPage()
  await page.clock.install()
  await page.goto('/my/code?lang=zh')
  await code(page).waitFor()
  const [first] = await readOff(page)
  await page.clock.fastForward('04:50')
  expect(await readOff(page)).toEqual([first])
  const asked = page.waitForResponse((r) => r.url().endsWith('/api/my/code'))
  await page.clock.fastForward('00:20')
  await asked
  await expect.poll(() => readOff(page)).not.toEqual([first])
  await page.getByText(/剩 1[45] 分/).waitFor()
  await context.close()
})

test('a neighbourhood prints paper codes for those without a telephone, twelve to an A4, and what is printed is sampled with', async () => {
  const ids: string[] = []
  for (let i = 0; i < WITHOUT_PHONE; i++) {
    const id = newId()
    ids.push(id)
    await within(table.city.app.db, { as: 'service' }, (trx) =>
      registerPerson(table.city.app, trx, { id, name: `陈没有手机${i}`, placeCode: COMPOUND }),
    )
  }
  const desk = async (username: string, path: string, language: 'zh' | 'en' = 'zh') => {
    const context = await table.browser.newContext({
      viewport: { width: 1280, height: 900 },
      baseURL: table.city.base,
    })
    context.setDefaultTimeout(20_000)
    await context.request.post('/api/session/demo', { data: { username } })
    const page = await context.newPage()
    await page.goto(`/console${path}${path.includes('?') ? '&' : '?'}lang=${language}`)
    return page
  }
  const made = async () =>
    (
      await table.sql.query<{ n: number }>(
        `select (data->>'rows')::int as n from audit where action = 'sampling.codes' and data ? 'rows' order by at, id`,
      )
    ).rows.map((r) => r.n)

  const page = await desk('juwei', '/people')
  await page.getByRole('link', { name: '纸质采样码' }).click()
  const make = page.getByRole('button', { name: '制作纸质码' })
  await make.waitFor()
  expect(await faultsOf(page)).toEqual([])
  await picture(page, 'paper-before-zh')
  // Opening the page looks at nobody.
  expect(await made()).toEqual([])
  await make.click()
  await page.getByText('13 人，2 张 A4').waitFor()
  expect(await made()).toEqual([WITHOUT_PHONE])
  expect(await faultsOf(page)).toEqual([])
  await picture(page, 'paper-made-zh')
  await page.emulateMedia({ media: 'print' })
  await picture(page, 'paper-print-zh')
  const pdf = await page.pdf({
    preferCSSPageSize: true,
    ...(process.env.SHOTS && { path: `${process.env.SHOTS}/paper.pdf` }),
  })
  const text = pdf.toString('latin1')
  expect(text.match(/\/Type \/Page\b/g)).toHaveLength(2)
  // A4 in points.
  for (const [, w, h] of text.matchAll(/\/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]/g))
    expect([Math.round(Number(w)), Math.round(Number(h))]).toEqual([595, 842])
  expect(await page.locator('.code-sheet').first().textContent()).not.toContain('没有手机')
  const seen = await readOff(page)
  expect(new Set(seen).size).toBe(WITHOUT_PHONE)
  expect(await sealedWith(seen.slice(0, 10))).toHaveLength(10)
  const [last] = await sealedWith(seen.slice(10, 11))
  expect(ids).toContain(last)
  await page.context().close()

  // Everybody: those without a telephone first, the others after a second press; and from a larger place the way down.
  const english = await desk('huamu', '/people', 'en')
  expect(await english.getByRole('link', { name: 'Paper codes' }).count()).toBe(0)
  await english.goto('/console/people/codes?lang=en')
  await english.getByText('This page is not for your role').waitFor()
  await english.context().close()
  const team = await desk('recall.huamu', `/rounds?place=${NEIGHBOURHOOD.slice(0, 9)}`, 'en')
  await team.getByRole('link', { name: 'Print paper codes' }).click()
  await team.getByText('Paper codes are printed by neighbourhood').waitFor()
  await picture(team, 'paper-below-en')
  await team.goto(`/console/people/codes?place=${NEIGHBOURHOOD}&who=all&lang=en`)
  await team.getByRole('button', { name: 'Make paper codes' }).click()
  await team.getByText('13 people on 2 sheets of A4').waitFor()
  await picture(team, 'paper-made-en')
  await team.getByRole('button', { name: 'Go on with those who have a telephone' }).click()
  await team.getByText(/on 1 sheet of A4/).waitFor()
  expect(await faultsOf(team)).toEqual([])
  await team.context().close()
}, 120_000)
