export { forgetAppeals } from './actions.ts'
export { appealsRoutes } from './routes.ts'
