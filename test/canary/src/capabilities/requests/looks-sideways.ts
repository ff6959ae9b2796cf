import { care } from '../care/index.ts'
export const neighbour = care
