export { raiseOverdueAlarm, raiseUrgentAlarm } from './follow.ts'
export { commandRoutes } from './routes.ts'
