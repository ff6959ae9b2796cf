import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  counted,
  nextIdNumber,
  nextTube,
  picture,
  readyForOffline,
  scan,
  startTable,
  type Table,
} from '#test/harness/sampling-table.ts'

/** The smallest telephone that is still carried: 4 inches, of 2016. */
const SMALL = { width: 320, height: 568 }

let table: Table
beforeAll(async () => void (table = await startTable()))
afterAll(() => table?.stop())

for (const language of ['zh', 'en'] as const)
  test(`the table is whole on the smallest telephone, with the strip of no network (${language})`, async () => {
    const { context, page } = await table.phone({ language })
    await page.setViewportSize(SMALL)
    const t = (zh: string, en: string) => (language === 'zh' ? zh : en)
    const button = (zh: string, en: string) => page.getByRole('button', { name: t(zh, en), exact: true })
    const inspect = async (name: string) => {
      await picture(page, `8-${language}-${name}`)
      const faults = await page.evaluate(() => {
        const wide = document.documentElement.scrollWidth - innerWidth
        const over = [...document.querySelectorAll<HTMLElement>('button, .where, .typed, .counter')]
          .filter((b) => b.scrollWidth > b.clientWidth + 1 && getComputedStyle(b).textOverflow !== 'ellipsis')
          .map((b) => `cut: ${b.textContent}`)
        const tall = [...document.querySelectorAll<HTMLElement>('.top > *')]
          .filter((b) => b.getBoundingClientRect().height > 50)
          .map((b) => `broken: ${b.textContent}`)
        return [...(wide > 0 ? [`${wide} px too wide`] : []), ...over, ...tall]
      })
      expect(faults, name).toEqual([])
    }
    /** Whole above the edge, below the header, and not under another thing. */
    const isReachable = async (name: string) => {
      const one = page.getByRole('button', { name, exact: true }).first()
      return one.evaluate((b) => {
        const { left, top, width, height, bottom } = b.getBoundingClientRect()
        if (bottom > innerHeight || top < 0) return `${Math.round(top)}–${Math.round(bottom)}`
        for (const y of [top + 3, top + height / 2, bottom - 3]) {
          const there = document.elementFromPoint(left + width / 2, y)
          if (there !== b && !b.contains(there)) return `under ${there?.className}`
        }
        return 'yes'
      })
    }
    await readyForOffline(page, t('可离线', 'Works offline'))
    await context.setOffline(true)
    await page.locator('.band').waitFor()
    await inspect('places')
    await page.locator('.spots button').first().click()
    await inspect('begin')
    expect(await isReachable(t('开始', 'Begin'))).toBe('yes')
    await button('开始', 'Begin').click()
    await page.locator('.label').waitFor()
    await inspect('tube')
    for (const key of ['1', '0', t('退一格', 'Backspace')])
      expect([key, await isReachable(key)]).toEqual([key, 'yes'])
    await scan(page, nextTube())
    await counted(page, 0)
    await scan(page, nextIdNumber())
    await counted(page, 1)
    // With a refusal on the screen too.
    await scan(page, 'T000000000001')
    await page.locator('.notice.bad').waitFor()
    await page.evaluate(() => scrollTo(0, 0))
    await inspect('people')
    for (const key of ['1', '5', 'X', '0', t('退一格', 'Backspace'), t('封管', 'Seal')])
      expect([key, await isReachable(key)]).toEqual([key, 'yes'])
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
