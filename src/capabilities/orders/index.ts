export { listOrders, statistics } from './actions.ts'
export { act, CLOCK_NAMES, openOrder, type OpenOrder, type Why } from './engine.ts'
export { clockRoutine } from './jobs.ts'
export { clockMinutes, CLOCK_OF, NEXT, nextState } from './rules.ts'
export { ordersRoutes } from './routes.ts'
export {
  eventsOf,
  findOrder,
  getOrder,
  listOrders as queryOrders,
  lockOrder,
  type OrderRecord,
} from './store.ts'
export { namingOf, toEvent, toRow, unitsOf } from './view.ts'
export { forgetOrders, ordersOfReporter } from './forget.ts'
export { reclassify } from './reclassify.ts'
