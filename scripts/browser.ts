import { existsSync } from 'node:fs'
import { chromium, type Browser, type BrowserContext } from 'playwright-core'

const PATHS = [
  process.env.CHROMIUM,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
]

function given(more: readonly string[] = []) {
  const executablePath = PATHS.find((path) => path !== undefined && existsSync(path))
  if (!executablePath)
    throw new Error("No Chromium found: install Debian's chromium, or name one in CHROMIUM")
  return {
    executablePath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      ...more,
    ],
  }
}

/** A real Chromium without a window. Background networking is off: tests speak to this machine only. */
export const openBrowser = (...args: string[]): Promise<Browser> => chromium.launch(given(args))

/** The same with a profile in a folder, as a telephone has: what a page keeps is there when the browser starts again. */
export const openProfile = (
  folder: string,
  options: Parameters<typeof chromium.launchPersistentContext>[1] = {},
): Promise<BrowserContext> => chromium.launchPersistentContext(folder, { ...given(), ...options })
