import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { simulatedIdNumber } from '#capabilities/people/demo.ts'
import { openBrowser } from '#test/harness/browser.ts'
import { startCity, type TestCity } from '#test/harness/city.ts'
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

async function screenOf(username: string, path: string, language: 'zh' | 'en' = 'zh'): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, acceptDownloads: true })
  await context.request.post(`${city.base}/api/session/demo`, { data: { username } })
  const page = await context.newPage()
  await page.addInitScript((lang) => localStorage.setItem('cityloop.language', lang), language)
  await page.goto(`${city.base}/console${path}`)
  return page
}

const shot = async (page: Page, name: string) =>
  process.env.SHOTS ? void (await page.screenshot({ path: `${process.env.SHOTS}/${name}.png` })) : undefined

const HERE = '310115016001001'
const csv = [
  '姓名,证件类型,证件号码,手机号,性别,区划代码,详细地址,职业',
  `模拟名册甲,居民身份证,${simulatedIdNumber(800_001)},19900800001,,${HERE},模拟5号101室,模拟职业`,
  `模拟名册乙,居民身份证,${simulatedIdNumber(800_002)},+86 19900800002,,${HERE},模拟5号101室,`,
  `模拟名册丙,居民身份证,${simulatedIdNumber(800_003).slice(0, 17)}?,19900800003,,${HERE},,`,
  `模拟居民00001,,,19900000001,,${HERE},模拟6号101室,`,
].join('\n')

test('a register is uploaded, previewed with its refused lines, stored, and its possible duplicate merged and undone', async () => {
  const page = await screenOf('pudong', '/people/import')
  await page.getByText('还没有导入过').waitFor()
  expect(await faultsOf(page)).toEqual([])
  await page
    .getByLabel('文件')
    .setInputFiles({ name: '名册.csv', mimeType: 'text/csv', buffer: Buffer.from(csv) })
  await page.getByRole('button', { name: '上传并预览' }).click()
  await page.getByRole('button', { name: '确认入库：新登记 3 人' }).waitFor()
  await page.getByText('证件号码不对（位数、日期或校验位）').waitFor()
  expect(await faultsOf(page)).toEqual([])
  await shot(page, 'import-preview')
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: '下载这份清单' }).click(),
  ])
  expect(download.suggestedFilename()).toBe('名册.csv.refused.csv')
  await page.getByRole('button', { name: /^确认入库/ }).click()
  await page.getByRole('link', { name: '去核对疑似重复' }).click()
  await page.getByText('姓名和电话相同').waitFor()
  expect(await faultsOf(page)).toEqual([])
  await shot(page, 'duplicates')
  const merge = page.getByRole('button', { name: /^合\s?并$/ })
  expect(await merge.isDisabled()).toBe(true)
  await page.getByLabel('合并理由').fill('电话核实是同一人')
  await merge.click()
  await page.getByText('没有待核对的重复').waitFor()
  await page.getByRole('button', { name: '撤销合并' }).click()
  await page.getByLabel('撤销理由').fill('核实后是两个人')
  await page.getByRole('button', { name: /^撤\s?销$/ }).click()
  await page.getByText('已撤销').waitFor()
  await page.getByText('姓名和电话相同').waitFor()
  expect(await faultsOf(page)).toEqual([])
  await shot(page, 'merges')
  await page.context().close()
})

test('a file that cannot be taken says why, in English too', async () => {
  const page = await screenOf('juwei', '/people/import', 'en')
  await page
    .getByLabel('File')
    .setInputFiles({ name: 'x.csv', mimeType: 'text/csv', buffer: Buffer.from('a,b\n1,2') })
  await page.getByRole('button', { name: 'Upload and preview' }).click()
  await page.getByText('The first line must have the columns').waitFor()
  expect(await faultsOf(page)).toEqual([])
  await shot(page, 'import-refused-en')
  await page.context().close()
})

test('the register is exported masked, and in full only with a purpose', async () => {
  const page = await screenOf('juwei', '/people')
  await page.locator('table.list tbody tr').first().waitFor()
  await page.getByRole('button', { name: /^导\s?出$/ }).click()
  const go = page.getByRole('button', { name: /^导\s?出$/ }).last()
  const [masked] = await Promise.all([page.waitForEvent('download'), go.click()])
  expect(masked.suggestedFilename()).toBe('people-310115016001.xlsx')
  await page.getByText('完整信息（不脱敏）').click()
  await expect.poll(() => go.isDisabled()).toBe(true)
  expect(await faultsOf(page)).toEqual([])
  await shot(page, 'people-export')
  await page.getByLabel('完整手机号或身份证号').fill(simulatedIdNumber(1))
  await page.getByRole('button', { name: /^查\s?找$/ }).click()
  await page.getByRole('button', { name: '回到名册' }).waitFor()
  expect(await page.locator('table.list tbody tr').count()).toBe(1)
  await page.context().close()
})

