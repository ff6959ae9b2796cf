import { z } from 'zod'
import { Bilingual, ClientId, event, Instant, PlaceCode, route } from '#kernel/contract.ts'
import { MOST_BYTES } from '#capabilities/orders/talk.contract.ts'

/** What the test showed, as whoever took it read it. */
export const AntigenOutcome = z.enum(['negative', 'positive', 'invalid'])
export type AntigenOutcome = z.infer<typeof AntigenOutcome>

/** A self-test as its person reads it: never that they are positive, always what to do next and whom to call. */
export const MyAntigen = z.object({
  id: z.uuid(),
  at: Instant,
  state: z.enum(['negative', 'being_checked', 'again']),
  next: Bilingual,
  call: z.string(),
})
export type MyAntigen = z.infer<typeof MyAntigen>

const report = { id: ClientId, outcome: AntigenOutcome, at: Instant }
const picture = { types: ['application/octet-stream'], bytes: MOST_BYTES }

export const ReportMyAntigen = route({
  id: 'antigen.mine',
  method: 'POST',
  path: '/api/my/antigen',
  summary: {
    zh: '报告抗原自测（附照片，照片去除位置信息）',
    en: 'Report a self-test of mine with its picture, which loses position, time and device',
  },
  query: z.strictObject(report),
  upload: picture,
  response: MyAntigen,
})

export const Antigen = z.object({
  id: z.uuid(),
  personId: z.uuid(),
  nameMasked: z.string(),
  placeCode: PlaceCode,
  place: z.string(),
  at: Instant,
  receivedAt: Instant,
  outcome: AntigenOutcome,
  /** Reported by staff for the person. */
  byStaff: z.boolean(),
  /** False once the picture's time is over (policies/retention.yaml). */
  hasPhoto: z.boolean(),
})
export type Antigen = z.infer<typeof Antigen>

export const ReportAntigen = route({
  id: 'antigen.report',
  method: 'POST',
  path: '/api/antigen',
  summary: {
    zh: '代没有手机的人报告抗原自测（附照片，留痕）',
    en: 'Report a self-test for somebody, with its picture; shown to them',
  },
  query: z.strictObject({ ...report, personId: z.uuid() }),
  upload: picture,
  response: Antigen,
})

export const GetAntigen = route({
  id: 'antigen.get',
  method: 'GET',
  path: '/api/antigen/:id',
  summary: { zh: '一次抗原自测（脱敏，查看会留痕）', en: 'One self-test, masked; looking is recorded' },
  params: z.strictObject({ id: z.uuid() }),
  response: Antigen,
})

export const GetAntigenPhoto = route({
  id: 'antigen.photo',
  method: 'GET',
  path: '/api/antigen/:id/photo',
  summary: { zh: '自测照片（查看会留痕）', en: 'The picture of a self-test; looking is recorded' },
  params: z.strictObject({ id: z.uuid() }),
  response: z.any(),
})

/** Somebody reported a positive self-test and was called back to a single tube with whoever they live with. */
export const AntigenPositive = event(
  'antigen.positive',
  z.object({
    testId: z.uuid(),
    /** The order; one that is open already where the person was called back before. */
    recallId: z.uuid(),
    placeCode: z.string(),
    at: z.string(),
  }),
)
