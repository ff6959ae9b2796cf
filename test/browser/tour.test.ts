import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { prepareZXingModule, readBarcodes } from 'zxing-wasm/reader'
import { openBrowser } from '#test/harness/browser.ts'
import { startCity, type TestCity } from '#test/harness/city.ts'
import { verifyCard } from '#test/harness/health-card.ts'
import { startLab, type Sampled } from '#test/harness/lab.ts'
import {
  beginAt,
  counted,
  nextBox,
  nextTube,
  PHONE,
  picture,
  handOver,
  press,
  readyForOffline,
  scan,
  typeOn,
  unsent,
} from '#test/harness/sampling-table.ts'

let city: TestCity
let browser: Browser
const people: Sampled[] = []

beforeAll(async () => {
  city = await startCity({ people: 20, pages: true })
  browser = await openBrowser()
  const at = await startLab(city)
  // Ten who will be sampled, each living with somebody who will not.
  for (let i = 0; i < 10; i++) {
    people.push(await at.resident(`${i + 1}号楼101室`))
    await at.resident(`${i + 1}号楼101室`)
  }
  prepareZXingModule({
    overrides: {
      wasmBinary: readFileSync(createRequire(import.meta.url).resolve('zxing-wasm/reader/zxing_reader.wasm'))
        .buffer,
    },
  })
})
afterAll(async () => {
  await browser?.close()
  await city?.stop()
})

async function open(
  size: { width: number; height: number },
  who: { username: string } | { phone: string },
  path: string,
): Promise<Page> {
  const context = await browser.newContext({ viewport: size, baseURL: city.base })
  context.setDefaultTimeout(20_000)
  if ('username' in who) await context.request.post('/api/session/demo', { data: who })
  else {
    const sent = await (await context.request.post('/api/session/code', { data: who })).json()
    await context.request.post('/api/session/verify', { data: { ...who, code: sent.demoCode } })
  }
  const page = await context.newPage()
  await page.goto(`${path}${path.includes('?') ? '&' : '?'}lang=zh`)
  return page
}

const DESK = { width: 1440, height: 900 }
const figure = (wall: Page, id: string) => wall.locator(`[data-figure="${id}"] .figure-value`)
const shows = (wall: Page, id: string, n: RegExp) =>
  figure(wall, id).filter({ hasText: n }).waitFor({ timeout: 30_000 })

/** The laboratory receives a box by its label and reports one outcome for each of its tubes. */
async function report(lab: Page, box: string, tubes: readonly string[], outcome: '1' | '2'): Promise<void> {
  const label = lab.getByLabel('扫描或输入箱码')
  const received = lab.getByText(`已签收 ${box}，${tubes.length} 管`)
  // On a starved machine the first scan may find the page still busy with the last report: one scans again.
  for (let tries = 0; tries < 3 && !(await received.isVisible()); tries++) {
    await label.fill(box)
    await label.press('Enter')
    await received.waitFor({ timeout: 8_000 }).catch(() => undefined)
  }
  await received.waitFor()
  const line = lab.getByLabel(/扫描管码回车/)
  for (const tube of tubes) {
    await line.fill(tube)
    await line.press('Enter')
    await line.fill(outcome)
    await line.press('Enter')
  }
  await lab.getByRole('button', { name: `上报 ${tubes.length} 管` }).click()
  await lab
    .getByText('✓ 已收')
    .nth(tubes.length - 1)
    .waitFor()
}

/** A stranger at a door: sees a code on a screen, knows the city's published keys, and nothing else. */
// oxlint-disable-next-line typescript/no-explicit-any -- a claim is looked into freely
async function verifyOnSight(page: Page): Promise<Record<string, any>> {
  const code = page.getByRole('img', { name: '可验真的检测结果二维码' })
  await code.waitFor()
  const seen = await readBarcodes(new Uint8Array(await page.screenshot()), {
    formats: ['QRCode'],
  })
  return (await verifyCard(seen[0]!.text, { [city.app.config.publicUrl]: city.base })).claims
}

