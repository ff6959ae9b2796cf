import type { secret } from '../orders/store.ts'
export type Peek = typeof secret
