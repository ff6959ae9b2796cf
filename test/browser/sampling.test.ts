import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import axe from 'axe-core'
import pg from 'pg'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { checkCharacter, SIMULATED_AREA } from '#capabilities/people/identity-number.contract.ts'
import { labelOf } from '#capabilities/screening/label.contract.ts'
import { openBrowser, openProfile } from '#test/harness/browser.ts'
import { startCuttingProxy } from '#test/harness/cutting-proxy.ts'
import { newId, signedIn, startCity, type Caller, type TestCity } from '#test/harness/city.ts'
import { timeOf } from '#test/harness/time.ts'

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

/** As a battery that dies: the browser has no time to write anything down. */
async function killBrowser(context: BrowserContext): Promise<void> {
  const cdp = await context.browser()!.newBrowserCDPSession()
  const { processInfo } = (await cdp.send('SystemInfo.getProcessInfo')) as {
    processInfo: { type: string; id: number }[]
  }
  const gone = new Promise((done) => context.once('close', done))
  process.kill(processInfo.find((p) => p.type === 'browser')!.id, 'SIGKILL')
  await gone
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

test('a telephone that is killed in the middle of a tube goes on where it was, without a network, and loses nothing', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'cityloop-phone-'))
  const open = async () => {
    const context = await openProfile(folder, { viewport: PHONE, baseURL: city.base })
    context.setDefaultTimeout(15_000)
    return { context, page: context.pages()[0] ?? (await context.newPage()) }
  }
  const first = await open()
  await first.context.request.post('/api/session/demo', { data: { username: 'sampler' } })
  await first.page.goto('/field?tab=sampling&lang=zh')
  await readyForOffline(first.page)
  await first.context.setOffline(true)
  await beginAt(first.page, 5)
  const sealed = await sealedTube(first.page, [nextIdNumber(), nextIdNumber(), nextIdNumber()])
  const tube = nextTube()
  await scan(first.page, tube)
  await scan(first.page, nextIdNumber())
  await scan(first.page, nextIdNumber())
  await counted(first.page, 2)
  await killBrowser(first.context)

  const second = await open()
  await second.context.setOffline(true)
  await second.page.goto('/field?tab=sampling&lang=zh')
  await counted(second.page, 2)
  await unsent(second.page, '待发送 1')
  for (let n = 3; n <= 5; n++) {
    await scan(second.page, nextIdNumber())
    await counted(second.page, n)
  }
  await press(second.page, '封管')
  await unsent(second.page, '待发送 2')
  // A session that the killed browser had not yet written down is opened again; the day waits for its owner.
  await second.context.setOffline(false)
  await second.context.request.post('/api/session/demo', { data: { username: 'sampler' } })
  await second.page.reload()
  await unsent(second.page, /^待发送 0$/)
  expect(await tubeRows(sealed)).toEqual([{ kind: 5, members: 3, n: 3 }])
  expect(await tubeRows(tube)).toEqual([{ kind: 5, members: 5, n: 5 }])
  await second.context.close()
  rmSync(folder, { recursive: true, force: true })
})

test('an upload that is cut in the middle, or whose answer is lost, is sent again and counts once', async () => {
  const proxy = await startCuttingProxy(city.base, 'POST /api/tubes')
  const { context, page } = await phone({ base: proxy.base })
  await beginAt(page)
  const people = [nextIdNumber(), nextIdNumber(), nextIdNumber()]
  proxy.cutNext('in the request')
  const first = await sealedTube(page, people)
  await expect.poll(() => proxy.cuts()).toBeGreaterThan(0)
  await unsent(page, '待发送 1')
  expect(await tubeRows(first)).toEqual([])
  proxy.cutNext('before the answer')
  const second = await sealedTube(page, [nextIdNumber(), ...people.slice(1)])
  // Both have arrived, and the telephone does not know it.
  await expect.poll(() => tubeRows(second), { timeout: 30_000 }).toHaveLength(1)
  await unsent(page, '待发送 2')
  await picture(page, '10-cut')
  proxy.cutNext('none')
  await unsent(page, /^待发送 0$/)
  for (const tube of [first, second]) expect(await tubeRows(tube)).toEqual([{ kind: 10, members: 3, n: 3 }])
  const { rows } = await sql.query(`select count(*)::int as n from tube_claim where tube = any($1)`, [
    [first, second],
  ])
  expect(rows).toEqual([{ n: 0 }])
  await context.close()
  await proxy.stop()
})

