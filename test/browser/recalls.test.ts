import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { answerRecalls } from '#capabilities/screening/recall-ends.ts'
import { openBrowser } from '#test/harness/browser.ts'
import { newId } from '#test/harness/city.ts'
import { faultsOf } from '#test/harness/faults.ts'
import { startLaboratory, type Laboratory } from '#test/harness/laboratory.ts'

let house: Laboratory
let browser: Browser

beforeAll(async () => {
  house = await startLaboratory({ people: 20, pages: true })
  browser = await openBrowser()
})
afterAll(async () => {
  await browser?.close()
  await house?.stop()
})

async function open(
  username: string,
  path: string,
  language: 'zh' | 'en',
  viewport = { width: 1280, height: 800 },
): Promise<Page> {
  const context = await browser.newContext({ viewport, baseURL: house.city.base })
  await context.request.post('/api/session/demo', { data: { username } })
  const page = await context.newPage()
  await page.addInitScript((lang) => localStorage.setItem('cityloop.language', lang), language)
  await page.goto(path)
  return page
}
async function resident(phone: string, path: string, language: 'zh' | 'en'): Promise<Page> {
  const context = await browser.newContext({
    viewport: { width: 360, height: 740 },
    baseURL: house.city.base,
  })
  const { demoCode } = await (await context.request.post('/api/session/code', { data: { phone } })).json()
  await context.request.post('/api/session/verify', { data: { phone, code: demoCode } })
  const page = await context.newPage()
  await page.addInitScript((lang) => localStorage.setItem('cityloop.language', lang), language)
  await page.goto(path)
  return page
}
const shot = async (page: Page, name: string) => {
  if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/${name}.png`, fullPage: true })
}

const WORDS = {
  zh: {
    look: /查看是谁（查看会留痕）/,
    taken: '已采',
    left: '待采',
    found: /查看是谁、登记结论/,
    tell: '已电话告知本人',
    told: '疾控已电话告知',
    card: '出示凭证',
    early: '采样点还没有上报',
  },
  en: {
    look: /See who it is \(looking is recorded\)/,
    taken: 'taken',
    left: 'to be taken',
    found: /See who it is and record/,
    tell: 'I told the person by telephone',
    told: 'The centre has told you',
    card: 'Show my card',
    early: 'Not reported by their site yet',
  },
} as const

for (const language of ['zh', 'en'] as const) {
  const w = WORDS[language]

  test(`who of a household has still to be sampled stands on its recall (${language})`, async () => {
    const room = `21号${language === 'zh' ? 1 : 2}01室`
    const [husband, wife] = [await house.resident(room), await house.resident(room)]
    const tube = await house.tubeOf([husband, await house.resident(`${room} 邻`)])
    await house.report(tube, 'positive')
    await house.tubeOf([husband], 1)
    await answerRecalls(house.city.app)
    const recall = (await house.recallsOf(tube)).find((r) => r.person_id === husband.id)!
    expect(recall.household).toEqual([wife.id])
    const page = await open('juwei', `/console/orders/${recall.id}`, language)
    await page.getByRole('button', { name: w.look }).click()
    await page.getByText(w.taken, { exact: false }).first().waitFor()
    await page.getByText(w.left, { exact: false }).first().waitFor()
    expect(await faultsOf(page)).toEqual([])
    await shot(page, `recall-${language}`)
    await page.context().close()
  })

  test(`the centre tells the person by telephone, and only then their page says so and has a card (${language})`, async () => {
    const person = await house.resident(`22号${language}室`)
    const tube = await house.tubeOf([person], 1)
    await house.report(tube, 'positive')
    const { id } = await house.city.app.db
      .selectFrom('finding')
      .select('id')
      .where('tube', '=', tube)
      .executeTakeFirstOrThrow()
    await house.centre.post(`/api/findings/${id}`, {
      id: newId(),
      outcome: 'confirmed',
      note: '复核（模拟）',
    })
    const mine = await resident(person.phone, '/my/results', language)
    await mine
      .getByText(language === 'zh' ? '正在复核' : 'Being checked again')
      .first()
      .waitFor()
    expect(await mine.getByRole('link', { name: w.card }).count()).toBe(0)
    const page = await open('cdc.pudong', `/console/orders/${id}`, language)
    await page.getByRole('button', { name: w.found }).click()
    await shot(page, `finding-${language}`)
    await page.getByRole('button', { name: w.tell }).click()
    await page
      .getByText(language === 'zh' ? '✓ 已电话告知本人' : '✓ The person was told by telephone')
      .waitFor()
    expect(await faultsOf(page)).toEqual([])
    await shot(page, `told-${language}`)
    await mine.reload()
    await mine.getByText(w.told).first().waitFor()
    expect(await mine.locator('main').innerText()).not.toMatch(/阳性|确诊|positive|confirmed/i)
    await shot(mine, `my-results-${language}`)
    await mine.getByRole('link', { name: w.card }).first().click()
    await mine.locator('img.code').waitFor()
    expect(await faultsOf(mine)).toEqual([])
    await shot(mine, `my-card-${language}`)
    for (const one of [mine, page]) await one.context().close()
  })

  test(`a laboratory sees what its sites have not reported yet (${language})`, async () => {
    const [tube, box] = house.labels()
    await house.lab.post(`/api/boxes/${box}/events`, { id: newId(), kind: 'received' })
    await house.report(tube, 'positive')
    const page = await open('lab', '/console/labs', language)
    await page.getByRole('heading', { name: w.early }).waitFor()
    await page.getByRole('cell', { name: tube }).waitFor()
    await page.getByRole('cell', { name: box }).waitFor()
    expect(await faultsOf(page)).toEqual([])
    await shot(page, `early-${language}`)
    await page.context().close()
  })
}
