export { screeningRoutes } from './routes.ts'
export { importSites } from './import.ts'
