import axe from 'axe-core'
import type { Page } from 'playwright-core'

/** What keeps somebody from using a page at rest: axe's serious and critical findings, with the first element of each. */
export async function faultsOf(page: Page): Promise<string[]> {
  // A button under the pointer is lit up for a moment.
  await page.mouse.move(0, 0)
  await page.evaluate(axe.source)
  return page.evaluate(async () => {
    const { axe: run } = window as unknown as {
      axe: { run(): Promise<{ violations: { id: string; impact: string; nodes: { html: string }[] }[] }> }
    }
    return (await run.run()).violations
      .filter((v) => v.impact === 'serious' || v.impact === 'critical')
      .map((v) => `${v.id}: ${v.nodes[0]!.html}`)
  })
}

/** The same on a telephone, where nothing may be wider than the screen. */
export async function faultsOnPhone(page: Page): Promise<string[]> {
  const found = await faultsOf(page)
  const wider = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
  return wider > 0 ? [...found, 'scrolls sideways'] : found
}
