export { readText } from './actions.ts'
export { moveRequest, openHotlineOrder, reclassifyOrder } from './follow.ts'
export { requestsRoutes } from './routes.ts'
export { forgetPerson, oldWords } from './forget.ts'
