import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import QRCode from 'qrcode'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { labelOf } from '#capabilities/screening/label.contract.ts'
import { openBrowser } from '#test/harness/browser.ts'
import {
  beginAt,
  counted,
  nextIdNumber,
  PHONE,
  picture,
  press,
  scan,
  startTable,
  type Table,
} from '#test/harness/sampling-table.ts'

const LABEL = labelOf('T', 424_242)
let table: Table
let folder: string

beforeAll(async () => {
  table = await startTable()
  folder = mkdtempSync(join(tmpdir(), 'cityloop-camera-'))
})
afterAll(async () => {
  await table?.stop()
  rmSync(folder, { recursive: true, force: true })
})

/** A film of one picture: the label as a QR code on white, as a camera holds it (YUV 4:2:0). */
function film(text: string): string {
  const [width, height, module] = [640, 480, 10]
  const { size, data } = QRCode.create(text, { errorCorrectionLevel: 'M' }).modules
  const light = Buffer.alloc(width * height, 235)
  const [left, top] = [Math.floor((width - size * module) / 2), Math.floor((height - size * module) / 2)]
  for (let y = 0; y < size * module; y++)
    for (let x = 0; x < size * module; x++)
      if (data[Math.floor(y / module) * size + Math.floor(x / module)])
        light[(top + y) * width + left + x] = 16
  const frame = Buffer.concat([Buffer.from('FRAME\n'), light, Buffer.alloc((width * height) / 2, 128)])
  const path = join(folder, 'label.y4m')
  writeFileSync(
    path,
    Buffer.concat([
      Buffer.from(`YUV4MPEG2 W${width} H${height} F10:1 Ip A1:1 C420jpeg\n`),
      ...Array<Buffer>(10).fill(frame),
    ]),
  )
  return path
}

test('the camera reads a tube’s label with the reader that this server hosts, also without a network', async () => {
  const browser = await openBrowser(
    '--use-fake-device-for-media-stream',
    '--use-fake-ui-for-media-stream',
    `--use-file-for-fake-video-capture=${film(LABEL)}`,
  )
  try {
    const context = await browser.newContext({
      viewport: PHONE,
      baseURL: table.city.base,
      permissions: ['camera'],
    })
    await context.request.post('/api/session/demo', { data: { username: 'sampler' } })
    const page = await context.newPage()
    const strange: string[] = []
    page.on('request', (r) => !r.url().startsWith(table.city.base) && strange.push(r.url()))
    await page.goto('/field?tab=sampling&lang=zh')
    await beginAt(page)
    const open = page.getByRole('button', { name: '摄像头扫码' })
    await open.waitFor()
    // The program is here before it is needed: the table may lose its network at any time.
    await context.setOffline(true)
    await open.click()
    await page.getByText(LABEL, { exact: false }).first().waitFor({ timeout: 15_000 })
    // It stays open through the tube and to the next one: the same film, never stopped.
    const film = page.locator('video')
    const isSame = () =>
      film.evaluate((video: HTMLVideoElement & { first?: MediaStream }) => {
        const stream = video.srcObject as MediaStream
        video.first ??= stream
        return video.first === stream && stream.active && !video.paused
      })
    await counted(page, 0)
    expect(await isSame()).toBe(true)
    await film.evaluate((video) => (video.dataset.first = 'yes'))
    await scan(page, nextIdNumber())
    await counted(page, 1)
    await picture(page, '63-camera')
    await press(page, '封管')
    await press(page, '是，1 人封管')
    await page.getByRole('heading', { name: '扫管码' }).waitFor()
    expect(await film.getAttribute('data-first')).toBe('yes')
    expect(await isSame()).toBe(true)
    // The label that it still sees is not taken for a next tube again and again.
    await new Promise((done) => setTimeout(done, 3_000))
    expect(await page.locator('.notice.bad').count()).toBe(0)
    expect(strange.filter((url) => !url.startsWith('data:') && !url.startsWith('blob:'))).toEqual([])
  } finally {
    await browser.close()
  }
}, 60_000)
