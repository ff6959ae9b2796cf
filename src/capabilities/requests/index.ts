export { readText } from './actions.ts'
export { openHotlineOrder } from './follow.ts'
export { requestsRoutes } from './routes.ts'
export { forgetPerson, oldWords } from './forget.ts'
