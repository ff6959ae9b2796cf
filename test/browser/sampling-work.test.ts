import { afterAll, beforeAll, expect, test } from 'vitest'
import { newId, signedIn } from '#test/harness/city.ts'
import { timeOf } from '#test/harness/time.ts'
import {
  beginAt,
  COMPOUND,
  counted,
  nextBox,
  nextIdNumber,
  nextTube,
  picture,
  handOver,
  press,
  readyForOffline,
  scan,
  sealedTube,
  startTable,
  typeOn,
  unsent,
  type Table,
} from '#test/harness/sampling-table.ts'
import { faultsOf } from '#test/harness/faults.ts'

let table: Table
let { city, sql, sampler, phone, tubeRows } = {} as Table

beforeAll(async () => {
  table = await startTable()
  ;({ city, sql, sampler, phone, tubeRows } = table)
})
afterAll(() => table?.stop())

test('a tube that the city refuses stays on the screen with the reason, is corrected there and arrives', async () => {
  const { context, page } = await phone()
  await readyForOffline(page)
  await context.setOffline(true)
  await beginAt(page)
  // Another desk has used this label; and somebody held up a code that is none of the city's.
  const taken = await sealedTube(page, [nextIdNumber()])
  const spoilt = await sealedTube(page, [nextIdNumber(), `K1.${'A'.repeat(80)}`])
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

test('tubes go into a box, the box follows its tubes to the city, and the courier is noted', async () => {
  const { context, page } = await phone()
  await readyForOffline(page)
  await context.setOffline(true)
  await beginAt(page, 1)
  const tubes = [await sealedTube(page, [nextIdNumber()]), await sealedTube(page, [nextIdNumber()])]
  await press(page, '装箱 2')
  const box = nextBox()
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
  await handOver(page, box)
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

test('whoever chooses a whole district is asked in which neighbourhood they sample', async () => {
  const id = newId()
  await sql.query(
    `with a as (insert into account (id, username, name, password_hash, place_code, simulated) values ($1, $2, '模拟区采样员', 'x', '310115', true) returning id)
     insert into account_grant (account_id, role, place_code, valid_from) select id, 'sampler', '310115', now() from a`,
    [id, `district.${id}`],
  )
  const { context, page } = await phone({ username: `district.${id}` })
  await page.locator('.spots button').first().click()
  await page.getByText('请选到居村或小区').waitFor()
  await page.locator('#spot').fill('花木街道')
  await page.locator('.spots button').first().click()
  await page.locator('.chosen', { hasText: '花木街道' }).waitFor()
  await picture(page, '60-narrower')
  await page.locator('.spots button').first().click()
  await page.getByLabel('采样地址').fill('模拟街道采样')
  await press(page, '开始')
  const sessions = async () =>
    (
      await sql.query(
        `select length(place_code)::int as n from sampling_session where address = '模拟街道采样'`,
      )
    ).rows
  await expect.poll(sessions).toEqual([{ n: 12 }])
  await context.close()
})

test("a neighbour's tube that is reported late comes into the box that it lies in by itself", async () => {
  const { context, page } = await phone()
  await readyForOffline(page)
  await beginAt(page, 1)
  const own = await sealedTube(page, [nextIdNumber()])
  await unsent(page, /^待发送 0$/)
  const late = nextTube()
  const box = nextBox()
  await press(page, '装箱 1')
  await scan(page, box)
  await scan(page, own)
  await scan(page, late)
  await counted(page, 2)
  await press(page, '装好封箱')
  await page.getByText('已送达，等其他设备上报').waitFor()
  await page.getByText(`${late} 还没有上报`).waitFor()
  await handOver(page, box)
  await page.locator('.count').click()
  await page.getByText('箱中 1 管还没有由封管的设备上报').waitFor()
  await picture(page, '52-short')
  const boxOf = async (tube: string) =>
    (await sql.query(`select box, state from tube where code = $1`, [tube])).rows
  await expect.poll(() => boxOf(own)).toEqual([{ box, state: 'collected' }])
  const session = newId()
  await sampler.post('/api/sampling/sessions', { id: session, placeCode: COMPOUND, address: '模拟' })
  const member = { idKind: 'resident_id', idNumber: nextIdNumber() }
  const sealedAt = city.app.clock.now().toISOString()
  await sampler.post('/api/tubes', {
    sessionId: session,
    tubes: [{ id: newId(), code: late, kind: 1, members: [member], sealedAt }],
  })
  await press(page, '现在送')
  await expect.poll(() => boxOf(late)).toEqual([{ box, state: 'collected' }])
  await page.getByText('箱中 1 管').waitFor({ state: 'detached' })
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
  const box = nextBox()
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
  // Over a tube that is still open nothing is begun, and that is said.
  await press(page, '采样')
  await beginAt(page)
  const open = nextTube()
  await scan(page, open)
  await counted(page, 0)
  await press(page, '工单')
  await card.getByRole('button', { name: '看名单（留痕）' }).click()
  await card.getByRole('button', { name: '上门单管采样' }).click()
  await card.getByRole('alert').getByText('还有一支管没封').waitFor()
  await press(page, '采样')
  await press(page, '换一支管')
  await press(page, '工单')
  await card.getByRole('button', { name: '看名单（留痕）' }).click()
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

for (const language of ['zh', 'en'] as const)
  test(`every sampling screen can be used by everybody, with a glove and one hand (${language})`, async () => {
    const { context, page } = await phone({ language })
    const inspect = async (name: string) => {
      await picture(page, `7-${language}-${name}`)
      expect(await faultsOf(page), name).toEqual([])
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
