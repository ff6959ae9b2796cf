import { order } from '../../src/capabilities/orders/index.ts'
export const page = order