test('a tube that the city refuses stays on the screen with the reason, is corrected there and arrives', async () => {
  const { context, page } = await phone()
  await readyForOffline(page)
  await context.setOffline(true)
  await beginAt(page)
  // Another desk has used this label; and somebody held up a code that is none of the city's.
  const taken = await sealedTube(page, [nextIdNumber()])
  const spoilt = await sealedTube(page, [
    nextIdNumber(),
    'k1.AAAAAAAAAAAAAAAA.notacodeofthecity.BBBBBBBBBBBB',
  ])
  const fine = await sealedTube(page, [nextIdNumber(), nextIdNumber()])
  const other = newId()
  await sampler.post('/api/sampling/sessions', { id: other, placeCode: COMPOUND, address: '模拟' })
  const there = await sampler.post('/api/tubes', {
    sessionId: other,
    tubes: [
      {
        id: newId(),
        code: taken,
        kind: 1,
        members: [{ idKind: 'resident_id', idNumber: nextIdNumber() }],
        sealedAt: city.app.clock.now().toISOString(),
      },
    ],
  })
  expect(there.body.tubes[0].refused).toBeNull()
  await context.setOffline(false)
  await unsent(page, '✗2')
  expect(await tubeRows(fine)).toHaveLength(1)
  await page.locator('.count').click()
  const card = page.locator(`[data-tube="${taken}"]`)
  await card.getByText('这支管已由别的记录封管').waitFor()
  await page.locator(`[data-tube="${spoilt}"]`).getByText('采样码无效或已过期').waitFor()
  await picture(page, '20-refused')
  await card.getByRole('button', { name: '改正' }).click()
  await picture(page, '21-mend')
  await press(page, '改条码')
  const right = nextTube()
  await typeOn(page, right.slice(1))
  await press(page, '改好了，再送')
  await expect.poll(() => tubeRows(right), { timeout: 15_000 }).toEqual([{ kind: 10, members: 1, n: 1 }])
  await page.locator('.count').click()
  await page.locator(`[data-tube="${spoilt}"]`).getByRole('button', { name: '改正' }).click()
  // The city says at once which of the two it does not know.
  await press(page, '名单 ✗1')
  await picture(page, '22-list')
  await press(page, '移除第 2 人')
  await press(page, '回去接着采')
  await scan(page, nextIdNumber())
  await counted(page, 2)
  await press(page, '改好了，再送')
  await unsent(page, /^待发送 0$/)
  expect(await tubeRows(spoilt)).toEqual([{ kind: 10, members: 2, n: 2 }])
  const { rows } = await sql.query(`select count(*)::int as n from tube_claim where tube = $1`, [taken])
  expect(rows).toEqual([{ n: 1 }])
  await context.close()
})

test('a second tab does not sample beside the first, and takes over when told', async () => {
  const { context, page } = await phone()
  await beginAt(page)
  await scan(page, nextTube())
  await scan(page, nextIdNumber())
  await counted(page, 1)
  const second = await context.newPage()
  await second.goto('/field?tab=sampling&lang=zh')
  await second.getByRole('heading', { name: '另一个窗口正在采样' }).waitFor()
  await picture(second, '30-second-tab')
  await press(second, '改在这里采样')
  await counted(second, 1)
  await page.getByRole('heading', { name: '另一个窗口正在采样' }).waitFor()
  await scan(second, nextIdNumber())
  await counted(second, 2)
  await second.close()
  await counted(page, 2)
  await context.close()
})

