import { sql } from 'kysely'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openBrowser } from '#test/harness/browser.ts'
import { newId, residentWith, startCity, type TestCity } from '#test/harness/city.ts'
import { startLab } from '#test/harness/lab.ts'
import { faultsOf } from '#test/harness/faults.ts'

let city: TestCity
let browser: Browser
let at: Awaited<ReturnType<typeof startLab>>

beforeAll(async () => {
  city = await startCity({ people: 20, pages: true })
  browser = await openBrowser()
  at = await startLab(city)
})
afterAll(async () => {
  await browser?.close()
  await city?.stop()
})

async function screenOf(username: string, path: string, language: 'zh' | 'en' = 'zh'): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } })
  await context.request.post(`${city.base}/api/session/demo`, { data: { username } })
  const page = await context.newPage()
  await page.addInitScript((lang) => localStorage.setItem('cityloop.language', lang), language)
  await page.goto(`${city.base}/console${path}`)
  return page
}

const shot = async (page: Page, name: string) => {
  if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/${name}.png` })
}
const stamp = () =>
  new Date(city.app.clock.now().getTime() + 8 * 3_600_000 - 3_600_000)
    .toISOString()
    .slice(0, 19)
    .replace('T', ' ')

test('a second record of a label leads from its order to the people in it, and is settled by the keyboard', async () => {
  const [a, b] = [await at.resident('31号101室'), await at.resident('31号102室')]
  const { tube } = await at.boxed([a])
  await expect(at.seal(tube, [b])).rejects.toThrow('tube_taken')
  const { order_id: order } = await city.app.db
    .selectFrom('tube_claim')
    .select('order_id')
    .where('tube', '=', tube)
    .executeTakeFirstOrThrow()
  const page = await screenOf('juwei', `/orders/${order}`)
  await page.getByRole('link', { name: /两份记录/ }).click()
  await page.getByRole('heading', { name: '同一管码的其他记录' }).waitFor()
  expect(await faultsOf(page)).toEqual([])
  await page.getByLabel('核实情况').focus()
  await page.keyboard.type('已与采样员电话核对')
  await shot(page, 'claim')
  await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  await page.getByText('✓ 另一批人，通知重采').waitFor()
  const { rows } = await sql<{
    person_id: string
  }>`select person_id from recall where tube = ${tube}`.execute(city.app.db)
  expect(rows).toEqual([{ person_id: b.id }])
  await page.context().close()
})

test('a box that is not ours is let go of from the list of our boxes', async () => {
  const { box } = await at.boxed([await at.resident('32号101室')])
  const wrong = await at.member('lab.screen')
  await wrong.caller.post(`/api/boxes/${box}/events`, { id: newId(), kind: 'received' })
  await at.lab.post(`/api/boxes/${box}/events`, { id: newId(), kind: 'received' })
  const page = await screenOf(wrong.username, `/labs?box=${box}`)
  await page.getByText('别处也扫过').waitFor()
  await page.getByText(`箱 ${box}：1 管`).click()
  await page.getByText('lab.simulated 也扫过这个箱').waitFor()
  await page.getByRole('button', { name: '误签收，退回' }).click()
  await page.getByLabel('退回原因').fill('应送模拟实验室')
  await shot(page, 'release')
  await page.getByLabel('退回原因').press('Enter')
  await page.getByText('还没有签收过箱').waitFor()
  const again = await at.lab.post(`/api/boxes/${box}/events`, { id: newId(), kind: 'received' })
  expect(again.body.lab).toBe('lab.simulated')
  await page.context().close()
})

test('a laboratory receives a box by its label and reports its tubes without touching the mouse', async () => {
  const a = await at.boxed([await at.resident('1号101室'), await at.resident('1号102室')])
  const page = await screenOf('lab', '/')
  const box = page.getByLabel('扫描或输入箱码')
  await box.waitFor()
  expect(page.url()).toContain('/console/labs')
  await box.fill(`${a.box.slice(0, 12)}${(Number(a.box[12]) + 1) % 10}`)
  await page.getByText('箱码校验不符').waitFor()
  await box.fill(a.box.toLowerCase())
  await box.press('Enter')
  await page.getByText(`已签收 ${a.box}，1 管`).waitFor()
  const tube = page.getByLabel(/扫描管码回车/)
  await tube.fill(a.tube)
  await tube.press('Enter')
  await tube.fill('1')
  await tube.press('Enter')
  await page.getByRole('radio', { name: /阴性/, checked: true }).waitFor()
  // What was scanned is still there after a look elsewhere and after the page was loaded again.
  await page.getByRole('link', { name: '文件上传' }).click()
  await page.getByRole('link', { name: '收箱与结果' }).click()
  await page.reload()
  await page.getByRole('radio', { name: /阴性/, checked: true }).waitFor()
  await shot(page, 'labs-form')
  expect(await faultsOf(page)).toEqual([])
  await page.getByRole('button', { name: '上报 1 管' }).click()
  await page.getByText('✓ 已收').waitFor()
  // What another outcome does to a result that stands: nothing, until two people have looked.
  await tube.fill(a.tube)
  await tube.press('Enter')
  await tube.fill('2')
  await tube.press('Enter')
  await page.getByRole('button', { name: '上报 1 管' }).click()
  await page.getByText('与已有结果矛盾，待两人更正').waitFor()
  await shot(page, 'labs-answered')
  expect(await faultsOf(page)).toEqual([])
  await page.getByRole('link', { name: /矛盾结果 1/ }).click()
  const line = page.locator('table.list tbody tr')
  await line.getByText('后来的结果').click()
  await line.getByLabel('理由').fill('复检原管为阳性')
  await shot(page, 'labs-holds')
  expect(await faultsOf(page)).toEqual([])
  await line.getByRole('button', { name: /^提\s?出$/ }).click()
  await page.getByText('等另一人同意').waitFor()
  expect(await page.getByRole('button', { name: /同意/ }).count()).toBe(0)
  await page.context().close()
  const { username } = await at.member()
  const second = await screenOf(username, '/labs?view=holds')
  await second.getByText('复检原管为阳性').waitFor()
  await shot(second, 'labs-second')
  await second.getByRole('button', { name: '同意，按此更正' }).click()
  await second.getByText('没有矛盾的结果').waitFor()
  const { rows } = {
    rows: await city.app.db.selectFrom('recall').select('id').where('tube', '=', a.tube).execute(),
  }
  expect(rows).toHaveLength(2)
  await second.context().close()
})

test('a laboratory opens a box, rejects a broken tube with its reason, and reports the rest as negative', async () => {
  const [a, b] = [await at.tubeOf([await at.resident('8号101室')]), await at.resident('8号102室')]
  const { tube: broken, box } = await at.boxed([b])
  const page = await screenOf('lab', '/labs', 'en')
  const scan = page.getByLabel('Scan or type the label of a box')
  await scan.fill(box)
  await scan.press('Enter')
  await page.getByText(`Box ${box}: 1 in it, 1 to be tested`).click()
  await page.getByRole('button', { name: `Reject ${broken}` }).click()
  await page.getByLabel('Why it is rejected').fill('cracked')
  await shot(page, 'labs-reject')
  expect(await faultsOf(page)).toEqual([])
  await page.getByRole('button', { name: 'Reject it' }).click()
  await page.getByText('Rejected', { exact: true }).waitFor()
  const mine = (await (await residentWith(city.base, b.phone)).get('/api/my/results')).body.items
  expect(mine[0].state).toBe('again')
  await page.goto(`${city.base}/console/labs?box=${a.replace('T', 'B')}`)
  await page.locator('summary').click()
  await page.getByRole('button', { name: 'Put the 1 that wait into the form' }).click()
  await page.getByRole('button', { name: 'The rest negative' }).click()
  await page.getByRole('button', { name: 'Report 1 tube', exact: true }).click()
  await page.getByText('✓ Taken').waitFor()
  await page.context().close()
})

test.each(['zh', 'en'] as const)(
  'a file is previewed line by line, and counts only when the laboratory says so (%s)',
  async (language) => {
    const floor = language === 'zh' ? '2号' : '3号'
    const good = await at.tubeOf([await at.resident(`${floor}101室`)])
    const away = (await at.boxed([await at.resident(`${floor}102室`)])).tube
    const page = await screenOf('lab', '/labs?view=file', language)
    const csv = [
      '管码,结果,检测时间',
      `${good},阴性,${stamp()}`,
      `${away},阴性,${stamp()}`,
      `T000000000001,阳性,${stamp()}`,
      `${good.slice(0, 12)},疑似,`,
    ].join('\n')
    await page
      .locator('input[type=file]')
      .setInputFiles({ name: '结果.csv', mimeType: 'text/csv', buffer: Buffer.from(csv) })
    const report = page.getByRole('button', { name: language === 'zh' ? '确认上报 1 管' : 'Report 1 tube' })
    await report.waitFor()
    await shot(page, `file-${language}`)
    expect(await faultsOf(page)).toEqual([])
    const result = () => city.app.db.selectFrom('result').select('outcome').where('tube', '=', good).execute()
    expect(await result()).toEqual([])
    await report.click()
    await page.getByText(language === 'zh' ? '已上报' : 'Reported', { exact: true }).waitFor()
    expect(await result()).toEqual([{ outcome: 'negative' }])
    await page
      .locator('input[type=file]')
      .setInputFiles({ name: '坏.csv', mimeType: 'text/csv', buffer: Buffer.from('编号,结论\n1,2\n') })
    await page.getByRole('alert').waitFor()
    await shot(page, `file-bad-${language}`)
    for (const path of ['/labs', '/labs?view=holds']) {
      await page.goto(`${city.base}/console${path}`)
      await page.locator('.nothing, table.list').first().waitFor()
      await shot(page, `labs${path.length}-${language}`)
      expect(await faultsOf(page)).toEqual([])
    }
    await page.context().close()
  },
)

test.each(['zh', 'en'] as const)(
  'from a positive pool a worker finds person, household and tube, and each of them sees the look (%s)',
  async (language) => {
    const room = language === 'zh' ? '4号101室' : '5号101室'
    const [person, partner] = [await at.resident(room), await at.resident(room)]
    const tube = await at.tubeOf([person, await at.resident(room.replace('101', '102'))])
    await at.report(tube, 'positive')
    const recall = await city.app.db
      .selectFrom('recall')
      .select('id')
      .where('tube', '=', tube)
      .where('person_id', '=', person.id)
      .executeTakeFirstOrThrow()
    const page = await screenOf('juwei', `/orders/${recall.id}`, language)
    await page.getByRole('button', { name: language === 'zh' ? /查看是谁/ : /See who it is/ }).click()
    await page.getByRole('link', { name: tube }).waitFor()
    await shot(page, `recall-${language}`)
    expect(await faultsOf(page)).toEqual([])
    expect(await page.locator('dl.facts b[lang=zh-CN]').count()).toBe(2)
    await page.getByRole('link', { name: tube }).click()
    await page.locator('ol.members li').nth(1).waitFor()
    await shot(page, `tube-${language}`)
    expect(await faultsOf(page)).toEqual([])
    expect(await page.locator('ol.members').textContent()).not.toMatch(/模拟住户/)
    const looks = (await (await residentWith(city.base, partner.phone)).get('/api/my/looks')).body.items
    expect(looks[0].what.zh).toBe('为上门采样查看了您和同住人')
    await page.goto(`${city.base}/console/tubes`)
    await page.getByLabel(language === 'zh' ? '管码' : 'Label of the tube').fill('T000000000001')
    await page.getByRole('status').getByText('▲').waitFor()
    expect(await faultsOf(page)).toEqual([])
    await page.context().close()
  },
)

test.each(['zh', 'en'] as const)(
  'the centre records what it found of a positive single tube, once, after a second press (%s)',
  async (language) => {
    const tube = await at.tubeOf([await at.resident(language === 'zh' ? '6号101室' : '7号101室')])
    await at.report(tube, 'positive')
    const { id } = await city.app.db
      .selectFrom('finding')
      .select('id')
      .where('tube', '=', tube)
      .executeTakeFirstOrThrow()
    const page = await screenOf('cdc.pudong', `/orders/${id}`, language)
    const zh = language === 'zh'
    await page.getByRole('button', { name: zh ? /查看是谁/ : /See who it is/ }).click()
    await page.getByText(zh ? '确诊' : 'Confirmed case', { exact: true }).click()
    await page.getByLabel(zh ? '依据' : 'On what grounds').fill('双试剂复检阳性')
    await page.getByRole('button', { name: zh ? '登记结论' : 'Record what was found' }).click()
    const sure = page.getByRole('button', { name: zh ? '确认登记' : 'Record it' })
    await sure.waitFor()
    await shot(page, `finding-${language}`)
    expect(await faultsOf(page)).toEqual([])
    await sure.click()
    await page.locator('dd b', { hasText: zh ? '确诊' : 'Confirmed case' }).waitFor()
    const after = await city.app.db.selectFrom('finding').select('outcome').where('id', '=', id).execute()
    expect(after).toEqual([{ outcome: 'confirmed' }])
    await shot(page, `found-${language}`)
    await page.context().close()
  },
)
