import { existsSync } from 'node:fs'
import { chromium, type Browser } from 'playwright-core'

const PATHS = [
  process.env.CHROMIUM,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
]

/** A real Chromium without a window. Background networking is off: tests speak to this machine only. */
export async function openBrowser(): Promise<Browser> {
  const executablePath = PATHS.find((path) => path !== undefined && existsSync(path))
  if (!executablePath)
    throw new Error("No Chromium found: install Debian's chromium, or name one in CHROMIUM")
  return chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
}
