export { makeAccount } from './accounts.ts'
export { createKey, personWithPhone } from './actions.ts'
export { authenticate, forget } from './authenticate.ts'
export { seedPeople, seedUnits } from './demo.ts'
export { maskIdNumber, maskName, maskPhone } from './rules.ts'
export { allUnits, findPerson, findUnit, householdOf } from './store.ts'
export {
  findPersonByIdNumber,
  findPersonByPhone,
  identityHash,
  lockPhone,
  registerPerson,
} from './register-person.ts'
export { type PersonFacts, sealPerson } from './identity.ts'
export { dropOldSessions } from './store.ts'
export { peopleRoutes } from './routes.ts'
export { PERMISSIONS, SIMULATED_PHONE } from './rules.ts'
export { glassRoutes } from './glass.ts'
export { recordLook, recordLooks } from './looks.ts'
export { roleName } from './names.ts'
export { applyRetention, retentionRoutine } from './retention.ts'
export { COUNT_DEPTH, countPeople, occupationGroup, peopleByCompound } from './people-count.ts'
