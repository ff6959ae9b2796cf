import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parse } from 'yaml'
import { openBrowser } from '#test/harness/browser.ts'
import { newId, residentWith, startCity, type Caller, type TestCity } from '#test/harness/city.ts'
import { faultsOf } from '#test/harness/faults.ts'

let city: TestCity
let browser: Browser

beforeAll(async () => {
  city = await startCity({ people: 60, pages: true })
  browser = await openBrowser()
})
afterAll(async () => {
  await browser?.close()
  await city?.stop()
})

async function screenOf(who: string | Caller, path: string, language: 'zh' | 'en' = 'zh'): Promise<Page> {
  const phone = typeof who !== 'string'
  const context = await browser.newContext({
    viewport: phone ? { width: 360, height: 740 } : { width: 1440, height: 900 },
  })
  if (typeof who === 'string')
    await context.request.post(`${city.base}/api/session/demo`, { data: { username: who } })
  else {
    const [name = '', value = ''] = who.cookie.split('=')
    await context.addCookies([{ name, value, url: city.base }])
  }
  const page = await context.newPage()
  await page.addInitScript((lang) => localStorage.setItem('cityloop.language', lang), language)
  await page.goto(city.base + path)
  return page
}

function draft(version: string, hours: number): string {
  const path = join(import.meta.dirname, '../../policies/shanghai-2022-06-07.yaml')
  const pack = parse(readFileSync(path, 'utf8')) as {
    version: string
    title: { zh: string; en: string }
    parameters: { id: string; value: unknown }[]
  }
  pack.version = version
  pack.title = { zh: `门口 ${hours} 小时`, en: `Gates ${hours} hours` }
  for (const p of pack.parameters) if (p.id === 'gate.pcrHours') p.value = hours
  return JSON.stringify(pack)
}

test('a draft is checked, proposed by one person, and signed by another who has read the difference', async () => {
  const first = await screenOf('supervisor', '/console/policy')
  await first.getByRole('button', { name: '提出新版' }).click()
  await first.getByLabel('政策包内容').fill('{"id": 1}')
  await first.getByRole('button', { name: /检\s?查/ }).click()
  await first.getByText(/处错误/).waitFor()
  await first.getByLabel('政策包内容').fill(draft('1.1.0', 48))
  await first.getByRole('button', { name: /检\s?查/ }).click()
  await first.getByText(/个自带用例全部通过/).waitFor()
  await first.getByRole('cell', { name: 'gate.pcrHours' }).first().waitFor()
  expect(await faultsOf(first)).toEqual([])
  await first.getByLabel('为什么要改').fill('门岗核酸时限收紧')
  await first.getByRole('button', { name: '签署提议（第一签）' }).click()
  await first.getByText('等待另一人签署').waitFor()
  expect(await first.getByRole('button', { name: '签署启用（第二签）' }).count()).toBe(0)
  const second = await screenOf('commander', new URL(first.url()).pathname + new URL(first.url()).search)
  const row = second.getByRole('row').filter({ hasText: 'gate.pcrHours' })
  await row.waitFor()
  expect(await row.textContent()).toContain('7248')
  expect(await faultsOf(second)).toEqual([])
  await second.getByRole('button', { name: '签署启用（第二签）' }).click()
  await second.getByRole('button', { name: /^签\s?署$/ }).click()
  await second.locator('.pack-state.in_force').waitFor()
  // The other screen hears of it by itself.
  await first.locator('.pack-state.in_force').waitFor()
}, 60_000)

test('a rule is tried as of an instant, in English too', async () => {
  const page = await screenOf('commander', '/console/policy?tab=try', 'en')
  await page.getByLabel('When:').fill('2022-05-01T12:00')
  await page.getByRole('combobox', { name: 'Rule set' }).click()
  await page.getByTitle(/gate\.compound/).click()
  await page
    .getByLabel('Payload (JSON)')
    .fill('{"code": "green", "pcr": {"result": "negative", "at": "2022-04-30T06:00:00+08:00"}}')
  await page.getByRole('button', { name: 'Try it' }).click()
  await page.getByText('A negative PCR within 24 hours is needed').waitFor()
  expect(await faultsOf(page)).toEqual([])
}, 30_000)

test('a resident reads why, appeals in two taps, and reads the answer of somebody at their desk', async () => {
  const who = await residentWith(city.base, '19900000058')
  await who.post('/api/my/requests', {
    id: newId(),
    text: '浦东新区花木街道樱花路801弄，外公一直在等出门证明',
  })
  const phone = await screenOf(who, '/my')
  await phone.getByRole('link', { name: '为什么这样定，怎么申诉' }).click()
  await phone.getByText('按一般诉求办理', { exact: false }).waitFor()
  expect(await faultsOf(phone)).toEqual([])
  await phone.getByRole('button', { name: '不同意？申诉' }).click()
  await phone.getByLabel('哪里不对？请写下事实。').fill('外公今天要做血管手术，很急')
  await phone.getByRole('button', { name: '送出申诉' }).click()
  await phone.getByText('申诉办理中').waitFor()
  const desk = await screenOf('pudong', '/console/appeals')
  await desk.getByText('外公今天要做血管手术，很急').waitFor()
  await desk.getByText('申诉成立，改变决定').click()
  await desk.getByText('按急难办理').click()
  await desk.getByLabel('理由（本人会看到）').fill('手术预约单已核实')
  expect(await faultsOf(desk)).toEqual([])
  await desk.getByRole('button', { name: '答复本人' }).click()
  await desk.getByText('没有申诉').or(desk.getByText('✓ 已改变')).first().waitFor()
  await phone.getByText('✓ 申诉成立，决定已改变').waitFor()
  await phone.getByText('手术预约单已核实').first().waitFor()
}, 60_000)
