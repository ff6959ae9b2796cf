import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openBrowser, openProfile } from '#test/harness/browser.ts'
import { signedIn } from '#test/harness/city.ts'
import { startCuttingProxy } from '#test/harness/cutting-proxy.ts'
import {
  beginAt,
  counted,
  killBrowser,
  nextIdNumber,
  nextTube,
  PHONE,
  picture,
  press,
  readyForOffline,
  scan,
  sealedTube,
  startTable,
  typeOn,
  unsent,
  type Table,
} from '#test/harness/sampling-table.ts'

/** What the first view may weigh over the wire, as for residents. */
const FIRST_VIEW_BYTES = 120 * 1024

let table: Table
let { city, sql, sampler, phone, tubeRows } = {} as Table

beforeAll(async () => {
  table = await startTable()
  ;({ city, sql, sampler, phone, tubeRows } = table)
})
afterAll(() => table?.stop())

test('ten people are sampled with the network off, through a reload, and arrive exactly once when it is back', async () => {
  const printer = await signedIn(city.base, 'recall.huamu')
  const printed = await printer.post('/api/sampling/codes', { placeCode: '310115016', limit: 1 })
  const paper = printed.body.items[0].code as string
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
  await scan(page, paper)
  await counted(page, 1)
  const typed = nextIdNumber()
  await typeOn(page, typed)
  await counted(page, 2)
  await typeOn(page, typed)
  await page.locator('.notice.bad', { hasText: '此人已在这支管里' }).waitFor()
  await picture(page, '04-twice')
  // With the strip of no network and a refusal the button that seals still stands whole on a short telephone.
  const seal = await page.getByRole('button', { name: '封管', exact: true }).boundingBox()
  expect(seal!.y + seal!.height).toBeLessThanOrEqual(740)
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

test('a city that was full when the places of the day were fetched is asked for them again', async () => {
  const proxy = await startCuttingProxy(city.base, 'GET /api/sites')
  proxy.cutNext('busy')
  const { context, page } = await phone({ base: proxy.base })
  await page.locator('#spot').waitFor()
  // Any page asks three times in all; what comes after is the table's own asking.
  await expect.poll(() => proxy.seen().length, { timeout: 40_000 }).toBeGreaterThan(3)
  expect(await page.getByText('可离线').count()).toBe(0)
  proxy.cutNext('none')
  await page.getByText('可离线').waitFor()
  await context.close()
  await proxy.stop()
})

test('a tube at which the city itself fails does not hold back the others', async () => {
  const { context, page } = await phone()
  await readyForOffline(page)
  await context.setOffline(true)
  await beginAt(page)
  const [a, b, c] = [
    await sealedTube(page, [nextIdNumber()]),
    await sealedTube(page, [nextIdNumber()]),
    await sealedTube(page, [nextIdNumber()]),
  ]
  await context.route('**/api/tubes', (route) =>
    route.request().postData()?.includes(b)
      ? route.fulfill({
          status: 500,
          contentType: 'application/problem+json',
          body: JSON.stringify({
            type: 'about:blank',
            status: 500,
            code: 'internal',
            title: '',
            titleZh: '',
          }),
        })
      : route.continue(),
  )
  await context.setOffline(false)
  await unsent(page, '待发送 1')
  for (const tube of [a, c]) expect(await tubeRows(tube)).toHaveLength(1)
  await context.unroute('**/api/tubes')
  await unsent(page, /^待发送 0$/)
  expect(await tubeRows(b)).toHaveLength(1)
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

test('the first view of the telephone at the table stays small', async () => {
  const context = await table.browser.newContext({
    viewport: PHONE,
    baseURL: city.base,
    serviceWorkers: 'block',
  })
  await context.request.post('/api/session/demo', { data: { username: 'sampler' } })
  const page = await context.newPage()
  let bytes = 0
  page.on('requestfinished', (request) => {
    if (/\/(assets|field)/.test(new URL(request.url()).pathname))
      void request.sizes().then((size) => (bytes += size.responseBodySize + size.responseHeadersSize))
  })
  await page.goto('/field', { waitUntil: 'networkidle' })
  expect(bytes).toBeGreaterThan(20_000)
  expect(bytes).toBeLessThan(FIRST_VIEW_BYTES)
  await context.close()
})