test('what lies on the telephone is sealed under a key that cannot be read out, and is forgotten once it has arrived', async () => {
  const { context, page } = await phone()
  await readyForOffline(page)
  await context.setOffline(true)
  await beginAt(page)
  const person = nextIdNumber()
  const tube = await sealedTube(page, [person])
  const kept = () =>
    page.evaluate(async () => {
      const db = await new Promise<IDBDatabase>((done) => {
        const asked = indexedDB.open('cityloop-field')
        asked.onsuccess = () => done(asked.result)
      })
      const all = (store: string) =>
        new Promise<unknown[]>((done) => {
          const asked = db.transaction(store).objectStore(store).getAll()
          asked.onsuccess = () => done(asked.result)
        })
      const text = (value: unknown): string => {
        if (value instanceof ArrayBuffer || ArrayBuffer.isView(value))
          return new TextDecoder('latin1').decode(value)
        return value && typeof value === 'object' ? Object.values(value).map(text).join(' ') : String(value)
      }
      const [key] = (await all('key')) as CryptoKey[]
      const records = await all('record')
      return {
        extractable: key!.extractable,
        text: text([...records, ...(await all('kept'))]) + JSON.stringify({ ...localStorage }),
        records: records.length,
      }
    })
  const before = await kept()
  expect(before.extractable).toBe(false)
  expect(before.records).toBe(2)
  for (const secret of [person, tube, '花木', '采样员']) expect(before.text).not.toContain(secret)
  await press(page, '退出')
  await page.getByRole('heading', { name: '还有 1 件没送出' }).waitFor()
  await picture(page, '40-leave')
  await press(page, '留下')
  await context.setOffline(false)
  await unsent(page, /^待发送 0$/)
  await press(page, '结束本场')
  await page.getByText('还有 1 支没装箱').waitFor()
  await press(page, '结束本场')
  await page.getByRole('heading', { name: '开始采样' }).waitFor()
  await expect
    .poll(
      async () =>
        (
          await sql.query(
            `select closed_at from sampling_session s join tube t on t.session_id = s.id where t.code = $1`,
            [tube],
          )
        ).rows[0]?.closed_at,
      { timeout: 15_000 },
    )
    .toBeTruthy()
  await page.reload()
  await page.getByRole('button', { name: '开始' }).waitFor()
  expect((await kept()).records).toBe(0)
  await context.close()
})

test('tubes go into a box, the box follows its tubes to the city, and the courier is noted', async () => {
  const { context, page } = await phone()
  await readyForOffline(page)
  await context.setOffline(true)
  await beginAt(page, 1)
  const tubes = [await sealedTube(page, [nextIdNumber()]), await sealedTube(page, [nextIdNumber()])]
  await press(page, '装箱 2')
  const box = labelOf('B', ++made)
  await scan(page, tubes[0]!)
  await page.locator('.notice.bad').waitFor()
  await scan(page, box)
  await scan(page, tubes[0]!)
  await counted(page, 1)
  await press(page, '本场 1 支全部装入')
  await counted(page, 2)
  await picture(page, '50-box')
  await press(page, '装好封箱')
  await unsent(page, '待发送 3')
  await press(page, '已交给取样车')
  await picture(page, '51-packed')
  await context.setOffline(false)
  await unsent(page, /^待发送 0$/)
  const { rows } = await sql.query(
    `select t.box, b.state from tube t join sample_box b on b.code = t.box where t.code = any($1)`,
    [tubes],
  )
  expect(rows).toEqual([
    { box, state: 'collected' },
    { box, state: 'collected' },
  ])
  await context.close()
})

