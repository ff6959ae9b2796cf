import axe from 'axe-core'
import { Secret, TOTP } from 'otpauth'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { accountIn, signInAs } from '#test/harness/accounts.ts'
import { openBrowser } from '#test/harness/browser.ts'
import { signedIn, startCity, type Caller, type TestCity } from '#test/harness/city.ts'

let city: TestCity
let browser: Browser
let admin: Caller
const open: Page[] = []
beforeAll(async () => {
  city = await startCity({
    pages: true,
    config: {
      oidc: {
        issuer: 'http://127.0.0.1:9/',
        clientId: 'cityloop',
        clientSecret: undefined,
        redirectUrl: 'http://127.0.0.1/api/oidc/callback',
      },
    },
  })
  browser = await openBrowser()
  admin = await signedIn(city.base, 'admin')
})
afterAll(async () => {
  await browser?.close()
  await city?.stop()
})
afterEach(async () => {
  for (const page of open.splice(0)) await page.context().close()
})

async function pageAt(path: string, language: 'zh' | 'en' = 'zh'): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } })
  const page = await context.newPage()
  open.push(page)
  await page.addInitScript((chosen) => localStorage.setItem('cityloop.language', chosen), language)
  await page.goto(`${city.base}/console${path}`)
  return page
}

async function signIn(page: Page, username: string, password: string): Promise<void> {
  await page.getByLabel('账号', { exact: true }).fill(username)
  await page.getByLabel('密码', { exact: true }).fill(password)
  await page.getByRole('button', { name: /^登\s?录$/ }).click()
}

async function barriers(page: Page): Promise<string[]> {
  await page.evaluate(axe.source)
  const found = await page.evaluate(() => (globalThis as unknown as { axe: typeof axe }).axe.run(document))
  return found.violations
    .filter((v) => v.impact === 'serious' || v.impact === 'critical')
    .flatMap((v) => v.nodes.map((n) => `${v.id}: ${n.html.slice(0, 160)}`))
}

const codeOf = (secret: string) => new TOTP({ secret: Secret.fromBase32(secret) }).generate()

test('an administrator sets up the second factor before anything else, and signs in with it', async () => {
  const who = await accountIn(city, admin, { role: 'administrator', placeCode: '310115' })
  const page = await pageAt('/')
  await signIn(page, who.username, who.password)
  await page.getByText('您的岗位必须启用动态码').waitFor()
  await page.getByRole('button', { name: '开始设置' }).click()
  const secret = (await page.locator('.secret').textContent())!.replaceAll(' ', '')
  await page.getByLabel('六位动态码').fill('12345')
  expect(await page.getByRole('button', { name: /^启\s?用$/ }).isDisabled()).toBe(true)
  await page.getByLabel('六位动态码').fill(codeOf(secret))
  await page.getByRole('button', { name: /^启\s?用$/ }).click()
  await page.locator('.recovery-codes li').first().waitFor()
  const codes = await page.locator('.recovery-codes li').allTextContents()
  expect(codes).toHaveLength(10)
  expect(await barriers(page)).toEqual([])
  await page.getByRole('button', { name: '已保存' }).click()
  await page.goto(`${city.base}/console/account`)
  await page.getByText('剩余恢复码 10 个').waitFor()
  expect(await barriers(page)).toEqual([])

  await page.getByRole('button', { name: /^退\s?出$/ }).click()
  await signIn(page, who.username, who.password)
  await page.getByLabel('验证器上的六位动态码').fill('zzzzz-zzzzz')
  await page.keyboard.press('Enter')
  await page.getByText('动态码不对或已经用过').waitFor()
  expect(await barriers(page)).toEqual([])
  await page.getByLabel('验证器上的六位动态码').fill(codes[0]!)
  await page.keyboard.press('Enter')
  await page.locator('.desk').waitFor()
  await page.getByText('剩余恢复码 9 个').waitFor()
})

test('a one-time password is changed first, then the work opens', async () => {
  const id = crypto.randomUUID()
  const made = await admin.post('/api/accounts', {
    id,
    username: `new.${id.slice(0, 8)}`,
    name: '模拟·新人',
    placeCode: '310115',
    grants: [{ role: 'supervisor', placeCode: '310115' }],
  })
  const { oneTimePassword, account } = made.body
  const page = await pageAt('/')
  await signIn(page, account.username, oneTimePassword)
  await page.getByText('您用的是一次性密码').waitFor()
  await page.getByLabel('原密码').fill(oneTimePassword)
  await page.getByLabel(/新密码/).fill('a long new password')
  await page.getByRole('button', { name: /^修\s?改$/ }).click()
  await page.getByRole('link', { name: '工单队列' }).waitFor()
})

test('another session is ended from the account page', async () => {
  const who = await accountIn(city, admin, { role: 'handler', placeCode: '310115' })
  const { caller: other } = await signInAs(city, who.username, who.password)
  const page = await pageAt('/account')
  await signIn(page, who.username, who.password)
  await page.getByRole('heading', { name: '我的账号' }).waitFor()
  await page.locator('.sessions tbody tr').nth(2).waitFor()
  expect(await page.getByText('（本次登录）').count()).toBe(1)
  await page.getByRole('button', { name: '结束其他全部登录' }).click()
  await page.locator('.sessions tbody tr').nth(1).waitFor({ state: 'hidden' })
  expect((await other.get('/api/account')).status).toBe(401)
  expect((await page.request.get(`${city.base}/api/account`)).status()).toBe(200)
})

test('the identity provider is offered where it is configured, and what went wrong is said in both languages', async () => {
  const page = await pageAt('/?error=oidc_unknown', 'en')
  await page.getByText('This identity is linked to no account here').waitFor()
  expect(
    await page.getByRole('link', { name: 'Sign in with the identity provider' }).getAttribute('href'),
  ).toBe('/api/oidc/start')
  expect(await barriers(page)).toEqual([])
  const away = await pageAt('/')
  await away.getByRole('link', { name: '用统一身份登录' }).click()
  await away.getByText('统一身份服务暂时没有回答').waitFor()
  const half = await pageAt('/?second=1')
  await half.getByLabel('验证器上的六位动态码').fill('123456')
  await half.keyboard.press('Enter')
  await half.getByText('请重新输入账号和密码').waitFor()
  await half.getByRole('button', { name: '重新登录' }).click()
  await half.getByLabel('账号', { exact: true }).waitFor()
})

test('the account page is whole in English', async () => {
  const page = await pageAt('/account', 'en')
  await page.locator('.account', { hasText: /· huamu$/ }).click()
  await page.getByRole('heading', { name: 'My account' }).waitFor()
  await page.locator('.sessions tbody tr').first().waitFor()
  await page.getByRole('button', { name: 'Set up' }).click()
  await page.locator('.secret').waitFor()
  // Names are as given; everything else must not be Chinese.
  const text = await page.locator('.account-page .card').allTextContents()
  expect(text.join(' ')).not.toMatch(/[\u4e00-\u9fff]/)
  expect(await barriers(page)).toEqual([])
})
