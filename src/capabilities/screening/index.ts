export { screeningRoutes } from './routes.ts'
export { importSites } from './import.ts'
export { partitionRoutine, preparePartitions, recallRoutine } from './jobs.ts'
