import { Secret, TOTP } from 'otpauth'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { accountIn } from '#test/harness/accounts.ts'
import { signedIn } from '#test/harness/city.ts'
import {
  beginAt,
  counted,
  handOver,
  nextBox,
  nextIdNumber,
  nextTube,
  PHONE,
  picture,
  press,
  readyForOffline,
  scan,
  sealedTube,
  startTable,
  unsent,
  type Table,
} from '#test/harness/sampling-table.ts'

let table: Table
let { sql, phone } = {} as Table

beforeAll(async () => {
  table = await startTable()
  ;({ sql, phone } = table)
})
afterAll(() => table?.stop())

const boxState = async (box: string) =>
  (await sql.query<{ state: string }>('select state from sample_box where code = $1', [box])).rows[0]?.state

test('a hand-over without a network is asked about at sign-out, kept, and sent after signing in again', async () => {
  const { context, page } = await phone()
  await readyForOffline(page)
  await beginAt(page, 1)
  const tube = await sealedTube(page, [nextIdNumber()])
  const box = nextBox()
  await scan(page, box)
  await page.locator('.boxes .label').waitFor()
  await scan(page, box)
  await scan(page, tube)
  await counted(page, 1)
  // The session does not end over the open box, and leads to it.
  await press(page, '回去采样')
  await press(page, '结束本场')
  await page.locator('.notice.bad', { hasText: '还有一个箱没装好' }).waitFor()
  await picture(page, '43-open-box')
  await press(page, `去封箱 ${box}`)
  await press(page, '装好封箱')
  // That nothing waits was on the screen before the box was closed, too: the city has to have it.
  await expect.poll(() => boxState(box)).toBe('packed')
  await unsent(page, /^待发送 0$/)
  await context.setOffline(true)
  await handOver(page, box)
  await unsent(page, '待发送 1')
  await press(page, '回去采样')
  await press(page, '结束本场')
  await unsent(page, '待发送 2')
  await press(page, '退出')
  await page.getByRole('heading', { name: '还有 2 件没送出' }).waitFor()
  await picture(page, '42-leave-hand-over')
  await press(page, '仍然退出')
  await page.getByText('等待网络').waitFor()
  await unsent(page, '待发送 2')
  expect(await boxState(box)).toBe('packed')
  await context.setOffline(false)
  await press(page, '演示：模拟·花木采样员')
  await unsent(page, /^待发送 0$/)
  expect(await boxState(box)).toBe('collected')
  const { rows } = await sql.query(
    `select closed_at is not null as closed from sampling_session s join tube t on t.session_id = s.id where t.code = $1`,
    [tube],
  )
  expect(rows).toEqual([{ closed: true }])
  await context.close()
})

const TAP_PX = 56

test('a sign-in that ran out does not take the table away, and signing in again leads back to the same tube', async () => {
  const { context, page } = await phone()
  await readyForOffline(page)
  await context.setOffline(true)
  await beginAt(page)
  const tube = nextTube()
  await scan(page, tube)
  await scan(page, nextIdNumber())
  await scan(page, nextIdNumber())
  await counted(page, 2)
  // As after half an hour without a network.
  await sql.query(
    `update session set seen_at = now() - interval '40 minutes' where subject_id in (select id from account where username = 'sampler')`,
  )
  await table.city.restart()
  await context.setOffline(false)
  const again = page.getByRole('button', { name: '登录已过期' })
  await again.waitFor()
  expect((await again.boundingBox())!.height).toBeGreaterThanOrEqual(TAP_PX)
  await counted(page, 2)
  await picture(page, '44-expired')
  await context.setOffline(true)
  await page.locator('.band', { hasText: '没有网络' }).waitFor()
  await scan(page, nextIdNumber())
  await counted(page, 3)
  await page.reload()
  await counted(page, 3)
  await context.setOffline(false)
  await again.click()
  await page.getByLabel('密码').waitFor()
  await picture(page, '45-sign-in-again')
  await press(page, '先不登录，回去接着做')
  await counted(page, 3)
  await again.click()
  await press(page, '演示：模拟·花木采样员')
  await counted(page, 3)
  await again.waitFor({ state: 'hidden' })
  await press(page, '封管')
  await press(page, '是，3 人封管')
  await expect.poll(() => table.tubeRows(tube), { timeout: 15_000 }).toEqual([{ kind: 10, members: 3, n: 3 }])
  await context.close()
})

test('an account with a second factor signs in on the telephone too', async () => {
  const { city } = table
  const admin = await signedIn(city.base, 'admin')
  const who = await accountIn(city, admin, { role: 'sampler', placeCode: '310115016' })
  const { secret } = (await who.caller.post('/api/account/second-factor')).body as { secret: string }
  const totp = new TOTP({ secret: Secret.fromBase32(secret) })
  const confirmed = await who.caller.post('/api/account/second-factor/confirm', { code: totp.generate() })
  const [recovery] = (confirmed.body as { recoveryCodes: string[] }).recoveryCodes
  const context = await table.browser.newContext({ viewport: PHONE, baseURL: city.base })
  const page = await context.newPage()
  await page.goto('/field?lang=zh')
  await page.getByLabel('账号').fill(who.username)
  await page.getByLabel('密码').fill(who.password)
  await press(page, '登录')
  const code = page.getByLabel('验证器上的六位动态码，或恢复码')
  await code.fill('zzzzz-zzzzz')
  await press(page, '继续')
  await page.getByText('动态码不对或已经用过').waitFor()
  await picture(page, '46-second-factor')
  await code.fill(recovery!)
  await press(page, '继续')
  await page.getByRole('heading', { name: '开始采样' }).waitFor()
  await context.close()
})

