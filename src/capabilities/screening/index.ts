export { screeningRoutes } from './routes.ts'
export { parseSites, type ImportedSite } from './sites-import.ts'
export { putSites, type SiteRecord } from './store.ts'