test("a positive pool is on the recall team's telephone, who begin a single tube at home from it", async () => {
  const session = newId()
  await sampler.post('/api/sampling/sessions', {
    id: session,
    placeCode: COMPOUND,
    address: '樱花路801弄（模拟）',
  })
  // One member would be a confirmation; a pool has at least two.
  const two = nextTube()
  const sealed = await sampler.post('/api/tubes', {
    sessionId: session,
    tubes: [
      {
        id: newId(),
        code: two,
        kind: 10,
        members: [
          { idKind: 'resident_id', idNumber: nextIdNumber(), name: '模拟甲' },
          { idKind: 'resident_id', idNumber: nextIdNumber(), name: '模拟乙' },
        ],
        sealedAt: city.app.clock.now().toISOString(),
      },
    ],
  })
  expect(sealed.body.tubes[0].refused).toBeNull()
  const box = labelOf('B', ++made)
  await sampler.post('/api/boxes', { id: newId(), code: box, sessionId: session, tubes: [two] })
  const lab = await signedIn(city.base, 'lab')
  await lab.post(`/api/boxes/${box}/events`, { id: newId(), kind: 'received' })
  const result = await lab.post('/api/results', {
    results: [{ id: newId(), tube: two, outcome: 'positive', testedAt: city.app.clock.now().toISOString() }],
  })
  expect(result.body.results[0].state).toBe('new')
  const { context, page } = await phone({ username: 'recall.huamu' })
  await page.getByText('可离线').waitFor()
  await press(page, '工单')
  const card = page.locator('.card', { hasText: '混管异常' }).first()
  await card.getByRole('button', { name: '看名单（留痕）' }).click()
  await card.getByText('模**').first().waitFor()
  await picture(page, '60-recall')
  await card.getByRole('button', { name: '上门单管采样' }).click()
  await page.getByText('须单管采样').waitFor()
  await picture(page, '61-at-home')
  const single = nextTube()
  await scan(page, single)
  await page.locator('.counter', { hasText: '/1' }).waitFor()
  await page.locator('.wanted button').first().click()
  await counted(page, 1)
  await press(page, '封管')
  await unsent(page, /^待发送 0$/)
  await expect.poll(() => tubeRows(single), { timeout: 10_000 }).toEqual([{ kind: 1, members: 1, n: 1 }])
  // Whoever was called back has given their single tube: the recall ends by itself.
  await expect
    .poll(async () => (await sql.query('select 1 from recall where answered_by = $1', [single])).rowCount, {
      timeout: 30_000,
    })
    .toBe(1)
  await context.close()
})

test('a full house is asked again only after the time it named', async () => {
  const proxy = await startCuttingProxy(city.base, 'POST /api/tubes')
  const { context, page } = await phone({ base: proxy.base })
  await beginAt(page)
  proxy.cutNext('busy')
  const tube = await sealedTube(page, [nextIdNumber()])
  await expect.poll(() => proxy.cuts(), { timeout: 10_000 }).toBe(1)
  proxy.cutNext('none')
  await unsent(page, /^待发送 0$/)
  const [first, second] = proxy.seen()
  expect(second! - first!).toBeGreaterThanOrEqual(3_000)
  expect(proxy.seen()).toHaveLength(2)
  expect(await tubeRows(tube)).toHaveLength(1)
  await context.close()
  await proxy.stop()
})

test('tubes of a session that somebody ended meanwhile go to a new session at the same compound', async () => {
  const { context, page } = await phone()
  await beginAt(page)
  const early = await sealedTube(page, [nextIdNumber()])
  await expect.poll(() => tubeRows(early), { timeout: 10_000 }).toHaveLength(1)
  const { rows } = await sql.query<{ session_id: string }>('select session_id from tube where code = $1', [
    early,
  ])
  await sampler.post(`/api/sampling/sessions/${rows[0]!.session_id}/close`)
  // The city keeps a session in mind for seconds; a restart forgets it.
  await city.restart()
  timeOf(city).pass(30)
  // The telephone hears the time of the city when it comes back to the network.
  const asked = page.waitForResponse('**/api/clock')
  await context.setOffline(true)
  await context.setOffline(false)
  await asked
  const late = await sealedTube(page, [nextIdNumber()])
  await unsent(page, '✗1')
  await page.locator('.count').click()
  await press(page, '转到新的一次采样')
  await unsent(page, /^待发送 0$/)
  await expect.poll(() => tubeRows(late), { timeout: 10_000 }).toHaveLength(1)
  await context.close()
})

