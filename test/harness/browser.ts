export { openBrowser, openProfile } from '#scripts/browser.ts'
