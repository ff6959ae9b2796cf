export {
  raiseBacklogAlarm,
  raiseGlassAlarm,
  raiseOverdueAlarm,
  raisePositiveAlarm,
  raiseUrgentAlarm,
} from './follow.ts'
export { importAddresses, importDaily, importSeries, recordImport } from './import.ts'
export { commandRoutes } from './routes.ts'