test('what a sampler left unsent waits for that sampler, and no other account on the telephone sends it', async () => {
  const { context, page } = await phone()
  await readyForOffline(page)
  await context.setOffline(true)
  await beginAt(page)
  const tube = await sealedTube(page, [nextIdNumber()])
  await press(page, '退出')
  await press(page, '仍然退出')
  await page.getByText('等待网络').waitFor()
  await unsent(page, '待发送 1')
  // Opened again without a network it does not go on in the name of who has left.
  await page.reload()
  await page.getByText('等待网络').waitFor()
  await context.setOffline(false)
  await press(page, '演示：模拟·花木追阳队')
  await press(page, '采样')
  await page.getByText('可离线').waitFor()
  await page.locator('.count').click()
  await page.getByText('本机另有 1 件是别的账号的').waitFor()
  await picture(page, '41-others')
  expect(await tubeRows(tube)).toEqual([])
  await press(page, '退出')
  await press(page, '仍然退出')
  await press(page, '演示：模拟·花木采样员')
  await unsent(page, /^待发送 0$/)
  await expect.poll(() => tubeRows(tube), { timeout: 10_000 }).toHaveLength(1)
  await context.close()
})

test('where the address is not secure, the page says so and samples nothing', async () => {
  const plain = await openBrowser('--host-resolver-rules=MAP field.invalid 127.0.0.1')
  const context = await plain.newContext({
    viewport: PHONE,
    baseURL: city.base.replace('127.0.0.1', 'field.invalid'),
  })
  const page = await context.newPage()
  await page.goto('/field?lang=zh')
  await page.getByRole('button', { name: '演示：模拟·花木采样员' }).click()
  await page.getByRole('heading', { name: '这个地址不安全，不能采样' }).waitFor()
  await picture(page, '62-insecure')
  await plain.close()
})

async function seriousFaults(page: Page): Promise<string[]> {
  await page.evaluate(axe.source)
  const found = await page.evaluate(() => (globalThis as unknown as { axe: typeof axe }).axe.run(document))
  return found.violations
    .filter((v) => v.impact === 'serious' || v.impact === 'critical')
    .map((v) => `${v.id}: ${v.nodes.map((n) => n.html).join(' ')}`)
}

for (const language of ['zh', 'en'] as const)
  test(`every sampling screen can be used by everybody, with a glove and one hand (${language})`, async () => {
    const { context, page } = await phone({ language })
    const inspect = async (name: string) => {
      await picture(page, `7-${language}-${name}`)
      expect(await seriousFaults(page), name).toEqual([])
      expect(
        await page.evaluate(() => document.documentElement.scrollWidth - innerWidth),
        name,
      ).toBeLessThanOrEqual(0)
      const small = await page.evaluate(() =>
        [...document.querySelectorAll('main button')]
          .filter((b) => b.getBoundingClientRect().height < 56)
          .map((b) => b.textContent),
      )
      expect(small, name).toEqual([])
    }
    const button = (zh: string, en: string) =>
      page.getByRole('button', { name: language === 'zh' ? zh : en, exact: true })
    await page.locator('.spots button').first().waitFor()
    await inspect('places')
    await page.locator('.spots button').first().click()
    await inspect('begin')
    await button('开始', 'Begin').click()
    await page.locator('.label').waitFor()
    await inspect('tube')
    await scan(page, nextTube())
    await scan(page, nextIdNumber())
    await counted(page, 1)
    await inspect('people')
    await button('其他证件', 'Other').click()
    await inspect('document')
    await button('名单', 'List').click()
    await inspect('list')
    await button('回去接着采', 'Back to sampling').click()
    await button('封管', 'Seal').click()
    await inspect('short')
    await button('是，1 人封管', 'Yes, seal with 1').click()
    await page.locator('.label').waitFor()
    await button('装箱 1', 'Box 1').click()
    await inspect('box')
    await page.locator('.count').click()
    await inspect('unsent')
    await context.close()
  })
