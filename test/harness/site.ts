import type { Answer, Caller } from './city.ts'

/** The compound of the demonstration in which test sites stand. */
export const SITE_AT = '310115016001001'

const factsOf = (more: Record<string, unknown>) => ({
  name: '模拟广场采样点',
  placeCode: SITE_AT,
  address: '模拟路 1 号',
  lng: 121.54,
  lat: 31.21,
  kind: 'fixed',
  setting: 'community',
  pooling: 'pooled',
  desks: 2,
  hours: { always: true, week: Array.from({ length: 7 }, () => [[0, 1440]]), exceptions: [] },
  ended: false,
  ...more,
})

/** Sets up a sampling site (version 0) or changes it; open day and night with two desks where nothing else is said. */
export const putSite = (
  who: Caller,
  id: string,
  version: number,
  more: Record<string, unknown> = {},
): Promise<Answer> =>
  who.send('PUT', `/api/sites/${id}`, JSON.stringify({ version, facts: factsOf(more), reason: '测试设立' }), {
    'content-type': 'application/json',
  })
