export { ElementsFile, makePolicy, PackFile, parameter, type Policy } from './rules.ts'
export { type Decided, policyOf, readPolicy, recordDecision } from './store.ts'
export { policyRoutes } from './routes.ts'
