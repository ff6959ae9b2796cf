import { randomUUID } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { openBrowser } from './browser.ts'
import { ROOT } from './prepare.ts'

/** Takes the README's pictures from a running demonstration: `node scripts/pictures.ts [http://localhost:8080]`. */
const base = process.argv[2] ?? 'http://localhost:8080'
const folder = join(ROOT, 'docs/pictures')
const TEXT = '我妈妈在浦东新区花木街道樱花路801弄，每周三次血透，今天出不去'

type Picture = {
  name: string
  path: string
  as: string
  width: number
  height: number
  before?: (page: import('playwright-core').Page) => Promise<void>
}

const PICTURES: Picture[] = [
  {
    name: 'resident',
    path: '/ask',
    as: 'resident',
    width: 412,
    height: 860,
    before: async (page) => {
      await page.locator('textarea').first().fill(TEXT)
      await page.waitForTimeout(1_500)
    },
  },
  {
    name: 'console',
    path: '/console?view=open',
    as: 'supervisor',
    width: 1280,
    height: 860,
  },
  { name: 'wall', path: '/wall', as: 'commander', width: 1920, height: 1080 },
]

mkdirSync(folder, { recursive: true })
const browser = await openBrowser()
const post = (page: import('playwright-core').Page, path: string, body: unknown) =>
  page.evaluate(
    async ([to, what]) => {
      const answer = await fetch(to, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(what),
      })
      if (!answer.ok) throw new Error(`${to}: ${answer.status}`)
    },
    [path, body] as const,
  )
for (const picture of PICTURES) {
  const context = await browser.newContext({
    viewport: { width: picture.width, height: picture.height },
    locale: 'zh-CN',
  })
  const page = await context.newPage()
  await page.goto(`${base}/healthz`)
  if (picture.name === 'wall') {
    // An urgent request of the last minute, as on any evening.
    await post(page, '/api/session/demo', { username: 'resident' })
    await post(page, '/api/my/requests', { id: randomUUID(), text: TEXT })
  }
  await post(page, '/api/session/demo', { username: picture.as })
  await page.goto(base + picture.path)
  await page.waitForTimeout(4_000)
  await picture.before?.(page)
  await page.screenshot({ path: join(folder, `${picture.name}.png`) })
  await context.close()
  process.stdout.write(`docs/pictures/${picture.name}.png\n`)
}
await browser.close()