/** The telephone is full: the browser refuses what is to be kept. (The quota that DevTools can set holds for no test context.) */
async function fill(page: Page, full: boolean): Promise<void> {
  await page.evaluate((isFull) => {
    const store = IDBObjectStore.prototype as IDBObjectStore & { roomy?: IDBObjectStore['put'] }
    // oxlint-disable-next-line typescript/unbound-method -- called with the `this` of its caller below
    store.roomy ??= store.put
    store.put = isFull
      ? () => {
          throw new DOMException('full', 'QuotaExceededError')
        }
      : store.roomy
  }, full)
}

test('on a telephone that is full every press says that nothing was kept, and works again when there is room', async () => {
  const { context, page } = await phone()
  const notKept = page.locator('.notice.bad', { hasText: '没有存上' })
  await page.locator('.spots button').first().click()
  await fill(page, true)
  await press(page, '开始')
  await notKept.waitFor()
  await picture(page, '47-full')
  await fill(page, false)
  await press(page, '开始')
  await page.getByRole('heading', { name: '扫管码' }).waitFor()
  await scan(page, nextTube())
  await scan(page, nextIdNumber())
  await scan(page, nextIdNumber())
  await counted(page, 2)
  await fill(page, true)
  await press(page, '撤销')
  await notKept.waitFor()
  await counted(page, 2)
  await press(page, '名单')
  await press(page, '移除第 1 人')
  // The words are said anew: the line is another one.
  await expect.poll(() => page.locator('.people li').count()).toBe(2)
  await notKept.waitFor()
  await press(page, '回去接着采')
  await fill(page, false)
  await press(page, '撤销')
  await counted(page, 1)
  await context.close()
})

const DAY_MS = 86_400_000

test('a telephone whose clock is set back by a day writes the right time, and says so where it cannot know it', async () => {
  const { context, page } = await phone()
  // The clock of the telephone, as its owner can set it.
  await page.addInitScript(() => {
    const real = Date.now.bind(Date)
    Date.now = () => real() + Number(localStorage.getItem('test.clock') ?? 0)
  })
  const setClock = (ms: number) => page.evaluate((by) => localStorage.setItem('test.clock', String(by)), ms)
  await page.reload()
  await readyForOffline(page)
  await beginAt(page)
  await context.setOffline(true)
  await setClock(-DAY_MS)
  const seen = await sealedTube(page, [nextIdNumber()])
  await page.reload()
  await page.getByRole('heading', { name: '扫管码' }).waitFor()
  const reopened = await sealedTube(page, [nextIdNumber()])
  await context.setOffline(false)
  await unsent(page, /^待发送 0$/)
  const now = table.city.app.clock.now().getTime()
  const { rows } = await sql.query<{ code: string; sealed_at: Date; clock_doubted: boolean }>(
    'select code, sealed_at, clock_doubted from tube where code = any($1) order by sealed_at',
    [[seen, reopened]],
  )
  expect(rows.map((r) => [r.code, r.clock_doubted])).toEqual([
    [seen, false],
    [reopened, true],
  ])
  // Within the minutes of this test.
  for (const r of rows) expect(now - r.sealed_at.getTime()).toBeLessThan(5 * 60_000)
  await context.close()
})

test('a scanner is heard through an input method and when it ends in Tab, and every scan is felt and sounded', async () => {
  const { context, page } = await phone()
  // What the browser is asked to do: no test can feel or hear it.
  await page.addInitScript(() => {
    const asked: unknown[] = []
    Object.assign(globalThis, { asked })
    navigator.vibrate = (pattern) => asked.push(pattern) > 0
    // oxlint-disable-next-line typescript/unbound-method -- called with the `this` of its caller below
    const tone = AudioContext.prototype.createOscillator
    AudioContext.prototype.createOscillator = function () {
      const one = tone.call(this)
      const start = one.start.bind(one)
      one.start = (when) => {
        asked.push(one.frequency.value)
        start(when)
      }
      return one
    }
  })
  await page.reload()
  await beginAt(page)
  const heard = () => page.evaluate(() => (globalThis as unknown as { asked: unknown[] }).asked.splice(0))
  await heard()
  const tube = nextTube()
  await page.evaluate((text) => {
    const send = (key: string, code: string, shiftKey: boolean) =>
      document.body.dispatchEvent(
        new KeyboardEvent('keydown', { key, code, shiftKey, bubbles: true, cancelable: true }),
      )
    for (const one of text)
      if (/\d/.test(one)) send('Process', `Digit${one}`, false)
      else send('Process', `Key${one}`, true)
    send('Process', 'Enter', false)
  }, tube)
  await counted(page, 0)
  await page.getByText(tube).first().waitFor()
  expect(await heard()).toEqual([1320, 40])
  await page.keyboard.type(nextIdNumber())
  await page.keyboard.press('Tab')
  await counted(page, 1)
  expect(await heard()).toEqual([1320, 40])
  await scan(page, 'T000000000001')
  await page.locator('.notice.bad').waitFor()
  // Long, low, twice: told apart from the others without looking.
  expect(await heard()).toEqual([330, 330, [250, 120, 250]])
  await press(page, '封管')
  await press(page, '是，1 人封管')
  await page.getByRole('heading', { name: '扫管码' }).waitFor()
  expect(await heard()).toEqual([880, 1100, 1480, [60, 60, 60, 60, 120]])
  await context.close()
})