test.each(['zh', 'en'] as const)(
  'an administrator makes an account with a grant that ends, and ends it (%s)',
  async (language) => {
    const zh = language === 'zh'
    const page = await screenOf('admin', '/accounts', language)
    await page.locator('table.list tbody tr').first().waitFor()
    expect(await faultsOf(page)).toEqual([])
    await page.getByRole('button', { name: zh ? '新建账号' : 'New account' }).click()
    const username = `desk.${language}`
    await page.getByLabel(zh ? '账号名' : 'User name').fill(username)
    await page.getByLabel(zh ? '姓名' : 'Name', { exact: true }).fill('模拟·新同事')
    const choose = async (label: string, typed: string, option: RegExp) => {
      await page.getByRole('combobox', { name: label, exact: true }).fill(typed)
      await page
        .locator('.ant-select-dropdown:visible .ant-select-item-option', { hasText: option })
        .first()
        .click()
    }
    await choose(zh ? '账号归属' : 'Account belongs to', '310115016', /./)
    await page.getByRole('combobox', { name: zh ? '岗位' : 'Role', exact: true }).click()
    await page
      .locator('.ant-select-dropdown:visible .ant-select-item-option', {
        hasText: zh ? '居村委' : 'Neighbourhood worker',
      })
      .click()
    await choose(zh ? '辖区' : 'Place', '310115016', /./)
    await page.getByLabel(zh ? '结束（不填长期）' : 'Until (open when empty)').fill('2030-01-01T00:00')
    await shot(page, `accounts-new-${language}`)
    await page.getByRole('button', { name: zh ? /^新\s?建$/ : 'Create' }).click()
    const once = page.locator('code.once')
    await once.waitFor()
    expect(await once.textContent()).toMatch(/^[a-z2-9]{4}(-[a-z2-9]{4}){3}$/)
    expect(await faultsOf(page)).toEqual([])
    await page.getByRole('button', { name: zh ? '已告知' : 'Done' }).click()
    await page.getByRole('button', { name: `${zh ? '管理' : 'Manage'} ${username}` }).click()
    await shot(page, `accounts-manage-${language}`)
    expect(await faultsOf(page)).toEqual([])
    await page.getByRole('button', { name: zh ? '结束授权' : 'End the grant' }).click()
    await page.getByText(zh ? '没有有效授权' : 'No grant: nothing can be seen').waitFor()
    await page.context().close()
  },
)

test.each(['zh', 'en'] as const)(
  'an auditor follows one who acted and checks the whole chain (%s)',
  async (language) => {
    const zh = language === 'zh'
    const page = await screenOf('auditor', '/audit', language)
    await page.locator('table.audit tbody tr').first().waitFor()
    expect(await faultsOf(page)).toEqual([])
    await page.getByRole('button', { name: zh ? '核对全链' : 'Check the whole chain' }).click()
    await page.getByText(zh ? '✓ 全链完好' : '✓ The whole chain is intact').waitFor()
    await shot(page, `audit-${language}`)
    await page.locator('table.audit tbody tr td:nth-child(3) a').last().click()
    await page.waitForURL(/actor=/)
    await page.locator('table.audit tbody tr').first().waitFor()
    await page.context().close()
  },
)

test('the second factor is set up by a code that the page draws itself', async () => {
  const page = await screenOf('agent', '/account')
  const foreign: string[] = []
  page.on(
    'request',
    (r) => r.url().startsWith(city.base) || r.url().startsWith('data:') || foreign.push(r.url()),
  )
  await page.getByRole('button', { name: '开始设置' }).click()
  const image = page.getByRole('img', { name: /验证器二维码/ })
  await image.waitFor()
  expect(await image.evaluate((i: HTMLImageElement) => i.naturalWidth)).toBeGreaterThan(150)
  expect(foreign).toEqual([])
  expect(await faultsOf(page)).toEqual([])
  await shot(page, 'second-factor')
  await page.context().close()
})
