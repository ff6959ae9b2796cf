export {
  Calendar,
  dueAt,
  isWorkingDay,
  nextWorkingDay,
  previousWorkingDay,
  warnAt,
  type Span,
} from './calendar.ts'
export {
  changeOf,
  decideByRules,
  decidedBy,
  forgetEvidence,
  recompute,
  recordDecision,
  type Decided,
  type Decider,
  type Verdict,
} from './decide.ts'
export { toDecision } from './decisions.ts'
export { hashOf, readElements, readParts, readPolicy } from './files.ts'
export { policyAt, policyKept, policyOf } from './in-force.ts'
export { ElementsFile, PackFile } from './pack.ts'
export { handlingSpan, makePolicy, parameter, type Policy } from './rules.ts'
export { checkPack, differences as diffVersions, readGiven } from './packs.ts'
export { evaluateUnder } from './decisions.ts'
export { findDecision, type DecisionRecord } from './store.ts'
export { policyRoutes } from './routes.ts'
