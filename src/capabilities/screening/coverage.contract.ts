import { z } from 'zod'
import { Bilingual, ClientId, Instant, PlaceCode, route, typed } from '#kernel/contract.ts'

const Day = z.iso.date()

/** So many percent of what is owed on each day, by so many o'clock of it. */
const Target = { percent: z.int().min(1).max(100), hour: z.int().min(1).max(24) }

/** How a round stands to its target on a day. `open` is a day that has not come; `unknown` means nobody came lately. */
export const TargetState = z.enum([
  'open',
  'nothing',
  'reached',
  'on_course',
  'unknown',
  'will_miss',
  'missed',
])
export type TargetState = z.infer<typeof TargetState>

/** Where a round stands on a day, in tests: a PCR a person, self-tests as many as are owed. */
export const Progress = z.object({
  day: Day,
  owing: z.int(),
  done: z.int(),
  missing: z.int(),
  percent: z.number().nullable(),
  /** Done since (half an hour) of what is owed; both times below suppose that as many go on being done. */
  lately: z.int(),
  since: Instant,
  targetAt: Instant,
  targetBy: Instant.nullable(),
  doneBy: Instant.nullable(),
  state: TargetState,
})
export type Progress = z.infer<typeof Progress>

export const Round = z.object({
  id: z.uuid(),
  placeCode: PlaceCode,
  place: z.string(),
  plan: z.object({ id: z.string(), name: Bilingual, clause: z.string() }),
  title: z.string(),
  startsOn: Day,
  endsOn: Day,
  openedAt: Instant,
  /** The post that opened it, never a name. */
  openedBy: Bilingual.nullable(),
  endedAt: Instant.nullable(),
  target: z.object(Target),
  /** On the day asked for; null on a day on which it does not hold. */
  progress: Progress.nullable(),
})
export type Round = z.infer<typeof Round>

export const OpenRound = route({
  id: 'rounds.open',
  method: 'POST',
  path: '/api/rounds',
  summary: { zh: '开启一轮筛查', en: 'Open a screening round' },
  body: z.strictObject({
    id: ClientId,
    placeCode: PlaceCode,
    /** A test plan of the policy in force there, of an area: those of an occupation hold without a round. */
    planId: z.string().max(80),
    title: typed(2, 80),
    startsOn: Day,
    endsOn: Day,
    /** Another target than the pack's. */
    targetPercent: Target.percent.optional(),
    targetHour: Target.hour.optional(),
  }),
  response: Round,
})

export const ListRounds = route({
  id: 'rounds.list',
  method: 'GET',
  path: '/api/rounds',
  summary: { zh: '筛查轮次', en: 'Screening rounds' },
  query: z.strictObject({ place: PlaceCode.optional(), day: Day.optional() }),
  response: z.object({
    items: z.array(Round),
    /** Plans that a round may hold, how many days ahead it may begin and how many it may last. */
    plans: z.array(z.object({ id: z.string(), name: Bilingual })),
    aheadDays: z.int(),
    mostDays: z.int(),
    target: z.object(Target),
  }),
})

export const EndRound = route({
  id: 'rounds.end',
  method: 'POST',
  path: '/api/rounds/:id/end',
  summary: { zh: '提前结束一轮', en: 'End a round early' },
  params: z.strictObject({ id: z.uuid() }),
  response: Round,
})

const Counted = {
  people: z.int(),
  /** Of the people, those who owe a PCR that day by a round. */
  owing: z.int(),
  /** Everybody who was sampled, owing or not. */
  tested: z.int(),
  /** Of those who owe a test. */
  missing: z.int(),
  /** Self-tests that are owed that day, and how many of them were reported. */
  antigenOwed: z.int(),
  antigenDone: z.int(),
  /**
   * Called back and still owing a single tube, beyond those missing: who owes nothing by a plan, or was in a pool already.
   * Today only. Missing and these together are who the list shows for a PCR.
   */
  recalled: z.int(),
}

export const Coverage = z.object({
  placeCode: PlaceCode,
  place: z.string(),
  day: Day,
  ...Counted,
  /** Of those who owe a PCR, who came since (half an hour), and when the rest would be done if as many go on coming. */
  lately: z.int(),
  since: Instant,
  doneBy: Instant.nullable(),
  countedAt: Instant.nullable(),
  /** Where only what one round asks for was asked after: the round, and how this place stands in it. */
  round: Round.nullable(),
  progress: Progress.nullable(),
  /** Of each occupation that a plan of the pack names, and of everybody else ('' ). */
  byOccupation: z.array(z.object({ occupation: z.string(), name: Bilingual, ...Counted })),
  /** Of each plan that holds here on the day, in tests; somebody of whom two ask is in both. */
  byPlan: z.array(
    z.object({
      plan: z.object({ id: z.string(), name: Bilingual, clause: z.string() }),
      owing: z.int(),
      done: z.int(),
      missing: z.int(),
    }),
  ),
  below: z.array(z.object({ placeCode: PlaceCode, place: z.string(), ...Counted })),
})
export type Coverage = z.infer<typeof Coverage>

export const GetCoverage = route({
  id: 'screening.coverage',
  method: 'GET',
  path: '/api/screening/coverage',
  load: 'statistics',
  summary: {
    zh: '应检尽检：某地某日的覆盖',
    en: 'Who of a place was tested on a day, down to the neighbourhood',
  },
  query: z.strictObject({ place: PlaceCode.default('31'), day: Day.optional(), round: z.uuid().optional() }),
  response: Coverage,
})

/** What one person owes on a day, in tests; of several plans the largest. */
export const MyDuty = z.object({
  day: Day,
  pcr: z.int(),
  antigen: z.int(),
  /** The PCR must be a tube of one's own. */
  single: z.boolean(),
  reasons: z.array(Bilingual.extend({ plan: z.string().nullable(), clause: z.string() })),
  pcrDone: z.int(),
  pcrDoneAt: Instant.nullable(),
  antigenDone: z.int(),
  antigenDoneAt: Instant.nullable(),
  done: z.boolean(),
})
export type MyDuty = z.infer<typeof MyDuty>

export const GetMyDuty = route({
  id: 'duty.mine',
  method: 'GET',
  path: '/api/my/duty',
  summary: { zh: '我今天应做的检测', en: 'What I owe today, why, and what is done' },
  response: MyDuty,
})