test('a newcomer samples ten people without a network, sees a positive pool call back ten households, tests them singly, and a stranger accepts the card, with the wall open all along', async () => {
  const wall = await open({ width: 1920, height: 1080 }, { username: 'commander' }, '/wall')
  await wall.locator('.wall .district').first().waitFor()
  await shows(wall, 'tested', /^0/)

  // At the table, no network.
  const table = await open(PHONE, { username: 'sampler' }, '/field?tab=sampling')
  await readyForOffline(table)
  await table.context().setOffline(true)
  await beginAt(table)
  const pool = nextTube()
  await scan(table, pool)
  await counted(table, 0)
  await press(table, '手机号')
  for (const [i, person] of people.entries()) {
    await typeOn(table, person.phone)
    await counted(table, i + 1)
  }
  await picture(table, 'tour-1-full')
  await press(table, '封管')
  await table.getByRole('heading', { name: '扫管码' }).waitFor()
  await press(table, '装箱 1')
  const box = nextBox()
  await scan(table, box)
  await press(table, '本场 1 支全部装入')
  await counted(table, 1)
  await press(table, '装好封箱')
  await handOver(table, box)
  await unsent(table, /^待发送 [1-9]/)
  expect(await city.app.db.selectFrom('tube').select('code').execute()).toEqual([])

  // Back on the network: everything arrives by itself, and the wall counts ten.
  await table.context().setOffline(false)
  await unsent(table, /^待发送 0$/)
  await shows(wall, 'tested', /^10/)
  await picture(wall, 'tour-2-wall')

  // The laboratory says positive; ten are called back with those they live with.
  const lab = await open(DESK, { username: 'lab' }, '/console/labs')
  await report(lab, box, [pool], '2')
  await shows(wall, 'positives', /^1/)
  await shows(wall, 'recalls', /^10/)
  await picture(wall, 'tour-3-wall')
  const called = await city.app.db.selectFrom('recall').selectAll().where('tube', '=', pool).execute()
  expect(called.map((r) => r.household.length)).toEqual(Array.from({ length: 10 }, () => 1))
  expect(new Set(called.flatMap((r) => [r.person_id, ...r.household])).size).toBe(20)

  // The team goes from door to door: a single tube each, for the person and whom they live with.
  const team = await open(PHONE, { username: 'recall.huamu' }, '/field?tab=work')
  const singles: string[] = []
  for (let door = 0; door < 10; door++) {
    await press(team, '工单')
    // The list of before is shown until the city has answered.
    const cards = team.locator('.card', { hasText: '混管异常' })
    await expect.poll(() => cards.count()).toBe(10 - door)
    const card = cards.first()
    await card.getByRole('button', { name: '看名单（留痕）' }).click()
    await card.getByRole('button', { name: '上门单管采样' }).click()
    await team.getByText('须单管采样').waitFor()
    for (let one = 0; one < 2; one++) {
      const tube = nextTube()
      await scan(team, tube)
      await team.locator('.counter', { hasText: '/1' }).waitFor()
      await team.locator('.wanted button:not([disabled])').first().click()
      await counted(team, 1)
      await press(team, '封管')
      await team.getByRole('heading', { name: '扫管码' }).waitFor()
      singles.push(tube)
    }
    if (door === 0) await picture(team, 'tour-4-door')
    await press(team, '装箱 2')
    const single = nextBox()
    await scan(team, single)
    await press(team, '本场 2 支全部装入')
    await press(team, '装好封箱')
    await handOver(team, single)
    await team.goto('/field?tab=sampling&lang=zh')
    await press(team, '结束本场')
    await unsent(team, /^待发送 0$/)
    await expect
      .poll(
        async () =>
          (await city.app.db.selectFrom('recall').select('id').where('answered_at', 'is not', null).execute())
            .length,
        { timeout: 30_000 },
      )
      .toBe(door + 1)
  }
  await shows(wall, 'recalls', /^0/)

  // All singles are negative; one of the ten carries the card to a stranger.
  const boxes = await city.app.db
    .selectFrom('tube')
    .select(['code', 'box'])
    .where('code', 'in', singles)
    .execute()
  for (const [label, tubes] of Map.groupBy(boxes, (t) => t.box!))
    await report(
      lab,
      label,
      tubes.map((t) => t.code),
      '1',
    )
  const resident = await open({ width: 720, height: 1280 }, { phone: people[3]!.phone }, '/my/results')
  await resident.getByRole('link', { name: '出示凭证' }).first().click()
  await picture(resident, 'tour-5-card')
  const claims = await verifyOnSight(resident)
  expect(claims.vc.type).toContain('https://smarthealth.cards#health-card')
  expect(JSON.stringify(claims)).toContain('260415000')
  await shows(wall, 'tested', /^20/)
  await picture(wall, 'tour-6-wall')
}, 300_000)
