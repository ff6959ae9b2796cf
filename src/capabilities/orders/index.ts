export { listOrders, statistics } from './actions.ts'
export { act } from './act.ts'
export { openOrder, type OpenOrder, type Why } from './engine.ts'
export { CLOCK_NAMES } from './sweep.ts'
export { clockRoutine } from './jobs.ts'
export { clockSpan, CLOCK_OF, HOLDS, NEXT } from './rules.ts'
export { endOf } from './span.ts'
export { ordersRoutes } from './routes.ts'
export {
  eventsOfAll,
  findOrder,
  getOrder,
  ordersOf,
  listOrders as queryOrders,
  lockOrder,
  type EventRecord,
  type OrderRecord,
} from './store.ts'
export { unitsOf } from './units.ts'
export { namingOf, toEvent, toRow } from './view.ts'
export { forgetOrders, ordersOfReporter } from './forget.ts'
export { cleanFile } from './pictures.ts'
export { openBody, sealBody } from './sealed-body.ts'
export { reclassify } from './reclassify.ts'
