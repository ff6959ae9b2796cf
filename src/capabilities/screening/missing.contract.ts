import { z } from 'zod'
import { Bilingual, ClientId, PlaceCode, page, route } from '#kernel/contract.ts'
import { Need } from '#capabilities/people/needs.contract.ts'

const Day = z.iso.date()

/** Groups that a round easily misses. */
export const MissedGroup = z.enum([
  'no_phone',
  'bedridden',
  'night_shift',
  'old_age',
  'newborn',
  // In the register without an identity number.
  'no_document',
  // Whom the register lacked until they came to a sampling table.
  'met',
  'city_service',
])
export type MissedGroup = z.infer<typeof MissedGroup>

export const ListMissing = route({
  id: 'screening.missing',
  method: 'GET',
  path: '/api/screening/missing',
  summary: {
    zh: '还有检测没有做的人（脱敏），可按易漏人群',
    en: 'People of a place who still owe a test, masked; by group easily missed',
  },
  query: z.strictObject({
    place: PlaceCode,
    day: Day.optional(),
    group: MissedGroup.optional(),
    after: z.uuid().optional(),
    limit: z.coerce.number().int().min(1).max(200).default(50),
  }),
  response: page(
    z.object({
      personId: z.uuid(),
      nameMasked: z.string(),
      phoneMasked: z.string().nullable(),
      placeCode: PlaceCode,
      place: z.string(),
      groups: z.array(MissedGroup),
      /** A newborn by the year of birth alone: the month is not known. */
      byYear: z.boolean(),
      needs: z.array(Need),
      /** What is still owed, in tests; `single`: the PCR must be a tube of one's own. */
      pcr: z.int(),
      antigen: z.int(),
      single: z.boolean(),
      maySetNeeds: z.boolean(),
    }),
  ),
})
export type Missing = z.infer<(typeof ListMissing)['response']>['items'][number]

/** Groups that say something of somebody's health: on the screen and on paper, in no masked file (people/export.ts). */
export const HEALTH_GROUPS = ['bedridden', 'night_shift'] as const

/** More is asked for place by place. */
export const MOST_MISSING_EXPORTED = 20_000

export const ExportMissing = route({
  id: 'screening.missing_export',
  method: 'POST',
  path: '/api/screening/missing/export',
  load: 'statistics',
  summary: {
    zh: '导出还没有做的人（CSV，脱敏，留痕，不含健康情况）',
    en: 'Those who still owe a test as CSV: masked, audited, nothing of anybody’s health',
  },
  body: z.strictObject({
    id: ClientId,
    place: PlaceCode,
    day: Day.optional(),
    group: MissedGroup.exclude(HEALTH_GROUPS).optional(),
  }),
  response: z.unknown(),
})

export const CountMissing = route({
  id: 'screening.groups',
  method: 'GET',
  path: '/api/screening/missing/groups',
  load: 'statistics',
  summary: {
    zh: '易漏人群各有多少人还没有做',
    en: 'How many of each group easily missed still owe a test',
  },
  query: z.strictObject({ place: PlaceCode, day: Day.optional() }),
  response: z.object({
    /** People who have not done all they owe. */
    all: z.int(),
    /** Of them who owe a PCR, of these whoever is called back beyond what a plan asks, and self-tests: as the coverage says. */
    pcr: z.int(),
    recalled: z.int(),
    antigen: z.int(),
    /** Of the newborns who are missing, those known by the year of birth alone. */
    newbornByYear: z.int(),
    /** Whom the register lacked until they came to a sampling table here. Whoever is in no register and never came is in no list. */
    met: z.object({ all: z.int(), today: z.int() }),
    groups: z.array(
      z.object({
        group: MissedGroup,
        /** Of the group, those who owe something that day, and those who have not done it. */
        owing: z.int(),
        missing: z.int(),
        /** The order to the door that was opened for them that day. */
        orderId: z.uuid().nullable(),
      }),
    ),
  }),
})
export type Groups = z.infer<(typeof CountMissing)['response']>

export const SendToDoor = route({
  id: 'screening.door',
  method: 'POST',
  path: '/api/screening/missing/door',
  summary: {
    zh: '为易漏人群开一张上门采样单',
    en: 'Opens one order to sample a group at the door; once a place, group and day',
  },
  body: z.strictObject({ placeCode: PlaceCode, group: MissedGroup }),
  response: z.object({ orderId: z.uuid(), isNew: z.boolean(), missing: z.int(), title: Bilingual }),
})
