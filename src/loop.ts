import { when } from '#kernel/events.ts'
import { forgetAppeals } from '#capabilities/appeals/index.ts'
import { DecisionChanged } from '#capabilities/appeals/contract.ts'
import {
  raiseBacklogAlarm,
  raiseGlassAlarm,
  raiseOverdueAlarm,
  raisePositiveAlarm,
  raiseUrgentAlarm,
} from '#capabilities/command/index.ts'
import {
  ClockRanOut,
  OrderBecameUrgent,
  OrderClosed,
  OrderMoved,
  OrderOpened,
  OrderPlaceChanged,
  OrderResolved,
} from '#capabilities/orders/contract.ts'
import { GlassBroken, PersonErased } from '#capabilities/people/looks.contract.ts'
import { MergeUndone, PeopleMerged } from '#capabilities/people/merge.contract.ts'
import { PolicyEnacted, PolicyRetracted } from '#capabilities/policy/packs.contract.ts'
import { forgetPerson, moveRequest, openHotlineOrder, reclassifyOrder } from '#capabilities/requests/index.ts'
import { endRecallWithOrder, forgetAntigen, withdrawRecall } from '#capabilities/screening/index.ts'
import { PromiseThreatened } from '#capabilities/screening/capacity.contract.ts'
import { AntigenPositive } from '#capabilities/screening/antigen.contract.ts'
import { InfectionFound, TubePositive } from '#capabilities/screening/results.contract.ts'
import { RequestReceived } from '#capabilities/requests/contract.ts'

/**
 * What follows from what. The map of the whole mission: signal → decision → work → verified closure.
 *
 * `within` runs in the transaction of what happened: either both are there or neither. `after` runs soon after the
 * commit, again until it succeeds. Nothing in the house reacts to anything that does not stand here.
 */
export const loop = [
  // Somebody says something to the city. What it means was decided when it was taken in (requests/rules.ts) and kept
  // with its words, clause and pack; it becomes one order, dispatched at once where the rule is sure enough.
  ...when(RequestReceived, { within: { 'open the order': openHotlineOrder } }),

  // An urgent one is said aloud in the first instant: the alarm commits with the order, the screens hear it at once.
  ...when(OrderOpened, { within: { 'raise the alarm when urgent': raiseUrgentAlarm } }),

  // One that is found urgent later, after an appeal, is said aloud like a new one.
  ...when(OrderBecameUrgent, { within: { 'raise the alarm': raiseUrgentAlarm } }),

  // An order that goes to another place takes the words it came from along, or the unit there could not read them.
  ...when(OrderPlaceChanged, { within: { 'the request goes with its order': moveRequest } }),

  // A deadline passes without the work done. The sweep of the clocks (orders/jobs.ts) fires each exactly once.
  ...when(ClockRanOut, { within: { 'tell the level above': raiseOverdueAlarm } }),

  // Somebody reads in another jurisdiction for a while (people/glass.ts): whoever watches over the place is told at once.
  ...when(GlassBroken, { within: { 'alarm those who watch over the place': raiseGlassAlarm } }),

  // The time of a person's data has passed (policies/retention.yaml): what they said goes with their name, in one commit.
  ...when(PersonErased, {
    within: {
      'forget what they said': forgetPerson,
      'forget what they appealed with': forgetAppeals,
      'forget their self-tests': forgetAntigen,
    },
  }),

  // An appeal was right: what was decided anew is acted on by whoever acts on that kind of decision.
  ...when(DecisionChanged, {
    within: { 'the order is classed anew': reclassifyOrder, 'the recall ends': withdrawRecall },
  }),

  // A laboratory found something in a tube. Its people and those they live with were called back in the same commit
  // (screening/recalls.ts); the wall says it once.
  ...when(TubePositive, { within: { 'raise the alarm': raisePositiveAlarm } }),
  // A self-test was reported positive: a single tube at home for the person and whoever they live with was ordered in the
  // same commit (screening/antigen.ts). It is no finding, so it raises no alarm; the single tube decides.
  ...when(AntigenPositive, {}),
  // The centre confirmed an infection: tracing, codes and zones will begin here.
  ...when(InfectionFound, {}),

  // By forecast tubes will wait longer than was promised (screening/backlog-alarm.ts): said once, while there is time, with
  // the laboratory that could take some.
  ...when(PromiseThreatened, { within: { 'raise the alarm': raiseBacklogAlarm } }),

  // Two people signed a policy, or took one back. Nothing that was decided changes: every decision names what it was
  // made by, running clocks keep theirs, and what comes next is decided by what holds then (policy/in-force.ts).
  ...when(PolicyEnacted, {}),
  ...when(PolicyRetracted, {}),

  // Two records were one person, or were not after all. Every table's rows have moved with it (kernel/person-references.ts);
  // this is for whoever keeps a person's id anywhere else. Nobody does yet.
  ...when(PeopleMerged, {}),
  ...when(MergeUndone, {}),

  // Handling ends with an answer; the reporter is asked. Their word closes the order or sends it back (orders/rules.ts,
  // `judge`), and a closed order is archived by its own clock. A recall that people close or do not accept is over.
  ...when(OrderMoved, { within: { 'the recall ends with its order': endRecallWithOrder } }),
  ...when(OrderResolved, {}),
  ...when(OrderClosed, {}),
]
