import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  beginAt,
  counted,
  handOver,
  nextBox,
  nextIdNumber,
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
