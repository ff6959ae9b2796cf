import { order } from '../capabilities/orders/index.ts'
export const kernel = order
